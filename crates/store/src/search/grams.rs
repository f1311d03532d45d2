//! Titles and search words folded to one spelling and cut into overlapping pieces, so that a fragment of any script is
//! found by an index. Pure; never knows a database.

use std::collections::BTreeSet;

/// More words than anybody types; the rest is ignored.
const MOST_TERMS: usize = 12;
/// A word may be this long; more of it tells nothing.
const MOST_TERM_CHARS: usize = 200;

/// One word that is looked for. Every word has to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Folded; the title's folded text contains it.
    pub text: String,
    /// Or the incident has this number.
    pub number: Option<i64>,
}

pub use model::text::fold;

/// The words of a search.
pub fn terms(text: &str) -> Vec<Term> {
    let folded = fold(text);
    let mut terms: Vec<Term> = Vec::new();
    for word in folded.split_whitespace().take(MOST_TERMS) {
        let text: String = word.chars().take(MOST_TERM_CHARS).collect();
        let digits = text.strip_prefix('#').unwrap_or(&text);
        let is_number = digits.bytes().all(|b| b.is_ascii_digit());
        let number = if is_number { digits.parse().ok() } else { None };
        let term = Term { text, number };
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms
}

/// All pieces of a folded title: single characters but for plain letters and digits (they are in nearly every title),
/// pairs, and triples of ASCII (its pairs choose too little).
pub fn of_title(folded: &str) -> BTreeSet<&str> {
    let mut pieces = BTreeSet::new();
    for word in folded.split_whitespace() {
        let ends = ends(word);
        for at in 0..ends.len() - 1 {
            pieces.extend((1..=3).filter_map(|len| piece(word, &ends, at, len)));
        }
    }
    pieces
}

/// Pieces that every title with this word has, as few as cover it. None for a single plain letter.
pub fn of_term(word: &str) -> Vec<&str> {
    let ends = ends(word);
    let count = ends.len() - 1;
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < count {
        let longest = (1..=3).rev().find_map(|len| piece(word, &ends, at, len).map(|p| (p, len)));
        let Some((found, len)) = longest else { break };
        // What is left at the end is covered better by a piece that overlaps than by a shorter one.
        let back = (len < 3 && at > 0).then(|| last(word, &ends)).flatten();
        pieces.push(if at + len == count { back.unwrap_or(found) } else { found });
        at += len;
    }
    if at < count {
        pieces.extend(last(word, &ends).filter(|_| at > 0));
    }
    pieces.sort_unstable();
    pieces.dedup();
    pieces
}

/// The longest piece that ends where the word ends.
fn last<'a>(word: &'a str, ends: &[usize]) -> Option<&'a str> {
    let count = ends.len() - 1;
    (1..=3usize.min(count)).rev().find_map(|len| piece(word, ends, count - len, len))
}

/// The piece of so many characters at a place, if such are kept.
fn piece<'a>(word: &'a str, ends: &[usize], at: usize, len: usize) -> Option<&'a str> {
    let piece = word.get(*ends.get(at)?..*ends.get(at + len)?)?;
    let is_kept = match len {
        1 => !piece.bytes().all(|b| b.is_ascii_alphanumeric()),
        2 => true,
        _ => piece.is_ascii(),
    };
    is_kept.then_some(piece)
}

/// Where characters begin, and the end.
fn ends(word: &str) -> Vec<usize> {
    word.char_indices().map(|(at, _)| at).chain([word.len()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_all_widths_and_cases() {
        for (text, folded) in [
            ("ＤＢ サーバー", "db サーバー"),
            ("ｻｰﾊﾞｰ障害", "サーバー障害"),
            ("CPU ①号機", "cpu 1号機"),
            ("ΟΔΟΣ", "οδοσ"),
            ("İstanbul", "i\u{307}stanbul"),
            ("a\0b\tc", "a b c"),
            ("障\0害", "障 害"),
            ("", ""),
        ] {
            assert_eq!(fold(text), folded, "{text:?}");
            assert_eq!(fold(folded), folded, "{text:?} folds to something that folds on");
        }
    }

    #[test]
    fn words_are_split_at_blanks_and_numbers_are_numbers() {
        let found: Vec<(String, Option<i64>)> =
            terms("  ＤＢ　#4711 4711 4711 # 99999999999999999999 ").into_iter().map(|t| (t.text, t.number)).collect();
        let wanted = [("db", None), ("#4711", Some(4711)), ("4711", Some(4711)), ("#", None)];
        assert_eq!(found[..4], wanted.map(|(t, n)| (t.to_owned(), n)));
        assert_eq!(found[4].1, None, "no number is that large");
        assert_eq!(terms(&"a b ".repeat(50)).len(), 2);
    }

    #[test]
    fn a_words_pieces_are_among_those_of_every_title_that_contains_it() {
        let titles = ["db-primary 応答遅延 (503)", "障害", "a", "é~x", "payment-api 🔥🔥 down", "x%_\\'\"y"];
        for title in titles {
            let pieces = of_title(title);
            let chars: Vec<usize> = ends(title);
            for from in 0..chars.len() {
                for to in from + 1..chars.len() {
                    let word = &title[chars[from]..chars[to]];
                    if word.contains(char::is_whitespace) {
                        continue;
                    }
                    for piece in of_term(word) {
                        assert!(pieces.contains(piece), "{piece:?} of {word:?} in {title:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_word_is_covered_by_few_pieces() {
        for (word, pieces) in [
            ("害", vec!["害"]),
            ("障害", vec!["障害"]),
            ("応答遅延", vec!["応答", "遅延"]),
            ("payment", vec!["ent", "men", "pay"]),
            ("db", vec!["db"]),
            ("db障", vec!["b障", "db"]),
            ("a", vec![]),
            ("遅延5", vec!["延5", "遅延"]),
        ] {
            assert_eq!(of_term(word), pieces, "{word}");
        }
    }
}
