//! Posts through an incoming webhook: what goes out, what foreign text can't do, and what Slack's answers mean.

use crate::http::Settings;
use crate::slack::{Block, Button, Incoming, Markup, Message, Style};
use crate::testing::{Server, call, reply};
use crate::{CallError, Kind, Secret};
use model::action::{Fault, Outcome};
use serde_json::{Value, json};

const HOOK: &str = "/services/T0AAA/B0BBB/made-up-secret-0001";

fn incoming(server: &Server) -> Incoming {
    Incoming::new(&Secret::new(format!("{}{HOOK}", server.url)), Settings::default()).unwrap()
}

async fn sent(message: &Message) -> Value {
    let server = Server::always(200, "ok").await;
    incoming(&server).post(&call(), message).await.unwrap();
    server.heard()[0].json()
}

async fn refused(status: u16, body: &'static str) -> CallError {
    let server = Server::always(status, body).await;
    incoming(&server).post(&call(), &Message::text("x")).await.unwrap_err()
}

fn message() -> Message {
    let button = |style| Button { text: "登録する".into(), url: "https://ops.example.jp/mails/1".into(), style };
    Message {
        text: "障害メールに対応するインシデントがありません".into(),
        blocks: vec![
            Block::Header("web01: ディスク使用率".into()),
            Block::Section(
                Markup::text("since ")
                    .and(&Markup::bold("12:30"))
                    .then(&Markup::link("https://ops.example.jp/", "more")),
            ),
            Block::Fields(vec![
                ("Host".into(), Markup::code("web01")),
                ("Cause".into(), Markup::text("a service is disabled")),
            ]),
            Block::Divider,
            Block::Context(vec![Markup::text("Arayashiki")]),
            Block::Buttons(vec![button(Some(Style::Primary)), button(Some(Style::Danger)), button(None)]),
        ],
    }
}

#[tokio::test]
async fn a_message_goes_to_the_secret_address_as_slack_wants_it() {
    let server = Server::always(200, "ok").await;
    incoming(&server).post(&call(), &message()).await.unwrap();
    let heard = &server.heard()[0];
    assert_eq!((heard.method.as_str(), heard.path.as_str()), ("POST", HOOK));
    let plain = |text: &str| json!({ "type": "plain_text", "text": text, "emoji": false });
    let marked = |text: &str| json!({ "type": "mrkdwn", "text": text, "verbatim": true });
    let button = |n: usize| {
        json!({ "type": "button", "text": plain("登録する"), "url": "https://ops.example.jp/mails/1",
            "action_id": format!("open-{n}") })
    };
    let mut buttons = [button(0), button(1), button(2)];
    buttons[0]["style"] = json!("primary");
    buttons[1]["style"] = json!("danger");
    let expected = json!({
        "text": "障害メールに対応するインシデントがありません", "unfurl_links": false, "unfurl_media": false,
        "blocks": [
            { "type": "header", "text": plain("web01: ディスク使用率") },
            { "type": "section", "text": marked("since *12:30*\n<https://ops.example.jp/|more>") },
            { "type": "section", "fields": [marked("*Host*\n`web01`"), marked("*Cause*\na service is disabled")] },
            { "type": "divider" },
            { "type": "context", "elements": [marked("Arayashiki")] },
            { "type": "actions", "elements": buttons },
        ],
    });
    assert_eq!(heard.json(), expected);
}

#[tokio::test]
async fn foreign_text_mentions_nobody_and_makes_no_link() {
    let hostile = "<!channel> <!here|x> <@U0AAA> <#C0AAA> <!subteam^S1> <https://evil.example|click> a & b > c\u{7}";
    let safe = "&lt;!channel&gt; &lt;!here|x&gt; &lt;@U0AAA&gt; &lt;#C0AAA&gt; &lt;!subteam^S1&gt; \
                &lt;https://evil.example|click&gt; a &amp; b &gt; c\u{fffd}";
    let all = Message {
        text: hostile.into(),
        blocks: vec![
            Block::Header(hostile.into()),
            Block::Section(Markup::text(hostile)),
            Block::Fields(vec![(hostile.into(), Markup::code(hostile))]),
            Block::Context(vec![Markup::bold(hostile), Markup::link("https://x.example", hostile)]),
            Block::Context(vec![
                Markup::link("javascript:x", hostile),
                Markup::link("https://x.example/<!channel>|<@U1>", "y"),
            ]),
            Block::Buttons(vec![Button { text: hostile.into(), url: "https://x.example".into(), style: None }]),
        ],
    };
    let body = sent(&all).await;
    assert_eq!(body["text"], safe);
    assert_eq!(body["blocks"][1]["text"]["text"], safe);
    let text = body.to_string();
    for tag in ["<!", "<@", "<#", "<https://evil"] {
        assert!(!text.contains(tag), "{tag} in {text}");
    }
    let links = text.matches('<').count();
    assert_eq!((links, text.matches("<https://x.example/").count()), (2, 2), "{text}");
}

#[tokio::test]
async fn every_limit_of_slack_is_kept() {
    let long = "障".repeat(5_000);
    let markup = Markup::text(&long);
    let many = Message {
        text: long.clone(),
        blocks: std::iter::repeat_n(Block::Section(markup.clone()), 60)
            .chain([Block::Buttons(vec![
                Button { text: long.clone(), url: "https://x.example".into(), style: None };
                3
            ])])
            .collect(),
    };
    let body = sent(&many).await;
    let chars = |value: &Value| value.as_str().unwrap().chars().count();
    let blocks = body["blocks"].as_array().unwrap();
    assert_eq!((chars(&body["text"]), blocks.len()), (3_000, 50));
    assert_eq!(chars(&blocks[0]["text"]["text"]), 3_000);
    assert!(blocks[0]["text"]["text"].as_str().unwrap().ends_with('…'));
    assert_eq!((&blocks[48]["type"], &blocks[48]["elements"][0]["text"]), (&json!("context"), &json!("… 12")));
    assert_eq!((&blocks[49]["type"], chars(&blocks[49]["elements"][2]["text"]["text"])), (&json!("actions"), 75));
    let wide = Message {
        text: "x".into(),
        blocks: vec![
            Block::Header(long.clone()),
            Block::Fields(vec![("label".into(), markup.clone()); 23]),
            Block::Context(vec![markup; 11]),
            Block::Buttons(vec![Button { text: "x".into(), url: "https://x.example".into(), style: None }; 26]),
        ],
    };
    let body = sent(&wide).await;
    assert_eq!(chars(&body["blocks"][0]["text"]["text"]), 150);
    let counts: Vec<(usize, usize)> = body["blocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| (block["fields"].as_array().map_or(0, Vec::len), block["elements"].as_array().map_or(0, Vec::len)))
        .collect();
    assert_eq!(counts, [(0, 0), (10, 0), (10, 0), (3, 0), (0, 10), (0, 1), (0, 25), (0, 1)]);
    assert_eq!(chars(&body["blocks"][1]["fields"][0]["text"]), 2_000);
}

#[test]
fn a_cut_never_leaves_half_an_entity_or_link() {
    let text = Markup::text("a<b").and(&Markup::link("https://x.example/p", "l")).and(&Markup::text("&end"));
    for max in 1..80 {
        let cut = text.cut(max);
        assert!(cut.chars().count() <= max, "{max}: {cut}");
        let whole = cut.matches('<').count() == cut.matches('>').count()
            && cut.matches('&').count() == cut.matches(';').count();
        assert!(whole, "{max}: {cut}");
    }
    assert_eq!(text.cut(80), "a&lt;b<https://x.example/p|l>&amp;end");
}

#[tokio::test]
async fn what_is_empty_or_opens_nothing_is_left_out() {
    let blocks = vec![
        Block::Header(" ".into()),
        Block::Section(Markup::text("\n")),
        Block::Fields(vec![(" ".into(), Markup::text("x"))]),
        Block::Context(vec![Markup::default()]),
        Block::Buttons(vec![Button { text: "x".into(), url: "javascript:alert(1)".into(), style: None }]),
    ];
    let body = sent(&Message { text: "x".into(), blocks }).await;
    let alone = json!([{ "type": "section", "text": { "type": "mrkdwn", "text": "x", "verbatim": true } }]);
    assert_eq!(body["blocks"], alone, "the text alone, of which Slack makes no links");
    let server = Server::always(200, "ok").await;
    let error = incoming(&server).post(&call(), &Message::text(" ")).await.unwrap_err();
    assert_eq!(error.kind, Kind::BadRequest);
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn each_refusal_of_slack_says_what_to_do_and_is_final() {
    for (status, word, kind, advice) in [
        (403, "invalid_token", Kind::Auth, "make a new incoming webhook"),
        (404, "no_service", Kind::Auth, "make a new incoming webhook"),
        (404, "no_team", Kind::Auth, "make a new incoming webhook"),
        (410, "channel_is_archived", Kind::NotFound, "is archived"),
        (404, "channel_not_found", Kind::NotFound, "is gone"),
        (403, "action_prohibited", Kind::Forbidden, "administrator"),
        (400, "invalid_blocks", Kind::BadRequest, "will not work"),
        (400, "some_word_of_tomorrow", Kind::BadRequest, "some_word_of_tomorrow"),
    ] {
        let error = refused(status, word).await;
        assert_eq!((error.kind, error.status), (kind, Some(status)), "{word}");
        assert!(error.text.contains(advice) && error.text.contains(word), "{}", error.text);
        assert!(matches!(error.to_outcome(call().now, 0), Outcome::Never { .. }), "{word}");
    }
}

#[tokio::test]
async fn their_trouble_may_have_posted_it_and_a_limit_has_not() {
    let error = refused(500, "rollup_error").await;
    assert_eq!(error.kind, Kind::Server);
    assert!(matches!(error.to_outcome(call().now, 0), Outcome::Unknown { .. }));
    let limited = Server::start(|_| {
        let mut answer = reply(429, "ratelimited");
        answer.headers_mut().insert("retry-after", http::HeaderValue::from_static("7"));
        answer
    })
    .await;
    let slack = incoming(&limited);
    for _ in 0..2 {
        let error = slack.post(&call(), &Message::text("x")).await.unwrap_err();
        assert!(matches!(error.to_outcome(call().now, 0), Outcome::Later { fault: Fault::Limit, .. }));
    }
    assert_eq!(limited.heard().len(), 1, "while it lasts nothing more goes out");
}

#[tokio::test]
async fn only_ok_means_that_it_was_posted() {
    for body in ["", "<html>", "OK?", "{\"ok\":true}"] {
        let error = refused(200, body).await;
        assert_eq!(error.kind, Kind::Unreadable, "{body}");
        assert!(matches!(error.to_outcome(call().now, 0), Outcome::Unknown { .. }));
    }
    let page = refused(403, "<html>made-up-secret-0001").await;
    assert_eq!(page.kind, Kind::InTheWay);
    assert!(!page.text.contains("made-up-secret"));
}

#[test]
fn a_wrong_address_is_told_without_being_shown() {
    let error =
        Incoming::new(&Secret::new("hooks.slack.com/services/made-up-secret"), Settings::default()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("made-up-secret"));
}
