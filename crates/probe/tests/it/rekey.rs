//! Keys that are exchanged anew in the middle of the output: by the server after a megabyte, by us after a gigabyte.

use crate::bed::{Run, probe, way};
use crate::sshd::{Sshd, script};
use probe::{Chunk, Exit, Limits, Outcome, Probe, Way};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_server_that_rekeys_all_the_time_loses_nothing() {
    let Some(script) = script() else { return };
    let (bastion, host) = (
        Sshd::start(&script, &["RekeyLimit 3M", "LogLevel DEBUG1"]),
        Sshd::start(&script, &["RekeyLimit 1M", "LogLevel DEBUG1"]),
    );
    let probe = probe(&[&bastion, &host]);
    let runs = (0..3).map(|_| {
        let mut run = Run::new(&probe, way(&[&bastion, &host]));
        let stdin: Vec<u8> = (0..8_000_000u32).flat_map(|n| (n / 4).to_le_bytes()[..1].to_vec()).collect();
        run.stdin = Some(stdin.clone());
        async move { (run.exec("cat").await.unwrap(), stdin) }
    });
    for (said, stdin) in futures_util::future::join_all(runs).await {
        assert_eq!(Sha256::digest(&said.out), Sha256::digest(&stdin), "{:?}", said.outcome);
    }
    for server in [&bastion, &host] {
        let times = server.logged("SSH2_MSG_KEXINIT received");
        assert!(times > 10, "keys were exchanged {times} times");
    }
}

/// Counts what comes, and takes none of it home.
async fn count(probe: &Probe, way: &Way, command: &str) -> (Outcome, u64) {
    let (sender, mut receiver) = mpsc::channel::<Chunk>(8);
    let limits = Limits { output_bytes: u64::MAX, ..Limits::default() };
    let running = probe.exec(way, command, None, &limits, sender, CancellationToken::new());
    let counting = async {
        let mut bytes = 0;
        while let Some(chunk) = receiver.recv().await {
            bytes += chunk.bytes.len() as u64;
        }
        bytes
    };
    let (outcome, bytes) = tokio::join!(running, counting);
    (outcome.unwrap(), bytes)
}

/// Ours begin after a gigabyte: on the bastion's connection with four tunnels under way, and on a host's.
#[tokio::test]
async fn we_rekey_after_a_gigabyte_with_everything_under_way() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &["LogLevel DEBUG1"]), Sshd::start(&script, &["LogLevel DEBUG1"]));
    let probe = probe(&[&bastion, &host]);
    let way = way(&[&bastion, &host]);
    let logins = [&bastion, &host].map(|server| server.logged("SSH2_MSG_KEXINIT received"));
    assert_eq!(logins, [0, 0]);
    let sizes = [1_150_000_000u64, 50_000_000, 40_000_000, 30_000_000];
    let commands = sizes.map(|n| format!("head -c {n} /dev/zero"));
    let runs = commands.iter().map(|command| count(&probe, &way, command));
    for ((outcome, bytes), size) in futures_util::future::join_all(runs).await.into_iter().zip(sizes) {
        assert_eq!((bytes, outcome.stopped, outcome.exit), (size, None, Exit::Status(0)));
    }
    assert!(bastion.logged("SSH2_MSG_KEXINIT received") >= 2, "the bastion's connection");
    assert!(host.logged("SSH2_MSG_KEXINIT received") >= 5, "four logins, and the one that went on for a gigabyte");
}
