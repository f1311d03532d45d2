//! The few commands that following a mailbox takes, each with a time-out of its own and an answer that is looked at to its
//! end: a FETCH that the server refuses is an error here, never an empty mailbox. Knows no cursor.

use super::stream::{Plug, connect};
use super::trouble::{Trouble, TroubleKind, garbled, of_io, of_login, of_mailbox, of_wire, said, slow};
use super::{Done, Mailbox, Settings, name, read};
use async_imap::Session;
use async_imap::imap_proto::{
    AttributeValue, Capability, MailboxDatum, Outcome, RequestId, Response, ResponseCode, Status,
};
use model::Micros;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// One signed-in connection with its mailbox open.
pub struct Wire<'a> {
    session: Session<Plug>,
    settings: &'a Settings,
    stop: &'a CancellationToken,
    can: Can,
    /// The server told of mails since the last list was asked for, and won't tell again.
    has_news: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Can {
    idle: bool,
    mv: bool,
    uid_plus: bool,
}

/// A mail as it stands in the list of its mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    pub uid: u32,
    pub bytes: u32,
    pub at: Option<Micros>,
}

/// What a mailbox was when it was opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opened {
    pub exists: u32,
    pub uid_validity: u32,
    pub uid_next: Option<u32>,
    pub is_read_only: bool,
}

/// Lists are asked for in slices, so that no answer takes too long.
const SLICE: u32 = 1_000;

impl<'a> Wire<'a> {
    /// Connects, signs in and opens the mailbox; for reading only where nothing is to be changed in it.
    pub async fn open(settings: &'a Settings, stop: &'a CancellationToken) -> Result<(Self, Opened), Trouble> {
        let session = stop.run_until_cancelled(sign_in(settings)).await.ok_or_else(Trouble::stopped)??;
        let mut wire = Self { session, settings, stop, can: Can::default(), has_news: false };
        wire.can = wire.capabilities().await?;
        let opened = wire.select().await.map_err(|e| of_mailbox(e, settings))?;
        Ok((wire, opened))
    }

    pub const fn describe(&self, opened: &Opened) -> Mailbox {
        Mailbox {
            exists: opened.exists,
            uid_validity: opened.uid_validity,
            has_idle: self.can.idle,
            has_move: self.can.mv,
            is_read_only: opened.is_read_only,
        }
    }

    async fn capabilities(&mut self) -> Result<Can, Trouble> {
        let mut can = Can::default();
        self.exchange("CAPABILITY", |response| {
            let Response::Capabilities(all) = response else { return };
            let has =
                |word: &str| all.iter().any(|c| matches!(c, Capability::Atom(atom) if atom.eq_ignore_ascii_case(word)));
            can = Can { idle: has("IDLE"), mv: has("MOVE"), uid_plus: has("UIDPLUS") };
        })
        .await?;
        Ok(can)
    }

    async fn select(&mut self) -> Result<Opened, Trouble> {
        let settings = self.settings;
        let mailbox = self.quoted(&settings.mailbox)?;
        let verb = if settings.done == Done::Nothing { "EXAMINE" } else { "SELECT" };
        let mut opened = Opened::default();
        let mut note = |code: &Option<ResponseCode<'_>>| match code {
            Some(ResponseCode::UidValidity(n)) => opened.uid_validity = *n,
            Some(ResponseCode::UidNext(n)) => opened.uid_next = Some(*n),
            Some(ResponseCode::ReadOnly) => opened.is_read_only = true,
            _ => {}
        };
        let mut exists = 0;
        let end = self
            .exchange(&format!("{verb} {mailbox}"), |response| match response {
                Response::MailboxData(MailboxDatum::Exists(n)) => exists = *n,
                Response::Data { outcome, .. } => note(&outcome.code),
                _ => {}
            })
            .await?;
        note(&end);
        opened.exists = exists;
        Ok(opened)
    }

    fn quoted(&self, mailbox: &str) -> Result<String, Trouble> {
        name::mailbox(mailbox).ok_or_else(|| {
            Trouble::new(TroubleKind::Setting, format!("[mail.imap] names the folder {mailbox:?}, which can't be one"))
        })
    }

    /// Lets the server tell what is new.
    pub async fn noop(&mut self) -> Result<(), Trouble> {
        self.exchange("NOOP", |_| {}).await.map(drop)
    }

    /// What lies behind a UID. Servers answer `n:*` with the last mail even if it lies before.
    pub async fn list_after(&mut self, uid: u32) -> Result<Vec<Listed>, Trouble> {
        let Some(first) = uid.checked_add(1) else { return Ok(Vec::new()) };
        self.has_news = false;
        let mut found = self.list(&format!("UID FETCH {first}:*")).await?;
        found.retain(|listed| listed.uid > uid);
        Ok(found)
    }

    /// Everything that lies there.
    pub async fn list_all(&mut self, exists: u32) -> Result<Vec<Listed>, Trouble> {
        let mut found = Vec::new();
        let mut first = 1;
        while first <= exists {
            let last = exists.min(first.saturating_add(SLICE - 1));
            found.extend(self.list(&format!("FETCH {first}:{last}")).await?);
            first = last.saturating_add(1);
        }
        found.sort_unstable();
        found.dedup_by_key(|listed| listed.uid);
        Ok(found)
    }

    async fn list(&mut self, what: &str) -> Result<Vec<Listed>, Trouble> {
        let mut found = BTreeMap::new();
        self.exchange(&format!("{what} (UID INTERNALDATE RFC822.SIZE)"), |response| {
            if let Some(listed) = listed(response) {
                found.insert(listed.uid, listed);
            }
        })
        .await?;
        Ok(found.into_values().collect())
    }

    /// Whether a mail still lies there.
    pub async fn is_there(&mut self, uid: u32) -> Result<bool, Trouble> {
        let found = self.list(&format!("UID FETCH {uid}")).await?;
        Ok(found.iter().any(|listed| listed.uid == uid))
    }

    /// The mails' bytes by UID, without marking them as seen; of each at most the first so many. A mail that is gone is
    /// lacking.
    pub async fn texts(&mut self, uids: &[u32], first_bytes: Option<u32>) -> Result<BTreeMap<u32, Vec<u8>>, Trouble> {
        let part = first_bytes.map(|bytes| format!("<0.{bytes}>")).unwrap_or_default();
        let command = format!("UID FETCH {} (UID BODY.PEEK[]{part})", name::set(uids));
        let limit_ms = self.settings.limits.fetch_ms;
        let mut found = BTreeMap::new();
        self.exchange_within(&command, limit_ms, |response| {
            if let Some((uid, text)) = text(response).filter(|(uid, _)| uids.contains(uid)) {
                found.insert(uid, text);
            }
        })
        .await?;
        Ok(found)
    }

    pub async fn flag(&mut self, uids: &[u32], flag: &str) -> Result<(), Trouble> {
        if !name::is_flag(flag) {
            let text =
                format!("[mail.imap] wants the flag {flag:?}, which can't be one: letters and digits, or \\Seen");
            return Err(Trouble::new(TroubleKind::No, text));
        }
        self.exchange(&format!("UID STORE {} +FLAGS.SILENT ({flag})", name::set(uids)), |_| {}).await.map(drop)
    }

    /// Moves; makes the folder if it is not there.
    pub async fn move_to(&mut self, uids: &[u32], folder: &str) -> Result<(), Trouble> {
        let quoted = self.quoted(folder)?;
        match self.move_once(uids, &quoted).await {
            Err(trouble) if matches!(trouble.kind, TroubleKind::No | TroubleKind::NoTarget) => {
                // Refused if it is there already: then the second try tells why.
                let made = self.exchange(&format!("CREATE {quoted}"), |_| {}).await;
                made.map_or_else(only_if_no_answer, |_| Ok(()))?;
                self.move_once(uids, &quoted).await
            }
            other => other,
        }
    }

    async fn move_once(&mut self, uids: &[u32], quoted: &str) -> Result<(), Trouble> {
        let set = name::set(uids);
        if self.can.mv {
            return self.exchange(&format!("UID MOVE {set} {quoted}"), |_| {}).await.map(drop);
        }
        self.exchange(&format!("UID COPY {set} {quoted}"), |_| {}).await?;
        self.exchange(&format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)"), |_| {}).await?;
        if self.can.uid_plus {
            self.exchange(&format!("UID EXPUNGE {set}"), |_| {}).await?;
        }
        // A plain EXPUNGE would remove what others have marked: without UIDPLUS the mails stay, marked as deleted.
        Ok(())
    }

    /// Waits for news, at most so long. True if the server told of some.
    pub async fn wait(&mut self, longest: Duration) -> Result<bool, Trouble> {
        if self.has_news {
            return Ok(true);
        }
        if self.can.idle {
            let longest = longest.min(Duration::from_millis(self.settings.limits.idle_ms));
            return self.idle(longest).await;
        }
        self.rest(longest).await
    }

    async fn rest(&mut self, longest: Duration) -> Result<bool, Trouble> {
        let rested = self.stop.run_until_cancelled(tokio::time::sleep(longest)).await;
        rested.map(|()| false).ok_or_else(Trouble::stopped)
    }

    async fn idle(&mut self, longest: Duration) -> Result<bool, Trouble> {
        let until = Instant::now() + longest;
        let tag = self.send("IDLE").await?;
        let told = self.idle_until(&tag, until).await;
        if matches!(&told, Ok(None)) {
            // It promised to; then we ask, as with a server that never promised.
            self.can.idle = false;
            return self.rest(longest).await;
        }
        let settings = self.settings;
        // Also before a stop: whoever signs off must not be idling.
        self.session.run_command_untagged("DONE").await.map_err(|e| of_wire(e, settings))?;
        let news = told? == Some(true);
        let limit = Duration::from_millis(settings.limits.command_ms);
        self.finish(&tag, limit, |_| {}).await?;
        Ok(news || self.has_news)
    }

    /// Whether there was news; `None` if the server refuses to idle.
    async fn idle_until(&mut self, tag: &RequestId, until: Instant) -> Result<Option<bool>, Trouble> {
        let limit = Duration::from_millis(self.settings.limits.command_ms);
        let mut news = false;
        loop {
            match self.next(limit, |response| idling(response, tag)).await? {
                Idling::Begun => break,
                Idling::Refused => return Ok(None),
                Idling::Told(is_news) => news |= is_news,
            }
        }
        while !news {
            let left = until.saturating_duration_since(Instant::now());
            match self.next(left, is_news).await {
                Ok(is_news) => news = is_news,
                Err(trouble) if trouble.kind == TroubleKind::Slow => break,
                Err(trouble) => return Err(trouble),
            }
        }
        Ok(Some(news))
    }

    /// Signs off; nobody waits for the answer long.
    pub async fn bye(mut self) {
        let limit = Duration::from_millis(self.settings.limits.command_ms.min(2_000));
        // The connection ends either way.
        let _ = timeout(limit, self.session.logout()).await;
    }

    async fn exchange(
        &mut self,
        command: &str,
        each: impl FnMut(&Response<'_>),
    ) -> Result<Option<ResponseCode<'static>>, Trouble> {
        let limit_ms = self.settings.limits.command_ms;
        self.exchange_within(command, limit_ms, each).await
    }

    /// Sends a command and reads up to its end; the limit is for each answer that it brings.
    async fn exchange_within(
        &mut self,
        command: &str,
        limit_ms: u64,
        each: impl FnMut(&Response<'_>),
    ) -> Result<Option<ResponseCode<'static>>, Trouble> {
        let tag = self.send(command).await?;
        self.finish(&tag, Duration::from_millis(limit_ms), each).await
    }

    async fn send(&mut self, command: &str) -> Result<RequestId, Trouble> {
        let settings = self.settings;
        let limit = Duration::from_millis(settings.limits.command_ms);
        let sent = timeout(limit, self.session.run_command(command)).await;
        sent.map_err(|_| slow(settings))?.map_err(|e| of_wire(e, settings))
    }

    async fn finish(
        &mut self,
        tag: &RequestId,
        limit: Duration,
        mut each: impl FnMut(&Response<'_>),
    ) -> Result<Option<ResponseCode<'static>>, Trouble> {
        let settings = self.settings;
        loop {
            let mut has_news = false;
            let end = self.next(limit, |response| match response {
                Response::Done { tag: of, status, outcome } if of == tag => Some(ended(status, outcome, settings)),
                Response::Data { status: Status::Bye, outcome } => Some(Err(bye(outcome, settings))),
                other => {
                    has_news = is_news(other);
                    each(other);
                    None
                }
            });
            let end = end.await?;
            self.has_news |= has_news;
            if let Some(end) = end {
                return end;
            }
        }
    }

    /// The next thing that the server says, looked at by `read`.
    async fn next<R>(&mut self, limit: Duration, read: impl FnOnce(&Response<'_>) -> R) -> Result<R, Trouble> {
        let settings = self.settings;
        let response = timeout(limit, self.stop.run_until_cancelled(self.session.read_response())).await;
        let response = response.map_err(|_| slow(settings))?.ok_or_else(Trouble::stopped)?;
        let closed = || Trouble::new(TroubleKind::Network, format!("{} closed the connection", settings.host));
        Ok(read(response.map_err(|e| of_io(&e, settings))?.ok_or_else(closed)?.parsed()))
    }
}

async fn sign_in(settings: &Settings) -> Result<Session<Plug>, Trouble> {
    let client = connect(settings).await?;
    let limit = Duration::from_millis(settings.limits.command_ms);
    let signed = timeout(limit, client.login(&settings.user, settings.password.expose())).await;
    signed.map_err(|_| slow(settings))?.map_err(|(error, _)| of_login(error, settings))
}

fn only_if_no_answer(trouble: Trouble) -> Result<(), Trouble> {
    if matches!(trouble.kind, TroubleKind::No | TroubleKind::NoTarget) { Ok(()) } else { Err(trouble) }
}

/// What is said while an IDLE is being begun.
enum Idling {
    Begun,
    Refused,
    Told(bool),
}

fn idling(response: &Response<'_>, tag: &RequestId) -> Idling {
    match response {
        Response::Continue(_) => Idling::Begun,
        Response::Done { tag: of, .. } if of == tag => Idling::Refused,
        other => Idling::Told(is_news(other)),
    }
}

fn ended(
    status: &Status,
    outcome: &Outcome<'_>,
    settings: &Settings,
) -> Result<Option<ResponseCode<'static>>, Trouble> {
    match status {
        Status::Ok => Ok(code(outcome)),
        Status::No | Status::Bad => {
            let is_target = matches!(outcome.code, Some(ResponseCode::TryCreate));
            let kind = if is_target { TroubleKind::NoTarget } else { TroubleKind::No };
            Err(Trouble::new(kind, said(outcome.information.as_deref(), settings)))
        }
        _ => Err(garbled(settings)),
    }
}

/// Only what `select` asks about is kept.
fn code(outcome: &Outcome<'_>) -> Option<ResponseCode<'static>> {
    match outcome.code {
        Some(ResponseCode::ReadOnly) => Some(ResponseCode::ReadOnly),
        Some(ResponseCode::UidValidity(n)) => Some(ResponseCode::UidValidity(n)),
        Some(ResponseCode::UidNext(n)) => Some(ResponseCode::UidNext(n)),
        _ => None,
    }
}

fn bye(outcome: &Outcome<'_>, settings: &Settings) -> Trouble {
    let said = said(outcome.information.as_deref(), settings);
    Trouble::new(TroubleKind::Network, format!("{} closed the connection ({said})", settings.host))
}

fn is_news(response: &Response<'_>) -> bool {
    matches!(response, Response::MailboxData(MailboxDatum::Exists(_) | MailboxDatum::Recent(_)))
}

fn listed(response: &Response<'_>) -> Option<Listed> {
    let Response::Fetch(_, values) = response else { return None };
    let (mut uid, mut bytes, mut at) = (None, None, None);
    for value in values {
        match value {
            AttributeValue::Uid(n) => uid = Some(*n),
            AttributeValue::Rfc822Size(n) => bytes = Some(*n),
            AttributeValue::InternalDate(text) => at = read::internal_date(text),
            _ => {}
        }
    }
    // Changed flags are told in between, with a UID but without a size.
    Some(Listed { uid: uid?, bytes: bytes?, at })
}

fn text(response: &Response<'_>) -> Option<(u32, Vec<u8>)> {
    let Response::Fetch(_, values) = response else { return None };
    let uid = values.iter().find_map(|value| if let AttributeValue::Uid(n) = value { Some(*n) } else { None })?;
    let text = values.iter().find_map(|value| match value {
        AttributeValue::BodySection { section: None, data: Some(data), .. } => Some(data.to_vec()),
        _ => None,
    })?;
    Some((uid, text))
}
