//! Bytes into content lines, and a line into name, parameters and value. Knows no property by name.

/// One content line, unfolded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As lines are counted in the bytes, from 1.
    pub number: usize,
    /// In capitals.
    pub name: String,
    /// Names in capitals; values without quotes.
    pub params: Vec<(String, String)>,
    pub value: String,
}

impl Line {
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn is(&self, name: &str, value: &str) -> bool {
        self.name == name && self.value.trim().eq_ignore_ascii_case(value)
    }
}

/// Every content line. Folds are undone in the bytes, since they may cut a letter in two; what is no UTF-8 then is
/// shown as U+FFFD, and U+0000, which no database takes, is left out.
pub fn read(bytes: &[u8]) -> impl Iterator<Item = Line> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut physical = bytes.split(|byte| *byte == b'\n').enumerate().peekable();
    std::iter::from_fn(move || {
        let (at, first) = physical.next()?;
        let mut whole = without_end(first).to_vec();
        while let Some((_, more)) = physical.next_if(|(_, line)| matches!(line.first(), Some(b' ' | b'\t'))) {
            whole.extend_from_slice(without_end(more.get(1..).unwrap_or_default()));
        }
        Some((at + 1, String::from_utf8_lossy(&whole).replace('\0', "")))
    })
    .filter_map(|(number, text)| line(number, &text))
}

fn without_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// `NAME;PARAM=value;PARAM="quoted: value":value`; `None` for what has no value.
fn line(number: usize, text: &str) -> Option<Line> {
    let end = text.find([';', ':'])?;
    let mut line =
        Line { number, name: text[..end].trim().to_ascii_uppercase(), params: Vec::new(), value: String::new() };
    let mut rest = &text[end..];
    while let Some(after) = rest.strip_prefix(';') {
        let (param, next) = after.split_at(unquoted(after, &[';', ':'])?);
        let (name, value) = param.split_once('=').unwrap_or((param, ""));
        line.params.push((name.trim().to_ascii_uppercase(), plain(value)));
        rest = next;
    }
    line.value = rest.strip_prefix(':')?.to_owned();
    Some(line)
}

/// Where the first of these letters stands outside of quotes.
fn unquoted(text: &str, wanted: &[char]) -> Option<usize> {
    let mut is_quoted = false;
    text.char_indices().find_map(|(at, letter)| {
        is_quoted ^= letter == '"';
        (!is_quoted && wanted.contains(&letter)).then_some(at)
    })
}

/// A parameter's value without quotes, and with what RFC 6868 writes by a caret.
fn plain(value: &str) -> String {
    let value = value.replace('"', "");
    if !value.contains('^') {
        return value;
    }
    let (mut found, mut letters) = (String::new(), value.chars().peekable());
    while let Some(letter) = letters.next() {
        let meant = match (letter, letters.peek()) {
            ('^', Some('n')) => Some('\n'),
            ('^', Some('\'')) => Some('"'),
            ('^', Some('^')) => Some('^'),
            _ => None,
        };
        if meant.is_some() {
            letters.next();
        }
        found.push(meant.unwrap_or(letter));
    }
    found
}

/// A TEXT value as it is meant.
pub fn unescaped(value: &str) -> String {
    let (mut found, mut letters) = (String::with_capacity(value.len()), value.chars());
    while let Some(letter) = letters.next() {
        match (letter == '\\').then(|| letters.next()).flatten() {
            Some('n' | 'N') => found.push('\n'),
            Some(other) => found.push(other),
            None => found.push(letter),
        }
    }
    found
}

/// A list of TEXT values; a comma with a backslash is a letter.
pub fn texts(value: &str) -> Vec<String> {
    let (mut parts, mut begin, mut is_escaped) = (Vec::new(), 0, false);
    for (at, letter) in value.char_indices() {
        if letter == ',' && !is_escaped {
            parts.push(&value[begin..at]);
            begin = at + 1;
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    parts.push(&value[begin..]);
    parts.into_iter().map(|part| unescaped(part).trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_may_cut_a_letter_in_two() {
        let mut bytes = "SUMMARY:当番の佐".as_bytes().to_vec();
        let cut = bytes.len() - 1;
        bytes.splice(cut..cut, *b"\r\n ");
        bytes.extend_from_slice(b"\r\n\t x\r\nLOCATION:a\n");
        let lines: Vec<Line> = read(&bytes).collect();
        assert_eq!(lines[0].value, "当番の佐 x");
        assert_eq!((lines[1].name.as_str(), lines[1].number, lines.len()), ("LOCATION", 4, 2));
    }

    #[test]
    fn parameters_have_quotes_and_carets() {
        let text = "attendee;CN=\"Sato; Hanako: ops\";x=a^nb^^c^'d;PARTSTAT=ACCEPTED:mailto:sato@example.jp";
        let line = line(1, text).unwrap();
        assert_eq!(line.name, "ATTENDEE");
        assert_eq!(line.param("CN"), Some("Sato; Hanako: ops"));
        assert_eq!(line.param("X"), Some("a\nb^c\"d"));
        assert_eq!(line.value, "mailto:sato@example.jp");
        assert_eq!(super::line(1, "BROKEN;CN=\"never closed:mailto:x"), None);
        assert_eq!(super::line(1, "no value"), None);
    }

    #[test]
    fn escapes_and_lists_are_read_as_they_are_meant() {
        assert_eq!(unescaped(r"a\, b\; c\\ d\n\Ne\"), "a, b; c\\ d\n\ne\\");
        assert_eq!(texts(r"oncall,a\,b, ,c\\,d"), ["oncall", "a,b", "c\\", "d"]);
    }
}
