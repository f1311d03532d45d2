//! How the mirror is fed, on a good day and on bad ones; history; seats.

use super::calendars::{calendars, calendars_varied};
use super::{NOW, before};
use duties::webhook_guard::Health as Delivery;
use model::Micros;
use model::connection::{MissingScope, Owner, RateSeen, SlackSocket, SlackToken, TokenState};
use model::person::Role;
use web::SeatPrice;
use web::view::*;

fn lists() -> Vec<MissingScope> {
    let names = [
        "incidents",
        "log_entries",
        "services",
        "users",
        "teams",
        "escalation_policies",
        "schedules",
        "oncalls",
        "priorities",
        "maintenance_windows",
        "webhook_subscriptions",
    ];
    names.map(|what| MissingScope { what: what.into(), status: 403, text: "Access denied.".into() }).to_vec()
}

fn token() -> TokenState {
    TokenState {
        key: String::new(),
        owner: Owner::User {
            id: "P1".into(), name: "佐藤 花子".into(), email: Some("hanako@ops.example.jp".into())
        },
        can_write: Some(true),
        missing: Vec::new(),
        clock_offset_ms: Some(310),
        rate: None,
        checked_at: Some(before(1_800)),
    }
}

fn breaker() -> BreakerRow {
    let why = Some("no connection to api.pagerduty.com within 10 s".to_owned());
    BreakerRow { failures: 7, opened_at: Some(before(130)), open_until: Some(before(-40)), why }
}

fn polls(covered: Option<Micros>) -> Polls {
    let row = |name: &str, ended, due, refused: Option<&str>| PollRow {
        name: name.into(),
        due: before(due),
        begun_at: Some(before(ended + 3)),
        ended_at: Some(before(ended)),
        refused: refused.map(str::to_owned),
        is_off: name == "reference-new_kind",
        wait: None,
    };
    let rows = vec![
        row("log", 22, -38, None),
        row("open", 1_900, -1_700, None),
        row("subscriptions", 61, -239, None),
        row("token", 1_800, -1_800, None),
        row("reference-service", 700, -2_900, None),
        row("reference-on_call", 400, -500, None),
        row("reference-new_kind", 400, -500, None),
    ];
    Polls { is_polling: true, covered, stale_after_s: 300, rows }
}

fn process(id: &str, role: &str, seen_s: i64, stopped: bool) -> ProcessRow {
    ProcessRow {
        id: format!("ops-{id}"),
        role: role.into(),
        host: "ops-1.example.jp".into(),
        version: "0.1.0".into(),
        started_at: before(400_000),
        seen_at: before(seen_s),
        stopped_at: stopped.then(|| before(seen_s)),
    }
}

pub fn gap(why: &str, state: &str, repaired: u64) -> GapRow {
    GapRow {
        id: format!("PSUB1-{why}-{state}"),
        subscription: "P7QXK2D".into(),
        why: why.into(),
        state: state.into(),
        since: before(3_847),
        until: (state != "open").then(|| before(3_607)),
        pass: if state == "closed" { 2 } else { 1 },
        entries: if state == "open" { 0 } else { 214 },
        lacking: if state == "filling" { 12 } else { 0 },
        repaired,
    }
}

/// Every kind of gap in every state.
pub fn gaps() -> Vec<GapRow> {
    let whys = ["temporarily_disabled", "inactive", "deleted", "silent", "wrong_secret"];
    let mut all: Vec<GapRow> =
        whys.iter().flat_map(|why| ["open", "filling", "closed"].map(|state| gap(why, state, 0))).collect();
    all.push(gap("temporarily_disabled", "closed", 12));
    all.push(GapRow { lacking: 3, ..gap("silent", "closed", 1) });
    all.push(GapRow { pass: 2, ..gap("silent", "filling", 1) });
    all.push(GapRow { since: before(190_000), ..gap("deleted", "closed", 1) });
    all
}

fn subscription(id: &str, health: Option<Delivery>) -> SubscriptionRow {
    SubscriptionRow {
        id: id.into(),
        description: Some("Arayashiki".into()),
        url: Some("https://ops.example.jp/webhooks/pagerduty".into()),
        health,
        since: Some(before(90_000)),
        ..SubscriptionRow::default()
    }
}

fn webhooks() -> Webhooks {
    Webhooks {
        has_secret: true,
        is_polling: true,
        poll_s: 60,
        last_at: Some(before(12)),
        looked_at: Some(before(61)),
        subscriptions: vec![subscription("P7QXK2D", Some(Delivery::Ok))],
        lag: Some(Lag { median_us: 430_000, most_us: 12_300_000, of: 100 }),
        elsewhere: 2,
        address: "https://ops.example.jp/webhooks/pagerduty".into(),
        has_url: true,
        none_leads_here: false,
    }
}

/// By a bot, or by an incoming webhook alone.
pub fn slack(bot: bool) -> SlackView {
    let settings =
        web::Slack { bot, webhook: !bot, http: bot, socket: bot, posts_incidents: true, all_urgencies: false };
    let socket = bot.then(|| SlackSocket { open_since: Some(before(7_400)), trouble: None, down_since: None });
    let token = match bot {
        true => SlackToken {
            workspace: Some("港システム運用".into()),
            bot: Some("arayashiki".into()),
            ..SlackToken::default()
        },
        false => SlackToken::default(),
    };
    SlackView { settings, socket, token, ..SlackView::default() }
}

/// A channel that is gone, one that is muted, a socket that is shut.
pub fn slack_bad() -> SlackView {
    let trouble = |channel: &str, ago_s, waiting| PostTrouble {
        channel: channel.into(),
        why: "Slack knows no such channel (channel_not_found): write its id in [slack.channels]".into(),
        since: before(ago_s),
        waiting,
    };
    let muted = MutedChannel { channel: "C0QUIET".into(), until: before(-3_000), by: "佐藤 花子".into() };
    let socket =
        SlackSocket { open_since: None, trouble: Some("slack.com did not answer in time".into()), down_since: None };
    SlackView {
        socket: Some(socket),
        troubles: vec![trouble("C0GONE", 1_300, 4), trouble("C0NEW", 60, 1)],
        muted: vec![muted],
        breaker: Some(breaker()),
        ..slack(true)
    }
}

pub fn connections() -> ConnectionsView {
    let settings = [("synchronous", "2"), ("journal_mode", "wal"), ("version", "3.50.2")];
    ConnectionsView {
        is_whole: true,
        rest: Rest {
            configured: true,
            token: token(),
            rate: Some(RateSeen { limit: 960, left: 742, at: before(22) }),
            refused: None,
            wait: None,
            link_notes: false,
            answered_at: Some(before(22)),
            breaker: None,
        },
        webhooks: webhooks(),
        events: EventsApi { configured: true, breaker: None },
        polls: polls(Some(before(41))),
        database: Database {
            is_postgres: false,
            settings: settings.map(|(k, v)| (k.into(), v.into())).to_vec(),
            spool: None,
        },
        processes: vec![process("4711", "all", 4, false)],
        account: Running {
            received: 14_203,
            duplicates: 12,
            rows: 14_191,
            lost_signals: 0,
            lost_incidents: 0,
            sweep: Some(Sweep { at: before(1_900), shown: 37, lacked: 0, ours_alone: 0 }),
        },
        sources: [("pagerduty", 12, 11_204, 12), ("pagerduty-api", 22, 2_901, 0), ("timer", 190, 98, 0)]
            .map(|(source, ago_s, received, duplicates)| SourceRow {
                source: source.into(),
                last_at: before(ago_s),
                received,
                duplicates,
            })
            .to_vec(),
        gaps: vec![gap("temporarily_disabled", "closed", 12)],
        backfill: None,
        reference: vec![("service".into(), 80), ("user".into(), 41), ("on_call".into(), 12)],
        ways: super::net::ways(false),
        slack: slack(true),
        calendars: calendars(false),
        tests: false,
    }
}

pub fn connections_bad() -> ConnectionsView {
    let good = connections();
    let all = [Delivery::TemporarilyDisabled, Delivery::Inactive, Delivery::Deleted, Delivery::Silent];
    let mut subscriptions: Vec<SubscriptionRow> =
        all.iter().enumerate().map(|(n, health)| subscription(&format!("PSUB{n}"), Some(*health))).collect();
    subscriptions[0].asked_at = Some(before(300));
    subscriptions[0].tries = 2;
    subscriptions.push(SubscriptionRow {
        refused: Some(18),
        refused_since: Some(before(1_260)),
        ..subscription("PSUB8", Some(Delivery::Ok))
    });
    subscriptions.push(subscription("PSUB9", None));
    let rest_token = TokenState { missing: lists(), can_write: Some(false), ..token() };
    let mut polls = polls(Some(before(1_300)));
    polls.rows[5].refused = Some("PagerDuty answered 403: Access denied".into());
    ConnectionsView {
        is_whole: true,
        rest: Rest { token: rest_token, ..good.rest.clone() },
        webhooks: Webhooks { subscriptions, lag: None, ..webhooks() },
        events: EventsApi { configured: true, breaker: Some(breaker()) },
        polls,
        database: Database {
            is_postgres: true,
            settings: vec![("fsync".into(), "on".into()), ("synchronous_commit".into(), "off".into())],
            spool: Some(SpoolRow { rows: 214, oldest_at: Some(before(90)), ..SpoolRow::default() }),
        },
        processes: vec![
            process("1", "ingest", 3, false),
            process("2", "work", 900, false),
            process("3", "web", 7_000, true),
        ],
        account: Running {
            lost_signals: 1,
            lost_incidents: 2,
            sweep: Some(Sweep { at: before(1_900), shown: 37, lacked: 2, ours_alone: 1 }),
            ..good.account
        },
        sources: good.sources,
        gaps: gaps(),
        backfill: Some(running()),
        reference: Vec::new(),
        ways: Ways::default(),
        slack: slack_bad(),
        calendars: calendars(true),
        tests: false,
    }
}

pub fn connections_none() -> ConnectionsView {
    ConnectionsView {
        is_whole: true,
        rest: Rest::default(),
        webhooks: Webhooks { address: "/webhooks/pagerduty".into(), ..Webhooks::default() },
        events: EventsApi::default(),
        polls: Polls::default(),
        database: Database::default(),
        processes: Vec::new(),
        account: Running::default(),
        sources: Vec::new(),
        gaps: Vec::new(),
        backfill: None,
        reference: Vec::new(),
        ways: Ways::default(),
        slack: SlackView::default(),
        calendars: CalendarsView::default(),
        tests: false,
    }
}

/// The answers of each block in every state, by the REST key, the webhooks, the polls, the database.
pub fn connections_varied() -> Vec<ConnectionsView> {
    let good = connections();
    let rest = |rest: Rest| ConnectionsView { rest, ..good.clone() };
    let database = |database: Database| ConnectionsView { database, ..good.clone() };
    let spool = |spool: SpoolRow| database(Database { spool: Some(spool), ..good.database.clone() });
    let slack_is = |slack: SlackView| ConnectionsView { slack, ..good.clone() };
    let token = |token: TokenState| rest(Rest { token, ..good.rest.clone() });
    let calendars_are = |calendars: CalendarsView| ConnectionsView { calendars, ..good.clone() };
    let mut all = vec![
        rest(Rest { breaker: Some(breaker()), ..good.rest.clone() }),
        rest(Rest { refused: Some("PagerDuty answered 401: Unauthorized".into()), ..good.rest.clone() }),
        token(TokenState { can_write: Some(false), ..good.rest.token.clone() }),
        token(TokenState { can_write: None, owner: Owner::Account, ..good.rest.token.clone() }),
        token(TokenState { clock_offset_ms: Some(95_000), ..good.rest.token.clone() }),
        token(TokenState { clock_offset_ms: Some(-95_000), ..good.rest.token.clone() }),
        rest(Rest { rate: None, token: TokenState::default(), ..good.rest.clone() }),
        ConnectionsView {
            webhooks: Webhooks { has_secret: false, subscriptions: Vec::new(), ..webhooks() },
            ..good.clone()
        },
        ConnectionsView { webhooks: Webhooks { last_at: None, ..webhooks() }, ..good.clone() },
        ConnectionsView {
            webhooks: Webhooks { last_at: None, none_leads_here: true, subscriptions: Vec::new(), ..webhooks() },
            ..good.clone()
        },
        ConnectionsView { polls: polls(None), ..good.clone() },
        spool(SpoolRow { away_since: Some(before(90)), rows: 214, ..SpoolRow::default() }),
        spool(SpoolRow { trouble: Some("disk full".into()), ..SpoolRow::default() }),
        spool(SpoolRow { stuck: 1, ..SpoolRow::default() }),
        database(Database { settings: Vec::new(), ..good.database.clone() }),
        slack_is(slack(false)),
        slack_is(SlackView {
            settings: web::Slack { http: false, socket: false, ..slack(true).settings },
            ..slack(true)
        }),
        slack_is(SlackView { socket: None, ..slack(true) }),
        slack_is(SlackView { troubles: Vec::new(), breaker: None, ..slack_bad() }),
        slack_is(SlackView { troubles: Vec::new(), ..slack_bad() }),
        rest(Rest {
            link_notes: true,
            token: TokenState { can_write: Some(false), ..good.rest.token.clone() },
            ..good.rest.clone()
        }),
    ];
    all.extend(calendars_varied().into_iter().map(calendars_are));
    all
}

fn backfill(id: &str, state: &str, progress: Option<Underway>) -> BackfillRow {
    BackfillRow {
        id: id.into(),
        since: Micros::parse("2026-01-01T00:00:00+09:00").expect("time"),
        until: Micros::parse("2026-04-01T00:00:00+09:00").expect("time"),
        state: state.into(),
        asked_by: "佐藤 花子".into(),
        created_at: before(4_000),
        ended_at: (state == "done").then(|| before(900)),
        calls: 21_402,
        why: None,
        progress,
    }
}

pub fn running() -> BackfillRow {
    let left_s = Some(1_380);
    backfill(
        "b1",
        "running",
        Some(Underway { percent: 41, incidents: 8_213, entries: 40_118, alerts_waiting: 912, left_s }),
    )
}

pub fn backfills(may_ask: bool, notice: Option<BackfillNotice>) -> BackfillsView {
    let waiting = Underway { percent: 0, incidents: 0, entries: 0, alerts_waiting: 0, left_s: None };
    BackfillsView {
        rows: vec![
            running(),
            backfill("b2", "waiting", None),
            backfill("b3", "running", Some(waiting)),
            backfill("b4", "done", None),
            BackfillRow { why: Some("the key may not read log_entries".into()), ..backfill("b5", "stopped", None) },
        ],
        can_read: true,
        may_ask,
        since: "2026-08-24".into(),
        until: "2026-11-22".into(),
        notice,
    }
}

fn seat(n: usize, name: &str, role: &str, is_idle: bool, on_call: OnCall) -> SeatRow {
    SeatRow {
        id: format!("PU{n}"),
        name: name.into(),
        email: Some(format!("user{n}@ops.example.jp")),
        role: role.into(),
        url: Some(format!("https://example.pagerduty.com/users/PU{n}")),
        on_call,
        paged_at: (!is_idle).then(|| before(400_000)),
        acted_at: (n % 3 == 1).then(|| before(9_000_000)),
        account: n.is_multiple_of(2).then_some(Role::Viewer),
        is_stakeholder: role.starts_with("read_only"),
        is_idle,
    }
}

pub fn seats(known_days: Option<i64>, price: Option<(&str, &str)>) -> SeatsView {
    SeatsView {
        rows: vec![
            seat(1, "Marek Nowak", "limited_user", true, OnCall::Until(before(9_500_000))),
            seat(2, "青山 みどり", "user", true, OnCall::Never),
            seat(3, "Board member", "read_only_user", true, OnCall::Never),
            seat(4, "佐藤 花子", "admin", false, OnCall::Always),
            seat(5, "鈴木 一郎", "limited_user", false, OnCall::Until(before(-200_000))),
        ],
        known_since: known_days.map(|days| before(days * 86_400)),
        price: price.and_then(|(price, currency)| SeatPrice::parse(price, currency)),
        price_unknown: false,
        unread: Vec::new(),
        can_read: true,
    }
}

/// Seats whose use nobody can tell yet: a poll that is refused, one that is off, one under way.
pub fn seats_unsure() -> SeatsView {
    let poll = |name: &str, refused: Option<&str>, is_off| PollRow {
        name: name.into(),
        due: before(-60),
        begun_at: Some(before(60)),
        ended_at: None,
        refused: refused.map(str::to_owned),
        is_off,
        wait: None,
    };
    let unread = vec![
        poll("reference-shift", Some("PagerDuty answered 403: Access denied"), false),
        poll("reference-on_call", None, false),
        poll("log", None, true),
    ];
    SeatsView { unread, ..seats(Some(200), Some(("6000", "JPY"))) }
}

/// Everything that *Now* may have to say of how the mirror is fed.
pub fn troubles() -> Vec<Trouble> {
    let all = [Delivery::Ok, Delivery::Inactive, Delivery::Deleted, Delivery::Silent, Delivery::TemporarilyDisabled];
    let down = |health, asked_at, would_enable| Trouble::Subscription {
        subscription: "P7QXK2D".into(),
        health,
        asked_at,
        tries: 1,
        would_enable,
        every_s: 60,
    };
    let mut troubles: Vec<Trouble> = all.into_iter().map(|health| down(health, None, false)).collect();
    troubles.push(down(Delivery::TemporarilyDisabled, Some(before(300)), false));
    troubles.push(down(Delivery::TemporarilyDisabled, Some(NOW), true));
    let unread = |is_long, silent_since| Trouble::Unread { waiting: 2_385, since: before(125), is_long, silent_since };
    troubles.extend([unread(false, None), unread(true, Some(before(130))), Trouble::NoWorker { seen: before(130) }]);
    let none =
        |has_url| Trouble::NoSubscription { address: "https://ops.example.jp/webhooks/pagerduty".into(), has_url };
    troubles.extend([none(true), none(false)]);
    let (why, due) = ("PagerDuty does not allow this (403): use another key".to_owned(), before(-1_800));
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let refused =
        |which: &[&str], read_at| Trouble::PollsRefused { names: names(which), why: why.clone(), read_at, due };
    troubles.push(refused(&["open"], None));
    troubles.push(refused(&["reference-service", "reference-team"], Some(before(7_200))));
    troubles.push(refused(&["calendar/promises", "backlog-tickets/minato"], None));
    troubles.push(Trouble::PollsWait { names: names(&["calendar/promises"]), why: "no answer".into(), due });
    troubles.push(Trouble::PollsWait { names: names(&["log"]), why: "rate limit is used up (429)".into(), due });
    let why = Some("3 of its slices could not be fetched: the dead jobs say why".to_owned());
    troubles.push(Trouble::History(Box::new(BackfillRow { why, ..backfill("b5", "stopped", None) })));
    troubles.push(Trouble::KeyRefused { why: "PagerDuty answered 401".into() });
    troubles.push(Trouble::MissingScopes { what: vec!["schedules".into(), "oncalls".into()] });
    troubles.push(Trouble::Stale { covered: before(1_300) });
    troubles.extend(gaps().into_iter().map(Trouble::Gap));
    troubles.extend([Trouble::Outage { waiting: 4 }, Trouble::Missing { n: 1_001 }]);
    let channels = names(&["C0GONE", "webhook"]);
    troubles.push(Trouble::SlackPosts { channels, why: "channel_not_found".into(), waiting: 5 });
    troubles.push(Trouble::SlackToken { why: "the token is refused (token_revoked)".into() });
    troubles.push(Trouble::SlackSocket { why: "slack.com did not answer in time".into() });
    troubles.push(Trouble::Unbalanced { day: "2026-11-20".into(), difference: -2 });
    troubles
}

/// A night on which PagerDuty gave our address up, and what was told of it afterwards.
pub fn now_unfed() -> NowView {
    let told = [
        (Some(before(1_260)), troubles().swap_remove(5)),
        (None, Trouble::Stale { covered: before(1_300) }),
        (None, Trouble::MissingScopes { what: vec!["schedules".into()] }),
        (None, Trouble::Gap(gap("temporarily_disabled", "closed", 12))),
    ];
    let fed = Fed { poll_only_s: Some(60), backfill: Some(running()) };
    let alarms = told.into_iter().map(|(since, trouble)| Alarm { since, kind: AlarmKind::Fed(trouble) }).collect();
    NowView { alarms, fed, ..super::now_quiet() }
}
