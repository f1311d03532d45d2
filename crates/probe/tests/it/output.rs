//! What commands say and how they end: bytes, streams, statuses, signals, standard input.

use crate::bed::{Run, exec, probe, way};
use crate::sshd::{Sshd, script};
use probe::{Exit, Killed, Limits, Stopped};
use sha2::{Digest, Sha256};

#[tokio::test]
async fn both_streams_and_the_status_come_back() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe(&[&host]);
    let said = exec(&probe, way(&[&host]), "echo out; echo err >&2; exit 3").await.unwrap();
    assert_eq!((said.out.as_slice(), said.err.as_slice()), (&b"out\n"[..], &b"err\n"[..]));
    let outcome = said.outcome;
    assert_eq!((outcome.exit, outcome.stopped, outcome.killed), (Exit::Status(3), None, Killed::NotNeeded));
    assert_eq!((outcome.out_bytes, outcome.err_bytes), (4, 4));
    let printed = crate::sshd::keygen(&["-lf", &host.folder.path().join("host_key.pub").to_string_lossy()]);
    assert!(printed.contains(&outcome.host_key), "{printed}");
}

#[tokio::test]
async fn a_signal_is_told_by_its_name() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let said = exec(&probe(&[&host]), way(&[&host]), "kill -SEGV $$").await.unwrap();
    let Exit::Signal { name, .. } = said.outcome.exit else { panic!("{said:?}") };
    assert_eq!((name.as_str(), said.outcome.stopped), ("SEGV", None));
}

#[tokio::test]
async fn bytes_come_as_they_are() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let command = r#"printf '\000\377\376\r\n\012\200caf\303'; printf '\000\001' >&2"#;
    let said = exec(&probe(&[&host]), way(&[&host]), command).await.unwrap();
    assert_eq!(said.out, b"\0\xff\xfe\r\n\n\x80caf\xc3");
    assert_eq!(said.err, b"\0\x01");
}

#[tokio::test]
async fn standard_input_arrives_whole_and_ends() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe(&[&host]);
    let stdin: Vec<u8> = (0..5_000_000u32).map(|n| (n % 251) as u8).collect();
    let mut run = Run::new(&probe, way(&[&host]));
    run.stdin = Some(stdin.clone());
    let said = run.exec("sha256sum | cut -c 1-64").await.unwrap();
    assert_eq!(said.text().trim(), hex::encode(Sha256::digest(&stdin)));
    let said = exec(&probe, way(&[&host]), "cat; echo end").await.unwrap();
    assert_eq!(said.text(), "end\n", "without any it is empty, not open");
}

#[tokio::test]
async fn input_that_nobody_reads_holds_nothing_up() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe(&[&host]);
    let mut run = Run::new(&probe, way(&[&host]));
    run.stdin = Some(vec![b'x'; 20_000_000]);
    let said = run.exec("echo done").await.unwrap();
    assert_eq!((said.text().as_str(), said.outcome.exit), ("done\n", Exit::Status(0)));
    let said = exec(&probe, way(&[&host]), "echo again").await.unwrap();
    assert_eq!(said.text(), "again\n");
}

#[tokio::test]
async fn a_hundred_megabytes_come_unchanged() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let probe = probe(&[&bastion, &host]);
    let numbers = "seq 1 13000000 | head -c 100000000";
    let mut run = Run::new(&probe, way(&[&bastion, &host]));
    run.limits = Limits { output_bytes: 101_000_000, ..Limits::default() };
    let said = run.exec(&format!("{numbers}; {numbers} | sha256sum >&2")).await.unwrap();
    assert_eq!(said.out.len(), 100_000_000, "{:?}", said.outcome);
    let digest = String::from_utf8(said.err).unwrap();
    assert_eq!(&digest[..64], hex::encode(Sha256::digest(&said.out)));
}

#[tokio::test]
async fn what_is_too_much_is_cut_at_the_byte_and_the_command_is_ended() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe(&[&host]);
    let mut run = Run::new(&probe, way(&[&host]));
    run.limits = Limits { output_bytes: 1_000_001, ..Limits::default() };
    let said = run.exec("echo $$; exec yes").await.unwrap();
    assert_eq!(said.outcome.stopped, Some(Stopped::TooMuch { limit: 1_000_001 }));
    assert_eq!((said.out.len() as u64, said.outcome.out_bytes), (1_000_001, 1_000_001));
    assert_eq!(said.outcome.killed, Killed::Ended);
    let pid = said.text().lines().next().unwrap().to_owned();
    assert!(!std::path::Path::new("/proc").join(pid).exists());
    let mut run = Run::new(&probe, way(&[&host]));
    run.limits = Limits { output_bytes: 6, ..Limits::default() };
    let said = run.exec("echo exact").await.unwrap();
    assert_eq!((said.text().as_str(), said.outcome.stopped), ("exact\n", None), "the limit itself is allowed");
}
