//! Words of titles and texts, so that two systems' ways to say one thing can be compared. Pure.

use std::collections::BTreeSet;

/// Words of state and of grammar: they tell nothing of which alert it is.
const EMPTY_WORDS: &[&str] = &[
    "a",
    "acknowledgement",
    "alarm",
    "alert",
    "alerts",
    "an",
    "and",
    "at",
    "by",
    "check",
    "critical",
    "custom",
    "down",
    "error",
    "event",
    "fatal",
    "firing",
    "for",
    "from",
    "has",
    "high",
    "host",
    "in",
    "info",
    "is",
    "major",
    "minor",
    "monitor",
    "no",
    "not",
    "notification",
    "of",
    "ok",
    "on",
    "open",
    "p1",
    "p2",
    "p3",
    "p4",
    "p5",
    "problem",
    "recovered",
    "recovery",
    "resolved",
    "server",
    "service",
    "severity",
    "started",
    "state",
    "status",
    "the",
    "to",
    "triggered",
    "unknown",
    "up",
    "warn",
    "warning",
    "was",
    "with",
    "障害",
    "異常",
    "警告",
    "発生",
    "検知",
    "通知",
    "復旧",
    "回復",
    "緊急",
    "重大",
    "監視",
];

/// The words of a folded text that tell something: whole words of letters, digits and the signs inside names and paths;
/// pairs of neighbours of scripts that are written without blanks.
pub fn tokens(folded: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for word in words(folded) {
        if word.is_ascii() {
            found.insert(word.to_owned());
        } else {
            pairs(word, &mut found);
        }
    }
    found.retain(|word| !EMPTY_WORDS.contains(&word.as_str()));
    found
}

/// Whole words, each of one script, in the text's order.
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !is_inside(c)).flat_map(by_script).map(trimmed).filter(|word| !word.is_empty())
}

const fn is_joint(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | '/' | ':' | '@' | '\\')
}

fn is_inside(c: char) -> bool {
    c.is_alphanumeric() || is_joint(c)
}

fn trimmed(word: &str) -> &str {
    // A path keeps its slash: / is not /var.
    if word.len() > 1 && word.bytes().all(|b| b == b'/') {
        return "";
    }
    let cut = word.trim_matches(|c: char| is_joint(c) && c != '/');
    if cut.len() > 1 { cut.trim_end_matches('/') } else { cut }
}

/// `cpu使用率` is two words.
fn by_script(chunk: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut was_ascii = None;
    for (at, c) in chunk.char_indices() {
        let is_ascii = c.is_ascii();
        if was_ascii.is_some_and(|was| was != is_ascii) {
            parts.push(&chunk[from..at]);
            from = at;
        }
        was_ascii = Some(is_ascii);
    }
    parts.push(&chunk[from..]);
    parts
}

fn pairs(word: &str, found: &mut BTreeSet<String>) {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() == 1 {
        found.insert(word.to_owned());
    }
    found.extend(letters.windows(2).map(|pair| pair.iter().collect::<String>()));
}

/// What share of the words is among the others; 1 for no words at all.
pub fn share(of: &BTreeSet<String>, among: &BTreeSet<String>) -> f64 {
    if of.is_empty() {
        return 1.0;
    }
    let found = of.iter().filter(|word| is_among(word, among)).count();
    found as f64 / of.len() as f64
}

/// Whether a word is among the others: as it is, or in all of its parts, for one system writes `queue-lag` where another
/// writes `queue lag`. Paths and addresses are one word each: `/var` is not `/var/log`.
pub fn is_among(word: &str, among: &BTreeSet<String>) -> bool {
    if among.contains(word) {
        return true;
    }
    let is_whole = word.contains(['/', '.', ':', '\\', '@']);
    let parts = || word.split(['-', '_']).filter(|part| !part.is_empty());
    let is_part = |part: &str| {
        among.contains(part)
            || EMPTY_WORDS.contains(&part)
            || among.iter().any(|other| {
                !other.contains(['/', '.', ':', '\\', '@']) && other.split(['-', '_']).any(|piece| piece == part)
            })
    };
    !is_whole && parts().count() > 1 && parts().all(is_part)
}

/// Whether two names mean one host: equal, or one of them the short form of the other.
pub fn is_same_host(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    if is_address(one) || is_address(other) {
        return false;
    }
    let (long, short) = if one.len() > other.len() { (one, other) } else { (other, one) };
    !short.contains('.') && long.split('.').next() == Some(short)
}

/// Numbers with dots, or hexadecimals with colons: no part of an address is its short form.
fn is_address(host: &str) -> bool {
    let is_v4 = host.contains('.') && host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    is_v4 || (host.contains(':') && host.bytes().all(|b| b.is_ascii_hexdigit() || b == b':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        tokens(&model::text::fold(text)).into_iter().collect()
    }

    #[test]
    fn words_that_tell_something() {
        assert_eq!(of("PROBLEM: Disk full on web01.example.jp"), ["disk", "full", "web01.example.jp"]);
        assert_eq!(of("/var is 95% full"), ["/var", "95", "full"]);
        assert_eq!(of("【障害】ＣＰＵ使用率 (web01)"), ["cpu", "web01", "使用", "用率"]);
        assert_eq!(of("HTTP: connection refused."), ["connection", "http", "refused"]);
        assert!(of("障害 発生 // - :").is_empty());
    }

    #[test]
    fn one_word_of_parts_is_the_parts() {
        let among = |text: &str| tokens(&model::text::fold(text));
        assert!(is_among("queue-lag", &among("lag of the queue")));
        assert!(is_among("orders-queue-lag", &among("queue-lag on orders-queue")));
        assert!(!is_among("queue-depth", &among("lag of the queue")));
        assert!(!is_among("/var", &among("/var/log is full")) && !is_among("192.0.2.1", &among("192.0.1.2")));
        assert!(!is_among("disk1-read", &among("disk2 read")));
    }

    #[test]
    fn hosts_are_equal_in_long_and_short_form() {
        assert!(is_same_host("web01", "web01.example.jp") && is_same_host("web01.example.jp", "web01"));
        assert!(!is_same_host("web01.example.jp", "web01.example.com"));
        assert!(!is_same_host("web1", "web10") && !is_same_host("192.0.2.1", "192"));
    }
}
