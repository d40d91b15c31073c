//! The development server: watcher, live reload, test shop, preview bar.
