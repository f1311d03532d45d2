//! Who asks, and as which PagerDuty user they may act: from the account, the mirrored users and what is known of the key.

use super::refusal::{Named, Refusal};
use crate::auth::{Person, Via};
use crate::state::Settings;
use duties::acts::{As, View, WhyNot, allowed};
use model::Scope;
use model::connection::{Owner, TokenState, poll};
use store::accounts::{self, Account};
use store::{StoreError, Tx, polls, reference};

/// Where somebody stands towards PagerDuty.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    /// As whom, or why not.
    pub by: Result<As, Refusal>,
    pub named: Named,
    /// What the account sees in whose name they act; a token may see more than who made it.
    pub scope: Scope,
}

/// The configured key, as far as acts are concerned.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// A token for PagerDuty's API is configured.
    pub can_call: bool,
    /// Which one: what is known of another key counts for nothing.
    pub mark: String,
}

impl Key {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self { can_call: settings.can_read, mark: settings.key_mark.clone() }
    }
}

/// Finds out.
pub(crate) async fn standing(tx: &mut Tx, person: &Person, key: &Key) -> Result<Standing, StoreError> {
    let none = |why| Standing { by: Err(why), named: Named::default(), scope: Scope::Customers(Vec::new()) };
    let account = match accounts::by_id(tx, &person.account).await? {
        None => return Ok(none(Refusal::NobodysToken)),
        Some(account) if account.disabled_at.is_some() => return Ok(none(Refusal::MakerDisabled)),
        Some(account) => account,
    };
    let known: TokenState = polls::get(tx, poll::TOKEN).await?.map(|poll| poll.known()).unwrap_or_default();
    let token = known.of_key(&key.mark);
    let user = reference::user_by_email(tx, &account.email).await?;
    let view = View { role: account.role, can_call: key.can_call, token: &token, user: user.as_ref() };
    let by = if person.via == Via::Token && !person.role.may_act() { Err(WhyNot::Role) } else { allowed(&view) };
    Ok(Standing { by: by.map_err(Refusal::Not), named: named(&account, &token), scope: account.scope })
}

fn named(account: &Account, token: &TokenState) -> Named {
    let owner = match &token.owner {
        Owner::User { name, .. } => name.clone(),
        Owner::Account | Owner::Unknown => String::new(),
    };
    Named { mail: account.email.clone(), owner }
}
