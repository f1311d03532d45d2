//! Every page in every state, by name: what the tests check and what the example writes to files.

use crate::sample;
use model::incident::Status;
use model::person::Role;
use web::view::{
    BackfillNotice, BackfillsView, ErrorKind, Filters, IncidentView, IncidentsView, JobState, SeatsView, Section,
    SetupState, SignInProblem,
};
use web::{Language, page};

/// (name, HTML) of every page in one language.
pub fn all(language: Language) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut put = |name: &str, html: Result<String, askama::Error>| {
        out.push((name.to_owned(), html.expect("every page renders")));
    };
    let frame = |section, address: &str| sample::frame(language, section, address);
    let now = frame(Section::Now, "/");
    put("now", page::now(&now, &sample::now_busy()));
    put("now-quiet", page::now(&now, &sample::now_quiet()));
    put("now-never", page::now(&now, &sample::now_never()));

    let list = frame(Section::Incidents, "/incidents?status=open");
    let open = || Filters { status: "open".into(), ..Filters::default() };
    let narrow = Filters { text: "db-01".into(), urgency: "high".into(), assignee: "U1".into(), ..open() };
    put("incidents", page::incidents(&list, &sample::incidents(open(), false)));
    put("incidents-all", page::incidents(&list, &sample::incidents(Filters::default(), false)));
    put("incidents-narrow", page::incidents(&list, &sample::incidents(narrow, true)));
    put("incidents-none", page::incidents(&list, &sample::incidents(open(), true)));
    let one = frame(Section::Incidents, "/incidents/Q1ABC");
    for (name, status) in [("new", Status::Triggered), ("taken", Status::Acknowledged), ("over", Status::Resolved)] {
        put(&format!("incident-{name}"), page::incident(&one, &sample::incident(status)));
    }
    let hidden = IncidentView { hidden_at: Some(sample::before(4_000)), ..sample::incident(Status::Acknowledged) };
    put("incident-hidden", page::incident(&one, &hidden));
    let barred = |words: &str| IncidentView { acts: sample::barred(words), ..sample::incident(Status::Triggered) };
    put("incident-barred", page::incident(&one, &barred(&language.t("why-not-read-only-key"))));
    let refused = IncidentView { acts: sample::refused(), ..sample::incident(Status::Acknowledged) };
    put("incident-refused", page::incident(&one, &refused));
    let many = IncidentsView { total: Some(1_000), total_is_least: true, ..sample::incidents(open(), false) };
    put("incidents-many", page::incidents(&list, &many));
    for (index, view) in sample::all_hostile().iter().enumerate() {
        put(&format!("incident-hostile-{index}"), page::incident(&one, view));
    }

    let inbox = frame(Section::Signals, "/signals");
    put("signals", page::signals(&inbox, &sample::signals(false)));
    put("signals-empty", page::signals(&inbox, &sample::signals(true)));
    for body in ["sealed", "refused", "json", "text", "hex"] {
        put(&format!("signal-{body}"), page::signal(&inbox, &sample::signal(body)));
    }
    let jobs = frame(Section::Jobs, "/jobs");
    for state in [JobState::Dead, JobState::Human, JobState::Waiting, JobState::Skipped] {
        put(&format!("jobs-{}", state.as_str()), page::jobs(&jobs, &sample::jobs(state, false)));
    }
    put("jobs-empty", page::jobs(&jobs, &sample::jobs(JobState::Dead, true)));
    out.extend(settings(language));
    out.extend(doors(language));
    out.extend(feed(language));
    out.extend(net(language));
    out.extend(people(language));
    out.extend(bridges(language));
    out.extend(runs(language));
    out
}

fn net(language: Language) -> Vec<(String, String)> {
    use duties::Mode;
    use model::mail::Ledger;
    use sample::net::{answer, mail, mails, mails_none, outages};
    use store::nets::Registration;
    use web::view::{AnswerState, LACKING, MailFilters, Original};
    let f = sample::frame(language, Section::SafetyNet, "/safety-net");
    let at = |address: &str| sample::frame(language, Section::SafetyNet, address);
    let out = web::view::Frame { outage: Some(sample::before(1_130)), ..at("/safety-net/outages") };
    let lacking = || MailFilters { ledger: LACKING.into(), ..MailFilters::default() };
    let narrow =
        MailFilters { monitor: "nagios".into(), state: "problem".into(), customer: "aoba".into(), ..lacking() };
    let one = at("/safety-net/mails/2");
    let stranger = sample::stranger(language, "/answer/a1b2");
    let taken = |by: &str| AnswerState::Taken { by: by.into(), at: sample::before(60) };
    let pages = [
        ("mails", page::mails(&f, &mails(answer(2, 5, 0, Mode::Post), MailFilters::default()))),
        ("mails-good", page::mails(&f, &mails(answer(0, 0, 0, Mode::Page), MailFilters::default()))),
        ("mails-registered", page::mails(&f, &mails(answer(0, 3, 0, Mode::Page), lacking()))),
        ("mails-off", page::mails(&f, &mails(answer(0, 0, 2, Mode::Observe), narrow))),
        ("mails-none", page::mails(&f, &mails_none(true, true))),
        ("mails-never", page::mails(&f, &mails_none(false, false))),
        ("mails-never-door", page::mails(&f, &mails_none(false, true))),
        ("mail-missing", page::mail(&one, &mail(Ledger::Missing, Registration::None, Original::Sealed))),
        ("mail-asked", page::mail(&one, &mail(Ledger::Missing, Registration::Asked, Original::Refused))),
        ("mail-unseen", page::mail(&one, &mail(Ledger::Missing, Registration::Unseen, Original::Sealed))),
        ("mail-registered", page::mail(&one, &mail(Ledger::Registered, Registration::Seen, Original::Sealed))),
        (
            "mail-open",
            page::mail(
                &one,
                &mail(
                    Ledger::Matched,
                    Registration::None,
                    Original::Open(b"Subject: x\r\n\r\n<b>not</b> rendered".to_vec()),
                ),
            ),
        ),
        ("outages", page::outages(&out, &outages(true))),
        ("outages-none", page::outages(&at("/safety-net/outages"), &outages(false))),
        ("ledger", page::ledger(&at("/safety-net/ledger"), &sample::net::ledger(true, false))),
        ("ledger-off", page::ledger(&at("/safety-net/ledger"), &sample::net::ledger(true, true))),
        ("ledger-own", page::ledger(&at("/safety-net/ledger"), &sample::net::ledger(false, false))),
        ("monitors", page::monitors(&at("/safety-net/monitors"), &sample::net::monitors())),
        ("monitors-none", page::monitors(&at("/safety-net/monitors"), &web::view::MonitorsView::default())),
        ("try", page::try_mail(&at("/safety-net/try"), &web::view::TryView::default())),
        ("try-match", page::try_mail(&at("/safety-net/try"), &sample::net::tried(true, Mode::Page))),
        ("try-page", page::try_mail(&at("/safety-net/try"), &sample::net::tried(false, Mode::Page))),
        ("try-observe", page::try_mail(&at("/safety-net/try"), &sample::net::tried(false, Mode::Observe))),
        (
            "try-empty",
            page::try_mail(
                &at("/safety-net/try"),
                &web::view::TryView { problem: Some(web::view::TryProblem::Empty), ..web::view::TryView::default() },
            ),
        ),
        ("answer", page::answer(&stranger, &sample::net::answer_page(AnswerState::Open))),
        ("answer-yours", page::answer(&stranger, &sample::net::answer_page(taken("佐藤 花子")))),
        ("answer-taken", page::answer(&stranger, &sample::net::answer_page(taken("鈴木 一郎")))),
        ("answer-over", page::answer(&stranger, &sample::net::answer_page(AnswerState::Over))),
    ];
    pages.into_iter().map(|(n, html)| (n.to_owned(), html.expect("every page renders"))).collect()
}

fn people(language: Language) -> Vec<(String, String)> {
    use sample::people::{
        every_rule_wrong, every_wrong, group_hours, hours, person_hours, person_hours_changing, rule, rules,
    };
    let at = |address: &str| sample::frame(language, Section::Settings, address);
    let (list, one) = (at("/people/hours"), at("/people/hours/sato"));
    let mut pages = vec![
        ("hours".to_owned(), page::hours(&list, &hours(true))),
        ("hours-none".to_owned(), page::hours(&list, &hours(false))),
        ("person-hours".to_owned(), page::person_hours(&one, &person_hours(true, None))),
        ("person-hours-read".to_owned(), page::person_hours(&one, &person_hours(false, None))),
        ("person-hours-change".to_owned(), page::person_hours(&one, &person_hours_changing())),
        ("ticket-rules".to_owned(), page::rules(&at("/people/rules"), &rules(true))),
        ("ticket-rules-none".to_owned(), page::rules(&at("/people/rules"), &rules(false))),
        ("ticket-rule".to_owned(), page::rule(&at("/people/rules/edit"), &rule(None, false))),
        ("ticket-rule-preview".to_owned(), page::rule(&at("/people/rules"), &rule(None, true))),
        ("group-hours".to_owned(), page::group_hours(&at("/people/groups/desk"), &group_hours(false))),
        ("group-hours-preview".to_owned(), page::group_hours(&at("/people/groups/desk"), &group_hours(true))),
    ];
    for (index, wrong) in every_wrong().into_iter().enumerate() {
        pages.push((format!("person-hours-wrong-{index}"), page::person_hours(&one, &person_hours(true, Some(wrong)))));
    }
    for (index, wrong) in every_rule_wrong().into_iter().enumerate() {
        pages.push((format!("ticket-rule-wrong-{index}"), page::rule(&at("/people/rules"), &rule(Some(wrong), false))));
    }
    pages.into_iter().map(|(n, html)| (n, html.expect("every page renders"))).collect()
}

fn bridges(language: Language) -> Vec<(String, String)> {
    use sample::bridges::{calendar, calendar_none, event, events, ticket, tickets, tickets_none};
    use store::tickets::Watch;
    use web::view::{CalendarFilters, TicketFilters, Untaken};
    let at = |section, address: &str| sample::frame(language, section, address);
    let list = at(Section::Tickets, "/tickets");
    let quiet = web::view::Frame { tickets: Untaken::default(), ..list.clone() };
    let one = at(Section::Tickets, "/tickets/minato/71");
    let narrow = TicketFilters {
        project: "OPS".into(),
        customer: "mina".into(),
        text: "web01".into(),
        ..TicketFilters::default()
    };
    let would = TicketFilters { state: "would".into(), ..TicketFilters::default() };
    let days = at(Section::Calendar, "/calendar");
    let busy = web::view::Frame { events: Untaken { n: 1, since: Some(sample::before(700)) }, ..days.clone() };
    let over = CalendarFilters { when: "over".into(), calendar: "promises".into(), ..CalendarFilters::default() };
    let mut pages = vec![
        ("tickets".to_owned(), page::tickets(&list, &tickets(TicketFilters::default()))),
        ("tickets-narrow".to_owned(), page::tickets(&quiet, &tickets(narrow))),
        ("tickets-would".to_owned(), page::tickets(&quiet, &tickets(would))),
        ("tickets-none".to_owned(), page::tickets(&quiet, &tickets_none(true, true))),
        ("tickets-never".to_owned(), page::tickets(&quiet, &tickets_none(true, false))),
        ("tickets-never-space".to_owned(), page::tickets(&quiet, &tickets_none(false, false))),
        ("calendar".to_owned(), page::calendar(&busy, &calendar(CalendarFilters::default()))),
        ("calendar-over".to_owned(), page::calendar(&days, &calendar(over))),
        ("calendar-none".to_owned(), page::calendar(&days, &calendar_none(true))),
        ("calendar-never".to_owned(), page::calendar(&days, &calendar_none(false))),
    ];
    for watch in Watch::ALL {
        pages.push((format!("ticket-{}", watch.as_str()), page::ticket(&one, &ticket(watch))));
    }
    for (name, standing) in events() {
        pages.push((
            format!("event-{name}"),
            page::event(&at(Section::Calendar, "/calendar/promises/1"), &event(standing)),
        ));
    }
    pages.into_iter().map(|(n, html)| (n, html.expect("every page renders"))).collect()
}

fn runs(language: Language) -> Vec<(String, String)> {
    use sample::runs::{RUN_STATES, diff, evidence, host, hosts, run, runbook, runbooks, runs, runs_none};
    use web::view::RunFilters;
    let at = |address: &str| sample::frame(language, Section::Runs, address);
    let beside = sample::frame(language, Section::Incidents, "/incidents/Q1ABC");
    let narrow =
        RunFilters { state: "done".into(), host: "web-1".into(), runbook: "linux".into(), ..RunFilters::default() };
    let mut pages = vec![
        ("runs".to_owned(), page::runs(&at("/runs"), &runs(RunFilters::default()))),
        ("runs-narrow".to_owned(), page::runs(&at("/runs?state=done"), &runs(narrow))),
        ("runs-none".to_owned(), page::runs(&at("/runs"), &runs_none(true))),
        ("runs-never".to_owned(), page::runs(&at("/runs"), &runs_none(false))),
        ("hosts".to_owned(), page::hosts(&at("/hosts"), &hosts(false))),
        ("hosts-good".to_owned(), page::hosts(&at("/hosts"), &hosts(true))),
        ("hosts-none".to_owned(), page::hosts(&at("/hosts"), &web::view::HostsView::default())),
        ("host-untried".to_owned(), page::host(&at("/hosts/web-1"), &host(None))),
        ("runbooks".to_owned(), page::runbooks(&at("/runbooks"), &runbooks(true))),
        ("runbooks-none".to_owned(), page::runbooks(&at("/runbooks"), &runbooks(false))),
    ];
    let one = |name: String, state: &str, level| (name, page::run(&at("/runs/41"), &run(state, level)));
    pages.extend(RUN_STATES.iter().map(|state| one(format!("run-{state}"), state, None)));
    pages.extend(["ok", "warning", "critical"].map(|level| one(format!("run-{level}"), "done", Some(level))));
    for state in ["reached", "key_changed", "login_refused", "something_new"] {
        pages.push((format!("host-{state}"), page::host(&at("/hosts/web-1"), &host(Some(state)))));
    }
    pages.extend((0..3).map(|n| (format!("runbook-{n}"), page::runbook(&at("/runbooks/own"), &runbook(n)))));
    for how in ["some", "same", "other", "healthy", "none"] {
        pages.push((format!("diff-{how}"), page::diff(&at("/runs/41/diff"), &diff(how))));
    }
    for how in ["none", "nothing", "observe", "running", "done"] {
        let view = IncidentView { evidence: evidence(how), ..sample::incident(Status::Triggered) };
        pages.push((format!("incident-evidence-{how}"), page::incident(&beside, &view)));
    }
    pages.into_iter().map(|(n, html)| (n, html.expect("every page renders"))).collect()
}

fn settings(language: Language) -> Vec<(String, String)> {
    let f = sample::frame(language, Section::Settings, "/account");
    let link = sample::frame(language, Section::Settings, "/link/slack/a1b2");
    let pages = [
        ("account", page::account(&f, &sample::account(false))),
        ("account-problem", page::account(&f, &sample::account(true))),
        ("link-slack", page::link_slack(&link, &sample::link_slack(Some(Role::Responder), false))),
        ("link-slack-moved", page::link_slack(&link, &sample::link_slack(Some(Role::Viewer), true))),
        ("link-slack-over", page::link_slack(&link, &sample::link_slack(None, false))),
        ("people", page::people(&f, &sample::people(false))),
        ("people-token", page::people(&f, &sample::people(true))),
        ("audit", page::audit(&f, &sample::audit(false))),
        ("audit-empty", page::audit(&f, &sample::audit(true))),
        ("help", page::help(&f, false)),
        ("help-demo", page::help(&f, true)),
    ];
    pages.into_iter().map(|(n, html)| (n.to_owned(), html.expect("every page renders"))).collect()
}

fn feed(language: Language) -> Vec<(String, String)> {
    let f = sample::frame(language, Section::Settings, "/connections");
    let mut pages = vec![
        ("now-unfed".to_owned(), page::now(&sample::frame(language, Section::Now, "/"), &sample::now_unfed())),
        ("connections".to_owned(), page::connections(&f, &sample::connections())),
        ("connections-bad".to_owned(), page::connections(&f, &sample::connections_bad())),
        (
            "connections-lost".to_owned(),
            page::connections(
                &f,
                &web::view::ConnectionsView { ways: sample::net::ways(true), tests: true, ..sample::connections() },
            ),
        ),
        ("connections-none".to_owned(), page::connections(&f, &sample::connections_none())),
        ("backfills".to_owned(), page::backfills(&f, &sample::backfills(true, None))),
        ("backfills-empty".to_owned(), page::backfills(&f, &BackfillsView::default())),
        ("seats".to_owned(), page::seats(&f, &sample::seats(Some(200), Some(("6000", "JPY"))))),
        ("seats-short".to_owned(), page::seats(&f, &sample::seats(Some(12), None))),
        ("seats-unknown".to_owned(), page::seats(&f, &sample::seats(None, None))),
        ("seats-unsure".to_owned(), page::seats(&f, &sample::seats_unsure())),
        ("connections-own".to_owned(), page::connections(&f, &sample::connections_bad().narrowed())),
        ("seats-none".to_owned(), page::seats(&f, &SeatsView { price_unknown: true, ..SeatsView::default() })),
    ];
    for (index, view) in sample::connections_varied().iter().enumerate() {
        pages.push((format!("connections-{index}"), page::connections(&f, view)));
    }
    for notice in BackfillNotice::ALL {
        let view = sample::backfills(false, Some(notice));
        pages.push((format!("backfills-{}", notice.as_str()), page::backfills(&f, &view)));
    }
    pages.into_iter().map(|(n, html)| (n, html.expect("every page renders"))).collect()
}

fn doors(language: Language) -> Vec<(String, String)> {
    let f = sample::stranger(language, "/sign-in?next=%2F");
    let mut pages = vec![
        ("sign-in".to_owned(), page::sign_in(&f, &sample::sign_in(None))),
        ("sign-in-wrong".to_owned(), page::sign_in(&f, &sample::sign_in(Some(SignInProblem::Wrong)))),
        ("sign-in-many".to_owned(), page::sign_in(&f, &sample::sign_in(Some(SignInProblem::TooMany { wait_s: 90 })))),
        ("sign-in-ended".to_owned(), page::sign_in(&f, &sample::sign_in(Some(SignInProblem::Ended)))),
        ("sign-in-out".to_owned(), page::sign_in(&f, &sample::sign_in(Some(SignInProblem::SignedOut)))),
        ("setup".to_owned(), page::setup(&f, &sample::setup(SetupState::Ready, false))),
        ("setup-password".to_owned(), page::setup(&f, &sample::setup(SetupState::Password, true))),
        ("setup-problems".to_owned(), page::setup(&f, &sample::setup(SetupState::Ready, true))),
        ("setup-used".to_owned(), page::setup(&f, &sample::setup(SetupState::Used, false))),
        ("setup-expired".to_owned(), page::setup(&f, &sample::setup(SetupState::Expired, false))),
    ];
    let known = sample::frame(language, Section::Elsewhere, "/nowhere");
    for (index, view) in sample::errors().iter().enumerate() {
        let frame = if view.kind == ErrorKind::Internal { &f } else { &known };
        pages.push((format!("error-{}-{index}", view.kind.status()), page::error(frame, view)));
    }
    pages.into_iter().map(|(n, html)| (n, html.expect("every page renders"))).collect()
}
