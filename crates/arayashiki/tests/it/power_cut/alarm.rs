//! What the intake guard notices while the disk is broken: it is noticed again as soon as it can be written.

use super::machine::{Machine, OURS, SECRET};
use crate::outside::{signing, wait};
use std::time::Duration;

/// Far below the minute for which the guard stays silent after an alarm that was written.
const SOON: Duration = Duration::from_secs(15);

/// A delivery of our subscription, signed with this secret.
fn deliver(machine: &Machine, secret: &str, incident: &str) -> u16 {
    let mut request = signing::delivery(secret, signing::triggered(incident));
    request.headers.retain(|(name, _)| name != "x-webhook-subscription");
    request.with("x-webhook-subscription", OURS).send(machine.site.address).unwrap().status
}

/// Rows that the guard wrote.
fn noticed(machine: &Machine) -> usize {
    machine.site.all("inbox?source=guard").map_or(0, |rows| rows.len())
}

#[test]
fn a_wrong_signature_that_could_not_be_written_down_is_noticed_again() {
    let Some(mut machine) = Machine::new() else { return };
    machine.start("");
    machine.breaks("ENOSPC");
    assert_eq!(deliver(&machine, "another secret", "QWRONG"), 503);
    machine.heals();
    let alarm = wait::within(SOON, || {
        assert_eq!(deliver(&machine, "another secret", "QWRONG"), 503);
        (noticed(&machine) > 0).then_some(())
    });
    assert!(alarm.is_some(), "wrong signatures go on and nobody is told");
}

#[test]
fn an_alarm_ends_although_the_disk_was_broken_at_its_end() {
    let Some(mut machine) = Machine::new() else { return };
    machine.start("");
    assert_eq!(deliver(&machine, "another secret", "QWRONG"), 503);
    wait::until("the alarm", || (noticed(&machine) == 1).then_some(()));
    machine.breaks("ENOSPC");
    assert_eq!(deliver(&machine, SECRET, "QRIGHT"), 503);
    machine.heals();
    wait::until("an event to be taken again", || (deliver(&machine, SECRET, "QRIGHT") == 202).then_some(()));
    let ended = wait::within(SOON, || {
        assert_eq!(deliver(&machine, SECRET, "QRIGHT"), 202);
        (noticed(&machine) == 2).then_some(())
    });
    assert!(ended.is_some(), "deliveries are good again and the alarm stays open");
}
