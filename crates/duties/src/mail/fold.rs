//! One form for what is written in several: full-width letters, the two wave dashes, the two minus signs. Only for matching;
//! what is shown stays as it came, and every place in the folded text leads back to it.

use super::rx::Rx;
use regex::Captures;
use unicode_normalization::UnicodeNormalization;

/// NFKC, and beyond it what Japanese encodings map in two ways.
pub fn fold(text: &str) -> String {
    Folded::new(text).text
}

/// A text, its folded form, and the way back.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    pub shown: String,
    pub text: String,
    /// The folded form with ASCII letters in lower case, as long as it.
    pub lower: String,
    /// Where a run of equal letters, or one letter that was changed, begins. Empty when nothing was changed.
    marks: Vec<Mark>,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    folded: usize,
    shown: usize,
    is_run: bool,
}

impl Folded {
    pub fn new(shown: &str) -> Self {
        let mut out = Self::of(shown);
        out.lower = out.text.to_ascii_lowercase();
        out
    }

    fn of(shown: &str) -> Self {
        if shown.is_ascii() {
            return Self { shown: shown.to_owned(), text: shown.to_owned(), ..Self::default() };
        }
        let mut out = Self { shown: shown.to_owned(), ..Self::default() };
        let mut letters = shown.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            if letter.is_ascii() {
                out.same(at, letter);
                continue;
            }
            let mark = letters.next_if(|(_, next)| is_mark(*next)).map(|(_, next)| next);
            out.changed(at, letter, mark);
        }
        out
    }

    fn same(&mut self, at: usize, letter: char) {
        if self.marks.last().is_none_or(|mark| !mark.is_run) {
            self.marks.push(Mark { folded: self.text.len(), shown: at, is_run: true });
        }
        self.text.push(letter);
    }

    fn changed(&mut self, at: usize, letter: char, mark: Option<char>) {
        self.marks.push(Mark { folded: self.text.len(), shown: at, is_run: false });
        let unit = [Some(letter), mark];
        self.text.extend(unit.into_iter().flatten().map(early).nfkc().map(late));
    }

    /// What was written there.
    pub fn shown(&self, start: usize, end: usize) -> &str {
        if self.marks.is_empty() {
            return self.shown.get(start..end).unwrap_or_default();
        }
        self.shown.get(self.back(start, false)..self.back(end, true)).unwrap_or_default()
    }

    fn back(&self, place: usize, is_end: bool) -> usize {
        let after = self.marks.partition_point(|mark| mark.folded <= place);
        let Some(mark) = after.checked_sub(1).and_then(|at| self.marks.get(at)) else { return 0 };
        let within = place - mark.folded;
        if mark.is_run || (within == 0 && (is_end || place < self.text.len())) {
            return (mark.shown + within).min(self.shown.len());
        }
        match (is_end, self.marks.get(after)) {
            (true, Some(next)) => next.shown,
            (true, None) => self.shown.len(),
            (false, _) => mark.shown,
        }
    }

    pub fn find<'t>(&'t self, rx: &Rx) -> Option<Hit<'t>> {
        Some(Hit { of: self, captures: rx.lower()?.captures(&self.lower)? })
    }

    pub fn is_match(&self, rx: &Rx) -> bool {
        rx.lower().is_some_and(|regex| regex.is_match(&self.lower))
    }
}

/// What a pattern found, as it was written.
pub struct Hit<'t> {
    of: &'t Folded,
    captures: Captures<'t>,
}

impl<'t> Hit<'t> {
    pub const fn new(of: &'t Folded, captures: Captures<'t>) -> Self {
        Self { of, captures }
    }

    /// The named group as it was written, without blanks around it; `None` when it is empty.
    pub fn get(&self, name: &str) -> Option<&'t str> {
        let found = self.captures.name(name)?;
        Some(self.of.shown(found.start(), found.end()).trim()).filter(|text| !text.is_empty())
    }

    /// The named group, folded, in lower case where the pattern is one of ours.
    pub fn folded(&self, name: &str) -> &'t str {
        self.captures.name(name).map_or("", |found| found.as_str().trim())
    }

    /// The first group, or all of it, as it was written.
    pub fn first(&self) -> &'t str {
        let found = self.captures.get(1).or_else(|| self.captures.get(0));
        found.map_or("", |found| self.of.shown(found.start(), found.end()).trim())
    }
}

/// Voiced marks of half-width letters, and marks that join the letter before.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{ff9e}' | '\u{ff9f}' | '\u{3099}' | '\u{309a}' | '\u{300}'..='\u{36f}')
}

const fn early(c: char) -> char {
    match c {
        // NFKC would make two bars of it.
        '\u{2016}' => '\u{2225}',
        c => c,
    }
}

const fn late(c: char) -> char {
    match c {
        '\u{301c}' | '\u{223c}' => '~',
        '\u{2212}' | '\u{2010}'..='\u{2015}' => '-',
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{3010}' | '\u{3014}' => '[',
        '\u{3011}' | '\u{3015}' => ']',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_in_two_ways_becomes_one() {
        for (a, b) in [
            ("ＣＰＵ　９０％：ＯＫ", "CPU 90%:OK"),
            ("10\u{301c}20", "10\u{ff5e}20"),
            ("\u{2212}5", "\u{ff0d}5"),
            ("\u{2016}", "\u{2225}"),
            ("ﾃﾞｨｽｸ", "ディスク"),
            ("【警告】", "[警告]"),
        ] {
            assert_eq!(fold(a), fold(b));
        }
        assert_eq!(fold("－〜‖"), "-~\u{2225}");
    }

    #[test]
    fn what_is_found_is_shown_as_it_was_written() {
        static HOST: Rx = Rx::new(r"host:(?P<host>\S+) (?P<check>\S+)");
        let text = Folded::new("障害 ＨＯＳＴ：ＷＥＢ01 ﾃﾞｨｽｸ①");
        let hit = text.find(&HOST).unwrap();
        assert_eq!((hit.get("host"), hit.get("check")), (Some("ＷＥＢ01"), Some("ﾃﾞｨｽｸ①")));
        assert_eq!((hit.folded("host"), hit.folded("check")), ("web01", "ディスク1"));
    }

    proptest! {
        #[test]
        fn every_place_leads_back(text in "[a-z ｱ-ﾟ①㌔が゛\\PC]{0,20}", a in 0usize..60, b in 0usize..60) {
            let folded = Folded::new(&text);
            prop_assert_eq!(folded.shown(0, folded.text.len()), &text);
            let _ = folded.shown(a.min(b), a.max(b));
        }
    }
}
