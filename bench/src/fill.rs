//! Fixed-width holes in a template, and the values that fill them. Never allocates while filling.

/// What a hole takes. Each is marked in the template by a run of one letter, as long as the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    EventId,
    Incident,
    OccurredAt,
    CreatedAt,
    Number,
    WebhookId,
    Signature,
}

const MARKS: [(Field, char, usize); 7] = [
    (Field::EventId, '@', 26),
    (Field::Incident, '#', 14),
    (Field::OccurredAt, '$', 24),
    (Field::CreatedAt, '^', 20),
    (Field::Number, '9', 7),
    (Field::WebhookId, '~', 36),
    (Field::Signature, '!', 64),
];

impl Field {
    fn mark(self) -> (char, usize) {
        MARKS.iter().find(|(field, ..)| *field == self).map_or(('?', 0), |(_, mark, width)| (*mark, *width))
    }

    pub fn width(self) -> usize {
        self.mark().1
    }

    pub fn hole(self) -> String {
        let (mark, width) = self.mark();
        mark.to_string().repeat(width)
    }
}

/// Where the holes are.
pub fn holes(template: &[u8]) -> Vec<(usize, Field)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < template.len() {
        let hole = MARKS.iter().find(|(_, mark, width)| {
            template.get(at..at + width).is_some_and(|bytes| bytes.iter().all(|byte| char::from(*byte) == *mark))
        });
        if let Some((field, ..)) = hole {
            found.push((at, *field));
        }
        at += hole.map_or(1, |(_, _, width)| *width);
    }
    found
}

/// One event's values.
pub struct Values {
    pub event: u64,
    pub incident: u64,
    pub at_ms: u64,
    pub created_ms: u64,
    pub seed: u64,
}

impl Values {
    pub fn fill(&self, field: Field, hole: &mut [u8]) {
        match field {
            Field::EventId => {
                // A ULID: ten letters of time, sixteen that no other event has.
                letters(self.at_ms, &mut hole[..10]);
                letters(mix(self.seed ^ self.event), &mut hole[10..]);
            }
            Field::Incident => {
                hole[0] = b'Q';
                letters(mix(!self.seed ^ self.incident), &mut hole[1..]);
            }
            Field::OccurredAt => iso(self.at_ms, hole),
            Field::CreatedAt => iso(self.created_ms, hole),
            Field::Number => digits(1_000_000 + self.incident % 9_000_000, hole),
            Field::WebhookId => uuid(mix(self.seed.rotate_left(32) ^ self.event), self.event, hole),
            // It covers the other values and comes last.
            Field::Signature => {}
        }
    }
}

/// Scatters numbers; two different ones stay different.
const fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Crockford's base 32.
fn letters(mut number: u64, out: &mut [u8]) {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    for place in out.iter_mut().rev() {
        *place = ALPHABET[(number % 32) as usize];
        number /= 32;
    }
}

fn digits(mut number: u64, out: &mut [u8]) {
    for place in out.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

fn uuid(high: u64, low: u64, out: &mut [u8]) {
    let mut number = (u128::from(high) << 64) | u128::from(low);
    for (i, place) in out.iter_mut().enumerate().rev() {
        if [8, 13, 18, 23].contains(&i) {
            *place = b'-';
            continue;
        }
        *place = b"0123456789abcdef"[(number % 16) as usize];
        number /= 16;
    }
}

/// `2026-05-01T00:10:03Z`, with milliseconds where the place is wide enough.
fn iso(since_epoch_ms: u64, out: &mut [u8]) {
    let (days, in_day_ms) = (since_epoch_ms / 86_400_000, since_epoch_ms % 86_400_000);
    let (year, month, day) = civil(days);
    let seconds = in_day_ms / 1_000;
    let parts = [(year, 4), (month, 2), (day, 2), (seconds / 3_600, 2), (seconds / 60 % 60, 2), (seconds % 60, 2)];
    let mut at = 0;
    for ((value, width), after) in parts.into_iter().zip(*b"--T::.") {
        digits(value, &mut out[at..at + width]);
        out[at + width] = after;
        at += width + 1;
    }
    if out.len() == 24 {
        digits(in_day_ms % 1_000, &mut out[20..23]);
    }
    if let Some(last) = out.last_mut() {
        *last = b'Z';
    }
}

/// Year, month and day of a day since the epoch, counted in years that begin on 1 March, so that a leap day comes last.
const fn civil(days: u64) -> (u64, u64, u64) {
    let since_march = days + 719_468;
    let era = since_march / 146_097;
    let of_era = since_march % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + (month <= 2) as u64, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(width: usize, fill: impl FnOnce(&mut [u8])) -> String {
        let mut out = vec![b'?'; width];
        fill(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn times_are_written_as_iso_8601() {
        for (ms, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000 - 1, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_200_123, "2024-03-01T00:00:00.123Z"),
            (1_798_761_599_007, "2026-12-31T23:59:59.007Z"),
        ] {
            assert_eq!(text(24, |out| iso(ms, out)), expected);
            assert_eq!(text(20, |out| iso(ms, out)), format!("{}Z", &expected[..19]));
        }
    }

    #[test]
    fn ids_have_their_shapes() {
        assert_eq!(text(36, |out| uuid(0x0123_4567_89ab_cdef, 10, out)), "01234567-89ab-cdef-0000-00000000000a");
        assert_eq!(text(4, |out| letters(32 * 31 + 10, out)), "00ZA");
        assert_eq!(text(7, |out| digits(1_000_042, out)), "1000042");
    }

    #[test]
    fn holes_are_found_where_they_are() {
        let template = format!("a{}b{}{}", Field::Incident.hole(), Field::Number.hole(), Field::EventId.hole());
        assert_eq!(holes(template.as_bytes()), [(1, Field::Incident), (16, Field::Number), (23, Field::EventId)]);
        assert!(holes(b"999999 no run is long enough ####").is_empty());
    }
}
