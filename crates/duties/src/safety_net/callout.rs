//! Whom the second path pages: who is on call at a level by the schedule we mirrored, and can be reached; and when a call takes
//! in alerts that came after it.

use super::Settings;
use model::Micros;
use model::action::Channel;
use model::reference::{Kind, Thing};

/// So long after its last page, or its answer, a call takes in what comes after it; only then are people paged anew.
pub const JOINS_S: i64 = 300;

/// A person whom the second path can reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reachable {
    pub id: String,
    pub name: String,
    /// The PagerDuty user, by id or mail address.
    pub pagerduty: Option<String>,
    pub mail: Option<String>,
    pub phone: Option<String>,
    pub has_webhook: bool,
}

/// A PagerDuty user as mirrored: id, name, mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: String,
    pub name: String,
    pub email: Option<String>,
}

/// What a person can be reached by, of the ways that are set. Nobody is called who has none: his page would go nowhere.
pub fn ways(person: &Reachable, set: &[Channel]) -> Vec<Channel> {
    let has = |channel: &Channel| match channel {
        Channel::Webhook => person.has_webhook || set.contains(channel),
        Channel::Sms => person.phone.is_some() && set.contains(channel),
        Channel::Mail => person.mail.is_some() && set.contains(channel),
    };
    [Channel::Webhook, Channel::Sms, Channel::Mail].into_iter().filter(has).collect()
}

/// On call at this level and instant, of the policy that is set or of any. `rows` are on-call rows as last read, and shifts: the
/// rows are fresher, as long as they have not ended; the shifts, read once a day, go two weeks further. Nobody by either: whoever
/// was on call last.
pub fn on_call<'a>(settings: &Settings, level: i64, now: Micros, rows: &'a [Thing]) -> Vec<&'a Thing> {
    let is_meant = |row: &&Thing| match &settings.policy {
        None => true,
        Some(policy) => {
            row.id.split('/').next() == Some(policy) || row.names.first().is_some_and(|name| name == policy)
        }
    };
    let of_level: Vec<&Thing> = rows.iter().filter(|row| row.level.unwrap_or(1) == level).filter(is_meant).collect();
    let lasts = |row: &Thing| row.ends_at.is_none_or(|at| now < at);
    let of = |kind: Kind| of_level.iter().copied().filter(move |row| row.kind == kind);
    let mut found: Vec<&Thing> = of(Kind::OnCall).filter(|row| lasts(row)).collect();
    let filled: Vec<_> = found.iter().map(|row| place(row)).collect();
    let on_duty = |row: &&Thing| lasts(row) && row.starts_at.is_none_or(|at| at <= now);
    // A turn was swapped after the shifts were read: the fresher row of its place is right.
    found.extend(of(Kind::Shift).filter(on_duty).filter(|row| !filled.contains(&place(row))));
    if found.is_empty() { of(Kind::OnCall).collect() } else { found }
}

/// Policy and schedule: where somebody is on call, whoever it is.
fn place(row: &Thing) -> (Option<&str>, Option<&str>) {
    let mut parts = row.id.split('/');
    (parts.next(), parts.nth(2))
}

/// Those at the level who can be reached, each once; everybody who can be when nobody of the level can.
pub fn people<'a>(
    settings: &Settings,
    (level, now): (i64, Micros),
    rows: &[Thing],
    users: &[User],
    reachable: &'a [Reachable],
) -> Vec<&'a Reachable> {
    let on_call = on_call(settings, level, now, rows);
    let mut found: Vec<&Reachable> = Vec::new();
    for row in on_call {
        let user = users.iter().find(|user| row.user.as_deref() == Some(&user.id));
        let person = reachable.iter().find(|person| is_person(person, row.user.as_deref(), user));
        if let Some(person) = person.filter(|person| !found.contains(person)) {
            found.push(person);
        }
    }
    // An unheard alert is worse than one person too many.
    if found.is_empty() && level == 1 { reachable.iter().collect() } else { found }
}

fn is_person(person: &Reachable, id: Option<&str>, user: Option<&User>) -> bool {
    let Some(name) = &person.pagerduty else { return false };
    let email = user.and_then(|user| user.email.as_deref());
    id == Some(name.as_str()) || email.is_some_and(|email| email.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_seconds(100_000);

    fn row(policy: &str, level: i64, user: &str) -> Thing {
        Thing {
            kind: Kind::OnCall,
            id: format!("{policy}/{level}/{user}/-/-"),
            name: user.into(),
            url: None,
            email: None,
            status: None,
            user: Some(user.into()),
            starts_at: None,
            ends_at: None,
            level: Some(level),
            names: vec![format!("{policy} policy"), String::new()],
        }
    }

    fn person(id: &str, pagerduty: &str) -> Reachable {
        Reachable { id: id.into(), name: id.into(), pagerduty: Some(pagerduty.into()), ..Reachable::default() }
    }

    #[test]
    fn the_level_of_the_policy_that_is_set() {
        let rows = [row("P1", 1, "U1"), row("P1", 2, "U2"), row("P2", 1, "U3")];
        let users = [User { id: "U3".into(), name: "Suzuki".into(), email: Some("Suzuki@example.jp".into()) }];
        let known = [person("sato", "U1"), person("tanaka", "U2"), person("suzuki", "suzuki@example.jp")];
        let ids = |settings: &Settings, level| -> Vec<String> {
            people(settings, (level, NOW), &rows, &users, &known).into_iter().map(|p| p.id.clone()).collect()
        };
        assert_eq!(ids(&Settings::default(), 1), ["sato", "suzuki"]);
        let one = Settings { policy: Some("P1 policy".into()), ..Settings::default() };
        assert_eq!(ids(&one, 1), ["sato"]);
        assert_eq!(ids(&one, 2), ["tanaka"]);
        assert_eq!(ids(&one, 3), Vec::<String>::new());
        let nobody = Settings { policy: Some("P9".into()), ..Settings::default() };
        assert_eq!(ids(&nobody, 1).len(), 3, "an unheard alert is worse");
    }

    /// From one hour to another, counted from now.
    fn turn(kind: Kind, user: &str, (from_h, to_h): (i64, i64)) -> Thing {
        let (from, to) = (NOW.plus_s(from_h * 3_600), NOW.plus_s(to_h * 3_600));
        Thing {
            kind,
            id: format!("P1/1/{user}/S1/{}", from.rfc3339()),
            starts_at: Some(from),
            ends_at: Some(to),
            ..row("P1", 1, user)
        }
    }

    #[test]
    fn who_is_on_call_is_asked_of_the_present() {
        let cases: [(&str, Vec<Thing>, &[&str]); 7] = [
            ("as last read", vec![turn(Kind::OnCall, "U1", (-4, 4)), turn(Kind::Shift, "U1", (-4, 4))], &["U1"]),
            (
                "after a hand-over that nobody could read",
                vec![
                    turn(Kind::OnCall, "U1", (-9, -1)),
                    turn(Kind::Shift, "U1", (-9, -1)),
                    turn(Kind::Shift, "U2", (-1, 7)),
                    turn(Kind::Shift, "U3", (7, 15)),
                ],
                &["U2"],
            ),
            (
                "a swap that the shifts do not have yet",
                vec![turn(Kind::OnCall, "U3", (-2, 4)), turn(Kind::Shift, "U1", (-4, 4))],
                &["U3"],
            ),
            (
                "beside somebody who is always on call",
                vec![row("P1", 1, "U9"), turn(Kind::OnCall, "U1", (-9, -1)), turn(Kind::Shift, "U2", (-1, 7))],
                &["U9", "U2"],
            ),
            (
                "a shift of two ends as the next begins",
                vec![turn(Kind::Shift, "U1", (-4, 0)), turn(Kind::Shift, "U2", (0, 4))],
                &["U2"],
            ),
            ("nobody by any schedule: who was last", vec![turn(Kind::OnCall, "U1", (-9, -1))], &["U1"]),
            ("a shift that is over is nobody's", vec![turn(Kind::Shift, "U1", (-9, -1))], &[]),
        ];
        for (name, rows, expected) in cases {
            let found: Vec<_> =
                on_call(&Settings::default(), 1, NOW, &rows).iter().filter_map(|row| row.user.as_deref()).collect();
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn a_person_has_the_ways_that_are_set_and_filled_in() {
        let mail = Reachable { mail: Some("sato@example.jp".into()), ..person("sato", "U1") };
        let phone = Reachable { phone: Some("+819012345678".into()), ..person("tanaka", "U2") };
        let own = Reachable { has_webhook: true, ..person("suzuki", "U3") };
        assert_eq!(ways(&mail, &[Channel::Sms]), []);
        assert_eq!(ways(&mail, &[Channel::Mail, Channel::Sms]), [Channel::Mail]);
        assert_eq!(ways(&phone, &[Channel::Sms, Channel::Webhook]), [Channel::Webhook, Channel::Sms]);
        assert_eq!(ways(&own, &[]), [Channel::Webhook]);
        assert_eq!(ways(&person("abe", "U4"), &[Channel::Mail, Channel::Sms]), []);
    }
}
