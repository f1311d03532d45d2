//! Real clients hand mails in: Python's smtplib, swaks, a Postfix as a relay; in the clear and by STARTTLS, while the program is
//! killed and started again. Each mail is once in the ledger, however often it was sent.

use super::letters::{letter, monitor, problem};
use super::scene::{Plan, Scene, shown};
use super::sender::{Letter, Sender};
use crate::outside::process::{err, has_tool, out};
use crate::outside::{skip, wait};
use crate::tidy::root;
use crate::world::{Arms, Database};
use model::mail::Ledger;
use sandbox::monitors::Style;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PYTHON: &str = r#"
import smtplib, ssl, sys
port, sender, to, certificate, name = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5]
raw = open(name, "rb").read()
with smtplib.SMTP("localhost", port, timeout=30) as client:
    client.ehlo()
    if certificate:
        client.starttls(context=ssl.create_default_context(cafile=certificate))
        client.ehlo()
    assert client.has_extn("pipelining") and client.has_extn("8bitmime") and client.has_extn("size")
    refused = client.sendmail(sender, [to], raw, mail_options=["BODY=8BITMIME"])
    assert not refused, refused
"#;

/// A certificate for this machine's own name, signed by itself.
fn certificate(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    if !has_tool("openssl") {
        skip("STARTTLS", "openssl makes the certificate");
        return None;
    }
    let (key, certificate) = (folder.join("key.pem"), folder.join("certificate.pem"));
    let mut command = Command::new("openssl");
    command.args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
    ]);
    command.args(["/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext"]);
    command.arg("basicConstraints=critical,CA:FALSE").arg("-keyout").arg(&key).arg("-out").arg(&certificate);
    works(&mut command);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    Some((certificate, key))
}

fn works(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(output.status.success(), "{command:?}: {}{}", out(&output), err(&output));
    output
}

/// Observes alone: what is sent is the test's business.
fn scene() -> Option<(Scene, PathBuf)> {
    let mut made = None;
    let scene = Scene::made_and_started(Database::Sqlite, |_, folder| {
        made = certificate(folder);
        let plan = Plan::mode("observe").with(&monitor("zbx", "zabbix", ""));
        let Some((certificate, key)) = &made else { return plan };
        let smtp = format!("tls_cert = \"{}\"\ntls_key = \"{}\"\n", certificate.display(), key.display());
        Plan { smtp, ..plan }
    });
    made.map(|(certificate, _)| (scene, certificate))
}

fn letters(hosts: &[&str]) -> Vec<Letter> {
    hosts.iter().map(|host| letter(&problem(host, "disk /var"), Style::default(), "zbx")).collect()
}

fn kept(scene: &Scene, hosts: &[&str]) {
    let mails = scene.judged(hosts.len());
    for host in hosts {
        let of = mails.iter().filter(|mail| mail.host.as_deref() == Some(host)).count();
        assert_eq!(of, 1, "{host}: {}", shown(&mails));
    }
    assert!(mails.iter().all(|mail| mail.ledger == Ledger::Missing), "{}", shown(&mails));
    scene.balances(hosts.len());
}

fn file(scene: &Scene, letter: &Letter) -> PathBuf {
    let mut file = tempfile::NamedTempFile::new_in(scene.world.site.folder.path()).unwrap();
    file.write_all(&letter.raw).unwrap();
    file.keep().unwrap().1
}

#[test]
fn pythons_smtplib_delivers_in_the_clear_and_by_starttls() {
    if !has_tool("python3") {
        return skip("smtplib", "there is no python3");
    }
    let Some((scene, certificate)) = scene() else { return };
    let hosts = ["clear01", "tls01"];
    for (letter, trusted) in letters(&hosts).iter().zip([String::new(), certificate.display().to_string()]) {
        let port = scene.smtp.port().to_string();
        let name = file(&scene, letter).display().to_string();
        works(Command::new("python3").args(["-c", PYTHON, &port, &letter.from, &letter.to, &trusted, &name]));
    }
    kept(&scene, &hosts);
}

#[test]
fn swaks_delivers_by_smtp_and_lmtp_in_the_clear_and_by_starttls() {
    if !has_tool("swaks") {
        return skip("swaks", "there is no swaks: scripts/services install");
    }
    let Some((scene, _)) = scene() else { return };
    let hosts = ["smtp01", "smtptls01", "lmtp01", "lmtptls01"];
    let ways: [(SocketAddr, &[&str]); 4] = [
        (scene.smtp, &["--protocol", "ESMTP"]),
        (scene.smtp, &["--protocol", "ESMTP", "--tls"]),
        (scene.lmtp, &["--protocol", "LMTP"]),
        (scene.lmtp, &["--protocol", "LMTP", "--tls"]),
    ];
    for (letter, (to, options)) in letters(&hosts).iter().zip(ways) {
        let mut command = Command::new("swaks");
        command.args([
            "--server",
            "127.0.0.1",
            "--port",
            &to.port().to_string(),
            "--from",
            &letter.from,
            "--to",
            &letter.to,
        ]);
        works(command.args(options).args(["--data", &format!("@{}", file(&scene, letter).display())]));
    }
    let doors: Vec<String> = scene.judged(hosts.len()).into_iter().map(|mail| mail.door).collect();
    assert_eq!(doors, ["mail-smtp", "mail-smtp", "mail-lmtp", "mail-lmtp"]);
    kept(&scene, &hosts);
}

/// A Postfix of our own; it ends with its folder.
struct Postfix {
    folder: tempfile::TempDir,
    address: SocketAddr,
}

impl Postfix {
    fn start(target: SocketAddr, kind: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(root().join("scripts/postfix-relay"));
        let port = out(&works(command.arg(target.to_string()).arg(folder.path()).arg(kind)));
        let address = SocketAddr::from(([127, 0, 0, 1], port.trim().parse().unwrap()));
        Self { folder, address }
    }

    fn waiting(&self) -> usize {
        let mut command = Command::new(root().join("scripts/postfix-relay"));
        out(&works(command.arg("queue").arg(self.folder.path()))).lines().count()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = Command::new(root().join("scripts/postfix-relay")).arg("stop").arg(self.folder.path()).output();
    }
}

fn has_postfix() -> bool {
    let is_there = Path::new("/usr/sbin/postfix").exists();
    if !is_there {
        skip("Postfix", "it is not installed: scripts/services install");
    }
    is_there
}

/// The relay holds what could not be handed over, and what was taken without an answer comes twice and is one.
#[test]
fn what_postfix_relays_survives_a_kill_and_a_stop_of_ours() {
    if !has_postfix() {
        return;
    }
    let Some((mut scene, _)) = scene() else { return };
    let postfix = Postfix::start(scene.lmtp, "lmtp-starttls");
    let hosts = ["a01", "b01", "b02", "b03", "c01", "c02"];
    let letters = letters(&hosts);
    let hand_over = |letters: &[Letter]| {
        let mut sender = Sender::open(postfix.address).unwrap();
        letters.iter().for_each(|letter| drop(sender.send(letter).unwrap()));
    };
    hand_over(&letters[..1]);
    scene.judged(1);
    // Killed after it was kept and before Postfix was told so.
    scene.world.site.stop();
    scene.world.site.start(&Arms::point("post.before_answer", 1));
    hand_over(&letters[1..4]);
    scene.world.site.was_aborted("post.before_answer");
    hand_over(&letters[4..]);
    wait::until("all that was not told waits", || (postfix.waiting() == 5).then_some(()));
    scene.world.site.start(&Arms::default());
    wait::until("the relay's queue to be empty", || (postfix.waiting() == 0).then_some(()));
    kept(&scene, &hosts);
    assert!(scene.books.balance().duplicates >= 1, "nothing came twice: {:?}", scene.books.balance());
    assert!(scene.books.mails().iter().all(|mail| mail.door == "mail-lmtp" && mail.sender == "monitor@example.jp"));
    let log = std::fs::read_to_string(postfix.folder.path().join("log/maillog")).unwrap();
    assert!(log.contains("TLS connection established"), "it was not by STARTTLS: {log}");
}
