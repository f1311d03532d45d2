//! Time: commands and hosts that hang, callers that go away, and what is left on the host then.

use crate::bed::{Run, exec, probe, probe_with, until, way};
use crate::sshd::{Sshd, script};
use probe::{Exit, Killed, Kind, Limits, Settings, Stopped};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What a command says first when it is `echo $$; …`.
fn process(said: &[u8]) -> PathBuf {
    Path::new("/proc").join(String::from_utf8_lossy(said).lines().next().unwrap())
}

fn quick() -> Settings {
    Settings { grace_ms: 300, keepalive_ms: 200, keepalive_tries: 2, ..Settings::default() }
}

#[tokio::test]
async fn a_command_that_takes_too_long_is_ended_on_the_host() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe_with(quick(), &host.known());
    for (limits, stopped) in [
        (Limits { step_ms: 300, ..Limits::default() }, Stopped::StepTimeout),
        (Limits { total_ms: 500, ..Limits::default() }, Stopped::TotalTimeout),
    ] {
        let mut run = Run::new(&probe, way(&[&host]));
        run.limits = limits;
        let said = run.exec("echo $$; exec sleep 60").await.unwrap();
        assert_eq!((said.outcome.stopped, said.outcome.killed), (Some(stopped), Killed::Ended));
        assert!(matches!(&said.outcome.exit, Exit::Signal { name, .. } if name == "TERM"), "{:?}", said.outcome.exit);
        assert!(!process(&said.out).exists());
    }
    let said = exec(&probe, way(&[&host]), "echo next").await.unwrap();
    assert_eq!(said.text(), "next\n");
    assert_eq!(host.logged("Accepted publickey"), 1, "what ended cleanly leaves its connection to the next");
}

#[tokio::test]
async fn a_command_that_ignores_sigterm_is_killed_with_its_children() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe_with(quick(), &host.known());
    let mut run = Run::new(&probe, way(&[&host]));
    run.limits = Limits { step_ms: 300, ..Limits::default() };
    let said = run.exec("trap '' TERM; echo $$; sleep 61 & echo $!; while :; do sleep 1; done").await.unwrap();
    assert_eq!((said.outcome.stopped, said.outcome.killed), (Some(Stopped::StepTimeout), Killed::Ended));
    for pid in String::from_utf8_lossy(&said.out).lines() {
        let place = Path::new("/proc").join(pid);
        until("it is gone", || !place.join("exe").exists()).await;
    }
}

#[tokio::test]
async fn a_host_that_hangs_in_the_middle_is_given_up_in_time() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe_with(quick(), &host.known());
    let mut run = Run::new(&probe, way(&[&host]));
    run.limits = Limits { step_ms: 400, ..Limits::default() };
    let hang = async {
        until("a session", || host.logged("Starting session") == 1).await;
        host.hang()
    };
    let (said, hung) = tokio::join!(run.exec("sleep 60"), hang);
    let outcome = said.unwrap().outcome;
    assert_eq!(outcome.stopped, Some(Stopped::StepTimeout));
    assert!(matches!(outcome.killed, Killed::Told | Killed::Nobody), "{outcome:?}");
    drop(hung);
    let said = exec(&probe, way(&[&host]), "echo back").await.unwrap();
    assert_eq!(said.text(), "back\n");
}

#[tokio::test]
async fn a_dead_peer_is_noticed_without_any_time_out_of_the_command() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    for hangs in [&host, &bastion] {
        let probe = probe_with(quick(), &format!("{}{}", bastion.known(), host.known()));
        let sessions = host.logged("Starting session");
        let hang = async {
            until("a session", || host.logged("Starting session") > sessions).await;
            hangs.hang()
        };
        let (said, hung) = tokio::join!(exec(&probe, way(&[&bastion, &host]), "sleep 60"), hang);
        let outcome = said.unwrap().outcome;
        assert!(matches!(outcome.stopped, Some(Stopped::Cut { .. })), "{outcome:?}");
        drop(hung);
    }
}

#[tokio::test]
async fn a_host_that_does_not_answer_the_handshake_is_given_up_in_time() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let probe = probe(&[&bastion, &host]);
    let _hung = host.hang();
    for servers in [&[&host][..], &[&bastion, &host]] {
        let mut run = Run::new(&probe, way(servers));
        run.limits = Limits { connect_ms: 300, ..Limits::default() };
        let error = run.exec("true").await.unwrap_err();
        assert!(matches!(error.kind, Kind::Timeout { waited_ms: 300, .. }) && error.kind.may_pass(), "{error}");
    }
    let error = {
        let mut run = Run::new(&probe, way(&[&host]));
        run.limits = Limits { total_ms: 300, ..Limits::default() };
        run.exec("true").await.unwrap_err()
    };
    assert!(matches!(error.kind, Kind::Timeout { waited_ms: 300, .. }), "{error}");
}

#[tokio::test]
async fn nobody_waits_for_a_place_for_ever() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe_with(Settings { per_host: 1, ..quick() }, &host.known());
    let stop = CancellationToken::new();
    let mut first = Run::new(&probe, way(&[&host]));
    first.stop = stop.clone();
    let second = async {
        until("a session", || host.logged("Starting session") == 1).await;
        let mut run = Run::new(&probe, way(&[&host]));
        run.limits = Limits { total_ms: 200, ..Limits::default() };
        let error = run.exec("true").await.unwrap_err();
        stop.cancel();
        error
    };
    let (said, error) = tokio::join!(first.exec("sleep 60"), second);
    assert_eq!(error.kind, Kind::Busy);
    assert_eq!(said.unwrap().outcome.stopped, Some(Stopped::Cancelled));
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_nothing_running() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe_with(quick(), &host.known());
    let (sender, mut receiver) = mpsc::channel(8);
    let (way, limits) = (way(&[&host]), Limits::default());
    let mut running =
        Box::pin(probe.exec(&way, "echo $$; exec sleep 60", None, &limits, sender, CancellationToken::new()));
    let chunk = tokio::select! {
        _ = &mut running => panic!("it ended by itself"),
        chunk = receiver.recv() => chunk.unwrap(),
    };
    let process = process(&chunk.bytes);
    assert!(process.exists());
    drop(running);
    until("it is gone", || !process.join("exe").exists()).await;
}

#[tokio::test]
async fn whoever_stops_listening_stops_the_command() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe_with(quick(), &host.known());
    let (sender, mut receiver) = mpsc::channel(1);
    let (way, limits) = (way(&[&host]), Limits { output_bytes: u64::MAX, ..Limits::default() });
    let listen = async move { receiver.recv().await.unwrap() };
    let running = probe.exec(&way, "exec yes", None, &limits, sender, CancellationToken::new());
    let (outcome, _) = tokio::join!(running, listen);
    let outcome = outcome.unwrap();
    assert_eq!((outcome.stopped, outcome.killed), (Some(Stopped::Cancelled), Killed::Ended));
}

#[tokio::test]
async fn closing_the_probe_ends_what_runs_and_says_goodbye() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let probe = probe_with(quick(), &format!("{}{}", bastion.known(), host.known()));
    exec(&probe, way(&[&bastion, &host]), "true").await.unwrap();
    let close = async {
        until("a session", || host.logged("Starting session") == 2).await;
        tokio::time::timeout(Duration::from_secs(5), probe.close()).await.unwrap();
    };
    let (said, ()) = tokio::join!(exec(&probe, way(&[&bastion, &host]), "exec sleep 60"), close);
    assert_eq!(said.unwrap().outcome.stopped, Some(Stopped::Cancelled));
    until("the bastion hears of it", || {
        bastion.logged("Disconnected from user") + bastion.logged("Connection closed") > 0
    })
    .await;
    let error = exec(&probe, way(&[&bastion, &host]), "true").await.unwrap_err();
    assert_eq!(error.kind, Kind::Cancelled);
}
