//! One form for what is written in several: full-width letters, the two wave dashes, the two minus signs. Only for matching;
//! what is shown stays as it came.

use unicode_normalization::UnicodeNormalization;

/// NFKC, and beyond it what Japanese encodings map in two ways.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.nfkc().map(one).collect()
}

const fn one(c: char) -> char {
    match c {
        '\u{301c}' | '\u{ff5e}' | '\u{223c}' => '~',
        '\u{2212}' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '\u{2014}' | '\u{2015}' => '-',
        '\u{2016}' | '\u{2225}' => '\u{2225}',
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{3010}' | '\u{3014}' => '[',
        '\u{3011}' | '\u{3015}' => ']',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::fold;

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
}
