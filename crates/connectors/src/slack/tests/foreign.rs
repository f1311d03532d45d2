//! Whatever stands in a title: it mentions nobody, links nowhere, hides nothing and formats nothing. Checked by reading the message as
//! Slack does.

use crate::slack::{Block, Button, Choice, Element, Markup, Message, Press, Select, UserId};
use model::Micros;
use proptest::prelude::*;
use serde_json::Value;

const HOSTILE: &[&str] = &[
    "<!channel>",
    "<!here|x>",
    "<@U0AAA0001>",
    "<#C0AAA0001>",
    "<!subteam^S1>",
    "<https://evil.example|click>",
    "https://evil.example/",
    "@channel",
    "@here",
    "*",
    "_",
    "~",
    "`",
    "```",
    ">",
    "&",
    "&lt;!channel&gt;",
    "|",
    "^",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\u{202e}",
    "\u{2066}",
    "\u{200f}",
    "\u{200b}",
    "\u{feff}",
    "\u{2028}",
    "\u{0}",
    "\u{7}",
    "\u{1b}[31m",
    "障害",
    "db_01",
    "a",
    "👩‍💻",
    "<",
    "!",
];

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![4 => prop::sample::select(HOSTILE).prop_map(str::to_owned), 1 => ".{0,6}"];
    let short = prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    prop_oneof![6 => short.clone(), 1 => short.prop_map(|text| text.repeat(5_000 / text.len().max(1) + 1))]
}

/// The foreign text in every place that takes one.
fn everywhere(t: &str) -> Message {
    let link = Button { text: t.into(), url: "https://ops.example.jp/".into(), style: None };
    let select =
        Select { action_id: "s".into(), placeholder: t.into(), options: vec![Choice::new(t, "v")], confirm: None };
    let both =
        Markup::bold(t).and(&Markup::text(" ")).and(&Markup::text(t)).then(&Markup::code(t)).then(&Markup::text(t));
    Message {
        text: format!("x{t}"),
        blocks: vec![
            Block::Header(t.into()),
            Block::Section(Markup::text(t)),
            Block::Section(both),
            Block::Fields(vec![(t.into(), Markup::text(t))]),
            Block::Context(vec![
                Markup::link("https://ops.example.jp/x", t),
                Markup::link(t, t),
                Markup::time(Micros(1), t),
            ]),
            Block::Buttons(vec![link.clone()]),
            Block::Actions {
                block_id: "b".into(),
                elements: vec![Element::Press(Press::new(t, "p", "v")), Element::Open(link), Element::Select(select)],
            },
        ],
    }
}

/// All texts that Slack would show.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) if fields.get("text").is_some_and(Value::is_string) => found.push(value),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        Value::Array(items) => items.iter().for_each(|value| texts(value, found)),
        _ => {}
    }
}

/// Reads tags and entities as Slack does; what is neither is text. Panics at what must not be there.
fn read(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['<', '>', '&']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(inside) = rest.strip_prefix('<') {
            let (tag, after) = inside.split_once('>').expect("an open tag");
            let ours =
                tag.starts_with("https://ops.example.jp/") || tag.starts_with("!date^0^{date_short_pretty} {time}|");
            let foreign_link = !tag.starts_with(['!', '@', '#']);
            assert!(ours || foreign_link && url::Url::parse(tag.split('|').next().unwrap()).is_ok(), "{tag}");
            assert_eq!(tag.matches('|').count(), 1, "{tag}");
            assert!(!tag.contains('<'), "{tag}");
            rest = after;
            continue;
        }
        let entity = ["&amp;", "&lt;", "&gt;"].into_iter().find(|entity| rest.starts_with(entity));
        let entity = entity.unwrap_or_else(|| panic!("a bare {} in {text}", &rest[..1]));
        plain.push(match entity {
            "&amp;" => '&',
            "&lt;" => '<',
            _ => '>',
        });
        rest = &rest[entity.len()..];
    }
    plain + rest
}

fn hides(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{2028}')
}

/// A format's character counts only beside something that is no letter or digit.
fn formats(plain: &str) -> Vec<char> {
    let letters: Vec<char> = plain.chars().collect();
    let is_word = |at: usize| letters.get(at).is_some_and(|c| c.is_alphanumeric());
    let inside = |at: usize| at > 0 && is_word(at - 1) && is_word(at + 1);
    letters
        .iter()
        .enumerate()
        .filter(|(at, c)| matches!(c, '*' | '_' | '~' | '`') && !inside(*at))
        .map(|(_, c)| *c)
        .collect()
}

fn check(t: &str) {
    let body = everywhere(t).body();
    let mut found = Vec::new();
    texts(&body["blocks"], &mut found);
    assert!(!found.is_empty());
    for object in found {
        let text = object["text"].as_str().unwrap();
        assert!(!text.trim().is_empty(), "an empty text is refused: {object}");
        assert!(!text.chars().any(hides), "{text:?}");
        let plain = read(text);
        if object["type"] == "mrkdwn" {
            assert_eq!(object["verbatim"], true);
            assert!(text.chars().count() <= 3_000);
        } else {
            assert!(!text.contains('<'), "{text}");
            assert!(plain.chars().count() <= 150);
        }
    }
    assert!(!body["text"].as_str().unwrap().contains(['<', '>']));
    assert!(!Markup::text(t).cut(3_000).chars().any(|c| c == '`'));
    assert_eq!(formats(&read(&Markup::text(t).cut(6_000))), [] as [char; 0], "{t:?}");
    let bold = Markup::bold(t).cut(3_000);
    let ends = bold.trim_end_matches('…');
    assert!(
        bold.is_empty() || (ends.len() > 1 && ends.starts_with('*') && ends.ends_with('*') && !bold.contains('\n')),
        "{bold}"
    );
    let code = Markup::code(t).cut(3_000);
    assert!(code.is_empty() || code.matches('`').count() == 2, "{code}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn foreign_text_stays_text(t in hostile()) {
        check(&t);
    }

    #[test]
    fn a_cut_keeps_to_its_length_and_leaves_nothing_open(t in hostile(), max in 0_usize..120) {
        let all = Markup::bold(&t).and(&Markup::link("https://ops.example.jp/", &t)).then(&Markup::code(&t)).and(&Markup::text(&t));
        let cut = all.cut(max);
        prop_assert!(cut.chars().count() <= max.max(1));
        prop_assert_eq!(cut.matches('`').count() % 2, 0);
        read(&cut);
    }
}

#[test]
fn each_piece_alone_stays_text() {
    for piece in HOSTILE {
        check(piece);
        check(&format!("{piece}x{piece}"));
        check(&piece.repeat(1_000));
    }
}

#[test]
fn text_that_is_harmless_stays_as_it_is() {
    for text in ["ディスク使用率 90% 超過", "db_01.example.jp", "CPU load a*b", "5 ~ 6"] {
        let shown = Markup::text(text).cut(3_000);
        assert_eq!(shown.replace('∼', "~"), text);
    }
    assert_eq!(Markup::text("a\r\nb").cut(9), "a\nb");
    assert_eq!(Markup::text("> 引用\nx > y").cut(20), "› 引用\nx &gt; y");
    assert_eq!(Markup::text("*急* _x_ `rm`").cut(40), "∗急∗ ˍxˍ ˋrmˋ");
    assert_eq!(Markup::bold("*急* a*b").cut(40), "*∗急∗ a∗b*", "nothing that was written is lost");
}

#[test]
fn only_a_person_by_id_is_mentioned() {
    let hanako = UserId::parse("U0HANAKO1").unwrap();
    assert_eq!(Markup::person(&hanako).and(&Markup::text(" さん")).cut(99), "<@U0HANAKO1> さん");
    assert_eq!(UserId::parse("W0RIKU001").unwrap().as_str(), "W0RIKU001");
    let long = format!("U{}", "A".repeat(40));
    for odd in
        ["", "U", "u0hanako1", "C0INCIDENT", "U0HANAKO1>", "U0HANAKO1|x", "!channel", "U0 1", "Uあ", long.as_str()]
    {
        assert_eq!(UserId::parse(odd), None, "{odd}");
    }
    assert_eq!(Markup::person(&hanako).cut(5), "…", "half a mention is none");
}

#[test]
fn an_instant_is_shown_in_each_readers_zone() {
    let at = Micros::from_seconds(1_780_000_000);
    assert_eq!(
        Markup::time(at, "5/28 <b>|^ 12:00").cut(99),
        "<!date^1780000000^{date_short_pretty} {time}|5/28 &lt;b&gt;// 12:00>"
    );
    assert_eq!(
        Markup::time(at, "\u{200b}").cut(99),
        "<!date^1780000000^{date_short_pretty} {time}|2026-05-28T20:26:40Z>"
    );
}
