//! Failure classes: one enum for every binary form, with names that are the same in JavaScript and in the vectors.

/// Why a sealed file or a keyring was not opened. Nothing is shown of a file that fails anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum OpenError {
    /// The file ends before its layout does.
    #[error("the file is cut short")]
    Truncated,
    /// There are bytes behind the layout's end.
    #[error("the file goes on behind its end")]
    Trailing,
    /// It does not begin with `BKPL`.
    #[error("this is not a file of Bookplate")]
    Magic,
    /// A version that this program does not know.
    #[error("the file has a version that this program does not know")]
    Version,
    /// A file of another kind, such as an asset in place of a lesson.
    #[error("this is another kind of file")]
    Kind,
    /// A header field breaks its rule: an id, the parameters, a gate position, the display line.
    #[error("the header is malformed")]
    Header,
    /// Made for another site.
    #[error("made for another site")]
    Site,
    /// Made for another course.
    #[error("made for another course")]
    Course,
    /// Made for another epoch: fetch the current keyring.
    #[error("made for another epoch")]
    Epoch,
    /// Made for other code parameters.
    #[error("made for other code parameters")]
    Params,
    /// The gates give no key that fits: the keyring is not of this course, or header, gates or body 0 were changed.
    #[error("the keyring does not open the gates of this file")]
    Gate,
    /// A marked sentence does not open under the keyring's slot.
    #[error("a marked sentence does not open")]
    Pair,
    /// The length or the padding of a body breaks the rule.
    #[error("a body is padded wrongly")]
    Padding,
    /// Body 0 opened and is malformed.
    #[error("the table of the file is malformed")]
    Body,
    /// The compressed text is broken or too short.
    #[error("the compressed text is broken")]
    Inflate,
    /// More than a decoder takes: file, text, number of chunks or assets.
    #[error("the file is larger than allowed")]
    Limit,
    /// A piece of an asset does not open.
    #[error("a piece of the asset does not open")]
    Segment,
    /// The SHA-256 does not fit the bytes.
    #[error("the checksum does not fit: the file was damaged or replaced")]
    Checksum,
    /// The code does not open this static keyring.
    #[error("the code does not open this keyring")]
    Code,
}

impl OpenError {
    /// Every class.
    pub const ALL: [OpenError; 19] = [
        OpenError::Truncated,
        OpenError::Trailing,
        OpenError::Magic,
        OpenError::Version,
        OpenError::Kind,
        OpenError::Header,
        OpenError::Site,
        OpenError::Course,
        OpenError::Epoch,
        OpenError::Params,
        OpenError::Gate,
        OpenError::Pair,
        OpenError::Padding,
        OpenError::Body,
        OpenError::Inflate,
        OpenError::Limit,
        OpenError::Segment,
        OpenError::Checksum,
        OpenError::Code,
    ];

    /// The failure class: the same word in JavaScript and in the vectors.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            OpenError::Truncated => "truncated",
            OpenError::Trailing => "trailing",
            OpenError::Magic => "magic",
            OpenError::Version => "version",
            OpenError::Kind => "kind",
            OpenError::Header => "header",
            OpenError::Site => "site",
            OpenError::Course => "course",
            OpenError::Epoch => "epoch",
            OpenError::Params => "params",
            OpenError::Gate => "gate",
            OpenError::Pair => "pair",
            OpenError::Padding => "padding",
            OpenError::Body => "body",
            OpenError::Inflate => "inflate",
            OpenError::Limit => "limit",
            OpenError::Segment => "segment",
            OpenError::Checksum => "checksum",
            OpenError::Code => "code",
        }
    }
}

/// Why something cannot be sealed: it is larger than what every decoder takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// More text than a lesson may have.
    #[error("a sealed lesson may have at most {} MiB of HTML", super::limit::HTML >> 20)]
    Html,
    /// A wording of a marked sentence is too long.
    #[error("a marked sentence may have at most {} KiB", super::limit::WORDING >> 10)]
    Wording,
    /// Too many chunks.
    #[error("a sealed lesson may have at most {} chunks", super::limit::CHUNKS)]
    Chunks,
    /// Too many assets.
    #[error("a sealed lesson may use at most {} assets", super::limit::ASSETS)]
    Assets,
    /// An asset is too large.
    #[error("a sealed image or download may have at most {} MiB", super::limit::ASSET >> 20)]
    Asset,
    /// A media type is 1 to 127 printable ASCII characters.
    #[error("a media type has 1 to {} printable ASCII characters", super::limit::MEDIA_TYPE)]
    MediaType,
}
