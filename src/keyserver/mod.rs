//! The key endpoint: `router(state)` and `serve(listener, shutdown)`.
