//! Integration tests: one binary, one module for each thing that is shown.

mod builder;
mod cli;
mod copies;
mod corpora;
mod dependencies;
mod documents;
mod edition;
mod gate;
mod golden;
mod keyserver;
mod leaked_keys;
mod marks;
mod marks_precision;
mod marks_review;
mod payments;
mod publish;
mod rooms;
mod rotating;
mod sealing;
mod sealing_nonces;
mod sealing_properties;
mod site;
mod store;
mod trace;
mod vectors;
