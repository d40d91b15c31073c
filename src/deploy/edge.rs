//! The key endpoint for hosts of functions: the JavaScript of `src/web/edge`, as it is, and the protocol beside it.

/// Path below the folder of the endpoint, and text. Modules find each other by these paths.
pub const FILES: &[(&str, &str)] = &[
    ("protocol.js", include_str!("../web/protocol.js")),
    ("edge/account.js", include_str!("../web/edge/account.js")),
    ("edge/answer.js", include_str!("../web/edge/answer.js")),
    ("edge/blobs.js", include_str!("../web/edge/blobs.js")),
    ("edge/books.js", include_str!("../web/edge/books.js")),
    ("edge/core.js", include_str!("../web/edge/core.js")),
    ("edge/counter.js", include_str!("../web/edge/counter.js")),
    ("edge/deno.js", include_str!("../web/edge/deno.js")),
    ("edge/desk.js", include_str!("../web/edge/desk.js")),
    ("edge/devices.js", include_str!("../web/edge/devices.js")),
    ("edge/entitlement.js", include_str!("../web/edge/entitlement.js")),
    ("edge/env.js", include_str!("../web/edge/env.js")),
    ("edge/fact.js", include_str!("../web/edge/fact.js")),
    ("edge/heal.js", include_str!("../web/edge/heal.js")),
    ("edge/keys.js", include_str!("../web/edge/keys.js")),
    ("edge/lemon_squeezy.js", include_str!("../web/edge/lemon_squeezy.js")),
    ("edge/limits.js", include_str!("../web/edge/limits.js")),
    ("edge/memory.js", include_str!("../web/edge/memory.js")),
    ("edge/netlify.js", include_str!("../web/edge/netlify.js")),
    ("edge/node.js", include_str!("../web/edge/node.js")),
    ("edge/readers.js", include_str!("../web/edge/readers.js")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_of_the_endpoint_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/edge");
        let names =
            std::fs::read_dir(folder).expect("the endpoint").map(|e| e.expect("readable").file_name().to_string_lossy().into_owned());
        let missing: Vec<String> =
            names.filter(|n| n.ends_with(".js") && !FILES.iter().any(|(have, _)| *have == format!("edge/{n}"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
