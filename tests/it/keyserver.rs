//! The key endpoint from outside: requests in, answers out, with a clock that stands still and a provider that is played.

mod author;
mod bench;
mod crash;
mod healing;
mod limits;
mod privacy;
mod reading;
mod refunds;
mod subscriptions;
mod told;
mod unlocking;
mod webhooks;
