//! Connections that are kept: used again, shared, replaced when they died, closed when nobody needs them.

use crate::bed::{exec, probe, probe_with, until, way};
use crate::sshd::{Sshd, script};
use probe::Settings;

const LOGIN: &str = "Accepted publickey";

#[tokio::test]
async fn a_bastion_is_logged_in_to_once_and_a_host_once_for_runs_in_a_row() {
    let Some(script) = script() else { return };
    let (bastion, host, other) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let probe = probe(&[&bastion, &host, &other]);
    for _ in 0..5 {
        exec(&probe, way(&[&bastion, &host]), "true").await.unwrap();
        exec(&probe.clone(), way(&[&bastion, &other]), "true").await.unwrap();
    }
    assert_eq!([&bastion, &host, &other].map(|server| server.logged(LOGIN)), [1, 1, 1]);
}

#[tokio::test]
async fn many_that_want_a_bastion_at_once_share_one_login() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let probe = probe(&[&bastion, &host]);
    let runs = (0..12).map(|_| exec(&probe, way(&[&bastion, &host]), "true"));
    for said in futures_util::future::join_all(runs).await {
        said.unwrap();
    }
    assert_eq!(bastion.logged(LOGIN), 1);
    assert!(host.logged(LOGIN) <= Settings::default().per_host);
}

#[tokio::test]
async fn a_connection_that_died_while_nobody_used_it_is_replaced() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let probe = probe(&[&bastion, &host]);
    exec(&probe, way(&[&bastion, &host]), "true").await.unwrap();
    host.cut();
    exec(&probe, way(&[&bastion, &host]), "true").await.unwrap();
    assert_eq!((bastion.logged(LOGIN), host.logged(LOGIN)), (1, 2));
    bastion.cut();
    exec(&probe, way(&[&bastion, &host]), "true").await.unwrap();
    assert_eq!((bastion.logged(LOGIN), host.logged(LOGIN)), (2, 3));
}

#[tokio::test]
async fn a_connection_that_hangs_while_nobody_used_it_is_replaced() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let settings = Settings { ask_after_ms: 0, answer_ms: 300, ..Settings::default() };
    let probe = probe_with(settings, &host.known());
    let said = exec(&probe, way(&[&host]), "echo $PPID").await.unwrap();
    // The process of that connection hangs; the server takes new ones.
    stop(said.text().trim().parse().unwrap());
    exec(&probe, way(&[&host]), "true").await.unwrap();
    assert_eq!(host.logged(LOGIN), 2);
}

#[expect(unsafe_code, reason = "a test hangs a connection")]
fn stop(pid: i32) {
    // SAFETY: kill(2) takes no memory; the process is this test's own server's, which ends it.
    assert_eq!(unsafe { libc::kill(pid, libc::SIGSTOP) }, 0);
}

#[tokio::test]
async fn what_nobody_needs_is_closed_the_host_first_then_its_bastion() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let known = format!("{}{}", bastion.known(), host.known());
    let probe = probe_with(Settings { idle_close_ms: 300, ..Settings::default() }, &known);
    exec(&probe, way(&[&bastion, &host]), "true").await.unwrap();
    for server in [&host, &bastion] {
        until("it is closed", || server.logged("Received disconnect") == 1).await;
    }
    exec(&probe, way(&[&bastion, &host]), "true").await.unwrap();
    assert_eq!((bastion.logged(LOGIN), host.logged(LOGIN)), (2, 2));
}

#[tokio::test]
async fn a_login_that_was_refused_is_tried_again_by_the_next_run() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let probe = probe(&[&bastion, &host]);
    let key = bastion.folder.path().join("authorized_keys");
    let allowed = std::fs::read(&key).unwrap();
    std::fs::write(&key, "").unwrap();
    exec(&probe, way(&[&bastion, &host]), "true").await.unwrap_err();
    std::fs::write(&key, allowed).unwrap();
    exec(&probe, way(&[&bastion, &host]), "true").await.unwrap();
}
