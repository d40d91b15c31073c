//! Remembers how code was cut into runs, since a preview reads the whole site after every change and courses repeat their code.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::class::Class;

/// The class of a run and where it ends.
pub type Run = (Option<Class>, usize);

/// When the code in one shard is longer than this, the shard is emptied: memory stays bounded in a preview that runs for days.
const MOST_BYTES: usize = 4 * 1024 * 1024;
const SHARDS: usize = 16;

#[derive(Default)]
struct Shard {
    known: HashMap<(String, String), Arc<[Run]>>,
    bytes: usize,
}

static SHARDS_OF_CODE: LazyLock<(RandomState, [Mutex<Shard>; SHARDS])> = LazyLock::new(Default::default);

/// The runs of `code`, from memory or from `cut`.
pub fn runs(language: &str, code: &str, cut: impl FnOnce() -> Vec<Run>) -> Arc<[Run]> {
    let (hasher, shards) = &*SHARDS_OF_CODE;
    let key = (language.to_owned(), code.to_owned());
    let at = usize::try_from(hasher.hash_one(&key) % SHARDS as u64).unwrap_or(0);
    let Some(shard) = shards.get(at) else { return cut().into() };
    if let Some(known) = shard.lock().unwrap_or_else(PoisonError::into_inner).known.get(&key) {
        return Arc::clone(known);
    }
    // Cut without holding the lock: two threads may cut the same code, with the same result.
    let new: Arc<[Run]> = cut().into();
    let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
    if shard.bytes > MOST_BYTES {
        *shard = Shard::default();
    }
    shard.bytes += code.len();
    shard.known.insert(key, Arc::clone(&new));
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_cut_once_for_each_language() {
        let mut cuts = 0;
        for language in ["x-one", "x-one", "x-two"] {
            let got = runs(language, "code of this test", || {
                cuts += 1;
                vec![(None, 17)]
            });
            assert_eq!(got[0], (None, 17));
        }
        assert_eq!(cuts, 2);
    }
}
