//! Anchors: at intervals the last checkpoint is shown where we can't change it afterwards. That it is to be shown is written
//! down with the job that shows it.

use super::Settings;
use crate::Shared;
use crate::effects::{Done, Hand, done, later, never};
use connectors::locker::Object;
use connectors::pager::Mail;
use duties::Language;
use duties::record::{self, Way};
use model::Micros;
use model::action::{Fault, Outside};
use model::chain::AnchorRow;
use model::chain::checkpoint::Note;
use store::actions::{self, Doing};
use store::{StoreError, Tx, chain, crash_point};

/// Shows what is due, by each way.
pub async fn look(shared: &Shared) -> Result<(), StoreError> {
    if shared.settings.record.anchors.is_empty() {
        return Ok(());
    }
    let settings = shared.settings.record.clone();
    let language = language(shared);
    let unit = shared.store.write("anchor", move |tx| {
        Box::pin(async move {
            let mut shown = 0;
            for way in &settings.anchors {
                shown += usize::from(one(tx, &settings, way, language).await?);
            }
            Ok(shown)
        })
    });
    if unit.await? > 0 {
        shared.wake.act.notify_waiters();
    }
    Ok(())
}

fn language(shared: &Shared) -> Language {
    shared.settings.slack.as_ref().map(|slack| slack.language).unwrap_or_default()
}

async fn one(tx: &mut Tx, settings: &Settings, way: &Way, language: Language) -> Result<bool, StoreError> {
    tx.lock(&["record/anchor".to_owned()]).await?;
    let Some(checkpoint) = chain::last_checkpoint(tx).await? else { return Ok(false) };
    let Some(newest) = Note::parse(&checkpoint.note) else { return Ok(false) };
    let shown = chain::last_anchor(tx, way.name()).await?;
    let shown_note = shown.as_ref().and_then(|row| Some((Micros(row.at), Note::parse(&row.note)?)));
    let last = shown_note.as_ref().map(|(at, note)| (*at, note));
    if !record::is_due(last, &newest, settings.anchor_every_s, tx.now()) {
        return Ok(false);
    }
    let number = chain::add_anchor(tx, way.name(), &way.place(checkpoint.number), &checkpoint.note).await?;
    actions::add(tx, &record::action(way, number, &newest, language), Doing::Really).await?;
    Ok(true)
}

/// Sends an anchor by mail or into the bucket.
pub async fn show(shared: &Shared, hand: &Hand<'_>, anchor: i64, by: Outside) -> Done {
    let read = shared.store.read(move |tx| Box::pin(chain::anchors(tx, anchor, 1)));
    let row = match read.await {
        Ok(rows) => rows.into_iter().find(|row| row.number == anchor),
        Err(error) => return later(hand.now().plus_s(2), Fault::Limit, &error.to_string()),
    };
    let Some(row) = row else { return never("this anchor is not in the record any more") };
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("act.before_send");
    match by {
        Outside::Mail => by_mail(shared, hand, &row).await,
        Outside::Bucket => into_bucket(shared, hand, &row).await,
    }
}

async fn by_mail(shared: &Shared, hand: &Hand<'_>, row: &AnchorRow) -> Done {
    let Some(mailer) = &shared.outside.mailer else {
        return never("no [mail.relay] is set, so that no checkpoint can be mailed: set it and restart");
    };
    let Some(note) = Note::parse(&row.note) else { return never("this anchor can't be read") };
    let message = record::message(&note, language(shared));
    let mail = Mail {
        to: row.place.clone(),
        subject: message.headline.clone(),
        text: message.plain(),
        message_id: format!("record-{}-{}@arayashiki", row.number, row.at),
        purpose: "record".into(),
        headers: Vec::new(),
    };
    match mailer.send(&hand.call(), &mail).await {
        Ok(external) => (done(Some(external)), Vec::new()),
        Err(error) => hand.failed(shared, &error),
    }
}

async fn into_bucket(shared: &Shared, hand: &Hand<'_>, row: &AnchorRow) -> Done {
    let Some(locker) = &shared.outside.locker else {
        return never("no bucket for the record's checkpoints is set: set it and restart");
    };
    let Some((bucket, key)) = row.place.strip_prefix("s3://").and_then(|place| place.split_once('/')) else {
        return never("this anchor names no object of a bucket");
    };
    let until = hand.now().plus_s(shared.settings.record.lock_s);
    let object = Object { bucket, key, body: row.note.as_bytes(), until };
    match locker.put(&hand.call(), &object).await {
        Ok(version) => (done(version), Vec::new()),
        Err(error) => hand.failed(shared, &error),
    }
}
