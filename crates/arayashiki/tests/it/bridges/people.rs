//! People beside the tickets and the incidents: leave that a calendar tells, and who is reminded until somebody acts.

use super::desk::{Desk, Plan, SATO};
use super::spaces::{CUSTOMER, OURS};
use crate::net::each;
use crate::outside::wait;
use crate::world::Database;
use crate::world::sandbox::SERVICES;
use serde_json::{Value, json};

/// Sato works always, but for her leave.
fn people(desk: &Desk) -> String {
    format!(
        "\n[[hours]]\nname = \"always\"\nweek = [\"always\"]\n\n[[person]]\nid = \"sato\"\nname = \"Sato Hanako\"\nmail = \"{SATO}\"\n\
         pagerduty = \"{SATO}\"\nslack = \"{}\"\nbacklog = [\"{OURS}\"]\nhours = \"always\"\n",
        desk.user("hanako")
    )
}

fn configure(desk: &Desk, more: &str) {
    let text = std::fs::read_to_string(desk.world.site.config()).unwrap();
    std::fs::write(desk.world.site.config(), format!("{text}{}{more}", people(desk))).unwrap();
}

fn hours(desk: &Desk) -> Value {
    let told = desk.world.site.command(&["person", "hours", "sato", "--json"]);
    serde_json::from_slice(&told.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&told.stderr)))
}

#[test]
fn whoever_a_calendar_says_is_away_is_not_waited_for() {
    each(|database| {
        let mut desk = Desk::made(database, &Plan { tickets: true, calendars: true, ..Plan::default() });
        let google = desk.google.as_ref().unwrap();
        let leave = google.info["calendars"]["leave"].as_str().unwrap().to_owned();
        configure(
            &desk,
            &format!(
                "\n[[backlog.rule]]\nname = \"away\"\nwhen = \"off_hours\"\n\n[[calendar]]\nname = \"leave\"\ngoogle_id = \"{leave}\"\nwhat = \"leave\"\n"
            ),
        );
        desk.begin();
        desk.tracker().settled(&desk.world);
        let key = desk.tracker().create("引き継ぎのお願い");
        desk.until(&[&key]);
        desk.tracker().acted("assign", &json!({ "as": OURS, "ticket": key, "to": OURS }));
        desk.until(&["対応されました", &key]);
        assert_eq!(hours(&desk)["at_work"], true);
        let day =
            json!({ "calendar": "leave", "summary": "Sato Hanako 有休", "start": desk.instant(-60), "minutes": 600 });
        desk.google.as_ref().unwrap().control("event", &day);
        let is_away = || (hours(&desk)["at_work"] == false).then_some(());
        assert!(wait::within(wait::LONG, is_away).is_some(), "{}\n{}", hours(&desk), desk.world.unrest());
        assert!(hours(&desk).to_string().contains("有休"), "{}", hours(&desk));
        desk.tracker().acted("comment", &json!({ "as": CUSTOMER, "ticket": key, "content": "いかがでしょうか" }));
        desk.until(&["away", &key]);
        desk.rests();
    });
}

fn replies(desk: &Desk, message: &Value, words: &str) -> Vec<Value> {
    let seen = desk.messages();
    let last = seen.iter().find(|one| one["ts"] == message["ts"]).unwrap_or_else(|| panic!("{message} is gone"));
    let all = last["replies"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|reply| reply.to_string().contains(words)).collect()
}

#[test]
fn people_are_reminded_of_an_incident_until_somebody_has_it() {
    each(|database| {
        let mut desk = Desk::made(database, &Plan::default());
        configure(&desk, "\n[reminders]\nfirst_after = \"8s\"\n");
        desk.begin();
        let had = desk.sandbox().trigger(SERVICES[0], "somebody has it");
        desk.sandbox().control("act", &json!({ "incident": had, "act": "acknowledge", "by": SATO }));
        desk.sandbox().trigger(SERVICES[1], "nobody has it");
        let message = desk.until(&["発生中", "nobody has it"]);
        let taken = desk.until(&["確認済み", "somebody has it"]);
        let reminded = || replies(&desk, &message, "まだ対応されていません").into_iter().next();
        let reminder = wait::until("a reminder in the thread", reminded);
        assert!(reminder.to_string().contains("nobody has it"), "{reminder}");
        assert_eq!(replies(&desk, &taken, "まだ対応されていません"), Vec::<Value>::new());
        desk.rests();
        assert_eq!(replies(&desk, &message, "まだ対応されていません").len(), 1, "each is told once");
    });
}

#[test]
fn a_reminder_names_whom_pagerduty_gave_it_to() {
    let mut desk = Desk::made(Database::Sqlite, &Plan::default());
    configure(&desk, "\n[reminders]\nfirst_after = \"8s\"\n");
    desk.begin();
    let incident = desk.sandbox().trigger(SERVICES[1], "given to her");
    desk.sandbox().control("act", &json!({ "incident": incident, "act": "reassign", "to": [SATO], "by": SATO }));
    let message = desk.until(&["発生中", "given to her"]);
    let reminder = wait::until("a reminder in the thread", || replies(&desk, &message, "まだ対応").into_iter().next());
    assert!(reminder.to_string().contains(&format!("<@{}>", desk.user("hanako"))), "{reminder}");
}
