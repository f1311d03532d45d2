//! What is said of Slack: how it stands, in one sentence with its remedy, and a word of ours for everything that Slack brings.

use crate::sample;
use model::person::Role;
use web::Language;
use web::view::{Frame, Section, SlackView};

fn frame(language: Language) -> Frame {
    sample::frame(language, Section::Settings, "/connections")
}

#[test]
fn each_way_that_slack_is_set_has_its_answer() {
    let f = &frame(Language::En);
    let (good, bad) = (sample::slack(true), sample::slack_bad());
    let deaf = web::Slack { http: false, socket: false, ..good.settings };
    let unlucky = SlackView { breaker: None, ..bad.clone() };
    let short = SlackView { troubles: vec![bad.troubles[1].clone()], ..unlucky.clone() };
    for (view, state, start) in [
        (SlackView::default(), "unknown", "Slack is not set"),
        (sample::slack(false), "resolved", "Reduced mode"),
        (
            SlackView { settings: deaf, ..good.clone() },
            "resolved",
            "Messages follow what they are about. They have no buttons",
        ),
        (
            SlackView { socket: None, ..good.clone() },
            "unknown",
            "Messages follow what they are about. Socket Mode has not",
        ),
        (good.clone(), "resolved", "Messages follow what they are about, and what people press"),
        (unlucky.clone(), "triggered", "5 messages can't be shown"),
        (short, "acknowledged", "1 message can't be shown"),
        (SlackView { troubles: Vec::new(), ..bad }, "acknowledged", "Slack does not answer"),
        (SlackView { troubles: Vec::new(), ..unlucky }, "acknowledged", "Slack's Socket Mode is not open"),
    ] {
        let said = view.said(f);
        assert!(said.state == state && said.what.starts_with(start), "{said:?} is not {state}: {start}");
        assert!(matches!(state, "resolved" | "unknown") || said.remedy.is_some(), "{said:?}");
    }
}

#[test]
fn a_webhooks_channel_and_a_socket_that_is_not_wanted_are_told_as_they_are() {
    let f = &frame(Language::En);
    let alone = sample::slack(false);
    assert_eq!(
        (alone.way(f).as_str(), alone.heard(f).as_str()),
        ("an incoming webhook (reduced)", "no way: they are not heard")
    );
    // It was wanted once; what is known of it says nothing any more.
    let by_http = web::Slack { socket: false, ..sample::slack(true).settings };
    let view = SlackView { settings: by_http, troubles: Vec::new(), breaker: None, ..sample::slack_bad() };
    assert_eq!((view.said(f).state, view.heard(f).as_str()), ("resolved", "HTTP (signed)"));
}

#[test]
fn everything_that_slack_brings_has_a_word_of_ours_in_both_languages() {
    let names = [
        ("effect", &["show", "reply", "respond", "open_form"][..]),
        ("why-slack", &["show", "respond", "open_form"]),
        ("destination", &["slack", "slack-answers"]),
        ("act", &["slack.link", "slack.unlink", "slack.mute"]),
        ("source", &["slack"]),
        ("door", &["slack"]),
        (
            "event",
            &["slack.pressed.acknowledge", "slack.pressed.resolve", "slack.pressed.take", "slack.pressed.snooze"],
        ),
        (
            "event",
            &["slack.pressed.note", "slack.sent.note", "slack.closed", "slack.command/arayashiki", "slack.overflow"],
        ),
    ];
    for language in Language::ALL {
        for (family, names) in names {
            for name in names {
                let is_same_word = *name == "slack";
                assert!(is_same_word || frame(language).word(family, name) != *name, "{family} {name}");
            }
        }
    }
    assert_eq!(
        frame(Language::En).word("event", "incident.triggered"),
        "incident.triggered",
        "PagerDuty's own name stays"
    );
}

#[test]
fn the_page_of_a_link_names_both_and_its_button_says_what_it_does() {
    for language in Language::ALL {
        let f = sample::frame(language, Section::Settings, "/link/slack/a1b2");
        let offered = web::page::link_slack(&f, &sample::link_slack(Some(Role::Responder), false)).expect("renders");
        let button = offered.split("<button>").nth(1).and_then(|rest| rest.split('<').next()).expect("a button");
        assert!(button.contains("hanako.sato"), "{button}");
        assert!(offered.contains("佐藤 花子") && offered.contains("content=\"no-referrer\""));
        let over = web::page::link_slack(&f, &sample::link_slack(None, false)).expect("renders");
        assert!(!over.contains("action=\"/link/slack") && over.contains("/arayashiki"));
    }
}
