//! Limits that every decoder holds before it allocates, and every encoder keeps.

/// Largest sealed lesson file in bytes.
pub const FILE: usize = 128 << 20;
/// Most bytes of HTML in a lesson, wordings included.
pub const HTML: usize = 64 << 20;
/// Most bytes of HTML in one wording of a marked sentence.
pub const WORDING: usize = 64 << 10;
/// Most bytes of one padded pair body, without its tag.
pub const PAIR_BODY: usize = 128 << 10;
/// Most chunks of a lesson.
pub const CHUNKS: usize = 1 << 16;
/// Most assets of a lesson.
pub const ASSETS: usize = 4096;
/// Largest asset in bytes.
pub const ASSET: usize = 256 << 20;
/// Longest media type in bytes.
pub const MEDIA_TYPE: usize = 127;
/// Longest display line in bytes.
pub const DISPLAY: usize = 127;
/// Longest token in characters.
pub const TOKEN: usize = 1024;
