//! Names of originals: paths that lead nowhere but down. Pure.

use crate::EvidenceError;

const MAX_BYTES: usize = 240;
const MAX_PARTS: usize = 10;
const MAX_PART_BYTES: usize = 120;

/// No part is empty or begins with a point, so none leads up, and none is taken for our own files.
pub fn check(name: &str) -> Result<(), EvidenceError> {
    let parts: Vec<&str> = name.split('/').collect();
    let fits = name.len() <= MAX_BYTES && parts.len() <= MAX_PARTS && parts.iter().all(|part| is_part(part));
    if fits { Ok(()) } else { Err(EvidenceError::Name { name: name.chars().take(MAX_BYTES).collect() }) }
}

fn is_part(part: &str) -> bool {
    (1..=MAX_PART_BYTES).contains(&part.len())
        && !part.starts_with('.')
        && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_down_and_nowhere_else() {
        for good in ["a", "mails/2026/05/01/0197f0.eml", "A-b_c.d", &"a".repeat(120)] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/a",
            "a/",
            "a//b",
            "..",
            "a/../b",
            ".hidden",
            "a/.b",
            "a b",
            "é",
            "a\0b",
            "a\\b",
            "a:b",
            &"a".repeat(121),
            &"a/".repeat(11),
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
