//! The life of one followed mailbox: connect, look, wait, again, through every trouble. Hands over before it marks, marks
//! before it moves the cursor; never hurries after a refusal.

use super::groups::groups;
use super::trouble::garbled;
use super::wire::{Listed, Opened, Wire};
use super::{Cursor, Done, Fetched, Mailbox, NotTaken, Settings, Status, Taken, Trouble, TroubleKind, read};
use futures_util::FutureExt;
use futures_util::future::join_all;
use model::Micros;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// After a restore, what is older than this before the newest known is left alone, as at a first contact.
const SHOWN_AGAIN_MS: i64 = 3 * 86_400_000;
/// Clocks of servers on the way differ; and a mail may wait for its delivery.
const WAY_SLACK_MS: i64 = 3_600_000;
/// How often a mail that can't be read is asked for whole, and then for its beginning, before a note stands for it.
const WHOLE_TRIES: u32 = 2;
const PART_TRIES: u32 = 4;
/// News that bring no mail so often in a row are a server's own affair: then we rest.
const EMPTY_WAKES: u32 = 5;

/// Follows until `stop`. `deliver` answers Ok only once the mail is durable, `keep` once the cursor is.
pub async fn follow(
    settings: Settings,
    cursor: Option<Cursor>,
    deliver: impl Fn(Fetched) -> Taken + Send + Sync,
    keep: impl Fn(Cursor) -> Taken + Send + Sync,
    tell: impl Fn(Status) + Send + Sync,
    stop: CancellationToken,
) {
    let mut follower = Follower {
        settings: &settings,
        deliver: &deliver,
        keep: &keep,
        tell: &tell,
        stop: &stop,
        cursor,
        is_kept: true,
        shown: None,
        tries: BTreeMap::new(),
        failures: 0,
    };
    while !stop.is_cancelled() {
        // A parser that stumbles over a server's bytes costs this connection, not the following.
        let life = AssertUnwindSafe(follower.connection()).catch_unwind().await;
        let trouble = match life.unwrap_or_else(|_| Err(garbled(&settings))) {
            Ok(()) => continue,
            Err(trouble) if trouble.kind == TroubleKind::Stopped => continue,
            Err(trouble) => trouble,
        };
        follower.rest(trouble).await;
    }
}

/// Connects, signs in, opens the mailbox and leaves again.
pub async fn look_in(settings: &Settings) -> Result<Mailbox, Trouble> {
    let stop = CancellationToken::new();
    let looked = async {
        let (wire, opened) = Wire::open(settings, &stop).await?;
        let mailbox = wire.describe(&opened);
        wire.bye().await;
        Ok(mailbox)
    };
    AssertUnwindSafe(looked).catch_unwind().await.unwrap_or_else(|_| Err(garbled(settings)))
}

struct Follower<'a, D, K, T> {
    settings: &'a Settings,
    deliver: &'a D,
    keep: &'a K,
    tell: &'a T,
    stop: &'a CancellationToken,
    cursor: Option<Cursor>,
    /// Whether the caller has the cursor too.
    is_kept: bool,
    /// What has been shown of a mailbox that was numbered anew, so that a cut does not begin again.
    shown: Option<(u32, BTreeSet<u32>)>,
    /// Mails that could not be read, and how often.
    tries: BTreeMap<u32, u32>,
    failures: u32,
}

/// What became of a group: the first so many are the caller's, or gone.
struct Passed {
    taken: Vec<u32>,
    gone: u32,
    last_uid: Option<u32>,
    newest: Option<Micros>,
    failed: Option<NotTaken>,
}

impl<D, K, T> Follower<'_, D, K, T>
where
    D: Fn(Fetched) -> Taken + Send + Sync,
    K: Fn(Cursor) -> Taken + Send + Sync,
    T: Fn(Status) + Send + Sync,
{
    /// From connecting to the end of the connection.
    async fn connection(&mut self) -> Result<(), Trouble> {
        let (mut wire, opened) = Wire::open(self.settings, self.stop).await?;
        (self.tell)(Status::Connected(wire.describe(&opened)));
        let ended = self.serve(&mut wire, &opened).await;
        if self.stop.is_cancelled() {
            wire.bye().await;
        }
        ended
    }

    async fn serve(&mut self, wire: &mut Wire<'_>, opened: &Opened) -> Result<(), Trouble> {
        let mut cursor = match self.cursor {
            None => self.baseline(wire, opened).await?,
            Some(cursor) if is_another(opened, cursor) => self.renumbered(wire, opened, cursor).await?,
            Some(cursor) => cursor,
        };
        self.keep_pending().await?;
        let mut empty_wakes = 0;
        while !self.stop.is_cancelled() {
            let before = cursor.last_uid;
            cursor = self.look(wire, cursor).await?;
            self.failures = 0;
            let woken = wire.wait(self.settings.poll).await?;
            empty_wakes = if woken && cursor.last_uid == before { empty_wakes + 1 } else { 0 };
            if empty_wakes > EMPTY_WAKES {
                self.pause(self.settings.limits.wait_ms).await;
            }
            wire.noop().await?;
        }
        Ok(())
    }

    /// The first contact: what lies there is left alone.
    async fn baseline(&mut self, wire: &mut Wire<'_>, opened: &Opened) -> Result<Cursor, Trouble> {
        let all = wire.list_all(opened.exists).await?;
        // A mail of the same second that comes later is not old, so what lies there is older by a microsecond.
        let newest = newest(&all).map(|at| Micros(at.0.saturating_add(1)));
        let cursor = cursor_behind(opened, &all, newest);
        self.advance(cursor).await;
        (self.tell)(Status::Baseline { left_alone: count(all.len()) });
        Ok(cursor)
    }

    /// The UIDs mean nothing any more: old and new are told apart by when the server took them. New ones go first.
    async fn renumbered(&mut self, wire: &mut Wire<'_>, opened: &Opened, known: Cursor) -> Result<Cursor, Trouble> {
        let all = wire.list_all(opened.exists).await?;
        let is_old =
            |listed: &Listed| listed.at.zip(known.newest_internal_date).is_some_and(|(at, newest)| at < newest);
        let (old, new): (Vec<Listed>, Vec<Listed>) = all.iter().partition(|listed| is_old(listed));
        let shown_from = known.newest_internal_date.map(|newest| newest.plus_ms(-SHOWN_AGAIN_MS));
        let shown: Vec<Listed> = old.iter().filter(|listed| listed.at >= shown_from).copied().collect();
        let numbers = Status::Renumbered {
            new: count(new.len()),
            old: count(shown.len()),
            left_alone: count(old.len() - shown.len()),
        };
        self.show(wire, opened.uid_validity, &new, known.newest_internal_date, false).await?;
        self.show(wire, opened.uid_validity, &shown, known.newest_internal_date, true).await?;
        let cursor = cursor_behind(opened, &all, newest(&all).max(known.newest_internal_date));
        self.tries.clear();
        self.shown = None;
        self.advance(cursor).await;
        (self.tell)(numbers);
        Ok(cursor)
    }

    async fn show(
        &mut self,
        wire: &mut Wire<'_>,
        uid_validity: u32,
        listed: &[Listed],
        newest: Option<Micros>,
        is_old: bool,
    ) -> Result<(), Trouble> {
        let (_, shown) = self.shown.take().filter(|(of, _)| *of == uid_validity).unwrap_or_default();
        let left: Vec<Listed> = listed.iter().filter(|one| !shown.contains(&one.uid)).copied().collect();
        self.shown = Some((uid_validity, shown));
        for group in groups(&left, self.settings.limits.whole_bytes, !self.tries.is_empty()) {
            let before = newest.map(|newest| newest.plus_ms(-WAY_SLACK_MS));
            let age = |raw: &[u8]| is_old || read::received_at(raw).zip(before).is_some_and(|(at, before)| at < before);
            let passed = self.take(wire, uid_validity, group, age).await?;
            if let Some((_, shown)) = &mut self.shown {
                shown.extend(group.iter().map(|one| one.uid).take_while(|uid| Some(*uid) <= passed.last_uid));
            }
            if !is_old {
                self.mark(wire, &passed.taken).await?;
            }
            passed.failed.map_or(Ok(()), |not| Err(not_taken(&not)))?;
        }
        Ok(())
    }

    /// One look at what has come since.
    async fn look(&mut self, wire: &mut Wire<'_>, mut cursor: Cursor) -> Result<Cursor, Trouble> {
        let news = wire.list_after(cursor.last_uid).await?;
        let (mut delivered, mut gone) = (0, 0);
        for group in groups(&news, self.settings.limits.whole_bytes, !self.tries.is_empty()) {
            let passed = self.take(wire, cursor.uid_validity, group, |_| false).await?;
            self.mark(wire, &passed.taken).await?;
            if let Some(last_uid) = passed.last_uid {
                let newest_internal_date = cursor.newest_internal_date.max(passed.newest);
                cursor = Cursor { last_uid, newest_internal_date, ..cursor };
                self.advance(cursor).await;
            }
            delivered += count(passed.taken.len());
            gone += passed.gone;
            passed.failed.map_or(Ok(()), |not| Err(not_taken(&not)))?;
            self.keep_pending().await?;
        }
        (self.tell)(Status::Looked { delivered, gone });
        Ok(cursor)
    }

    /// Reads a group and hands it over. Stops counting at the first mail that was not taken.
    async fn take(
        &mut self,
        wire: &mut Wire<'_>,
        uid_validity: u32,
        group: &[Listed],
        is_old: impl Fn(&[u8]) -> bool,
    ) -> Result<Passed, Trouble> {
        let read = self.read(wire, group).await?;
        let header = self.settings.recipient_header.as_deref();
        let asked = read.iter().map(|(listed, text)| async {
            let Some((raw, note)) = text else { return Ok(false) };
            let fetched = Fetched {
                raw: raw.clone(),
                uid: listed.uid,
                uid_validity,
                received_at: listed.at,
                is_old: is_old(raw),
                return_path: read::return_path(raw),
                recipient: header.and_then(|name| read::recipient(raw, name)),
                note: note.clone(),
            };
            (self.deliver)(fetched).await.map(|()| true)
        });
        Ok(passed(&read, join_all(asked).await))
    }

    /// The texts of a group, `None` for what is gone. A mail that makes trouble is read alone, then in part; in the end a
    /// note stands for it, so that it holds up nobody.
    async fn read(&mut self, wire: &mut Wire<'_>, group: &[Listed]) -> Result<Vec<(Listed, Option<Text>)>, Trouble> {
        let limits = &self.settings.limits;
        let [one] = group else {
            let uids: Vec<u32> = group.iter().map(|listed| listed.uid).collect();
            let texts = wire.texts(&uids, None).await.inspect_err(|_| self.failed_at(uids[0]))?;
            return self.checked(wire, group, texts, None).await;
        };
        let tries = self.tries.get(&one.uid).copied().unwrap_or_default();
        if tries >= PART_TRIES {
            self.tries.remove(&one.uid);
            return Ok(vec![(*one, Some(stand_in(one)))]);
        }
        let is_large = one.bytes > limits.whole_bytes;
        let in_part = is_large || tries >= WHOLE_TRIES;
        let note = in_part.then(|| in_part_note(one, limits.part_bytes, is_large));
        let first_bytes = in_part.then_some(limits.part_bytes);
        let texts = wire.texts(&[one.uid], first_bytes).await.inspect_err(|_| self.failed_at(one.uid))?;
        let read = self.checked(wire, group, texts, note).await?;
        self.tries.remove(&one.uid);
        Ok(read)
    }

    /// A text that did not come is either gone, or has to be asked for again.
    async fn checked(
        &mut self,
        wire: &mut Wire<'_>,
        group: &[Listed],
        mut texts: BTreeMap<u32, Vec<u8>>,
        note: Option<String>,
    ) -> Result<Vec<(Listed, Option<Text>)>, Trouble> {
        let mut read = Vec::new();
        for listed in group {
            let text = texts.remove(&listed.uid);
            if text.is_none() && wire.is_there(listed.uid).await? {
                self.failed_at(listed.uid);
                let text =
                    format!("{} lists the mail with UID {} and does not give it", self.settings.host, listed.uid);
                return Err(Trouble::new(TroubleKind::No, text));
            }
            read.push((*listed, text.map(|raw| (raw, note.clone()))));
        }
        Ok(read)
    }

    fn failed_at(&mut self, uid: u32) {
        if !self.stop.is_cancelled() {
            *self.tries.entry(uid).or_default() += 1;
        }
    }

    /// Flags or moves what was taken. A refusal is told and holds up nothing: the mails are safe.
    async fn mark(&mut self, wire: &mut Wire<'_>, uids: &[u32]) -> Result<(), Trouble> {
        if uids.is_empty() {
            return Ok(());
        }
        let marked = match &self.settings.done {
            Done::Nothing => Ok(()),
            Done::Flag(flag) => wire.flag(uids, flag).await,
            Done::Move(folder) => wire.move_to(uids, folder).await,
        };
        match marked {
            Err(Trouble { kind: TroubleKind::No | TroubleKind::NoTarget | TroubleKind::Setting, text }) => {
                let mailbox = &self.settings.mailbox;
                let text = format!(
                    "{} mails are taken, but stay in {mailbox} as they were: the server refuses to flag or move them \
                     ({text}); check [mail.imap] done and what the user may there",
                    uids.len()
                );
                (self.tell)(Status::NotDone { text });
                Ok(())
            }
            other => other,
        }
    }

    async fn advance(&mut self, cursor: Cursor) {
        self.cursor = Some(cursor);
        self.is_kept = (self.keep)(cursor).await.is_ok();
    }

    /// A cursor that could not be kept is kept before anything else is taken.
    async fn keep_pending(&mut self) -> Result<(), Trouble> {
        let Some(cursor) = self.cursor.filter(|_| !self.is_kept) else { return Ok(()) };
        (self.keep)(cursor).await.map_err(|not| not_taken(&not))?;
        self.is_kept = true;
        Ok(())
    }

    /// Tells, and waits longer each time; much longer where only a person can help.
    async fn rest(&mut self, trouble: Trouble) {
        let limits = &self.settings.limits;
        let (first, longest) = match trouble.is_refusal() {
            true => (limits.refused_wait_ms, limits.longest_refused_wait_ms),
            false => (limits.wait_ms, limits.longest_wait_ms),
        };
        let next_try_ms = first.saturating_mul(1 << self.failures.min(16)).min(longest);
        self.failures = self.failures.saturating_add(1);
        (self.tell)(Status::Trouble { trouble, next_try_ms });
        self.pause(next_try_ms).await;
    }

    async fn pause(&self, ms: u64) {
        // Only a stop ends it early.
        let _ = self.stop.run_until_cancelled(tokio::time::sleep(Duration::from_millis(ms))).await;
    }
}

/// A mail's bytes, and why they are not all of it.
type Text = (Vec<u8>, Option<String>);

fn passed(read: &[(Listed, Option<Text>)], answers: Vec<Result<bool, NotTaken>>) -> Passed {
    let mut passed = Passed { taken: Vec::new(), gone: 0, last_uid: None, newest: None, failed: None };
    for ((listed, _), answer) in read.iter().zip(answers) {
        match answer {
            Ok(true) => passed.taken.push(listed.uid),
            Ok(false) => passed.gone += 1,
            Err(not) => {
                passed.failed = Some(not);
                break;
            }
        }
        passed.last_uid = Some(listed.uid);
        passed.newest = passed.newest.max(listed.at);
    }
    passed
}

/// Whether the UIDs are others than those that were known: by the server's word, or because it gives some a second time,
/// as after a restore of its own files.
fn is_another(opened: &Opened, known: Cursor) -> bool {
    opened.uid_validity != known.uid_validity || opened.uid_next.is_some_and(|next| next <= known.last_uid)
}

/// Behind everything that lies there.
fn cursor_behind(opened: &Opened, all: &[Listed], newest_internal_date: Option<Micros>) -> Cursor {
    let listed = all.iter().map(|listed| listed.uid).max().unwrap_or_default();
    let told = opened.uid_next.map_or(0, |next| next.saturating_sub(1));
    Cursor { uid_validity: opened.uid_validity, last_uid: listed.max(told), newest_internal_date }
}

fn newest(all: &[Listed]) -> Option<Micros> {
    all.iter().filter_map(|listed| listed.at).max()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn not_taken(not: &NotTaken) -> Trouble {
    let text = format!("a mail could not be made durable ({not}): it stays in the mailbox and is taken later");
    Trouble::new(TroubleKind::NotTaken, text)
}

fn in_part_note(one: &Listed, part_bytes: u32, is_large: bool) -> String {
    let why = if is_large { "it is larger than what is read" } else { "the server did not give it whole" };
    format!("only the first {part_bytes} of its {} bytes were read: {why}; the whole mail is in the mailbox", one.bytes)
}

/// In place of a mail that the server lists and never gives.
fn stand_in(one: &Listed) -> Text {
    let note = format!("the mail with UID {} could not be read from the mailbox: look at it there", one.uid);
    let raw = format!("Subject: A mail could not be read from the mailbox\r\n\r\n{note}\r\n");
    (raw.into_bytes(), Some(note))
}
