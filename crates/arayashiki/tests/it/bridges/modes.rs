//! How far each duty goes in each mode: what is told, what is paged, and what is only shown as what would have been done.

use super::desk::{Desk, Plan};
use crate::outside::{parallel, wait};
use crate::world::Database;
use crate::world::sandbox::SERVICES;
use model::Scope;
use serde_json::{Value, json};

/// What is set, and how often each is to be told and paged; `would` is what is only shown.
struct Row {
    name: &'static str,
    incidents: &'static str,
    tickets: Half,
    events: Half,
}

/// One of the duties that call somebody.
struct Half {
    mode: &'static str,
    /// The rule's own.
    rule: &'static str,
    told: usize,
    paged: usize,
}

const fn half(mode: &'static str, rule: &'static str, told: usize, paged: usize) -> Half {
    Half { mode, rule, told, paged }
}

const ROWS: [Row; 5] = [
    Row {
        name: "observe",
        incidents: "observe",
        tickets: half("observe", "", 0, 0),
        events: half("observe", "", 0, 0),
    },
    Row { name: "post", incidents: "post", tickets: half("post", "", 1, 0), events: half("post", "", 1, 0) },
    Row { name: "page", incidents: "observe", tickets: half("page", "", 1, 1), events: half("page", "", 1, 1) },
    // A rule holds its duty back and never pushes it further.
    Row {
        name: "held back",
        incidents: "post",
        tickets: half("page", "post", 1, 0),
        events: half("page", "observe", 0, 0),
    },
    Row {
        name: "not pushed",
        incidents: "post",
        tickets: half("observe", "page", 0, 0),
        events: half("post", "page", 1, 0),
    },
];

const TICKET: &str = "夜間バッチが止まっています";
const EVENT: &str = "回線切替の立ち会い";

#[test]
fn each_duty_goes_as_far_as_its_mode_and_no_further() {
    let databases = Database::at_hand();
    let mut cases = Vec::new();
    for row in &ROWS {
        cases.extend(databases.iter().map(|database| (format!("{}, {database:?}", row.name), (*database, row))));
    }
    parallel::all(&cases, |(database, row)| run(*database, row));
}

fn run(database: Database, row: &Row) {
    let desk = configured(database, row);
    let incident = desk.sandbox().trigger(SERVICES[0], "disk");
    let key = desk.tracker().create(TICKET);
    desk.promise(EVENT, 5);
    // Judged is what has been decided, whatever was done about it then.
    let is_judged = || {
        (desk.mirrored(&incident) && desk.concern("tickets", TICKET) && desk.concern("calendar", EVENT)).then_some(())
    };
    assert!(wait::within(wait::LONG, is_judged).is_some(), "not all was judged: {}", desk.world.unrest());
    desk.rests();
    incidents(&desk, row, &incident);
    duty(&desk, "tickets", &key, &row.tickets);
    duty(&desk, "calendar", EVENT, &row.events);
}

fn configured(database: Database, row: &Row) -> Desk {
    let mut desk = Desk::made(database, &Plan { tickets: true, calendars: true, ..Plan::default() });
    let mode = |table: &str, mode: &str| format!("[{table}]\nmode = \"{mode}\"");
    desk.edit("incidents = \"post\"", &format!("incidents = \"{}\"", row.incidents));
    desk.edit(&mode("backlog", "page"), &mode("backlog", row.tickets.mode));
    desk.edit(&mode("google_calendar", "page"), &mode("google_calendar", row.events.mode));
    let rule = |head: &str, own: &str| {
        if !own.is_empty() {
            desk.edit(head, &format!("{head}mode = \"{own}\"\n"));
        }
    };
    rule("[[backlog.rule]]\nname = \"nobody\"\n", row.tickets.rule);
    rule("[[calendar.rule]]\nname = \"promises\"\n", row.events.rule);
    desk.begin();
    desk.first_contacts();
    desk
}

impl Desk {
    fn mirrored(&self, incident: &str) -> bool {
        self.world.site.api(&format!("incidents/{incident}")).is_ok()
    }

    /// What a duty found, whatever it did about it.
    fn concerns(&self, duty: &'static str, word: &str) -> Vec<Value> {
        let all = self.with_store(async |store| {
            let list = store.read(move |tx| {
                Box::pin(async move { store::concerns::list(tx, &Scope::All, duty, false, None, 100).await })
            });
            list.await.unwrap()
        });
        let own = all.into_iter().filter(|one| one.title.contains(word));
        own.map(|one| json!({ "id": one.id, "subject": one.subject, "mode": one.mode, "channel": one.channel }))
            .collect()
    }

    fn concern(&self, duty: &'static str, word: &str) -> bool {
        !self.concerns(duty, word).is_empty()
    }

    /// What was decided about a subject and not done.
    fn would(&self, subject: &str) -> usize {
        let subject = subject.to_owned();
        self.with_store(async move |store| {
            let observed = store.read(move |tx| {
                let subject = subject.clone();
                Box::pin(async move { store::actions::observed(tx, &subject).await })
            });
            observed.await.unwrap().len()
        })
    }
}

fn incidents(desk: &Desk, row: &Row, incident: &str) {
    let posts = usize::from(row.incidents == "post");
    assert_eq!(desk.told("disk").len(), posts, "incidents = {}", row.incidents);
    let shown = desk.world.site.api(&format!("incidents/{incident}")).unwrap();
    let would = shown["observed"].as_array().unwrap().iter().filter(|one| one["duty"] == "slack").count();
    assert_eq!(would, 1 - posts, "what is shown of it: {}", shown["observed"]);
}

fn duty(desk: &Desk, duty: &'static str, word: &str, half: &Half) {
    let set = format!("{duty}, mode {}, rule {:?}", half.mode, half.rule);
    assert_eq!(desk.told(word).len(), half.told, "told: {set}");
    assert_eq!(desk.paged(word).len(), half.paged, "paged: {set}");
    let found = desk.concerns(duty, word);
    assert_eq!(found.len(), 1, "{set}: {found:?}");
    assert_eq!(desk.would(found[0]["subject"].as_str().unwrap()), 1 - half.paged, "shown as what would be done: {set}");
    let effective = if half.told == 0 {
        "observe"
    } else if half.paged == 0 {
        "post"
    } else {
        "page"
    };
    assert_eq!(found[0]["mode"], effective, "{set}");
}
