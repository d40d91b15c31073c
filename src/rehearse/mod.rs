//! The provider's side of a sale: signed webhook bodies and scenarios.
