//! The one transaction that takes an act on: incident in scope, words fit, person allowed, action and audit row. The same
//! nonce again is the same act; other words under a used nonce are refused, so that nothing is dropped in silence.

use super::standing::{Key, Standing, standing};
use super::{Refusal, form};
use crate::auth::Reader;
use duties::acts;
use model::act::{Act, Unfit};
use model::incident::Status;
use model::reference::Kind;
use serde_json::json;
use store::actions::{self, Doing};
use store::acts::Asked;
use store::incidents::{self, Whole};
use store::{StoreError, Tx, audit, reference};

/// A snooze "until nine" asked for again is counted from a little later.
const SAME_SNOOZE_S: i64 = 900;

/// What somebody asks for.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// As in the address: PagerDuty's id or the number.
    pub incident: String,
    pub act: Act,
    pub nonce: String,
}

/// What came of asking.
#[derive(Debug)]
pub(crate) enum Said {
    New(Box<Asked>),
    /// The same nonce with the same words: nothing was added.
    Again(Box<Asked>),
    /// The nonce was used with other words.
    OtherWords,
    NotFound,
    MayNot(Box<Standing>, Refusal),
    Unfit(Unfit),
    /// It names something that PagerDuty is not known to have.
    Unknown {
        field: &'static str,
        value: String,
    },
    /// The incident is over: nothing but notes is left to do.
    Over,
    OddNonce,
}

pub(crate) async fn ask(tx: &mut Tx, reader: &Reader, key: &Key, ask: Ask) -> Result<Said, StoreError> {
    let Ask { incident, act, nonce } = ask;
    let Some(whole) = incidents::find(tx, &reader.person.scope, &incident).await? else { return Ok(Said::NotFound) };
    let standing = standing(tx, &reader.person, key).await?;
    let by = match &standing.by {
        Ok(_) if !standing.scope.allows(whole.item.customer.as_deref()) => Err(Refusal::MakerScope),
        Ok(by) => Ok(by.clone()),
        Err(why) => Err(*why),
    };
    let by = match by {
        Ok(by) => by,
        Err(why) => return Ok(Said::MayNot(Box::new(standing), why)),
    };
    if !acts::is_nonce(&nonce) {
        return Ok(Said::OddNonce);
    }
    let act = by_ids(tx, reader, act).await?;
    if let Err(unfit) = act.check(&whole.item.id) {
        return Ok(Said::Unfit(unfit));
    }
    let customer = whole.item.customer.clone();
    let action = acts::action(&whole.item.id, act.clone(), &by, &nonce, customer.clone(), tx.now());
    // Asked before anything that may have changed since the first time: a repeat gets the answer of the first.
    if let Some(held) = store::acts::find(tx, &reader.person.scope, &action.key).await? {
        return Ok(if is_same(&held.act, &act) { Said::Again(Box::new(held)) } else { Said::OtherWords });
    }
    if let Some(refused) = refused(tx, reader, &whole, &act).await? {
        return Ok(refused);
    }
    // What is merged shows to whoever sees the one it goes into: never across customers.
    if let Act::Merge { sources } = &act {
        for source in sources {
            if incidents::customer_of(tx, source).await? != customer {
                return Ok(Said::Unknown { field: form::field_of(&act), value: source.clone() });
            }
        }
    }
    if !actions::add(tx, &action, Doing::Really).await? {
        // Two at once: the other one was faster.
        let held = store::acts::find(tx, &reader.person.scope, &action.key).await?;
        return Ok(held.map_or(Said::OtherWords, |held| Said::Again(Box::new(held))));
    }
    let Some(asked) = store::acts::find(tx, &reader.person.scope, &action.key).await? else {
        return Err(StoreError::Bug(format!("the act {} was written and is not there", action.key)));
    };
    let mut trail = reader.trail();
    trail["as"] = json!(by.user);
    trail["job"] = json!(asked.job);
    let (name, subject) = (format!("act.{}", act.name()), format!("incident/{}", whole.item.id));
    audit::add(tx, &reader.person.actor(), &name, &subject, customer.as_deref(), &trail).await?;
    Ok(Said::New(Box::new(asked)))
}

fn is_same(held: &Act, asked: &Act) -> bool {
    match (held, asked) {
        (Act::Snooze { seconds: a }, Act::Snooze { seconds: b }) => a.abs_diff(*b) <= SAME_SNOOZE_S.unsigned_abs(),
        (held, asked) => held == asked,
    }
}

/// Why the incident, or what the act names, stands against it.
async fn refused(tx: &mut Tx, reader: &Reader, whole: &Whole, act: &Act) -> Result<Option<Said>, StoreError> {
    if act.needs_open() && whole.incident.data.status == Status::Resolved {
        return Ok(Some(Said::Over));
    }
    let field = form::field_of(act);
    let unknown = match act {
        Act::Reassign { users } => first_unknown(tx, reader, Kind::User, users).await?,
        Act::Priority { to: Some(id) } => first_unknown(tx, reader, Kind::Priority, std::slice::from_ref(id)).await?,
        Act::Escalate { level } => {
            let levels = levels(tx, reader, whole).await?;
            levels.is_some_and(|most| i64::from(*level) > most).then(|| level.to_string())
        }
        Act::Merge { sources } => first_not_open(tx, reader, sources).await?,
        _ => None,
    };
    Ok(unknown.map(|value| Said::Unknown { field, value }))
}

async fn first_unknown(tx: &mut Tx, reader: &Reader, kind: Kind, ids: &[String]) -> Result<Option<String>, StoreError> {
    for id in ids {
        if reference::find(tx, &reader.person.scope, kind, id).await?.is_none() {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

/// An incident of a customer whom they do not see is none.
async fn first_not_open(tx: &mut Tx, reader: &Reader, ids: &[String]) -> Result<Option<String>, StoreError> {
    let seen = incidents::list_titles(tx, &reader.person.scope, ids).await?;
    for id in ids {
        if !seen.contains_key(id) || incidents::is_open(tx, id).await? != Some(true) {
            return Ok(Some(id.clone()));
        }
    }
    Ok(None)
}

/// Incidents may be named by their numbers.
async fn by_ids(tx: &mut Tx, reader: &Reader, act: Act) -> Result<Act, StoreError> {
    let Act::Merge { sources } = act else { return Ok(act) };
    let mut ids: Vec<String> = Vec::with_capacity(sources.len());
    for source in sources {
        let is_number = source.bytes().all(|b| b.is_ascii_digit()) && source.len() < 19;
        let found = if is_number { incidents::find(tx, &reader.person.scope, &source).await? } else { None };
        let id = found.map_or(source, |whole| whole.item.id);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(Act::Merge { sources: ids })
}

/// How many levels the incident's policy has, if that is known.
async fn levels(tx: &mut Tx, reader: &Reader, whole: &Whole) -> Result<Option<i64>, StoreError> {
    let Some(policy) = &whole.incident.data.escalation_policy else { return Ok(None) };
    let policy = reference::find(tx, &reader.person.scope, Kind::EscalationPolicy, &policy.id).await?;
    Ok(policy.and_then(|p| p.level))
}
