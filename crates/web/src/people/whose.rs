//! Which `[[person]]` an account is, whose hours it may see, and whose leave it may enter: everybody their own, leaders that of
//! people who work for none but their customers. Never believes a name: only mail addresses and PagerDuty's users join.

use super::{Member, People};
use crate::auth::{Person, Via};
use model::Scope;
use model::person::Role;
use model::reference::{Kind, Thing};
use store::accounts::{self, Account};
use store::{StoreError, Tx, reference};

/// By what accounts are joined with people.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    accounts: Vec<Account>,
    users: Vec<Thing>,
}

/// What a reader may do with somebody's hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Right {
    /// It is themselves.
    pub is_own: bool,
    pub sees: bool,
    /// Enters leave and days, and reads what was written to them.
    pub edits: bool,
}

pub(crate) async fn known(tx: &mut Tx) -> Result<Known, StoreError> {
    let accounts = accounts::list(tx, &Scope::All).await?;
    Ok(Known { accounts, users: reference::list(tx, &Scope::All, Kind::User).await? })
}

pub(crate) fn right(people: &People, known: &Known, reader: &Person, member: &Member) -> Right {
    let is_session = matches!(reader.via, Via::Session(_));
    let is_own = is_session && known.is(people, &reader.email).is_some_and(|own| own.id == member.id);
    let works_for = known.works_for(people, member);
    let leads = matches!(reader.role, Role::Leader | Role::Admin) && is_within(&works_for, &reader.scope);
    let sees = is_own || leads || reader.scope == Scope::All || works_for.iter().any(|for_| meets(for_, &reader.scope));
    Right { is_own, sees, edits: is_own || leads }
}

/// Whoever has no account works for nobody knows whom: only who sees everything leads them.
fn is_within(works_for: &[&Scope], leader: &Scope) -> bool {
    let has = |customer: &String| leader.allows(Some(customer));
    let is_theirs = |scope: &&Scope| matches!(scope, Scope::Customers(list) if list.iter().all(has));
    *leader == Scope::All || (!works_for.is_empty() && works_for.iter().all(is_theirs))
}

fn meets(one: &Scope, other: &Scope) -> bool {
    match (one, other) {
        (_, Scope::Customers(none)) if none.is_empty() => false,
        (Scope::All, _) | (_, Scope::All) => true,
        (Scope::Customers(list), other) => list.iter().any(|customer| other.allows(Some(customer))),
    }
}

impl Known {
    /// The person that an account's mail address is: the first by their own address, else by PagerDuty's.
    fn is<'p>(&self, people: &'p People, email: &str) -> Option<&'p Member> {
        let own = |member: &&Member| is_same(member.mail.as_deref(), email);
        let other = |member: &&Member| self.is_in_pagerduty(member, email);
        people.persons.iter().find(own).or_else(|| people.persons.iter().find(other))
    }

    fn is_in_pagerduty(&self, member: &Member, email: &str) -> bool {
        let Some(named) = member.pagerduty.as_deref() else { return false };
        let user = self.users.iter().find(|user| user.id == named);
        is_same(Some(named), email) || user.is_some_and(|user| is_same(user.email.as_deref(), email))
    }

    /// What the accounts of a person see.
    fn works_for(&self, people: &People, member: &Member) -> Vec<&Scope> {
        let theirs = |account: &&Account| {
            account.disabled_at.is_none() && self.is(people, &account.email).is_some_and(|is| is.id == member.id)
        };
        self.accounts.iter().filter(theirs).map(|account| &account.scope).collect()
    }

    /// What somebody who entered something is called.
    pub(crate) fn name<'k>(&'k self, account: &'k str) -> &'k str {
        self.accounts.iter().find(|known| known.id == account).map_or(account, |known| known.name.as_str())
    }
}

fn is_same(one: Option<&str>, other: &str) -> bool {
    !other.is_empty() && one.is_some_and(|one| one.trim().eq_ignore_ascii_case(other.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Micros;

    fn account(name: &str, scope: Scope) -> Account {
        Account {
            id: name.into(),
            email: format!("{name}@example.jp"),
            name: name.into(),
            role: Role::Viewer,
            scope,
            password: None,
            language: None,
            time_zone: None,
            created_at: Micros(0),
            disabled_at: None,
        }
    }

    fn of(customers: &[&str]) -> Scope {
        Scope::Customers(customers.iter().map(|id| (*id).to_owned()).collect())
    }

    fn user(id: &str, email: &str) -> Thing {
        Thing {
            kind: Kind::User,
            id: id.into(),
            name: id.into(),
            url: None,
            email: Some(email.into()),
            status: None,
            user: None,
            starts_at: None,
            ends_at: None,
            level: None,
            names: Vec::new(),
        }
    }

    #[test]
    fn people_are_joined_by_addresses_alone_and_leaders_lead_their_customers_people() {
        let member = |id: &str, mail: Option<&str>, pagerduty: Option<&str>| Member {
            id: id.into(),
            name: "same name".into(),
            mail: mail.map(str::to_owned),
            pagerduty: pagerduty.map(str::to_owned),
        };
        let people = People {
            persons: vec![
                member("sato", Some("Sato@example.jp"), None),
                member("abe", None, Some("PABE")),
                member("ito", None, Some("ito@example.jp")),
                member("ghost", None, None),
            ],
            ..People::default()
        };
        let known = Known {
            accounts: vec![
                account("sato", of(&["minato"])),
                account("abe", of(&["minato", "aoba"])),
                account("ito", Scope::All),
            ],
            users: vec![user("PABE", "ABE@example.jp"), user("PX", "x@example.jp")],
        };
        let reader = |name: &str, role: Role, scope: Scope| Person {
            role,
            ..Person::of_account(account(name, scope), "s".into())
        };
        let rights = |reader: &Person| -> String {
            let mark = |member: &Member| match right(&people, &known, reader, member) {
                Right { is_own: true, .. } => 'o',
                Right { edits: true, .. } => 'e',
                Right { sees: true, .. } => 's',
                Right { .. } => '-',
            };
            people.persons.iter().map(mark).collect()
        };
        for (who, role, scope, wanted) in [
            ("sato", Role::Viewer, of(&["minato"]), "oss-"),
            ("abe", Role::Viewer, of(&["aoba"]), "-os-"),
            ("ito", Role::Responder, Scope::All, "ssos"),
            ("lead", Role::Leader, of(&["minato"]), "ess-"),
            ("lead", Role::Leader, of(&["minato", "aoba"]), "ees-"),
            ("lead", Role::Leader, Scope::All, "eeee"),
            ("lead", Role::Auditor, Scope::All, "ssss"),
            ("guest", Role::Viewer, of(&["kita"]), "--s-"),
            ("guest", Role::Leader, of(&[]), "----"),
        ] {
            assert_eq!(rights(&reader(who, role, scope.clone())), wanted, "{who} {role:?} {scope:?}");
        }
        let token = Person { via: Via::Token, email: String::new(), ..reader("sato", Role::Viewer, Scope::All) };
        assert_eq!(rights(&token), "ssss", "a program is nobody");
        let nobody = Person { email: String::new(), ..reader("x", Role::Viewer, of(&["kita"])) };
        assert_eq!(rights(&nobody), "--s-", "no address is nobody's");
    }
}
