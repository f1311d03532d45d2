//! `mail test` and `check --offline` with a safety net: what is read in saved mails, how it ends, and that nothing is needed
//! for it but files.

use super::ends;
use crate::outside::process::{err, out, run};
use serde_json::Value;
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

const CONFIG: &str = r#"
[server]
time_zone = "Asia/Tokyo"

[mail.smtp]
recipients = ["@alerts.example.jp"]

[[customer]]
id = "aoba"
name = "Aoba"
services = ["PAAA111"]

[[mail.monitor]]
name = "night-jobs"
recipients = ["jobs-4f1c9ab2@alerts.example.jp"]
secret_recipient = true
customer = "aoba"
service = "PAAA111"
grace = "2m"
subject = '^\[(?P<state>\w+)\] (?P<check>\S+) on (?P<host>\S+)$'
problem = '異常終了|FAILED'
recovery = '正常終了'
time = '^Ended: (.+)$'
time_format = "%Y/%m/%d %H:%M:%S"

[[mail.rule]]
name = "weekly-report"
is = "not_an_alert"
subject = 'weekly report'

[[mail.rule]]
name = "test-machines"
is = "suppressed"
host = '^test-'
"#;

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.write("arayashiki.toml", CONFIG);
        desk
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn mail(&self, name: &str, subject: &str, body: &str) {
        let head =
            "From: Jobs <batch@example.jp>\r\nTo: alerts@example.jp\r\nDate: Fri, 01 May 2026 09:00:05 +0900\r\n";
        let kind =
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n";
        self.write(name, &format!("{head}{kind}Subject: {subject}\r\n\r\n{body}\r\n"));
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    fn test(&self, arguments: &[&str], files: &[&str]) -> Output {
        let files: Vec<String> = files.iter().map(|file| self.path(file)).collect();
        let config = self.path("arayashiki.toml");
        let mut all = vec!["--config", &config, "mail", "test"];
        all.extend(arguments);
        all.extend(files.iter().map(String::as_str));
        run(&all)
    }

    fn read(&self, arguments: &[&str], file: &str, status: i32) -> Value {
        let text = ends(&self.test(&[&["--json"], arguments].concat(), &[file]), status);
        assert_eq!(text.lines().count(), 1, "{text}");
        serde_json::from_str(&text).unwrap()
    }
}

const TO: [&str; 2] = ["--to", "Jobs-4f1c9ab2@alerts.example.jp"];

#[test]
fn a_mail_is_shown_with_all_that_was_read_in_it() {
    let desk = Desk::new();
    desk.mail("job.eml", "[FAILED] backup on db01", "夜間バックアップが異常終了しました\r\nEnded: 2026/05/01 08:59:30");
    let read = desk.read(&TO, "job.eml", 0);
    let text = |name: &str| read[name].as_str().unwrap_or_else(|| panic!("{name} in {read:#}"));
    assert_eq!((text("monitor"), text("reader"), text("state")), ("night-jobs", "patterns", "problem"));
    assert_eq!((text("host"), text("check"), text("time")), ("db01", "backup", "2026-04-30T23:59:30Z"));
    assert_eq!((text("standing"), text("trust"), text("customer")), ("alert", "trusted", "aoba"));
    assert_eq!((text("service"), read["grace_s"].as_i64()), ("PAAA111", Some(120)));
    assert_eq!(text("subject"), "[FAILED] backup on db01");
    assert!(!text("key").is_empty() && !text("trust_why").is_empty() && read["is_configured"] == true);
    assert_eq!(text("file"), desk.path("job.eml"));
}

#[test]
fn a_problem_and_its_recovery_have_one_key_and_others_another() {
    let desk = Desk::new();
    let key = |subject: &str, body: &str| {
        desk.mail("key.eml", subject, body);
        desk.read(&TO, "key.eml", 0)["key"].as_str().unwrap().to_owned()
    };
    let problem = key("[FAILED] backup on db01", "異常終了");
    assert_eq!(problem, key("[OK] backup on db01", "正常終了"));
    assert_ne!(problem, key("[FAILED] backup on db02", "異常終了"));
    assert_ne!(problem, key("[FAILED] vacuum on db01", "異常終了"));
}

#[test]
fn the_envelope_says_whose_a_mail_is_and_whether_it_is_believed() {
    let desk = Desk::new();
    desk.mail("job.eml", "[FAILED] backup on db01", "異常終了");
    let elsewhere = desk.read(&["--to", "alerts@alerts.example.jp", "--peer", "203.0.113.9"], "job.eml", 0);
    assert_eq!((&elsewhere["is_configured"], &elsewhere["trust"]), (&Value::from(false), &Value::from("untrusted")));
    let null = desk.read(&["--to", TO[1], "--from", "<>"], "job.eml", 0);
    let sent = desk.read(&["--to", TO[1], "--from", "batch@example.jp"], "job.eml", 0);
    assert_eq!((&null["monitor"], &sent["monitor"]), (&Value::from("night-jobs"), &Value::from("night-jobs")));
}

#[test]
fn people_read_lines_that_stand_below_each_other() {
    let desk = Desk::new();
    desk.mail("a.eml", "[FAILED] backup on db01", "異常終了\r\nEnded: 2026/05/01 08:59:30");
    desk.mail("b.eml", "Weekly report", "all is well");
    desk.mail("c.eml", "[FAILED] backup on test-7", "異常終了");
    let text = ends(&desk.test(&TO, &["a.eml", "b.eml", "c.eml"]), 1);
    let mails: Vec<&str> = text.split("\n\n").collect();
    assert_eq!(mails.len(), 3, "{text}");
    for (mail, lines) in mails.iter().zip([
        ["  monitor   night-jobs", "  host      db01", "  time      2026-05-01 08:59:30 JST", "  standing  counts as"],
        [
            "  monitor   night-jobs",
            "  host      -",
            "  time      ",
            "  standing  is no alert, by the rule weekly-report",
        ],
        [
            "  monitor   night-jobs",
            "  host      test-7",
            "  time      ",
            "  standing  is meant to have no incident, by the rule test-machines",
        ],
    ]) {
        for line in lines {
            assert!(mail.lines().any(|told| told.starts_with(line)), "{line} is not in\n{mail}");
        }
    }
}

#[test]
fn what_could_steer_a_terminal_is_not_shown() {
    let desk = Desk::new();
    desk.mail("evil.eml", "[FAILED] \u{1b}[2J\u{7}backup on \u{202e}db01", "異常終了");
    let text = out(&desk.test(&TO, &["evil.eml"]));
    assert!(text.contains("  subject "), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
}

#[test]
fn what_nobody_can_read_fails_and_what_can_not_be_opened_is_told_before_anything() {
    let desk = Desk::new();
    desk.mail("hello.eml", "Hello", "How are you?");
    let told = desk.test(&[], &["hello.eml"]);
    assert_eq!(told.status.code(), Some(1), "{}", err(&told));
    assert!(out(&told).contains("  state     unknown: "), "{}", out(&told));
    assert!(err(&told).contains("hello.eml") && err(&told).contains("[[mail.monitor]]"), "{}", err(&told));
    desk.write("empty.eml", "");
    assert_eq!(desk.read(&[], "empty.eml", 1)["state"], "unknown");

    let told = desk.test(&[], &["hello.eml", "gone.eml", "lost.eml"]);
    assert_eq!((told.status.code(), out(&told).as_str()), (Some(2), ""));
    for words in ["gone.eml: can't be opened (", "lost.eml: can't be opened ("] {
        assert!(err(&told).contains(words), "{}", err(&told));
    }
    assert_eq!(desk.test(&["--peer", "mail.example.jp"], &["hello.eml"]).status.code(), Some(2));
    desk.write("arayashiki.toml", "[[mail.rule]]\nname = \"a\"\nis = \"suppressed\"\nsubject = '('\n");
    let told = desk.test(&[], &["hello.eml"]);
    assert_eq!(told.status.code(), Some(2));
    assert!(err(&told).contains("arayashiki.toml:4: [[mail.rule]] subject: \"(\" is no pattern"), "{}", err(&told));
}

/// The example with its tables turned on, which is all that there is.
fn whole_example() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../arayashiki.example.toml");
    let text = std::fs::read_to_string(file).unwrap();
    let (settings, tables) = text.split_once("\n# [[").unwrap();
    let is_key = |line: &&str| line.starts_with("[[") || (line.contains(" = ") && !line.starts_with('#'));
    let lines = tables.lines().map(|line| line.strip_prefix("# ").unwrap_or(line));
    let tables: Vec<&str> = lines.filter(is_key).collect();
    format!("{settings}\n[[customer]]\n{}\n", tables.join("\n"))
}

#[test]
fn the_check_of_a_file_knows_the_whole_net() {
    let desk = Desk::new();
    let check = || run(&["check", "--offline", "--json", "--config", &desk.path("arayashiki.toml")]);
    desk.write("arayashiki.toml", &whole_example());
    // The sample hosts have no key to sign in with, which is told as a failure.
    let said: Value = serde_json::from_str(&ends(&check(), 1)).unwrap();
    let warnings: Vec<&str> = said["warnings"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(
        warnings.iter().any(|told| told.starts_with("[[mail.monitor]] is written but no mail can come")),
        "{said:#}"
    );
    let told = said["lines"].as_array().unwrap();
    assert!(told.iter().any(|line| line["what"] == "slack" && line["state"] == "ok"), "{said:#}");

    desk.write("arayashiki.toml", &format!("{CONFIG}\n[mail.imap]\nhost = \"mail.example.jp\"\nport = \"imaps\"\n"));
    let said: Value = serde_json::from_str(&ends(&check(), 2)).unwrap();
    let keys: Vec<&str> = said["problems"].as_array().unwrap().iter().filter_map(|p| p["key"].as_str()).collect();
    assert_eq!(keys, ["[mail.imap] host", "[mail.imap] host", "[mail.imap] port"]);
}
