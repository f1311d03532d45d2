//! Words of a line as a shell parts them: quotes, backslashes, and `#` for what is no word. Nothing is expanded.

/// The words; `None` where a quote never ends.
pub fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => words.extend(word.take()),
            '#' if word.is_none() => break,
            '\'' => quoted(&mut letters, word.get_or_insert_default(), '\'')?,
            '"' => quoted(&mut letters, word.get_or_insert_default(), '"')?,
            '\\' => word.get_or_insert_default().push(letters.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

fn quoted(letters: &mut impl Iterator<Item = char>, word: &mut String, end: char) -> Option<()> {
    loop {
        match letters.next()? {
            c if c == end => return Some(()),
            '\\' if end == '"' => match letters.next()? {
                c @ ('"' | '\\' | '$' | '`') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_parted_as_a_shell_does() {
        let words = |line: &str| split(line).map(|words| words.join("|"));
        assert_eq!(words("a  b='c d' \"e f\"g # h").as_deref(), Some("a|b=c d|e fg"));
        assert_eq!(
            words(r#"x="-o ProxyCommand=\"ssh -W %h:%p gw\"" y=a#b"#).as_deref(),
            Some("x=-o ProxyCommand=\"ssh -W %h:%p gw\"|y=a#b")
        );
        assert_eq!(words("a ''").map(|text| text.len()), Some(2), "an empty word is a word");
        assert_eq!((words("a 'b"), words("a \\"), words(" # a").as_deref()), (None, None, Some("")));
    }
}
