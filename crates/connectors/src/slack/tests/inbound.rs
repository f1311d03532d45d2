//! What Slack tells us, and whether it was Slack who said so.

use crate::Secret;
use crate::slack::{Block, Button, Command, Entered, Inbound, Message, Pressed, Refused, parse, verify};
use proptest::prelude::*;
use serde_json::{Value, json};

const BLOCK_ACTIONS: &str = include_str!("../fixtures/block_actions.json");
const SELECT: &str = include_str!("../fixtures/select.json");
const SUBMISSION: &str = include_str!("../fixtures/view_submission.json");
const CLOSED: &str = include_str!("../fixtures/view_closed.json");
const EVENT: &str = include_str!("../fixtures/event.json");
const SHORTCUT: &str = include_str!("../fixtures/shortcut.json");
/// Slack's own test vector.
const EXAMPLE: &[u8] = include_bytes!("../fixtures/signing_example.txt");
const EXAMPLE_SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
const EXAMPLE_SIGNATURE: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
const EXAMPLE_S: i64 = 1_531_420_618;

fn form(payload: &str) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", payload).finish().into_bytes()
}

fn pressed(payload: &str) -> Pressed {
    match parse(&form(payload)).unwrap() {
        Inbound::Pressed(pressed) => pressed,
        other => panic!("{other:?}"),
    }
}

fn check(timestamp: &str, signature: &str, body: &[u8], now_s: i64) -> Result<(), Refused> {
    verify(&[EXAMPLE_SECRET], timestamp, signature, body, now_s)
}

#[test]
fn slacks_own_example_and_ours_are_taken() {
    assert_eq!(check("1531420618", EXAMPLE_SIGNATURE, EXAMPLE, EXAMPLE_S), Ok(()));
    let signature = "v0=da2ef08c588ee030aa98aeae4f1508b760e490c542a3820b3ab8582166652e29";
    let body = b"payload=%7B%22type%22%3A%22block_actions%22%7D";
    let secrets = ["another-secret", "0123456789abcdef0123456789abcdef"];
    assert_eq!(
        verify(&secrets, "1700000000", signature, body, 1_700_000_000),
        Ok(()),
        "during a rotation there are two"
    );
}

#[test]
fn five_minutes_are_the_limit_on_either_side() {
    for (away_s, expected) in
        [(0, Ok(())), (300, Ok(())), (301, Err(Refused::NotNow(301))), (86_400, Err(Refused::NotNow(86_400)))]
    {
        for now_s in [EXAMPLE_S + away_s, EXAMPLE_S - away_s] {
            assert_eq!(check("1531420618", EXAMPLE_SIGNATURE, EXAMPLE, now_s), expected, "{away_s}");
        }
    }
    assert_eq!(
        check("1531420618", EXAMPLE_SIGNATURE, EXAMPLE, i64::MIN),
        Err(Refused::NotNow(EXAMPLE_S.unsigned_abs() + (1 << 63)))
    );
}

#[test]
fn what_is_not_signed_by_us_is_refused() {
    let mut touched = EXAMPLE.to_vec();
    touched[10] ^= 1;
    assert_eq!(check("1531420618", EXAMPLE_SIGNATURE, &touched, EXAMPLE_S), Err(Refused::Forged));
    for signature in
        ["", "v0=", "v0=00", &EXAMPLE_SIGNATURE[3..], &format!("{EXAMPLE_SIGNATURE}00"), &"v0=".repeat(10_000)]
    {
        assert_eq!(check("1531420618", signature, EXAMPLE, EXAMPLE_S), Err(Refused::Forged), "{signature}");
    }
    assert_eq!(
        check("1531420619", EXAMPLE_SIGNATURE, EXAMPLE, EXAMPLE_S),
        Err(Refused::Forged),
        "the time is signed as well"
    );
    for timestamp in ["", "soon", "+1531420618", " 1531420618", "1531420618.0", "-1", &"9".repeat(30)] {
        assert_eq!(check(timestamp, EXAMPLE_SIGNATURE, EXAMPLE, EXAMPLE_S), Err(Refused::NoTime), "{timestamp}");
    }
    for secrets in [&[] as &[&str], &[""]] {
        assert_eq!(verify(secrets, "1531420618", EXAMPLE_SIGNATURE, EXAMPLE, EXAMPLE_S), Err(Refused::NoSecret));
    }
    let empty = format!("v0={}", hex::encode(model::signature::hmac_sha256(b"", b"v0:1531420618:x")));
    assert_eq!(
        verify(&["", EXAMPLE_SECRET], "1531420618", &empty, b"x", EXAMPLE_S),
        Err(Refused::Forged),
        "an empty secret signs nothing"
    );
    assert!(Refused::NotNow(301).to_string().contains("301 s"));
}

#[test]
fn a_press_says_who_what_and_where() {
    let expected = Pressed {
        user: "U0HANAKO1".into(),
        user_name: "sato.hanako".into(),
        team: "T0AAA0001".into(),
        app: "A0APP0001".into(),
        action_id: "take".into(),
        block_id: "inc:4711".into(),
        value: Some("4711".into()),
        channel: Some("C0INCIDENT".into()),
        message_ts: Some("1780000005.000200".into()),
        thread_ts: Some("1780000000.000100".into()),
        is_ephemeral: false,
        response_url: Some(Secret::new("https://hooks.slack.com/actions/T0AAA0001/1/made-up")),
        trigger_id: "111.222.made-up".into(),
        key: "press:1780000050.123456:U0HANAKO1:C0INCIDENT:1780000005.000200:take#2".into(),
    };
    assert_eq!(pressed(BLOCK_ACTIONS), expected);
    assert!(!format!("{expected:?}").contains("actions/T0"), "the address is a secret");
}

#[test]
fn a_choice_is_a_press_with_the_chosen_value() {
    let chosen = pressed(SELECT);
    assert_eq!((chosen.action_id.as_str(), chosen.value.as_deref()), ("snooze", Some("1800")));
    assert_eq!((chosen.user_name.as_str(), chosen.team.as_str(), chosen.is_ephemeral), ("ono.riku", "T0AAA0001", true));
    assert_eq!(chosen.thread_ts, None);
}

#[test]
fn a_button_that_only_opened_an_address_is_told_apart() {
    let shown = Message {
        text: "x".into(),
        blocks: vec![Block::Buttons(vec![Button {
            text: "x".into(),
            url: "https://ops.example.jp/".into(),
            style: None,
        }])],
    };
    let given = shown.body()["blocks"][0]["elements"][0]["action_id"].as_str().unwrap().to_owned();
    assert!(pressed(&BLOCK_ACTIONS.replace("take#2", &given)).is_link());
    for action_id in ["take#2", "open-", "open-it", "reopen-1"] {
        assert!(!pressed(&BLOCK_ACTIONS.replace("take#2", action_id)).is_link(), "{action_id}");
    }
}

#[test]
fn the_same_press_has_the_same_key_and_another_has_not() {
    let with = |path: &[&str], value: Value| {
        let mut payload: Value = serde_json::from_str(BLOCK_ACTIONS).unwrap();
        let at = path.iter().fold(&mut payload, |at, name| match name.parse::<usize>() {
            Ok(n) => &mut at[n],
            Err(_) => &mut at[*name],
        });
        *at = value;
        pressed(&payload.to_string()).key
    };
    let key = pressed(BLOCK_ACTIONS).key;
    assert_eq!(with(&["trigger_id"], json!("told again")), key);
    for (path, value) in [
        (&["actions", "0", "action_ts"] as &[&str], "1780000051.000000"),
        (&["actions", "0", "action_id"], "take"),
        (&["user", "id"], "U0RIKU001"),
        (&["container", "message_ts"], "1780000006.000200"),
    ] {
        assert_ne!(with(path, json!(value)), key, "{path:?}");
    }
}

#[test]
fn a_form_brings_what_was_entered() {
    let Inbound::Submitted(sent) = parse(&form(SUBMISSION)).unwrap() else { panic!("no form") };
    assert_eq!(
        (sent.callback_id.as_str(), sent.private_metadata.as_str(), sent.user.as_str()),
        ("note", "inc:4711", "U0HANAKO1")
    );
    let field = |name: &str, value: Option<&str>, action: &str| Entered {
        block_id: name.into(),
        action_id: action.into(),
        value: value.map(str::to_owned),
    };
    assert_eq!(
        sent.entered,
        [field("kind", Some("done"), "kind"), field("more", None, "more"), field("text", Some("ログを消した"), "note")]
    );
    let Inbound::Submitted(again) = parse(&form(&SUBMISSION.replace("111.444", "111.999"))).unwrap() else {
        panic!("no form")
    };
    assert_eq!(again.key, sent.key);
    let Inbound::Submitted(other) = parse(&form(&SUBMISSION.replace("ログ", "一時ファイル"))).unwrap() else {
        panic!("no form")
    };
    assert_ne!(other.key, sent.key, "the same form with other words is another request");
    let Inbound::Closed(closed) = parse(&form(CLOSED)).unwrap() else { panic!("not closed") };
    assert_eq!((closed.callback_id.as_str(), closed.view_id.as_str()), ("note", "V0FORM0001"));
}

const COMMAND: &str = "token=x&team_id=T0AAA0001&team_domain=northwind&channel_id=C0INCIDENT&channel_name=incidents&user_id=U0HANAKO1\
    &user_name=sato.hanako&command=%2Farayashiki&text=+mute+30m%E5%88%86+&api_app_id=A0APP0001&is_enterprise_install=false\
    &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT0AAA0001%2F1%2Fmade-up&trigger_id=1.2.made-up";

#[test]
fn a_command_says_who_and_what_by_webhook_and_by_socket() {
    let expected = Command {
        user: "U0HANAKO1".into(),
        user_name: "sato.hanako".into(),
        team: "T0AAA0001".into(),
        app: "A0APP0001".into(),
        channel: "C0INCIDENT".into(),
        command: "/arayashiki".into(),
        text: "mute 30m分".into(),
        response_url: Some(Secret::new("https://hooks.slack.com/commands/T0AAA0001/1/made-up")),
        trigger_id: "1.2.made-up".into(),
        key: "command:1.2.made-up".into(),
    };
    assert_eq!(parse(COMMAND.as_bytes()).unwrap(), Inbound::Command(expected.clone()));
    let fields: serde_json::Map<String, Value> = url::form_urlencoded::parse(COMMAND.as_bytes())
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    assert_eq!(parse(Value::Object(fields).to_string().as_bytes()).unwrap(), Inbound::Command(expected));
    let Inbound::Command(example) = parse(EXAMPLE).unwrap() else { panic!("no command") };
    assert_eq!((example.command.as_str(), example.text.as_str()), ("/webhook-collect", ""));
}

#[test]
fn events_come_with_their_id_and_as_they_are() {
    let Inbound::Event(event) = parse(EVENT.as_bytes()).unwrap() else { panic!("no event") };
    assert_eq!((event.kind.as_str(), event.key.as_str(), event.at_s), ("message", "event:Ev0MADEUP1", 1_780_000_080));
    assert_eq!(
        (event.user.as_deref(), event.channel.as_deref(), event.text.as_deref()),
        (Some("U0HANAKO1"), Some("C0INCIDENT"), Some("見ています"))
    );
    assert_eq!((event.bot_id.as_deref(), event.raw["channel_type"].as_str()), (None, Some("channel")));
    let renamed = json!({ "type": "event_callback", "event_id": "Ev2", "event": { "type": "channel_rename", "channel": { "id": "C1" } } });
    let Inbound::Event(event) = parse(renamed.to_string().as_bytes()).unwrap() else { panic!("no event") };
    assert_eq!((event.channel.as_deref(), event.at_s), (Some("C1"), 0));
}

#[test]
fn what_slack_asks_for_itself() {
    let challenge = json!({ "token": "x", "challenge": "3eZ", "type": "url_verification" });
    assert_eq!(parse(challenge.to_string().as_bytes()).unwrap(), Inbound::Challenge("3eZ".into()));
    let limited = json!({ "type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1_780_000_020, "api_app_id": "A1" });
    assert_eq!(
        parse(limited.to_string().as_bytes()).unwrap(),
        Inbound::Overflow { team: "T1".into(), minute_s: 1_780_000_020 }
    );
    assert_eq!(parse(b"ssl_check=1&token=x").unwrap(), Inbound::SslCheck);
}

#[test]
fn what_we_have_no_words_for_is_kept() {
    let Inbound::Unknown(unknown) = parse(&form(SHORTCUT)).unwrap() else { panic!("known") };
    assert_eq!(
        (unknown.kind.as_str(), unknown.team.as_deref(), unknown.user.as_deref()),
        ("message_action", Some("T0AAA0001"), Some("U0HANAKO1"))
    );
    assert_eq!(unknown.raw["callback_id"], "ticket");
    let Inbound::Unknown(nameless) = parse(b"{}").unwrap() else { panic!("known") };
    assert_eq!(nameless.kind, "");
}

#[test]
fn what_names_nobody_or_nothing_is_an_error_with_a_place() {
    let press = |change: fn(&mut Value)| {
        let mut payload: Value = serde_json::from_str(BLOCK_ACTIONS).unwrap();
        change(&mut payload);
        parse(&form(&payload.to_string())).unwrap_err()
    };
    assert_eq!(press(|p| p["user"] = Value::Null).place, "user.id");
    assert_eq!(press(|p| p["user"]["id"] = json!(7)).place, "user.id");
    assert_eq!(press(|p| p["actions"] = json!([])).place, "actions");
    assert_eq!(press(|p| p["actions"][0]["action_id"] = json!("")).place, "actions[0].action_id");
    assert!(press(|p| p["actions"] = json!("x")).place.starts_with("actions, line 1"));
    for raw in [
        "",
        "payload=",
        "payload=%7B",
        "payload=null",
        "x=y",
        "command=%2Fx",
        "text=only",
        "[]",
        "null",
        "{",
        "user_id=U1",
    ] {
        assert!(parse(raw.as_bytes()).is_err(), "{raw}");
    }
    for odd in [
        json!({ "type": "url_verification" }),
        json!({ "type": "event_callback", "event": { "type": "x" } }),
        json!({ "type": "event_callback", "event_id": "E", "event": {} }),
        json!({ "type": "view_submission", "user": { "id": "U1" } }),
    ] {
        assert!(parse(odd.to_string().as_bytes()).is_err(), "{odd}");
    }
}

#[test]
fn nul_never_gets_through() {
    let with_nul = BLOCK_ACTIONS.replace("\"value\": \"4711\"", "\"value\": \"a\\u0000b\"");
    assert_eq!(pressed(&with_nul).value.as_deref(), Some("a\u{fffd}b"));
    let Inbound::Command(command) = parse(b"command=%2Fx&user_id=U1&text=a%00b").unwrap() else { panic!("no command") };
    assert_eq!(command.text, "a\u{fffd}b");
    assert!(
        command.key.starts_with("command:") && command.key.len() > 40,
        "without a trigger the body tells them apart"
    );
}

#[test]
fn deep_and_endless_documents_are_errors() {
    for bomb in [
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        "x".repeat(1_000_000),
        "%00".repeat(100_000),
        "&=".repeat(100_000),
    ] {
        assert!(parse(bomb.as_bytes()).is_err());
        assert!(parse(&form(&bomb)).is_err());
    }
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic(raw in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&raw);
        let _ = verify(&[EXAMPLE_SECRET], &String::from_utf8_lossy(&raw), &String::from_utf8_lossy(&raw), &raw, EXAMPLE_S);
    }

    #[test]
    fn a_payload_that_was_touched_never_panics(which in 0_usize..6, at in 0_usize..2_000, byte in prop::sample::select(vec![0, b'"', b'{', b']', b'9', 0xff])) {
        let mut raw = [BLOCK_ACTIONS, SELECT, SUBMISSION, CLOSED, EVENT, SHORTCUT][which].as_bytes().to_vec();
        let at = at % raw.len();
        raw[at] = byte;
        let _ = parse(&raw);
        let _ = parse(&raw[..at]);
    }

}

proptest! {
    // Each case is some two hundred documents.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_json_in_any_field_never_panics(field in "[a-z_]{1,12}", n in any::<i64>()) {
        for value in [Value::Null, json!(n), json!([n]), json!({ "id": n }), json!("x"), json!(true)] {
            for fixture in [BLOCK_ACTIONS, SUBMISSION, EVENT] {
                let mut payload: Value = serde_json::from_str(fixture).unwrap();
                payload[field.as_str()] = value.clone();
                for known in ["user", "team", "actions", "view", "message", "container", "event", "channel", "api_app_id"] {
                    let mut touched = payload.clone();
                    touched[known] = value.clone();
                    let _ = parse(touched.to_string().as_bytes());
                }
            }
        }
    }
}
