//! The safety net's words: every state, reason and cause in both languages, and the answer above the list.

use crate::sample;
use duties::Mode;
use model::mail::{CauseKind, Ledger};
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
