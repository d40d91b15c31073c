//! Searches every output for sealed passages before anything reaches the disk.
