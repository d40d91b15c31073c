//! The one HTTP client that performs the calls that `pay` describes.
