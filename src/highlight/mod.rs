//! Code to spans of at most 16 token classes.
