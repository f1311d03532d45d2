//! The simulated account: a small managed-service provider with three customers. Everything here is invented; it never
//! changes with the story, so that ids depend on the seed alone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use super::account::{
    Account, Kind, Maintenance, Policy, Presence, Priority, Rule, Schedule, Service, Target, Team, User,
};
use super::clock::{millis, plus_s};
use super::crowd;
use super::dice::Dice;
use super::mailbox::Mailbox;
use super::orchestration::Orchestrations;

/// name, address, role, title
const PEOPLE: [(&str, &str, &str, &str); 9] = [
    ("Sato Hanako", "sato.hanako@example.com", "limited_user", "NOC operator"),
    ("Tanaka Ken", "tanaka.ken@example.com", "limited_user", "NOC operator"),
    ("鈴木 陽子", "suzuki.yoko@example.com", "user", "Systems engineer"),
    ("Takahashi Ryo", "takahashi.ryo@example.com", "user", "Systems engineer"),
    ("Nguyen Linh", "nguyen.linh@example.com", "user", "Payment engineer"),
    ("Kobayashi Mei", "kobayashi.mei@example.com", "user", "Network engineer"),
    ("山本 翔太", "yamamoto.shota@example.com", "user", "Database engineer"),
    ("Ito Makoto", "ito.makoto@example.com", "admin", "Operations leader"),
    ("NOC Automation", "automation@example.com", "user", "Service account"),
];
const LEADER: usize = 7;
const AUTOMATION: usize = 8;

const CUSTOMERS: [(&str, &[usize]); 3] = [
    ("Hoshino Foods", &[0, 1, 2, 3, 6, 7]),
    ("Minato Pay", &[0, 1, 4, 6, 7]),
    ("Kitakaze Logistics", &[0, 1, 3, 5, 7]),
];
const ENGINEERS: [&[usize]; 3] = [&[2, 3], &[4, 6], &[5, 3]];

/// customer, name, description, kind, urgency
const SERVICES: [(usize, &str, &str, Kind, &str); 11] = [
    (0, "Hoshino Foods / EC site", "オンラインショップ web01-04, nginx + Rails", Kind::Web, "severity_based"),
    (0, "Hoshino Foods / Database", "PostgreSQL primary and two replicas", Kind::Database, "high"),
    (0, "Hoshino Foods / Backup", "Nightly backup of db and file servers", Kind::Batch, "low"),
    (1, "Minato Pay / 決済API", "Payment API, p99 target 800 ms", Kind::Payment, "high"),
    (1, "Minato Pay / Card gateway", "Link to the card networks", Kind::Payment, "high"),
    (1, "Minato Pay / Batch", "Settlement and report jobs", Kind::Batch, "severity_based"),
    (1, "Minato Pay / Staging", "Not watched at night", Kind::Web, "low"),
    (2, "Kitakaze / 倉庫WMS", "Warehouse management, sites Sendai and Kobe", Kind::Warehouse, "severity_based"),
    (2, "Kitakaze / Network", "Routers, VPN and the two uplinks", Kind::Network, "high"),
    (2, "Kitakaze / Tracking site", "Parcel tracking for the public", Kind::Web, "severity_based"),
    (2, "Kitakaze / Database", "MySQL cluster of the warehouse", Kind::Database, "high"),
];
/// Services with an e-mail integration, and its address's first part.
const MAILBOXES: [(usize, &str); 3] = [(0, "hoshino-ec"), (2, "hoshino-backup"), (8, "kitakaze-network")];
/// The service that is no customer's.
const UNCONFIGURED: &str = "Unconfigured alerts";
const DISABLED: usize = 6;
const IN_MAINTENANCE: usize = 9;

/// With so many services when that is more than the eleven of the three customers; one more is nobody's.
pub(crate) fn build(dice: &mut Dice, wanted_services: usize, now: Timestamp) -> Account {
    let users: Vec<User> = PEOPLE.iter().enumerate().map(|(i, p)| user(dice, i, p)).collect();
    let teams = CUSTOMERS.iter().map(|(name, _)| Team { id: dice.code("PT", 7), name: (*name).into() }).collect();
    let anchor = Timestamp::from_second(now.as_second().div_euclid(604_800) * 604_800).unwrap_or(now);
    let schedules = schedules(dice, anchor);
    let policies = (0..CUSTOMERS.len()).map(|customer| policy(dice, customer)).collect();
    let created = plus_s(now, -400 * 86_400);
    let services = SERVICES.iter().enumerate().map(|(i, s)| service(dice, i, s, created)).collect();
    let mut account = Account {
        token: format!("u+{}", dice.secret(18)),
        read_only_token: format!("r+{}", dice.secret(18)),
        automation: AUTOMATION,
        users,
        teams,
        services,
        policies,
        schedules,
        priorities: priorities(dice),
        maintenance: vec![Maintenance {
            id: dice.code("PW", 7),
            start: plus_s(now, -2 * 3600),
            end: plus_s(now, 72 * 3600),
            description: "Move of the tracking site to new hosts".into(),
            services: vec![IN_MAINTENANCE],
            by: LEADER,
        }],
        mailboxes: Vec::new(),
        orchestrations: Orchestrations::default(),
        groupings: Vec::new(),
        vacant: BTreeMap::new(),
        audit: Vec::new(),
    };
    seed_audit(&mut account, dice, now);
    crowd::add_bystanders(&mut account, dice, now);
    crowd::grow(&mut account, dice, wanted_services.saturating_sub(1), created);
    add_mailboxes(&mut account, created);
    add_nobodys(&mut account, created);
    account
}

fn user(dice: &mut Dice, index: usize, (name, email, role, title): &(&str, &str, &'static str, &str)) -> User {
    let teams = (0..CUSTOMERS.len()).filter(|t| CUSTOMERS[*t].1.contains(&index)).collect();
    User {
        id: dice.code("PU", 7),
        name: (*name).into(),
        email: (*email).into(),
        role,
        title: (*title).into(),
        token: format!("y_{}", dice.secret(18)),
        teams,
    }
}

/// Schedule 0 is the NOC desk, two shifts a day; 1 to 3 are the customers' engineers, a week each.
fn schedules(dice: &mut Dice, anchor: Timestamp) -> Vec<Schedule> {
    let mut make = |name: String, users: &[usize], turn_s: i64| Schedule {
        id: dice.code("PS", 7),
        layer: dice.code("PL", 7),
        name,
        users: users.to_vec(),
        turn_s,
        start: anchor,
    };
    let mut all = vec![make("NOC desk".into(), &[0, 1], 12 * 3600)];
    for (customer, engineers) in ENGINEERS.iter().enumerate() {
        all.push(make(format!("{} engineers", CUSTOMERS[customer].0), engineers, 7 * 86_400));
    }
    all
}

fn policy(dice: &mut Dice, customer: usize) -> Policy {
    let mut rule = |delay_min, targets| Rule { id: dice.code("PR", 7), delay_min, targets };
    let rules = vec![
        rule(15, vec![Target::Schedule(0)]),
        rule(30, vec![Target::Schedule(1 + customer)]),
        rule(30, vec![Target::User(LEADER)]),
    ];
    Policy {
        id: dice.code("PE", 7),
        name: format!("{} on-call", CUSTOMERS[customer].0),
        team: Some(customer),
        rules,
        loops: 2,
    }
}

fn service(
    dice: &mut Dice,
    index: usize,
    (customer, name, description, kind, urgency): &(usize, &str, &str, Kind, &'static str),
    created: Timestamp,
) -> Service {
    Service {
        id: dice.code("PV", 7),
        name: (*name).into(),
        description: (*description).into(),
        team: Some(*customer),
        policy: *customer,
        disabled: index == DISABLED,
        integration: dice.code("PI", 7),
        routing_key: format!("E{}", dice.hex(31)),
        events: Presence::Live,
        auto_pause_s: None,
        auto_resolve_s: if *kind == Kind::Network { None } else { Some(14_400) },
        ack_timeout_s: if *kind == Kind::Payment { Some(1_800) } else { None },
        urgency,
        created,
        last_incident: None,
        kind: *kind,
    }
}

/// Some services take mail as well. Their ids come from dice of their own, so that they move no other id.
fn add_mailboxes(account: &mut Account, created: Timestamp) {
    for (service, name) in MAILBOXES {
        let mut dice =
            Dice::new(u64::from_str_radix(&account.services[service].routing_key[1..17], 16).unwrap_or_default());
        account.mailboxes.push(Mailbox::new(dice.code("PM", 7), service, name, created));
    }
}

/// Where alerts go that no service is configured for: no customer's, and the desk answers for it. Its ids come from dice of
/// their own, so that they move no other id.
fn add_nobodys(account: &mut Account, created: Timestamp) {
    let seed = account.services.first().map(|own| own.routing_key[1..17].chars().rev().collect::<String>());
    let mut dice = Dice::new(seed.and_then(|hex| u64::from_str_radix(&hex, 16).ok()).unwrap_or_default());
    let mut rule = |delay_min, target| Rule { id: dice.code("PR", 7), delay_min, targets: vec![target] };
    let rules = vec![rule(15, Target::Schedule(0)), rule(30, Target::User(LEADER))];
    let policy = account.policies.len();
    account.policies.push(Policy { id: dice.code("PE", 7), name: "NOC desk".into(), team: None, rules, loops: 2 });
    let nobodys = (0, UNCONFIGURED, "Alerts that no service is configured for", Kind::Batch, "high");
    account.services.push(Service {
        team: None,
        policy,
        auto_resolve_s: None,
        ..service(&mut dice, account.services.len(), &nobodys, created)
    });
}

fn priorities(dice: &mut Dice) -> Vec<Priority> {
    let mut make = |name, description, color| Priority { id: dice.code("PP", 7), name, description, color };
    vec![
        make("P1", "A customer's business stands still", "a8171c"),
        make("P2", "A customer's business is hampered", "eb6016"),
        make("P3", "Something is broken that nobody feels yet", "f9b406"),
        make("P4", "To be looked at in the daytime", "555555"),
    ]
}

/// A few changes of the past weeks, so that the audit trail is not empty.
fn seed_audit(account: &mut Account, dice: &mut Dice, now: Timestamp) {
    for days in [26_i64, 19, 9, 6, 2] {
        let at = plus_s(now, -days * 86_400 - dice.between(0, 40_000));
        let service = dice.below(account.services.len());
        let by = account.user_ref(LEADER);
        let resource = account.service_ref(service);
        let record = json!({
            "id": dice.ulid(at), "self": null, "execution_time": millis(at), "execution_context": { "request_id": dice.uuid(), "remote_address": "192.0.2.10" },
            "actors": [by], "method": { "type": "browser", "description": null, "truncated_token": null },
            "root_resource": resource, "action": "update",
            "details": { "resource": resource, "fields": [{ "name": "description", "description": null, "value": account.services[service].description, "before_value": "" }], "references": null },
        });
        account.audit.push(record);
    }
}
