//! Kills at any instant while mails come: on each database, with PostgreSQL coming and going, and with the parts of the program
//! in processes of their own. How many: `ARAYASHIKI_KILLS`; from which seed: `ARAYASHIKI_SEED`.

use super::runner::Runner;
use super::tale::Tale;
use crate::kill::kills;
use crate::kill::random::try_to_retry_the_blamed;
use crate::outage::scene::{Scene, SetAtEnd, Terms};
use crate::outside::{Dice, parallel, seed, signing, wait};
use crate::spool::proxy::{Proxy, Wire};
use crate::spool::{has_postgres, wired};
use crate::world::{Arms, Database, SHORT, site};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

const TERMS: Terms =
    Terms { net: "grace = \"1s\"\nstorm = 100000", path: "after = \"5s\"", more: "", times: SHORT, sandbox: &[] };
const SENDERS: u64 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Whole(Database),
    /// PostgreSQL comes and goes; mails go to the spool meanwhile.
    Away,
    /// Receiver, worker and pages apart.
    Parts,
}

#[test]
fn killed_at_any_instant_no_mail_is_lost_and_nobody_told_twice() {
    let (kills, seed) = (kills(), seed());
    let mut hows: Vec<How> = Database::at_hand().into_iter().map(How::Whole).collect();
    if has_postgres() {
        hows.extend([How::Away, How::Parts]);
    }
    let cases: Vec<_> = hows.into_iter().map(|how| (format!("{how:?}, seed {seed}"), how)).collect();
    parallel::all(&cases, |how| survive(*how, kills, seed));
}

fn survive(how: How, kills: u32, seed: u64) {
    let database = if let How::Whole(database) = how { database } else { Database::Postgres };
    let scene = Scene::new(database, TERMS);
    let proxy = (how == How::Away).then(|| wired(&scene.world.site));
    let mut runners = runners(how, &scene);
    runners.iter_mut().for_each(|runner| runner.start(Arms::default()));
    let tale = Tale::new(&scene);
    let over = AtomicBool::new(false);
    let (next, senders) = (AtomicU64::new(0), AtomicU64::new(SENDERS));
    std::thread::scope(|scope| {
        let _end = SetAtEnd(&over);
        for _ in 0..SENDERS {
            scope.spawn(|| {
                let _gone = Gone(&senders);
                while !over.load(Ordering::SeqCst) {
                    tale.live("kill", next.fetch_add(1, Ordering::SeqCst));
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
        }
        // What is blamed for three kills waits for a person, who is played here.
        scope.spawn(|| {
            while senders.load(Ordering::SeqCst) > 0 {
                let _ = try_to_retry_the_blamed(&scene.world);
                std::thread::sleep(Duration::from_millis(500));
            }
        });
        let mut dice = Dice::new(seed);
        for _ in 0..kills {
            disturb(&mut runners, proxy.as_ref(), &mut dice);
        }
    });
    assert!(tale.lived() >= SENDERS as usize, "hardly anything happened");
    while wait::until("jobs to come to rest", || {
        scene.world.settle();
        try_to_retry_the_blamed(&scene.world).ok()
    }) > 0
    {}
    let found = tale.complaints();
    assert!(found.is_empty(), "{}\n{}", found.join("\n"), scene.world.site.log_tail());
}

/// A sender that goes, also when it fails.
struct Gone<'a>(&'a AtomicU64);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn runners(how: How, scene: &Scene) -> Vec<Runner<'_>> {
    if how != How::Parts {
        return vec![Runner::whole(scene)];
    }
    let address = || SocketAddr::from(([127, 0, 0, 1], site::free_port()));
    let ingest = address();
    let url = format!("http://{ingest}{}", signing::PATH);
    scene.world.sandbox.control("webhook", &json!({ "url": url }));
    let web = scene.world.site.address;
    [("web", web), ("ingest", ingest), ("work", address()), ("work", address())]
        .map(|(role, address)| Runner::part(scene, role, address))
        .into()
}

fn disturb(runners: &mut [Runner<'_>], proxy: Option<&Proxy>, dice: &mut Dice) {
    std::thread::sleep(Duration::from_millis(dice.below(1_500)));
    if let Some(proxy) = proxy {
        proxy.set([Wire::Cut, Wire::Hung, Wire::Cut, Wire::Whole][dice.below(4) as usize]);
        std::thread::sleep(Duration::from_millis(500 + dice.below(1_500)));
    }
    let n = if runners.len() > 1 { 1 + dice.below(runners.len() as u64 - 1) as usize } else { 0 };
    runners[n].kill();
    if let Some(proxy) = proxy {
        // Sometimes it is back before the next start, sometimes after.
        if dice.below(2) == 0 {
            proxy.set(Wire::Whole);
        }
    }
    runners[n].start(Arms::default());
    if let Some(proxy) = proxy {
        std::thread::sleep(Duration::from_millis(dice.below(1_500)));
        proxy.set(Wire::Whole);
    }
}
