//! Facts, inserted once, and the entitlement that follows from them.
