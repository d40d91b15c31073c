//! The key endpoint for hosts of functions: the JavaScript of `src/web/edge`, as it is, and the protocol beside it.

/// Path below the folder of the endpoint, and text. Modules find each other by these paths.
pub const FILES: &[(&str, &str)] = &[("protocol.js", include_str!("../web/protocol.js"))];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_of_the_endpoint_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/web/edge");
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let names = entries.map(|e| e.expect("readable").file_name().to_string_lossy().into_owned());
        let missing: Vec<String> =
            names.filter(|n| n.ends_with(".js") && !FILES.iter().any(|(have, _)| *have == format!("edge/{n}"))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
