//! Restarts under load: a sender sees nothing but 202, 503 and refused connections, and whatever got 202 is there once.
//! A stop is said before it happens, and a second signal makes it happen at once.

use crate::outside::http::Connection;
use crate::outside::{signing, wait};
use crate::spool::{SECRET, drained, has_postgres, in_inbox, lost, url_of};
use crate::world::database::psql;
use crate::world::{Arms, Database, Site, site};
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// What senders have seen, all together.
#[derive(Default)]
struct Seen {
    acknowledged: Mutex<BTreeSet<String>>,
    refused: AtomicUsize,
    wrong: Mutex<Vec<String>>,
    next: AtomicUsize,
    over: AtomicBool,
}

impl Seen {
    fn wrong(&self, what: String) {
        self.wrong.lock().unwrap().push(what);
    }

    /// One delivery; false when the connection is of no more use.
    fn deliver(&self, connection: &mut Connection, is_fresh: bool, keep: bool) -> bool {
        let incident = format!("Q{}", self.next.fetch_add(1, Ordering::SeqCst));
        let request = signing::delivery(SECRET, signing::triggered(&incident));
        let request = if keep { request } else { request.with("connection", "close") };
        match connection.exchange(&request) {
            Ok(answer) => {
                match answer.status {
                    202 => drop(self.acknowledged.lock().unwrap().insert(incident)),
                    503 if answer.header("retry-after").is_some() => {}
                    other => self.wrong(format!("{other}: {}", answer.text())),
                }
                keep && answer.header("connection") != Some("close")
            }
            // A connection that lay idle may be closed at any time.
            Err(_) if !is_fresh => false,
            Err(error) => {
                self.wrong(format!("cut without an answer: {error}"));
                false
            }
        }
    }

    /// Sends to the first of these that takes a connection, until it is over.
    fn send(&self, to: &[SocketAddr], keep: bool) {
        while !self.over.load(Ordering::SeqCst) {
            let opened = to.iter().find_map(|address| match Connection::open(*address) {
                Ok(connection) => Some(connection),
                Err(error) => {
                    self.refused.fetch_add(1, Ordering::SeqCst);
                    if error.kind() != ErrorKind::ConnectionRefused {
                        self.wrong(format!("neither taken nor refused: {error}"));
                    }
                    None
                }
            });
            let Some(mut connection) = opened else {
                std::thread::sleep(Duration::from_millis(10));
                continue;
            };
            let mut is_fresh = true;
            while self.deliver(&mut connection, is_fresh, keep) && !self.over.load(Ordering::SeqCst) {
                is_fresh = false;
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }
}

/// Senders of both kinds, while the sites are restarted again and again.
fn restarted(sites: &mut [Site], arms: &Arms, rounds: usize) -> Seen {
    let seen = Seen::default();
    let addresses: Vec<SocketAddr> = sites.iter().map(|site| site.address).collect();
    std::thread::scope(|scope| {
        for n in 0..6 {
            let (seen, mut to) = (&seen, addresses.clone());
            to.rotate_left(n / 2 % addresses.len());
            scope.spawn(move || seen.send(&to, n % 2 == 0));
        }
        for _ in 0..rounds {
            for site in sites.iter_mut() {
                std::thread::sleep(Duration::from_millis(400));
                site.stop();
                site.start(arms);
            }
        }
        seen.over.store(true, Ordering::SeqCst);
    });
    seen
}

fn verdict(site: &Site, seen: Seen) {
    let wrong = seen.wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} wrong: {wrong:?}", wrong.len());
    let acknowledged = seen.acknowledged.into_inner().unwrap();
    eprintln!("{} acknowledged, {} connections refused", acknowledged.len(), seen.refused.into_inner());
    assert!(acknowledged.len() > 100, "there was no load: {}", acknowledged.len());
    let lost = lost(&acknowledged, &in_inbox(site));
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
}

fn config() -> String {
    format!("[pagerduty]\nwebhook_secrets = [\"{SECRET}\"]\n")
}

#[test]
fn one_process_on_sqlite_restarts_without_a_dropped_webhook() {
    let mut sites = [Site::new(Database::Sqlite, tempfile::tempdir().unwrap(), site::free_port(), &config())];
    sites[0].start(&Arms::default());
    let seen = restarted(&mut sites, &Arms::default(), 4);
    verdict(&sites[0], seen);
}

#[test]
fn receivers_on_postgresql_restart_one_after_the_other_without_a_dropped_webhook() {
    if !has_postgres() {
        return;
    }
    let mut whole = Site::new(Database::Postgres, tempfile::tempdir().unwrap(), site::free_port(), &config());
    whole.start(&Arms::default());
    let ingest = Arms::role("ingest");
    let mut sites = [whole.second(&config()), whole.second(&config())];
    sites.iter_mut().for_each(|site| site.start(&ingest));
    let seen = restarted(&mut sites, &ingest, 2);
    // A busy machine may have used the spool.
    sites.iter().for_each(drained);
    verdict(&whole, seen);
}

fn with_farewell(seconds: u32) -> Arms {
    let farewell = ("ARAYASHIKI__SERVER__FAREWELL".to_owned(), format!("{seconds}s"));
    Arms { variables: vec![farewell], ..Arms::default() }
}

fn says_that_it_stops(site: &Site) {
    let ready = wait::until("readiness to be denied", || site.get("/readyz").ok().filter(|a| a.status == 503));
    assert!(ready.text().contains("stopping"), "{}", ready.text());
}

#[test]
fn a_stop_is_said_first_and_what_comes_meanwhile_is_taken() {
    for database in Database::at_hand() {
        let mut site = Site::new(database, tempfile::tempdir().unwrap(), site::free_port(), &config());
        site.start(&with_farewell(4));
        assert_eq!(signing::deliver(site.address, SECRET, signing::triggered("QBEFORE")).unwrap().status, 202);
        site.process().signal("TERM");
        says_that_it_stops(&site);
        let late = signing::deliver(site.address, SECRET, signing::triggered("QLATE")).unwrap();
        assert_eq!(late.status, 202, "{}", late.text());
        let ended = site.process().ends_within(wait::LONG).expect("it ends");
        assert!(ended.success(), "{}", site.log_tail());
        site.kill();
        if database == Database::Postgres {
            assert_eq!(psql(&url_of(&site), "SELECT count(*) FROM process WHERE stopped_at IS NOT NULL"), "1");
        }
        site.start(&Arms::default());
        wait::until("both to be read", || (site.webhook_rows().ok()?.len() == 2).then_some(()));
        assert_eq!(site.account().unwrap()["lost"], 0);
    }
}

#[test]
fn a_second_signal_ends_it_at_once_and_costs_nothing_acknowledged() {
    let mut site = Site::new(Database::Sqlite, tempfile::tempdir().unwrap(), site::free_port(), &config());
    site.start(&with_farewell(3_600));
    assert_eq!(signing::deliver(site.address, SECRET, signing::triggered("QKEPT")).unwrap().status, 202);
    site.process().signal("TERM");
    says_that_it_stops(&site);
    site.process().signal("TERM");
    let ended = site.process().ends_within(wait::LONG).expect("it ends, long before the farewell is over");
    assert_eq!(ended.code(), Some(1));
    site.kill();
    site.start(&Arms::default());
    wait::until("it to be read", || (site.webhook_rows().ok()?.len() == 1).then_some(()));
}
