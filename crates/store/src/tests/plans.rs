//! How SQLite comes to the rows of a list: in the order asked for, without sorting and without walking everything.

use super::bed::{Bed, on_sqlite};
use crate::incidents::ask::{Ask, Drive, Query, Spot};
use crate::incidents::{By, Filter, Order};
use crate::mails::ask::Drive as Way;
use crate::mails::classes::Class;
use crate::mails::spans::Span;
use crate::{Store, StoreError, Tx, Val, canaries, jobs, ledger, mails, nets, own_windows};
use model::mail::{Ledger, Reason};
use model::{Micros, Scope};

async fn plan(store: &Store, sql: &str, vals: Vec<Val>) -> Vec<String> {
    let sql = format!("EXPLAIN QUERY PLAN {sql}");
    let rows = store.read(move |tx| Box::pin(async move { tx.all(&sql, &vals).await })).await.unwrap();
    rows.iter().map(|row| row.string(3).unwrap()).collect()
}

fn filters() -> Vec<Filter> {
    let text = |s: &str| Some(s.to_owned());
    let all = Filter::default;
    vec![
        Filter { text: text("障害 db"), ..all() },
        Filter { text: text("#12"), since: Some(Micros(1)), ..all() },
        Filter { service: text("S"), team: text("T"), urgency: text("high"), customer: text("c"), ..all() },
        Filter { service: text("S"), assignee: text("U"), until: Some(Micros(9)), ..all() },
        Filter { assignee: text("U"), ..all() },
        all(),
    ]
}

fn spot(by: By) -> Spot {
    Spot { value: if by == By::Service { Val::from("s") } else { Val::Int(5) }, slot: 5 }
}

/// The ways of many rows: each has to give the order by itself.
fn ways(filter: &Filter, by: By) -> Vec<Drive> {
    let mut ways = vec![Drive::Rows];
    if by == By::Opened {
        ways.push(Drive::Range);
        ways.push(Drive::Statuses);
        ways.extend(filter.assignee.is_some().then_some(Drive::Assignee));
        ways.extend((filter.text.is_some() || filter.service.is_some()).then_some(Drive::Grams));
    }
    ways
}

#[test]
fn no_list_of_many_sorts_and_none_walks_without_an_index() {
    on_sqlite(async |bed: &Bed| {
        let scopes = [Scope::All, Scope::Customers(vec!["a".into(), "b".into()])];
        let mut seen = 0;
        for (filter, scope) in filters().iter().flat_map(|f| scopes.iter().map(move |s| (f, s))) {
            for (by, descending) in [By::Opened, By::Changed, By::Service].map(|by| [(by, true), (by, false)]).concat()
            {
                for drive in ways(filter, by) {
                    for after in [None, Some(spot(by))] {
                        let mut ask = Ask::new(scope, filter, false);
                        ask.statuses = vec!["resolved".into()];
                        ask.after = after;
                        let fence = spot(by);
                        let order = Some(Order { by, descending });
                        let query = Query { ask: &ask, drive, order, fence: Some(&fence) };
                        let (sql, vals) = query.sql("id", 50);
                        let steps = plan(&bed.store, &sql, vals).await;
                        let told = format!("{sql}\n{steps:#?}");
                        assert!(!steps.iter().any(|s| s.contains("TEMP B-TREE")), "sorts: {told}");
                        let scans = |s: &&String| s.starts_with("SCAN") && !s.contains("VIRTUAL TABLE");
                        assert!(!steps.iter().any(|s| scans(&s)), "walks: {told}");
                        if drive == Drive::Grams {
                            assert!(steps[0].starts_with("SCAN incident_gram VIRTUAL TABLE"), "{told}");
                            assert!(steps[1].contains("INTEGER PRIMARY KEY"), "{told}");
                        }
                        seen += 1;
                    }
                }
            }
        }
        assert!(seen > 100, "only {seen} statements");
    });
}

#[test]
fn the_first_page_of_everything_reads_an_index_in_its_order() {
    on_sqlite(async |bed: &Bed| {
        let filter = Filter::default();
        let ask = Ask::new(&Scope::All, &filter, false);
        for (by, index) in [
            (By::Opened, ""),
            (By::Changed, "USING INDEX incident_changed"),
            (By::Service, "USING INDEX incident_service"),
        ] {
            let order = Some(Order { by, descending: true });
            let (sql, vals) = Query { ask: &ask, drive: Drive::Rows, order, fence: None }.sql("id", 50);
            let steps = plan(&bed.store, &sql, vals).await;
            assert_eq!(steps, [format!("SCAN incident {index}").trim()], "{sql}");
        }
    });
}

#[test]
fn the_lag_of_webhooks_is_read_from_the_end_of_the_inbox() {
    on_sqlite(async |bed: &Bed| {
        let vals = crate::vals![2_000i64, "pagerduty", 100i64].to_vec();
        let steps = plan(&bed.store, crate::inbox::LAGS, vals).await;
        assert!(steps.iter().any(|s| s.starts_with("SEARCH inbox USING INTEGER PRIMARY KEY (rowid>?)")), "{steps:#?}");
        assert!(steps.iter().any(|s| s.contains("USING INDEX fact_inbox (inbox_id=?)")), "{steps:#?}");
        assert!(!steps.iter().any(|s| s.starts_with("SCAN inbox") || s.starts_with("SCAN f")), "{steps:#?}");
    });
}

/// What pages ask beside a list.
#[test]
fn what_now_asks_is_read_from_indexes() {
    on_sqlite(async |bed: &Bed| {
        for sql in [
            "SELECT count(*) FROM (SELECT 1 FROM incident WHERE status IN ('triggered', 'acknowledged') LIMIT 4000) t",
            "SELECT 1 FROM incident WHERE indexed IS NULL LIMIT 1",
            "SELECT slot FROM incident WHERE number = 5 ORDER BY id LIMIT 1",
            "SELECT count(*) FROM (SELECT 1 FROM incident_link WHERE kind = 'assignee' AND other = 'U' LIMIT 4000) t",
        ] {
            let steps = plan(&bed.store, sql, vec![]).await;
            assert!(steps.iter().any(|s| s.contains("INDEX")), "{sql}: {steps:?}");
            assert!(!steps.iter().any(|s| s == "SCAN incident"), "{sql}: {steps:?}");
        }
    });
}

/// What the net asks each tick, or while it holds the writer: read from indexes of the few rows that it is about.
#[test]
fn what_the_net_asks_walks_over_nothing() {
    on_sqlite(async |bed: &Bed| {
        let told = bed.store.write("test", |tx| {
            Box::pin(async move {
                asked_by_the_net(tx).await?;
                Ok(std::mem::take(&mut tx.told))
            })
        });
        let told = told.await.unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for (sql, vals) in told {
            let steps = plan(&bed.store, &sql, vals).await;
            let shown = format!("{sql}\n{steps:#?}");
            assert!(!steps.iter().any(|s| s.starts_with("SCAN") && !s.contains("INDEX")), "walks: {shown}");
            let of_all = ["mail_class", "mail_monitor", "inbox_new", "inbox_dead"];
            // The newest of a monitor is the first row of its index.
            let is_newest = sql.contains("mail.monitor = mail_hour.monitor ORDER BY id DESC LIMIT 1");
            assert!(is_newest || !steps.iter().any(|s| of_all.iter().any(|index| s.contains(index))), "walks: {shown}");
            seen.extend(steps.iter().filter_map(|s| Some(s.split_once(" INDEX ")?.1.split(' ').next()?.to_owned())));
        }
        for index in [
            "inbox_mail_waiting",
            "job_fetch",
            "mail_received",
            "mail_lacking",
            "mail_lacking_judged",
            "mail_expected",
            "mail_net",
            "canary_began",
            "mail_hour_hour",
            "own_window_by_end",
            "own_window_by_shown_end",
            "own_window_by_event",
        ] {
            assert!(seen.contains(index), "{index} is of use to nobody: {seen:?}");
        }
    });
}

async fn asked_by_the_net(tx: &mut Tx) -> Result<(), StoreError> {
    let (now, all) = (tx.now(), Scope::All);
    let one_customer = Scope::Customers(vec!["a".into()]);
    tx.told.clear();
    for scope in [&all, &one_customer] {
        ledger::balance(tx, scope, Micros(0), now).await?;
        mails::list_of_net(tx, scope, "zabbix/1", 10).await?;
    }
    mails::due(tx, now, 100).await?;
    mails::oldest_due(tx, now).await?;
    mails::open(tx, Micros(0), 100).await?;
    mails::lacking_of_sender(tx, ("a@example.jp", true), now).await?;
    mails::lacking_of_monitor(tx, "zabbix", now).await?;
    mails::came_of_monitor(tx, "zabbix", Micros(0), now).await?;
    mails::problems(tx, Micros(0), now).await?;
    mails::registered_of_storm(tx, "storm:zabbix", "Q1").await?;
    let standing = mails::Standing::of(Ledger::Joined, Reason::IsRegistered);
    mails::restate(tx, "zabbix/1", &[Ledger::Missing], &standing).await?;
    mails::expect_of_net(tx, "zabbix/1").await?;
    mails::by_this_clock(tx).await?;
    mails::is_any_lacking(tx, "zabbix/1").await?;
    mails::has_recovered(tx, "zabbix/1", Micros(0), now).await?;
    mails::moved(tx, ("zabbix/1", Micros(0)), None, "Q1").await?;
    nets::last_storm(tx, "zabbix").await?;
    nets::grown_storms(tx, now, 100).await?;
    nets::unseen_of_storm(tx, "storm:zabbix").await?;
    nets::put_into_list(tx, "storm:zabbix").await?;
    nets::seen_in_storm(tx, "storm:zabbix", now, 9).await?;
    nets::leave_storm(tx, "storm:zabbix").await?;
    mails::list_monitors(tx, &all, Micros(0)).await?;
    canaries::lost_since(tx, Micros(0)).await?;
    canaries::live(tx).await?;
    own_windows::told(tx, now).await?;
    own_windows::unopened(tx, now).await?;
    own_windows::list_of_event(tx, &all, "ops/ev1").await?;
    own_windows::troubled_events(tx, &all, &["ops/ev1", "ops/ev2"]).await?;
    own_windows::forget(tx, now, 100).await?;
    jobs::unfetched(tx, now, 100).await.map(|_| ())
}

/// Every way to the mails of a list gives them by id, the newest first.
#[test]
fn no_list_of_mails_sorts_and_none_walks_without_an_index() {
    let text = |s: &str| Some(s.to_owned());
    let filters = [
        mails::Filter::default(),
        mails::Filter { text: text("障害 db"), trust: text("trusted"), ..Default::default() },
        mails::Filter { state: text("problem"), since: Some(Micros(1)), until: Some(Micros(9)), ..Default::default() },
        mails::Filter { host: text("web01"), ledgers: vec![Ledger::Missing, Ledger::Matched], ..Default::default() },
    ];
    let class = Class { ledger: "missing".into(), state: "problem".into(), trust: "trusted".into() };
    on_sqlite(async |bed: &Bed| {
        let scopes = [Scope::All, Scope::Customers(vec!["a".into(), "b".into()])];
        for (filter, scope) in filters.iter().flat_map(|f| scopes.iter().map(move |s| (f, s))) {
            let ask = mails::ask::Ask::new(scope, filter, false);
            let mut ways = vec![(Way::Rows, "INTEGER PRIMARY KEY"), (Way::Class(&class), "INDEX mail_class")];
            if !ask.needs.is_empty() {
                ways.extend([true, false].map(|states| (Way::Grams { states }, "mail_gram VIRTUAL TABLE")));
            }
            for (way, by) in ways {
                let place = (way, Span::ALL);
                for (sql, vals) in
                    [ask.sql("*", place, 50, true), ask.sql("1", place, 50, false), ask.proposes(place, 9)]
                {
                    let steps = plan(&bed.store, &sql, vals).await;
                    let told = format!("{sql}\n{steps:#?}");
                    assert!(!steps.iter().any(|s| s.contains("TEMP B-TREE")), "sorts: {told}");
                    assert!(steps.iter().any(|s| s.contains(by)), "not by {by}: {told}");
                    let scans = |s: &&String| s.starts_with("SCAN mail") && !s.contains("VIRTUAL TABLE");
                    assert!(!steps.iter().any(|s| scans(&s)), "walks: {told}");
                }
            }
        }
    });
}

/// Which days and which classes there are is had by leaps.
#[test]
fn what_a_list_of_mails_asks_first_leaps() {
    on_sqlite(async |bed: &Bed| {
        let told = bed.store.write("test", |tx| {
            Box::pin(async move {
                tx.told.clear();
                let filter = mails::Filter { since: Some(Micros(5)), ..Default::default() };
                mails::spans::of(tx, &filter).await?;
                mails::classes::asked_for(tx, &filter).await?;
                Ok(std::mem::take(&mut tx.told))
            })
        });
        let told = told.await.unwrap();
        assert_eq!(told.len(), 2);
        for ((sql, vals), by) in told.into_iter().zip(["mail_day (<expr>", "mail_class (ledger"]) {
            let steps = plan(&bed.store, &sql, vals).await;
            let of_mails: Vec<&String> = steps.iter().filter(|s| s.contains(" mail ")).collect();
            assert!(!of_mails.is_empty(), "{sql}\n{steps:#?}");
            let leaps = |s: &&String| s.starts_with("SEARCH mail USING COVERING INDEX") && s.contains(by);
            assert!(of_mails.iter().all(leaps), "{sql}\n{steps:#?}");
        }
    });
}
