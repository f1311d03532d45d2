//! `user` and `token`: who may come in. Prints a link or a token once and keeps only its digest.

use super::{Failure, say};
use crate::config::Config;
use crate::wiring;
use clap::{Args, Subcommand, ValueEnum};
use model::Scope;
use model::person::Role;
use store::accounts::{self, Account};
use store::{Store, StoreError, audit, tokens};

const LINK_LASTS_S: i64 = 3 * 86_400;

#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a person and print the link that sets the password.
    Add(AddUser),
    List,
    /// Ends a person's sessions at once; nothing is deleted.
    Disable {
        email: String,
    },
    Enable {
        email: String,
    },
    /// Print a new link that sets a person's password.
    Link {
        email: String,
    },
}

#[derive(Debug, Args)]
pub struct AddUser {
    #[arg(long)]
    email: String,
    #[arg(long)]
    name: String,
    #[arg(long, value_enum)]
    role: RoleName,
    /// Sees only this customer (its id in the configuration); may be given several times. Without it: everything.
    #[arg(long = "customer")]
    customers: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token and print it, alone and once.
    Create {
        #[arg(long)]
        name: String,
        #[arg(long, value_enum)]
        role: RoleName,
        /// Sees only this customer; may be given several times.
        #[arg(long = "customer")]
        customers: Vec<String>,
        /// Mail address of the account that it belongs to: acts asked for with it are that person's.
        #[arg(long, value_name = "EMAIL")]
        account: Option<String>,
    },
    List,
    /// By id or name.
    Revoke {
        token: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum RoleName {
    Viewer,
    Responder,
    Approver,
    Leader,
    Auditor,
    Admin,
}

impl RoleName {
    const fn role(self) -> Role {
        match self {
            Self::Viewer => Role::Viewer,
            Self::Responder => Role::Responder,
            Self::Approver => Role::Approver,
            Self::Leader => Role::Leader,
            Self::Auditor => Role::Auditor,
            Self::Admin => Role::Admin,
        }
    }
}

const ACTOR: &str = "command line";

pub async fn user(config: &Config, command: User, json: bool) -> Result<(), Failure> {
    let store = wiring::open_store(config)?;
    let base = wiring::base_url(config);
    match command {
        User::Add(asked) => {
            let scope = scope(config, asked.customers)?;
            if !asked.email.contains('@') {
                return Err(Failure::Wrong(format!("{:?} is no mail address", asked.email)));
            }
            let link = add_user(&store, asked.email, asked.name, asked.role.role(), scope).await?;
            tell_link(&base, &link, json);
        }
        User::List => list_users(&store, json).await?,
        User::Disable { email } => set_disabled(&store, email, true).await?,
        User::Enable { email } => set_disabled(&store, email, false).await?,
        User::Link { email } => {
            let link = new_link(&store, email).await?;
            tell_link(&base, &link, json);
        }
    }
    store.close().await;
    Ok(())
}

fn scope(config: &Config, customers: Vec<String>) -> Result<Scope, Failure> {
    if customers.is_empty() {
        return Ok(Scope::All);
    }
    match customers.iter().find(|id| !config.customers.iter().any(|c| c.id == **id)) {
        Some(unknown) => {
            Err(Failure::Wrong(format!("there is no [[customer]] with id {unknown:?} in the configuration")))
        }
        None => Ok(Scope::Customers(customers)),
    }
}

fn tell_link(base: &str, secret: &str, json: bool) {
    let link = format!("{base}/setup/{secret}");
    if json {
        say(serde_json::json!({ "link": link }));
    } else {
        say(link);
    }
}

async fn add_user(store: &Store, email: String, name: String, role: Role, scope: Scope) -> Result<String, StoreError> {
    let (id, _) = web::auth::new_secret();
    let (secret, digest) = web::auth::new_secret();
    store
        .write("add_user", move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let account = Account {
                    id: id.chars().take(16).collect(),
                    email,
                    name,
                    role,
                    scope,
                    password: None,
                    language: None,
                    time_zone: None,
                    created_at: now,
                    disabled_at: None,
                };
                accounts::add(tx, &account).await?;
                accounts::add_link(tx, digest, "set_password", Some(&account.id), now.plus_s(LINK_LASTS_S)).await?;
                let detail = serde_json::json!({ "role": role.as_str() });
                audit::add(tx, ACTOR, "person.add", &account.email, None, &detail).await
            })
        })
        .await?;
    Ok(secret)
}

async fn list_users(store: &Store, json: bool) -> Result<(), StoreError> {
    let accounts = store.read(|tx| Box::pin(accounts::list(tx, &Scope::All))).await?;
    for account in accounts {
        let state = match (account.disabled_at, &account.password) {
            (Some(_), _) => "disabled",
            (None, None) => "invited",
            (None, Some(_)) => "active",
        };
        if json {
            say(serde_json::json!({
                "email": account.email, "name": account.name, "role": account.role.as_str(), "state": state,
                "customers": customers(&account.scope), "created_at": account.created_at.rfc3339(),
            }));
        } else {
            let sees = customers(&account.scope).map_or_else(|| "everything".to_owned(), |list| list.join(", "));
            say(format_args!(
                "{:<32} {:<10} {:<9} {}  {}",
                account.email,
                account.role.as_str(),
                state,
                account.name,
                sees
            ));
        }
    }
    Ok(())
}

fn customers(scope: &Scope) -> Option<Vec<String>> {
    match scope {
        Scope::All => None,
        Scope::Customers(list) => Some(list.clone()),
    }
}

async fn set_disabled(store: &Store, email: String, disabled: bool) -> Result<(), StoreError> {
    store
        .write("set_disabled", move |tx| {
            Box::pin(async move {
                let account = known(tx, &email).await?;
                let works = account.role == Role::Admin && account.disabled_at.is_none() && account.password.is_some();
                if disabled && works && accounts::working_admins(tx).await? == 1 {
                    let text = format!("{email} is the last admin who can sign in: make another one first");
                    return Err(StoreError::Refused(text));
                }
                accounts::set_disabled(tx, &account.id, disabled).await?;
                let action = if disabled { "person.disable" } else { "person.enable" };
                audit::add(tx, ACTOR, action, &account.email, None, &serde_json::json!({})).await
            })
        })
        .await
}

async fn new_link(store: &Store, email: String) -> Result<String, StoreError> {
    let (secret, digest) = web::auth::new_secret();
    store
        .write("new_link", move |tx| {
            Box::pin(async move {
                let account = known(tx, &email).await?;
                let expires_at = tx.now().plus_s(LINK_LASTS_S);
                accounts::add_link(tx, digest, "set_password", Some(&account.id), expires_at).await?;
                audit::add(tx, ACTOR, "person.link", &account.email, None, &serde_json::json!({})).await
            })
        })
        .await?;
    Ok(secret)
}

async fn known(tx: &mut store::Tx, email: &str) -> Result<Account, StoreError> {
    accounts::by_email(tx, email)
        .await?
        .ok_or_else(|| StoreError::Refused(format!("nobody has the address {email}: see `arayashiki user list`")))
}

pub async fn token(config: &Config, command: Token, json: bool) -> Result<(), Failure> {
    let store = wiring::open_store(config)?;
    match command {
        Token::Create { name, role, customers, account } => {
            let scope = scope(config, customers)?;
            let owner = match account {
                Some(email) => owner(&store, email).await?,
                None => ACTOR.to_owned(),
            };
            let token = create_token_for(&store, owner, name, role.role(), scope).await?;
            say(token);
        }
        Token::List => list_tokens(&store, json).await?,
        Token::Revoke { token } => revoke_token(&store, token).await?,
    }
    store.close().await;
    Ok(())
}

/// The account's id, if there is a working one with this address.
async fn owner(store: &Store, email: String) -> Result<String, Failure> {
    let asked = email.clone();
    let account = store.read(move |tx| Box::pin(async move { accounts::by_email(tx, &asked).await })).await?;
    account.filter(|account| account.disabled_at.is_none()).map(|account| account.id).ok_or_else(|| {
        Failure::Failed(format!("{email} has no working account: add it first with `arayashiki user add`"))
    })
}

/// Makes a token that belongs to nobody; its secret is in the answer and nowhere else.
pub async fn create_token(store: &Store, name: String, role: Role, scope: Scope) -> Result<String, StoreError> {
    create_token_for(store, ACTOR.to_owned(), name, role, scope).await
}

async fn create_token_for(
    store: &Store,
    owner: String,
    name: String,
    role: Role,
    scope: Scope,
) -> Result<String, StoreError> {
    let (secret, digest) = web::auth::new_token();
    let (id, _) = web::auth::new_secret();
    store
        .write("create_token", move |tx| {
            Box::pin(async move {
                let token = tokens::Token {
                    id: id.chars().take(12).collect(),
                    name,
                    role,
                    scope,
                    created_by: owner,
                    created_at: tx.now(),
                    used_at: None,
                    revoked_at: None,
                };
                tokens::add(tx, digest, &token).await?;
                let detail = serde_json::json!({ "name": token.name, "role": role.as_str() });
                audit::add(tx, ACTOR, "token.create", &token.id, None, &detail).await
            })
        })
        .await?;
    Ok(secret)
}

async fn list_tokens(store: &Store, json: bool) -> Result<(), StoreError> {
    let tokens = store.read(|tx| Box::pin(tokens::list(tx, &Scope::All))).await?;
    for token in tokens {
        let state = if token.revoked_at.is_some() { "revoked" } else { "active" };
        let used = token.used_at.map_or_else(|| "never used".to_owned(), |at| format!("used {}", at.rfc3339()));
        if json {
            say(serde_json::json!({
                "id": token.id, "name": token.name, "role": token.role.as_str(), "state": state,
                "created_at": token.created_at.rfc3339(), "used_at": token.used_at.map(model::Micros::rfc3339),
            }));
        } else {
            say(format_args!("{:<14} {:<10} {:<8} {}  {}", token.id, token.role.as_str(), state, token.name, used));
        }
    }
    Ok(())
}

async fn revoke_token(store: &Store, token: String) -> Result<(), StoreError> {
    store
        .write("revoke_token", move |tx| {
            Box::pin(async move {
                if tokens::revoke(tx, &token).await? == 0 {
                    let text = format!("no live token has the id or name {token:?}: see `arayashiki token list`");
                    return Err(StoreError::Refused(text));
                }
                audit::add(tx, ACTOR, "token.revoke", &token, None, &serde_json::json!({})).await
            })
        })
        .await
}
