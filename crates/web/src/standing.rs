//! How the mirror is fed: polls, subscriptions, gaps, the backfill under way. Read in a number of statements that does not
//! grow with the rows, and weighed for the pages. Never asks PagerDuty.

use crate::state::Settings;
use crate::view::{Cause, GapRow, PollRow, PollWait, PostTrouble, is_of_pagerduty};
use duties::webhook_guard::{self, State};
use model::connection::{LogState, OpenState, SlackSocket, SlackToken, SubscriptionsState, TokenState, poll};
use model::{Micros, Scope};
use serde::de::DeserializeOwned;
use store::backfills::{self, Backfill, Progress};
use store::gaps::{self, Gap};
use store::ledger::{self, Day};
use store::polls::{self, Poll, Wait};
use store::{StoreError, Tx, duty_state, inbox, posts, processes, sightings};

/// An incident that the API has shown is on its way for so long before it counts as lacking.
pub(crate) const SETTLES_S: i64 = 60;
const GAPS: i64 = 20;
const BACKFILLS: i64 = 20;
/// A day that does not balance is told for a week.
const DAYS: i64 = 7;
/// What stands in the place of a refusal where a poll is switched off.
pub(crate) const OFF: &str = polls::OFF;
/// What is kept beside the polls of PagerDuty and is none of them.
const OF_SLACK: [&str; 2] = [poll::SLACK, poll::SLACK_SOCKET];
/// The mirror counts as old when the log was last read through so long ago, or three polls ago.
const STALE_S: i64 = 300;

#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    pub polls: Vec<Poll>,
    /// What the rounds under way wait for.
    pub waits: Vec<Wait>,
    pub token: TokenState,
    pub subscriptions: SubscriptionsState,
    pub log: LogState,
    pub open: OpenState,
    /// By subscription of ours.
    pub guards: Vec<(String, State)>,
    /// The latest, newest first.
    pub gaps: Vec<Gap>,
    /// Incidents that the API showed and the mirror lacks.
    pub lacking: i64,
    /// The backfill under way, or the next one.
    pub backfill: Option<(Backfill, Progress)>,
    /// A backfill that came to its end without all of its history, while nothing makes up for it.
    pub stopped: Option<Backfill>,
    /// When the oldest signal came that waits to be read.
    pub unread_since: Option<Micros>,
    /// When a process that reads and acts was last heard of.
    pub worker_seen: Option<Micros>,
    /// The last days of the ledger that were closed, the latest first.
    pub days: Vec<Day>,
    /// How Slack's socket is; `None`: it was never opened.
    pub socket: Option<SlackSocket>,
    /// Whose Slack token it is.
    pub slack_token: SlackToken,
    /// What keeps posts in Slack from being shown, the oldest first.
    pub posts: Vec<PostTrouble>,
}

impl Standing {
    pub(crate) async fn load(tx: &mut Tx) -> Result<Self, StoreError> {
        let settled = tx.now().plus_s(-SETTLES_S);
        let (socket, polls): (Vec<Poll>, Vec<Poll>) =
            polls::list(tx, &Scope::All).await?.into_iter().partition(|poll| OF_SLACK.contains(&poll.name.as_str()));
        let guards = duty_state::all::<State>(tx, webhook_guard::DUTY, webhook_guard::VERSION).await?;
        let standing = Self {
            token: known(&polls, poll::TOKEN),
            subscriptions: known(&polls, poll::SUBSCRIPTIONS),
            log: known(&polls, poll::LOG),
            open: known(&polls, poll::OPEN),
            polls,
            waits: polls::list_waits(tx, &Scope::All).await?,
            guards: guards.into_iter().map(|(subscription, state, _)| (subscription, state)).collect(),
            gaps: gaps::list(tx, &Scope::All, GAPS).await?,
            lacking: sightings::lacking(tx, &Scope::All, settled).await?,
            backfill: under_way(tx).await?,
            stopped: stopped(&backfills::list(tx, &Scope::All, BACKFILLS).await?),
            unread_since: inbox::unread_since(tx, &Scope::All).await?,
            worker_seen: processes::worker_seen(tx, &Scope::All).await?,
            days: ledger::list_days(tx, &Scope::All, DAYS).await?,
            slack_token: known(&socket, poll::SLACK),
            socket: socket.iter().find(|poll| poll.name == poll::SLACK_SOCKET).map(Poll::known),
            posts: posts::troubles(tx, &Scope::All).await?.into_iter().map(post_trouble).collect(),
        };
        Ok(standing)
    }

    pub(crate) fn poll(&self, name: &str) -> Option<&Poll> {
        self.polls.iter().find(|poll| poll.name == name)
    }

    /// Every poll, with what its round under way waits for.
    pub(crate) fn poll_rows(&self) -> Vec<PollRow> {
        self.polls.iter().map(|poll| PollRow { wait: self.wait(&poll.name), ..poll_row(poll) }).collect()
    }

    fn wait(&self, name: &str) -> Option<PollWait> {
        let mut waits = self.waits.iter().filter(|wait| wait.poll == name);
        waits.find_map(|wait| Some(PollWait { why: wait.cause.clone()?, since: wait.since, due: wait.due }))
    }

    /// When a poll of PagerDuty last came to its end: its API answered then.
    pub(crate) fn answered_at(&self) -> Option<Micros> {
        let its = self.polls.iter().filter(|poll| is_of_pagerduty(&poll.name));
        its.filter_map(|poll| poll.ended_at).max()
    }

    /// Why the key itself is refused, whatever it asks for.
    pub(crate) fn key_refused(&self) -> Option<&str> {
        self.poll(poll::TOKEN)?.refused.as_deref().filter(|why| Cause::of(why) == Cause::Key)
    }

    /// How old the mirror is, if that is too old.
    pub(crate) fn stale(&self, settings: &Settings, now: Micros) -> Option<Micros> {
        let covered = self.log.covered.filter(|_| settings.is_polling())?;
        (now.since(covered) > stale_after_s(settings) * 1_000_000).then_some(covered)
    }

    /// The key may not read a list, by PagerDuty's name for it.
    pub(crate) fn lacks(&self, list: &str) -> bool {
        self.token.missing.iter().any(|missing| missing.what == list)
    }

    /// PagerDuty refuses what this poll asks for.
    pub(crate) fn refuses(&self, name: &str) -> bool {
        self.poll(name).and_then(|poll| poll.refused.as_deref()).is_some_and(|why| why != OFF)
    }
}

fn post_trouble((channel, why, since, waiting): (String, String, Micros, i64)) -> PostTrouble {
    PostTrouble { channel, why, since, waiting: unsigned(waiting) }
}

pub(crate) fn stale_after_s(settings: &Settings) -> i64 {
    STALE_S.max(settings.poll_s.saturating_mul(3))
}

pub(crate) fn poll_row(poll: &Poll) -> PollRow {
    PollRow {
        name: poll.name.clone(),
        due: poll.due,
        begun_at: poll.begun_at,
        ended_at: poll.ended_at,
        refused: poll.refused.clone().filter(|why| why != OFF),
        is_off: poll.refused.as_deref() == Some(OFF),
        wait: None,
    }
}

pub(crate) fn gap_row(gap: &Gap) -> GapRow {
    GapRow {
        id: gap.id.clone(),
        subscription: gap.subscription.clone(),
        why: gap.why.clone(),
        state: gap.state.clone(),
        since: gap.since,
        until: gap.until,
        pass: unsigned(gap.pass),
        entries: unsigned(gap.entries),
        lacking: unsigned(gap.lacking),
        repaired: unsigned(gap.repaired),
    }
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

fn known<T: DeserializeOwned + Default>(polls: &[Poll], name: &str) -> T {
    polls.iter().find(|poll| poll.name == name).map(Poll::known).unwrap_or_default()
}

async fn under_way(tx: &mut Tx) -> Result<Option<(Backfill, Progress)>, StoreError> {
    let mut live = backfills::live(tx).await?;
    if live.is_empty() {
        return Ok(None);
    }
    let at = live.iter().position(|backfill| backfill.state == "running").unwrap_or(0);
    let backfill = live.swap_remove(at);
    let progress = backfills::progress(tx, &Scope::All, &backfill).await?;
    Ok(Some((backfill, progress)))
}

/// The latest one whose slices failed, unless a later one fetches the same span or has fetched it. What a person stopped
/// says no why.
fn stopped(newest_first: &[Backfill]) -> Option<Backfill> {
    let is_stopped = |one: &Backfill| one.state == "stopped";
    let at = newest_first.iter().position(|one| is_stopped(one) && one.why.is_some())?;
    let (later, failed) = (&newest_first[..at], &newest_first[at]);
    let makes_up = |one: &Backfill| !is_stopped(one) && one.since <= failed.since && one.until >= failed.until;
    (!later.iter().any(makes_up)).then(|| failed.clone())
}
