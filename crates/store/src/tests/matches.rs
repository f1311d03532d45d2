//! Random filters against a naive one in memory, on both databases: every order, every page size, every scope. Also what
//! each way to the rows gives, for the bounds that choose between them are tiny in tests.

use super::bed::{Bed, for_each_store};
use super::incidents::{incident, list, named, save};
use crate::incidents::{self, By, Filter, Order};
use crate::search::grams;
use crate::{Store, search};
use model::incident::{Incident, Status, Urgency};
use model::{Micros, Scope};

/// Small, fast and the same everywhere.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides
    }

    pub fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())].clone()
    }

    pub fn maybe<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        (self.roll(4) == 0).then(|| self.one(of))
    }
}

const WORDS: [&str; 12] =
    ["障害", "遅延", "害", "DB", "ｄｂ-1", "payment", "API", "Latency", "🔥", "5xx", "O'Neil", "100%_\\"];
const ASKED: [&str; 16] = [
    "障害",
    "害",
    "延",
    "db",
    "ＰＡＹ",
    "ment api",
    "lat 遅",
    "x",
    "🔥",
    "o'n",
    "%_",
    "\\",
    "#12",
    "14",
    "Q01",
    "害 db 5",
];

fn random(n: i64, dice: &mut Dice) -> (Incident, Option<&'static str>) {
    let mut one = incident(n);
    let title: Vec<&str> = (0..dice.roll(5)).map(|_| dice.one(&WORDS)).collect();
    one.data.title = title.join(if dice.roll(2) == 0 { " " } else { "" });
    one.data.status = dice.one(&[Status::Triggered, Status::Acknowledged, Status::Resolved, Status::Resolved]);
    one.data.urgency = dice.one(&[Urgency::High, Urgency::Low]);
    one.data.service = (dice.roll(8) > 0).then(|| named(dice.one(&["S1", "S2", "S3"])));
    one.data.teams = (0..dice.roll(3)).map(|_| named(dice.one(&["T1", "T2"]))).collect();
    one.data.assignees = (0..dice.roll(3)).map(|_| named(dice.one(&["U1", "U2", "U3"]))).collect();
    one.data.created_at = Some(Micros::from_seconds(1_000 + dice.roll(25) as i64));
    one.changed_at = Micros::from_seconds(2_000 + dice.roll(25) as i64);
    (one, dice.one(&[None, Some("acme"), Some("bolt"), Some("acme")]))
}

fn text(value: &str) -> String {
    value.to_owned()
}

fn filter(dice: &mut Dice) -> Filter {
    let statuses = ["triggered", "acknowledged", "resolved", "nonsense"];
    Filter {
        statuses: (0..dice.roll(6).saturating_sub(2)).map(|_| text(dice.one(&statuses))).collect(),
        urgency: dice.maybe(&["high", "low", "odd"]).map(text),
        service: dice.maybe(&["S1", "S2", "s1"]).map(text),
        team: dice.maybe(&["T1", "T2", "t1"]).map(text),
        assignee: dice.maybe(&["U1", "U3", "U9"]).map(text),
        customer: dice.maybe(&["acme", "bolt", "", "Acme"]).map(text),
        text: (dice.roll(2) == 0).then(|| text(dice.one(&ASKED))),
        since: dice.maybe(&[1_003, 1_010, 1_024]).map(Micros::from_seconds),
        until: dice.maybe(&[1_003, 1_010, 1_024]).map(Micros::from_seconds),
        order: Order {
            by: dice.one(&[By::Opened, By::Changed, By::Status, By::Service]),
            descending: dice.roll(2) == 0,
        },
        after: None,
    }
}

fn scope(dice: &mut Dice) -> Scope {
    match dice.roll(5) {
        0 => Scope::Customers(vec![text("acme")]),
        1 => Scope::Customers(vec![text("bolt"), text("acme"), text("gone")]),
        2 => Scope::Customers(dice.one(&[vec![], vec![String::new()], vec![text("ACME")]])),
        _ => Scope::All,
    }
}

/// What the filter says, said again without any index.
fn holds(filter: &Filter, scope: &Scope, one: &Incident, customer: Option<&str>) -> bool {
    let data = &one.data;
    let created = data.created_at.unwrap();
    let is = |wanted: &Option<String>, value: Option<&str>| wanted.as_deref().is_none_or(|w| value == Some(w));
    let has = |wanted: &Option<String>, values: &[model::incident::Ref]| {
        wanted.as_deref().is_none_or(|w| values.iter().any(|v| v.id == w))
    };
    let title = grams::fold(&data.title);
    let words = grams::terms(filter.text.as_deref().unwrap_or_default());
    scope.allows(customer)
        && (filter.statuses.is_empty() || filter.statuses.iter().any(|s| s == data.status.as_str()))
        && is(&filter.urgency, Some(data.urgency.as_str()))
        && is(&filter.service, data.service.as_ref().map(|s| s.id.as_str()))
        && is(&filter.customer, customer)
        && has(&filter.team, &data.teams)
        && has(&filter.assignee, &data.assignees)
        && filter.since.is_none_or(|since| created >= since)
        && filter.until.is_none_or(|until| created < until)
        && words.iter().all(|w| {
            title.contains(&w.text)
                || data.id.to_lowercase() == w.text
                || w.number.is_some_and(|n| data.number == Some(n))
        })
}

/// The ids that the filter should give, in its order: creation and number break ties.
fn wanted(all: &[(Incident, Option<&'static str>)], filter: &Filter, scope: &Scope) -> Vec<String> {
    let mut rows: Vec<_> = all.iter().filter(|(one, c)| holds(filter, scope, one, *c)).map(|(one, _)| one).collect();
    let rank = |one: &Incident| Status::ALL.iter().position(|s| *s == one.data.status);
    let name = |one: &Incident| one.data.service.as_ref().map(|s| s.name.clone()).unwrap_or_default();
    rows.sort_by_key(|one| (one.data.created_at, one.data.number));
    match filter.order.by {
        By::Opened => {}
        By::Changed => rows.sort_by_key(|one| one.changed_at),
        By::Status => rows.sort_by_key(|one| rank(one)),
        By::Service => rows.sort_by_key(|one| name(one)),
    }
    if filter.order.descending {
        rows.reverse();
    }
    rows.into_iter().map(|one| one.data.id.clone()).collect()
}

async fn turn_pages(store: &Store, scope: &Scope, mut filter: Filter, size: i64) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let page = list(store, scope.clone(), filter.clone(), size).await;
        let Some(last) = page.last() else { return ids };
        filter.after = Some(filter.order.place(last));
        ids.extend(page.iter().map(|item| item.id.clone()));
        assert!(ids.len() <= 200, "pages without end: {filter:?}");
    }
}

async fn compare(bed: &Bed, seed: u64) {
    let mut dice = Dice(seed);
    let all: Vec<_> = (0..90).map(|n| random(n, &mut dice)).collect();
    for (n, (one, customer)) in all.iter().cloned().enumerate() {
        // Some were something else before.
        if n % 3 == 0 {
            let (mut before, customer) = random(n as i64, &mut dice);
            before.data.created_at = before.data.created_at.filter(|_| n % 2 == 0);
            save(&bed.store, before, customer).await;
        }
        save(&bed.store, one, customer).await;
    }
    for _ in 0..160 {
        let (filter, scope) = (filter(&mut dice), scope(&mut dice));
        let wanted = wanted(&all, &filter, &scope);
        let size = 1 + dice.roll(20) as i64;
        let found = turn_pages(&bed.store, &scope, filter.clone(), size).await;
        assert_eq!(found, wanted, "seed {seed}, {scope:?}, {size} a page, {filter:?}");
        let (s, f, most) = (scope.clone(), filter.clone(), 1 + dice.roll(30) as i64);
        let counted = bed.store.read(move |tx| Box::pin(async move { incidents::count_up_to(tx, &s, &f, most).await }));
        assert_eq!(counted.await.unwrap(), most.min(wanted.len() as i64), "{scope:?} {filter:?}");
    }
}

#[test]
fn random_filters_give_what_a_naive_one_gives() {
    for seed in 1..=4 {
        for_each_store(async |bed: &Bed| compare(bed, seed).await);
    }
}

#[test]
fn without_a_whole_index_the_lists_are_the_same() {
    for_each_store(async |bed: &Bed| {
        let mut dice = Dice(77);
        let all: Vec<_> = (0..60).map(|n| random(n, &mut dice)).collect();
        for (one, customer) in all.clone() {
            save(&bed.store, one, customer).await;
        }
        super::words::exec(&bed.store, "DELETE FROM incident_gram", vec![]).await;
        super::words::exec(&bed.store, "UPDATE incident SET indexed = NULL", vec![]).await;
        for _ in 0..80 {
            let (filter, scope) = (filter(&mut dice), scope(&mut dice));
            let found = turn_pages(&bed.store, &scope, filter.clone(), 9).await;
            assert_eq!(found, wanted(&all, &filter, &scope), "{scope:?} {filter:?}");
        }
        let left = bed.store.write("test", |tx| Box::pin(search::rebuild_some(tx))).await;
        assert_eq!(left.unwrap(), 0);
        for _ in 0..80 {
            let (filter, scope) = (filter(&mut dice), scope(&mut dice));
            let found = turn_pages(&bed.store, &scope, filter.clone(), 9).await;
            assert_eq!(found, wanted(&all, &filter, &scope), "{scope:?} {filter:?}");
        }
    });
}
