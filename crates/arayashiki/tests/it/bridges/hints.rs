//! Backlog's webhooks come as they like: lost, doubled, late, in any order, and for tickets that change on and on. What people are told
//! and paged is what the tickets say, each case once.

use super::desk::{Desk, Plan};
use super::spaces::{CUSTOMER, OURS, Tracker};
use crate::outside::{Dice, parallel, seed, wait};
use crate::world::Database;
use serde_json::{Value, json};

const TICKETS: u64 = 5;
const ACTS: u64 = 30;

#[test]
fn whatever_becomes_of_hints_each_case_is_told_and_paged_once_and_ends_when_it_ends() {
    let seed = seed();
    let databases = Database::at_hand();
    let cases: Vec<_> = (0..4_u64)
        .map(|n| {
            let database = databases[n as usize % databases.len()];
            (format!("{database:?}, seed {}", seed + n), (database, seed + n))
        })
        .collect();
    parallel::all(&cases, |(database, seed)| live(*database, *seed));
}

fn live(database: Database, seed: u64) {
    let desk = Desk::started(database, &Plan { tickets: true, ..Plan::default() });
    desk.first_contacts();
    let mut dice = Dice::new(seed);
    let tracker = desk.tracker();
    let keys: Vec<String> =
        (0..TICKETS).map(|n| mischievous(tracker, &mut dice, |t| t.create(&format!("課題-{n}")))).collect();
    for _ in 0..ACTS {
        let key = &keys[dice.below(TICKETS) as usize];
        let what = dice.below(4);
        mischievous(tracker, &mut dice, |tracker| act(tracker, key, what));
    }
    tracker.control("mischief", &json!({ "lose": 0, "hold": false, "duplicate": 0, "delay": 0 }));
    tracker.control("release", &json!({ "order": "reversed" }));
    tracker.backlog.get("idle?wait_ms=10000");
    let lacking = || keys.iter().map(|key| complaint(&desk, key)).filter(|said| !said.is_empty()).collect::<Vec<_>>();
    let is_right = wait::within(wait::LONG, || lacking().is_empty().then_some(()));
    assert!(is_right.is_some(), "{:#?}\n{}", lacking(), desk.world.unrest());
    desk.rests();
    assert_eq!(lacking(), Vec::<String>::new(), "after it came to rest");
    desk.no_repeats();
}

/// Something happens over there, and who knows what becomes of the word of it.
fn mischievous<T>(tracker: &Tracker, dice: &mut Dice, act: impl FnOnce(&Tracker) -> T) -> T {
    let trouble = match dice.below(5) {
        0 => json!({ "lose": 1 }),
        1 => json!({ "duplicate": 1, "copies": 3 }),
        2 => json!({ "hold": 1 }),
        3 => json!({ "delay": 1, "delay_ms": 700 }),
        _ => json!({}),
    };
    tracker.control("mischief", &trouble);
    let done = act(tracker);
    if dice.below(6) == 0 {
        tracker.control("release", &json!({ "order": "reversed", "count": 2 }));
    }
    done
}

/// What can't be done as it stands, such as giving it to whoever has it, is left out.
fn act(tracker: &Tracker, key: &str, what: u64) {
    let (name, body) = match what {
        0 => ("comment", json!({ "as": CUSTOMER, "ticket": key, "content": "いかがでしょうか" })),
        1 => ("assign", json!({ "as": OURS, "ticket": key, "to": OURS })),
        2 => ("assign", json!({ "as": CUSTOMER, "ticket": key, "to": Value::Null })),
        _ => ("comment", json!({ "as": OURS, "ticket": key, "content": "確認しています" })),
    };
    tracker.backlog.try_control(name, &body);
}

/// What is wrong about a ticket, if anything.
fn complaint(desk: &Desk, key: &str) -> String {
    let paged = desk.paged(&format!("{key} "));
    let told = desk.told(&format!("{key} ")).len() + desk.told(&format!("{key}: ")).len();
    if told != paged.len() {
        return format!("{key}: told {told}, paged {}", paged.len());
    }
    for one in &paged {
        let events = desk.events(&one["incident_key"]);
        if events.iter().filter(|kind| *kind == "event.trigger").count() != 1 {
            return format!("{key}: a case of it was sent as {events:?}");
        }
    }
    let open = paged.iter().filter(|one| one["status"] != "resolved").count();
    let has_somebody = desk.tracker().unassigned("課題").iter().all(|one| one != key);
    match (has_somebody, open) {
        (true, 0) | (false, 1) => String::new(),
        (true, open) => format!("{key}: somebody has it, and {open} incidents are open: {}", known(desk, key)),
        (false, open) => format!("{key}: nobody has it, and {open} incidents are open: {}", known(desk, key)),
    }
}

/// For the reader of a failure: the ticket as the program knows it, with its history.
fn known(desk: &Desk, key: &str) -> String {
    let tickets = desk.world.site.all("tickets").unwrap_or_default();
    let id = tickets.iter().find(|ticket| ticket["key"] == key).and_then(|ticket| ticket["id"].as_str());
    id.map_or_else(String::new, |id| format!("{:?}", desk.world.site.api(&format!("tickets/{id}"))))
}
