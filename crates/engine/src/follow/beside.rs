//! What follows beside PagerDuty's incidents: presses of buttons, posts, notes, tickets, calendars with their channels, windows of maintenance. Documents come in by the
//! same door as everything.

use super::{After, Context};
use crate::bridges::calendar::Calendar;
use crate::bridges::calendar_poll::{self, Fed, Turned};
use crate::bridges::{push, tickets, windows};
use crate::{buttons, notes};
use model::Micros;
use model::action::Queue;
use model::signal::{Key, Origin, Signal, digest, source};
use store::{StoreError, Tx, inbox, posts, push_channels};

impl Context<'_> {
    pub(super) async fn bridged(&self, tx: &mut Tx, after: After) -> Result<(), StoreError> {
        match after {
            After::Activities { space, hints, newest, more } => {
                tickets::activities(tx, &self.settings.bridges, &space, (hints, newest, more)).await
            }
            After::TicketPage { space, own, tickets: found, since, more } => {
                match self.settings.bridges.space(&space) {
                    Some(space) => tickets::listed(tx, space, own, (&found, since, more)).await,
                    None => Ok(()),
                }
            }
            After::TicketRead { space, raw, asked_at } => self.ticket(tx, &space, raw, asked_at).await,
            After::CalendarPage { calendar, raw, asked_at, since, page, token, read } => {
                self.calendar(tx, (source::CALENDAR_API, &calendar), raw, asked_at).await?;
                let turned = Turned { calendar, since, page, token, read };
                let asked = (&self.job.action.effect, self.job.key.as_str());
                calendar_poll::turned(tx, self.settings, turned, asked).await
            }
            After::CalendarAnew(calendar) => calendar_poll::anew(tx, &calendar, &self.job.key).await,
            After::Feed { calendar, raw, asked_at, etag, last_modified, read } => {
                self.calendar(tx, (source::CALENDAR_FEED, &calendar), raw, asked_at).await?;
                let fed = Fed { etag, last_modified, read };
                calendar_poll::fed(tx, &calendar, Some(fed), &self.job.key).await
            }
            After::FeedUnchanged(calendar) => calendar_poll::fed(tx, &calendar, None, &self.job.key).await,
            After::TicketGone { space, key, asked_at } => {
                tickets::gone(tx, self.settings, &space, &key, asked_at).await
            }
            After::PostShown { post, version, place, ts, digest } => {
                posts::shown(tx, &post, version, (&place, &ts), &digest).await
            }
            After::PostUnchanged { post, version } => posts::unchanged(tx, &post, version).await,
            After::PostTrouble { post, why } => posts::troubled(tx, &post, &why).await,
            After::PostLost(post) => posts::lost(tx, &post).await,
            After::Pressed { signal, claim, press } => {
                buttons::believed(tx, self.settings, (signal, &claim), &press).await
            }
            After::PressDoubted(claim) => buttons::doubted(tx, &claim).await,
            After::NoteStands { incident, name, kept } => notes::stands(tx, &incident, &name, &kept).await,
            other => self.watched(tx, other).await,
        }
    }

    /// What follows for channels of pushes and for windows of maintenance.
    async fn watched(&self, tx: &mut Tx, after: After) -> Result<(), StoreError> {
        match after {
            After::ChannelOpened { channel, resource, expires_at } => {
                push::opened(tx, &channel, &resource, expires_at).await
            }
            After::ChannelFailed { channel, why, never_was } => {
                push_channels::failed(tx, &channel, &why, never_was).await
            }
            After::ChannelTroubled { channel, why } => push_channels::troubled(tx, &channel, &why).await,
            After::ChannelStopped(channel) => push_channels::stopped(tx, &channel).await,
            After::WindowStands { window, version, stands } => windows::stands(tx, &window, version, &stands).await,
            After::WindowOver { window, version } => windows::over(tx, &window, version).await,
            After::WindowGone { window, version } => windows::gone(tx, self.settings, &window, version).await,
            After::WindowTrouble { window, why } => windows::troubled(tx, self.settings, &window, &why).await,
            other => Err(StoreError::Bug(format!("nothing knows what follows from {other:?}"))),
        }
    }

    async fn calendar(
        &self,
        tx: &mut Tx,
        (source, calendar): (&'static str, &str),
        raw: Vec<u8>,
        asked_at: Micros,
    ) -> Result<(), StoreError> {
        let ahead_s = self.settings.bridges.calendar(calendar).map_or(0, Calendar::ahead_s);
        let signal = Signal {
            source,
            key: Key::of(source, &[self.job.key.as_bytes(), &self.job.token.to_le_bytes()]),
            digest: digest(&raw),
            received_at: tx.now(),
            origin: Origin::Repair,
            raw,
            headers: serde_json::json!({ "calendar": calendar, "asked_at": asked_at, "ahead_s": ahead_s }).to_string(),
        };
        inbox::insert(tx, &signal).await.map(|_| ())
    }

    /// A ticket that was read comes in by the same door as everything.
    async fn ticket(&self, tx: &mut Tx, space: &str, raw: Vec<u8>, asked_at: Micros) -> Result<(), StoreError> {
        let headers = serde_json::json!({ "space": space, "asked_at": asked_at });
        let signal = Signal {
            source: source::BACKLOG_API,
            key: Key::of(source::BACKLOG_API, &[self.job.key.as_bytes(), &self.job.token.to_le_bytes()]),
            digest: digest(&raw),
            received_at: tx.now(),
            origin: if self.job.action.queue == Queue::Bulk { Origin::Backfill } else { Origin::Repair },
            raw,
            headers: headers.to_string(),
        };
        inbox::insert(tx, &signal).await.map(|_| ())
    }
}
