//! What a vector file says. Bytes are hexadecimal. A vector has its result, or `fails` with the failure class.

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Vector {
    /// A chain of primitives, label by label; the last output is the derived value.
    Derivation { shows: String, steps: Vec<Step> },
    /// Typed text -> code, or a failure class for each.
    Codes { shows: String, site: String, cases: Vec<CodeCase> },
    /// Text form of a site key.
    SiteKeys { shows: String, cases: Vec<SiteKeyCase> },
    /// A token at a moment.
    Token(Box<TokenVector>),
    /// Keyring bytes.
    Keyring(Box<KeyringVector>),
    /// Many keyrings of one course, each by the SHA-256 of its file.
    Keyrings(Box<KeyringsVector>),
    /// A keyring under a code.
    StaticKeyring(Box<StaticVector>),
    /// A sealed lesson and the keyring that opens it or not.
    Lesson(Box<LessonVector>),
    /// A sealed asset and its entry.
    Asset(Box<AssetVector>),
}

#[derive(Serialize, Deserialize)]
pub struct Step {
    pub name: String,
    #[serde(flatten)]
    pub op: Op,
    pub output: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// `derive(ikm, label, parts...)`.
    Derive { ikm: String, label: String, parts: Vec<Part> },
    /// `stream(key, length)`.
    Stream { key: String, length: usize },
    /// HMAC-SHA256 over the joined pieces.
    Hmac { key: String, message: Vec<Part> },
    /// SHA-256 over the joined pieces.
    Sha256(Vec<Part>),
    /// The first bytes.
    First { of: String, count: usize },
    /// Byte by byte.
    Xor(String, String),
    /// Words modulo m; a taken one moves to the next free.
    Distinct { words: String, m: u32 },
    /// Words of `bias` mapped to a set's thresholds.
    Thresholds { set: u32, bias: String },
    /// Words below their thresholds, packed into bits.
    Codeword { words: String, thresholds: String },
    /// Position and coin of an address: u32 and u8.
    Address { of: String, m: u32 },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    Text(String),
    U32(u32),
    U8(u8),
    Bytes(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeCase {
    pub typed: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fails: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteKeyCase {
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fails: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub struct TokenVector {
    pub shows: String,
    pub site_key: String,
    pub site: String,
    pub now: u64,
    pub token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub says: Option<TokenFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fails: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, Debug, Clone)]
pub struct TokenFields {
    pub site: String,
    pub id: String,
    pub order: String,
    pub seat: u32,
    pub issued_at: u64,
    pub expires_at: u64,
}

#[derive(Serialize, Deserialize)]
pub struct KeyringVector {
    pub shows: String,
    pub file: String,
    /// How it was issued: every implementation that can issue gives these bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<Issue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub says: Option<KeyringFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fails: Option<String>,
}

#[derive(Serialize, Deserialize, Clone)]
pub struct Issue {
    pub site_key: String,
    pub provider: String,
    pub order_id: String,
    pub seat: u32,
    pub display: String,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, Debug, Clone)]
pub struct KeyringFields {
    pub site: String,
    pub course: String,
    pub epoch: u32,
    pub params: String,
    pub display: String,
    pub slots: String,
    /// SHA-256 of all position keys, one after another.
    pub keys_sha256: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyringsVector {
    pub shows: String,
    pub site_key: String,
    pub site: String,
    pub course: String,
    pub epoch: u32,
    pub params: String,
    pub provider: String,
    pub seat: u32,
    pub display: String,
    /// Order id -> SHA-256 of the keyring's file.
    pub orders: std::collections::BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
pub struct StaticVector {
    pub shows: String,
    pub file: String,
    pub code: String,
    pub site: String,
    pub course: String,
    pub epoch: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The keyring file inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyring: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fails: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub struct LessonVector {
    pub shows: String,
    pub file: String,
    pub keyring: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html: Option<Html>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub assets: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fails: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, Debug, Clone)]
#[serde(rename_all = "lowercase")]
pub enum Html {
    Text(String),
    Sha256(String),
}

#[derive(Serialize, Deserialize, PartialEq, Eq, Debug, Clone)]
pub struct Entry {
    pub name: String,
    pub key: String,
    pub sha256: String,
    pub size: u32,
    pub media_type: String,
}

#[derive(Serialize, Deserialize)]
pub struct AssetVector {
    pub shows: String,
    pub file: String,
    pub entry: Entry,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fails: Option<String>,
}
