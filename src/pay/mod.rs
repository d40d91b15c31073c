//! Payment providers: verifies and reads webhooks, describes provider calls as values.
