//! Which mails are asked for together: many small ones in one command, a large one by itself. Pure.

use super::wire::Listed;

const MAILS: usize = 50;
const BYTES: u32 = 8 << 20;

/// In the order of the list. A mail above `whole_bytes` stands by itself. `alone` puts every mail by itself: something
/// among them could not be read together.
pub fn groups(listed: &[Listed], whole_bytes: u32, alone: bool) -> Vec<&[Listed]> {
    let mut groups = Vec::new();
    let mut rest = listed;
    while !rest.is_empty() {
        let (group, others) = rest.split_at(if alone { 1 } else { fits(rest, whole_bytes) });
        groups.push(group);
        rest = others;
    }
    groups
}

fn fits(listed: &[Listed], whole_bytes: u32) -> usize {
    let mut bytes = 0_u32;
    let fitting = listed.iter().take(MAILS).take_while(|one| {
        bytes = bytes.saturating_add(one.bytes);
        bytes <= BYTES && one.bytes <= whole_bytes
    });
    fitting.count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_mails_go_together_and_a_large_one_alone() {
        let of = |bytes: &[u32]| -> Vec<Listed> {
            bytes.iter().zip(1..).map(|(&bytes, uid)| Listed { uid, bytes, at: None }).collect()
        };
        let sizes =
            |list: &[Listed], alone| groups(list, 40 << 20, alone).iter().map(|group| group.len()).collect::<Vec<_>>();
        assert_eq!(sizes(&of(&[1_000; 120]), false), [50, 50, 20]);
        assert_eq!(sizes(&of(&[5, 9 << 20, 5, u32::MAX, 7 << 20, 2 << 20]), false), [1, 1, 1, 1, 1, 1]);
        assert_eq!(sizes(&of(&[3 << 20, 4 << 20, 2 << 20]), false), [2, 1]);
        assert_eq!(sizes(&of(&[5; 3]), true), [1, 1, 1]);
        let large = of(&[5, 5, 11, 5, 5]);
        assert_eq!(groups(&large, 10, false).iter().map(|group| group.len()).collect::<Vec<_>>(), [2, 1, 2]);
        assert!(groups(&[], 10, false).is_empty());
    }
}
