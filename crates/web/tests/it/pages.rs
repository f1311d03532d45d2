//! Every page in both languages, from a busy night to hostile strings.

use crate::{gallery, sample};
use model::incident::Status;
use std::collections::BTreeSet;
use web::view::{Alarm, Filters, Frame, IncidentRow, JobCounts, Mirror, NowView, Section};
use web::{Language, page, text};

/// Elements that must close, so that a partial can't swallow what follows it.
const BALANCED: [&str; 22] = [
    "html",
    "head",
    "body",
    "main",
    "header",
    "footer",
    "nav",
    "section",
    "aside",
    "div",
    "ul",
    "ol",
    "dl",
    "table",
    "tbody",
    "form",
    "details",
    "select",
    "p",
    "span",
    "bdi",
    "blockquote",
];

#[test]
fn every_page_is_whole_in_both_languages() {
    for language in Language::ALL {
        for (name, html) in gallery::all(language) {
            assert!(html.starts_with("<!doctype html>"), "{name}");
            assert!(html.contains(&format!("<html lang=\"{}\">", language.as_str())), "{name}");
            assert_eq!(html.matches("<h1").count(), 1, "{name} has one first heading");
            for tag in BALANCED {
                let opened = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
                assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{name}: <{tag}>");
            }
        }
    }
}

#[test]
fn no_page_shows_a_key_instead_of_a_text() {
    for language in Language::ALL {
        for (name, html) in gallery::all(language) {
            let missing = html.find('⟦').map(|at| html[at..].chars().take(40).collect::<String>());
            assert_eq!(missing, None, "{name}");
        }
    }
}

#[test]
fn ids_are_unique_on_a_page() {
    for (name, html) in gallery::all(Language::Ja) {
        let mut seen = BTreeSet::new();
        for (at, _) in html.match_indices(" id=\"") {
            let id: String = html[at + 5..].chars().take_while(|c| *c != '"').collect();
            assert!(seen.insert(id.clone()), "{name}: {id}");
        }
    }
}

#[test]
fn nothing_inline_so_that_a_strict_content_policy_holds() {
    for (name, html) in gallery::all(Language::En) {
        for forbidden in [" style=", " onclick", " onerror=alert(1)>", "<style", "javascript:", "<script>"] {
            assert!(!html.contains(forbidden), "{name} has {forbidden}");
        }
        assert_eq!(html.matches("<script ").count(), 1, "{name}");
    }
}

#[test]
fn hostile_strings_are_escaped_and_cut_and_never_become_links() {
    let frame = sample::frame(Language::Ja, Section::Incidents, "/incidents/Q1ABC");
    for text in sample::hostile() {
        let html = page::incident(&frame, &sample::hostile_incident(&text)).expect("renders");
        assert!(!html.contains("<img"), "an element came through");
        assert!(!html.contains("href=\"javascript"), "a script became a link");
        assert!(!html.contains("\"><img"), "an attribute was broken");
        assert!(html.len() < 620_000, "{} bytes for a text of {}", html.len(), text.len());
    }
}

#[test]
fn the_first_heading_of_a_hostile_incident_stays_short() {
    let frame = sample::frame(Language::En, Section::Incidents, "/");
    let html = page::incident(&frame, &sample::hostile_incident(&"x".repeat(10_000))).expect("renders");
    let heading = html.split("<h1").nth(1).and_then(|rest| rest.split("</h1>").next()).expect("a heading");
    assert!(heading.len() < 300);
}

#[test]
fn the_partial_is_the_inside_of_the_page() {
    let frame = sample::frame(Language::Ja, Section::Now, "/");
    let view = sample::now_busy();
    let (whole, part) = (page::now(&frame, &view).expect("page"), page::now_partial(&frame, &view).expect("partial"));
    assert!(whole.contains(part.trim()));
    assert!(!part.contains("<html"));
    let list = sample::incidents(Filters::default(), false);
    let (whole, part) = (page::incidents(&frame, &list), page::incidents_partial(&frame, &list));
    assert!(whole.expect("page").contains(part.expect("partial").trim()));
    let one = sample::incident(Status::Acknowledged);
    let (whole, part) = (page::incident(&frame, &one), page::incident_partial(&frame, &one));
    assert!(whole.expect("page").contains(part.expect("partial").trim()));
}

#[test]
fn the_answer_is_said_in_words() {
    let say =
        |language, view: &NowView| view.sentence(&sample::frame(language, Section::Now, "/")).replace('\u{A0}', " ");
    let busy = sample::now_busy();
    assert_eq!(say(Language::En, &busy), "7 open, the oldest 2 d 4 h; nobody has taken 4 of them");
    let one = NowView { open: 1, untaken: 1, oldest_at: Some(sample::before(2_460)), ..busy.clone() };
    assert_eq!(say(Language::En, &one), "1 open for 41 min; nobody has taken it");
    assert_eq!(say(Language::Ja, &one), "未解決 1件、発生から 41分。まだ誰も確認していません");
    let three = NowView { open: 3, untaken: 3, ..one.clone() };
    assert_eq!(say(Language::En, &three), "3 open, the oldest 41 min; nobody has taken any of them");
    let taken = NowView { untaken: 0, ..three };
    assert_eq!(say(Language::Ja, &taken), "未解決 3件、最も古いものは発生から 41分。すべて確認済みです");
    let quiet = |lacking, outage| {
        let f = Frame { lacking, outage, ..sample::frame(Language::En, Section::Now, "/") };
        (sample::now_quiet().state(&f), sample::now_quiet().sentence(&f))
    };
    assert_eq!(quiet(0, None), ("resolved", "Nothing is open".into()));
    let lacks = "No incident is open, and 2 alerts that lack one are left to be looked at";
    assert_eq!(quiet(2, None), ("missing", lacks.into()));
    let out = "No incident is open as far as is known: PagerDuty does not do its work";
    assert_eq!(quiet(0, Some(sample::NOW)), ("unknown", out.into()));
    let storm = NowView { open: 1_001, untaken: 1_001, oldest_at: Some(sample::before(2_460)), ..busy };
    assert_eq!(say(Language::En, &storm), "1,000+ open, the oldest 41 min; nobody has taken 1,000+ of them");
    assert_eq!(
        say(Language::En, &NowView { open: 1_000, untaken: 0, ..storm }),
        "1,000 open, the oldest 41 min; somebody is on each of them"
    );
}

#[test]
fn what_was_never_heard_is_never_called_quiet() {
    let never = sample::now_never();
    let frame = sample::frame(Language::En, Section::Now, "/");
    assert_eq!(never.state(&Frame { lacking: 0, ..frame.clone() }), "unknown");
    let html = page::now(&frame, &never).expect("renders");
    assert!(!html.contains("Nothing is open"));
    assert!(html.contains("arayashiki check") && html.contains("docs/guide/connect-pagerduty.md"));
}

#[test]
fn the_mirror_says_the_worst_first() {
    let frame = sample::frame(Language::En, Section::Now, "/");
    let say = |mirror: Mirror| mirror.sentence(&frame);
    let good = Mirror { received: 5, processed: 5, ..Mirror::default() };
    assert_eq!(say(good.clone()), "Everything that came in has been read.");
    let lost = Mirror { lost: 2, dead: 1, waiting: 9, ..good };
    assert_eq!(say(lost), "2 events are missing.");
}

#[test]
fn every_alarm_says_what_is_so_and_what_to_do_in_both_languages() {
    for language in Language::ALL {
        let frame = sample::frame(language, Section::Now, "/");
        for kind in sample::all_alarms() {
            let alarm = Alarm { since: None, kind };
            for text in [alarm.what(&frame), alarm.remedy(&frame)] {
                assert!(!text.is_empty() && !text.contains('⟦'), "{text}");
            }
        }
    }
}

#[test]
fn every_kind_of_change_has_its_sentence_in_both_languages() {
    for language in Language::ALL {
        let frame = sample::frame(language, Section::Incidents, "/");
        for entry in sample::entries() {
            for actor in [entry.actor.as_ref(), None] {
                let line = text::change(&frame, actor, &entry.what);
                assert!(!line.is_empty() && !line.contains('⟦'), "{:?}: {line}", entry.what);
            }
        }
    }
}

#[test]
fn sentences_name_the_actor_and_the_goal() {
    let entries = sample::entries();
    let say = |language, index: usize| {
        let frame = sample::frame(language, Section::Incidents, "/");
        text::change(&frame, entries[index].actor.as_ref(), &entries[index].what)
    };
    assert_eq!(say(Language::Ja, 4), "佐藤 花子 が確認しました");
    assert_eq!(say(Language::En, 4), "Acknowledged by 佐藤 花子");
    assert_eq!(say(Language::Ja, 3), "鈴木 一郎、佐藤 花子 にエスカレーションされました");
    assert_eq!(say(Language::En, 2), "佐藤 花子 notified by phone");
}

#[test]
fn who_has_it_is_the_holder_then_the_assignee_then_nobody() {
    let frame = sample::frame(Language::En, Section::Now, "/");
    let rows: Vec<IncidentRow> = sample::now_busy().groups.into_iter().flat_map(|g| g.rows).collect();
    let who = |number| rows.iter().find(|r| r.number == Some(number)).map(|r| r.who(&frame));
    assert_eq!(who(48_210).as_deref(), Some("Marek Nowak, 佐藤 花子"));
    assert_eq!(who(48_213).as_deref(), Some("佐藤 花子"));
    assert_eq!(who(48_216).as_deref(), Some("nobody"));
}

#[test]
fn acts_are_offered_to_those_who_may() {
    let mut frame = sample::frame(Language::En, Section::Jobs, "/jobs");
    let jobs = sample::jobs(web::view::JobState::Dead, false);
    assert!(page::jobs(&frame, &jobs).expect("renders").contains("/retry"));
    if let Some(person) = &mut frame.person {
        person.role = model::person::Role::Viewer;
    }
    let html = page::jobs(&frame, &jobs).expect("renders");
    assert!(!html.contains("/retry"));
    let account = page::account(&frame, &sample::account(false)).expect("renders");
    assert!(!account.contains("href=\"/people\"") && !account.contains("href=\"/audit\""));
    assert_eq!(JobCounts { dead: 2, human: 1, ..JobCounts::default() }.for_people(), 3);
}

#[test]
fn sealed_bytes_are_only_there_once_they_were_opened() {
    let frame = sample::frame(Language::En, Section::Signals, "/signals/1");
    let page = |body| page::signal(&frame, &sample::signal(body)).expect("renders");
    assert!(page("json").contains("01CH754SM17TWPE2V2H4VPBRO7"));
    assert!(page("sealed").contains("/open\""));
    for body in ["sealed", "refused"] {
        assert!(!page(body).contains("<pre"), "{body}");
    }
    assert!(!page("refused").contains("/open\""));
}

#[test]
fn a_stranger_sees_no_rail_and_no_numbers() {
    let html = page::sign_in(&sample::stranger(Language::Ja, "/sign-in"), &sample::sign_in(None)).expect("renders");
    for part in ["<nav", "role=\"search\"", "/sign-out", "id=\"mirror\""] {
        assert!(!html.contains(part), "{part}");
    }
}

#[test]
fn the_other_language_is_one_link_away_and_keeps_the_place() {
    let frame = sample::frame(Language::Ja, Section::Incidents, "/incidents?status=open&lang=ja&text=%22%3E");
    assert_eq!(frame.address_in(Language::En), "/incidents?status=open&text=%22%3E&lang=en");
    let outside = sample::frame(Language::Ja, Section::Incidents, "//evil.example?x=1");
    assert!(outside.address_in(Language::En).starts_with("/?"));
}
