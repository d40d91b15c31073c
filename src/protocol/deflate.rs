//! Raw deflate (RFC 1951): the common HTML as one stream that is flushed and left open, each wording as blocks that end it.
//!
//! Common stream + wording is one valid stream. A wording refers back to at most the last 32 KiB of common HTML, so it opens as well
//! behind a stored block of just these bytes: that is what decoders feed, and the text before is never inflated again.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use zeroize::Zeroizing;

use super::error::OpenError;
use super::limit;

/// Bytes that deflate can look back.
const WINDOW: usize = 32 << 10;

/// The last bytes of common HTML, which wordings refer to.
pub(crate) fn dictionary(common: &[u8]) -> &[u8] {
    &common[common.len().saturating_sub(WINDOW)..]
}

/// The common HTML, sync-flushed: ends on a byte, without a final block.
pub(crate) fn common(html: &[u8], level: Compression) -> Zeroizing<Vec<u8>> {
    compress(Compress::new(level, false), html, FlushCompress::Sync)
}

/// One wording behind the dictionary, with its final block.
pub(crate) fn wording(html: &[u8], dictionary: &[u8], level: Compression) -> Zeroizing<Vec<u8>> {
    let mut stream = Compress::new(level, false);
    let set = stream.set_dictionary(dictionary);
    debug_assert!(set.is_ok(), "a fresh raw stream takes any dictionary");
    compress(stream, html, FlushCompress::Finish)
}

fn compress(mut stream: Compress, html: &[u8], flush: FlushCompress) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(html.len() / 3 + 64));
    loop {
        let done = stream.total_in() as usize;
        let status = stream.compress_vec(html.get(done..).unwrap_or_default(), &mut out, flush);
        debug_assert!(status.is_ok(), "compressing from memory to memory cannot fail");
        // Room is left over: the compressor has nothing more to say.
        if matches!(status, Ok(Status::StreamEnd) | Err(_)) || out.len() < out.capacity() {
            return out;
        }
        let more = out.capacity().max(64);
        out.reserve(more);
    }
}

/// The common HTML, which must be exactly `len` bytes long.
pub(crate) fn inflate_common(deflated: &[u8], len: usize) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    // An empty final block closes the stream that was left open.
    let out = inflate(&[deflated, &[3, 0]], len)?;
    if out.len() == len { Ok(out) } else { Err(OpenError::Inflate) }
}

/// One wording, of at most [`limit::WORDING`] bytes.
pub(crate) fn inflate_wording(deflated: &[u8], dictionary: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let [low, high] = (dictionary.len() as u16).to_le_bytes();
    let stored = [0, low, high, !low, !high];
    let mut out = inflate(&[&stored, dictionary, deflated], dictionary.len() + limit::WORDING)?;
    let start = dictionary.len().min(out.len());
    Ok(Zeroizing::new(out.split_off(start)))
}

/// Inflates the pieces as one stream, which must end with the last of them and give at most `most` bytes.
fn inflate(pieces: &[&[u8]], most: usize) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let mut stream = Decompress::new(false);
    // One byte more than allowed shows that there is too much.
    let mut out = Zeroizing::new(Vec::with_capacity(most.saturating_add(1)));
    let mut ended = false;
    for piece in pieces {
        let start = stream.total_in();
        loop {
            let before = (stream.total_in(), stream.total_out());
            let used = (before.0 - start) as usize;
            if ended && used < piece.len() {
                return Err(OpenError::Inflate);
            }
            if ended || used == piece.len() {
                break;
            }
            let status = stream.decompress_vec(&piece[used..], &mut out, FlushDecompress::None).map_err(|_| OpenError::Inflate)?;
            ended = status == Status::StreamEnd;
            if out.len() > most {
                return Err(OpenError::Limit);
            }
            if !ended && before == (stream.total_in(), stream.total_out()) {
                return Err(OpenError::Inflate);
            }
        }
    }
    if ended { Ok(out) } else { Err(OpenError::Inflate) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(n: usize) -> Vec<u8> {
        (0..n).flat_map(|i| format!("<p>Sentence {} of {}.</p>", i % 97, i * i % 1009).into_bytes()).collect()
    }

    #[test]
    fn common_and_wordings_come_back() {
        for n in [0, 1, 10, 5000] {
            let html = text(n);
            for level in 0..=9 {
                let deflated = common(&html, Compression::new(level));
                assert_eq!(*inflate_common(&deflated, html.len()).unwrap(), html, "{n} at {level}");
                let short = wording(b"<p>Sentence 5 of 7.</p>", dictionary(&html), Compression::new(level));
                assert_eq!(*inflate_wording(&short, dictionary(&html)).unwrap(), b"<p>Sentence 5 of 7.</p>");
            }
        }
    }

    #[test]
    fn common_stream_and_wording_are_one_stream() {
        let html = text(5000);
        let deflated = common(&html, Compression::new(9));
        let short = wording(b"<p>Sentence 5 of 7.</p>", dictionary(&html), Compression::new(9));
        let whole = inflate(&[&deflated, &short], 1 << 20).unwrap();
        assert_eq!(whole[html.len()..], *b"<p>Sentence 5 of 7.</p>");
    }

    #[test]
    fn refuses_with_a_class() {
        let html = text(100);
        let deflated = common(&html, Compression::new(9));
        assert_eq!(inflate_common(&deflated, html.len() - 1).err(), Some(OpenError::Limit));
        assert_eq!(inflate_common(&deflated, html.len() + 1).err(), Some(OpenError::Inflate));
        assert_eq!(inflate_common(&[7], 0).err(), Some(OpenError::Inflate));
        assert_eq!(inflate_common(&deflated[..deflated.len() / 2], html.len()).err(), Some(OpenError::Inflate));
        let mut ended = wording(&html, b"", Compression::new(9)).to_vec();
        assert_eq!(inflate_common(&ended, html.len()).err(), Some(OpenError::Inflate), "a final block before the end");
        ended.push(0);
        assert_eq!(inflate_wording(&ended, b"").err(), Some(OpenError::Inflate), "bytes behind the final block");
        let bomb = wording(&vec![b' '; limit::WORDING + 1], b"", Compression::new(9));
        assert_eq!(inflate_wording(&bomb, b"").err(), Some(OpenError::Limit));
    }
}
