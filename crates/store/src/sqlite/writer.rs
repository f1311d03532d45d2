//! The one writer: takes what waits, writes it as a group, commits once, then answers everybody. A unit that fails is
//! rolled back alone; a commit that fails answers the whole group and reconnects. Never answers before the commit.

use super::queue::{Finish, Intake, Queue, Work};
use super::{Place, open_writer};
use crate::nag::{Nag, Over};
use crate::pressure::Pressure;
use crate::tx::{Conn, Tx};
use crate::{Clock, StoreError, faults};
use futures_util::FutureExt;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

const MOST_INTAKE: usize = 512;
const MOST_UNITS: usize = 32;
/// While signals wait, units get one part in this many of the writer's time.
const UNIT_SHARE: u32 = 6;

pub fn run(queue: &Queue, place: &Place, clock: &Clock, pressure: &Pressure) {
    let mut slot = Slot { tx: open(place, clock).ok(), nag: Nag::default() };
    let mut units_after = Instant::now();
    while let Some(batch) = queue.take(MOST_INTAKE, MOST_UNITS, || Instant::now() >= units_after) {
        if !batch.intake.is_empty() {
            pressure.took(batch.intake.len());
            intake_group(&mut slot, batch.intake, place, clock);
        }
        if !batch.units.is_empty() {
            let begun = Instant::now();
            unit_group(&mut slot, batch.units, place, clock);
            units_after = Instant::now() + begun.elapsed() * (UNIT_SHARE - 1);
        }
    }
}

fn open(place: &Place, clock: &Clock) -> Result<Tx, StoreError> {
    open_writer(place).map(|conn| Tx::new(Conn::Sqlite(conn), clock.now()))
}

/// The connection, if there is one, and what was last said of it.
struct Slot {
    tx: Option<Tx>,
    nag: Nag,
}

/// An open transaction, on a new connection if the last one was given up.
fn begin<'a>(slot: &'a mut Slot, place: &Place, clock: &Clock) -> Result<&'a mut Tx, StoreError> {
    let open = match slot.tx.take() {
        Some(open) => open,
        None => open_with_patience(place, clock)?,
    };
    let open = slot.tx.insert(open);
    open.now = clock.now();
    connection(open)?.execute_batch("BEGIN IMMEDIATE")?;
    Ok(open)
}

fn open_with_patience(place: &Place, clock: &Clock) -> Result<Tx, StoreError> {
    let opened = open(place, clock);
    if opened.is_err() {
        // Everybody in the group is answered; only the next group tries again, and not in a tight loop.
        std::thread::sleep(Duration::from_millis(20));
    }
    opened
}

fn connection(tx: &mut Tx) -> Result<&mut Connection, StoreError> {
    match &mut tx.conn {
        Conn::Sqlite(conn) => Ok(conn),
        Conn::Postgres(_) => Err(StoreError::shape("the SQLite writer holds another connection")),
    }
}

fn intake_group(slot: &mut Slot, group: Vec<Intake>, place: &Place, clock: &Clock) {
    let (signals, replies): (Vec<_>, Vec<_>) = group.into_iter().map(|i| (i.signal, i.reply)).unzip();
    let mut replies = replies;
    if faults::sabotaged("ack_early") {
        replies.drain(..).for_each(|reply| drop(reply.send(Ok(()))));
    }
    let written = begin(slot, place, clock).and_then(|tx| {
        crate::inbox::insert_group(connection(tx)?, &signals)?;
        (place.purpose.inserted)();
        commit(tx, place.purpose.unit)
    });
    settle(slot, place, &written);
    for reply in replies {
        let _ = reply.send(written.clone());
    }
}

fn unit_group(slot: &mut Slot, units: Vec<Work>, place: &Place, clock: &Clock) {
    let mut finished: Vec<Finish> = Vec::with_capacity(units.len());
    let mut names = Vec::with_capacity(units.len());
    let mut outcome = Ok(());
    let mut begun = false;
    for work in units {
        if !begun && outcome.is_ok() {
            outcome = begin(slot, place, clock).map(|_| ());
            begun = outcome.is_ok();
        }
        names.push(work.name);
        let tx = match (&outcome, slot.tx.as_mut()) {
            (Ok(()), Some(tx)) => {
                // Units of one commit have instants of their own: turns and generations are told apart by them.
                tx.now = clock.now();
                Ok(tx)
            }
            (Err(error), _) => Err(error.clone()),
            (Ok(()), None) => Err(StoreError::Away("the database is not open".into())),
        };
        let (finish, broken) = run_one(tx, work);
        finished.extend(finish);
        if let Some(error) = broken {
            outcome = outcome.and(Err(error));
        }
    }
    if begun && outcome.is_ok() {
        outcome = commit_units(slot, &names);
    }
    settle(slot, place, &outcome);
    for finish in finished {
        finish(outcome.clone());
    }
}

fn commit_units(slot: &mut Slot, names: &[&'static str]) -> Result<(), StoreError> {
    let tx = slot.tx.as_mut().ok_or_else(|| StoreError::Away("the database is not open".into()))?;
    names.iter().for_each(|name| faults::hit(name, "before_commit"));
    commit(tx, "")?;
    names.iter().for_each(|name| faults::hit(name, "after_commit"));
    Ok(())
}

/// Runs one unit in a savepoint. The second value is set when the whole transaction broke.
fn run_one(tx: Result<&mut Tx, StoreError>, work: Work) -> (Option<Finish>, Option<StoreError>) {
    let tx = match tx {
        Ok(tx) => tx,
        Err(error) => return (Some((work.run)(Err(error)).1), None),
    };
    if let Err(error) = savepoint(tx, "SAVEPOINT unit") {
        return (Some((work.run)(Err(error.clone())).1), Some(error));
    }
    let ran = catch_unwind(AssertUnwindSafe(|| (work.run)(Ok(tx))));
    let (keep, finish) = match ran {
        Ok((keep, finish)) => (keep, Some(finish)),
        Err(_) => {
            tracing::error!(unit = work.name, "a unit of work panicked; it was rolled back alone");
            (false, None)
        }
    };
    let end = if keep { "RELEASE unit" } else { "ROLLBACK TO unit; RELEASE unit" };
    (finish, savepoint(tx, end).err())
}

fn savepoint(tx: &mut Tx, sql: &str) -> Result<(), StoreError> {
    let conn = connection(tx)?;
    if conn.is_autocommit() {
        // SQLite gave the whole transaction up by itself: disk full, or an I/O error.
        return Err(StoreError::Unwritable("the database gave the transaction up (disk full, or an I/O error)".into()));
    }
    Ok(conn.execute_batch(sql)?)
}

fn commit(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    tx.commit(name).now_or_never().unwrap_or_else(|| Err(StoreError::shape("a commit waited")))
}

/// After a failure nothing of the connection's state is trusted: it is dropped, which rolls back, and opened anew.
fn settle(slot: &mut Slot, place: &Place, outcome: &Result<(), StoreError>) {
    let file = place.path.display();
    match outcome {
        Ok(()) => {
            if let Some(Over { seconds }) = slot.nag.over(Instant::now()) {
                tracing::info!(%file, seconds, "the database can be written again");
            }
        }
        Err(error) => {
            slot.tx = None;
            if let Some(failures) = slot.nag.failed(Instant::now()) {
                tracing::error!(%error, %file, failures, "nothing can be written; everybody who asked was told so");
            }
        }
    }
}
