//! Sealing and opening: what comes back, what is refused, and that no key ever seals two things.

use bookplate::protocol::{
    BuyerId, Chunk, Code, CourseId, Epoch, Keyring, LessonContent, LessonId, OpenError, OrderRef, Params, Sealer, Seat, SiteId, SiteKey,
    open_asset, open_lesson,
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
        let bytes: Vec<u8> = (0..n).map(|i: u64| (i * i >> 7) as u8).collect();
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
