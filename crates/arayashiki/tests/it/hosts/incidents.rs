//! An incident that names a host leads there by itself, and to nobody else's host; what came back is told in PagerDuty once.

use super::bed::{BASTION, Bed, HOST, Plan};
use super::runbook::{LOOK, step, unattended};
use super::seen::{self, states};
use crate::outside::{parallel, wait};
use crate::world::sandbox::SERVICES;
use crate::world::{Arms, Database};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// From the alarm to the evidence, on a machine that does other things too.
const EVIDENCE_WITHIN: Duration = Duration::from_secs(30);
/// The service of the host's customer, and one of another customer.
const OURS: &str = SERVICES[0];
const THEIRS: &str = SERVICES[3];
/// A host of the other customer.
const PAY: &str = "pay-1";

const CUSTOMERS: &str = "customer = \"hoshino\"\n\n\
    [[customer]]\nid = \"hoshino\"\nname = \"Hoshino Foods\"\nservices = [\"Hoshino Foods / EC site\"]\n\n\
    [[customer]]\nid = \"minato\"\nname = \"Minato Pay\"\nservices = [\"Minato Pay / 決済API\"]\n";

fn bed(database: Database, mode: &'static str) -> Option<Bed> {
    let usual = Plan::usual(database)?;
    let pay = format!(
        "\n[[host]]\nname = \"{PAY}\"\naddress = \"{}:{}\"\nvia = \"{BASTION}\"\ncustomer = \"minato\"\n{}",
        usual.host.address, usual.host.port, usual.login
    );
    let steps = [step("disk", &[EXPECTS], "echo 'disk 97%'"), step("who", &[], "id -un")];
    let plan = Plan { mode, tables: format!("{CUSTOMERS}{pay}"), ..usual };
    let mut bed = Bed::made(plan, &[(LOOK, unattended(LOOK, &steps))]);
    bed.world.site.start(&Arms::default());
    bed.world.settle_at_first();
    Some(bed)
}

const EXPECTS: &str = "expect: [{number: {pattern: 'disk (\\d+)%', max: 90, level: critical, \
    says: {en: '{value}% of the disk is used', ja: 'ディスク使用率 {value}%'}}}]";

impl Bed {
    fn evidence(&self, incident: &str) -> Option<Value> {
        let found = self.world.site.api(&format!("incidents/{incident}/evidence")).ok()?;
        (!found["visit"].is_null()).then_some(found)
    }

    /// What became of looking for an incident's hosts.
    fn visit(&self, incident: &str) -> Value {
        wait::until("a look for the incident's hosts", || self.evidence(incident))["visit"].clone()
    }

    fn runs_for(&self, incident: &str) -> Vec<Value> {
        self.world.site.all(&format!("incidents/{incident}/runs")).unwrap_or_default()
    }

    /// Our notes on an incident's hosts, as PagerDuty has them.
    fn notes(&self, incident: &str) -> Vec<String> {
        let all = self.world.sandbox.incidents();
        let one = all.iter().find(|one| one["id"] == incident).unwrap();
        let texts = one["notes"].as_array().unwrap().iter().filter_map(|note| note["content"].as_str());
        texts.filter(|text| text.contains("arayashiki:diagnosis")).map(str::to_owned).collect()
    }

    fn sessions(&self) -> usize {
        self.host.logged("Starting session")
    }
}

#[test]
fn an_incident_leads_to_its_host_and_the_evidence_back() {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| {
        let Some(bed) = bed(*database, "run") else { return };
        held_back_until_approved(&bed);
        let incident = visited(&bed);
        told_once(&bed, &incident);
        told_to_the_next(&bed, &incident);
        another_customers(&bed);
        nobody_known(&bed);
        bed.is_well_recorded();
    });
}

fn held_back_until_approved(bed: &Bed) {
    let incident = bed.world.sandbox.trigger(OURS, "web-1 before");
    let visit = bed.visit(&incident);
    assert_eq!(visit["hosts"][0]["host"], HOST, "{visit}");
    assert_eq!(visit["held_back"][0]["runbook"], LOOK, "{visit}");
    assert!(visit["held_back"][0]["why"]["en"].as_str().unwrap().contains("approved by nobody"), "{visit}");
    bed.world.settle();
    assert_eq!(bed.runs(), [] as [Value; 0]);
    bed.approve(LOOK);
}

/// The incident whose host was visited.
fn visited(bed: &Bed) -> String {
    let incident = bed.world.sandbox.trigger(OURS, "web-1 disk");
    let begun = Instant::now();
    let run = wait::until("a run by itself", || bed.runs_for(&incident).first().and_then(|run| run["id"].as_i64()));
    let run = bed.ended(run);
    assert!(begun.elapsed() < EVIDENCE_WITHIN, "it took {:?}", begun.elapsed());
    assert_eq!(
        (&run["state"], &run["level"], &run["reason"]),
        (&json!("done"), &json!("critical"), &json!("incident"))
    );
    assert_eq!(
        (&run["host"], &run["customer"], &run["incident_id"]),
        (&json!(HOST), &json!("hoshino"), &json!(incident))
    );
    assert_eq!((&run["hops"], states(&run)), (&json!([BASTION]), vec![("disk", "finding"), ("who", "ok")]));
    assert_eq!(run["findings"][0]["words"]["en"], "97% of the disk is used", "{run}");
    let disk = seen::step(&run, "disk");
    assert_eq!(bed.download(disk, "out"), b"disk 97%\n");
    assert_eq!(seen::stream(disk, "out")["sha256"], seen::sha256(b"disk 97%\n"));
    let capsule = bed.capsule(disk);
    assert_eq!((capsule.incident.as_deref(), capsule.customer.as_deref()), (Some(incident.as_str()), Some("hoshino")));
    let evidence = bed.evidence(&incident).unwrap();
    assert_eq!((evidence["runs"].as_array().unwrap().len(), &evidence["runs"][0]["id"]), (1, &run["id"]));
    wait::until("the host to count as reached", || (bed.reach()["state"] == "reached").then_some(()));
    assert!(bed.host.logged("Accepted publickey") > 0 && bed.bastion.logged("Accepted publickey") > 0);
    incident
}

fn told_once(bed: &Bed, incident: &str) {
    let first = wait::until("a note", || bed.notes(incident).pop());
    assert!(first.contains("97%"), "{first}");
    bed.write_runbook(LOOK, &unattended(LOOK, &[step("disk", &[EXPECTS], "echo 'disk 98%'")]));
    bed.approve_changed(LOOK);
    let answer = bed.post(&format!("incidents/{incident}/diagnose"), json!({}));
    assert_eq!(answer.status, 202, "{}", answer.text());
    wait::until("the note to be brought up to date", || {
        bed.notes(incident).iter().any(|note| note.contains("98%")).then_some(())
    });
    bed.world.settle();
    let notes = bed.notes(incident);
    assert!(notes.len() == 1 && !notes[0].contains("97%"), "{notes:?}");
    assert_eq!(bed.runs_for(incident).len(), 2);
}

/// What came back a moment ago stands beside the next incident of the same host, and is told there; nobody goes there again.
fn told_to_the_next(bed: &Bed, first: &str) {
    let (sessions, next) = (bed.sessions(), bed.world.sandbox.trigger(OURS, "web-1 disk again"));
    let note = wait::until("a note on the next incident", || bed.notes(&next).pop());
    assert!(note.contains("98%"), "{note}");
    let (of_first, of_next) = (bed.runs_for(first), bed.runs_for(&next));
    assert_eq!((of_next.len(), &of_next[0]["id"], &of_next[0]["incident_id"]), (1, &of_first[0]["id"], &json!(first)));
    bed.world.settle();
    assert_eq!((bed.notes(&next).len(), bed.notes(first).len(), bed.sessions()), (1, 1, sessions));
}

/// The title names our customer's host, and the incident is another's.
fn another_customers(bed: &Bed) {
    let (sessions, incident) = (bed.sessions(), bed.world.sandbox.trigger(THEIRS, "web-1 slow"));
    let visit = bed.visit(&incident);
    assert_eq!((&visit["hosts"], &visit["refused"][0]["host"]), (&json!([]), &json!(HOST)), "{visit}");
    assert!(!visit["refused"][0]["why"]["ja"].as_str().unwrap().is_empty(), "{visit}");
    let answer = bed.post("runs", json!({ "host": HOST, "runbook": LOOK, "incident": incident }));
    assert!(answer.status == 409 && answer.text().contains("another customer"), "{}", answer.text());
    bed.world.settle();
    assert_eq!((bed.runs_for(&incident), bed.notes(&incident)), (vec![], vec![]));
    assert_eq!(bed.sessions(), sessions, "somebody went there");
}

fn nobody_known(bed: &Bed) {
    let incident = bed.world.sandbox.trigger(OURS, "web-11 is down");
    let visit = bed.visit(&incident);
    assert_eq!((&visit["hosts"], &visit["refused"]), (&json!([]), &json!([])), "{visit}");
    assert!(visit["unknown"].to_string().contains("web-11"), "{visit}");
    let said = format!("{}{}", visit["says"], visit["hints"]);
    assert!(said.contains(HOST), "the nearest known name is told: {visit}");
    bed.world.settle();
    assert_eq!(bed.runs_for(&incident), [] as [Value; 0]);
}

impl Bed {
    /// Approves a version that is another than the one that was approved.
    fn approve_changed(&self, name: &str) {
        let is_new = || {
            let all = self.world.site.all_of_page("runbooks").ok()?;
            all.iter().any(|one| one["name"] == name && one["approved"] == false).then_some(())
        };
        wait::until("the changed runbook to be read", is_new);
        self.approve(name);
    }
}

#[test]
fn who_observes_sees_what_would_be_done_and_nothing_is_sent() {
    let Some(bed) = bed(Database::Sqlite, "observe") else { return };
    bed.approve(LOOK);
    let incident = bed.world.sandbox.trigger(OURS, "web-1 disk");
    let visit = bed.visit(&incident);
    assert_eq!((&visit["mode"], &visit["hosts"][0]["host"]), (&json!("observe"), &json!(HOST)), "{visit}");
    assert!(visit["held_back"][0]["why"]["en"].as_str().unwrap().contains("observe"), "{visit}");
    bed.world.settle();
    assert_eq!((bed.runs(), bed.notes(&incident)), (vec![], vec![]));
    // A person may look all the same.
    let run = bed.run(LOOK);
    assert_eq!((&run["state"], &run["reason"]), (&json!("done"), &json!("button")));
}
