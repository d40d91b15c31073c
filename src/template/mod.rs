//! The theme and its typed page contexts.
