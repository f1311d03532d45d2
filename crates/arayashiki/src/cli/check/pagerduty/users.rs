//! Whether each `[[person]]` that names a PagerDuty user names one that the account has. Only where users may be read.

use super::super::line::Line;
use crate::config::Config;
use connectors::Call;
use connectors::pagerduty::{Client, ListReference};
use model::reference::{Kind, Thing};

/// No account has so many pages of a hundred.
const MOST_PAGES: u32 = 100;

/// Those that are nobody there; nothing where the list did not come.
pub async fn strangers(client: &Client, config: &Config, call: impl Fn() -> Call) -> Vec<Line> {
    if config.people.iter().all(|person| person.pagerduty.is_none()) {
        return Vec::new();
    }
    match all(client, call).await {
        Some(users) => found(config, &users),
        None => Vec::new(),
    }
}

async fn all(client: &Client, call: impl Fn() -> Call) -> Option<Vec<Thing>> {
    let (mut users, mut offset) = (Vec::new(), 0);
    for _ in 0..MOST_PAGES {
        let list = ListReference { kind: Kind::User, offset, since: None, until: None };
        let page = client.reference(&call(), &list).await.ok()?.value;
        users.extend(page.items);
        if !page.more {
            return Some(users);
        }
        offset = page.next_offset;
    }
    None
}

fn found(config: &Config, users: &[Thing]) -> Vec<Line> {
    let is_known = |name: &str| {
        let has = |user: &Thing| user.email.as_ref().is_some_and(|email| email.eq_ignore_ascii_case(name));
        users.iter().any(|user| user.id == name || has(user))
    };
    let named = config.people.iter().filter_map(|person| Some((person, person.pagerduty.as_deref()?)));
    let lines = named.filter(|(_, name)| !is_known(name)).map(|(person, name)| {
        Line::warn(
            "second path",
            format!(
                "[[person]] {}: pagerduty = \"{name}\" is neither the id nor the mail address of a user of this account, so \
                 that nobody knows when {} is on call",
                person.id, person.name
            ),
            "write the user's id, or the mail address that the user signs in to PagerDuty with",
        )
    });
    lines.collect()
}
