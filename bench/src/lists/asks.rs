//! The pages that are asked for: each filter alone and in each order, seeded mixes of filters and words, pages deep down,
//! and what *Now* reads.

use super::made::{Made, created, mix};
use super::mails;
use anyhow::Result;
use model::{Micros, Scope};
use store::incidents::{self, By, Filter, Order};
use store::{Store, StoreError, Tx, inbox, jobs, receipts};

pub(super) const PAGE: i64 = 51;
/// Pages say "1,000+" and count no further.
pub(super) const COUNT: i64 = 1_001;
pub(super) const SEARCHES: i64 = 200;
const TERMS: [&str; 24] = [
    "critical",
    "障害",
    "遅延",
    "害",
    "db",
    "payment",
    "ＣＰＵ",
    "host123",
    "本番",
    "ディスク",
    "timeout",
    "redis cache",
    "kafka 遅延",
    "pod restarting",
    "証明書",
    "no data",
    "stg critical",
    "#4711",
    "987654",
    "死活",
    "vpn 接続",
    "zzz",
    "決済 メモリ",
    "leak",
];

pub struct Group {
    pub name: &'static str,
    pub pages: Vec<Page>,
}

pub struct Page {
    pub told: String,
    pub what: What,
}

pub enum What {
    List(Box<(Scope, Filter)>),
    /// The list alone, as the API gives it.
    Bare(Box<(Scope, Filter)>),
    Now(Scope),
    Pulse,
    /// A page of mails, and when it is.
    Mails(Box<(Scope, store::mails::Filter, Micros)>),
    BesideMails(Micros),
}

impl Page {
    pub async fn read(self, store: &Store) -> Result<()> {
        let read = store.read(move |tx| {
            Box::pin(async move {
                match self.what {
                    What::List(asked) => list(tx, &asked.0, &asked.1).await,
                    What::Bare(asked) => incidents::list(tx, &asked.0, &asked.1, PAGE).await.map(|_| ()),
                    What::Now(scope) => now(tx, &scope).await,
                    What::Pulse => pulse(tx).await,
                    What::Mails(asked) => mails::list(tx, &asked.0, &asked.1, asked.2).await,
                    What::BesideMails(at) => mails::beside_lists(tx, at).await,
                }
            })
        });
        Ok(read.await?)
    }
}

/// *Incidents*: the rows, the choices, the bounded count.
async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<(), StoreError> {
    incidents::list(tx, scope, filter, PAGE).await?;
    for kind in ["service", "team", "assignee"] {
        incidents::list_choices(tx, scope, kind).await?;
    }
    incidents::count_up_to(tx, scope, filter, COUNT).await.map(|_| ())
}

/// *Now*: what is open, what changed last, what was resolved last.
async fn now(tx: &mut Tx, scope: &Scope) -> Result<(), StoreError> {
    let open = Filter { statuses: vec!["triggered".into(), "acknowledged".into()], ..Filter::default() };
    let untaken = Filter { statuses: vec!["triggered".into()], ..Filter::default() };
    let changed = Order { by: By::Changed, descending: true };
    let oldest = Order { by: By::Opened, descending: false };
    incidents::list(tx, scope, &Filter { order: oldest, ..open.clone() }, 100).await?;
    incidents::count_up_to(tx, scope, &open, COUNT).await?;
    incidents::count_up_to(tx, scope, &untaken, COUNT).await?;
    let resolved = Filter { statuses: vec!["resolved".into()], order: changed, ..Filter::default() };
    incidents::list(tx, scope, &resolved, 1).await?;
    for item in incidents::list(tx, scope, &Filter { order: changed, ..Filter::default() }, 6).await? {
        incidents::find(tx, scope, &item.id).await?;
    }
    Ok(())
}

/// The counts behind the health mark.
async fn pulse(tx: &mut Tx) -> Result<(), StoreError> {
    receipts::count(tx, &Scope::All).await?;
    jobs::count_unfinished(tx, &Scope::All, COUNT).await?;
    inbox::waiting(tx, 1, 0, 1).await.map(|_| ())
}

fn page(scope: &Scope, filter: Filter) -> Page {
    Page { told: told(scope, &filter), what: What::List(Box::new((scope.clone(), filter))) }
}

fn told(scope: &Scope, f: &Filter) -> String {
    let mut told = vec![format!("{:?}{}", f.order.by, if f.order.descending { "-" } else { "+" })];
    let named = [&f.urgency, &f.service, &f.team, &f.assignee, &f.customer, &f.text];
    told.extend(f.statuses.iter().chain(named.into_iter().flatten()).cloned());
    told.extend(f.since.or(f.until).map(|_| "dates".to_owned()));
    told.extend(f.after.as_ref().map(|_| "deep".to_owned()));
    told.extend((*scope != Scope::All).then(|| "scoped".to_owned()));
    told.join(" ")
}

fn orders() -> Vec<Order> {
    [By::Opened, By::Changed, By::Status, By::Service]
        .into_iter()
        .flat_map(|by| [true, false].map(|descending| Order { by, descending }))
        .collect()
}

/// Every filter alone.
fn alone(made: &Made) -> Vec<Filter> {
    let all = Filter::default;
    let statuses = |list: &[&str]| Filter { statuses: list.iter().map(|s| (*s).to_owned()).collect(), ..all() };
    let at = |share: i64| Micros::from_seconds(created(made.incidents / 100 * share, made.incidents));
    let mut filters = vec![
        all(),
        statuses(&["triggered"]),
        statuses(&["acknowledged"]),
        statuses(&["resolved"]),
        statuses(&["triggered", "acknowledged"]),
        statuses(&["triggered", "resolved"]),
        Filter { urgency: Some("high".into()), ..all() },
        Filter { urgency: Some("low".into()), ..all() },
        Filter { since: Some(at(98)), ..all() },
        Filter { until: Some(at(10)), ..all() },
        Filter { since: Some(at(40)), until: Some(at(43)), ..all() },
        Filter { since: Some(at(99)), until: Some(at(100)), ..all() },
    ];
    // 78 and 79 are the services that were given up; 11 has few.
    filters.extend([0, 1, 20, 60, 78, 79, 99].map(|n| Filter { service: Some(format!("PS{n:04}")), ..all() }));
    filters.extend([0, 3, 5].map(|n| Filter { team: Some(format!("PT{n:04}")), ..all() }));
    filters.extend([0, 7, 39].map(|n| Filter { assignee: Some(format!("PU{n:04}")), ..all() }));
    filters.extend([0, 5, 11].map(|n| Filter { customer: Some(format!("c{n}")), ..all() }));
    filters
}

fn scopes() -> [Scope; 3] {
    let some = |list: &[usize]| Scope::Customers(list.iter().map(|n| format!("c{n}")).collect());
    [Scope::All, some(&[4]), some(&[1, 2, 9])]
}

pub async fn all(made: &Made) -> Result<Vec<Group>> {
    let mut groups = Vec::new();
    let names =
        ["each filter, everything in sight", "each filter, one customer in sight", "each filter, three in sight"];
    for (name, scope) in names.into_iter().zip(scopes()) {
        let each =
            alone(made).into_iter().flat_map(|f| orders().into_iter().map(move |order| Filter { order, ..f.clone() }));
        groups.push(Group { name, pages: each.map(|filter| page(&scope, filter)).collect() });
    }
    groups.push(Group {
        name: "200 searches with filters",
        pages: (0..SEARCHES).map(|n| search(made, n, false)).collect(),
    });
    groups
        .push(Group { name: "200 searches, any order", pages: (0..SEARCHES).map(|n| search(made, n, true)).collect() });
    groups.push(Group { name: "pages deep down", pages: deep(made).await? });
    let now = |scope: &Scope| Page { told: told(scope, &Filter::default()), what: What::Now(scope.clone()) };
    groups.push(Group { name: "Now", pages: (0..60).map(|n| now(&scopes()[n % 3])).collect() });
    groups.push(Group {
        name: "the counts behind the mark",
        pages: (0..20).map(|_| Page { told: String::new(), what: What::Pulse }).collect(),
    });
    Ok(groups)
}

/// One word or two, with up to two filters.
fn search(made: &Made, n: i64, any_order: bool) -> Page {
    let filters = alone(made);
    let mut filter = Filter { text: Some(TERMS[mix(n, 21) % TERMS.len()].to_owned()), ..Filter::default() };
    for salt in 0..u64::try_from(mix(n, 22) % 3).unwrap_or(0) {
        let other = filters[mix(n, 23 + salt) % filters.len()].clone();
        filter.statuses = if other.statuses.is_empty() { filter.statuses } else { other.statuses };
        filter.urgency = other.urgency.or(filter.urgency);
        filter.service = other.service.or(filter.service);
        filter.team = other.team.or(filter.team);
        filter.assignee = other.assignee.or(filter.assignee);
        filter.customer = other.customer.or(filter.customer);
        filter.since = other.since.or(filter.since);
        filter.until = other.until.or(filter.until);
    }
    let orders = orders();
    if any_order {
        filter.order = orders[mix(n, 27) % orders.len()];
    }
    page(&scopes()[if mix(n, 28).is_multiple_of(4) { 1 + mix(n, 29) % 2 } else { 0 }], filter)
}

/// Pages that begin in the middle of everything.
async fn deep(made: &Made) -> Result<Vec<Page>> {
    let mut pages = Vec::new();
    for share in [5, 35, 65, 95] {
        let until = Some(Micros::from_seconds(created(made.incidents / 100 * share, made.incidents)));
        let at = Filter { until, ..Filter::default() };
        let read = made.store.read(move |tx| Box::pin(async move { incidents::list(tx, &Scope::All, &at, 1).await }));
        let Some(item) = read.await?.into_iter().next() else { continue };
        for filter in alone(made) {
            for order in orders() {
                let after = Some(order.place(&item));
                let filter = Filter { order, after, ..filter.clone() };
                let told = told(&Scope::All, &filter);
                pages.push(Page { told, what: What::Bare(Box::new((Scope::All, filter))) });
            }
        }
    }
    Ok(pages)
}
