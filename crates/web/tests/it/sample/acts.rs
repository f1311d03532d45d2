//! Acts on the sample incident: offered, barred, asked for in every state.

use super::{NOW, before, named};
use model::act::Act;
use model::incident::Status;
use web::view::{ActProblem, ActState, ActsView, AskedRow, Bar, Other};

const OPEN: [&str; 7] = ["resolve", "note", "snooze", "reassign", "escalate", "priority", "merge"];

fn other(id: &str, label: &str, title: &str) -> Other {
    Other { id: id.into(), label: label.into(), title: title.into(), service: Some("database".into()) }
}

fn row(job: i64, act: Act, names: &[&str], state: ActState, cause: Option<&str>) -> AskedRow {
    AskedRow {
        job,
        act,
        names: names.iter().map(|n| (*n).to_owned()).collect(),
        who: "佐藤 花子".into(),
        asked_at: before(40 * job),
        state,
        cause: cause.map(str::to_owned),
        due: NOW.plus_s(35),
        ended_at: Some(before(30)),
        user: "PUSR001".into(),
        may_settle: state == ActState::Human,
    }
}

/// One of every kind and state.
pub fn asked() -> Vec<AskedRow> {
    let cut = "PagerDuty closed the connection after the request was sent";
    vec![
        row(9, Act::Acknowledge, &[], ActState::Waiting, None),
        row(8, Act::Note { text: "再起動しました。\n様子を見ます。".into() }, &[], ActState::Sending, None),
        row(7, Act::Snooze { seconds: 14_400 }, &[], ActState::Later, Some("PagerDuty answered 429")),
        row(6, Act::Reassign { users: vec!["P1".into()] }, &["鈴木 一郎"], ActState::Unknown, Some(cut)),
        row(5, Act::Escalate { level: 2 }, &[], ActState::Done, None),
        row(4, Act::Priority { to: Some("PP1".into()) }, &["P1"], ActState::Human, Some(cut)),
        row(3, Act::Priority { to: None }, &[], ActState::Dead, Some("PagerDuty answered 403")),
        row(2, Act::Merge { sources: vec!["Q0".into()] }, &["#48212"], ActState::Skipped, Some("the incident is over")),
        row(1, Act::Resolve { resolution: Some("レプリカを再構築".into()) }, &[], ActState::Done, None),
    ]
}

pub fn acts(status: Status) -> ActsView {
    let mut offered: Vec<&'static str> = OPEN.to_vec();
    match status {
        Status::Triggered => offered.insert(0, "acknowledge"),
        Status::Acknowledged => {}
        Status::Resolved => offered.retain(|name| *name == "note"),
    }
    ActsView {
        incident: "Q1ABC".into(),
        label: "#48213".into(),
        as_user: Some(("佐藤 花子".into(), "hanako@ops.example.jp".into())),
        bar: (status == Status::Resolved).then_some(Bar::Over),
        offered,
        nonce: "0123456789abcdef01234567".into(),
        morning: Some(NOW.plus_s(20_753)),
        users: vec![named("P1", "鈴木 一郎"), named("P2", "Marek Nowak")],
        levels: vec![(2, "鈴木 一郎".into()), (3, String::new())],
        priorities: vec![named("PP1", "P1"), named("PP2", "P2")],
        others: vec![
            other("Q2", "#48214", "db-02: replication lag 80 s"),
            other("Q3", "#48215", "[WARN] disk 91 % on db-02: /var/lib/mysql"),
        ],
        more_others: true,
        asked: if status == Status::Triggered { Vec::new() } else { asked() },
        problem: None,
        draft: None,
    }
}

/// Nothing to press: the reason stands there.
pub fn barred(words: &str) -> ActsView {
    ActsView { as_user: None, bar: Some(Bar::MayNot(words.to_owned())), offered: Vec::new(), ..acts(Status::Triggered) }
}

/// A form that was not taken, with what was typed.
pub fn refused() -> ActsView {
    ActsView {
        problem: Some(ActProblem::OtherWords),
        draft: Some(("note".into(), "二度目のメモ <b>".into())),
        ..acts(Status::Acknowledged)
    }
}
