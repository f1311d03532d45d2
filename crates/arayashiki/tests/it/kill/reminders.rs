//! Reminders that are due while the program dies, at every point that a reminder passes: each is told once, none is left out.

use super::{databases, of_reminders};
use crate::bridges::desk::{Desk, Plan};
use crate::bridges::spaces::OURS;
use crate::outside::{parallel, wait};
use crate::world::{Arms, Database};
use serde_json::{Value, json};
use store::faults::POINTS;

const TICKET: &str = "nobody answers";
const EVENT: &str = "nobody comes";
/// One that somebody takes: the reminders stop.
const TAKEN: &str = "somebody answers";
const REMINDER: &str = "まだ対応されていません";

struct Case {
    database: Database,
    point: &'static str,
    then: &'static str,
}

/// The points of reminders, and those that what they say passes on its way.
fn cases() -> Vec<(String, Case)> {
    let own: Vec<&'static str> =
        POINTS.iter().copied().filter(|point| of_reminders(point) || point.starts_with("remind.")).collect();
    assert!(own.len() >= 3, "the points were not found: {own:?}");
    let on_the_way =
        ["claim.job_taken", "act.before_send", "act.after_send", "finish.attempt_closed", "finish.after_commit"];
    let points: Vec<&'static str> = own.into_iter().chain(on_the_way).collect();
    let mut cases = Vec::new();
    for (n, point) in points.into_iter().enumerate() {
        let then = on_the_way[(n + 2) % on_the_way.len()];
        for database in databases(n) {
            cases.push((format!("{database:?}, {point}, then {then}"), Case { database, point, then }));
        }
    }
    cases
}

#[test]
fn whatever_point_it_dies_at_each_reminder_is_told_once() {
    parallel::all(&cases(), run);
}

fn run(case: &Case) {
    let mut desk = Desk::made(case.database, &reminding());
    desk.begin();
    desk.first_contacts();
    let taken = desk.tracker().create(TAKEN);
    desk.tracker().create(TICKET);
    desk.promise(EVENT, 5);
    for title in [TAKEN, TICKET, EVENT] {
        desk.until(&[title]);
    }
    // The posts are there, and nothing is on its way any more that could be taken for what comes of a reminder.
    desk.rests();
    desk.world.site.kill();
    due(&desk);
    desk.world.site.start(&Arms::point(case.point, 1));
    desk.world.site.was_aborted(case.point);
    desk.world.site.start(&Arms::point(case.then, 1));
    // Something for the point to be passed by, whatever is left of the reminders themselves.
    desk.tracker().acted("assign", &json!({ "as": OURS, "ticket": taken, "to": OURS }));
    desk.world.site.was_aborted(case.then);
    desk.world.site.start(&Arms::default());
    judge(&desk, &taken);
}

/// The first comes late enough for everything else to have come to rest.
fn reminding() -> Plan {
    let tables = "\n[reminders]\nfirst_after = \"20s\"\nevery = \"1m\"\n".to_owned();
    Plan { tickets: true, calendars: true, tables, ..Plan::default() }
}

/// Waits until every reminder is due, while nobody is there to give it.
fn due(desk: &Desk) {
    let all_due = || {
        let found = desk.with_store(async |store| {
            let due = store.read(|tx| Box::pin(async move { store::reminders::due(tx, tx.now(), 100).await }));
            due.await.unwrap()
        });
        (found.len() == 3).then_some(())
    };
    assert!(wait::within(wait::LONG, all_due).is_some(), "not all reminders are due");
}

/// The numbers of the reminders in the thread of a message.
fn reminders(desk: &Desk, title: &str) -> Vec<u32> {
    let told = desk.told(title);
    assert_eq!(told.len(), 1, "{title}: {}", json!(told));
    let replies = desk.posted().into_iter().filter(|one| one["thread_ts"] == told[0]["ts"]);
    let number = |one: &Value| {
        let (_, rest) = one["text"].as_str()?.split_once(REMINDER)?;
        rest.trim_start_matches([' ', '(']).split(' ').next()?.parse().ok()
    };
    replies.filter_map(|one| number(&one)).collect()
}

fn judge(desk: &Desk, taken: &str) {
    let is_reminded = || [TICKET, EVENT].iter().all(|title| !reminders(desk, title).is_empty()).then_some(());
    let found = wait::within(wait::LONG, is_reminded);
    assert!(found.is_some(), "nobody was reminded: {}\n{}", json!(desk.messages()), desk.world.unrest());
    desk.until(&["対応されました", taken]);
    desk.rests();
    for title in [TICKET, EVENT] {
        let numbers = reminders(desk, title);
        // Another may have come due by now, and then says it for the one before; none is there twice.
        assert!(numbers.is_sorted_by(|one, next| one < next), "{title}: {numbers:?}");
        desk.once(title, 1);
    }
    assert!(reminders(desk, TAKEN).len() <= 1, "{:?}", reminders(desk, TAKEN));
    desk.no_repeats();
}
