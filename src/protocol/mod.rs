//! Protocol v1: keys, sealed files, keyrings, tokens and codes, and only that.
//!
//! The specification is `content/reference/protocol.md`; its vectors are in `tests/vectors/`. `src/web/protocol.js` is the twin of this room,
//! section by section. Nothing here reads files, clocks or random numbers: they are passed in.

pub mod limit;
pub mod primitives;

mod id;
mod inventory;
mod params;

mod address;
mod claim;
mod key;

mod error;
mod fingerprint;
mod wire;

mod object;

mod body;
mod deflate;
mod header;

mod seal;

mod keyring;
mod open;

mod asset;

mod static_keyring;
mod token;

pub use address::{Address, Addresses};
pub use asset::{SEGMENT, open_asset};
pub use body::{Row, Table, pad};
pub use claim::{ClaimHash, Code, CodeError, claim_hash};
pub use error::{OpenError, SealError};
pub use fingerprint::{Fingerprint, FingerprintError};
pub use header::{GATES, Gate, Header};
pub use id::{CourseId, Epoch, ID_MAX, IdError, LessonId, OrderId, OrderRef, Provider, Seat, SiteId};
pub use inventory::SlotKey;
pub use key::{BuyerId, Codeword, Codewords, CourseKey, POSITION_KEY, PositionKeys, SiteKey, SiteKeyError};
pub use keyring::Keyring;
pub use object::{AssetEntry, ObjectName, SealedFile};
pub use open::{OpenedLesson, open_lesson};
pub use params::{Params, ParamsError, Positions};
pub use seal::{Bodies, Chunk, LessonContent, Packed, PackedChunk, Sealer};
pub use static_keyring::{StaticCode, StaticKeyring, decoy, static_path};
pub use token::{TOKEN_LIFETIME, TOKEN_SKEW, Token, TokenError};
pub use wire::{Kind, Scope};
