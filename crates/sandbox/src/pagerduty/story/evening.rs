//! How the night begins: a handful of incidents that are open, and within the first minute a merge, an escalation by the clock
//! and webhooks that stop coming. Only plans; the account does it.

use jiff::Timestamp;

use super::checks::Firing;
use super::plots::{FINDINGS, awake_services, cast, firing};
use super::{Alarm, Deed, Step};
use crate::pagerduty::clock::plus_s;
use crate::pagerduty::dice::Dice;
use crate::pagerduty::state::{State, Timer};

/// How long ago each began, and after how long somebody took it. The last but one runs into its escalation within the first
/// minute; the newest has nobody yet.
const OPEN: [(i64, Option<i64>); 6] =
    [(4500, Some(400)), (2900, Some(120)), (1500, Some(700)), (700, Some(90)), (885, None), (170, None)];

pub(super) fn open_at_start(dice: &mut Dice, state: &mut State, now: Timestamp) -> Vec<Alarm> {
    let mut alarms: Vec<Alarm> = Vec::new();
    for (age_s, acked_after_s) in OPEN {
        let began = plus_s(now, -age_s);
        let own = another(dice, state, &alarms, None);
        let alarm = own.alarm.clone();
        let cast = cast(state, alarm.service);
        state.at(began, Timer::Story(Step::Fire(Box::new(own))));
        if let Some(after_s) = acked_after_s {
            let acked = plus_s(began, after_s);
            state.at(acked, Timer::Story(Step::deed(&alarm, Deed::Acknowledge(cast.operator))));
            let note = Deed::Note(cast.operator, (*dice.pick(FINDINGS)).into());
            state.at(plus_s(acked, 200), Timer::Story(Step::deed(&alarm, note)));
        }
        alarms.push(alarm);
    }
    alarms
}

/// Something goes off that is not among `known`, on any service or on those of one team.
fn another(dice: &mut Dice, state: &State, known: &[Alarm], team: Option<usize>) -> Firing {
    let mut services = awake_services(state);
    services.retain(|s| team.is_none_or(|t| state.account.services[*s].team == Some(t)));
    loop {
        let service = *dice.pick(&services);
        let own = firing(dice, state, service);
        if !known.contains(&own.alarm) {
            return own;
        }
    }
}

/// The first minute by the account's clock, however fast the night goes. Returns what has gone off in it.
pub(super) fn first_minute(dice: &mut Dice, state: &mut State, known: &[Alarm], outage_s: Option<u32>) -> Vec<Alarm> {
    let now = state.now;
    let mut alarms = known.to_vec();
    let mut fired = Vec::new();
    let mut plan = vec![(6, 1), (10, 1)];
    if let Some(outage_s) = outage_s {
        let outage_s = i64::from(outage_s);
        state.at(plus_s(now, outage_s), Timer::Story(Step::Outage));
        plan.extend([(outage_s + 8, 0), (outage_s + 20, 2)]);
    }
    for (after_s, team) in plan {
        let own = another(dice, state, &alarms, Some(team));
        alarms.push(own.alarm.clone());
        fired.push(own.alarm.clone());
        state.at(plus_s(now, after_s), Timer::Story(Step::Fire(Box::new(own))));
    }
    let operator = cast(state, fired[0].service).operator;
    state.at(plus_s(now, 16), Timer::Story(Step::deed(&fired[0], Deed::Acknowledge(operator))));
    let gather = Step::Gather(fired[0].clone(), vec![fired[1].clone()], operator);
    state.at(plus_s(now, 26), Timer::Story(gather));
    fired
}
