//! The form of signed checkpoints: what is written is read, and nothing else is.

use super::super::Hash;
use super::super::checkpoint::*;
use crate::Micros;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use proptest::prelude::*;

pub fn checkpoint() -> Checkpoint {
    let (root, head) = (Hash::of(b"root"), Hash::of(b"head"));
    Checkpoint { origin: "example/record".into(), size: 7, root, head, at: Micros(1_790_000_000_123_000) }
}

#[test]
fn it_is_written_in_the_common_form() {
    let key = VerifierKey { name: "example/record".into(), public: [7; 32] };
    let note = Note::new(checkpoint(), &key, [9; 64]);
    let text = note.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines[1]), ("example/record", "7"));
    assert_eq!(BASE64.decode(lines[2]).unwrap(), Hash::of(b"root").0);
    assert_eq!(lines[3], format!("chain {}", Hash::of(b"head")));
    assert_eq!((lines[4], lines[5]), ("time 2026-09-21T14:13:20.123Z", ""));
    assert!(lines[6].starts_with("\u{2014} example/record ") && lines.len() == 7 && text.ends_with('\n'), "{text}");
    assert_eq!(Note::parse(&text), Some(note.clone()));
    let quoted = format!("Somebody wrote:\r\n> {}\r\nbye", text.replace("\n\n", "\n").replace('\n', "\r\n>  "));
    assert_eq!(Note::find(&quoted), Some(note));
    assert_eq!(
        (Note::parse(&quoted), Note::parse(&format!("{text} ")), Note::parse(text.trim_end())),
        (None, None, None)
    );
}

#[test]
fn keys_are_handed_round_in_the_common_form() {
    // The example of the form's own description.
    let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key = VerifierKey::parse(text).unwrap();
    assert_eq!((key.name.as_str(), hex::encode(key.id())), ("PeterNeumann", "c74f20a3".to_owned()));
    assert_eq!(key.text(), text);
    assert_eq!(VerifierKey::parse(&text.replace("c74", "c75")), None);
    assert_eq!(VerifierKey::parse("a+b"), None);
}

#[test]
fn whose_signature_it_is_is_told_apart() {
    let key = VerifierKey { name: "example/record".into(), public: [7; 32] };
    let note = Note::new(checkpoint(), &key, [9; 64]);
    let keys = [key];
    assert_eq!(signed(&note, &keys, |_, _, _| true), Signed::Ours);
    assert_eq!(signed(&note, &keys, |_, _, _| false), Signed::Broken);
    assert_eq!(signed(&note, &[], |_, _, _| true), Signed::Unknown);
}

proptest! {
    #[test]
    fn nothing_breaks_the_reader(text in ".{0,200}", lines in proptest::collection::vec("[ -~]{0,50}", 0..9)) {
        let _ = (Note::parse(&text), Checkpoint::parse(&text), VerifierKey::parse(&text));
        let _ = (Note::parse(&lines.join("\n")), Note::find(&lines.join("\n")));
    }
}
