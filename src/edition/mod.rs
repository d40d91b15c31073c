//! The front half: sources as (path, bytes) become the checked content of a site at one moment.
