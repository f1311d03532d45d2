//! PostgreSQL goes away or hangs in the middle of everything: webhooks are taken all the same, and in the end each is
//! there once. Every test holds the wire to PostgreSQL in its hand.

mod killed;
pub mod proxy;

use crate::kill::finish;
use crate::outside::http::Request;
use crate::outside::process::{err, program};
use crate::outside::{environment, parallel, signing, wait};
use crate::story::Story;
use crate::world::{Arms, Database, SHORT, Site, World, site};
use model::signal::source::PAGERDUTY_WEBHOOK;
use model::signal::{Key, digest};
use proxy::{Proxy, Wire};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub const SECRET: &str = "the-secret-of-a-subscription";
/// PagerDuty gives a receiver five seconds; the program promises an answer within two, and the machine may be busy.
const ANSWERED_WITHIN: Duration = Duration::from_millis(2_900);

/// Whether there is a PostgreSQL to go away.
pub fn has_postgres() -> bool {
    Database::at_hand().contains(&Database::Postgres)
}

/// Puts a wire between a site that is not running and its PostgreSQL.
pub fn wired(site: &Site) -> Proxy {
    let text = std::fs::read_to_string(site.config()).unwrap();
    let url = url_of(site);
    let at = url.rsplit('@').next().unwrap().split('/').next().unwrap();
    let proxy = Proxy::to(vec![at.parse().unwrap()]);
    std::fs::write(site.config(), text.replace(at, &proxy.address.to_string())).unwrap();
    proxy
}

pub fn url_of(site: &Site) -> String {
    let text = std::fs::read_to_string(site.config()).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("url = \"")).unwrap();
    line.trim_end_matches('"').to_owned()
}

/// A site on a PostgreSQL of its own, without a simulated account.
pub fn plain() -> (Site, Proxy) {
    let config = format!("[pagerduty]\nwebhook_secrets = [\"{SECRET}\"]\n");
    let site = Site::new(Database::Postgres, tempfile::tempdir().unwrap(), site::free_port(), &config);
    let proxy = wired(&site);
    (site, proxy)
}

/// A figure of `/metrics`.
pub fn figure(site: &Site, name: &str) -> Option<i64> {
    let text = site.get("/metrics").ok()?.text();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")).map(str::to_owned))?;
    line.parse().ok()
}

pub fn drained(site: &Site) {
    let is_empty = || (figure(site, "arayashiki_spool_rows")? == 0).then_some(());
    if wait::within(wait::LONG, is_empty).is_none() {
        panic!("the spool is not drained: {:?}\n{}", figure(site, "arayashiki_spool_rows"), site.log_tail());
    }
    assert_eq!(figure(site, "arayashiki_spool_lost"), Some(0));
    assert_eq!(figure(site, "arayashiki_spool_stuck"), Some(0));
}

/// Everything that was acknowledged is there once, and nothing else is.
pub fn exactly(site: &Site, acknowledged: &BTreeSet<String>) {
    let kept = kept(site);
    let lost = lost(acknowledged, &kept);
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}\n{}", site.log_tail());
    assert_eq!(kept.len(), acknowledged.len(), "there is more than was acknowledged");
}

/// The acknowledged incidents of which nothing is kept.
pub fn lost<'a>(acknowledged: &'a BTreeSet<String>, kept: &BTreeSet<String>) -> Vec<&'a String> {
    acknowledged.iter().filter(|incident| !kept.contains(&key(incident))).collect()
}

/// What names a delivery in the inbox; whether it has been read yet is another matter.
fn key(incident: &str) -> String {
    hex::encode(Key::of(PAGERDUTY_WEBHOOK, &[b"", &digest(&signing::triggered(incident))]).0)
}

/// The webhooks in the inbox, once the spool is empty; each there once.
pub fn kept(site: &Site) -> BTreeSet<String> {
    drained(site);
    in_inbox(site)
}

pub fn in_inbox(site: &Site) -> BTreeSet<String> {
    let account = site.account().unwrap();
    assert_eq!(account["lost"], 0, "{account}");
    let rows = site.all("inbox?source=pagerduty").unwrap();
    let keys: BTreeSet<String> = rows.iter().map(|row| row["dedup_key"].as_str().unwrap().to_owned()).collect();
    assert_eq!(rows.len(), keys.len(), "a signal is there twice");
    keys
}

/// How long PostgreSQL is away: `ARAYASHIKI_AWAY_S` makes it longer.
fn away() -> Duration {
    Duration::from_secs(environment("ARAYASHIKI_AWAY_S").and_then(|text| text.parse().ok()).unwrap_or(5))
}

#[test]
fn a_story_goes_on_while_postgresql_is_away() {
    if !has_postgres() {
        return;
    }
    let cases = [Wire::Cut, Wire::Hung].map(|wire| (format!("{wire:?}"), wire));
    parallel::all(&cases, |wire| {
        let mut world = World::new(Database::Postgres, SHORT);
        let proxy = wired(&world.site);
        world.site.start(&Arms::default());
        let mut story = Story::new("away");
        story.first_half(&world.sandbox);
        proxy.set(*wire);
        let begun = Instant::now();
        story.second_half(&world.sandbox);
        story.next_chapter();
        story.first_half(&world.sandbox);
        wait::until("every webhook to be taken all the same", || {
            world.sandbox.is_idle(Duration::from_secs(1)).then_some(())
        });
        assert!(figure(&world.site, "arayashiki_spool_rows") > Some(10), "PostgreSQL was never away");
        let ready = world.site.get("/readyz").unwrap();
        assert_eq!(ready.status, 200, "{}", ready.text());
        assert!(ready.text().contains("PostgreSQL is away"), "{}", ready.text());
        std::thread::sleep(away().saturating_sub(begun.elapsed()));
        proxy.set(Wire::Whole);
        drained(&world.site);
        finish(&world, &mut story);
    });
}

#[test]
fn a_load_is_taken_without_a_refusal_while_postgresql_comes_and_goes() {
    if !has_postgres() {
        return;
    }
    let (mut site, proxy) = plain();
    site.start(&Arms::default());
    let (over, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (acknowledged, wrong) = (Mutex::new(BTreeSet::new()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    let incident = format!("Q{}", next.fetch_add(1, Ordering::SeqCst));
                    let begun = Instant::now();
                    let answer = signing::deliver(site.address, SECRET, signing::triggered(&incident)).unwrap();
                    if answer.status == 202 && begun.elapsed() < ANSWERED_WITHIN {
                        acknowledged.lock().unwrap().insert(incident);
                    } else {
                        wrong.lock().unwrap().push(format!("{} after {:?}", answer.status, begun.elapsed()));
                    }
                    std::thread::sleep(Duration::from_millis(5));
                }
            });
        }
        for wire in [Wire::Cut, Wire::Whole, Wire::Hung, Wire::Whole, Wire::Cut, Wire::Whole] {
            std::thread::sleep(Duration::from_millis(1_500));
            proxy.set(wire);
        }
        over.store(true, Ordering::SeqCst);
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {next:?}: {wrong:?}", wrong.len());
    exactly(&site, &acknowledged.into_inner().unwrap());
    assert!(figure(&site, "arayashiki_spool_moved_total") > Some(10), "the spool was never used");
}

#[test]
fn a_server_started_without_its_postgresql_takes_webhooks_and_keeps_them_over_a_stop() {
    if !has_postgres() {
        return;
    }
    let (mut site, proxy) = plain();
    proxy.set(Wire::Cut);
    site.start(&Arms::default());
    let mut acknowledged = BTreeSet::new();
    for n in 0..20 {
        let incident = format!("Q{n}");
        assert_eq!(signing::deliver(site.address, SECRET, signing::triggered(&incident)).unwrap().status, 202);
        acknowledged.insert(incident);
    }
    site.stop();
    site.start(&Arms::default());
    assert_eq!(figure(&site, "arayashiki_spool_kept_total"), figure(&site, "arayashiki_spool_rows"));
    proxy.set(Wire::Whole);
    exactly(&site, &acknowledged);
}

#[test]
fn a_second_process_on_the_same_spool_is_told_so_and_does_not_start() {
    if !has_postgres() {
        return;
    }
    let (mut site, _proxy) = plain();
    site.start(&Arms::default());
    let port = site::free_port();
    let mut second = program();
    second.arg("--config").arg(site.config()).arg("serve");
    let output = second.env("ARAYASHIKI__SERVER__LISTEN", format!("127.0.0.1:{port}")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("in use by another process"), "{}", err(&output));
    assert!(err(&output).contains("[store] spool"), "{}", err(&output));
}

#[test]
fn without_a_spool_webhooks_are_refused_as_long_as_postgresql_is_away() {
    if !has_postgres() {
        return;
    }
    let (mut site, proxy) = plain();
    let off = ("ARAYASHIKI__STORE__SPOOL".to_owned(), "off".to_owned());
    site.start(&Arms { variables: vec![off], ..Arms::default() });
    proxy.set(Wire::Cut);
    wait::until("the loss to be noticed", || {
        let answer = signing::deliver(site.address, SECRET, signing::triggered("QOFF")).ok()?;
        assert!(matches!(answer.status, 202 | 503), "{}", answer.status);
        (answer.status == 503 && answer.header("retry-after").is_some()).then_some(())
    });
    assert!(!site.folder.path().join("data").exists(), "there is a spool");
    let ready = wait::until("readiness to be denied", || {
        Request::new("GET", "/readyz").send(site.address).ok().filter(|answer| answer.status == 503)
    });
    assert!(ready.text().contains("can't be reached"), "{}", ready.text());
}
