//! A real mailbox over IMAP: what lay there before is a baseline, what comes is heard by IDLE, what is kept is flagged or moved,
//! and another UIDVALIDITY alarms nobody.

use super::letters::{letter, problem};
use super::scene::{Plan, Scene, shown};
use super::sender::{Letter, Sender};
use crate::outside::process::{err, out};
use crate::outside::{parallel, skip, wait};
use crate::tidy::root;
use crate::world::Database;
use model::mail::{Ledger, Trust};
use sandbox::monitors::Style;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use store::mails::Item;

/// A Dovecot of our own; it ends with its folder.
struct Dovecot {
    folder: tempfile::TempDir,
    info: Value,
}

impl Dovecot {
    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("dc").tempdir_in("/tmp").unwrap();
        let info = Self::run(folder.path());
        Self { folder, info }
    }

    fn run(folder: &Path) -> Value {
        let mut command = Command::new(root().join("scripts/dovecot"));
        let output = command.arg(folder).stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}{}", out(&output), err(&output));
        serde_json::from_str(&out(&output)).unwrap()
    }

    fn stop(&self) {
        let _ = Command::new(root().join("scripts/dovecot")).arg("stop").arg(self.folder.path()).output();
    }

    /// Its mails get other numbers, as after a restore from a backup.
    fn renumber(&self) {
        self.stop();
        let mail = self.maildir();
        for name in ["dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"] {
            let _ = std::fs::remove_file(mail.join(name));
        }
        Self::run(self.folder.path());
    }

    fn maildir(&self) -> PathBuf {
        PathBuf::from(self.text("mail"))
    }

    fn text(&self, name: &str) -> String {
        self.info[name].as_str().unwrap().to_owned()
    }

    fn deliver(&self, letter: &Letter) {
        let port = u16::try_from(self.info["lmtp_port"].as_u64().unwrap()).unwrap();
        let mut sender = Sender::open_lmtp(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
        let to = format!("{}@example.jp", self.text("user"));
        sender.send(&Letter { to, ..letter.clone() }).unwrap();
    }

    fn config(&self, done: &str) -> String {
        format!(
            "\n[mail.imap]\nhost = \"localhost\"\nport = {}\nuser = \"{}\"\npassword = \"{}\"\ntls = \"starttls\"\nca = \"{}\"\n\
             done = \"{done}\"\npoll = \"10m\"\n",
            self.info["imap_port"],
            self.text("user"),
            self.text("password"),
            self.text("certificate"),
        )
    }

    /// Names of the mails in a folder of the mailbox; the flags stand at their ends.
    fn mails(&self, folder: &str) -> Vec<String> {
        let place = self.maildir().join(folder);
        let list = |sub: &str| std::fs::read_dir(place.join(sub)).into_iter().flatten();
        let names =
            list("cur").chain(list("new")).map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.collect()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
    }
}

fn mail(host: &str) -> Letter {
    letter(&problem(host, "disk /var"), Style::default(), "zbx")
}

fn is_registered(host: &'static str) -> impl FnMut(&[Item]) -> bool {
    move |mails| mails.iter().any(|mail| mail.host.as_deref() == Some(host) && mail.ledger == Ledger::Registered)
}

fn follow(done: &str) {
    let dovecot = Dovecot::start();
    ["old01", "old02", "old03"].iter().for_each(|host| dovecot.deliver(&mail(host)));
    let senders = "\n[[mail.monitor]]\nname = \"zbx\"\nreader = \"zabbix\"\nsenders = [\"monitor@example.jp\"]\n";
    let plan = Plan::paging().net("untrusted = \"page\"").with(&dovecot.config(done)).with(senders);
    let scene = Scene::started(Database::Sqlite, &plan);
    wait::until("the first look", || scene.books.mailbox_was_looked_at().then_some(()));
    dovecot.deliver(&mail("new01"));
    scene.until("the new one is registered", is_registered("new01"));
    let nobody_paged_for_old = |scene: &Scene| {
        let ours = scene.ours();
        let is_old = |one: &Value| one["title"].as_str().unwrap().contains("old");
        assert!(!ours.iter().any(is_old), "{ours:#?}");
    };
    nobody_paged_for_old(&scene);
    match done {
        "flag" => wait::until("it is flagged as seen", || {
            let seen = dovecot.mails("").iter().filter(|name| name.ends_with('S')).count();
            (seen == 1).then_some(())
        }),
        _ => wait::until("it is moved", || (dovecot.mails(".Arayashiki").len() == 1).then_some(())),
    }
    dovecot.renumber();
    wait::until("it listens again", || (idlers(&dovecot) > 0).then_some(()));
    dovecot.deliver(&mail("new02"));
    let mails = scene.until("the next is registered", is_registered("new02"));
    nobody_paged_for_old(&scene);
    assert_eq!(scene.ours().len(), 2, "{}", shown(&mails));
    let of = |host: &str| mails.iter().filter(|mail| mail.host.as_deref() == Some(host)).count();
    assert_eq!((of("new01"), of("new02")), (1, 1), "{}", shown(&mails));
    let balance = scene.books.balance();
    assert_eq!((balance.difference(), balance.waiting), (0, 0), "{balance:?}");
}

/// Connections that Dovecot says are in IDLE.
fn idlers(dovecot: &Dovecot) -> usize {
    let mut command = Command::new("doveadm");
    let config = dovecot.folder.path().join("dovecot.conf");
    let output = command.arg("-c").arg(config).args(["who", "-1"]).output().unwrap();
    out(&output).lines().filter(|line| line.contains("imap")).count()
}

#[test]
fn a_mailbox_is_followed_from_the_first_look_on() {
    if !Path::new("/usr/sbin/dovecot").exists() {
        return skip("Dovecot", "it is not installed: scripts/services install");
    }
    let cases: Vec<(String, &'static str)> = ["flag", "move"].map(|done| (done.to_owned(), done)).to_vec();
    parallel::all(&cases, |done| follow(done));
}

/// The sender writes both headers into the mail; Dovecot puts one of them on top, and that one alone tells the recipient.
fn is_believed(header: &str) {
    let dovecot = Dovecot::start();
    let own = format!("{}@example.jp", dovecot.text("user"));
    let monitor = format!(
        "\n[[mail.monitor]]\nname = \"zbx\"\nreader = \"zabbix\"\nrecipients = [\"{own}\"]\nsecret_recipient = true\n"
    );
    let mailbox = format!("{}recipient_header = \"{header}\"\n", dovecot.config("flag"));
    let scene = Scene::started(Database::Sqlite, &Plan::mode("observe").with(&mailbox).with(&monitor));
    wait::until("the first look", || scene.books.mailbox_was_looked_at().then_some(()));
    let letter = mail("web01");
    let forged = format!("Delivered-To: other@example.jp\r\nX-Original-To: {own}\r\n");
    let raw = [forged.as_bytes(), letter.raw.as_slice()].concat();
    dovecot.deliver(&Letter { raw, ..letter });
    let mails = scene.judged(1);
    let wanted = if header == "delivered-to" { Trust::Trusted } else { Trust::Untrusted };
    assert_eq!((mails[0].monitor.as_str(), mails[0].trust), ("zbx", wanted), "{header}: {}", shown(&mails));
}

#[test]
fn a_secret_address_holds_in_a_mailbox_whose_server_tells_the_recipient() {
    if !Path::new("/usr/sbin/dovecot").exists() {
        return skip("Dovecot", "it is not installed: scripts/services install");
    }
    let cases: Vec<(String, &'static str)> =
        ["delivered-to", "x-original-to"].map(|header| (header.to_owned(), header)).to_vec();
    parallel::all(&cases, |header| is_believed(header));
}
