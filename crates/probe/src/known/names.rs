//! The first field of a known_hosts line: which hosts it is about. Patterns with `*`, `?` and `!`, or one name that was hashed.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Whom a line is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Names {
    Patterns(Vec<Pattern>),
    /// `|1|salt|hash`: HMAC-SHA1 of the name, keyed with the salt.
    Hashed {
        salt: Vec<u8>,
        hash: Vec<u8>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    text: String,
    is_negated: bool,
}

impl Names {
    pub(super) fn read(field: &str) -> Result<Self, String> {
        if let Some(hashed) = field.strip_prefix('|') {
            return read_hashed(hashed);
        }
        let patterns = field.split(',').filter(|text| !text.is_empty()).map(|text| {
            let (is_negated, text) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
            Pattern { text: text.to_ascii_lowercase(), is_negated }
        });
        let patterns: Vec<Pattern> = patterns.collect();
        if patterns.is_empty() { Err("it names no host".to_owned()) } else { Ok(Self::Patterns(patterns)) }
    }

    /// Whether the line is about a host of this name.
    pub(super) fn are_about(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        match self {
            Self::Patterns(patterns) => {
                let matching = || patterns.iter().filter(|pattern| is_like(&pattern.text, &name));
                matching().any(|pattern| !pattern.is_negated) && !matching().any(|pattern| pattern.is_negated)
            }
            Self::Hashed { salt, hash } => {
                let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, salt);
                hmac::verify(&key, name.as_bytes(), hash).is_ok()
            }
        }
    }
}

fn read_hashed(field: &str) -> Result<Names, String> {
    let parts: Vec<&str> = field.split('|').collect();
    let ["1", salt, hash] = parts.as_slice() else {
        return Err("its hashed name is not of the form |1|salt|hash".to_owned());
    };
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| "its hashed name is not base64".to_owned());
    Ok(Names::Hashed { salt: decode(salt)?, hash: decode(hash)? })
}

/// Whether a text is like a pattern in which `*` stands for anything and `?` for one character.
pub(super) fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows the last star did not fit.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after, from)) = star else { return false };
                star = Some((after, from + 1));
                (p, t) = (after, from + 1);
            }
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_matched_as_openssh_does() {
        for (pattern, text, is_match) in [
            ("web-01", "web-01", true),
            ("web-01", "web-012", false),
            ("*", "anything", true),
            ("*", "", true),
            ("web-*", "web-", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("10.0.?.1", "10.0.3.1", true),
            ("10.0.?.1", "10.0.33.1", false),
            ("*a*b*c", "xxaxxbxxbxc", true),
            ("*a*b*c", "xxaxxbxxbxcd", false),
            ("[10.0.0.1]:2222", "[10.0.0.1]:2222", true),
            ("", "", true),
            ("?", "", false),
        ] {
            assert_eq!(is_like(pattern, text), is_match, "{pattern} {text}");
        }
    }

    #[test]
    fn a_negated_pattern_wins_wherever_it_stands() {
        let names = Names::read("*.example.com,!db.example.com,[gate]:2222").unwrap();
        for (name, is_about) in [
            ("web.example.com", true),
            ("WEB.Example.Com", true),
            ("db.example.com", false),
            ("[gate]:2222", true),
            ("gate", false),
        ] {
            assert_eq!(names.are_about(name), is_about, "{name}");
        }
        assert!(!Names::read("!db").unwrap().are_about("web"), "a negation alone is about nobody");
    }

    #[test]
    fn a_hashed_name_is_recognised() {
        // Made by ssh-keygen -H of the name `web-01.example.com`.
        let names = Names::read("|1|dGhpcy1pcy1hLXNhbHQtISE=|dm3xC6Ea15QJyf9+JLMBSh9jD0A=");
        let Names::Hashed { salt, .. } = names.unwrap() else { panic!() };
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &salt);
        let hash = STANDARD.encode(hmac::sign(&key, b"web-01.example.com"));
        let names = Names::read(&format!("|1|{}|{hash}", STANDARD.encode(&salt))).unwrap();
        assert!(names.are_about("web-01.example.com") && names.are_about("Web-01.Example.com"));
        assert!(!names.are_about("web-02.example.com"));
    }

    #[test]
    fn what_names_nobody_is_refused() {
        for field in ["", ",", "|2|a|b", "|1|a", "|1|%%|%%"] {
            assert!(Names::read(field).is_err(), "{field}");
        }
    }
}
