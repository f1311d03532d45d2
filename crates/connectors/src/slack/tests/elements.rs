//! Buttons, selects, menus, pictures and fields, inside Slack's limits.

use crate::slack::{
    Block, Button, Choice, Confirm, Element, Field, Image, ImageSource, Input, Markup, Message, Modal, Overflow, Press,
    Select, Style,
};
use serde_json::{Value, json};

fn blocks(blocks: Vec<Block>) -> Vec<Value> {
    Message { text: "x".into(), blocks }.body()["blocks"].as_array().unwrap().clone()
}

fn row(elements: Vec<Element>) -> Value {
    blocks(vec![Block::Actions { block_id: "inc:4711".into(), elements }]).remove(0)
}

fn press(action_id: &str, value: &str) -> Element {
    Element::Press(Press::new("引き受ける", action_id, value))
}

fn plain(text: &str) -> Value {
    json!({ "type": "plain_text", "text": text, "emoji": false })
}

fn chars(value: &Value) -> usize {
    value.as_str().unwrap().chars().count()
}

#[test]
fn a_row_of_what_people_act_with() {
    let confirm = Confirm {
        title: "解決".into(), text: "閉じますか".into(), yes: "はい".into(), no: "いいえ".into()
    };
    let asked = Press::new("解決", "resolve", "4711").styled(Style::Danger).confirmed(confirm.clone());
    let options = vec![Choice::new("30 分", "1800"), Choice::new("1 時間", "3600")];
    let select =
        Select {
            action_id: "snooze".into(), placeholder: "スヌーズ".into(), options: options.clone(), confirm: None
        };
    let menu = Overflow { action_id: "more".into(), options, confirm: None };
    let link = Button { text: "開く".into(), url: "https://ops.example.jp/".into(), style: None };
    let row = row(vec![
        press("ack", "4711"),
        Element::Press(asked),
        Element::Select(select),
        Element::Overflow(menu),
        Element::Open(link),
    ]);
    let dialogue = json!({ "title": plain("解決"), "text": plain("閉じますか"), "confirm": plain("はい"), "deny": plain("いいえ") });
    let options = json!([{ "text": plain("30 分"), "value": "1800" }, { "text": plain("1 時間"), "value": "3600" }]);
    let expected = json!({ "type": "actions", "block_id": "inc:4711", "elements": [
        { "type": "button", "action_id": "ack", "text": plain("引き受ける"), "value": "4711" },
        { "type": "button", "action_id": "resolve", "text": plain("解決"), "value": "4711", "style": "danger", "confirm": dialogue },
        { "type": "static_select", "action_id": "snooze", "placeholder": plain("スヌーズ"), "options": options },
        { "type": "overflow", "action_id": "more", "options": options },
        { "type": "button", "action_id": "open-0", "text": plain("開く"), "url": "https://ops.example.jp/" },
    ] });
    assert_eq!(row, expected);
}

#[test]
fn ids_differ_where_slack_wants_it_and_come_back_as_given() {
    let many = vec![press("take", "a"), press("take", "b"), press("ack", "c"), press("take", "d")];
    let twice = Block::Actions { block_id: "inc:1".into(), elements: many };
    let shown = blocks(vec![twice.clone(), twice]);
    let ids = |block: &Value| -> Vec<String> {
        block["elements"].as_array().unwrap().iter().map(|e| e["action_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(shown.iter().map(|block| block["block_id"].as_str().unwrap()).collect::<Vec<_>>(), ["inc:1", "inc:1#2"]);
    assert_eq!(ids(&shown[0]), ["take", "take#2", "ack", "take#3"]);
    assert_eq!(ids(&shown[1]), ids(&shown[0]), "they need to differ in their block only");
}

#[test]
fn a_row_that_is_too_long_goes_on_in_another() {
    let shown = blocks(vec![Block::Actions {
        block_id: "b".into(),
        elements: (0..60).map(|n| press(&format!("a{n}"), "v")).collect(),
    }]);
    let rows: Vec<(&str, usize)> = shown
        .iter()
        .map(|block| (block["block_id"].as_str().unwrap(), block["elements"].as_array().unwrap().len()))
        .collect();
    assert_eq!(rows, [("b", 25), ("b#2", 25), ("b#3", 10)]);
}

#[test]
fn texts_are_cut_and_what_would_come_back_as_another_is_left_out() {
    let long = "障".repeat(5_000);
    let confirm = Confirm { title: long.clone(), text: long.clone(), yes: long.clone(), no: long.clone() };
    let choices: Vec<Choice> = (0..150).map(|n| Choice::new(long.clone(), format!("v{n}"))).collect();
    let select = Select {
        action_id: "s".into(),
        placeholder: long.clone(),
        options: choices.clone(),
        confirm: Some(confirm.clone()),
    };
    let menu = Overflow { action_id: "o".into(), options: choices, confirm: None };
    let button = Press { text: long.clone(), ..Press::new("", "p", "v".repeat(2_000)).confirmed(confirm) };
    let row = row(vec![Element::Press(button), Element::Select(select), Element::Overflow(menu)]);
    let [button, select, menu] = row["elements"].as_array().unwrap().as_slice() else { panic!("{row}") };
    let dialogue = ["title", "text", "confirm", "deny"].map(|name| chars(&button["confirm"][name]["text"]));
    assert_eq!((chars(&button["text"]["text"]), chars(&button["value"]), dialogue), (75, 2_000, [100, 300, 30, 30]));
    assert_eq!((chars(&select["placeholder"]["text"]), chars(&select["options"][0]["text"]["text"])), (150, 75));
    let count = |element: &Value| element["options"].as_array().unwrap().len();
    assert_eq!((count(select), count(menu)), (100, 5));
    let nothing = Select {
        action_id: "s".into(),
        placeholder: "x".into(),
        options: vec![Choice::new("x", "v".repeat(76))],
        confirm: None,
    };
    let left_out = vec![
        press("", "v"),
        press(&"a".repeat(256), "v"),
        press("a", &"v".repeat(2_001)),
        press("a\u{0}b", "v"),
        Element::Press(Press::new(" ", "a", "v")),
        Element::Select(nothing),
        Element::Overflow(Overflow { action_id: "o".into(), options: Vec::new(), confirm: None }),
    ];
    let shown = blocks(vec![Block::Actions { block_id: "b".into(), elements: left_out }, Block::Divider]);
    assert_eq!(shown, [json!({ "type": "divider" })]);
}

#[test]
fn a_question_that_lacks_a_text_is_not_asked() {
    let confirm = Confirm { title: "x".into(), text: "\u{200b}".into(), yes: "x".into(), no: "x".into() };
    let row = row(vec![Element::Press(Press::new("x", "a", "v").confirmed(confirm))]);
    assert!(row["elements"][0].get("confirm").is_none(), "{row}");
}

#[test]
fn pictures_are_files_of_slack_or_public_addresses() {
    let image =
        |source: ImageSource, alt: &str| Block::Image(Image { source, alt: alt.into(), title: Some("負荷".into()) });
    let shown = blocks(vec![
        image(ImageSource::File("F0PICTURE1".into()), "web01"),
        image(ImageSource::Url("https://ops.example.jp/a.png".into()), " "),
        image(ImageSource::File("../etc".into()), "x"),
        image(ImageSource::Url("javascript:x".into()), "x"),
    ]);
    let file =
        json!({ "type": "image", "slack_file": { "id": "F0PICTURE1" }, "alt_text": "web01", "title": plain("負荷") });
    let url = json!({ "type": "image", "image_url": "https://ops.example.jp/a.png", "alt_text": "…", "title": plain("負荷") });
    assert_eq!(shown, [file, url]);
}

fn input(field: Field) -> Block {
    Block::Input(Input {
        block_id: "b".into(),
        action_id: "a".into(),
        label: "x".repeat(3_000),
        hint: Some("ヒント".into()),
        is_optional: true,
        field,
    })
}

#[test]
fn fields_of_a_form_keep_to_their_limits() {
    let long = "障".repeat(5_000);
    let text = Field::Text { placeholder: long.clone(), initial: long, is_multiline: false, max_chars: 9_999 };
    let options: Vec<Choice> = (0..120).map(|n| Choice::new(format!("{n}"), format!("{n}"))).collect();
    let select = |initial: &str| Field::Select {
        placeholder: "選ぶ".into(),
        options: options.clone(),
        initial: Some(initial.into()),
    };
    let shown = blocks(vec![input(text), input(select("7")), input(select("110"))]);
    let [text, select, lost] = shown.as_slice() else { panic!("{shown:?}") };
    let element = &text["element"];
    assert_eq!(
        (chars(&text["label"]["text"]), &text["hint"]["text"], &text["optional"]),
        (2_000, &json!("ヒント"), &json!(true))
    );
    assert_eq!(
        (&element["max_length"], chars(&element["initial_value"]), chars(&element["placeholder"]["text"])),
        (&json!(3_000), 3_000, 150)
    );
    assert_eq!(select["element"]["options"].as_array().unwrap().len(), 100);
    assert_eq!(select["element"]["initial_option"]["value"], "7");
    assert!(lost["element"].get("initial_option").is_none(), "it is none of the first hundred");
    assert_eq!(
        ["b", "b#2", "b#3"].map(Value::from),
        [&shown[0], &shown[1], &shown[2]].map(|block| block["block_id"].clone())
    );
}

#[test]
fn a_form_has_a_hundred_blocks_at_most() {
    let modal = Modal {
        callback_id: "c".into(),
        title: "x".repeat(30),
        submit: "y".repeat(30),
        blocks: vec![Block::Section(Markup::text("x")); 130],
        ..Modal::default()
    };
    let view = modal.wire().unwrap();
    assert_eq!(
        (view["blocks"].as_array().unwrap().len(), chars(&view["title"]["text"]), chars(&view["submit"]["text"])),
        (100, 24, 24)
    );
    assert!(view.get("close").is_none());
}
