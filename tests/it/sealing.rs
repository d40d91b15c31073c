//! Sealing and opening: what comes back, what is refused, and that no key ever seals two things.

use bookplate::protocol::primitives::sha256;
use bookplate::protocol::{
    BuyerId, Chunk, Code, CourseId, Epoch, Header, Keyring, LessonContent, LessonId, OpenError, OrderRef, Params, Sealer, Seat, SiteId,
    SiteKey, open_asset, open_lesson,
};

/// A course with one key, small enough that every bit can be flipped.
pub struct Course {
    pub key: SiteKey,
    pub site: SiteId,
    pub course: CourseId,
    pub epoch: Epoch,
    pub params: Params,
}

impl Course {
    #[must_use]
    pub fn new() -> Self {
        Self {
            key: SiteKey::from_bytes([7; 32]),
            site: SiteId::parse("two-small-courses").unwrap(),
            course: CourseId::parse("ownership").unwrap(),
            epoch: Epoch(1),
            params: "2.64.1".parse().unwrap(),
        }
    }

    pub fn sealer(&self) -> Sealer {
        Sealer::new(&self.key, self.site.clone(), self.course.clone(), self.epoch, self.params)
    }

    pub fn buyer(&self, order: &str) -> BuyerId {
        self.key.buyer(&self.site, &OrderRef { provider: "manual".parse().unwrap(), order_id: order.parse().unwrap() }, Seat(0))
    }

    pub fn keyring(&self, order: &str) -> Keyring {
        Keyring::issue(&self.key, &self.site, &self.course, self.epoch, self.params, &self.buyer(order), "order …0042, T. B.")
    }
}

fn lesson() -> LessonId {
    LessonId::parse("moving").unwrap()
}

fn common(text: &str) -> Chunk {
    Chunk::Common(text.into())
}

fn pair(author: &str, other: &str) -> Chunk {
    Chunk::Pair { address: author.into(), author: author.into(), other: other.into() }
}

fn seal(course: &Course, chunks: &[Chunk]) -> Vec<u8> {
    course.sealer().lesson(&lesson(), &LessonContent { chunks, assets: &[] }).unwrap().bytes
}

#[test]
fn common_text_opens_for_every_copy() {
    let course = Course::new();
    let bytes = seal(&course, &[common("<p>Moved "), common("values.</p>")]);
    for order in ["1", "2", "3"] {
        assert_eq!(open_lesson(&course.keyring(order), &bytes).unwrap().html, "<p>Moved values.</p>");
    }
}

#[test]
fn each_copy_reads_its_own_wording_and_every_copy_a_whole_sentence() {
    let course = Course::new();
    let marked: Vec<_> =
        (0..20).flat_map(|i| [common("<p>"), pair(&format!("It is {i}."), &format!("It's {i}.")), common("</p>\n")]).collect();
    let bytes = seal(&course, &marked);
    let read = |order| open_lesson(&course.keyring(order), &bytes).unwrap().html;
    let (one, two) = (read("1"), read("2"));
    assert_ne!(one, two);
    assert_eq!(one, read("1"));
    assert_eq!(one.replace("It's", "It is"), two.replace("It's", "It is"));
    assert!(one.contains("It is") && one.contains("It's"));
}

#[test]
fn assets_of_every_length_round_a_segment_come_back() {
    let course = Course::new();
    for n in [0, 1, 65_535, 65_536, 65_537, 131_072] {
        let bytes: Vec<u8> = (0..n).map(|i: u64| ((i * i) >> 7) as u8).collect();
        let (file, entry) = course.sealer().asset(&bytes, "image/png").unwrap();
        let chunks = [common("<img>")];
        let sealed = course.sealer().lesson(&lesson(), &LessonContent { chunks: &chunks, assets: &[entry] }).unwrap();
        let opened = open_lesson(&course.keyring("1"), &sealed.bytes).unwrap();
        assert_eq!(opened.assets[0].name, file.name);
        assert_eq!(open_asset(&opened.assets[0], &file.bytes).unwrap(), bytes, "{n}");
    }
}

#[test]
fn a_static_keyring_opens_for_its_code_alone() {
    let course = Course::new();
    let (code, other) = (Code::from_random([1; 16]), Code::from_random([2; 16]));
    let file = course.keyring("1").seal_static(&code);
    let open = |code, epoch| Keyring::open_static(code, &course.site, &course.course, epoch, &file.bytes);
    assert_eq!(open(&code, Epoch(1)), Ok(course.keyring("1")));
    assert_eq!(open(&other, Epoch(1)), Err(OpenError::Code));
    assert_eq!(open(&code, Epoch(2)), Err(OpenError::Code));
}

#[test]
fn equal_input_gives_equal_bytes_and_an_edit_other_keys() {
    let course = Course::new();
    let text = [common("<p>"), pair("It is so.", "It's so."), common("</p>")];
    assert_eq!(seal(&course, &text), seal(&course, &text));
    let edited = [common("<p>"), pair("It is so.", "It's so."), common("</p>\n")];
    let (one, two) = (seal(&course, &text), seal(&course, &edited));
    let (one, two) = (Header::read(&one).unwrap().0, Header::read(&two).unwrap().0);
    assert_eq!(one.name, two.name);
    assert_ne!(one.salt, two.salt);
}

#[test]
fn a_rotation_changes_every_key_and_no_wording() {
    let (course, next) = (Course::new(), Course { epoch: Epoch(2), ..Course::new() });
    let text: Vec<_> = (0..20).map(|i| pair(&format!("It is {i}."), &format!("It's {i}."))).collect();
    let (old, new) = (seal(&course, &text), seal(&next, &text));
    assert_eq!(open_lesson(&course.keyring("1"), &old), open_lesson(&next.keyring("1"), &new));
    assert_eq!(open_lesson(&course.keyring("1"), &new), Err(OpenError::Epoch));
    let (old, new) = (course.keyring("1"), next.keyring("1"));
    for j in 0..64 {
        assert_eq!(old.key(j).1, new.key(j).1);
        assert_ne!(old.key(j).0, new.key(j).0);
    }
}

#[test]
fn any_one_bit_flipped_in_a_lesson_is_refused_and_nothing_is_shown() {
    let course = Course::new();
    let keyring = course.keyring("1");
    let bytes = seal(&course, &[common("<p>"), pair("It is so.", "It's so."), common("</p>")]);
    let shown = open_lesson(&keyring, &bytes).unwrap();
    let whole = 32 + 16;
    let pair_at = bytes.len() - 2 * whole;
    let position = course.sealer().addresses().of("It is so.").position;
    let own = usize::from(keyring.key(position).1);
    let unused = pair_at + whole * (1 - own)..pair_at + whole * (2 - own);
    for bit in 0..8 * bytes.len() {
        let mut wrong = bytes.clone();
        wrong[bit / 8] ^= 1 << (bit % 8);
        let found = open_lesson(&keyring, &wrong);
        // A copy cannot see the other copy's wording change; the page's SHA-256 of the file does.
        if unused.contains(&(bit / 8)) {
            assert_eq!(found.as_ref(), Ok(&shown));
            continue;
        }
        let class = found.unwrap_err().name();
        let classes = "magic version kind header truncated site course epoch params gate pair";
        assert!(classes.split(' ').any(|c| c == class), "bit {bit}: {class}");
    }
}

#[test]
fn any_one_bit_flipped_in_an_asset_or_a_keyring_is_refused() {
    let course = Course::new();
    let (file, entry) = course.sealer().asset(b"pixels", "image/png").unwrap();
    let keyring = course.keyring("1").to_bytes();
    let code = Code::from_random([1; 16]);
    let sealed = course.keyring("1").seal_static(&code).bytes;
    let flipped = |bytes: &[u8], bit: usize| {
        let mut wrong = bytes.to_vec();
        wrong[bit / 8] ^= 1 << (bit % 8);
        wrong
    };
    for bit in 0..8 * file.bytes.len() {
        let wrong = flipped(&file.bytes, bit);
        assert_eq!(open_asset(&entry, &wrong), Err(OpenError::Checksum));
        let fitting = bookplate::protocol::AssetEntry { sha256: sha256(&wrong), ..entry.clone() };
        assert!(open_asset(&fitting, &wrong).is_err(), "bit {bit}");
    }
    for bit in 0..8 * keyring.len() {
        assert_eq!(Keyring::from_bytes(&flipped(&keyring, bit)), Err(OpenError::Checksum));
    }
    for bit in 0..8 * sealed.len() {
        let error = Keyring::open_static(&code, &course.site, &course.course, course.epoch, &flipped(&sealed, bit)).unwrap_err();
        assert!(matches!(error, OpenError::Magic | OpenError::Version | OpenError::Kind | OpenError::Code), "bit {bit}: {error:?}");
    }
}

#[test]
fn a_lesson_cut_anywhere_is_refused() {
    let course = Course::new();
    let bytes = seal(&course, &[common("<p>"), pair("It is so.", "It's so.")]);
    for n in 0..bytes.len() {
        let error = open_lesson(&course.keyring("1"), &bytes[..n]).unwrap_err();
        assert!(matches!(error, OpenError::Truncated | OpenError::Gate), "{n}: {error:?}");
    }
}
