//! Output that somebody made to be slow to redact, or to come out otherwise when it is cut otherwise.

use crate::corpus::planted;
use crate::random::Random;
use model::redaction::{Redactor, Rules, WINDOW_BYTES, redact, redact_str};
use proptest::prelude::*;

/// What makes candidates, ends none, and shows what was hidden before it only once that is gone.
const WORDS: &[&str] = &[
    "key=",
    "token=${",
    "password=/etc/",
    "&token=a1b2c3",
    "pass|",
    "password: the ",
    "secret: a b\0",
    "token=\\\"${",
    "passwd='a''",
    "4111 1111 1111 1111 ",
    "1234-",
    "visa ",
    "AAAAAAAA",
    "ACDb",
    "http://a:b@",
    "?sig=x&",
    "Cookie: \"a b c' ",
    "Authorization: ",
    "bearer ",
    "[redacted:",
    "[redacted:token]",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "<password ",
    "</password>",
    "mysql -p",
    "--password ",
    "パスワード：「",
    "AIzaQ1w2E3r4T5y6U7i8O9p0A1s2D3f4G5h6J7k",
    "Hunter2hunter",
    "  ",
    "\"",
    "\\",
    ",",
    "]",
    "\n",
    "\r",
];

fn unit() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(WORDS), 1..6).prop_map(|words| words.concat())
}

/// Some units, each said over and over, up to some windows in all.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let longest = WINDOW_BYTES + WINDOW_BYTES / 4;
    let part = (unit(), 1..longest).prop_map(|(unit, length)| unit.bytes().cycle().take(length).collect::<Vec<u8>>());
    proptest::collection::vec(part, 1..3).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn hostile_output_comes_out_the_same_however_it_is_cut(
        text in text(),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
    ) {
        let rules = Rules::shipped();
        let (whole, found) = redact(&rules, &text);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).chain([0, text.len()]).collect();
        cuts.sort_unstable();
        let mut out = Vec::new();
        let mut redactor = Redactor::new(&rules);
        cuts.windows(2).for_each(|cut| redactor.push(&text[cut[0]..cut[1]], &mut out));
        prop_assert_eq!(redactor.finish(&mut out), found);
        prop_assert!(out == whole);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn hostile_lines_change_no_more_a_second_time(units in proptest::collection::vec(unit(), 1..12)) {
        let rules = Rules::shipped();
        let (once, _) = redact_str(&rules, &units.concat());
        let (twice, found) = redact_str(&rules, &once);
        prop_assert_eq!(twice, once);
        prop_assert_eq!(found.total(), 0);
    }
}

#[test]
fn what_stands_beside_a_whole_key_changes_no_more_a_second_time() {
    let rules = Rules::shipped();
    let key = "-----BEGIN PRIVATE KEY-----\\nTUlJRXBBSUJB\\n-----END PRIVATE KEY-----";
    for planted in planted() {
        let line = planted.text.trim_end_matches('\n').rsplit_once('\n').map_or("", |(lines, _)| lines);
        for text in [format!("{key}{line}"), line.replace('\n', key), line.replace(": ", &format!(": {key}"))] {
            let (once, _) = redact_str(&rules, &text);
            let (twice, found) = redact_str(&rules, &once);
            assert_eq!(twice, once, "{}: {text}", planted.kind);
            assert_eq!(found.total(), 0, "{}: {text}", planted.kind);
        }
    }
}

#[test]
fn the_whole_corpus_changes_no_more_a_second_time() {
    let rules = Rules::shipped();
    // A key that never ends would hide what follows it.
    let lasting = planted().into_iter().filter(|planted| !planted.text.contains("BEGIN"));
    let text: String = lasting.map(|planted| planted.text).collect();
    let (once, _) = redact_str(&rules, &text);
    let (twice, found) = redact_str(&rules, &once);
    assert_eq!(found.total(), 0);
    assert!(twice == once);
}

#[test]
fn tokens_without_a_gap_are_all_hidden() {
    let mut random = Random::new(11);
    let text: String = (0..400).map(|_| random.fill("AIza{hex:35}")).collect();
    let (out, found) = redact_str(&Rules::shipped(), &format!("maps: {text}\nup 3 days"));
    assert!(out.starts_with("maps: [redacted:google-api-key]") && out.ends_with("]\nup 3 days"), "{out}");
    assert!(!out.contains("AIza") && found.total() > 1, "{out}");
}

#[test]
fn a_value_is_hidden_to_its_end_however_long_it_is() {
    let rules = Rules::shipped();
    for length in (1..400).chain([4000, 4096, 4097, 10_000]) {
        let value: String = "aB3dE5gH7jK9mN1pQ4".chars().cycle().take(length + 8).collect();
        for (before, after) in
            [("x token=", ""), ("key=\"", "\""), ("DB_PASSWORD: ", ""), ("a=1&sig=", "&b=2"), ("pw: \\\"", "\\\",")]
        {
            let (out, _) = redact_str(&rules, &format!("{before}{value}{after}"));
            let marked = out.strip_prefix(before).and_then(|out| out.strip_suffix(after)).unwrap_or(&out);
            let is_mark = marked.starts_with("[redacted:") && marked.find(']') == Some(marked.len() - 1);
            assert!(is_mark || length < 12, "{before} {length}: {out}");
        }
    }
}
