//! The safety net's words: every state, reason and cause in both languages, and the answer above the list.

use crate::sample;
use duties::Mode;
use duties::safety_net::outage::Evidence;
use model::mail::{Cause, CauseKind, Ledger, Reason};
use store::nets::Registration;
use web::view::{MailFilters, Original, Section};
use web::{Language, page, view};

fn whole(texts: impl IntoIterator<Item = String>) {
    for text in texts {
        assert!(!text.is_empty() && !text.contains('⟦'), "{text}");
    }
}

#[test]
fn every_reason_and_cause_has_its_words_in_both_languages() {
    let mut said = Vec::new();
    for language in Language::ALL {
        let f = sample::frame(language, Section::SafetyNet, "/safety-net");
        whole(sample::net::reasons().iter().map(|reason| view::reason(&f, reason)));
        for kind in CauseKind::ALL {
            let words = view::cause(&f, &sample::net::cause(kind));
            assert!(words.contains("鈴木 一郎"), "{words}");
            said.push(words);
        }
        whole(said.clone());
        for ledger in Ledger::ALL {
            let one = sample::net::mail(ledger, Registration::None, Original::Sealed);
            whole([one.sentence(&f), f.ledger_word(&ledger)]);
            let is_ours = language == Language::En || !f.ledger_word(&ledger).is_ascii();
            assert!(is_ours, "{ledger:?} has no word of ours");
        }
    }
    assert!(said.iter().collect::<std::collections::BTreeSet<_>>().len() == said.len(), "each cause is told apart");
}

#[test]
fn why_a_sender_is_believed_is_said_in_the_readers_language() {
    let f = sample::frame(Language::Ja, Section::SafetyNet, "/");
    let say = |why: &str| view::trust_why(&f, why);
    assert_eq!(
        say("the monitor z1 has no sender rule (secret recipient, source, SPF or DKIM)"),
        "監視 z1 に送信元のルールがない"
    );
    assert_eq!(
        say("it was not sent to the secret address; 192.0.2.1 is in none of the sources"),
        "秘密の宛先に届いていない、192.0.2.1 はどの送信元にも当てはまらない"
    );
    let unknown = say(&format!("{}; 192.0.2.1 is in none of the sources", duties::mail::NO_RECIPIENT));
    assert!(unknown.starts_with("宛先が分からないため") && unknown.contains("、192.0.2.1"), "{unknown}");
    assert_eq!(say("something new"), "something new");
}

#[test]
fn what_failed_and_what_was_broken_is_said_in_the_readers_language() {
    let ja = sample::frame(Language::Ja, Section::SafetyNet, "/");
    let en = sample::frame(Language::En, Section::SafetyNet, "/");
    let why = "PagerDuty has trouble of its own (503): see status.pagerduty.com; it is tried again";
    assert_eq!(ja.fault(why), "PagerDuty 側で障害が起きています (503)");
    assert_eq!(en.fault(why), why);
    assert_eq!(ja.fault("api.example.com did not answer in time"), "api.example.com が時間内に応答しませんでした");
    assert_eq!(ja.fault("something new"), "something new");
    let note = "the charset is called x-sjis, the text was read as Shift_JIS";
    assert_eq!(view::note(&ja, note), "文字コードの指定は x-sjis だが、Shift_JIS として読み取った");
    assert_eq!(view::note(&ja, "something new"), "something new");
    let disabled = Cause {
        detail: "status: active → disabled; name: a → b".into(),
        ..sample::net::cause(CauseKind::ServiceDisabled)
    };
    assert!(view::cause(&ja, &disabled).contains("状態: 有効 → 無効; name: a → b"));
    assert!(view::cause(&en, &disabled).contains("status: active → disabled; name: a → b"));
    let twice = Cause { detail: "status: disabled → disabled".into(), ..disabled };
    assert!(!view::cause(&en, &twice).contains("→"), "nothing changed");
}

#[test]
fn the_answer_comes_first_and_names_what_does_not_balance() {
    let say = |language, lacking, registered, difference| {
        let f = sample::frame(language, Section::SafetyNet, "/safety-net");
        sample::net::answer(lacking, registered, difference, Mode::Page).sentence(&f)
    };
    assert_eq!(
        say(Language::En, 2, 0, 0),
        "2 alerts lack an incident, the oldest since Sun 22 Nov, 01:44 JST; 1,204 mails today, every one accounted for"
    );
    assert_eq!(
        say(Language::Ja, 2, 0, 0),
        "2件のアラートにインシデントがありません（最も古いものは 11月22日(日) 01:44 JST から）。今日のメールは 1,204通、すべて記帳済みです"
    );
    assert_eq!(
        say(Language::En, 0, 0, 2),
        "Every alert has its incident; today's ledger does not balance: 1,204 mails received, 1,202 accounted for (difference 2)"
    );
    assert_eq!(sample::net::answer(0, 0, 2, Mode::Page).state(), "triggered");
    assert_eq!(sample::net::answer(1, 9, 0, Mode::Page).state(), "missing");
}

#[test]
fn days_that_nobody_closed_are_not_said_to_balance() {
    let f = sample::frame(Language::En, Section::SafetyNet, "/safety-net/ledger");
    let whole = sample::net::ledger(true, false);
    assert!(whole.sentence(&f).starts_with("Every closed day balances"), "{}", whole.sentence(&f));
    let first = view::LedgerView { days: Vec::new(), ..whole };
    assert_eq!(
        first.sentence(&f),
        "1,210 mails today, 6 of them being read; no day is closed yet, the first is closed at Sun 22 Nov, 02:29 JST"
    );
}

#[test]
fn an_outage_that_nothing_speaks_for_any_more_says_when_it_is_over() {
    for (language, said, heading) in [
        (
            Language::En,
            "Nothing speaks against it since 03:13:37; the outage is over at 03:16:37 if it stays so.",
            "outage-known-before",
        ),
        (
            Language::Ja,
            "03:13:37 以降、異常は見られません。このまま続けば 03:16:37 に回復と判定します。",
            "outage-known-before",
        ),
    ] {
        let f = sample::frame(language, Section::SafetyNet, "/safety-net/outages");
        let mut view = sample::net::outages(true);
        assert_eq!((view.quiet_words(&f), view.state(), view.known_key()), (None, "triggered", "outage-known-by"));
        view.evidence = Evidence { last_at: Some(sample::before(30)), ..Evidence::default() };
        assert_eq!(view.quiet_words(&f).as_deref(), Some(said));
        assert_eq!((view.state(), view.known_key()), ("acknowledged", heading));
        assert!(!page::outages(&f, &view).expect("renders").contains("から失敗。"), "what is over is told as over");
    }
}

#[test]
fn a_storm_is_one_line_where_the_list_is_a_story_and_every_mail_where_it_is_filtered() {
    let mut list = sample::net::mails(sample::net::answer(1, 0, 0, Mode::Page), MailFilters::default());
    let own = list.rows.len();
    for n in 0..40 {
        let reason = Reason::InStorm { storm: "storm:edge".into() };
        let received_at = sample::before(2_000 + n);
        list.rows.push(view::MailRow { reason, monitor: "edge".into(), received_at, ..list.rows[2].clone() });
    }
    let lines = list.lines();
    assert_eq!((lines.len(), lines.iter().filter(|line| line.is_storm()).count()), (own + 1, 1));
    let (en, storm) = (sample::frame(Language::En, Section::SafetyNet, "/safety-net"), &lines[own]);
    assert_eq!(storm.title(&en), "Storm of edge: 40 mails");
    assert!(storm.href().starts_with("/safety-net?monitor=edge&since=2026-11-21T"), "{}", storm.href());
    list.filters.monitor = "edge".into();
    assert_eq!(list.lines().len(), own + 40, "a filter hides nothing");
    list.filters = MailFilters::default();
    list.rows.truncate(own + 4);
    assert_eq!(list.lines().len(), own + 4, "a few stand for themselves");
}

#[test]
fn an_original_that_came_late_is_named_beside_ours() {
    let f = sample::frame(Language::En, Section::SafetyNet, "/safety-net/mails/2");
    let mut one = sample::net::mail(Ledger::MatchedLate, Registration::Seen, Original::Sealed);
    assert!(one.late_original().is_none(), "ours stands");
    let alert = one.alert.as_mut().expect("an alert");
    alert.registered.state = Registration::None;
    if let Some(ours) = alert.registered.incident.as_mut() {
        ours.id = "QOURS".into();
    }
    let html = page::mail(&f, &one).expect("renders");
    assert!(html.contains("The original came late:") && html.contains("Ours was put into it."), "{html}");
    one.alert.as_mut().expect("an alert").registered.incident = None;
    assert!(page::mail(&f, &one).expect("renders").contains("Ours was resolved."));
}

#[test]
fn our_incident_names_the_mail_that_no_incident_had_come_for() {
    let mut one = sample::incident(model::incident::Status::Triggered);
    one.mails = sample::net::rows();
    assert!(one.registered_for().is_none(), "PagerDuty's own");
    one.is_ours = true;
    assert_eq!(one.registered_for().map(|mail| mail.id), Some(3));
    let f = sample::frame(Language::Ja, Section::Incidents, "/incidents/Q1");
    assert!(page::incident(&f, &one).expect("renders").contains("Arayashiki が登録しました:"));
}

#[test]
fn who_may_not_decide_is_offered_nothing_and_the_anchors_of_posts_stay() {
    let f = sample::frame(Language::En, Section::SafetyNet, "/safety-net/mails/2");
    let mut one = sample::net::mail(Ledger::Missing, Registration::None, Original::Sealed);
    let html = page::mail(&f, &one).expect("renders");
    assert!(html.contains("action=\"/safety-net/mails/2/register\"") && html.contains("name=\"always\""));
    one.acts.may = false;
    let html = page::mail(&f, &one).expect("renders");
    assert!(!html.contains("/register\"") && !html.contains("/hold-back\""));
    assert!(html.contains("id=\"register\"") && html.contains("id=\"not-an-alert\""));
}

#[test]
fn hostile_mails_are_escaped_and_nothing_of_them_is_rendered() {
    let f = sample::frame(Language::Ja, Section::SafetyNet, "/safety-net");
    for text in sample::hostile() {
        let mut list = sample::net::mails(sample::net::answer(1, 0, 0, Mode::Page), MailFilters::default());
        for row in &mut list.rows {
            (row.subject, row.monitor, row.host) = (text.clone(), text.clone(), Some(text.clone()));
        }
        let mut one = sample::net::mail(Ledger::Missing, Registration::None, Original::Open(text.clone().into_bytes()));
        if let Some(read) = &mut one.read {
            read.text = text.clone();
            read.reading.details = vec![(text.clone(), text.clone())];
            read.notes = vec![text.clone()];
            read.trust_why = text.clone();
        }
        if let Some(cause) = one.alert.as_mut().and_then(|alert| alert.cause.as_mut()) {
            (cause.name, cause.url) = (text.clone(), Some("javascript:alert(1)".into()));
        }
        for html in [page::mails(&f, &list).expect("renders"), page::mail(&f, &one).expect("renders")] {
            assert!(!html.contains("<img") && !html.contains("<script>"), "an element came through");
            assert!(!html.contains("href=\"javascript") && !html.contains("\"><img"));
        }
    }
}
