//! A text cut to what one or two short messages carry. Pure. A link at its end is never cut: it is what the person needs.

/// One character beyond this set and the whole message goes out in UCS-2. `^{}\[~]|` take two places there; the accent grave
/// is in no basic table.
fn septets(c: char) -> Option<usize> {
    match c {
        '^' | '{' | '}' | '\\' | '[' | ']' | '~' | '|' => Some(2),
        '`' => None,
        '\n' | ' '..='~' => Some(1),
        _ => None,
    }
}

/// How many places a text takes, and how many one or `parts` messages have.
fn weight(text: &str) -> (usize, [usize; 2]) {
    match text.chars().map(septets).sum::<Option<usize>>() {
        Some(septets) => (septets, [160, 153]),
        None => (text.encode_utf16().count(), [70, 67]),
    }
}

fn fits(text: &str, parts: usize) -> bool {
    let (places, [alone, joined]) = weight(text);
    places <= if parts <= 1 { alone } else { joined * parts }
}

/// `text` and, on a line of its own, `link`, in at most `parts` messages (1 or 2). Only the text is cut, with "..." since an
/// ellipsis would make plain text twice as dear.
pub fn fit(text: &str, link: Option<&str>, parts: usize) -> String {
    let parts = parts.clamp(1, 2);
    let text: String = text.trim().chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
    let whole = |said: &str| match link {
        Some(link) if said.is_empty() => link.to_owned(),
        Some(link) => format!("{said}\n{link}"),
        None => said.to_owned(),
    };
    if fits(&whole(&text), parts) {
        return whole(&text);
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    let cut = ends.iter().rev().map(|end| format!("{}...", text[..*end].trim_end()));
    cut.map(|said| whole(&said)).find(|all| fits(all, parts)).unwrap_or_else(|| whole(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_has_160_places_alone_and_153_in_each_of_two() {
        assert_eq!(fit(&"a".repeat(160), None, 1).len(), 160);
        let cut = fit(&"a".repeat(161), None, 1);
        assert_eq!((cut.len(), &cut[156..]), (160, "a..."));
        assert_eq!(fit(&"a".repeat(306), None, 2).len(), 306);
        assert_eq!(fit(&"a".repeat(400), None, 2).len(), 306);
        assert_eq!(fit(&"[".repeat(81), None, 1).len(), 78 + 3, "a bracket takes two places");
    }

    #[test]
    fn anything_else_has_70_and_67() {
        let units = |text: String| text.encode_utf16().count();
        assert_eq!(units(fit(&"障".repeat(70), None, 1)), 70);
        assert_eq!(units(fit(&"障".repeat(71), None, 1)), 70);
        assert_eq!(units(fit(&"障".repeat(200), None, 2)), 134);
        assert_eq!(units(fit(&"a`".repeat(50), None, 1)), 70, "the accent grave is in no basic table");
        let faces = fit(&"😀".repeat(50), None, 1);
        assert!(units(faces.clone()) <= 70 && faces.ends_with("😀..."), "{faces}");
    }

    #[test]
    fn the_link_is_never_cut() {
        let link = "https://ops.example.jp/a/0123456789abcdef";
        let text = fit(&"障害".repeat(100), Some(link), 2);
        assert!(text.ends_with(&format!("...\n{link}")) && text.encode_utf16().count() == 134, "{text}");
        assert_eq!(fit("x", Some(&"l".repeat(400)), 1), "l".repeat(400), "a link that is too long goes out alone");
        assert_eq!(fit(" ", Some(link), 1), link);
    }

    #[test]
    fn control_characters_become_blanks() {
        assert_eq!(fit("a\u{7}b\nc", None, 1), "a b\nc");
        assert_eq!(fit("", None, 1), "");
    }
}
