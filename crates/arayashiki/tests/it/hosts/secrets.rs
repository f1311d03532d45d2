//! Secrets that a host shows never lie anywhere: not in the database, not in the evidence store, not in PagerDuty, not in an answer of
//! ours. That something was hidden is said.

use super::bed::{Bed, HOST, Plan};
use super::runbook::{LOOK, step, unattended};
use super::seen;
use crate::outside::{Dice, wait};
use crate::world::sandbox::SERVICES;
use crate::world::{Arms, Database};
use serde_json::json;
use std::path::Path;
use std::process::{Child, Command};

const TABLES: &str = "customer = \"hoshino\"\n\n\
    [[customer]]\nid = \"hoshino\"\nname = \"Hoshino Foods\"\nservices = [\"Hoshino Foods / EC site\"]\nshare = \"full\"\n\n\
    [[redaction.rule]]\nname = \"member-number\"\npattern = '会員番号[:：]\\s*(\\d{8})'\n";

/// What nobody may find again. Made anew each time, so that nothing but the host can have it.
struct Planted {
    password: String,
    token: String,
    member: String,
    argument: String,
}

impl Planted {
    fn new() -> Self {
        let mut dice = Dice::new(u64::from(std::process::id()) + 11);
        let mut word = |letters: &str, n: usize| -> String {
            let letters: Vec<char> = letters.chars().collect();
            (0..n).map(|_| letters[dice.below(letters.len() as u64) as usize]).collect()
        };
        let mixed = "abcdefghkmnpqrstuvwxyzABCDEFGHKMNPQRSTUVWXYZ23456789";
        Self {
            password: word(mixed, 18),
            token: format!("{}{}", ["gh", "p_"].concat(), word(mixed, 36)),
            member: word("123456789", 8),
            argument: word(mixed, 20),
        }
    }

    fn all(&self) -> [&str; 4] {
        [&self.password, &self.token, &self.member, &self.argument]
    }

    fn file(&self) -> String {
        format!(
            "disk 97%\ndb.password={}\nAuthorization: Bearer {}\n会員番号: {}\nlast line\n",
            self.password, self.token, self.member
        )
    }
}

/// A process of the host's that was given a password as an argument.
struct Worker(Child);

impl Worker {
    fn start(password: &str) -> Self {
        let script = "sleep 600 & trap 'kill $!' TERM; wait";
        let child =
            Command::new("sh").args(["-c", script, "nightly-worker", &format!("--password={password}")]).spawn();
        Self(child.unwrap())
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        crate::outside::process::signal(self.0.id(), "TERM");
        let _ = self.0.wait();
    }
}

/// Every file below a folder that holds one of these texts.
fn found_in(folder: &Path, planted: &Planted) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(found_in(&path, planted));
            continue;
        }
        let Ok(bytes) = std::fs::read(&path) else { continue };
        found.extend(
            planted
                .all()
                .into_iter()
                .filter(|text| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
                .map(|text| format!("{text} in {}", path.display())),
        );
    }
    found
}

fn steps(host_folder: &Path) -> [String; 2] {
    let expects = "expect: [{number: {pattern: 'disk (\\d+)%', max: 90, says: {en: '{value}% used', ja: '{value}%'}}}]";
    let lacks =
        "expect: [{lacks: {pattern: 'nightly-worker.*', level: info, says: {en: 'it runs: {value}', ja: '{value}'}}}]";
    [
        step("settings", &[expects], &format!("cat {}/settings", host_folder.display())),
        step("processes", &[lacks], "ps -eo args | grep '[n]ightly-worker'"),
    ]
}

#[test]
fn what_is_secret_on_the_host_stays_there() {
    let Some(plan) = Plan::usual(Database::Sqlite) else { return };
    let planted = Planted::new();
    let _worker = Worker::start(&planted.argument);
    let steps = steps(plan.host.folder.path());
    let mut bed = Bed::made(Plan { tables: TABLES.to_owned(), ..plan }, &[(LOOK, unattended(LOOK, &steps))]);
    bed.put("settings", planted.file().as_bytes(), false);
    bed.world.site.start(&Arms::default());
    bed.world.settle_at_first();
    bed.approve(LOOK);
    let incident = bed.world.sandbox.trigger(SERVICES[0], "web-1 disk");
    let run = wait::until("a run by itself", || bed.runs().first().and_then(|run| run["id"].as_i64()));
    let run = bed.ended(run);
    assert_eq!((&run["state"], &run["host"]), (&json!("done"), &json!(HOST)), "{run}");
    bed.world.settle();
    says_what_was_hidden(&bed, &run);
    nowhere(&bed, &planted, &incident, &run);
}

fn says_what_was_hidden(bed: &Bed, run: &serde_json::Value) {
    let settings = seen::step(run, "settings");
    let said = String::from_utf8(bed.download(settings, "out")).unwrap();
    assert!(said.starts_with("disk 97%\n") && said.ends_with("last line\n"), "{said}");
    assert!(said.contains("[redacted:member-number]"), "{said}");
    assert_eq!(settings["redactions"]["member-number"], 1, "{settings}");
    let processes = String::from_utf8(bed.download(seen::step(run, "processes"), "out")).unwrap();
    assert!(processes.contains("nightly-worker") && processes.contains("[redacted:"), "{processes}");
    assert!(bed.capsule(settings).redactions.values().sum::<u64>() >= 3, "{settings}");
}

/// The whole folder of the world is looked through, with what the simulated PagerDuty wrote down, and every answer.
fn nowhere(bed: &Bed, planted: &Planted, incident: &str, run: &serde_json::Value) {
    let note = bed.world.sandbox.get("state").to_string();
    assert!(note.contains("[redacted:") && note.contains("97%"), "the customer shares all, so the note tells: {note}");
    let mut answers = vec![note, run.to_string(), bed.world.site.log_text()];
    for path in
        [format!("incidents/{incident}/evidence"), format!("incidents/{incident}"), "runs".into(), "jobs".into()]
    {
        answers.push(bed.world.site.api(&path).unwrap().to_string());
    }
    for step in run["steps"].as_array().unwrap() {
        answers.push(String::from_utf8(bed.download(step, "out")).unwrap());
        answers.push(format!("{:?}", bed.capsule(step)));
    }
    for text in planted.all() {
        assert!(!answers.iter().any(|answer| answer.contains(text)), "{text} in an answer");
    }
    assert_eq!(found_in(bed.world.site.folder.path(), planted), [] as [String; 0]);
    let on_host = std::fs::read_to_string(bed.host.folder.path().join("settings")).unwrap();
    assert!(planted.all()[..3].iter().all(|text| on_host.contains(text)), "the search finds what is there");
}
