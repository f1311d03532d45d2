//! Seeded chance and the identifiers made from it. The generator is written out here so that one seed gives one world
//! on every version of every library; it never serves as a source of real secrets.

use jiff::Timestamp;

const CODE: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const CROCKFORD: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// SplitMix64.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed ^ 0x5EED_0F5A_17D0_0D1E)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in `0..n`; 0 when `n` is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        if n == 0 { 0 } else { (self.next() % n as u64) as usize }
    }

    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0).unsigned_abs() + 1;
        low + (self.next() % span) as i64
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn letters(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }

    /// `P4K2ZQ1`: a prefix and capital letters or digits, `length` in all.
    pub(crate) fn code(&mut self, prefix: &str, length: usize) -> String {
        let rest = self.letters(CODE, length.saturating_sub(prefix.len()));
        format!("{prefix}{rest}")
    }

    pub(crate) fn hex(&mut self, length: usize) -> String {
        self.letters(b"0123456789abcdef", length)
    }

    /// Mixed letters, as keys and secrets are.
    pub(crate) fn secret(&mut self, length: usize) -> String {
        self.letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length)
    }

    /// 26 characters that sort by time, as event ids do.
    pub(crate) fn ulid(&mut self, at: Timestamp) -> String {
        let ms = at.as_millisecond().max(0).unsigned_abs();
        let time: String = (0..10).rev().map(|i| char::from(CROCKFORD[(ms >> (i * 5)) as usize & 31])).collect();
        time + &self.letters(CROCKFORD, 16)
    }

    pub(crate) fn uuid(&mut self) -> String {
        let h = self.hex(31);
        format!("{}-{}-4{}-a{}-{}", &h[..8], &h[8..12], &h[12..15], &h[15..18], &h[18..30])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_world() {
        let (mut a, mut b) = (Dice::new(7), Dice::new(7));
        assert_eq!(a.code("P", 7), b.code("P", 7));
        assert_eq!(a.uuid(), b.uuid());
        assert_ne!(Dice::new(8).code("P", 7), Dice::new(7).code("P", 7));
    }

    #[test]
    fn identifiers_have_the_documented_lengths() {
        let mut dice = Dice::new(1);
        assert_eq!(dice.ulid(Timestamp::UNIX_EPOCH).len(), 26);
        assert_eq!(dice.uuid().len(), 36);
        assert_eq!(dice.code("Q", 14).len(), 14);
    }
}
