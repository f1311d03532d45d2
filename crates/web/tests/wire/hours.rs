//! *Working hours*: who sees whom, what people and their leaders enter, how it is taken back, and that all of it is written down.

use crate::bed::{Answer, Bed, with};
use axum::http::StatusCode;
use duties::page_rules::{GROUP_HOURS, Kept, over_hours};
use jiff::ToSpan;
use jiff::civil::Date;
use model::Scope;
use model::hours::{Group, Holidays, LeaveSource, Observed, Pattern, Person, Roster, Week, Zone};
use model::person::Role;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{page_rules, person_days};
use web::people::{Member, People, RosterOf, Team};

pub fn base() -> Roster {
    let zone = Zone::parse("Asia/Tokyo").unwrap();
    let pattern = |name: &str, week: Week| Pattern {
        name: name.into(),
        zone: zone.clone(),
        week,
        breaks: Vec::new(),
        holidays: Observed::None,
        closed: Vec::new(),
    };
    let person = |id: &str, pattern: Option<&str>, groups: &[&str]| Person {
        id: id.into(),
        groups: groups.iter().map(|id| (*id).to_owned()).collect(),
        pattern: pattern.map(str::to_owned),
    };
    Roster {
        zone: zone.clone(),
        patterns: vec![pattern("always", Week::always()), pattern("never", Week::parse("never").unwrap())],
        holidays: [("company".to_owned(), Holidays::default())].into(),
        persons: vec![
            person("sato", Some("always"), &["desk"]),
            person("abe", None, &["desk"]),
            person("ito", Some("always"), &[]),
            person("ueda", None, &[]),
        ],
        groups: vec![Group { id: "desk".into(), pattern: Some("never".into()) }],
        ..Roster::default()
    }
}

/// The file's roster with what the page has on top, as the engine lays it.
fn laid() -> RosterOf {
    RosterOf(Arc::new(|tx, at| {
        Box::pin(async move {
            let mut roster = base();
            for day in person_days::standing(tx, at.plus_s(-8 * 86_400)).await? {
                match day.kind.as_str() {
                    "leave" => roster.leaves.extend(serde_json::from_str::<model::hours::Leave>(&day.body).ok()),
                    _ => roster.exceptions.extend(serde_json::from_str::<model::hours::Exception>(&day.body).ok()),
                }
            }
            let rows = page_rules::of_kind(tx, GROUP_HOURS).await?;
            let kept: Vec<Kept<'_>> = rows
                .iter()
                .map(|row| Kept { name: &row.name, version: row.version, body: &row.body, is_off: row.is_off })
                .collect();
            over_hours(&mut roster, &kept);
            Ok(roster)
        })
    }))
}

pub fn people() -> People {
    let member = |id: &str, name: &str| Member {
        id: id.into(),
        name: name.into(),
        mail: Some(format!("{id}@example.jp")),
        pagerduty: None,
    };
    People {
        persons: vec![
            member("sato", "Sato Hanako"),
            member("abe", "Abe Jiro"),
            member("ito", "Ito Saburo"),
            member("ueda", "Ueda Shiro"),
        ],
        groups: vec![Team {
            id: "desk".into(), name: "運用窓口".into(), members: vec!["sato".into(), "abe".into()]
        }],
        zone: Zone::parse("Asia/Tokyo").unwrap(),
        customers: vec!["aoba".into(), "minato".into()],
        roster: laid(),
        ..People::default()
    }
}

fn of(customers: &[&str]) -> Scope {
    Scope::Customers(customers.iter().map(|id| (*id).to_owned()).collect())
}

struct Office {
    bed: Bed,
    sato: String,
    abe: String,
    lead: String,
}

/// Sato works for Minato, Abe for Aoba as well, Ito for everybody; Ueda has no account.
async fn office() -> Office {
    let bed =
        with(|settings| web::Settings { people: Arc::new(people()), language: web::Language::En, ..settings }).await;
    let sato = bed.person("sato", Role::Viewer, of(&["minato"])).await;
    let abe = bed.person("abe", Role::Responder, of(&["minato", "aoba"])).await;
    bed.person("ito", Role::Auditor, Scope::All).await;
    let lead = bed.person("lead", Role::Leader, Scope::All).await;
    Office { bed, sato, abe, lead }
}

impl Office {
    /// A day from today on, by the clock of the hours.
    fn day(&self, ahead: i32) -> Date {
        let zone = Zone::parse("Asia/Tokyo").unwrap();
        zone.day_of(self.bed.clock.now().0 / 1_000_000).checked_add(ahead.days()).unwrap()
    }

    async fn leave(&self, who: &str, person: &str, nonce: &str, from: Date, until: Date) -> Answer {
        let form = format!("kind=leave&nonce={nonce}&from={from}&until={until}&note=%E5%A9%9A%E7%A4%BC");
        self.bed.post(&format!("/people/hours/{person}/entries"), who, &form).await
    }

    async fn at_work(&self, person: &str) -> Value {
        let token = self.bed.token(&format!("t-{}", rand()), Role::Viewer, Scope::All).await;
        let all = self.bed.get("/api/v1/people", &token).await.json();
        all["items"].as_array().unwrap().iter().find(|item| item["id"] == person).unwrap().clone()
    }

    async fn acts(&self) -> Vec<(String, Value)> {
        let all = self.bed.audit().await.into_iter();
        all.map(|entry| (entry.action, serde_json::from_str(&entry.detail).unwrap())).collect()
    }
}

fn rand() -> u128 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos()
}

#[tokio::test]
async fn everybody_stands_there_with_why_and_until_when() {
    let office = office().await;
    let page = office.bed.get("/people/hours", &office.lead).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("2 of 4 are at work now; the hours of 1 are not known"), "{}", page.body);
    for words in
        ["Sato Hanako", "by the hours", "運用窓口", "Nobody has said their hours", "does not change within a year"]
    {
        assert!(page.body.contains(words), "{words}");
    }
    let sato = office.at_work("sato").await;
    assert_eq!((&sato["at_work"], &sato["why"], &sato["groups"]), (&json!(true), &json!("in_hours"), &json!(["desk"])));
    let ueda = office.at_work("ueda").await;
    assert_eq!((&ueda["at_work"], &ueda["why"], &ueda["hours_of"]), (&Value::Null, &json!("no_pattern"), &Value::Null));
    let own = office.bed.get("/people/hours", &office.sato).await.body;
    let first = own.find("Sato Hanako").unwrap();
    assert!(first < own.find("Abe Jiro").unwrap() && own.contains("Choose yourself"));
}

#[tokio::test]
async fn only_people_who_work_for_ones_customers_are_seen() {
    let office = office().await;
    let guest = office.bed.person("guest", Role::Viewer, of(&["aoba"])).await;
    let page = office.bed.get("/people/hours", &guest).await.body;
    assert!(page.contains("Abe Jiro") && page.contains("Ito Saburo"));
    assert!(!page.contains("Sato Hanako") && !page.contains("Ueda") && !page.contains("運用窓口</bdi></a>"));
    assert_eq!(office.bed.get("/people/hours/sato", &guest).await.status, StatusCode::NOT_FOUND);
    assert_eq!(office.bed.get("/people/hours/nobody", &guest).await.status, StatusCode::NOT_FOUND);
    assert_eq!(office.bed.get("/people/hours/abe", &guest).await.status, StatusCode::OK);
    let token = office.bed.token("t", Role::Viewer, of(&["aoba"])).await;
    let items = office.bed.get("/api/v1/people", &token).await.json()["items"].clone();
    let ids: Vec<&str> = items.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["abe", "ito"]);
    assert_eq!(office.bed.get("/api/v1/people?customer=minato", &token).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(office.bed.get("/api/v1/people?customer=aoba", &token).await.status, StatusCode::OK);
    assert_eq!(office.bed.get("/api/v1/people?at=soon", &token).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn own_leave_holds_at_once_is_written_down_and_can_be_undone() {
    let office = office().await;
    let (today, tomorrow) = (office.day(0), office.day(1));
    let said = office.leave(&office.sato, "sato", "leave-0001", today, tomorrow).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);
    let again = office.leave(&office.sato, "sato", "leave-0001", today, tomorrow).await;
    assert_eq!(again.location(), said.location(), "the same form twice says one thing");
    let told = office.at_work("sato").await;
    assert_eq!((&told["at_work"], &told["why"]), (&json!(false), &json!("leave")));
    assert!(!told.to_string().contains("婚礼"), "what was written to it is told to nobody: {told}");
    let page = office.bed.get(said.location(), &office.sato).await.body;
    assert!(
        page.contains("It is entered and holds from now on.") && page.contains("婚礼") && page.contains("Undo"),
        "{page}"
    );
    let other = office.bed.get("/people/hours/sato", &office.abe).await.body;
    assert!(other.contains("On leave") && !other.contains("婚礼") && !other.contains("End it now"), "{other}");
    let acts = office.acts().await;
    let (action, detail) = &acts[0];
    assert_eq!((acts.len(), action.as_str(), &detail["before"]), (1, "hours.enter", &Value::Null));
    assert_eq!(detail["after"]["source"], json!(LeaveSource::Page("sato".into())));

    let undone = office.bed.post("/people/hours/sato/undo", &office.sato, "nonce=undo-00001&said=leave-0001").await;
    assert!(undone.location().contains("done=undone"), "{}", undone.body);
    assert_eq!(office.at_work("sato").await["at_work"], true);
    let twice = office.bed.post("/people/hours/sato/undo", &office.sato, "nonce=undo-00002&said=leave-0001").await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    let acts = office.acts().await;
    assert_eq!((acts.len(), acts[0].0.as_str(), &acts[0].1["after"]), (2, "hours.undo", &Value::Null));
}

#[tokio::test]
async fn leave_is_changed_and_ended_and_what_was_is_kept() {
    let office = office().await;
    let (today, later, last) = (office.day(0), office.day(3), office.day(5));
    office.leave(&office.sato, "sato", "leave-0001", today, later).await;
    let edit = office.bed.get("/people/hours/sato?edit=leave-0001", &office.sato).await.body;
    assert!(edit.contains(&format!("value=\"{later}\"")) && edit.contains("name=\"replaces\" value=\"leave-0001\""));
    let form = format!("kind=leave&nonce=leave-0002&replaces=leave-0001&from={today}&until={last}");
    let changed = office.bed.post("/people/hours/sato/entries", &office.sato, &form).await;
    assert!(changed.location().contains("done=changed"), "{}", changed.body);
    let acts = office.acts().await;
    assert_eq!(acts[0].0, "hours.change");
    assert_ne!(acts[0].1["before"]["span"], acts[0].1["after"]["span"]);
    // Somebody else had it open.
    let stale = form.replace("leave-0002", "leave-0003");
    let stale = office.bed.post("/people/hours/sato/entries", &office.sato, &stale).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.body.contains("somebody changed or ended it meanwhile"), "{}", stale.body);

    let ended = office.bed.post("/people/hours/sato/entries/leave-0002/end", &office.sato, "nonce=ended-0001").await;
    assert!(ended.location().contains("done=ended"), "{}", ended.body);
    office.bed.clock.advance_s(2);
    assert_eq!(office.at_work("sato").await["at_work"], true, "what has begun ends now");
    let again = office.bed.post("/people/hours/sato/entries/leave-0002/end", &office.sato, "nonce=ended-0001").await;
    assert!(again.location().contains("done=ended"), "pressed twice it ends once: {}", again.body);
    let page = office.bed.get("/people/hours/sato", &office.sato).await.body;
    assert!(page.contains("over</span>"), "what was stays: {page}");
    let undo = "nonce=undo-00001&said=ended-0001&withdrawn=leave-0002";
    let undone = office.bed.post("/people/hours/sato/undo", &office.sato, undo).await;
    assert!(undone.location().contains("done=undone"), "{}", undone.body);
    assert_eq!(office.at_work("sato").await["why"], "leave");
    let kinds: Vec<String> = office.acts().await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(kinds, ["hours.undo", "hours.end", "hours.change", "hours.enter"]);
}

#[tokio::test]
async fn what_overlaps_or_is_past_or_makes_no_sense_is_answered_with_a_sentence_and_the_form() {
    let office = office().await;
    let (from, until) = (office.day(3), office.day(5));
    office.leave(&office.sato, "sato", "leave-0001", from, until).await;
    let day = |kind: &str, from: Date, rest: &str| format!("kind={kind}&nonce=wrong-0001&from={from}{rest}");
    office
        .bed
        .post("/people/hours/sato/entries", &office.sato, &format!("kind=day&nonce=day-00001&from={from}&hours="))
        .await;
    for (form, words) in [
        (day("leave", office.day(5), &format!("&until={}", office.day(9))), "there is leave already"),
        (day("leave", office.day(-1), ""), "it lies in the past"),
        (day("leave", office.day(9), &format!("&until={}", office.day(8))), "it ends before it begins"),
        (day("leave", office.day(9), "&from_time=10:00"), "give both times"),
        (day("day", from, "&hours=10:00-12:00"), "that day has other hours already"),
        (day("day", office.day(9), "&hours=whenever"), "“whenever” are no hours"),
        (day("sleep", office.day(9), ""), "the form can&#39;t be read"),
        ("kind=leave&nonce=wrong-0001&from=2026-02-30".to_owned(), "“2026-02-30” is no day"),
    ] {
        let answer = office.bed.post("/people/hours/sato/entries", &office.sato, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        let body = answer.body.replace("&#x27;", "&#39;");
        assert!(body.contains(words), "{form}: {words}: {body}");
    }
    assert_eq!(office.acts().await.len(), 2);
    let none = office.bed.post("/people/hours/sato/entries", &office.sato, "kind=leave&from=2027-01-01").await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST, "a form without its nonce");
}

#[tokio::test]
async fn nobody_enters_anything_for_others_but_their_leaders() {
    let office = office().await;
    let day = office.day(2);
    let aoba = office.bed.person("aoba-lead", Role::Leader, of(&["aoba"])).await;
    let minato = office.bed.person("minato-lead", Role::Leader, of(&["minato"])).await;
    for (who, person, wanted) in [
        (&office.abe, "sato", StatusCode::FORBIDDEN),
        (&office.sato, "abe", StatusCode::FORBIDDEN),
        (&minato, "abe", StatusCode::FORBIDDEN),
        (&minato, "ito", StatusCode::FORBIDDEN),
        (&aoba, "sato", StatusCode::NOT_FOUND),
        (&office.sato, "ueda", StatusCode::NOT_FOUND),
        (&minato, "sato", StatusCode::SEE_OTHER),
        (&office.lead, "ueda", StatusCode::SEE_OTHER),
        (&office.lead, "nobody", StatusCode::NOT_FOUND),
    ] {
        let nonce = format!("n-{}", rand());
        assert_eq!(office.leave(who, person, &nonce, day, day).await.status, wanted, "{person}");
    }
    let id =
        office.bed.store.read(|tx| Box::pin(async move { person_days::of_person(tx, "sato", 9).await })).await.unwrap();
    let end = format!("/people/hours/sato/entries/{}/end", id[0].id);
    assert_eq!(office.bed.post(&end, &office.abe, "nonce=ended-0001").await.status, StatusCode::FORBIDDEN);
    // Another person's entry is not one's own, whatever the address says.
    let other = end.replace("/sato/", "/abe/");
    assert_eq!(office.bed.post(&other, &office.abe, "nonce=ended-0002").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let undo = format!("nonce=undo-00001&said={}", id[0].id);
    assert_eq!(
        office.bed.post("/people/hours/abe/undo", &office.abe, &undo).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(office.bed.post(&end, &office.sato, "nonce=ended-0003").await.status, StatusCode::SEE_OTHER);
    let foreign = axum::http::Request::post("/people/hours/sato/entries")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site");
    let form = format!("kind=leave&nonce=foreign-1&from={day}");
    let answer = office.bed.send(crate::bed::as_who(foreign, &office.sato), form).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "another site's form");
}

#[tokio::test]
async fn a_groups_hours_are_seen_before_they_are_kept_and_hold_at_once() {
    let office = office().await;
    let page = "/people/groups/desk";
    assert_eq!(office.bed.get(page, &office.abe).await.status, StatusCode::FORBIDDEN);
    let scoped = office.bed.person("minato-lead", Role::Leader, of(&["minato"])).await;
    assert_eq!(office.bed.get(page, &scoped).await.status, StatusCode::FORBIDDEN, "a group is everybody's");
    assert_eq!(office.bed.get("/people/groups/none", &office.lead).await.status, StatusCode::NOT_FOUND);
    assert_eq!(office.at_work("abe").await["at_work"], false);
    let form = "version=0&zone=Asia%2FTokyo&week=always&breaks=&closed=&holidays=none&nonce=hours-0001";
    let seen = office.bed.post(page, &office.lead, &format!("{form}&do=preview")).await;
    assert!(seen.body.contains("Last week under it") && seen.body.contains("Keep these hours"), "{}", seen.body);
    assert_eq!(office.at_work("abe").await["at_work"], false, "a look keeps nothing");
    let kept = office.bed.post(page, &office.lead, &format!("{form}&do=save")).await;
    assert!(kept.location().contains("done=saved"), "{}", kept.body);
    let told = office.at_work("abe").await;
    assert_eq!((&told["at_work"], &told["hours_of"]), (&json!(true), &json!({ "of": "group", "id": "desk" })));
    let own = office.bed.get("/people/hours/abe", &office.abe).await.body;
    assert!(own.contains("from the page"), "{own}");
    for (form, words) in [
        (form.replace("week=always", "week=mon-fri+9am"), "is no span of time"),
        (form.replace("week=always", "week="), "at least one line"),
        (form.replace("Asia%2FTokyo", "JST"), "no time zone is called"),
        (form.to_owned().replace("hours-0001", "hours-0002"), "somebody changed it meanwhile"),
    ] {
        let answer = office.bed.post(page, &office.lead, &format!("{form}&do=save")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
    let back = office.bed.post(&format!("{page}/turn"), &office.lead, "version=1&to=delete&nonce=back-00001").await;
    assert!(back.location().contains("done=deleted"), "{}", back.body);
    assert_eq!(office.at_work("abe").await["at_work"], false);
    let again = "version=2&to=restore&back_to=1&nonce=again-0001";
    office.bed.post(&format!("{page}/turn"), &office.lead, again).await;
    assert_eq!(office.at_work("abe").await["at_work"], true);
    let kinds: Vec<String> = office.acts().await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(kinds, ["rule.restore", "rule.delete", "rule.save"]);
}
