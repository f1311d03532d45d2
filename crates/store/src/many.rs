//! Many ids in one statement: groups of one size, so that a database keeps one prepared statement for lists of any
//! length. Never knows what the ids name.

use crate::Val;

const AT_ONCE: usize = 50;

/// `?1, ?2, …`: the marks of one group.
pub(crate) fn marks() -> String {
    let marks: Vec<String> = (1..=AT_ONCE).map(|n| format!("?{n}")).collect();
    marks.join(", ")
}

/// The ids in groups, the last one filled up by repeating its last id. No ids make no group.
pub(crate) fn groups<T: Clone + Into<Val>>(ids: &[T]) -> Vec<Vec<Val>> {
    let whole = |group: &[T]| {
        let filled = group.iter().chain(group.last().into_iter().cycle());
        filled.take(AT_ONCE).map(|id| id.clone().into()).collect()
    };
    ids.chunks(AT_ONCE).map(whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_asked_for_and_every_group_has_one_size() {
        for count in [0i64, 1, 49, 50, 51, 100, 101] {
            let ids: Vec<i64> = (0..count).collect();
            let groups = groups(&ids);
            assert!(groups.iter().all(|group| group.len() == AT_ONCE), "{count}");
            let mut asked: Vec<Val> = groups.into_iter().flatten().collect();
            asked.dedup();
            assert_eq!(asked, ids.into_iter().map(Val::Int).collect::<Vec<_>>());
        }
        assert_eq!(marks().split(", ").count(), AT_ONCE);
    }
}
