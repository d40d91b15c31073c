//! The back half: an edition becomes outputs as values.
