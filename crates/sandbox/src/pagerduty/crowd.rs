//! What a large account has beyond the three customers: more customers with their services, policies and schedules, and people
//! who are never on call. Everything is invented and comes from the seed; nothing here changes with time.

use jiff::Timestamp;

use super::account::{Account, Kind, Maintenance, Policy, Presence, Rule, Schedule, Service, Target, Team, User};
use super::clock::plus_s;
use super::dice::Dice;

/// People who only look: name, address, role, title.
const BYSTANDERS: [(&str, &str, &str, &str); 4] = [
    ("Watanabe Emi", "watanabe.emi@example.com", "read_only_user", "Customer success"),
    ("Mori Daichi", "mori.daichi@example.com", "observer", "Service manager"),
    ("中村 葵", "nakamura.aoi@example.com", "limited_user", "Planner, formerly NOC operator"),
    ("Hayashi Sora", "hayashi.sora@example.com", "user", "Trainee"),
];
const CLIENTS: [&str; 10] = [
    "Aozora Travel",
    "Momiji Books",
    "Tsubame Parts",
    "Hinode Clinic",
    "Kawasemi Energy",
    "Yukiguni Brewery",
    "Nagisa Hotels",
    "Takumi Tools",
    "Hotaru Media",
    "Wakaba School",
];
const FAMILY: [&str; 10] = ["Abe", "Endo", "Fujii", "Goto", "Harada", "Ishii", "Kondo", "Maeda", "Okada", "Shimizu"];
const GIVEN: [&str; 8] = ["Akira", "Chie", "Daisuke", "Haruka", "Jun", "Kaori", "Naoto", "Yuna"];
/// The last part of a service's name.
const LABELS: [(&str, Kind, &str); 10] = [
    ("EC site", Kind::Web, "severity_based"),
    ("Database", Kind::Database, "high"),
    ("決済", Kind::Payment, "high"),
    ("夜間バッチ", Kind::Batch, "low"),
    ("Network", Kind::Network, "high"),
    ("倉庫", Kind::Warehouse, "severity_based"),
    ("Member site", Kind::Web, "severity_based"),
    ("Replica database", Kind::Database, "severity_based"),
    ("Backup", Kind::Batch, "low"),
    ("VPN", Kind::Network, "high"),
];
const ONLOOKER_ROLES: [&str; 4] = ["read_only_user", "limited_user", "observer", "user"];
/// The desk is the first schedule of every account.
const DESK: usize = 0;

/// People and windows that every account has; they come last so that nothing before them depends on them.
pub(crate) fn add_bystanders(account: &mut Account, dice: &mut Dice, now: Timestamp) {
    for (name, email, role, title) in BYSTANDERS {
        account.users.push(person(dice, (name, email), role, (title, vec![0])));
    }
    let mut window = |from_s: i64, to_s: i64, description: &str, service: usize| Maintenance {
        id: dice.code("PW", 7),
        start: plus_s(now, from_s),
        end: plus_s(now, to_s),
        description: description.into(),
        services: vec![service],
        by: 7,
    };
    let past = window(-20 * 86_400, -20 * 86_400 + 3 * 3600, "Exchange of the backup library", 2);
    let future = window(10 * 86_400, 10 * 86_400 + 4 * 3600, "New release on staging", 6);
    account.maintenance.extend([past, future]);
}

/// Adds customers until there are so many services.
pub(crate) fn grow(account: &mut Account, dice: &mut Dice, services: usize, created: Timestamp) {
    let mut n = 0;
    while account.services.len() < services {
        let name = client(n);
        let team = account.teams.len();
        account.teams.push(Team { id: dice.code("PT", 7), name: name.clone() });
        for operator in 0..2 {
            account.users[operator].teams.push(team);
        }
        let engineers = staff(account, dice, n, team);
        let policy = policy(account, dice, (&name, team), engineers);
        let room = (services - account.services.len()).min(LABELS.len());
        for label in &LABELS[..room] {
            let own = service(dice, &name, label, (team, policy, created));
            account.services.push(own);
        }
        n += 1;
    }
}

/// The first word stays unique, because it becomes the customer's id.
fn client(n: usize) -> String {
    let name = CLIENTS[n % CLIENTS.len()];
    let round = n / CLIENTS.len();
    if round == 0 { name.into() } else { name.replacen(' ', &format!("{} ", round + 1), 1) }
}

/// Two engineers who take turns, a manager, and one who has a seat and never a shift.
fn staff(account: &mut Account, dice: &mut Dice, n: usize, team: usize) -> [usize; 3] {
    let first = account.users.len();
    let roles = ["user", "limited_user", "admin", ONLOOKER_ROLES[n % ONLOOKER_ROLES.len()]];
    let titles = ["Systems engineer", "Systems engineer", "Manager", "Sales"];
    for place in 0..4 {
        let (family, given) = (FAMILY[(n * 3 + place) % FAMILY.len()], GIVEN[(n + place * 3) % GIVEN.len()]);
        let email = format!("{}.{}{}@example.com", family.to_lowercase(), given.to_lowercase(), n * 4 + place);
        let name = format!("{family} {given}");
        account.users.push(person(dice, (&name, &email), roles[place], (titles[place], vec![team])));
    }
    [first, first + 1, first + 2]
}

fn person(
    dice: &mut Dice,
    (name, email): (&str, &str),
    role: &'static str,
    (title, teams): (&str, Vec<usize>),
) -> User {
    User {
        id: dice.code("PU", 7),
        name: name.into(),
        email: email.into(),
        role,
        title: title.into(),
        token: format!("y_{}", dice.secret(18)),
        teams,
    }
}

fn policy(account: &mut Account, dice: &mut Dice, (name, team): (&str, usize), staff: [usize; 3]) -> usize {
    let [one, two, manager] = staff;
    let start = account.schedules[DESK].start;
    account.schedules.push(Schedule {
        id: dice.code("PS", 7),
        layer: dice.code("PL", 7),
        name: format!("{name} engineers"),
        users: vec![one, two],
        turn_s: 7 * 86_400,
        start,
    });
    let schedule = account.schedules.len() - 1;
    let mut rule = |delay_min, target| Rule { id: dice.code("PR", 7), delay_min, targets: vec![target] };
    let rules =
        vec![rule(15, Target::Schedule(DESK)), rule(30, Target::Schedule(schedule)), rule(30, Target::User(manager))];
    account.policies.push(Policy {
        id: dice.code("PE", 7),
        name: format!("{name} on-call"),
        team: Some(team),
        rules,
        loops: 2,
    });
    account.policies.len() - 1
}

fn service(
    dice: &mut Dice,
    client: &str,
    (label, kind, urgency): &(&str, Kind, &'static str),
    (team, policy, created): (usize, usize, Timestamp),
) -> Service {
    Service {
        id: dice.code("PV", 7),
        name: format!("{client} / {label}"),
        description: format!("{label} of {client}"),
        team: Some(team),
        policy,
        disabled: false,
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
