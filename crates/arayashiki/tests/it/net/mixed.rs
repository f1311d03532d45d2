//! Five hundred mails of all kinds of monitors, in two languages, beside all that PagerDuty makes of their alerts: incidents,
//! repeats, groups, merges, windows of maintenance, pauses. In the end none is held to be missing that is not.

use super::each;
use super::letters::{address, monitor, number};
use super::scene::{Plan, Scene, shown};
use crate::outside::http::Request;
use crate::outside::wait;
use crate::world::sandbox::PEOPLE;
use model::mail::Ledger;
use sandbox::monitors::{Alert, Kind, State};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use store::mails::Item;

const MAILS: usize = 500;
/// A debug build on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(240);
/// Where events go to; none of them more often than PagerDuty lets one key.
const SERVICES: [&str; 6] = [
    "Hoshino Foods / Database",
    "Minato Pay / 決済API",
    "Minato Pay / Card gateway",
    "Minato Pay / Batch",
    "Kitakaze / 倉庫WMS",
    "Hoshino Foods / Backup",
];
const BY_MAIL: &str = "Hoshino Foods / EC site";
const GROUPED: &str = "Kitakaze / Network";
/// In maintenance from the beginning.
const IN_MAINTENANCE: &str = "Kitakaze / Tracking site";
const PAUSED: &str = "Minato Pay / Staging";

/// What becomes of an alert, by turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Event,
    Mail,
    Repeated,
    Grouped,
    Recovering,
    Maintenance,
    HeldBack,
    Late,
    MailFirst,
    Merged,
}

const WAYS: [Way; 10] = [
    Way::Event,
    Way::Mail,
    Way::Repeated,
    Way::Grouped,
    Way::Recovering,
    Way::Maintenance,
    Way::HeldBack,
    Way::Late,
    Way::MailFirst,
    Way::Merged,
];

impl Way {
    fn service(self, n: usize) -> &'static str {
        match self {
            Self::Mail => BY_MAIL,
            Self::Grouped => GROUPED,
            Self::Maintenance => IN_MAINTENANCE,
            Self::Late => PAUSED,
            _ => SERVICES[n % SERVICES.len()],
        }
    }

    /// Where the problem's mails may end.
    fn ends(self) -> &'static [Ledger] {
        match self {
            Self::Maintenance | Self::HeldBack => &[Ledger::Suppressed],
            // The original takes its time.
            Self::Late => &[Ledger::Matched, Ledger::MatchedLate],
            Self::Repeated => &[Ledger::Matched, Ledger::Joined],
            _ => &[Ledger::Matched, Ledger::MatchedLate],
        }
    }
}

struct Told {
    alert: Alert,
    way: Way,
    monitor: String,
    /// Message-IDs of its mails.
    ids: Vec<String>,
}

fn reader(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Zabbix => ("zbx", "zabbix"),
        Kind::Nagios => ("nag", "nagios"),
        Kind::Icinga => ("ici", "icinga2"),
        Kind::Munin => ("mun", "munin"),
        Kind::Cloudwatch => ("cw", "cloudwatch"),
        Kind::Rds => ("rds", "aws_rds"),
        Kind::Alertmanager => ("am", "alertmanager"),
        Kind::Grafana => ("gra", "grafana"),
        Kind::Mackerel => ("mac", "mackerel"),
        Kind::Datadog => ("dd", "datadog"),
        Kind::NewRelic => ("nr", "newrelic"),
        Kind::UptimeRobot => ("ur", "uptimerobot"),
        Kind::Monit => ("mon", "monit"),
        Kind::Cron => ("cro", "cron"),
        Kind::Smartd => ("sma", "smartd"),
    }
}

fn plan() -> Plan {
    // A window holds what its service's alerts are; the map says whose those are.
    let maps = format!("\n[[mail.service]]\nservice = \"{IN_MAINTENANCE}\"\nhost = \"maint*\"\n");
    let rule = "\n[[mail.rule]]\nname = \"test-machines\"\nis = \"suppressed\"\nhost = '^test'\n";
    // Which reader knows a mail is its own to say.
    let monitors: String = Kind::ALL.iter().map(|kind| monitor(reader(*kind).0, "", "")).collect();
    Plan::paging().grace("6s").net("storm = 1000").with(&maps).with(rule).with(&monitors)
}

fn told(n: usize) -> Told {
    let way = WAYS[n % WAYS.len()];
    let kind = Kind::ALL[(n / WAYS.len()) % Kind::ALL.len()];
    let way = match (kind, way) {
        (_, Way::Maintenance | Way::HeldBack) => way,
        // Nothing that is sent beside these mails says the same: their integration gets the mail itself.
        (Kind::Cron | Kind::Smartd | Kind::Rds, _) => Way::Mail,
        _ => way,
    };
    // Maps and rules go by the host, which this one does not name.
    let kind = match (kind, way) {
        (Kind::UptimeRobot, Way::Maintenance | Way::HeldBack) => Kind::Zabbix,
        _ => kind,
    };
    let host = match way {
        Way::Maintenance => format!("maint{n:03}"),
        Way::HeldBack => format!("test{n:03}"),
        _ => format!("web{n:03}"),
    };
    // What a monitor checks is named as it can be named there: cron by its command, smartd by what it counts.
    let check = match kind {
        Kind::Cron => "/usr/local/bin/nightly backup",
        Kind::Smartd => "CurrentPendingSector",
        _ => ["HTTP", "swap", "replication", "load"][n % 4],
    };
    let alert = Alert { kind, host, check: check.into(), number: number(), ..Alert::default() };
    Told { alert, way, monitor: reader(kind).0.to_owned(), ids: Vec::new() }
}

/// Over the simulated monitor: its event, or its mail to the integration, and its mail to the net.
fn send(scene: &Scene, told: &mut Told, state: State, n: usize) {
    let via = match told.way {
        Way::Mail => "mail",
        Way::HeldBack => "nowhere",
        _ => "event",
    };
    let is_ja = n % 2 == 1;
    let charset = ["utf-8", "iso-2022-jp", "shift_jis", "euc-jp"][n % 4];
    let transfer = ["plain", "base64", "quoted_printable"][n % 3];
    let style = json!({ "language": if is_ja { "ja" } else { "en" }, "charset": if is_ja { charset } else { "utf-8" }, "transfer": transfer });
    let body = json!({
        "alert": Alert { state, ..told.alert.clone() }, "style": style, "via": via, "service": told.way.service(n),
        "net": { "smtp": scene.smtp.to_string(), "to": address(&told.monitor) }, "mail_first": told.way == Way::MailFirst,
    });
    let answer = Request::new("POST", "/_control/monitor").json_body(&body).send(scene.world.sandbox.address).unwrap();
    assert_eq!(answer.status, 200, "{body}: {}", answer.text());
    let sent = answer.json();
    let sent = sent["sent"].as_array().unwrap_or_else(|| panic!("{sent}"));
    assert!(sent.iter().all(|one| one["mail"]["taken"] == true), "{sent:?}");
    told.ids.extend(sent.iter().filter_map(|one| one["message_id"].as_str().map(str::to_owned)));
}

#[test]
fn of_five_hundred_mails_none_is_missing_that_is_not() {
    each(|database| {
        let scene = Scene::made_and_started(database, |sandbox, _| {
            sandbox.control("grouping", &json!({ "service": GROUPED, "type": "time", "config": { "timeout": 3600 } }));
            sandbox.control(
                "service",
                &json!({ "service": PAUSED, "status": "active", "auto_pause_s": 9, "any_length": true }),
            );
            plan()
        });
        let mut all: Vec<Told> = Vec::new();
        let mut mails = 0;
        while mails < MAILS {
            let n = all.len();
            let mut one = told(n);
            send(&scene, &mut one, State::Problem, n);
            if one.way == Way::Repeated {
                send(&scene, &mut one, State::Problem, n);
            }
            if one.way == Way::Recovering && one.alert.kind.tells_recovery() {
                send(&scene, &mut one, State::Recovery, n);
            }
            mails += one.ids.len();
            all.push(one);
        }
        merge_some(&scene, &all);
        let is_right = |rows: &[Item]| rows.len() == mails && wrong(rows, &all).is_empty();
        let last = wait::within(PATIENCE, || Some(scene.books.mails()).filter(|rows| is_right(rows)));
        let rows = scene.books.mails();
        let wrong = wrong(&rows, &all);
        assert!(last.is_some(), "{} rows of {mails}\n{}\n{}", rows.len(), wrong.join("\n"), scene.world.unrest());
        scene.world.settle();
        let stays = scene.ours().into_iter().filter(|one| one["status"] != "resolved").collect::<Vec<Value>>();
        assert!(stays.is_empty(), "ours stays open though each has its own: {stays:#?}");
        scene.balances(mails);
    });
}

/// Somebody merges some incidents into others.
fn merge_some(scene: &Scene, all: &[Told]) {
    let incidents = scene.world.sandbox.incidents();
    let of = |told: &Told| {
        let found = incidents.iter().find(|one| one["incident_key"] == told.alert.key())?;
        found["id"].as_str().map(str::to_owned)
    };
    let merged: Vec<String> = all.iter().filter(|told| told.way == Way::Merged).filter_map(of).collect();
    for pair in merged.chunks_exact(2) {
        let body = json!({ "incident": pair[0], "act": "merge", "sources": [pair[1]], "by": PEOPLE[0] });
        scene.world.sandbox.control("act", &body);
    }
}

/// The rows that are not where they have to be, for people.
fn wrong(rows: &[Item], all: &[Told]) -> Vec<String> {
    let by_id: BTreeMap<&String, &Told> =
        all.iter().flat_map(|told| told.ids.iter().map(move |id| (id, told))).collect();
    let mut wrong = Vec::new();
    for row in rows {
        let Some(told) = row.message_id.as_ref().and_then(|id| by_id.get(id)) else {
            wrong.push(format!("nobody sent it: {}", shown(std::slice::from_ref(row))));
            continue;
        };
        let is_right = match row.state {
            model::mail::State::Recovery => row.ledger == Ledger::Recovery || told.way == Way::HeldBack,
            _ => told.way.ends().contains(&row.ledger),
        };
        if !is_right {
            wrong.push(format!("{:?} {:?}: {}", told.way, told.alert.kind, shown(std::slice::from_ref(row))));
        }
    }
    wrong
}
