//! Streams that are long, binary, cut, or never come to an end.

use crate::random::Random;
use model::redaction::{Redactor, Rules, WINDOW_BYTES, redact, redact_str};
use proptest::prelude::*;

fn in_pieces(rules: &Rules, text: &[u8], size: usize) -> (Vec<u8>, u64) {
    let mut out = Vec::new();
    let mut redactor = Redactor::new(rules);
    text.chunks(size).for_each(|piece| redactor.push(piece, &mut out));
    let found = redactor.finish(&mut out);
    (out, found.total())
}

fn same_in_any_pieces(text: &[u8]) -> Vec<u8> {
    let rules = Rules::shipped();
    let (whole, found) = redact(&rules, text);
    for size in [1, 7, 1000, 4096, WINDOW_BYTES - 1, WINDOW_BYTES, WINDOW_BYTES + 1, 3 * WINDOW_BYTES] {
        let (pieces, total) = in_pieces(&rules, text, size);
        assert!(pieces == whole, "pieces of {size} differ");
        assert_eq!(total, found.total(), "pieces of {size}");
    }
    whole
}

fn count(out: &[u8], what: &str) -> usize {
    memchr::memmem::find_iter(out, what).count()
}

fn key() -> String {
    ["AKIA", "QWERTYUIOPASDFGH"].concat()
}

/// No line ends, and no word: what lies between two secrets in binary output.
fn noise(random: &mut Random, length: usize) -> Vec<u8> {
    let alphabet: Vec<u8> =
        (0u8..=255).filter(|b| !b.is_ascii_alphanumeric() && !b"\0\n\r\"'`=:".contains(b)).collect();
    (0..length).map(|_| alphabet[random.below(alphabet.len())]).collect()
}

#[test]
fn whole_lines_go_out_at_once() {
    let mut out = Vec::new();
    let mut redactor = Redactor::new(&Rules::shipped());
    redactor.push(b"load average: 0.1\nDB_PASSWORD=hun", &mut out);
    assert_eq!(out, b"load average: 0.1\n");
    redactor.push(b"ter2\n", &mut out);
    assert_eq!(out, b"load average: 0.1\nDB_PASSWORD=[redacted:password]\n");
    redactor.push(b"\r 10% done\r", &mut out);
    assert!(out.ends_with(b"\r 10% done\r"), "a bar of progress is shown as it moves");
}

#[test]
fn a_private_key_is_one_mark_from_its_first_line_on() {
    let mut out = Vec::new();
    let mut redactor = Redactor::new(&Rules::shipped());
    redactor.push(b"id_rsa:\n-----BEGIN RSA PRIVATE KEY-----\nTUlJRXBBSUJB\n", &mut out);
    assert_eq!(out, b"id_rsa:\n[redacted:private-key]\n");
    redactor.push(b"QUtDQVFFQQ==\n-----END RSA PRIVATE KEY-----\nuptime\n", &mut out);
    assert_eq!(redactor.finish(&mut out).by_rule["private-key"], 1);
    assert_eq!(out, b"id_rsa:\n[redacted:private-key]\nuptime\n");
}

#[test]
fn a_private_key_that_never_ends_stays_hidden() {
    let mut random = Random::new(5);
    let mut text = String::from("-----BEGIN PRIVATE KEY-----\n");
    for _ in 0..4000 {
        text += &random.fill("{b64:64}\n");
    }
    let out = same_in_any_pieces(text.as_bytes());
    assert_eq!(String::from_utf8_lossy(&out), "[redacted:private-key]\n");
    let one_line = text.replace('\n', "\\n");
    assert_eq!(same_in_any_pieces(one_line.as_bytes()), b"[redacted:private-key]");
}

#[test]
fn a_listing_of_keys_does_not_hide_what_follows() {
    let text = "/etc/a.key:-----BEGIN PRIVATE KEY-----\n/etc/b.key:-----BEGIN RSA PRIVATE KEY-----\n\
                one two three\nfour five six\nseven eight\nnine ten\nload is 0.1\n";
    let (out, found) = redact_str(&Rules::shipped(), text);
    assert_eq!(found.total(), 2);
    assert!(out.starts_with("/etc/a.key:[redacted:private-key]\n/etc/b.key:[redacted:private-key]\n"), "{out}");
    assert!(out.ends_with("load is 0.1\n"), "{out}");
}

#[test]
fn nothing_is_missed_at_the_seams_of_one_endless_line() {
    let mut random = Random::new(7);
    let mut text = Vec::new();
    let planted = 400;
    for n in 0..planted {
        let gap = 300 + random.below(1500);
        text.extend(noise(&mut random, gap));
        text.extend(if n % 2 == 0 { format!(" {} ", key()) } else { " password=Hunter2hunter ".to_owned() }.bytes());
    }
    let out = same_in_any_pieces(&text);
    assert_eq!(count(&out, "[redacted:"), planted);
    assert_eq!(count(&out, "QWERTY") + count(&out, "unter2"), 0);
    let marks = count(&out, "[redacted:aws-access-key]") * "[redacted:aws-access-key]".len()
        + count(&out, "[redacted:password]") * "[redacted:password]".len();
    let hidden = planted / 2 * (key().len() + "Hunter2hunter".len());
    assert_eq!(out.len() - marks, text.len() - hidden, "no other byte is lost");
}

#[test]
fn a_secret_at_every_place_around_a_seam_is_hidden() {
    let rules = Rules::shipped();
    let seam = WINDOW_BYTES - 16 * 1024;
    for at in (seam - 60..seam + 60).chain(WINDOW_BYTES - 60..WINDOW_BYTES + 60) {
        let mut text = vec![b'.'; at];
        text.extend(format!(" token={} ", key()).bytes());
        text.extend(vec![b'.'; WINDOW_BYTES]);
        let (out, found) = redact(&rules, &text);
        assert_eq!((count(&out, "QWERTY"), found.total()), (0, 1), "at {at}");
    }
}

#[test]
fn a_secret_longer_than_a_window_is_hidden_to_its_end() {
    let long = "aB3".repeat(WINDOW_BYTES);
    for (text, expected) in [
        (format!("token={long} rest"), "token=[redacted:token] rest"),
        (format!("{{\"password\":\"{long}\",\"a\":1}}"), "{\"password\":\"[redacted:password]\",\"a\":1}"),
        (format!("password: {long}\nnext"), "password: [redacted:password]\nnext"),
    ] {
        assert_eq!(String::from_utf8_lossy(&same_in_any_pieces(text.as_bytes())), expected);
    }
}

#[test]
fn a_long_value_that_a_window_cuts_behind_a_sign_is_hidden_on() {
    let rules = Rules::shipped();
    for (name, sign) in [("password: Hunter2 ", ' '), ("token=a1", ','), ("token=a1", ')'), ("token=\"a1", '\\')] {
        let long = "aB3".repeat(WINDOW_BYTES / 3 + 1);
        let text = format!("{name}{}{sign}UNTOLD\n", &long[..WINDOW_BYTES - name.len() - 1]);
        let (out, _) = redact(&rules, text.as_bytes());
        assert_eq!(count(&out, "UNTOLD"), 0, "{name:?} {sign:?}");
    }
}

#[test]
fn the_files_of_a_process_are_read_between_their_nul_bytes() {
    let rules = Rules::shipped();
    let (out, _) = redact_str(&rules, "HOME=/srv\0MYSQL_PWD=Hunter 2\0LANG=C\0");
    assert_eq!(out, "HOME=/srv\0MYSQL_PWD=[redacted:password]\0LANG=C\0");
    let (out, _) = redact_str(&rules, "mysql\0-uroot\0-pHunter2\0app\0");
    assert_eq!(out, "mysql\0-uroot\0-p[redacted:mysql-argument]\0app\0");
}

#[test]
fn lines_that_end_as_on_windows_keep_their_ends() {
    let text = "a\r\n-----BEGIN PRIVATE KEY-----\r\nTUlJ\r\n-----END PRIVATE KEY-----\r\npassword=x1y2\r\nb\r\n";
    let out = same_in_any_pieces(text.as_bytes());
    assert_eq!(String::from_utf8_lossy(&out), "a\r\n[redacted:private-key]\r\npassword=[redacted:password]\r\nb\r\n");
}

/// Pieces of output, of which some tell secrets and some only look so.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words = prop_oneof![
        Just("password"),
        Just("token="),
        Just(": "),
        Just("="),
        Just("\n"),
        Just("\r\n"),
        Just("\""),
        Just("'"),
        Just(" "),
        Just("\\"),
        Just("-----BEGIN PRIVATE KEY-----"),
        Just("-----END PRIVATE KEY-----"),
        Just("[redacted:token]"),
        Just("[redacted:"),
        Just("Authorization: Bearer "),
        Just("Hunter2hunter"),
        Just("secret: |\n  "),
        Just("://u:"),
        Just("@h/"),
        Just("4111 1111 1111 1111"),
        Just("\0"),
        Just("--password "),
        Just("&key="),
        Just("priv:\n    00:ab\n"),
        Just("Cookie: a=b1; "),
        Just("name: DB_PASSWORD\n"),
        Just("value: "),
        Just("パスワード："),
    ];
    prop_oneof![
        6 => words.prop_map(|word| word.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..12),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_pieces_give_the_same(text in proptest::collection::vec(piece(), 0..24), cuts in proptest::collection::vec(0usize..400, 0..6)) {
        let text = text.concat();
        let rules = Rules::shipped();
        let whole = redact(&rules, &text);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(text.len())).chain([0, text.len()]).collect();
        cuts.sort_unstable();
        let mut out = Vec::new();
        let mut redactor = Redactor::new(&rules);
        cuts.windows(2).for_each(|cut| redactor.push(&text[cut[0]..cut[1]], &mut out));
        prop_assert_eq!((redactor.finish(&mut out), String::from_utf8_lossy(&out)), (whole.1, String::from_utf8_lossy(&whole.0)));
    }

    #[test]
    fn a_second_time_changes_nothing(text in proptest::collection::vec(piece(), 0..24)) {
        let rules = Rules::shipped();
        let text = text.concat();
        let (once, _) = redact(&rules, &text);
        let (twice, found) = redact(&rules, &once);
        prop_assert_eq!(String::from_utf8_lossy(&twice), String::from_utf8_lossy(&once));
        prop_assert_eq!(found.total(), 0);
    }
}
