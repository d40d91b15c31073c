//! What a shop sells, without secrets: written by the build, read by everything outside the site.
