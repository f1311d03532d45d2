//! The record in both databases: what is written is entered once, whatever dies; and whatever somebody with the database's
//! password does to it is found and named.

pub mod crash;
mod holds;
mod migrated;
mod sequence;
mod signing;
mod tampering;

use super::bed::Bed;
use super::words::{exec, number};
use crate::chain::{self, Due};
use crate::{Store, audit, capsules};
use model::capsule::{Capsule, CapsuleId, Ended, Output, RunId, Stored, kind as of};
use model::chain::checkpoint::{Note, Signed, VerifierKey, signed};
use model::chain::fault::{Fault, Verdict, Witness};
use model::chain::verify::{Claim, Content, Verifier};
use model::chain::{Entry, Hash, kind};
use model::{Micros, Scope};
use std::collections::BTreeMap;

pub const ORIGIN: &str = "example/record";
pub const AT_ONCE: Due = Due { entries: 1, after_s: 0 };

pub fn capsule(n: i64) -> Capsule {
    let stored =
        Stored { object: format!("output/{n}.out"), sha256: Hash::of(b"x").to_string(), bytes: 1, is_cut: false };
    Capsule {
        id: CapsuleId(format!("c{n:03}")),
        kind: of::COMMAND.to_owned(),
        run: RunId(format!("r{}", n / 4)),
        step: "disk".to_owned(),
        incident: Some(format!("Q{}", n % 3)),
        customer: [None, Some("acme".to_owned()), Some("bolt".to_owned())][n as usize % 3].clone(),
        host: "web01".to_owned(),
        hops: vec!["gate".to_owned()],
        host_key: Some("SHA256:abc".to_owned()),
        command: "df -P".to_owned(),
        runbook_digest: None,
        actor: "system".to_owned(),
        asked_at: Micros(n * 1_000_000),
        started_at: Some(Micros(n * 1_000_000)),
        ended_at: Micros(n * 1_000_000 + 5),
        ended: Ended::Exit { status: 0 },
        output: Output { out: (n % 2 == 0).then_some(stored), err: None },
        redactions: BTreeMap::from([("password".to_owned(), 1)]),
        judged: None,
    }
}

pub async fn add_capsules(store: &Store, numbers: std::ops::Range<i64>) {
    let unit = store.write("test", move |tx| {
        Box::pin(async move {
            for n in numbers {
                capsules::add(tx, &capsule(n)).await?;
            }
            Ok(())
        })
    });
    unit.await.unwrap();
}

pub async fn act(store: &Store, subject: &'static str) {
    let unit = store.write("test", move |tx| {
        let detail = serde_json::json!({ "load": 0.5, "何": "障害" });
        Box::pin(async move { audit::add(tx, "a1", "runbook.run", subject, Some("acme"), &detail).await })
    });
    unit.await.unwrap();
}

pub async fn sequence(store: &Store, most: i64) -> i64 {
    store.write("record", move |tx| Box::pin(chain::sequence(tx, most))).await.unwrap()
}

pub async fn entries(store: &Store) -> Vec<Entry> {
    store.read(|tx| Box::pin(chain::entries(tx, 0, 10_000))).await.unwrap()
}

/// A signature that stands for one of Ed25519: it binds the key and the text.
fn sign(secret: u8, text: &str) -> [u8; 64] {
    let half = Hash::of(&[&[secret], text.as_bytes()].concat()).0;
    [half, half].concat().try_into().unwrap()
}

fn key(secret: u8) -> VerifierKey {
    VerifierKey { name: ORIGIN.to_owned(), public: [secret; 32] }
}

/// Makes the checkpoint that is due, if one is, and enters it.
pub async fn checkpoint(store: &Store, secret: u8, due: Due) -> Option<Note> {
    let draft = store.read(move |tx| Box::pin(chain::next_checkpoint(tx, due))).await.unwrap()?;
    let at = store.read(|tx| Box::pin(async move { Ok(tx.now()) })).await.unwrap();
    let checkpoint = draft.checkpoint(ORIGIN, at);
    let signature = sign(secret, &checkpoint.text());
    let note = Note::new(checkpoint, &key(secret), signature);
    let kept = note.clone();
    let added =
        store.write("checkpoint", move |tx| Box::pin(async move { chain::add_checkpoint(tx, &draft, &kept).await }));
    assert!(added.await.unwrap());
    Some(note)
}

/// Checks what is kept as the command line does, without outputs.
pub async fn verify(store: &Store) -> Verdict {
    let claims = store.read(|tx| Box::pin(claims(tx))).await.unwrap();
    let holds = |public: &[u8; 32], text: &[u8], signature: &[u8; 64]| {
        sign(public[0], std::str::from_utf8(text).unwrap()) == *signature
    };
    let mut verifier = Verifier::new(&claims, |note: &Note| -> Signed { signed(note, &[key(1)], holds) });
    let mut from = 0;
    loop {
        let read = store.read(move |tx| {
            Box::pin(async move {
                let entries = chain::entries(tx, from, 7).await?;
                let contents = chain::contents(tx, &entries).await?;
                Ok(entries.into_iter().zip(contents).collect::<Vec<(Entry, Content)>>())
            })
        });
        let read = read.await.unwrap();
        let Some((last, _)) = read.last() else { break };
        from = last.seq + 1;
        read.iter().for_each(|(entry, now)| verifier.entry(entry, now));
    }
    for kind in kind::ALL {
        let extra = store.read(move |tx| Box::pin(chain::unentered(tx, kind, 100)));
        extra.await.unwrap().iter().for_each(|name| verifier.extra(kind, name));
    }
    verifier.finish()
}

async fn claims(tx: &mut crate::Tx) -> Result<Vec<Claim>, crate::StoreError> {
    let mut claims = Vec::new();
    for row in chain::checkpoints(tx, 0, 1_000).await? {
        claims.push(Claim { by: Witness::Checkpoint(row.number), note: row.note, at: Some(Micros(row.at)) });
    }
    for row in chain::anchors(tx, 0, 1_000).await? {
        claims.push(Claim { by: Witness::Anchor(row.number), note: row.note, at: Some(Micros(row.at)) });
    }
    Ok(claims)
}
