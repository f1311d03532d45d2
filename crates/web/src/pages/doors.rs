//! The ways in and out: signing in, signing out, and one-time links. Says the same, and takes as long, whether an
//! e-mail is known or not.

use super::{Asks, Door, Sent, html};
use crate::auth::{self, Asked, PasswordFault, Reader, begin, check_password_rules, claimed, forget_cookie, purpose};
use crate::markup::safe_path;
use crate::page;
use crate::problem::Fault;
use crate::server::stranger;
use crate::view::{SetupProblem, SetupState, SetupView, SignInProblem, SignInView};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use futures_util::FutureExt;
use model::Scope;
use model::person::Role;
use serde::Deserialize;
use serde_json::json;
use store::accounts::{self, Account};
use store::{StoreError, Tx, audit, sessions};

/// A refused sign-in is written down at most so often for an account.
const REFUSED_EVERY_S: i64 = 15 * 60;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Arrival {
    next: String,
    ended: String,
    out: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Credentials {
    email: String,
    password: String,
    next: String,
}

pub(super) async fn sign_in_page(
    State(door): State<Door>,
    asked: Asked,
    Asks(arrival): Asks<Arrival>,
) -> Result<Response, Fault> {
    let admins = door.store.read(|tx| Box::pin(accounts::working_admins(tx))).await?;
    let problem = match (arrival.ended.is_empty(), arrival.out.is_empty()) {
        (false, _) => Some(SignInProblem::Ended),
        (_, false) => Some(SignInProblem::SignedOut),
        _ => None,
    };
    door.sign_in_view(
        &asked,
        SignInView { next: arrival.next, problem, no_account_yet: admins == 0, ..SignInView::default() },
    )
}

pub(super) async fn sign_in(
    State(door): State<Door>,
    asked: Asked,
    Sent(form): Sent<Credentials>,
) -> Result<Response, Fault> {
    let begun = match door.tries.begin(&form.email, &asked.from, door.store.clock().now()) {
        Ok(begun) => begun,
        Err(wait_s) => return door.not_in(&asked, form, SignInProblem::TooMany { wait_s }),
    };
    let email = form.email.clone();
    let found = match door.store.read(move |tx| Box::pin(async move { accounts::by_email(tx, &email).await })).await {
        Ok(found) => found,
        Err(error) => {
            door.tries.void(&begun);
            return Err(error.into());
        }
    };
    let hash = found.as_ref().filter(|a| a.disabled_at.is_none()).and_then(|a| a.password.clone());
    let is_right =
        door.passwords.is_right(form.password.clone(), hash).await.inspect_err(|_| door.tries.void(&begun))?;
    let account = match found {
        Some(account) if is_right => account,
        known => {
            door.note_refusal(&asked, known);
            return door.not_in(&asked, form, SignInProblem::Wrong);
        }
    };
    door.tries.right(&begun);
    let next = safe_path(&form.next).to_owned();
    door.let_in(&asked, account.id, &next).await
}

impl Door {
    fn sign_in_view(&self, asked: &Asked, view: SignInView) -> Result<Response, Fault> {
        html(page::sign_in(&stranger(&self.settings, asked, self.store.clock().now()), &view))
    }

    fn not_in(&self, asked: &Asked, form: Credentials, problem: SignInProblem) -> Result<Response, Fault> {
        // The address is a person's: it is told at debug, and in the audit of the account.
        tracing::debug!(from = asked.from, "a sign-in was refused from there");
        tracing::info!(refused = self.tries.refused(), ?problem, "a sign-in was refused");
        let view = SignInView {
            email: form.email.chars().take(254).collect(),
            next: form.next,
            problem: Some(problem),
            no_account_yet: false,
        };
        let mut response = self.sign_in_view(asked, view)?;
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        if let SignInProblem::TooMany { wait_s } = problem {
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert(header::RETRY_AFTER, wait_s.into());
        }
        Ok(response)
    }

    /// Writes down that somebody failed to sign in to an account: once in a while, so that a flood writes nothing more,
    /// and without waiting for it, so that the time an answer takes never tells whether an e-mail is known.
    fn note_refusal(&self, asked: &Asked, known: Option<Account>) {
        let Some(account) = known else { return };
        let trail = json!({ "door": "page", "from": asked.from });
        let unit = self.store.write("refused", move |tx| {
            Box::pin(async move {
                audit::add_seldom(tx, &account.id, "session.refused", &account.email, &trail, REFUSED_EVERY_S).await
            })
        });
        // The first poll hands the unit over; it goes on to its end by itself.
        if let Some(Err(error)) = unit.now_or_never() {
            tracing::warn!(%error, "a refused sign-in could not be written down");
        }
    }

    /// Begins a session, with its audit row.
    async fn let_in(&self, asked: &Asked, account: String, next: &str) -> Result<Response, Fault> {
        let who = asked.clone();
        let secret = self
            .store
            .write("sign_in", move |tx| {
                Box::pin(async move {
                    let secret = begin(tx, &account, &who).await?;
                    let trail = json!({ "door": "page", "from": who.from });
                    audit::add(tx, &account, "session.sign-in", &format!("account/{account}"), None, &trail).await?;
                    Ok(secret)
                })
            })
            .await?;
        Ok(self.with_session(&secret, next))
    }

    fn with_session(&self, secret: &str, next: &str) -> Response {
        let mut response = Redirect::to(next).into_response();
        if let Some(value) = auth::session_cookie(&self.settings, secret) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        response
    }
}

pub(super) async fn sign_out(State(door): State<Door>, reader: Reader) -> Result<Response, Fault> {
    let digest = reader.asked.session.as_deref().and_then(claimed);
    let (actor, trail) = (reader.person.actor(), reader.trail());
    door.store
        .write("sign_out", move |tx| {
            Box::pin(async move {
                if let Some(digest) = digest {
                    sessions::end(tx, digest).await?;
                }
                audit::add(tx, &actor, "session.sign-out", &format!("account/{actor}"), None, &trail).await
            })
        })
        .await?;
    let mut response = Redirect::to("/sign-in?out=1").into_response();
    if let Some(value) = forget_cookie(&door.settings) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    Ok(response)
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct NewAccount {
    email: String,
    name: String,
    password: String,
    password_again: String,
}

/// What a good link is for, and the account that it belongs to.
struct Link {
    digest: [u8; 32],
    account: Option<Account>,
}

impl Link {
    const fn state(&self) -> SetupState {
        if self.account.is_some() { SetupState::Password } else { SetupState::Ready }
    }
}

/// Shows the form. Looking does not use the link up: mail scanners and previews look, too.
pub(super) async fn setup_page(
    State(door): State<Door>,
    asked: Asked,
    Path(secret): Path<String>,
) -> Result<Response, Fault> {
    match door.link(&secret).await? {
        None => door.setup_view(&asked, over(secret), StatusCode::GONE),
        Some(link) => {
            let state = link.state();
            let (email, name) = link.account.map(|a| (a.email, a.name)).unwrap_or_default();
            let view = SetupView { state, token: secret, email, name, problems: Vec::new() };
            door.setup_view(&asked, view, StatusCode::OK)
        }
    }
}

pub(super) async fn setup(
    State(door): State<Door>,
    asked: Asked,
    Path(secret): Path<String>,
    Sent(mut form): Sent<NewAccount>,
) -> Result<Response, Fault> {
    let Some(link) = door.link(&secret).await? else {
        return door.setup_view(&asked, over(secret), StatusCode::GONE);
    };
    let state = link.state();
    if let Some(account) = &link.account {
        (form.email, form.name) = (account.email.clone(), account.name.clone());
    }
    form.email = form.email.trim().to_lowercase();
    form.name = form.name.trim().to_owned();
    let problems = problems(&form);
    if !problems.is_empty() {
        return door.setup_view(&asked, again(state, secret, &form, problems), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let hash = door.passwords.hash(form.password.clone()).await?;
    let (who, new) = (asked.clone(), form.clone());
    let used =
        door.store.write("setup", move |tx| Box::pin(async move { use_link(tx, link, new, hash, &who).await })).await;
    match used {
        Ok(Some(session)) => Ok(door.with_session(&session, "/")),
        Ok(None) => door.setup_view(&asked, over(secret), StatusCode::GONE),
        // The address was taken in the meantime; nothing was written and the link is still good.
        Err(StoreError::Refused(_)) => {
            let view = again(state, secret, &form, vec![SetupProblem::Email]);
            door.setup_view(&asked, view, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => Err(error.into()),
    }
}

impl Door {
    async fn link(&self, secret: &str) -> Result<Option<Link>, Fault> {
        let Some(digest) = claimed(secret) else { return Ok(None) };
        Ok(self.store.read(move |tx| Box::pin(async move { good_link(tx, digest).await })).await?)
    }

    fn setup_view(&self, asked: &Asked, view: SetupView, status: StatusCode) -> Result<Response, Fault> {
        let frame = stranger(&self.settings, asked, self.store.clock().now());
        let mut response = html(page::setup(&frame, &view))?;
        *response.status_mut() = status;
        // The address is a secret: nobody who is linked from here may learn it.
        response.headers_mut().insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
        Ok(response)
    }
}

async fn good_link(tx: &mut Tx, digest: [u8; 32]) -> Result<Option<Link>, StoreError> {
    let Some((purpose, account)) = accounts::link(tx, digest).await? else { return Ok(None) };
    let account = match account {
        Some(id) => accounts::by_id(tx, &id).await?,
        None => None,
    };
    Ok(match (purpose.as_str(), account) {
        (purpose::FIRST_ADMIN, None) => Some(Link { digest, account: None }),
        (purpose::SET_PASSWORD, Some(account)) if account.disabled_at.is_none() => {
            Some(Link { digest, account: Some(account) })
        }
        _ => None,
    })
}

/// Uses the link up, makes or changes the account, and signs its person in: all of it or nothing. `None` if somebody
/// was faster.
async fn use_link(
    tx: &mut Tx,
    link: Link,
    form: NewAccount,
    hash: String,
    asked: &Asked,
) -> Result<Option<String>, StoreError> {
    // One at a time: two links must not make two first administrators.
    tx.lock(&["account/first".to_owned()]).await?;
    if link.account.is_none() && accounts::working_admins(tx).await? > 0 {
        return Ok(None);
    }
    if !accounts::use_link(tx, link.digest).await? {
        return Ok(None);
    }
    let trail = json!({ "door": "page", "from": asked.from });
    let id = match link.account {
        Some(account) => {
            accounts::set_password(tx, &account.id, &hash).await?;
            sessions::revoke_others(tx, &account.id, "").await?;
            audit::add(tx, &account.id, "person.password", &format!("account/{}", account.id), None, &trail).await?;
            account.id
        }
        None => {
            let account = first_admin(tx, form, hash);
            accounts::add(tx, &account).await?;
            audit::add(tx, &account.id, "setup.account", &format!("account/{}", account.id), None, &trail).await?;
            account.id
        }
    };
    begin(tx, &id, asked).await.map(Some)
}

fn first_admin(tx: &Tx, form: NewAccount, hash: String) -> Account {
    Account {
        id: auth::new_id(),
        email: form.email,
        name: form.name,
        role: Role::Admin,
        scope: Scope::All,
        password: Some(hash),
        language: None,
        time_zone: None,
        created_at: tx.now(),
        disabled_at: None,
    }
}

fn problems(form: &NewAccount) -> Vec<SetupProblem> {
    let mut problems = Vec::new();
    let is_email = form.email.len() <= 254
        && form.email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
        && !form.email.chars().any(|c| c.is_whitespace() || c.is_control());
    if !is_email {
        problems.push(SetupProblem::Email);
    }
    if form.name.is_empty() || form.name.chars().count() > 100 {
        problems.push(SetupProblem::Name);
    }
    if form.password != form.password_again {
        problems.push(SetupProblem::PasswordsDiffer);
    }
    match check_password_rules(&form.password, &form.email, &form.name) {
        Ok(()) => {}
        Err(PasswordFault::Short) => problems.push(SetupProblem::PasswordShort { min: auth::MIN_CHARS }),
        Err(PasswordFault::Guessable) => problems.push(SetupProblem::PasswordGuessable),
    }
    problems
}

fn again(state: SetupState, token: String, form: &NewAccount, problems: Vec<SetupProblem>) -> SetupView {
    SetupView { state, token, email: form.email.clone(), name: form.name.clone(), problems }
}

/// Used, run out, or never made: the store does not tell which, and a stranger need not know.
fn over(token: String) -> SetupView {
    SetupView { state: SetupState::Expired, token, email: String::new(), name: String::new(), problems: Vec::new() }
}
