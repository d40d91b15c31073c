//! Front matter, order and the course tree, from (path, text) pairs.
