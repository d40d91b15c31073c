//! Properties of the protocol over generated lessons, and over bytes that nobody made on purpose.

use bookplate::protocol::{
    Address, AssetEntry, Chunk, Code, Keyring, LessonContent, LessonId, ObjectName, Params, SiteId, Token, open_asset, open_lesson,
};
use proptest::collection::vec;
use proptest::prelude::*;
use zeroize::Zeroizing;

use super::sealing::Course;

/// HTML of any length up to more than the window of deflate, with characters of every width.
fn html() -> impl Strategy<Value = String> {
    ("[a-z<>/ é借🦀]{0,40}", 0usize..1200).prop_map(|(piece, n)| piece.repeat(n))
}

fn chunk() -> impl Strategy<Value = Chunk> {
    prop_oneof![
        html().prop_map(Chunk::Common),
        ("[a-z ]{1,20}", "[a-zé借]{0,300}", "[a-zé借]{0,300}").prop_map(|(address, author, other)| Chunk::Pair { address, author, other }),
    ]
}

fn lesson() -> LessonId {
    LessonId::parse("moving").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_copy_reads_the_wording_of_its_slots(chunks in vec(chunk(), 0..8), order in "[0-9]{1,8}") {
        let course = Course::new();
        let keyring = course.keyring(&order);
        let file = course.sealer().level(1).lesson(&lesson(), &LessonContent { chunks: &chunks, assets: &[] }).unwrap();
        let wanted: String = chunks.iter().map(|chunk| match chunk {
            Chunk::Common(html) => html.as_str(),
            Chunk::Pair { address, author, other } => {
                let Address { position, author_slot: coin, .. } = course.sealer().addresses().of(address);
                if keyring.key(position).1 == coin { author } else { other }
            }
        }).collect();
        prop_assert_eq!(open_lesson(&keyring, &file.bytes).unwrap().html, wanted);
    }

    #[test]
    fn an_asset_comes_back(bytes in vec(any::<u8>(), 0..300), times in 0usize..600) {
        let bytes = bytes.repeat(times);
        let (file, entry) = Course::new().sealer().asset(&bytes, "image/png").unwrap();
        prop_assert_eq!(open_asset(&entry, &file.bytes).unwrap(), bytes);
    }

    #[test]
    fn any_lengths_of_wordings_are_padded_alike(author in 0usize..400, other in 0usize..400) {
        let course = Course::new();
        let chunk = |author: usize, other: usize| Chunk::Pair { address: "a".into(), author: "x".repeat(author), other: "y".repeat(other) };
        let size = |author, other| course.sealer().level(0).lesson(&lesson(), &LessonContent { chunks: &[chunk(author, other)], assets: &[] }).unwrap().bytes.len();
        prop_assert_eq!(size(author, other), size(other, author));
        prop_assert_eq!(size(author, other), size(author.max(other), 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_code_comes_back_in_every_form(random in any::<[u8; 16]>(), gap in "[ \\-\u{3000}]{0,3}") {
        let code = Code::from_random(random);
        prop_assert_eq!(Code::parse(&code.to_string().replace('-', &gap).to_lowercase()).unwrap(), code);
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in vec(any::<u8>(), 0..1200), at in 0usize..1200, size in any::<u32>(), text in any::<String>()) {
        let course = Course::new();
        let keyring = course.keyring("1");
        let file = course.sealer().lesson(&lesson(), &LessonContent { chunks: &[Chunk::Common("<p>".into())], assets: &[] }).unwrap();
        // Noise alone, noise behind a right beginning, noise in the middle.
        let mut mixed = file.bytes.clone();
        for (old, new) in mixed.iter_mut().skip(at).zip(&bytes) {
            *old = *new;
        }
        for input in [&bytes, &mixed, &[&file.bytes[..at.min(file.bytes.len())], &bytes].concat()] {
            let entry = AssetEntry { name: ObjectName([0; 16]), key: Zeroizing::new([0; 32]), sha256: bookplate::protocol::primitives::sha256(input), size, media_type: "a/b".into() };
            let _ = open_asset(&entry, input);
            let _ = Keyring::from_bytes(input);
            let _ = Keyring::open_static(&Code::from_random([0; 16]), &course.site, &course.course, course.epoch, input);
            if *input != file.bytes {
                prop_assert!(open_lesson(&keyring, input).is_err());
            }
        }
        let _ = Code::parse(&text);
        let _ = text.parse::<Params>();
        let _ = SiteId::parse(&text);
        prop_assert!(Token::verify(&course.key, &course.site, &text, 0).is_err());
        let prefixed = ["bookplate_token_v1_", &text].concat();
        prop_assert!(Token::verify(&course.key, &course.site, &prefixed, 0).is_err());
    }
}
