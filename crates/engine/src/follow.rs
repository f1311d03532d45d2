//! What follows from an outcome, written in the transaction that writes it: documents into the inbox by the same door as
//! everything, the next page, how far a poll or a backfill has come. A worker whose lease was lost writes none of it.

mod beside;
mod subscriptions;

use crate::interpret::{Checked, Fetched};
use crate::read::set_timer;
use crate::{Settings, net, poll};
use model::Micros;
use model::action::Action;
use model::connection::{LogState, MissingScope, OpenState, RateSeen, SubscriptionSeen, TokenState, poll as names};
use model::incident::{Fact, Source};
use model::mail::{Cause, Envelope};
use model::reference::Kind;
use model::signal::{Key, Origin, Signal, digest, source};
use model::ticket::{Hint, Ticket, Who};
use std::collections::BTreeMap;
use store::actions::{self, Doing};
use store::jobs::Claimed;
use store::own_windows::Stands;
use store::{
    StoreError, Tx, backfills, callouts, canaries, dirty, facts, gaps, inbox, incidents, polls, reference, sightings,
};

/// Which facts a page holds: what it takes to ask whether they are known.
pub type Ids = Vec<(String, Source, String)>;

/// One thing that follows.
#[derive(Clone, Debug)]
pub enum After {
    Timer(duties::Timer),
    Next(Box<Action>),
    /// A document that we fetched. With a list of its facts, only if one of them is new.
    Document {
        fetched: Fetched,
        raw: Vec<u8>,
        origin: Origin,
        unless_known: Option<Ids>,
    },
    /// The API was seen to have these.
    Sightings(Vec<String>),
    /// A page of the open incidents.
    OpenPage {
        ids: Vec<String>,
        is_first: bool,
        is_last: bool,
    },
    /// A page of what is configured: kept only if it says something new, marked as seen all the same.
    ReferencePage {
        fetched: Fetched,
        raw: Vec<u8>,
        ids: Vec<String>,
        offset: u32,
        is_last: bool,
    },
    /// The API shows this incident no more.
    NotShown(String),
    /// A page of the log was fetched by the poll.
    LogPage {
        ids: Ids,
        covered: Option<Micros>,
        rate: RateSeen,
        is_cut: bool,
    },
    /// A page of the log was fetched to fill a gap.
    GapPage {
        gap: String,
        pass: i64,
        ids: Ids,
        until: Micros,
        is_last: bool,
    },
    BackfillPage {
        backfill: String,
        page: backfills::Page,
    },
    BackfillSplit {
        backfill: String,
        step: i64,
        since: Micros,
        until: Micros,
    },
    /// A call for a single incident of history.
    BackfillCall,
    Looked(Vec<SubscriptionSeen>),
    /// Whose key it is and whether it may write; which lists it may read is asked next.
    Token(TokenState),
    /// Which of these lists the key may not read.
    Scopes {
        asked: Vec<&'static str>,
        missing: Vec<MissingScope>,
        is_last: bool,
    },
    /// A round of a poll came to its end, and knows nothing but that.
    PollEnded(String),
    PollRefused {
        poll: String,
        why: String,
    },
    /// An incident was changed by us: read it at once.
    Reread(String),
    /// Look at the subscriptions now.
    LookAgain,
    /// A page of the incidents of the last minutes.
    RecentPage {
        is_last: bool,
    },
    /// What we paged was seen: open and assigned, or dealt with.
    Seen {
        dedup_key: String,
        paged_at: Micros,
        incident: String,
    },
    /// PagerDuty took it a minute ago and shows nothing.
    Unseen(String),
    /// What kept an alert from becoming an incident.
    Causes {
        net: String,
        generation: i64,
        causes: Vec<Cause>,
    },
    Checked(Checked),
    CanaryStep {
        canary: String,
        step: canaries::Step,
    },
    CalloutSent(String),
    /// A post stands there and says this version.
    PostShown {
        post: String,
        version: i64,
        place: String,
        ts: String,
        digest: String,
    },
    /// It said so already.
    PostUnchanged {
        post: String,
        version: i64,
    },
    /// What happened in a space of Backlog.
    Activities {
        space: String,
        hints: Vec<Hint>,
        newest: Option<i64>,
        more: bool,
    },
    TicketPage {
        space: String,
        /// Whose key it is, with the first page of a round.
        own: Option<Who>,
        tickets: Vec<Ticket>,
        since: Micros,
        more: Option<u32>,
    },
    /// A ticket whole, as it came.
    TicketRead {
        space: String,
        raw: Vec<u8>,
        asked_at: Micros,
    },
    /// A page of a calendar's events.
    CalendarPage {
        calendar: String,
        raw: Vec<u8>,
        asked_at: Micros,
        since: Option<Micros>,
        page: Option<String>,
        token: Option<String>,
        read: crate::bridges::Read,
    },
    /// Its token is no longer good: all of it is listed.
    CalendarAnew(String),
    Feed {
        calendar: String,
        raw: Vec<u8>,
        asked_at: Micros,
        etag: Option<String>,
        last_modified: Option<String>,
        read: crate::bridges::Read,
    },
    FeedUnchanged(String),
    /// Google tells of a calendar's changes by this channel.
    ChannelOpened {
        channel: String,
        resource: String,
        expires_at: Micros,
    },
    /// It was refused, so that it `never_was`; or its answer was lost.
    ChannelFailed {
        channel: String,
        why: String,
        never_was: bool,
    },
    /// It is asked for again, in vain so far.
    ChannelTroubled {
        channel: String,
        why: String,
    },
    ChannelStopped(String),
    /// A maintenance window of ours is as this version of it wants it.
    WindowStands {
        window: String,
        version: i64,
        stands: Stands,
    },
    /// It is over in PagerDuty, and was to be by this version.
    WindowOver {
        window: String,
        version: i64,
    },
    /// Somebody ended it in PagerDuty.
    WindowGone {
        window: String,
        version: i64,
    },
    WindowTrouble {
        window: String,
        why: duties::calendar::WindowTrouble,
    },
    TicketGone {
        space: String,
        key: String,
        asked_at: Micros,
    },
    /// A button was pressed in PagerDuty, as its log shows.
    Pressed {
        signal: i64,
        claim: model::press::Claim,
        press: connectors::pagerduty::Press,
    },
    /// A press that its log does not show.
    PressDoubted(model::press::Claim),
    /// A note of ours, and whether it can still be changed.
    NoteStands {
        incident: String,
        name: String,
        kept: crate::notes::Kept,
    },
    PostTrouble {
        post: String,
        why: String,
    },
    /// Somebody deleted it over there.
    PostLost(String),
    /// A mail that lay elsewhere.
    Mail {
        envelope: Box<Envelope>,
        raw: Vec<u8>,
    },
}

/// The identities of facts.
pub fn ids(facts: &[Fact]) -> Ids {
    facts.iter().map(|fact| (fact.incident.clone(), fact.source, fact.source_id.clone())).collect()
}

pub struct Context<'a> {
    pub job: &'a Claimed,
    pub settings: &'a Settings,
}

impl Context<'_> {
    /// In one order of rows for everybody, so that two workers never wait for each other: documents, which share the
    /// receipts' row, come last.
    pub async fn write(&self, tx: &mut Tx, after: Vec<After>) -> Result<(), StoreError> {
        let (documents, others): (Vec<_>, Vec<_>) = after
            .into_iter()
            .enumerate()
            .partition(|(_, one)| matches!(one, After::Document { .. } | After::ReferencePage { .. }));
        for (n, one) in others.into_iter().chain(documents) {
            self.one(tx, n, one).await?;
        }
        Ok(())
    }

    async fn one(&self, tx: &mut Tx, n: usize, after: After) -> Result<(), StoreError> {
        match after {
            After::Timer(timer) => set_timer(tx, timer).await,
            After::Next(action) => actions::add(tx, &action, Doing::Really).await.map(|_| ()),
            After::Document { fetched, raw, origin, unless_known } => {
                let is_news = match &unless_known {
                    Some(ids) => facts::unknown(tx, ids).await? > 0,
                    None => true,
                };
                if is_news { self.document(tx, n, &fetched, raw, origin).await } else { Ok(()) }
            }
            After::Sightings(ids) => sightings::seen(tx, &ids).await.map(|_| ()),
            After::OpenPage { ids, is_first, is_last } => open_page(tx, ids, is_first, is_last).await,
            After::ReferencePage { fetched, raw, ids, offset, is_last } => {
                self.reference_page(tx, n, fetched, raw, (ids, offset, is_last)).await
            }
            After::NotShown(incident) => {
                incidents::hide(tx, &incident).await?;
                dirty::clear(tx, dirty::READ, &incident).await
            }
            After::LogPage { ids, covered, rate, is_cut } => {
                log_page(tx, &ids, covered, rate, is_cut).await?;
                if covered.is_some() { self.unlisted(tx, n).await } else { Ok(()) }
            }
            After::GapPage { gap, pass, ids, until, is_last } => gap_page(tx, &gap, pass, &ids, until, is_last).await,
            After::BackfillPage { backfill, page } => {
                backfills::page(tx, &backfill, &page).await?;
                // The next slice follows at once, not with the next tick.
                if page.is_last { poll::backfill_goes_on(tx, &backfill).await } else { Ok(()) }
            }
            After::BackfillSplit { backfill, step, since, until } => {
                backfills::split(tx, &backfill, step, since, until).await
            }
            After::BackfillCall => backfills::called_live(tx).await,
            After::Looked(seen) => self.looked(tx, n, seen).await,
            After::Token(state) => token(tx, state).await,
            After::Scopes { asked, missing, is_last } => scopes(tx, &asked, missing, is_last).await,
            After::PollEnded(name) => polls::ended::<()>(tx, &name, None).await,
            After::PollRefused { poll, why } => polls::refuse(tx, &poll, &why).await,
            After::Reread(incident) => reread(tx, &incident, self.job.action.customer.clone()).await,
            After::LookAgain => polls::hurry(tx, names::SUBSCRIPTIONS).await,
            After::RecentPage { is_last } if is_last => polls::ended::<()>(tx, names::RECENT, None).await,
            After::RecentPage { .. } => Ok(()),
            After::Seen { dedup_key, paged_at, incident } => {
                net::seen(tx, self.settings, (&dedup_key, Some(paged_at)), &incident).await
            }
            After::Unseen(dedup_key) => net::unseen(tx, &dedup_key).await,
            After::Causes { net, generation, causes } => {
                net::explained(tx, self.settings, (&net, generation), causes).await
            }
            After::Checked(checked) => self.checked(tx, &checked).await,
            After::CanaryStep { canary, step } => net::canary_step(tx, &canary, step).await,
            After::Mail { envelope, raw } => crate::post::insert(tx, &envelope, raw, Origin::Live).await.map(|_| ()),
            After::CalloutSent(id) => callouts::sent(tx, &id).await,
            other => self.bridged(tx, other).await,
        }
    }

    async fn document(
        &self,
        tx: &mut Tx,
        n: usize,
        fetched: &Fetched,
        raw: Vec<u8>,
        origin: Origin,
    ) -> Result<(), StoreError> {
        let headers = serde_json::to_string(fetched).map_err(|e| StoreError::Bug(e.to_string()))?;
        let parts: [&[u8]; 3] = [self.job.key.as_bytes(), &self.job.token.to_le_bytes(), &n.to_le_bytes()];
        let signal = Signal {
            source: source::PAGERDUTY_API,
            key: Key::of(source::PAGERDUTY_API, &parts),
            digest: digest(&raw),
            received_at: tx.now(),
            origin,
            raw,
            headers,
        };
        inbox::insert(tx, &signal).await.map(|_| ())
    }

    /// It comes in by the same door as everything.
    async fn checked(&self, tx: &mut Tx, checked: &Checked) -> Result<(), StoreError> {
        let raw = serde_json::to_vec(checked).map_err(|e| StoreError::Bug(e.to_string()))?;
        let signal = Signal {
            source: source::MAIL_CHECK,
            key: Key::of(source::MAIL_CHECK, &[self.job.key.as_bytes(), &self.job.token.to_le_bytes()]),
            digest: digest(&raw),
            received_at: tx.now(),
            origin: Origin::Live,
            raw,
            headers: "{}".to_owned(),
        };
        inbox::insert(tx, &signal).await.map(|_| ())
    }

    async fn reference_page(
        &self,
        tx: &mut Tx,
        n: usize,
        fetched: Fetched,
        raw: Vec<u8>,
        (ids, offset, is_last): (Vec<String>, u32, bool),
    ) -> Result<(), StoreError> {
        let Fetched::Reference { of, asked_at } = fetched else { return Ok(()) };
        // The span of shifts moves with the day: no page of theirs comes twice.
        if of == Kind::Shift {
            return self.document(tx, n, &fetched, raw, Origin::Repair).await;
        }
        let name = format!("{}{}", names::REFERENCE, of.as_str());
        let Some(poll) = polls::get(tx, &name).await? else { return Ok(()) };
        let mut pages: BTreeMap<u32, String> = poll.known();
        let new = model::connection::short_digest(&raw);
        // A page that is not there any more is news when it comes back: its things have gone with the round.
        let had = pages.len();
        pages.retain(|at, _| !is_last || *at <= offset);
        if pages.get(&offset) == Some(&new) {
            if pages.len() < had {
                polls::keep(tx, &name, &pages).await?;
            }
            return reference::seen(tx, of, &ids, asked_at).await;
        }
        pages.insert(offset, new);
        polls::keep(tx, &name, &pages).await?;
        self.document(tx, n, &fetched, raw, Origin::Repair).await
    }
}

/// The last page of a round shows as well what is open here and not there any more: it is read.
async fn open_page(tx: &mut Tx, ids: Vec<String>, is_first: bool, is_last: bool) -> Result<(), StoreError> {
    let lacked = sightings::seen(tx, &ids).await?;
    let Some(poll) = polls::get(tx, names::OPEN).await? else { return Ok(()) };
    let mut state: OpenState = poll.known();
    if is_first {
        state = OpenState::default();
    }
    state.seen.extend(ids);
    state.seen.sort();
    state.seen.dedup();
    state.lacked += lacked;
    if !is_last {
        return polls::keep(tx, names::OPEN, &state).await;
    }
    let begun_at = poll.begun_at.unwrap_or_else(|| tx.now());
    let mut alone = incidents::open_since_before(tx, begun_at).await?;
    alone.retain(|id| state.seen.binary_search(id).is_err());
    alone.sort();
    state.ours_alone = i64::try_from(alone.len()).unwrap_or(i64::MAX);
    tx.lock(&alone).await?;
    for id in alone {
        dirty::mark(tx, dirty::READ, &id, Origin::Repair).await?;
        let customer = incidents::customer_of(tx, &id).await?;
        crate::read::ask_for_reading(tx, &id, customer, true).await?;
    }
    state.shown = i64::try_from(state.seen.len()).unwrap_or(i64::MAX);
    state.seen.clear();
    polls::ended(tx, names::OPEN, Some(&state)).await
}

async fn token(tx: &mut Tx, mut state: TokenState) -> Result<(), StoreError> {
    // Until the lists have been asked for once more, what was known of them stands.
    if let Some(poll) = polls::get(tx, names::TOKEN).await? {
        state.missing = poll.known::<TokenState>().of_key(&state.key).missing;
    }
    polls::ended(tx, names::TOKEN, Some(&state)).await
}

async fn scopes(tx: &mut Tx, asked: &[&str], missing: Vec<MissingScope>, is_last: bool) -> Result<(), StoreError> {
    let Some(poll) = polls::get(tx, names::TOKEN).await? else { return Ok(()) };
    let mut state: TokenState = poll.known();
    state.missing.retain(|one| !asked.contains(&one.what.as_str()));
    state.missing.extend(missing);
    if is_last {
        polls::ended(tx, names::TOKEN, Some(&state)).await
    } else {
        polls::keep(tx, names::TOKEN, &state).await
    }
}

async fn log_page(
    tx: &mut Tx,
    ids: &Ids,
    covered: Option<Micros>,
    rate: RateSeen,
    is_cut: bool,
) -> Result<(), StoreError> {
    let news = facts::unknown(tx, ids).await?;
    let Some(poll) = polls::get(tx, names::LOG).await? else { return Ok(()) };
    let mut state: LogState = poll.known();
    if news > 0 {
        state.news_at = Some(tx.now());
    }
    if covered.is_none() {
        return if news > 0 { polls::keep(tx, names::LOG, &state).await } else { Ok(()) };
    }
    state.covered = covered;
    state.rate = Some(rate);
    polls::ended(tx, names::LOG, Some(&state)).await?;
    // A window that was cut short is followed at once by the rest.
    if is_cut { polls::hurry(tx, names::LOG).await } else { Ok(()) }
}

async fn gap_page(tx: &mut Tx, id: &str, pass: i64, ids: &Ids, until: Micros, is_last: bool) -> Result<(), StoreError> {
    let lacking = facts::unknown(tx, ids).await?;
    let entries = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    gaps::page(tx, id, pass, entries, lacking).await?;
    let Some(gap) = gaps::get(tx, id).await?.filter(|_| is_last) else { return Ok(()) };
    let end = gap.until.unwrap_or(until);
    if until < end {
        let next = poll::gap_action(&gap, until, end, 0);
        return actions::add(tx, &next, Doing::Really).await.map(|_| ());
    }
    gaps::filled(tx, id, pass).await
}

async fn reread(tx: &mut Tx, incident: &str, customer: Option<String>) -> Result<(), StoreError> {
    tx.lock(&[incident.to_owned()]).await?;
    dirty::mark(tx, dirty::READ, incident, Origin::Repair).await?;
    crate::read::ask_for_reading(tx, incident, customer, true).await
}
