//! The ledger that the pages of the safety net are measured against: a million mails of three years from forty monitors,
//! written through the store's own door; and what its pages and its every tick ask.

use super::asks::{COUNT, Group, PAGE, Page, SEARCHES, What};
use super::made::{self, mix};
use crate::say;
use anyhow::Result;
use model::mail::{Ledger, Reason, State, Trust};
use model::{Micros, Scope};
use std::path::{Path, PathBuf};
use std::time::Instant;
use store::mails::{self, Filter, New};
use store::{Store, StoreError, Tx, canaries, ledger, nets};

/// Changes when what is made changes.
const VERSION: u32 = 2;
const AT_ONCE: i64 = 1_000;
const MONITORS: usize = 40;
const DAY_S: i64 = 86_400;
/// Monitors that sent within so many days are offered by the page.
const OFFERED_DAYS: i64 = 8;
const TERMS: [&str; 16] = [
    "critical",
    "障害",
    "害",
    "db",
    "ＣＰＵ",
    "host123",
    "本番",
    "ディスク",
    "timeout",
    "redis cache",
    "kafka 遅延",
    "証明書",
    "host01",
    "死活",
    "zzz",
    "決済 メモリ",
];

pub struct Made {
    pub store: Store,
    pub file: PathBuf,
    pub mails: i64,
    pub saves_per_s: Option<f64>,
}

pub async fn store(data: &Path, mails: i64) -> Result<Made> {
    let file = data.join(format!("mails-{VERSION}-{mails}.db"));
    let part = data.join(format!("mails-{VERSION}-{mails}.part"));
    let mut saves_per_s = None;
    if !file.is_file() {
        for left in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{left}", part.display()));
        }
        saves_per_s = Some(fill(&part, mails).await?);
        beside(&part, mails)?;
        std::fs::rename(&part, &file)?;
    }
    let store = made::open(&file)?;
    store.probe().await?;
    Ok(Made { store, file, mails, saves_per_s })
}

async fn fill(file: &Path, mails: i64) -> Result<f64> {
    let store = made::open(file)?;
    let begun = Instant::now();
    let mut n = 0;
    while n < mails {
        let to = (n + AT_ONCE).min(mails);
        let unit = store.write("fill", move |tx| {
            Box::pin(async move {
                for n in n..to {
                    let mail = one(n, mails);
                    mails::add(tx, &mail).await?;
                    ledger::note_hour(tx, &mail.monitor, mail.received_at, 1, 1).await?;
                }
                Ok(())
            })
        });
        unit.await?;
        if to % 100_000 == 0 {
            say(&format!("mails: {to} made, {:.0}/s", to as f64 / begun.elapsed().as_secs_f64()));
        }
        n = to;
    }
    let rate = mails as f64 / begun.elapsed().as_secs_f64();
    store.close().await;
    Ok(rate)
}

/// Their originals, a tenth of them waiting to be read since yesterday; what the receivers counted; old canaries.
fn beside(file: &Path, mails: i64) -> Result<()> {
    say("mails: originals and counts");
    let conn = rusqlite::Connection::open(file)?;
    let many = |most: i64| format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most})");
    conn.execute_batch(&format!(
        "BEGIN;
         INSERT INTO inbox (key, source, received_at, origin, state, digest, headers, raw)
           {} SELECT randomblob(32), CASE i % 3 WHEN 0 THEN 'mail-smtp' ELSE 'pagerduty' END, (SELECT max(received_at) FROM mail) - i,
             'live', CASE WHEN i < {mails} / 50 THEN 'new' ELSE 'done' END, randomblob(32), '{{}}', zeroblob(200) FROM n;
         INSERT INTO mail_count (door, slot, shard, received, duplicates) SELECT 'mail-smtp', received_at / 900000000, 0, count(*), 0
           FROM mail GROUP BY 2;
         INSERT INTO canary (id, route, asked_by, began_at, ended_at) {} SELECT 'k' || i, 'r' || (i % 9), 'clock', i, i FROM n;
         UPDATE mail SET sealed_at = received_at;
         COMMIT;
         PRAGMA wal_checkpoint(TRUNCATE);",
        many(mails),
        many(100_000)
    ))?;
    Ok(())
}

/// One in five thousand came through a spool, up to six hours late, and a single one by a clock that was years behind.
fn received_at(n: i64, mails: i64) -> Micros {
    let late_s = if mix(n, 45).is_multiple_of(5_000) { mix(n, 46) % 21_600 } else { 0 };
    let made = if n == mails / 3 * 2 { made::created(mails / 50, mails) } else { made::created(n, mails) };
    Micros::from_seconds(made - late_s as i64)
}

/// Most are balanced, some never were, and the newest wait.
fn one(n: i64, mails: i64) -> New {
    let monitor = mix(n, 41) % MONITORS;
    let (state, balanced) = match mix(n, 42) % 10 {
        0..5 => (State::Problem, Ledger::Matched),
        5..9 => (State::Recovery, Ledger::Recovery),
        _ => (State::Notice, Ledger::NotAnAlert),
    };
    let lacks = state == State::Problem && mix(n, 43).is_multiple_of(25);
    let waits = state == State::Problem && n >= mails - 1_000;
    let ledger = match (waits, lacks) {
        (true, _) => Ledger::Expected,
        (_, true) => Ledger::Missing,
        _ => balanced,
    };
    let at = received_at(n, mails);
    let (title, host) = (made::title(n), format!("host{:03}", mix(n, 6) % 400));
    New {
        id: n + 1,
        received_at: at,
        door: "mail-smtp".into(),
        message_id: Some(format!("{n}@example.jp")),
        sender: format!("monitor{monitor}@example.jp"),
        subject: title.clone(),
        monitor: format!("monitor-{monitor}"),
        host: Some(host.clone()),
        check: Some(title.chars().take(20).collect()),
        state,
        severity: Some("critical".into()),
        key: format!("monitor-{monitor}/{host}"),
        occurred_at: Some(at),
        customer: (monitor < 36).then(|| format!("c{}", monitor / 3)),
        service: None,
        trust: if monitor == 0 { Trust::Untrusted } else { Trust::Trusted },
        net: Some(format!("monitor-{monitor}/{host}")),
        ledger,
        reason: Reason::Nothing,
        due: waits.then_some(at),
        reading: format!("{{\"text\":\"{}\"}}", "x".repeat(600)),
    }
}

/// *Safety net*: the rows, the bounded count, the monitors to choose from, what lacks an incident.
pub async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter, now: Micros) -> Result<(), StoreError> {
    mails::list(tx, scope, filter, PAGE).await?;
    mails::count_up_to(tx, scope, filter, COUNT).await?;
    nets::count_missing(tx, scope, COUNT).await?;
    mails::list_monitors(tx, scope, now.plus_s(-OFFERED_DAYS * DAY_S)).await.map(|_| ())
}

/// What is asked beside the lists: a day's two sides, and what the net asks as it goes.
pub async fn beside_lists(tx: &mut Tx, at: Micros) -> Result<(), StoreError> {
    let since = at.plus_s(-DAY_S);
    ledger::balance(tx, &Scope::All, since, at).await?;
    mails::oldest_due(tx, at).await?;
    mails::due(tx, at, 100).await?;
    mails::open(tx, since, 1_000).await?;
    mails::lacking_of_sender(tx, ("monitor7@example.jp", true), at.plus_s(-3_600)).await?;
    mails::lacking_of_monitor(tx, "monitor-7", at.plus_s(-60)).await?;
    mails::came_of_monitor(tx, "monitor-7", at.plus_s(-60), at).await?;
    canaries::lost_since(tx, since).await.map(|_| ())
}

fn alone(made: &Made) -> Vec<Filter> {
    let all = Filter::default;
    let ledgers = |list: &[Ledger]| Filter { ledgers: list.to_vec(), ..all() };
    let at = |share: i64| Some(received_at(made.mails / 100 * share, made.mails));
    let some = |text: &str| Some(text.to_owned());
    let mut filters = vec![
        all(),
        ledgers(&[Ledger::Missing, Ledger::Registered, Ledger::Unreadable, Ledger::UnreadableRegistered]),
        Filter { state: some("problem"), ..all() },
        Filter { state: some("recovery"), ..all() },
        Filter { state: some("update"), ..all() },
        Filter { trust: some("untrusted"), ..all() },
        Filter { trust: some("trusted"), ..all() },
        Filter { trust: some("waiting"), ..all() },
        Filter { since: at(98), ..all() },
        Filter { since: at(1), ..all() },
        Filter { until: at(1), ..all() },
        Filter { until: at(10), ..all() },
        Filter { since: at(40), until: at(43), ..all() },
        Filter { before: Some(made.mails / 2), ..all() },
        Filter { before: Some(500), ..all() },
    ];
    filters.extend(
        [Ledger::Matched, Ledger::Missing, Ledger::Expected, Ledger::Recovery, Ledger::Joined].map(|l| ledgers(&[l])),
    );
    filters.extend([0, 7, 39, 99].map(|n| Filter { monitor: Some(format!("monitor-{n}")), ..all() }));
    filters.extend(["host000", "HOST123", "host999"].map(|host| Filter { host: some(host), ..all() }));
    filters.extend(["c0", "c11"].map(|customer| Filter { customer: some(customer), ..all() }));
    filters
}

/// Two filters at once: what one of them does not ask for, the other does.
fn both(one: &Filter, other: &Filter) -> Filter {
    let (a, b) = (one.clone(), other.clone());
    Filter {
        ledgers: if a.ledgers.is_empty() { b.ledgers } else { a.ledgers },
        monitor: a.monitor.or(b.monitor),
        state: a.state.or(b.state),
        trust: a.trust.or(b.trust),
        host: a.host.or(b.host),
        customer: a.customer.or(b.customer),
        text: a.text.or(b.text),
        since: a.since.or(b.since),
        until: a.until.or(b.until),
        before: a.before.or(b.before),
    }
}

pub fn groups(made: &Made) -> Vec<Group> {
    let some = |list: &[usize]| Scope::Customers(list.iter().map(|n| format!("c{n}")).collect());
    let scopes = [Scope::All, some(&[4]), some(&[1, 2, 9])];
    let last = received_at(made.mails, made.mails);
    let page = |scope: &Scope, filter: Filter| Page {
        told: format!("{filter:?} {}", if *scope == Scope::All { "" } else { "scoped" }),
        what: What::Mails(Box::new((scope.clone(), filter, last))),
    };
    let each = scopes.iter().flat_map(|scope| alone(made).into_iter().map(|filter| page(scope, filter)));
    let filters = alone(made);
    let pairs = (0..SEARCHES).map(|n| {
        let one = |salt| &filters[mix(n, salt) % filters.len()];
        page(&scopes[mix(n, 58) % scopes.len()], both(one(56), one(57)))
    });
    let searches = (0..SEARCHES).map(|n| {
        let text = Some(TERMS[mix(n, 51) % TERMS.len()].to_owned());
        let with =
            if mix(n, 52).is_multiple_of(3) { Filter::default() } else { filters[mix(n, 53) % filters.len()].clone() };
        page(&scopes[if mix(n, 54).is_multiple_of(4) { 1 + mix(n, 55) % 2 } else { 0 }], Filter { text, ..with })
    });
    let beside = (0..60).map(|n| Page { told: String::new(), what: What::BesideMails(last.plus_s(-n * DAY_S)) });
    vec![
        Group { name: "mails: each filter; everything, one or three customers in sight", pages: each.collect() },
        Group { name: "mails: 200 searches with filters", pages: searches.collect() },
        Group { name: "mails: 200 pairs of filters", pages: pairs.collect() },
        Group { name: "mails: a day's balance and what the net asks", pages: beside.collect() },
    ]
}
