//! Following a mailbox: against a scripted server on plain sockets, over TLS, and against a real Dovecot where there is one.

mod dovecot;
mod fake;
mod follow;
mod limits;
mod renumbered;
mod tls;
mod trouble;
mod watch;

use super::{Cursor, Done, Fetched, Limits, NotTaken, Settings, Status, Tls, TroubleKind, follow, look_in};
use crate::Secret;
use model::Micros;
use std::time::Duration;

const USER: &str = "alerts@example.jp";
const PASSWORD: &str = "made-up password \"1\\2";

/// Failures cost next to nothing; nothing is ever late.
const QUICK: Limits = Limits {
    connect_ms: 30_000,
    command_ms: 30_000,
    fetch_ms: 30_000,
    idle_ms: 30_000,
    wait_ms: 1,
    longest_wait_ms: 5,
    refused_wait_ms: 1,
    longest_refused_wait_ms: 5,
    whole_bytes: 10_000,
    part_bytes: 100,
};

fn settings(port: u16) -> Settings {
    Settings {
        port,
        tls: Tls::None,
        poll: Duration::from_secs(30),
        limits: QUICK,
        ..Settings::new("127.0.0.1", USER, Secret::new(PASSWORD))
    }
}

/// A second of the first of May.
fn at(second: i64) -> Micros {
    Micros::parse("2026-05-01T00:00:00Z").unwrap().plus_s(second)
}

fn mail(subject: &str) -> Vec<u8> {
    format!("Return-Path: <zabbix@example.jp>\r\nSubject: {subject}\r\n\r\nProblem started\r\n").into_bytes()
}
