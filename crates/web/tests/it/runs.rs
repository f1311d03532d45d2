//! The words of runs, hosts and runbooks: every state in both languages, the answer above each page, and nothing of what hosts say
//! ever taken for a page.

use crate::sample;
use crate::sample::runs::{REACHES, RUN_STATES, STEP_STATES, evidence, host, hosts, row, run, runs, step};
use model::incident::Status;
use model::person::Role;
use web::view::{EvidenceView, IncidentView, RunFilters, Section};
use web::{Language, page};

fn whole(texts: impl IntoIterator<Item = String>) {
    for text in texts {
        assert!(!text.is_empty() && !text.contains('⟦'), "{text}");
    }
}

#[test]
fn every_state_has_its_words_in_both_languages() {
    for language in Language::ALL {
        let f = sample::frame(language, Section::Runs, "/runs");
        let is_ours = |word: String| {
            assert!(!word.is_empty() && !word.contains('⟦') && !word.contains('_'), "{word}");
            assert!(language == Language::En || !word.is_ascii(), "{word} is not said in Japanese");
        };
        for state in RUN_STATES {
            is_ours(f.word("run-state", state));
            whole([row(state, None).sentence(&f)]);
        }
        STEP_STATES.iter().for_each(|state| is_ours(f.word("step-state", state)));
        for state in REACHES.iter().filter(|state| **state != "something_new") {
            is_ours(f.word("reach", state));
            let remedy = f.reach_remedy(state, "web-1");
            assert_eq!(remedy.is_some(), *state != "reached", "{state}");
            whole(remedy);
        }
        for reason in ["incident", "button", "schedule", "baseline", "command", "pagerduty"] {
            is_ours(f.word("run-reason", reason));
        }
        for level in ["ok", "info", "warning", "critical"] {
            is_ours(f.word("run-level", level));
        }
        assert_eq!(f.word("reach", "something_new"), "something_new", "what is not known is shown as it is");
    }
}

#[test]
fn the_answer_says_what_is_under_way_and_what_was_found() {
    let say = |language, change: fn(&mut web::view::Lately)| {
        let mut view = runs(RunFilters::default());
        change(&mut view.lately);
        (view.state(), view.sentence(&sample::frame(language, Section::Runs, "/runs")))
    };
    let en = |change| say(Language::En, change);
    assert_eq!(
        en(|_| {}),
        (
            "triggered",
            "2 runs are under way; 40 runs in the last 24 hours: 4 found something, 2 came to no end of their own"
                .into()
        )
    );
    let quiet = en(|l| (l.live, l.critical, l.warning, l.broken) = (0, 0, 0, 0));
    assert_eq!(quiet, ("resolved", "40 runs in the last 24 hours, none found anything".into()));
    assert_eq!(en(|l| l.ever = false).0, "unknown");
    assert_eq!(
        say(Language::Ja, |l| l.broken = 0).1,
        "2件を実行中。過去 24 時間に 40件を実行し、4件で検出がありました"
    );
}

#[test]
fn an_orphan_and_an_interruption_say_what_is_so_and_what_to_do() {
    let f = sample::frame(Language::En, Section::Runs, "/runs/41");
    let orphan = run("running", None);
    assert!(orphan.row.is_silent(&f));
    let html = page::run(&f, &orphan).expect("renders").replace('\u{A0}', " ");
    assert!(html.contains("has said nothing for 3 min 20 s") && html.contains("nothing is run twice"), "{html}");
    assert!(html.contains("/runs/41/stop"));
    let cut = page::run(&f, &run("interrupted", None)).expect("renders");
    assert!(cut.contains("was cut short on web-1") && cut.contains("running it again does no harm"));
    assert!(!cut.contains("/runs/41/stop"), "what has ended can't be stopped");
}

#[test]
fn hidden_secrets_are_counted_by_rule() {
    let f = sample::frame(Language::En, Section::Runs, "/runs/41");
    assert_eq!(step(0, "ok", Vec::new()).hidden(&f).as_deref(), Some("3 secrets hidden: password 2, aws-access-key 1"));
    let all = run("done", Some("ok")).hidden(&f);
    assert_eq!(all.as_deref(), Some("36 secrets hidden: password 24, aws-access-key 12"));
}

#[test]
fn a_changed_key_is_an_alarm_above_all() {
    let f = sample::frame(Language::En, Section::Runs, "/hosts");
    let view = hosts(false);
    assert_eq!((view.state(), view.alarms().len()), ("triggered", 2));
    let html = page::hosts(&f, &view).expect("renders");
    let alarm = html.find("Somebody may stand in between").expect("the alarm");
    assert!(alarm < html.find("<table").expect("the matrix"), "it stands above the matrix");
    assert!(view.sentence(&f).starts_with("18 of 21 hosts are not reached"), "{}", view.sentence(&f));
    assert_eq!(hosts(true).sentence(&f), "All 3 hosts are reached");
    let one = page::host(&f, &host(Some("key_changed"))).expect("renders");
    assert!(one.contains("arayashiki host trust web-1"));
}

#[test]
fn what_was_not_run_and_why_stands_beside_the_incident() {
    let f = sample::frame(Language::En, Section::Incidents, "/incidents/Q1ABC");
    let html = |how| {
        let view = IncidentView { evidence: evidence(how), ..sample::incident(Status::Triggered) };
        page::incident(&f, &view).expect("renders")
    };
    let observed = html("observe");
    assert!(observed.contains("The mode is observe") && observed.contains("this version is not approved"));
    assert!(observed.contains("it is another customer&#39;s") && observed.contains("web-77"));
    let done = html("done");
    assert!(done.contains("/var is 97 % full") && done.contains("/runs/41/steps/3/out"));
    assert!(done.find("/var is 97 %") < done.find("nginx.service has failed"), "the worst first");
    assert!(html("running").contains("line 999") && html("running").contains("The end of what it said so far"));
    let nothing = html("nothing");
    assert!(nothing.contains("No host was found") && nothing.contains("Add web-77 to the inventory"));
}

#[test]
fn who_may_not_act_is_offered_nothing() {
    let mut f = sample::frame(Language::En, Section::Incidents, "/incidents/Q1ABC");
    if let Some(person) = &mut f.person {
        person.role = Role::Viewer;
    }
    let mut beside = evidence("done");
    beside.form.may = false;
    let view = IncidentView { evidence: EvidenceView { ..beside }, ..sample::incident(Status::Triggered) };
    let html = page::incident(&f, &view).expect("renders");
    assert!(!html.contains("action=\"/runs\"") && !html.contains("/diagnose\""));
    assert!(html.contains("To have something run, one needs the role"));
}

#[test]
fn hostile_output_is_escaped_and_nothing_of_it_is_rendered() {
    let f = sample::frame(Language::Ja, Section::Runs, "/runs/41");
    for text in sample::hostile() {
        let html = page::run(&f, &sample::runs::hostile(&text)).expect("renders");
        assert!(!html.contains("<img") && !html.contains("<script>"), "an element came through");
        assert!(!html.contains("href=\"javascript") && !html.contains("\"><img"));
    }
}

#[test]
fn the_partial_of_a_run_is_the_inside_of_its_page() {
    let f = sample::frame(Language::Ja, Section::Runs, "/runs/41");
    let view = run("running", None);
    let (whole, part) = (page::run(&f, &view).expect("page"), page::run_partial(&f, &view).expect("partial"));
    assert!(whole.contains(part.trim()));
}
