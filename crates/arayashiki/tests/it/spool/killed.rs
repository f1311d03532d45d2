//! Killed while it fills the spool and while it drains it: at each named point, at another one during the recovery, and
//! at any instant. What was acknowledged is there once.

use super::proxy::{Proxy, Wire};
use super::{SECRET, exactly, has_postgres, kept, lost, plain};
use crate::kill::{kills, of_spool};
use crate::outside::{Dice, parallel, seed, signing, wait};
use crate::world::{Arms, Site};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use store::faults::POINTS;

/// What PagerDuty knows: what it told, and what was acknowledged.
#[derive(Default)]
struct Sender {
    told: Vec<String>,
    acknowledged: BTreeSet<String>,
}

impl Sender {
    fn tell(&mut self, site: &Site) {
        let incident = format!("Q{}", self.told.len());
        self.told.push(incident.clone());
        self.deliver(site, incident);
    }

    fn deliver(&mut self, site: &Site, incident: String) {
        match signing::deliver(site.address, SECRET, signing::triggered(&incident)) {
            Ok(answer) if answer.status == 202 => drop(self.acknowledged.insert(incident)),
            Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.text()),
            Err(_) => {}
        }
    }

    /// Nothing that was acknowledged is lost. Then what was not is told until it is, and what was is told once more: a
    /// repeat would make good what was lost, and changes nothing of what is there.
    fn judge(&mut self, site: &Site) {
        let lost = lost(&self.acknowledged, &kept(site));
        assert!(lost.is_empty(), "acknowledged and lost: {lost:?}\n{}", site.log_tail());
        for incident in self.told.clone() {
            wait::until("a repeat to be taken", || {
                self.deliver(site, incident.clone());
                self.acknowledged.contains(&incident).then_some(())
            });
        }
        exactly(site, &self.acknowledged);
    }
}

fn cases() -> Vec<(String, (&'static str, u32, &'static str))> {
    let points: Vec<&'static str> = POINTS.iter().copied().filter(|point| of_spool(point)).collect();
    let drains: Vec<&'static str> = points.iter().copied().filter(|point| !point.starts_with("spool.")).collect();
    assert!(drains.len() >= 5, "the points were not found: {points:?}");
    let mut cases = Vec::new();
    for (i, point) in points.into_iter().enumerate() {
        let then = drains[i % drains.len()];
        let nth = if point.starts_with("spool.") { 3 } else { 1 };
        for nth in BTreeSet::from([1, nth]) {
            cases.push((format!("{point} at its hit {nth}, then {then}"), (point, nth, then)));
        }
    }
    cases
}

#[test]
fn whatever_point_of_the_spool_it_dies_at_nothing_is_lost_and_nothing_doubled() {
    if !has_postgres() {
        return;
    }
    parallel::all(&cases(), |(point, nth, then)| {
        let (mut site, proxy) = plain();
        let mut sender = Sender::default();
        site.start(&Arms::point(point, *nth));
        (0..3).for_each(|_| sender.tell(&site));
        dies(&mut site, &proxy, &mut sender, point);
        // The recovery dies too.
        proxy.set(Wire::Cut);
        site.start(&Arms::point(then, 1));
        dies(&mut site, &proxy, &mut sender, then);
        site.start(&Arms::default());
        sender.judge(&site);
    });
}

/// PostgreSQL goes away, signals come, PostgreSQL comes back; somewhere there it dies.
fn dies(site: &mut Site, proxy: &Proxy, sender: &mut Sender, point: &str) {
    proxy.set(Wire::Cut);
    (0..8).for_each(|_| sender.tell(site));
    proxy.set(Wire::Whole);
    site.was_aborted(point);
}

#[test]
fn killed_at_any_instant_while_postgresql_comes_and_goes_nothing_is_lost_and_nothing_doubled() {
    if !has_postgres() {
        return;
    }
    let (mut site, proxy) = plain();
    let mut dice = Dice::new(seed());
    site.start(&Arms::default());
    let (over, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let address = site.address;
    let told = Mutex::new((BTreeSet::new(), BTreeSet::new()));
    std::thread::scope(|scope| {
        let _end = SetAtEnd(&over);
        for _ in 0..3 {
            scope.spawn(|| {
                while !over.load(Ordering::SeqCst) {
                    let incident = format!("Q{}", next.fetch_add(1, Ordering::SeqCst));
                    let answer = signing::deliver(address, SECRET, signing::triggered(&incident));
                    let is_taken = answer.is_ok_and(|answer| answer.status == 202);
                    let mut told = told.lock().unwrap();
                    if is_taken {
                        told.0.insert(incident)
                    } else {
                        told.1.insert(incident)
                    };
                    drop(told);
                    std::thread::sleep(Duration::from_millis(10));
                }
            });
        }
        for n in 0..kills() * 2 {
            std::thread::sleep(Duration::from_millis(dice.below(900)));
            proxy.set([Wire::Whole, Wire::Cut, Wire::Hung, Wire::Whole][dice.below(4) as usize]);
            std::thread::sleep(Duration::from_millis(dice.below(900)));
            if n % 2 == 1 {
                site.kill();
                site.start(&Arms::default());
            }
        }
    });
    proxy.set(Wire::Whole);
    let (acknowledged, refused) = told.into_inner().unwrap();
    eprintln!("{} acknowledged, {} not", acknowledged.len(), refused.len());
    let told = acknowledged.iter().chain(&refused).cloned().collect();
    Sender { told, acknowledged }.judge(&site);
}

struct SetAtEnd<'a>(&'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
