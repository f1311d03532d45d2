//! Patterns of names with `*` for any characters and `?` for one, and lists of them with `!` before what is not meant.

/// Whether the pattern is the whole text, whatever its case.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (letters(pattern), letters(text));
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            // The last star takes one letter more.
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

fn letters(text: &str) -> Vec<char> {
    text.chars().map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether a list of patterns names the text: one does, and none with `!` before it.
pub fn names<P: AsRef<str>>(patterns: &[P], text: &str) -> bool {
    let mut is_named = false;
    for pattern in patterns {
        match pattern.as_ref().strip_prefix('!') {
            Some(not) if matches(not, text) => return false,
            Some(_) => {}
            None => is_named |= matches(pattern.as_ref(), text),
        }
    }
    is_named
}

/// Whether it is a name and no pattern.
pub fn is_literal(pattern: &str) -> bool {
    !pattern.is_empty() && !pattern.contains(['*', '?', '!'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_take_any_letters_and_question_marks_one() {
        for (pattern, text, expected) in [
            ("web-?", "web-1", true),
            ("web-?", "web-10", false),
            ("web*", "WEB-10", true),
            ("*.example.jp", "web.example.jp", true),
            ("*.example.jp", "example.jp", false),
            ("*a*b*c", "xxaxxbxxbxc", true),
            ("*a*b*c", "xxaxxbxxbx", false),
            ("", "", true),
            ("*", "", true),
            ("a", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn what_is_excluded_rules_over_what_is_named() {
        assert!(names(&["web-*", "!web-9"], "web-1") && !names(&["web-*", "!web-9"], "web-9"));
        assert!(!names(&["!web-9"], "web-1"), "an exclusion alone names nothing");
        assert!(is_literal("web-1") && !is_literal("web-*") && !is_literal("!web-1") && !is_literal(""));
    }

    #[test]
    fn many_stars_end() {
        let pattern = "*a".repeat(50);
        assert!(!matches(&pattern, &"b".repeat(5_000)));
    }
}
