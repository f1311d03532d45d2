//! Random filters of mails against a naive one in memory, on both databases: every page size, every scope, with mails whose
//! ids and instants disagree, and with some that the search index knows less of.

use super::bed::{Bed, for_each_store};
use super::matches::Dice;
use super::words::exec;
use crate::mails::{self, Filter, New};
use crate::search::grams;
use crate::{Store, Val};
use model::mail::{Ledger, Reason, State, Trust};
use model::{Micros, Scope};

const DAY_US: i64 = 86_400_000_000;
const WORDS: [&str; 8] = ["障害", "遅延", "DB", "ｄｂ-1", "復旧", "O'Neil", "100%_\\", "disk"];
const ASKED: [&str; 11] = ["障害", "害", "db", "ＤＩＳＫ", "s", "o'n", "%_", "復旧 db", "web0", "@example", "zzz"];
const LEDGERS: [Ledger; 6] =
    [Ledger::Matched, Ledger::Matched, Ledger::Recovery, Ledger::Missing, Ledger::Expected, Ledger::Registered];

fn random(id: i64, dice: &mut Dice) -> New {
    let title: Vec<&str> = (0..1 + dice.roll(3)).map(|_| dice.one(&WORDS)).collect();
    let late = if dice.roll(16) == 0 { dice.roll(40) as i64 * DAY_US / 4 } else { 0 };
    New {
        id,
        received_at: Micros(id * DAY_US / 9 - late),
        door: "mail-smtp".into(),
        message_id: None,
        sender: dice.one(&["a@example.jp", "b@example.com"]).into(),
        subject: title.join(" "),
        monitor: dice.one(&["zabbix", "icinga"]).into(),
        host: dice.one(&[None, Some("web01"), Some("Web02")]).map(str::to_owned),
        check: None,
        state: dice.one(&[State::Problem, State::Problem, State::Recovery, State::Notice]),
        severity: None,
        key: "k".into(),
        occurred_at: None,
        customer: dice.one(&[None, Some("acme"), Some("bolt")]).map(str::to_owned),
        service: None,
        trust: dice.one(&[Trust::Trusted, Trust::Trusted, Trust::Untrusted]),
        net: None,
        ledger: dice.one(&LEDGERS),
        reason: Reason::Nothing,
        due: None,
        reading: "{}".into(),
    }
}

fn filter(dice: &mut Dice) -> Filter {
    let text = |value: &str| value.to_owned();
    let instants = [i64::MIN, 0, DAY_US, 2 * DAY_US + 5, 4 * DAY_US, 7 * DAY_US - 1, 30 * DAY_US, i64::MAX].map(Micros);
    Filter {
        ledgers: (0..dice.roll(6).saturating_sub(2)).map(|_| dice.one(&LEDGERS)).collect(),
        monitor: dice.maybe(&["zabbix", "icinga", "nobody"]).map(text),
        state: dice.maybe(&["problem", "recovery", "update", "notice"]).map(text),
        trust: dice.maybe(&["trusted", "untrusted", "waiting"]).map(text),
        host: dice.maybe(&["web01", "Web02", "web02"]).map(text),
        customer: dice.maybe(&["acme", "bolt", "", "Acme"]).map(text),
        text: dice.maybe(&ASKED).map(text),
        since: dice.maybe(&instants),
        until: dice.maybe(&instants),
        before: dice.maybe(&[1, 20, 55, 500]),
    }
}

fn scope(dice: &mut Dice) -> Scope {
    let some = |list: &[&str]| Scope::Customers(list.iter().map(|&customer| customer.to_owned()).collect());
    match dice.roll(6) {
        0 => some(&["acme"]),
        1 => some(&["bolt", "acme", "gone", ""]),
        2 => some(dice.one(&[&[][..], &[""], &["ACME"]])),
        _ => Scope::All,
    }
}

/// What the filter says, said again without any index.
fn holds(filter: &Filter, scope: &Scope, mail: &New) -> bool {
    let is = |wanted: &Option<String>, value: Option<&str>| wanted.as_deref().is_none_or(|w| value == Some(w));
    let parts = [Some(&mail.subject), mail.host.as_ref(), Some(&mail.sender)].into_iter().flatten();
    let folded: Vec<String> = parts.map(|part| grams::fold(part)).collect();
    scope.allows(mail.customer.as_deref())
        && (filter.ledgers.is_empty() || filter.ledgers.contains(&mail.ledger))
        && is(&filter.monitor, Some(&mail.monitor))
        && is(&filter.state, Some(mail.state.as_str()))
        && is(&filter.trust, Some(mail.trust.as_str()))
        && is(&filter.host, mail.host.as_deref())
        && is(&filter.customer, mail.customer.as_deref())
        && filter.since.is_none_or(|since| mail.received_at >= since)
        && filter.until.is_none_or(|until| mail.received_at < until)
        && filter.before.is_none_or(|before| mail.id < before)
        && grams::terms(filter.text.as_deref().unwrap_or_default())
            .iter()
            .all(|term| folded.iter().any(|part| part.contains(&term.text)))
}

async fn turn_pages(store: &Store, scope: &Scope, mut filter: Filter, size: i64) -> Vec<i64> {
    let mut ids = Vec::new();
    loop {
        let (s, f) = (scope.clone(), filter.clone());
        let page = store.read(move |tx| Box::pin(async move { mails::list(tx, &s, &f, size).await })).await.unwrap();
        let Some(last) = page.last() else { return ids };
        filter.before = Some(last.id);
        ids.extend(page.iter().map(|item| item.id));
        assert!(ids.len() <= 200, "pages without end: {filter:?}");
    }
}

async fn add(store: &Store, mail: New) {
    store.write("test", move |tx| Box::pin(async move { mails::add(tx, &mail).await })).await.unwrap();
}

/// Some are read late; those up to `untagged` were another state's when they were indexed.
async fn seed(bed: &Bed, untagged: i64, dice: &mut Dice) -> Vec<New> {
    let mut all: Vec<New> = (1..=90).map(|id| random(id, dice)).collect();
    for late in [false, true] {
        for mail in all.iter().filter(|mail| (mail.id % 5 == 0) == late).cloned() {
            add(&bed.store, mail).await;
        }
    }
    for mail in all.iter_mut().filter(|mail| mail.id <= untagged) {
        mail.state = dice.one(&[State::Problem, State::Recovery, State::Notice]);
        let vals = vec![Val::Int(mail.id), mail.state.as_str().into()];
        exec(&bed.store, "UPDATE mail SET state = ?2 WHERE id = ?1", vals).await;
    }
    exec(&bed.store, "UPDATE mail_tagged SET after = ?1", vec![untagged.into()]).await;
    all
}

async fn compare(bed: &Bed, seed_of: u64) {
    let mut dice = Dice(seed_of);
    let all = seed(bed, [0, 40, 95][seed_of as usize % 3], &mut dice).await;
    let mut some = 0;
    for _ in 0..250 {
        let (filter, scope) = (filter(&mut dice), scope(&mut dice));
        let mut wanted: Vec<i64> = all.iter().filter(|mail| holds(&filter, &scope, mail)).map(|mail| mail.id).collect();
        wanted.reverse();
        some += usize::from(!wanted.is_empty());
        let size = 1 + dice.roll(20) as i64;
        let found = turn_pages(&bed.store, &scope, filter.clone(), size).await;
        assert_eq!(found, wanted, "seed {seed_of}, {scope:?}, {size} a page, {filter:?}");
        let (s, f, most) = (scope.clone(), Filter { before: None, ..filter.clone() }, 1 + dice.roll(30) as i64);
        let wanted = all.iter().filter(|mail| holds(&f, &scope, mail)).count() as i64;
        let counted =
            bed.store.read(move |tx| Box::pin(async move { mails::count_up_to(tx, &s, &filter, most).await }));
        assert_eq!(counted.await.unwrap(), most.min(wanted), "seed {seed_of}, {scope:?} {f:?}");
    }
    assert!(some > 60, "only {some} filters found anything");
}

#[test]
fn random_filters_of_mails_give_what_a_naive_one_gives() {
    for seed in 1..=4 {
        for_each_store(async |bed: &Bed| compare(bed, seed).await);
    }
}
