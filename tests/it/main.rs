//! Integration tests: one binary, one module for each thing that is shown.

mod publish;
mod rooms;
mod sealing;
mod vectors;
