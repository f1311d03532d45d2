//! Whom the second path pages: who is on call at a level by the schedule we mirrored, and can be reached.

use super::Settings;
use model::reference::Thing;

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

/// On call now at this level, of the policy that is set or of any.
pub fn on_call<'a>(settings: &Settings, level: i64, rows: &'a [Thing]) -> Vec<&'a Thing> {
    let is_meant = |row: &&Thing| match &settings.policy {
        None => true,
        Some(policy) => {
            row.id.split('/').next() == Some(policy) || row.names.first().is_some_and(|name| name == policy)
        }
    };
    rows.iter().filter(|row| row.level.unwrap_or(1) == level).filter(is_meant).collect()
}

/// Those at the level who can be reached, each once; everybody who can be when nobody of the level can.
pub fn people<'a>(
    settings: &Settings,
    level: i64,
    rows: &[Thing],
    users: &[User],
    reachable: &'a [Reachable],
) -> Vec<&'a Reachable> {
    let on_call = on_call(settings, level, rows);
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
    use model::reference::Kind;

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
            people(settings, level, &rows, &users, &known).into_iter().map(|p| p.id.clone()).collect()
        };
        assert_eq!(ids(&Settings::default(), 1), ["sato", "suzuki"]);
        let one = Settings { policy: Some("P1 policy".into()), ..Settings::default() };
        assert_eq!(ids(&one, 1), ["sato"]);
        assert_eq!(ids(&one, 2), ["tanaka"]);
        assert_eq!(ids(&one, 3), Vec::<String>::new());
        let nobody = Settings { policy: Some("P9".into()), ..Settings::default() };
        assert_eq!(ids(&nobody, 1).len(), 3, "an unheard alert is worse");
    }
}
