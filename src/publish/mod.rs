//! Outputs to disk: the only writer of a built site.
