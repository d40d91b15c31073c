//! Deflate by hand, so that no vector depends on a compressor: stored blocks, and one block of fixed Huffman codes.

/// Text as stored blocks, none of them final: a common stream.
pub fn stored(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in text.chunks(0xffff) {
        let n = piece.len() as u16;
        out.push(0);
        out.extend(n.to_le_bytes());
        out.extend((!n).to_le_bytes());
        out.extend(piece);
    }
    out
}

/// A symbol of deflate.
pub enum Symbol<'a> {
    /// Bytes as they are.
    Text(&'a str),
    /// `len` bytes (3 to 10) from `distance` bytes before.
    Copy { len: u32, distance: u32 },
    /// 258 bytes from 1 byte before: makes bombs.
    Repeat,
}

/// One final block of fixed Huffman codes (RFC 1951, 3.2.6).
pub fn last_block(symbols: &[Symbol<'_>]) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.low(1, 1);
    bits.low(1, 2);
    for symbol in symbols {
        match symbol {
            Symbol::Text(text) => text.bytes().for_each(|b| bits.literal(u32::from(b))),
            Symbol::Copy { len, distance } => {
                assert!((3..=10).contains(len));
                bits.literal(257 + len - 3);
                bits.distance(*distance);
            }
            Symbol::Repeat => {
                bits.literal(285);
                bits.distance(1);
            }
        }
    }
    bits.literal(256);
    bits.out
}

#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    used: u32,
}

impl Bits {
    fn bit(&mut self, bit: u32) {
        if self.used.is_multiple_of(8) {
            self.out.push(0);
        }
        *self.out.last_mut().unwrap() |= ((bit & 1) << (self.used % 8)) as u8;
        self.used += 1;
    }

    /// Numbers: lowest bit first.
    fn low(&mut self, value: u32, n: u32) {
        (0..n).for_each(|i| self.bit(value >> i));
    }

    /// Codes: highest bit first.
    fn code(&mut self, value: u32, n: u32) {
        (0..n).rev().for_each(|i| self.bit(value >> i));
    }

    fn literal(&mut self, symbol: u32) {
        match symbol {
            0..=143 => self.code(0x30 + symbol, 8),
            144..=255 => self.code(0x190 + symbol - 144, 9),
            256..=279 => self.code(symbol - 256, 7),
            _ => self.code(0xc0 + symbol - 280, 8),
        }
    }

    fn distance(&mut self, distance: u32) {
        if distance <= 4 {
            return self.code(distance - 1, 5);
        }
        let extra = (distance - 1).ilog2() - 1;
        let half = ((distance - 1) >> extra) & 1;
        self.code(2 * extra + 2 + half, 5);
        self.low((distance - 1) & ((1 << extra) - 1), extra);
    }
}
