//! Words of a text that may be a host's name or address. Whole words alone: `web-1` is no part of `web-10` or `api-web-1x`.

use core::net::{IpAddr, Ipv4Addr};
use std::collections::BTreeSet;

/// Letters that go on a name. Everything else ends it, other scripts too: `web-1でエラー` has the word `web-1`.
pub fn is_inside(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// The words of a folded text that begin and end with a letter or a digit, IPv6 addresses among them.
pub fn words(folded: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = folded.split(|c| !is_inside(c)).filter_map(trimmed).collect();
    let chunks = folded.split(|c: char| !(c.is_ascii_hexdigit() || c == ':' || c == '.'));
    let addresses = chunks.filter(|chunk| chunk.matches(':').count() >= 2).filter_map(address);
    found.extend(addresses.map(|address| address.to_string()));
    found
}

fn trimmed(word: &str) -> Option<String> {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    (!word.is_empty()).then(|| word.to_owned())
}

/// The address that a text is, whatever way it is written.
pub fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// `ip-10-0-1-7` with or without a domain, by which EC2 names a machine after its address.
pub fn address_in_name(word: &str) -> Option<Ipv4Addr> {
    let parts: Vec<&str> = word.split('.').next()?.strip_prefix("ip-")?.split('-').collect();
    if parts.len() == 4 { parts.join(".").parse().ok() } else { None }
}

/// The value of a field as the name or address in it: `http://web-1:9100/metrics` is `web-1`.
pub fn of_field(value: &str) -> String {
    let folded = model::text::fold(value);
    let bare = folded.trim();
    let bare = bare.split_once("://").map_or(bare, |(_, rest)| rest);
    let bare = bare.rsplit_once('@').map_or(bare, |(_, rest)| rest);
    let bare = bare.split(['/', ' ', ',', '(']).next().unwrap_or_default();
    if let Some(address) = address(bare) {
        return address.to_string();
    }
    let host = match bare.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => bare.split(':').next().unwrap_or_default(),
    };
    address(host)
        .map_or_else(|| host.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned(), |it| it.to_string())
}

/// A word and the domain behind it, if that can be a domain: `web-1.example.jp`, not `mysqld.service`.
pub fn with_domain(word: &str) -> Option<(&str, &str)> {
    const ALONE: [&str; 9] =
        ["corp", "home", "internal", "intra", "intranet", "lan", "local", "localdomain", "private"];
    let (short, domain) = word.split_once('.')?;
    let last = domain.rsplit('.').next()?;
    let is_domain = last.bytes().all(|b| b.is_ascii_alphabetic()) && last.len() >= 2;
    (is_domain && !short.is_empty() && (domain.contains('.') || ALONE.contains(&domain))).then_some((short, domain))
}

/// Words that have the shape of a host's name and are none.
const NO_HOSTS: [&str; 9] = ["utf-8", "utf-16", "sha-1", "sha-256", "http-2", "tls-1", "ipv-4", "ipv-6", "us-ascii"];

/// Whether a word has the shape of a host's name: a domain behind it, or letters with a number at the end.
pub fn looks_like_host(word: &str) -> bool {
    if address(word).is_some() {
        return word != "0.0.0.0";
    }
    if with_domain(word).is_some() {
        return true;
    }
    let is_instance =
        word.strip_prefix("i-").is_some_and(|id| id.len() >= 8 && id.bytes().all(|b| b.is_ascii_hexdigit()));
    let digits = word.bytes().rev().take_while(u8::is_ascii_digit).count();
    let before = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_numbered = (1..=4).contains(&digits)
        && before.starts_with(|c: char| c.is_ascii_alphabetic())
        && !before.contains('.')
        && (before.ends_with(['-', '_']) && before.len() >= 3 || digits >= 2 && before.len() >= 2);
    (is_instance || is_numbered) && !NO_HOSTS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_and_end_at_other_scripts() {
        let of = |text: &str| words(&model::text::fold(text)).into_iter().collect::<Vec<_>>();
        assert_eq!(of("ＷＥＢ-1でディスク (web-10.example.jp:9100)."), ["9100", "web-1", "web-10.example.jp"]);
        assert_eq!(of("api-web-1x -web-2-"), ["api-web-1x", "web-2"]);
        assert_eq!(
            of("[2001:DB8::0:1]:22 down"),
            ["1", "2001", "22", "2001:db8::1", "db8", "down", "0"]
                .into_iter()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_field_is_the_name_in_it() {
        for (value, expected) in [
            ("http://web-1:9100/metrics", "web-1"),
            ("WEB-1.example.jp:22", "web-1.example.jp"),
            ("[2001:db8::1]:22", "2001:db8::1"),
            ("2001:DB8:0::1", "2001:db8::1"),
            ("ops@web-1", "web-1"),
            ("web-1 (Tokyo)", "web-1"),
            ("10.0.0.1:9100", "10.0.0.1"),
            ("", ""),
        ] {
            assert_eq!(of_field(value), expected, "{value}");
        }
    }

    #[test]
    fn shapes_of_names() {
        for word in ["web-1", "db01", "web-1.example.jp", "10.0.0.1", "i-0abcdef12", "k8s-node_7", "printer.local"] {
            assert!(looks_like_host(word), "{word}");
        }
        for word in ["p1", "http2", "utf-8", "95", "mysqld.service", "error", "v1.2", "1.2.3", "0.0.0.0", "5xx", "x-1"]
        {
            assert!(!looks_like_host(word), "{word}");
        }
        assert_eq!(address_in_name("ip-10-0-1-7.ap-northeast-1.compute.internal"), Some(Ipv4Addr::new(10, 0, 1, 7)));
        assert_eq!((address_in_name("ip-10-0-1"), address_in_name("web-10-0-1-7")), (None, None));
        assert_eq!(with_domain("web-1.lan"), Some(("web-1", "lan")));
        assert_eq!((with_domain("mysqld.service"), with_domain("1.2.3")), (None, None));
    }
}
