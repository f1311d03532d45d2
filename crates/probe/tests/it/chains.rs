//! Ways through bastions: one, two, one that forbids, one that is cut, and a quiet run beside a flood.

use crate::bed::{Run, Said, exec, probe, until, way};
use crate::sshd::{Sshd, script};
use probe::{Chunk, Error, Exit, Killed, Kind, Limits, Outcome, Probe, Settings, Stopped, Way};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn two_bastions_lead_to_a_host() {
    let Some(script) = script() else { return };
    let (outer, inner, host) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let probe = probe(&[&outer, &inner, &host]);
    let said = exec(&probe, way(&[&outer, &inner, &host]), "echo $SSH_CONNECTION").await.unwrap();
    assert!(said.text().trim().ends_with(&format!("127.0.0.1 {}", host.port)), "{}", said.text());
    let reached = probe.reach(&way(&[&outer, &inner, &host])).await.unwrap();
    let hops: Vec<(&str, bool)> = reached.hops.iter().map(|hop| (hop.name.as_str(), hop.was_open)).collect();
    assert_eq!(hops, [("a", true), ("b", true), ("c", false)]);
    assert_eq!([&outer, &inner, &host].map(|server| server.logged("Accepted publickey")), [1, 1, 2]);
}

#[tokio::test]
async fn the_hop_at_fault_is_named() {
    let Some(script) = script() else { return };
    let (outer, inner, host) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let probe = probe(&[&outer, &host]);
    let error = exec(&probe, way(&[&outer, &inner, &host]), "true").await.unwrap_err();
    assert!(matches!(error.kind, Kind::KeyUnknown { .. }) && error.hop == "b", "{error}");
    let mut closed = way(&[&outer, &host]);
    closed.hops[1].port = 1;
    let error = exec(&probe, closed, "true").await.unwrap_err();
    assert!(matches!(error.kind, Kind::Unreachable { .. }) && error.hop == "b", "{error}");
    let mut closed = way(&[&outer]);
    closed.hops[0].port = 1;
    let error = exec(&probe, closed, "true").await.unwrap_err();
    assert!(matches!(error.kind, Kind::Unreachable { .. }) && error.kind.may_pass(), "{error}");
    let error = exec(&probe, Way { hops: vec![] }, "true").await.unwrap_err();
    assert_eq!(error.kind, Kind::NoHop);
}

#[tokio::test]
async fn a_bastion_that_forbids_forwarding_is_named() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &["AllowTcpForwarding no"]), Sshd::start(&script, &[]));
    let error = exec(&probe(&[&bastion, &host]), way(&[&bastion, &host]), "true").await.unwrap_err();
    let Kind::BastionForbids { target } = &error.kind else { panic!("{error}") };
    assert_eq!((error.hop.as_str(), target.as_str()), ("a", format!("127.0.0.1:{}", host.port).as_str()));
}

#[tokio::test]
async fn a_bastion_that_is_cut_ends_every_run_through_it_and_the_next_one_connects_anew() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let probe = probe(&[&bastion, &host]);
    let runs = (0..3).map(|_| exec(&probe, way(&[&bastion, &host]), "echo begun; sleep 60"));
    let cut = async {
        until("three sessions", || host.logged("Starting session") == 3).await;
        bastion.cut();
    };
    let (ended, ()) = tokio::join!(futures_util::future::join_all(runs), cut);
    for said in ended.into_iter().map(Result::unwrap) {
        assert_eq!(said.text(), "begun\n");
        assert!(matches!(said.outcome.stopped, Some(Stopped::Cut { .. })), "{:?}", said.outcome);
        assert_eq!((said.outcome.killed, said.outcome.exit), (Killed::Nobody, Exit::Missing));
    }
    let said = exec(&probe, way(&[&bastion, &host]), "echo again").await.unwrap();
    assert_eq!(said.text(), "again\n");
    assert_eq!(bastion.logged("Accepted publickey"), 2);
}

/// A run whose output nobody takes, as long as the receiver lives.
fn flood(
    probe: &Probe,
    way: Way,
    stop: &CancellationToken,
) -> (impl Future<Output = Result<Outcome, Error>> + use<>, mpsc::Receiver<Chunk>) {
    let (sender, receiver) = mpsc::channel(1);
    let (probe, stop) = (probe.clone(), stop.clone());
    let limits = Limits { output_bytes: u64::MAX, ..Limits::default() };
    (async move { probe.exec(&way, "yes", None, &limits, sender, stop).await }, receiver)
}

#[tokio::test]
async fn floods_that_nobody_takes_neither_grow_nor_stop_a_quiet_run_beside_them() {
    let Some(script) = script() else { return };
    let (bastion, host, other) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let probe = probe(&[&bastion, &host, &other]);
    let stop = CancellationToken::new();
    let before = resident_bytes();
    let (mut floods, mut untaken) = (JoinSet::new(), Vec::new());
    for _ in 0..3 {
        let (running, receiver) = flood(&probe, way(&[&bastion, &host]), &stop);
        floods.spawn(running);
        untaken.push(receiver);
    }
    until("three sessions", || host.logged("Starting session") == 3).await;
    // On the same host and on another one, through the same connection to the bastion.
    for server in [&host, &other] {
        for _ in 0..5 {
            let run = exec(&probe, way(&[&bastion, server]), "head -c 3000000 /dev/zero");
            let said: Said = tokio::time::timeout(Duration::from_secs(20), run).await.unwrap().unwrap();
            assert_eq!(said.out.len(), 3_000_000);
        }
    }
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 60 << 20, "{grown} bytes");
    stop.cancel();
    for outcome in floods.join_all().await {
        let outcome = outcome.unwrap();
        assert_eq!((outcome.stopped, outcome.killed), (Some(Stopped::Cancelled), Killed::Ended));
    }
    assert_eq!(bastion.logged("Accepted publickey"), 1);
}

fn resident_bytes() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[tokio::test]
async fn sixty_at_once_go_through_one_bastion_at_default_max_startups() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &["MaxSessions 0"]), Sshd::start(&script, &["MaxSessions 1"]));
    let settings = Settings { per_host: 60, ..Settings::default() };
    let known = format!("{}{}", bastion.known(), host.known());
    let probe = crate::bed::probe_with(settings, &known);
    let runs = (0..60).map(|n| {
        let probe = probe.clone();
        let way = way(&[&bastion, &host]);
        async move { Run::new(&probe, way).exec(&format!("echo {n}; sleep 0.2")).await }
    });
    let ended = futures_util::future::join_all(runs).await;
    for (n, said) in ended.into_iter().enumerate() {
        assert_eq!(said.unwrap().text(), format!("{n}\n"));
    }
    assert_eq!(bastion.logged("Accepted publickey"), 1);
}
