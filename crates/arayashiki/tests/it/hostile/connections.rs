//! Slowness and numbers: bodies and heads that drip, connections that only sit there.

use super::{SECRET, counts, server, still_answers};
use crate::outside::http::Connection;
use crate::outside::signing::{delivery, triggered};
use std::process::Command;
use std::time::{Duration, Instant};

const IDLE: usize = 2_000;
/// The promise is two seconds; the machine may be busy.
const SOON: Duration = Duration::from_millis(2_900);

#[test]
fn a_body_that_drips_is_answered_503_in_time() {
    let site = server();
    let before = counts(&site);
    let request = delivery(SECRET, triggered("QSLOW"));
    let mut connection = Connection::open(site.address).unwrap();
    let begun = Instant::now();
    connection.write(request.head().as_bytes()).unwrap();
    let status = std::thread::scope(|scope| {
        let (mut writer, body) = (connection.twin(), &request.body);
        scope.spawn(move || {
            for byte in body.iter().take(8) {
                std::thread::sleep(Duration::from_secs(1));
                if writer.write(&[*byte]).is_err() {
                    return;
                }
            }
        });
        let status = connection.answer().unwrap().status;
        assert!(begun.elapsed() < SOON, "after {:?}", begun.elapsed());
        // Nothing more is read from here, so the writer ends with its next byte but one.
        connection.end();
        status
    });
    assert_eq!(status, 503);
    assert_eq!(counts(&site), before);
    still_answers(&site, "QFINE");
}

#[test]
fn a_head_that_drips_is_let_go() {
    let site = server();
    let mut connection = Connection::open(site.address).unwrap();
    let ended = std::thread::scope(|scope| {
        let mut writer = connection.twin();
        scope.spawn(move || {
            for byte in b"POST /webhooks/pager" {
                std::thread::sleep(Duration::from_millis(500));
                if writer.write(&[*byte]).is_err() {
                    return;
                }
            }
        });
        // Either nothing or a refusal, but an end.
        connection.answer().map_or(0, |answer| answer.status)
    });
    assert!(ended == 0 || (400..500).contains(&ended), "{ended}");
    still_answers(&site, "QFINE");
}

#[test]
fn two_thousand_idle_connections_keep_nobody_out() {
    // Where this process may not open so many files it asks for more, for itself alone.
    let own = std::process::id().to_string();
    let _ = Command::new("prlimit").args(["--pid", &own, "--nofile=16384:"]).output();
    let site = server();
    let _ = Command::new("prlimit").args(["--pid", &site.id().to_string(), "--nofile=16384:"]).output();
    let idle: Vec<Connection> = (0..IDLE).map_while(|_| Connection::open(site.address).ok()).collect();
    assert_eq!(idle.len(), IDLE);
    for n in 0..20 {
        still_answers(&site, &format!("QBESIDE{n}"));
    }
    drop(idle);
    still_answers(&site, "QAFTER");
}
