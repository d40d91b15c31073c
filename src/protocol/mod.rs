//! Protocol v1: keys, sealed files, keyrings, tokens and codes, and only that.
//!
//! The specification is `content/reference/protocol.md`; its vectors are in `tests/vectors/`. `src/web/protocol.js` is the twin of this room,
//! section by section. Nothing here reads files, clocks or random numbers: they are passed in.

pub mod primitives;

mod claim;
mod id;
mod key;
mod params;

pub use claim::{ClaimHash, Code, CodeError, claim_hash};
pub use id::{CourseId, Epoch, ID_MAX, IdError, LessonId, OrderId, OrderRef, Provider, Seat, SiteId};
pub use key::{BuyerId, Codeword, CourseKey, POSITION_KEY, PositionKeys, SiteKey, SiteKeyError};
pub use params::{Params, ParamsError, Positions};
