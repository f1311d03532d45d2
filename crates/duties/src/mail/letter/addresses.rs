//! Addresses of a header, names decoded: taken apart before decoding, because an encoded name may hold commas and brackets, and
//! with raw bytes in names, which no grammar allows. Never fails.

use super::words;

const MOST: usize = 100;

/// The first address in lower case, and the name beside it.
pub fn address(raw: &[u8]) -> (String, String) {
    addresses(raw).into_iter().next().unwrap_or_default()
}

pub fn addresses(raw: &[u8]) -> Vec<(String, String)> {
    let all = apart(raw).into_iter().map(one);
    all.filter(|(address, name)| !address.is_empty() || !name.is_empty()).take(MOST).collect()
}

/// Cut at commas and semicolons that stand in no quotes, brackets or comments.
fn apart(raw: &[u8]) -> Vec<&[u8]> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let (mut quoted, mut angle, mut comment, mut multi) = (false, false, false, false);
    let mut at = 0;
    while let Some(&byte) = raw.get(at) {
        match byte {
            // Letters of ISO-2022-JP look like commas and brackets.
            0x1b => multi = raw.get(at + 1) == Some(&b'$'),
            _ if multi => {}
            b'\\' => at += 1,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'<' => angle = true,
            b'>' => angle = false,
            b'(' => comment = true,
            b')' => comment = false,
            b',' | b';' if !angle && !comment => {
                parts.push(&raw[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&raw[start.min(raw.len())..]);
    merged(raw, parts)
}

/// A piece without an address is the beginning of the next one's name, whose comma nobody quoted.
fn merged<'a>(raw: &'a [u8], parts: Vec<&'a [u8]>) -> Vec<&'a [u8]> {
    let mut out: Vec<&[u8]> = Vec::new();
    let (mut at, mut begun) = (0, None);
    for part in parts {
        let start: usize = begun.unwrap_or(at);
        at += part.len() + 1;
        if part.contains(&b'@') || part.contains(&b'<') || at > raw.len() {
            out.push(&raw[start.min(raw.len())..(at - 1).min(raw.len())]);
            begun = None;
        } else {
            begun = Some(start);
        }
    }
    out
}

fn one(part: &[u8]) -> (String, String) {
    let open = part.iter().rposition(|b| *b == b'<');
    let (name, address) = match open {
        Some(open) => {
            let rest = &part[open + 1..];
            (part[..open].to_vec(), &rest[..rest.iter().position(|b| *b == b'>').unwrap_or(rest.len())])
        }
        None => bare(part),
    };
    let name = words::decode(&name);
    let name = name.trim().trim_matches('"').replace("\\\"", "\"");
    let address = String::from_utf8_lossy(address).trim().to_lowercase();
    // A group's name, or a route, stands before a colon.
    let address = address.rsplit(':').next().unwrap_or_default().trim_matches(['"', '\'', ' ']).to_owned();
    (printable(&address), printable(words::decode(name.as_bytes()).trim()))
}

/// `root@web01 (Cron Daemon)`, or an address alone.
fn bare(part: &[u8]) -> (Vec<u8>, &[u8]) {
    let Some(open) = part.iter().position(|b| *b == b'(') else { return (Vec::new(), part) };
    let close = part.iter().rposition(|b| *b == b')').filter(|close| *close > open).unwrap_or(part.len());
    (part[open + 1..close].to_vec(), &part[..open])
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_their_names() {
        for (raw, address, name) in [
            ("zabbix@example.jp", "zabbix@example.jp", ""),
            ("Zabbix <Zabbix@Example.JP>", "zabbix@example.jp", "Zabbix"),
            ("\"Sato, Hanako\" <sato@example.jp>", "sato@example.jp", "Sato, Hanako"),
            ("=?utf-8?b?55uj6KaW?= <mon@example.jp>", "mon@example.jp", "監視"),
            ("\"=?utf-8?b?55uj6KaW?=\" <mon@example.jp>", "mon@example.jp", "監視"),
            ("監視, 東京 <mon@example.jp>", "mon@example.jp", "監視, 東京"),
            ("\u{1b}$B4F;k\u{1b}(B <mon@example.jp>", "mon@example.jp", "監視"),
            ("root@web01 (Cron Daemon)", "root@web01", "Cron Daemon"),
            ("undisclosed", "undisclosed", ""),
            ("<>", "", ""),
            ("", "", ""),
        ] {
            assert_eq!(super::address(raw.as_bytes()), (address.to_owned(), name.to_owned()), "{raw}");
        }
        let all = addresses(b"a@example.jp, \"B, C\" <b@example.jp>;c@example.jp");
        assert_eq!(
            all.iter().map(|(a, _)| a.as_str()).collect::<Vec<_>>(),
            ["a@example.jp", "b@example.jp", "c@example.jp"]
        );
    }
}
