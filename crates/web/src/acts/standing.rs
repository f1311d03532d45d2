//! Who asks, and as which PagerDuty user they may act: from the account, the mirrored users and what is known of the key.

use super::refusal::{Named, Refusal};
use crate::auth::{Person, Via};
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

/// Finds out. `can_call`: a token for PagerDuty's API is configured.
pub(crate) async fn standing(tx: &mut Tx, person: &Person, can_call: bool) -> Result<Standing, StoreError> {
    let none = |why| Standing { by: Err(why), named: Named::default(), scope: Scope::Customers(Vec::new()) };
    let account = match accounts::by_id(tx, &person.account).await? {
        None => return Ok(none(Refusal::NobodysToken)),
        Some(account) if account.disabled_at.is_some() => return Ok(none(Refusal::MakerDisabled)),
        Some(account) => account,
    };
    let token: TokenState = polls::get(tx, poll::TOKEN).await?.map(|poll| poll.known()).unwrap_or_default();
    let user = reference::user_by_email(tx, &account.email).await?;
    let view = View { role: account.role, can_call, token: &token, user: user.as_ref() };
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
