//! Acts on an incident's page: offered with what they do, absent with the reason, and told as they turned out.

use crate::sample;
use model::act::Unfit;
use model::incident::Status;
use web::view::{ActProblem, ActState, ActsView, IncidentView, Section};
use web::{Language, page};

fn shown(language: Language, acts: ActsView) -> String {
    let frame = sample::frame(language, Section::Incidents, "/incidents/Q1ABC");
    let view = IncidentView { acts, ..sample::incident(Status::Triggered) };
    page::incident(&frame, &view).expect("renders")
}

#[test]
fn what_is_offered_is_a_form_with_its_nonce_that_works_without_scripts() {
    let html = shown(Language::En, sample::acts(Status::Triggered));
    for name in model::act::Act::NAMES {
        assert!(html.contains(&format!("data-act=\"{name}\"")), "{name}");
    }
    let forms = html.matches("action=\"/incidents/Q1ABC/acts\"").count();
    assert_eq!(html.matches("name=\"nonce\" value=\"0123456789abcdef01234567\"").count(), forms);
    let button = html.find("data-act=\"acknowledge\"").expect("a button");
    let before = &html[..button];
    assert_eq!(before.matches("<details").count(), before.matches("</details>").count(), "in sight, not folded away");
    for words in ["Acknowledge in PagerDuty", "Resolve #48213 in PagerDuty", "into #48213 in PagerDuty", "hanako@"] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn who_may_not_sees_the_reason_and_no_button() {
    let html = shown(Language::Ja, sample::barred("理由と対処"));
    assert!(html.contains("理由と対処"));
    let acts = html.split("id=\"acts\"").nth(1).and_then(|rest| rest.split("</section>").next()).expect("the section");
    assert!(!html.contains("data-act=") && !html.contains("/acts\"") && !acts.contains("name=\"nonce\""));
}

#[test]
fn every_state_is_said_in_words_and_the_unknown_as_unknown() {
    for language in Language::ALL {
        let acts = ActsView { asked: sample::asked(), ..sample::acts(Status::Acknowledged) };
        let html = shown(language, acts);
        let states = [
            ActState::Waiting,
            ActState::Sending,
            ActState::Later,
            ActState::Unknown,
            ActState::Done,
            ActState::Human,
            ActState::Dead,
            ActState::Skipped,
        ];
        for state in states {
            let word = language.word("acted", state.as_str()).replace('\'', "&#39;");
            assert!(html.contains(&word), "{word}");
        }
        assert!(html.contains(&language.t("acted-remedy-unknown").replace('\'', "&#39;")));
    }
}

#[test]
fn states_follow_from_the_job_and_its_last_try() {
    let cases = [
        ("ready", None, ActState::Waiting),
        ("ready", Some("later"), ActState::Later),
        ("ready", Some("unknown"), ActState::Unknown),
        ("leased", None, ActState::Sending),
        ("done", Some("done"), ActState::Done),
        ("human", Some("human"), ActState::Human),
        ("dead", Some("never"), ActState::Dead),
        ("skipped", Some("skipped"), ActState::Skipped),
        ("something new", None, ActState::Dead),
    ];
    for (state, outcome, expected) in cases {
        assert_eq!(ActState::of(state, outcome), expected, "{state} {outcome:?}");
    }
}

#[test]
fn a_refused_form_says_why_and_keeps_what_was_typed() {
    let html = shown(Language::En, sample::refused());
    assert!(html.contains("role=\"alert\"") && html.contains("二度目のメモ &#60;b&#62;"));
    assert!(html.contains("<details id=\"do-note\" open>"));
    let frame = sample::frame(Language::Ja, Section::Incidents, "/");
    let field = |field: &str| ActProblem::Field { field: field.into(), value: String::new() };
    let unfit = [
        Unfit::EmptyText,
        Unfit::TextTooLong,
        Unfit::SnoozeOutOfRange,
        Unfit::NobodyNamed,
        Unfit::LevelOutOfRange,
        Unfit::NothingToMerge,
        Unfit::OddId,
    ];
    let fields = ["act", "nonce", "minutes", "for", "level", "users", "to", "sources"].map(field);
    for problem in unfit.map(ActProblem::Unfit).into_iter().chain(fields).chain([ActProblem::Over, ActProblem::MayNot])
    {
        let view = ActsView { problem: Some(problem.clone()), ..sample::acts(Status::Triggered) };
        let words = view.problem_words(&frame).expect("words");
        assert!(words.starts_with("送信していません") && !words.contains('⟦'), "{problem:?}: {words}");
        assert!(!words.contains("act-field"), "{words}");
    }
}
