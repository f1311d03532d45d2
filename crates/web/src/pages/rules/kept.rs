//! Versions of what leaders keep: the next one is made from the one that the form was made from, or not at all. Knows no rule and no
//! pattern.

use super::super::net::is_nonce;
use crate::auth::Reader;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{KeptDone, VersionRow};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use store::page_rules::{self, Rule};
use store::{StoreError, Tx, audit};

/// What is wanted of a rule that is kept.
#[derive(Clone, Debug)]
pub(super) enum Want {
    /// New or changed.
    Save {
        body: String,
        position: i64,
    },
    Off,
    On,
    Delete,
    /// As it was in this version; 0: as if it had never been.
    Restore(i64),
}

#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub kind: &'static str,
    pub name: String,
    /// The version that the form was made from.
    pub version: i64,
    pub want: Want,
    pub nonce: String,
}

/// What came of it.
pub(super) enum Came {
    Done(KeptDone),
    /// Somebody else was first.
    Stale,
    /// A leader of some customers may not say this.
    NotYours,
}

/// Whether a reader may say this rule as it was and as it shall be.
pub(super) type MaySay = fn(&Reader, &Rule) -> bool;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Turn {
    pub name: String,
    pub version: String,
    /// off, on, delete, restore.
    pub to: String,
    /// Of restore.
    pub back_to: String,
    /// It undoes what was done last.
    pub undo: String,
    pub nonce: String,
}

impl Turn {
    pub(super) fn wish(self, kind: &'static str, name: String) -> Result<Wish, Fault> {
        let want = match self.to.as_str() {
            "off" => Want::Off,
            "on" => Want::On,
            "delete" => Want::Delete,
            "restore" => Want::Restore(number("back_to", &self.back_to)?),
            _ => return Err(Fault::bad("to", "It may be: off, on, delete, restore.")),
        };
        Ok(Wish { kind, name, version: number("version", &self.version)?, want, nonce: self.nonce })
    }
}

fn number(name: &'static str, text: &str) -> Result<i64, Fault> {
    let found = text.parse().ok().filter(|n| *n >= 0);
    found.ok_or_else(|| Fault::bad(name, "It is the number of a version; open the page again."))
}

/// Does it, in one transaction with its audit row.
pub(super) async fn carry_out(desk: &Desk, reader: &Reader, wish: Wish, may: MaySay) -> Result<Came, Fault> {
    if !is_nonce(&wish.nonce) {
        return Err(Fault::bad("nonce", "It has 8 to 64 letters, digits, \"-\" and \"_\", new for every new change."));
    }
    let by = reader.clone();
    let came = desk.store.write("page_rule", move |tx| {
        let (by, wish) = (by.clone(), wish.clone());
        Box::pin(async move { next(tx, &by, &wish, may).await })
    });
    let came = came.await?.ok_or(Fault::NotFound)?;
    desk.show.notify_waiters();
    Ok(came)
}

/// `None`: there is no such rule, or no such version.
async fn next(tx: &mut Tx, by: &Reader, wish: &Wish, may: MaySay) -> Result<Option<Came>, StoreError> {
    tx.lock(&[format!("page_rule/{}", wish.kind)]).await?;
    let versions = page_rules::versions(tx, wish.kind, &wish.name).await?;
    if let Some(made) = versions.iter().find(|row| row.id == wish.nonce) {
        return Ok(Some(Came::Done(done(wish, made.version))));
    }
    let last = versions.first();
    if last.map_or(0, |row| row.version) != wish.version && !is_free(last, wish) {
        return Ok(Some(Came::Stale));
    }
    let Some(row) = made(tx, by, wish, &versions) else { return Ok(None) };
    if !may(by, &row) || last.is_some_and(|last| !last.is_deleted && !may(by, last)) {
        return Ok(Some(Came::NotYours));
    }
    if !page_rules::say(tx, &row).await? {
        return Ok(Some(Came::Stale));
    }
    audit::add(tx, &by.person.actor(), action(wish), &subject(wish), None, &trail(by, last, &row)).await?;
    Ok(Some(Came::Done(done(wish, row.version))))
}

/// A name that was deleted may be given anew.
fn is_free(last: Option<&Rule>, wish: &Wish) -> bool {
    wish.version == 0 && last.is_some_and(|row| row.is_deleted) && matches!(wish.want, Want::Save { .. })
}

fn made(tx: &Tx, by: &Reader, wish: &Wish, versions: &[Rule]) -> Option<Rule> {
    let last = versions.first();
    let base = Rule {
        id: wish.nonce.clone(),
        kind: wish.kind.to_owned(),
        name: wish.name.clone(),
        version: last.map_or(0, |row| row.version) + 1,
        position: last.map_or(1, |row| row.position),
        body: last.map(|row| row.body.clone()).unwrap_or_default(),
        is_off: last.is_some_and(|row| row.is_off),
        is_deleted: false,
        said_by: by.person.actor(),
        said_at: tx.now(),
    };
    let standing = last.filter(|row| !row.is_deleted);
    match &wish.want {
        // What was switched off is mended without being switched on.
        Want::Save { body, position } => Some(Rule {
            body: body.clone(),
            position: *position,
            is_off: standing.is_some_and(|row| row.is_off),
            ..base
        }),
        Want::Off => standing.map(|_| Rule { is_off: true, ..base }),
        Want::On => standing.map(|_| Rule { is_off: false, ..base }),
        Want::Delete => standing.map(|_| Rule { is_deleted: true, ..base }),
        Want::Restore(0) => standing.map(|_| Rule { is_deleted: true, ..base }),
        Want::Restore(version) => versions.iter().find(|row| row.version == *version).map(|row| Rule {
            body: row.body.clone(),
            position: row.position,
            is_off: row.is_off,
            is_deleted: row.is_deleted,
            ..base
        }),
    }
}

fn done(wish: &Wish, version: i64) -> KeptDone {
    let what = match wish.want {
        Want::Save { .. } => "saved",
        Want::Off => "off",
        Want::On => "on",
        Want::Delete => "deleted",
        Want::Restore(_) => "undone",
    };
    KeptDone { what: what.into(), name: wish.name.clone(), version }
}

fn action(wish: &Wish) -> &'static str {
    match wish.want {
        Want::Save { .. } => "rule.save",
        Want::Off => "rule.off",
        Want::On => "rule.on",
        Want::Delete => "rule.delete",
        Want::Restore(_) => "rule.restore",
    }
}

fn subject(wish: &Wish) -> String {
    format!("{}/{}", wish.kind.replace('_', "-"), wish.name)
}

fn trail(by: &Reader, before: Option<&Rule>, after: &Rule) -> Value {
    let shown = |row: &Rule| {
        let body: Value = serde_json::from_str(&row.body).unwrap_or_else(|_| json!(row.body));
        json!({ "version": row.version, "off": row.is_off, "deleted": row.is_deleted, "position": row.position, "body": body })
    };
    let mut trail = by.trail();
    trail["before"] = before.map_or(Value::Null, shown);
    trail["after"] = shown(after);
    trail
}

/// The versions of one, the latest first, each told by whoever knows what it says.
pub(super) fn rows(
    versions: &[Rule],
    names: &HashMap<String, String>,
    says: impl Fn(&Rule) -> Result<String, String>,
) -> Vec<VersionRow> {
    let last = versions.first().map_or(0, |row| row.version);
    let shown = versions.iter().map(|row| VersionRow {
        version: row.version,
        is_off: row.is_off,
        is_deleted: row.is_deleted,
        is_last: row.version == last,
        said_by: names.get(&row.said_by).cloned().unwrap_or_else(|| row.said_by.clone()),
        said_at: row.said_at,
        says: says(row),
    });
    shown.collect()
}

/// The query by which a page tells what was done.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Said {
    pub done: String,
    pub name: String,
    pub made: String,
}

impl Said {
    pub(super) fn done(&self) -> Option<KeptDone> {
        let known = ["saved", "off", "on", "deleted", "undone"].contains(&self.done.as_str());
        known.then(|| KeptDone {
            what: self.done.clone(),
            name: super::cut(&self.name),
            version: self.made.parse().unwrap_or(0),
        })
    }

    pub(super) fn query(done: &KeptDone) -> String {
        format!("done={}&name={}&made={}", done.what, crate::markup::encode(&done.name), done.version)
    }
}
