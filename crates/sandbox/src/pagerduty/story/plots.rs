//! The plots: how a trouble begins, who answers, how it ends. Each is a list of steps with their distance in seconds.

use super::checks::{Firing, fire};
use super::{Alarm, Deed, Step};
use crate::pagerduty::account::Kind;
use crate::pagerduty::dice::Dice;
use crate::pagerduty::state::State;

type Plan = Vec<(i64, Step)>;

pub(super) const FINDINGS: &[&str] = &[
    "再起動で復旧。原因は調査中。",
    "Old log files removed, 18 GB free again.",
    "顧客に電話で連絡済み。",
    "Looks like the nightly batch again, see last week's ticket.",
    "ワーカーを2台追加、様子を見ます。",
    "Provider reports maintenance on their side.",
    "nginx reload で応答時間が戻りました。",
    "Replica caught up, no action needed.",
    "DBの接続プールを一時的に拡大。",
];
const REPORTS: &[&str] = &[
    "お客様よりログインできないとの電話",
    "Customer reports missing orders since the morning",
    "メールが届かないとの申告",
];

/// The people who answer for a service at this hour.
pub(super) struct Cast {
    pub operator: usize,
    engineer: usize,
    leader: usize,
}

pub(super) fn cast(state: &State, service: usize) -> Cast {
    let policy = state.account.services[service].policy;
    let at = |level| state.account.responders(policy, level, state.now).first().copied().unwrap_or(0);
    Cast { operator: at(0), engineer: at(1), leader: at(2) }
}

/// Those that a customer's monitors tell of; what is nobody's gets only what others send there.
pub(super) fn awake_services(state: &State) -> Vec<usize> {
    let is_awake = |s: &usize| state.account.services[*s].team.is_some() && !state.account.is_deaf(*s, state.now);
    (0..state.account.services.len()).filter(is_awake).collect()
}

pub(super) fn next(dice: &mut Dice, state: &State) -> Plan {
    let service = *dice.pick(&awake_services(state));
    match dice.below(100) {
        0..35 => noisy(dice, state, service),
        35..70 => ordinary(dice, state, service),
        70..80 => unattended(dice, state, service),
        80..90 => night_job(dice, state),
        90..95 => by_hand(dice, state, service),
        _ => storm(dice, state, service),
    }
}

pub(super) fn firing(dice: &mut Dice, state: &State, service: usize) -> Firing {
    fire(dice, service, state.account.services[service].kind, None)
}

/// A flapping check: fires and clears by itself, now and then acknowledged.
fn noisy(dice: &mut Dice, state: &State, service: usize) -> Plan {
    let own = firing(dice, state, service);
    let alarm = own.alarm.clone();
    let cast = cast(state, service);
    let (mut at, mut plan) = (0, Vec::new());
    for _ in 0..dice.between(1, 3) {
        plan.push((at, Step::Fire(Box::new(own.clone()))));
        if dice.chance(40) {
            plan.push((at + dice.between(40, 300), Step::deed(&alarm, Deed::Acknowledge(cast.operator))));
        }
        if dice.chance(30) {
            plan.push((at + dice.between(30, 120), Step::Fire(Box::new(own.clone()))));
        }
        at += dice.between(180, 900);
        plan.push((at, Step::Clear(alarm.clone())));
        at += dice.between(60, 600);
    }
    plan
}

/// Someone takes it, writes down what was found and settles it, or the monitor does.
fn ordinary(dice: &mut Dice, state: &State, service: usize) -> Plan {
    let own = firing(dice, state, service);
    let alarm = own.alarm.clone();
    let cast = cast(state, service);
    let acked = dice.between(60, 720);
    let mut plan = vec![(0, Step::Fire(Box::new(own))), (acked, Step::deed(&alarm, Deed::Acknowledge(cast.operator)))];
    let mut at = acked + dice.between(120, 1200);
    if dice.chance(75) {
        plan.push((at, Step::deed(&alarm, Deed::Note(cast.operator, (*dice.pick(FINDINGS)).into()))));
    }
    if dice.chance(20) {
        at += 60;
        plan.push((at, Step::deed(&alarm, Deed::Reassign(cast.operator, cast.engineer))));
        at += dice.between(120, 900);
        plan.push((at, Step::deed(&alarm, Deed::Note(cast.engineer, (*dice.pick(FINDINGS)).into()))));
    }
    if dice.chance(15) {
        plan.push((at + 30, Step::deed(&alarm, Deed::Priority(cast.operator, 1 + dice.below(3)))));
    }
    at += dice.between(300, 3600);
    let by_person = dice.chance(55);
    let why = dice.chance(40).then(|| (*dice.pick(FINDINGS)).to_owned());
    plan.push((at, if by_person { Step::deed(&alarm, Deed::Resolve(cast.operator, why)) } else { Step::Clear(alarm) }));
    plan
}

/// Nobody takes it: the clock escalates, then it clears or times out.
fn unattended(dice: &mut Dice, state: &State, service: usize) -> Plan {
    let own = firing(dice, state, service);
    let alarm = own.alarm.clone();
    let mut plan = vec![(0, Step::Fire(Box::new(own)))];
    if dice.chance(70) || state.account.services[service].auto_resolve_s.is_none() {
        plan.push((dice.between(1500, 9000), Step::Clear(alarm)));
    }
    plan
}

/// A job of the small hours fails and waits for someone with time.
fn night_job(dice: &mut Dice, state: &State) -> Plan {
    let batches = |s: &usize| state.account.services[*s].kind == Kind::Batch;
    let services: Vec<usize> = awake_services(state).into_iter().filter(batches).collect();
    if services.is_empty() {
        return Vec::new();
    }
    let service = *dice.pick(&services);
    let own = fire(dice, service, Kind::Batch, Some("backup"));
    let alarm = own.alarm.clone();
    let cast = cast(state, service);
    let acked = dice.between(600, 5400);
    let done = acked + dice.between(1200, 5400);
    vec![
        (0, Step::Fire(Box::new(own))),
        (acked, Step::deed(&alarm, Deed::Acknowledge(cast.operator))),
        (acked + 300, Step::deed(&alarm, Deed::Note(cast.operator, "手順書に従いジョブを再実行中".into()))),
        (done, Step::deed(&alarm, Deed::Resolve(cast.operator, Some("再実行で正常終了".into())))),
    ]
}

fn by_hand(dice: &mut Dice, state: &State, service: usize) -> Plan {
    let user = cast(state, service).operator;
    vec![(0, Step::ByHand { service, user, title: (*dice.pick(REPORTS)).into() })]
}

/// A customer goes down: alarms on all his services, one incident gathers them, the engineer and the leader come in.
fn storm(dice: &mut Dice, state: &State, service: usize) -> Plan {
    let team = state.account.services[service].team;
    let of_customer = |s: &usize| state.account.services[*s].team == team;
    let services: Vec<usize> = awake_services(state).into_iter().filter(of_customer).collect();
    let cast = cast(state, service);
    let (mut alarms, mut plan) = (Vec::<Alarm>::new(), Vec::new());
    for i in 0..dice.between(4, 8) {
        let place = *dice.pick(&services);
        let own = firing(dice, state, place);
        if !alarms.contains(&own.alarm) {
            alarms.push(own.alarm.clone());
        }
        plan.push((i * 20 + dice.between(0, 15), Step::Fire(Box::new(own))));
    }
    let first = alarms.remove(0);
    plan.push((200, Step::deed(&first, Deed::Acknowledge(cast.operator))));
    plan.push((240, Step::deed(&first, Deed::Priority(cast.operator, 0))));
    plan.push((300, Step::deed(&first, Deed::Escalate(cast.operator))));
    plan.push((420, Step::Gather(first.clone(), alarms.clone(), cast.operator)));
    plan.push((480, Step::deed(&first, Deed::Acknowledge(cast.engineer))));
    plan.push((600, Step::deed(&first, Deed::Help(cast.engineer, cast.leader))));
    plan.push((660, Step::deed(&first, Deed::Update(cast.leader, "原因を調査中です。次の報告は30分後です。".into()))));
    let fixed = dice.between(1800, 5400);
    plan.push((
        fixed - 600,
        Step::deed(&first, Deed::Note(cast.engineer, "上位回線の障害と判明。副回線へ切替。".into())),
    ));
    for (i, alarm) in alarms.iter().enumerate() {
        plan.push((fixed + 10 * i as i64, Step::Clear(alarm.clone())));
    }
    plan.push((fixed + 200, Step::deed(&first, Deed::Update(cast.leader, "復旧しました。経過を見ています。".into()))));
    plan.push((
        fixed + 600,
        Step::deed(&first, Deed::Resolve(cast.engineer, Some("副回線で復旧。恒久対策は別途。".into()))),
    ));
    plan
}
