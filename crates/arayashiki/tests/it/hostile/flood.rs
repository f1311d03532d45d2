//! A flood of forgeries: no row, no growth, and the others are served meanwhile.

use super::{counts, server, still_answers};
use crate::outside::http::Connection;
use crate::outside::signing::{delivery, triggered};
use std::sync::atomic::{AtomicUsize, Ordering};

const FORGERIES: usize = 20_000;
const CONNECTIONS: usize = 4;
/// What the allocator may keep back after the first part of the flood has warmed it up.
const GROWTH_KIB: u64 = 24 << 10;

#[test]
fn a_flood_of_forgeries_writes_nothing_and_does_not_grow_the_server() {
    let mut site = server();
    still_answers(&site, "QBEFORE");
    let before = counts(&site);
    flood(&site, FORGERIES / 4);
    let warm_kib = site.process().status_kib("VmRSS");
    let beside = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let (site, beside) = (&site, &beside);
        let flooding = scope.spawn(move || flood(site, FORGERIES));
        while !flooding.is_finished() {
            still_answers(site, &format!("QBESIDE{}", beside.fetch_add(1, Ordering::SeqCst)));
        }
    });
    let grown_kib = site.process().status_kib("VmRSS").saturating_sub(warm_kib);
    assert!(grown_kib < GROWTH_KIB, "grown by {grown_kib} KiB");
    let served = beside.load(Ordering::SeqCst);
    let after = counts(&site);
    assert_eq!(after, (before.0 + served as i64, before.1 + served), "only what was authentic is there");
    eprintln!("{FORGERIES} forgeries, {served} events beside them, grown by {grown_kib} KiB");
}

fn flood(site: &crate::world::Site, forgeries: usize) {
    let body = triggered("QFORGED");
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut forged = delivery("another secret", body.clone());
                // Not the subscription that the good events have made known as ours.
                forged.headers.retain(|(name, _)| name != "x-webhook-subscription");
                let forged = forged.with("x-webhook-subscription", "PFORGED");
                let mut connection = Connection::open(site.address).unwrap();
                for _ in 0..forgeries / CONNECTIONS {
                    assert_eq!(connection.exchange(&forged).unwrap().status, 401);
                }
            });
        }
    });
}
