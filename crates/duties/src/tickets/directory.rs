//! Who somebody with an account in a tracker is: one of our persons, a group's account (the desk), our own API account, a
//! colleague without an entry, or the customer's side. Anybody whom we don't know is the customer's side.

use model::ticket::Who;
use serde::{Deserialize, Serialize};

/// What the accounts of a space mean, as the configuration joins them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    pub persons: Vec<Person>,
    pub groups: Vec<Group>,
    /// The accounts that our API keys belong to.
    pub own: Vec<Identity>,
    /// Mail domains of our side, such as "@example.jp".
    pub ours: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: String,
    pub name: String,
    pub accounts: Vec<Identity>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: String,
    pub name: String,
    /// The ids of its persons.
    pub members: Vec<String>,
    /// Accounts that nobody owns alone.
    pub accounts: Vec<Identity>,
}

/// An account, by what is known of it. The strongest thing that both sides know decides: number, login, mail, name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    pub number: Option<i64>,
    pub login: Option<String>,
    pub mail: Option<String>,
    /// Exactly as the tracker shows it. Anybody may call themselves so: trusted only where nothing better is known.
    pub name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "side")]
pub enum Party {
    Person {
        id: String,
    },
    Group {
        id: String,
    },
    /// The account that we call the tracker with; perhaps a person's who lends us the key.
    Own,
    /// One of ours by the mail domain alone: their hours are not known.
    Colleague,
    Customer,
}

impl Party {
    pub fn is_ours(&self) -> bool {
        *self != Self::Customer
    }
}

impl Identity {
    pub fn named(name: &str) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// All that an account tells of itself.
    pub fn of(who: &Who) -> Self {
        let number = Some(who.id).filter(|id| *id != 0);
        let name = Some(who.name.clone()).filter(|name| !name.is_empty());
        Self { number, login: who.login.clone(), mail: who.mail.clone(), name }
    }

    pub fn numbered(number: i64) -> Self {
        Self { number: Some(number), ..Self::default() }
    }

    fn is(&self, who: &Who) -> bool {
        if let (Some(number), true) = (self.number, who.id != 0) {
            return number == who.id;
        }
        if let (Some(login), Some(theirs)) = (&self.login, &who.login) {
            return login == theirs;
        }
        if let (Some(mail), Some(theirs)) = (&self.mail, &who.mail) {
            return mail.eq_ignore_ascii_case(theirs);
        }
        // A history tells names alone. Beside a number that we could not compare, a name that was given to us must do.
        self.name.as_deref().is_some_and(|name| name == who.name)
    }
}

impl Directory {
    pub fn who(&self, who: &Who) -> Party {
        if let Some(person) = self.persons.iter().find(|person| has(&person.accounts, who)) {
            return Party::Person { id: person.id.clone() };
        }
        if let Some(group) = self.groups.iter().find(|group| has(&group.accounts, who)) {
            return Party::Group { id: group.id.clone() };
        }
        match () {
            () if has(&self.own, who) => Party::Own,
            () if self.is_of_our_domain(who) => Party::Colleague,
            () => Party::Customer,
        }
    }

    /// The account that we write with, although it may be a person's or a group's too.
    pub fn is_own(&self, who: &Who) -> bool {
        has(&self.own, who)
    }

    fn is_of_our_domain(&self, who: &Who) -> bool {
        who.mail.as_deref().is_some_and(|mail| self.ours.iter().any(|domain| is_of_domain(mail, domain)))
    }

    pub fn person(&self, id: &str) -> Option<&Person> {
        self.persons.iter().find(|person| person.id == id)
    }

    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// What people call somebody: ours by our name, others as the tracker shows them.
    pub fn name(&self, who: &Who) -> String {
        let ours = match self.who(who) {
            Party::Person { id } => self.person(&id).map(|person| person.name.clone()),
            Party::Group { id } => self.group(&id).map(|group| group.name.clone()),
            _ => None,
        };
        ours.filter(|name| !name.is_empty()).unwrap_or_else(|| shown(who))
    }
}

fn shown(who: &Who) -> String {
    if who.name.is_empty() { who.login.clone().unwrap_or_else(|| who.id.to_string()) } else { who.name.clone() }
}

fn has(accounts: &[Identity], who: &Who) -> bool {
    accounts.iter().any(|account| account.is(who))
}

/// Of this domain exactly: neither of one below it, nor of one that ends alike.
pub(super) fn is_of_domain(mail: &str, domain: &str) -> bool {
    let domain = domain.strip_prefix('@').unwrap_or(domain);
    !domain.is_empty() && mail.rsplit_once('@').is_some_and(|(_, theirs)| theirs.eq_ignore_ascii_case(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> Directory {
        let person =
            |id: &str, name: &str, account| Person { id: id.into(), name: name.into(), accounts: vec![account] };
        Directory {
            persons: vec![
                person("sato", "Sato Hanako", Identity { name: Some("佐藤花子".into()), ..Identity::numbered(7) }),
                person("abe", "Abe Jiro", Identity { login: Some("abe".into()), ..Identity::default() }),
                person("ito", "Ito Ken", Identity::named("伊藤 健")),
                person("ueda", "Ueda Mai", Identity { mail: Some("ueda@example.jp".into()), ..Identity::default() }),
            ],
            groups: vec![Group {
                id: "desk".into(),
                name: "運用窓口".into(),
                members: vec!["sato".into()],
                accounts: vec![Identity::numbered(90)],
            }],
            own: vec![Identity::numbered(99)],
            ours: vec!["@example.jp".into()],
        }
    }

    fn account(id: i64, login: &str, name: &str, mail: &str) -> Who {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Who { id, login: text(login), name: name.into(), mail: text(mail) }
    }

    #[test]
    fn everybody_is_one_of_ours_or_the_customers_side() {
        let person = |id: &str| Party::Person { id: id.into() };
        for (case, who, party) in [
            ("by number", account(7, "", "H. Sato", ""), person("sato")),
            ("by name in a history", account(0, "", "佐藤花子", ""), person("sato")),
            ("another number under the same name", account(8, "", "佐藤花子", ""), Party::Customer),
            ("by login", account(11, "abe", "阿部", ""), person("abe")),
            ("by name where nothing else is known", account(12, "ken", "伊藤 健", ""), person("ito")),
            ("by mail, whatever its case", account(13, "", "", "Ueda@Example.JP"), person("ueda")),
            ("the desk", account(90, "", "運用", ""), Party::Group { id: "desk".into() }),
            ("our own account", account(99, "", "bot", ""), Party::Own),
            ("a colleague", account(14, "", "Ota", "ota@example.jp"), Party::Colleague),
            ("a domain that ends alike", account(15, "", "X", "x@notexample.jp"), Party::Customer),
            ("a domain below ours", account(15, "", "X", "x@shop.example.jp"), Party::Customer),
            (
                "our domain as the name of a mailbox",
                account(15, "", "X", "\"@example.jp\"@example.com"),
                Party::Customer,
            ),
            ("a stranger", account(16, "", "山田", ""), Party::Customer),
            ("nobody at all", Who::default(), Party::Customer),
        ] {
            assert_eq!(directory().who(&who), party, "{case}");
        }
    }

    #[test]
    fn an_empty_domain_makes_nobody_ours() {
        let directory = Directory { ours: vec![String::new(), "@".into()], ..Directory::default() };
        assert_eq!(directory.who(&account(1, "", "X", "x@")), Party::Customer);
        assert_eq!(directory.who(&account(1, "", "X", "x@example.com")), Party::Customer);
    }
}
