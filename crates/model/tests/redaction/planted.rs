//! What was planted is gone, whole or in pieces.

use crate::corpus::{kinds, planted};
use model::redaction::{Redactor, Rules, redact};

#[test]
fn no_planted_secret_comes_out() {
    let rules = Rules::shipped();
    let all = planted();
    let told: Vec<String> = all
        .iter()
        .filter_map(|planted| {
            let (out, found) = redact(&rules, planted.text.as_bytes());
            let missed = planted.is_told_by(&out) || found.total() == 0;
            missed.then(|| format!("{}: {}", planted.kind, String::from_utf8_lossy(&out)))
        })
        .collect();
    eprintln!("{} planted of {} kinds, {} missed", all.len(), kinds(&all), told.len());
    assert!(all.len() >= 900 && kinds(&all) >= 110, "{} of {} kinds", all.len(), kinds(&all));
    assert!(told.is_empty(), "{}", told.join("\n---\n"));
}

#[test]
fn what_stands_around_a_secret_stays() {
    let rules = Rules::shipped();
    for planted in planted() {
        let (out, _) = redact(&rules, planted.text.as_bytes());
        let out = String::from_utf8_lossy(&out);
        let first = planted.text.lines().next().unwrap();
        let last = planted.text.lines().last().unwrap();
        let is_open = planted.text.contains("BEGIN") && !planted.text.contains("END ");
        assert!(out.starts_with(first) && (is_open || out.trim_end().ends_with(last)), "{}: {out}", planted.kind);
    }
}

#[test]
fn a_secret_in_two_pieces_at_any_place_is_as_one_in_one_piece() {
    let rules = Rules::shipped();
    for planted in planted() {
        let text = planted.text.as_bytes();
        let whole = redact(&rules, text);
        for at in 1..text.len() {
            let mut out = Vec::new();
            let mut redactor = Redactor::new(&rules);
            redactor.push(&text[..at], &mut out);

            redactor.push(&text[at..], &mut out);
            let found = redactor.finish(&mut out);
            assert_eq!(
                (String::from_utf8_lossy(&out), found),
                (String::from_utf8_lossy(&whole.0), whole.1.clone()),
                "{} at {at}",
                planted.kind
            );
        }
    }
}

#[test]
fn a_secret_that_comes_byte_by_byte_is_as_one_in_one_piece() {
    let rules = Rules::shipped();
    for planted in planted() {
        let mut out = Vec::new();
        let mut redactor = Redactor::new(&rules);
        planted.text.as_bytes().iter().for_each(|byte| redactor.push(&[*byte], &mut out));
        assert_eq!(
            (redactor.finish(&mut out), out.clone()).0,
            redact(&rules, planted.text.as_bytes()).1,
            "{}",
            planted.kind
        );
    }
}

#[test]
fn redacting_twice_changes_nothing_more() {
    let rules = Rules::shipped();
    for planted in planted() {
        let (once, _) = redact(&rules, planted.text.as_bytes());
        let (twice, found) = redact(&rules, &once);
        assert_eq!(String::from_utf8_lossy(&twice), String::from_utf8_lossy(&once), "{}", planted.kind);
        assert_eq!(found.total(), 0, "{}", planted.kind);
    }
}
