//! Logging in: keys of all kinds, encrypted ones, certificates, agents; and what is said when none of it works.

use crate::bed::{exec, hop, key_file, probe, way};
use crate::sshd::{Sshd, keygen, make_key, script};
use probe::{Kind, Login, Secret, Way};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

fn with(host: &Sshd, logins: Vec<Login>) -> Way {
    let mut hop = hop("web", host);
    hop.logins = logins;
    Way { hops: vec![hop] }
}

fn encrypted(path: &Path, passphrase: Option<&str>) -> Login {
    Login::KeyFile { path: path.to_owned(), passphrase: passphrase.map(Secret::new), certificate: None }
}

#[tokio::test]
async fn keys_of_all_kinds_log_in() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe(&[&host]);
    let kinds: [&[&str]; 7] = [
        &["-t", "ed25519"],
        &["-t", "ecdsa", "-b", "256"],
        &["-t", "ecdsa", "-b", "384"],
        &["-t", "ecdsa", "-b", "521"],
        &["-t", "rsa", "-b", "2048"],
        &["-t", "rsa", "-b", "2048", "-m", "PEM"],
        &["-t", "ecdsa", "-m", "PKCS8"],
    ];
    for (n, kind) in kinds.iter().enumerate() {
        let path = host.folder.path().join(format!("mine{n}"));
        host.authorize(&make_key(&path, &[kind, &["-N", ""][..]].concat()));
        exec(&probe, with(&host, vec![key_file(&path)]), "true").await.unwrap_or_else(|e| panic!("{kind:?}: {e}"));
    }
    assert_eq!(host.logged("Accepted publickey"), kinds.len());
}

#[tokio::test]
async fn rsa_is_never_signed_with_sha_1() {
    let Some(script) = script() else { return };
    for (taken, is_in) in [("rsa-sha2-512", true), ("ssh-rsa", false)] {
        let host = Sshd::start(&script, &[&format!("PubkeyAcceptedAlgorithms {taken}")]);
        let path = host.folder.path().join("mine");
        host.authorize(&make_key(&path, &["-t", "rsa", "-b", "2048", "-N", ""]));
        let answer = exec(&probe(&[&host]), with(&host, vec![key_file(&path)]), "true").await;
        assert_eq!(answer.is_ok(), is_in, "{taken}: {answer:?}");
    }
}

#[tokio::test]
async fn an_encrypted_key_is_opened_by_its_passphrase_alone() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe(&[&host]);
    let path = host.folder.path().join("mine");
    host.authorize(&make_key(&path, &["-t", "ed25519", "-N", "open sesame"]));
    exec(&probe, with(&host, vec![encrypted(&path, Some("open sesame"))]), "true").await.unwrap();
    for (passphrase, why) in [(None, "is encrypted"), (Some("open barley"), "does not open it")] {
        let error = exec(&probe, with(&host, vec![encrypted(&path, passphrase)]), "true").await.unwrap_err();
        let Kind::KeyFile { why: told, .. } = &error.kind else { panic!("{error}") };
        assert!(told.contains(why) && error.kind.is_ours(), "{told}");
        assert!(!format!("{error} {error:?}").contains("open barley"));
    }
}

#[tokio::test]
async fn logins_are_tried_in_turn_and_all_of_them_are_named_when_none_is_taken() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe(&[&host]);
    let wrong = host.folder.path().join("wrong");
    make_key(&wrong, &["-t", "ed25519", "-N", ""]);
    let missing = host.folder.path().join("missing");
    exec(&probe, with(&host, vec![key_file(&missing), key_file(&wrong), key_file(&host.key)]), "true").await.unwrap();
    let error = exec(&probe, with(&host, vec![key_file(&missing), key_file(&wrong)]), "true").await.unwrap_err();
    let Kind::LoginRefused { tried, methods, .. } = &error.kind else { panic!("{error}") };
    assert!(tried.contains("missing") && tried.contains("wrong") && tried.contains("SHA256:"), "{tried}");
    assert_eq!(methods, "publickey");
    let error = exec(&probe, with(&host, vec![key_file(&missing)]), "true").await.unwrap_err();
    assert!(matches!(error.kind, Kind::KeyFile { .. }), "{error}");
    let error = exec(&probe, with(&host, vec![]), "true").await.unwrap_err();
    assert!(error.to_string().contains("no login is configured"), "{error}");
}

#[tokio::test]
async fn a_wrong_user_and_a_key_that_everybody_may_read_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe(&[&host]);
    let mut stranger = way(&[&host]);
    stranger.hops[0].user = "nobody-of-this-name".into();
    let error = exec(&probe, stranger, "true").await.unwrap_err();
    assert!(matches!(&error.kind, Kind::LoginRefused { user, .. } if user == "nobody-of-this-name"), "{error}");
    let open = host.folder.path().join("open");
    std::fs::copy(&host.key, &open).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = exec(&probe, with(&host, vec![key_file(&open)]), "true").await.unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[tokio::test]
async fn more_keys_than_a_server_listens_to_are_no_riddle() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &["MaxAuthTries 2"]);
    let logins = (0..4).map(|n| {
        let path = host.folder.path().join(format!("wrong{n}"));
        make_key(&path, &["-t", "ed25519", "-N", ""]);
        key_file(&path)
    });
    let way = with(&host, logins.collect());
    let error = exec(&probe(&[&host]), way, "true").await.unwrap_err();
    assert!(error.to_string().contains("MaxAuthTries"), "{error}");
}

/// A host that believes an authority of users; and a key and its certificate for the user who may log in.
fn believing(script: &str, kind: &[&str]) -> (Sshd, PathBuf) {
    let folder = TempDir::new().unwrap();
    let authority = folder.path().join("authority");
    make_key(&authority, &["-t", "ed25519", "-N", ""]);
    let line = format!("TrustedUserCAKeys {}.pub", authority.display());
    let host = Sshd::start_in(script, folder, &[&line]);
    let key = host.folder.path().join("mine");
    make_key(&key, &[kind, &["-N", ""][..]].concat());
    let (authority, public) = (authority.to_string_lossy(), format!("{}.pub", key.display()));
    keygen(&["-q", "-s", &authority, "-I", "diagnostics", "-n", &host.user, "-V", "+1h", &public]);
    (host, key)
}

#[tokio::test]
async fn a_certificate_logs_in_where_the_key_alone_does_not() {
    let Some(script) = script() else { return };
    for kind in [&["-t", "ed25519"][..], &["-t", "ecdsa"], &["-t", "rsa", "-b", "2048"]] {
        let (host, key) = believing(&script, kind);
        let probe = probe(&[&host]);
        exec(&probe, with(&host, vec![key_file(&key)]), "true").await.unwrap_or_else(|e| panic!("{kind:?}: {e}"));
        assert!(host.logged("ID diagnostics") >= 1);
        let elsewhere = host.folder.path().join("named.pub");
        std::fs::rename(format!("{}-cert.pub", key.display()), &elsewhere).unwrap();
        probe.close().await;
        let probe = crate::bed::probe(&[&host]);
        let error = exec(&probe, with(&host, vec![key_file(&key)]), "true").await.unwrap_err();
        assert!(matches!(error.kind, Kind::LoginRefused { .. }), "{error}");
        let named = Login::KeyFile { path: key, passphrase: None, certificate: Some(elsewhere) };
        exec(&probe, with(&host, vec![named]), "true").await.unwrap();
    }
}

struct Agent {
    child: Child,
    socket: PathBuf,
}

impl Agent {
    fn start(folder: &Path) -> Self {
        let socket = folder.join("agent");
        let child = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
        while !socket.exists() {
            std::thread::yield_now();
        }
        Self { child, socket }
    }

    fn add(&self, key: &Path) {
        let added = Command::new("ssh-add").arg("-q").arg(key).env("SSH_AUTH_SOCK", &self.socket).status().unwrap();
        assert!(added.success());
    }

    fn login(&self) -> Login {
        Login::Agent { socket: self.socket.clone() }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn an_agent_logs_in_with_keys_and_certificates() {
    let Some(script) = script() else { return };
    for kind in [&["-t", "ed25519"][..], &["-t", "rsa", "-b", "2048"]] {
        let (host, key) = believing(&script, kind);
        let probe = probe(&[&host]);
        let agent = Agent::start(host.folder.path());
        let error = exec(&probe, with(&host, vec![agent.login()]), "true").await.unwrap_err();
        assert!(error.to_string().contains("holds no key"), "{error}");
        // Takes the certificate beside the key with it.
        agent.add(&key);
        exec(&probe, with(&host, vec![agent.login()]), "true").await.unwrap_or_else(|e| panic!("{kind:?}: {e}"));
        assert_eq!(host.logged("ID diagnostics"), 1, "the log names the certificate that was accepted");
        let plain = Sshd::start(&script, &[]);
        plain.authorize(&std::fs::read_to_string(format!("{}.pub", key.display())).unwrap());
        let probe = crate::bed::probe(&[&plain]);
        exec(&probe, with(&plain, vec![agent.login()]), "true").await.unwrap();
    }
    let gone = Login::Agent { socket: "/nowhere/agent".into() };
    let host = Sshd::start(&script, &[]);
    let error = exec(&probe(&[&host]), with(&host, vec![gone]), "true").await.unwrap_err();
    assert!(matches!(error.kind, Kind::Agent { .. }), "{error}");
}
