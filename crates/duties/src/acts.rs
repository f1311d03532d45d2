//! Acts of people on incidents in PagerDuty: who may, why not, and the action that comes of it. Never lets anybody act in
//! somebody else's name.

use model::Micros;
use model::act::Act;
use model::action::{Action, Effect, Precondition, Queue};
use model::connection::{Owner, TokenState};
use model::person::Role;
use model::reference::Thing;
use serde::Serialize;

pub const DUTY: &str = "act";
/// Somebody stands before the page and waits: later than this the act would surprise everybody.
const LATE_S: i64 = 600;
/// The longest nonce that a form or a program may give.
pub const MOST_NONCE: usize = 64;

/// Why somebody can't act in PagerDuty. Pages put it into words, with the remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// The role looks only.
    Role,
    /// No token is configured: nothing can be asked of PagerDuty.
    NoToken,
    /// The key is read-only.
    ReadOnlyKey,
    /// Whether the key may write is not known yet.
    NotKnownYet,
    /// No PagerDuty user has this person's mail address.
    NoUser,
    /// The PagerDuty user may only look.
    ReadOnlyUser,
    /// The key is another person's: PagerDuty would write that person's name.
    SomebodyElsesKey,
}

impl WhyNot {
    pub const ALL: [Self; 7] = [
        Self::Role,
        Self::NoToken,
        Self::ReadOnlyKey,
        Self::NotKnownYet,
        Self::NoUser,
        Self::ReadOnlyUser,
        Self::SomebodyElsesKey,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::NoToken => "no_token",
            Self::ReadOnlyKey => "read_only_key",
            Self::NotKnownYet => "not_known_yet",
            Self::NoUser => "no_user",
            Self::ReadOnlyUser => "read_only_user",
            Self::SomebodyElsesKey => "somebody_elses_key",
        }
    }
}

/// What decides whether a person may act.
#[derive(Clone, Debug)]
pub struct View<'a> {
    pub role: Role,
    /// A token for PagerDuty's API is configured.
    pub can_call: bool,
    pub token: &'a TokenState,
    /// The PagerDuty user with the person's mail address.
    pub user: Option<&'a Thing>,
}

/// In whose name: the PagerDuty user's id and address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct As {
    pub user: String,
    pub from: String,
    pub name: String,
}

/// Whether this person may act, and as whom.
pub fn allowed(view: &View<'_>) -> Result<As, WhyNot> {
    if !view.role.may_act() {
        return Err(WhyNot::Role);
    }
    if !view.can_call {
        return Err(WhyNot::NoToken);
    }
    match view.token.can_write {
        Some(true) => {}
        Some(false) => return Err(WhyNot::ReadOnlyKey),
        None => return Err(WhyNot::NotKnownYet),
    }
    let user = view.user.ok_or(WhyNot::NoUser)?;
    let from = user.email.clone().ok_or(WhyNot::NoUser)?;
    if matches!(user.status.as_deref(), Some("read_only_user" | "read_only_limited_user")) {
        return Err(WhyNot::ReadOnlyUser);
    }
    match &view.token.owner {
        Owner::User { id, .. } if *id != user.id => Err(WhyNot::SomebodyElsesKey),
        _ => Ok(As { user: user.id.clone(), from, name: user.name.clone() }),
    }
}

/// The action that a person asked for. The nonce came with the form: the same form sent twice is one act.
pub fn action(incident: &str, act: Act, by: &As, nonce: &str, customer: Option<String>, now: Micros) -> Action {
    let key = format!("{DUTY}/{incident}/{}/{}/{nonce}", act.name(), by.user);
    let precondition = if act.needs_open() {
        Precondition::IncidentOpen { incident: incident.to_owned() }
    } else {
        Precondition::None
    };
    Action {
        duty: DUTY.into(),
        subject: incident.into(),
        lane: format!("incident:{incident}"),
        not_before: None,
        not_after: Some(now.plus_s(LATE_S)),
        precondition,
        why: format!("{} asked for it", by.name),
        customer,
        queue: Queue::Live,
        effect: Effect::Act {
            incident: incident.into(),
            marker: marker(&key),
            act,
            user: by.user.clone(),
            from: by.from.clone(),
        },
        key,
    }
}

/// A nonce as a form or a program may give it: letters, digits, "-" and "_".
pub fn is_nonce(nonce: &str) -> bool {
    (8..=MOST_NONCE).contains(&nonce.len())
        && nonce.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// What a note is found by again: short, and not to be guessed from another one.
fn marker(key: &str) -> String {
    let digest = model::signal::digest(key.as_bytes());
    let short: String = digest.iter().take(6).map(|b| format!("{b:02x}")).collect();
    format!("[arayashiki:act:{short}]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::reference::Kind;

    fn user(id: &str, status: &str) -> Thing {
        Thing {
            kind: Kind::User,
            id: id.into(),
            name: "Sato Hanako".into(),
            url: None,
            email: Some("sato@example.com".into()),
            status: Some(status.into()),
            user: None,
            starts_at: None,
            ends_at: None,
            level: None,
            names: Vec::new(),
        }
    }

    fn token(can_write: Option<bool>, owner: Owner) -> TokenState {
        TokenState { owner, can_write, ..TokenState::default() }
    }

    fn ask(role: Role, can_call: bool, token: &TokenState, user: Option<&Thing>) -> Result<As, WhyNot> {
        allowed(&View { role, can_call, token, user })
    }

    #[test]
    fn each_reason_is_told_and_nobody_acts_in_anothers_name() {
        let full = token(Some(true), Owner::Account);
        let sato = user("P1", "user");
        let by_other = Owner::User { id: "P2".into(), name: "Tanaka".into(), email: None };
        let cases = [
            (ask(Role::Viewer, true, &full, Some(&sato)), Err(WhyNot::Role)),
            (ask(Role::Responder, false, &full, Some(&sato)), Err(WhyNot::NoToken)),
            (ask(Role::Responder, true, &token(Some(false), Owner::Account), Some(&sato)), Err(WhyNot::ReadOnlyKey)),
            (ask(Role::Responder, true, &token(None, Owner::Account), Some(&sato)), Err(WhyNot::NotKnownYet)),
            (ask(Role::Responder, true, &full, None), Err(WhyNot::NoUser)),
            (ask(Role::Responder, true, &full, Some(&user("P1", "read_only_user"))), Err(WhyNot::ReadOnlyUser)),
            (ask(Role::Admin, true, &token(Some(true), by_other), Some(&sato)), Err(WhyNot::SomebodyElsesKey)),
        ];
        for (got, expected) in cases {
            assert_eq!(got, expected);
        }
        let as_sato = ask(Role::Responder, true, &full, Some(&sato));
        assert_eq!(as_sato.map(|by| by.from), Ok("sato@example.com".to_owned()));
    }

    #[test]
    fn one_form_is_one_act_and_two_forms_are_two() {
        let by = As { user: "P1".into(), from: "sato@example.com".into(), name: "Sato".into() };
        let of = |nonce: &str| action("Q1", Act::Acknowledge, &by, nonce, None, Micros(0));
        assert_eq!(of("nonce-0001").key, of("nonce-0001").key);
        assert_ne!(of("nonce-0001").key, of("nonce-0002").key);
        assert!(is_nonce("nonce-0001") && !is_nonce("short") && !is_nonce("with/slash-1234"));
        let Effect::Act { marker, .. } = of("nonce-0001").effect else { panic!("an act") };
        assert!(marker.starts_with("[arayashiki:act:") && marker.len() == 29, "{marker}");
    }
}
