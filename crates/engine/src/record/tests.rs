//! The record's loop, a beat at a time: what was written is entered, signed by the install's own key, shown outside once an
//! interval, and outputs go when their time is over.

use super::*;
use crate::net::tests::{Bed, on_a_bed_with, settings};
use crate::{Guard, Outside};
use model::Scope;
use model::capsule::{Capsule, CapsuleId, Ended, Output, RunId, Stored, object};
use model::chain::checkpoint::{Signed, signed};
use model::chain::fault::{Verdict, Witness};
use model::chain::verify::{Claim, Verifier};
use std::path::Path;
use std::sync::Arc;
use store::{audit, capsules, jobs};

fn shared(bed: &Bed, folder: &Path) -> Shared {
    let url = format!("file:{}", folder.join("evidence").display());
    let evidence = evidence::Settings::new(url, folder.join("evidence.key"));
    Shared {
        store: bed.store.clone(),
        settings: Arc::new(bed.settings.clone()),
        outside: Arc::new(Outside { evidence: Some(evidence), ..Outside::default() }),
        wake: crate::Wake::default(),
        metrics: Arc::default(),
        guard: Arc::new(Guard::new(&[])),
        trouble: Arc::default(),
        alone: Arc::default(),
        causes: Arc::default(),
    }
}

fn with(record: Settings, case: impl AsyncFn(&Bed, &Shared)) {
    let folder = tempfile::tempdir().unwrap();
    on_a_bed_with(crate::Settings { record, ..settings() }, async |bed: &Bed| {
        case(bed, &shared(bed, folder.path())).await;
    });
}

async fn capture(shared: &Shared, id: &str, text: &str) -> Capsule {
    let now = shared.store.read(|tx| Box::pin(async move { Ok(tx.now()) })).await.unwrap();
    let (id, evidence) = (CapsuleId(id.to_owned()), shared.outside.evidence.as_ref().unwrap());
    let name = object(&id, now, "out");
    let mut writer = evidence::Evidence::open(evidence).await.unwrap().writer(&name).await.unwrap();
    writer.write(text.as_bytes()).await.unwrap();
    let sealed = writer.finish().await.unwrap();
    let sha256 = model::chain::Hash(sealed.digest).to_string();
    let capsule = Capsule {
        id,
        kind: model::capsule::kind::COMMAND.into(),
        run: RunId("r1".into()),
        step: "load".into(),
        incident: Some("Q1".into()),
        customer: None,
        host: "web01".into(),
        hops: vec![],
        host_key: None,
        command: "uptime".into(),
        runbook_digest: None,
        actor: "system".into(),
        asked_at: now,
        started_at: Some(now),
        ended_at: now,
        ended: Ended::Exit { status: 0 },
        output: Output { out: Some(Stored { object: name, sha256, bytes: sealed.bytes, is_cut: false }), err: None },
        redactions: std::collections::BTreeMap::new(),
        judged: None,
    };
    let kept = capsule.clone();
    shared.store.write("test", move |tx| Box::pin(async move { capsules::add(tx, &kept).await })).await.unwrap();
    capsule
}

/// A beat of everything.
async fn beat(shared: &Shared, hand: &mut Hand) {
    let stop = CancellationToken::new();
    sequence(shared, &stop).await.unwrap();
    hand.sign(shared).await.unwrap();
    anchors::look(shared).await.unwrap();
    retention::keep(shared, &stop).await;
    sequence(shared, &stop).await.unwrap();
}

async fn verify(shared: &Shared) -> Verdict {
    let signer = Signer::open(&shared.outside.evidence.as_ref().unwrap().signing_key_file(), false).await.unwrap();
    let read = shared.store.read(|tx| {
        Box::pin(async move {
            let entries = chain::entries(tx, 0, 1_000).await?;
            let contents = chain::contents(tx, &entries).await?;
            Ok((entries, contents, chain::checkpoints(tx, 0, 100).await?, chain::anchors(tx, 0, 100).await?))
        })
    });
    let (entries, contents, checkpoints, anchors) = read.await.unwrap();
    let of_checkpoints = checkpoints.into_iter().map(|row| (Witness::Checkpoint(row.number), row.note, row.at));
    let of_anchors = anchors.into_iter().map(|row| (Witness::Anchor(row.number), row.note, row.at));
    let claims: Vec<Claim> =
        of_checkpoints.chain(of_anchors).map(|(by, note, at)| Claim { by, note, at: Some(Micros(at)) }).collect();
    let check = |note: &Note| -> Signed {
        let key = VerifierKey { name: note.signer.clone(), public: signer.public() };
        signed(note, &[key], evidence::holds)
    };
    let mut verifier = Verifier::new(&claims, check);
    entries.iter().zip(&contents).for_each(|(entry, now)| verifier.entry(entry, now));
    verifier.finish()
}

#[test]
fn what_is_written_is_entered_and_signed_by_the_installs_own_key() {
    let record = Settings { checkpoint: Due { entries: 2, after_s: 60 }, ..Settings::default() };
    with(record, async |_bed: &Bed, shared: &Shared| {
        let mut hand = Hand::default();
        beat(shared, &mut hand).await;
        assert!(!shared.outside.evidence.as_ref().unwrap().signing_key_file().exists(), "nothing to sign, no key");
        capture(shared, "c1", "load average: 0.5").await;
        let act = shared.store.write("test", |tx| {
            Box::pin(async move { audit::add(tx, "a1", "runbook.run", "Q1", None, &serde_json::json!({})).await })
        });
        act.await.unwrap();
        beat(shared, &mut hand).await;
        let verdict = verify(shared).await;
        assert!(verdict.is_whole(), "{:#?}", verdict.faults);
        assert_eq!((verdict.counts.entries, verdict.counts.witnesses, verdict.counts.unsigned), (3, 1, 1));
        // Another process goes on with the same key; one that has lost it makes no other.
        capture(shared, "c2", "x").await;
        capture(shared, "c3", "x").await;
        beat(shared, &mut Hand::default()).await;
        assert_eq!(verify(shared).await.counts.witnesses, 2);
        let key = shared.outside.evidence.as_ref().unwrap().signing_key_file();
        let kept = std::fs::read(&key).unwrap();
        std::fs::remove_file(&key).unwrap();
        capture(shared, "c4", "x").await;
        capture(shared, "c5", "x").await;
        sequence(shared, &CancellationToken::new()).await.unwrap();
        let lost = Hand::default().sign(shared).await.unwrap_err();
        assert!(lost.contains("put it back from a backup") && !key.exists(), "{lost}");
        evidence_key(&key, &kept);
        assert!(verify(shared).await.is_whole());
    });
}

fn evidence_key(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, bytes).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn checkpoints_are_shown_outside_once_an_interval() {
    let anchors = vec![
        Way::Slack { channel: "C0RECORD".into() },
        Way::Mail { to: "audit@example.jp".into() },
        Way::Bucket { bucket: "example".into(), prefix: "a".into() },
    ];
    let record =
        Settings { anchors, anchor_every_s: 3_600, checkpoint: Due { entries: 1, after_s: 0 }, ..Settings::default() };
    with(record, async |bed: &Bed, shared: &Shared| {
        let mut hand = Hand::default();
        let jobs = async || {
            let read = shared.store.read(|tx| Box::pin(jobs::list(tx, &Scope::All, &[], None, 100)));
            let mut keys: Vec<String> = read.await.unwrap().into_iter().map(|job| job.key).collect();
            keys.sort();
            keys
        };
        beat(shared, &mut hand).await;
        assert_eq!(jobs().await, Vec::<String>::new(), "of nothing");
        capture(shared, "c1", "x").await;
        beat(shared, &mut hand).await;
        let first = ["record/anchor/mail/2", "record/anchor/s3/3", "record/anchor/slack/1"];
        assert_eq!(jobs().await, first);
        capture(shared, "c2", "x").await;
        beat(shared, &mut hand).await;
        assert_eq!(jobs().await, first, "not yet again");
        bed.clock.advance_s(3_600);
        beat(shared, &mut hand).await;
        assert_eq!(jobs().await.len(), 6);
        let places = shared.store.read(|tx| Box::pin(chain::anchors(tx, 2, 2))).await.unwrap();
        assert_eq!(places[0].place, "audit@example.jp");
        assert_eq!(places[1].place, "s3://example/a/checkpoint-0000000001.txt");
        let verdict = verify(shared).await;
        assert!(verdict.is_whole(), "{:#?}", verdict.faults);
        assert!(verdict.counts.witnesses >= 8, "{:?}", verdict.counts);
    });
}

#[test]
fn outputs_go_when_their_time_is_over_and_the_record_says_so() {
    let retention = Some(Retention { after_s: 86_400, text: "1d".into() });
    with(Settings { retention, ..Settings::default() }, async |bed: &Bed, shared: &Shared| {
        let mut hand = Hand::default();
        let (old, held) = (capture(shared, "c1", "old").await, capture(shared, "c2", "held").await);
        let hold = shared.store.write("test", |tx| {
            let what = (store::holds::Of::Incident, "Q1");
            Box::pin(store::holds::set(tx, "h1", what, None, "a claim is made", "a1"))
        });
        hold.await.unwrap();
        bed.clock.advance_s(86_401);
        let young = capture(shared, "c3", "young").await;
        beat(shared, &mut hand).await;
        let evidence = evidence::Evidence::look(shared.outside.evidence.as_ref().unwrap()).await.unwrap();
        let is_there =
            async |capsule: &Capsule| evidence.reader(&capsule.output.out.as_ref().unwrap().object).await.is_ok();
        assert!(is_there(&old).await && is_there(&held).await && is_there(&young).await, "one hold for the incident");
        let release =
            shared.store.write("test", |tx| Box::pin(store::holds::release(tx, &Scope::All, "h1", "a2", "settled")));
        release.await.unwrap();
        beat(shared, &mut hand).await;
        assert!(!is_there(&old).await && !is_there(&held).await && is_there(&young).await);
        let kept = shared.store.read(|tx| Box::pin(async move { capsules::expiry(tx, &CapsuleId("c1".into())).await }));
        assert!(kept.await.unwrap().is_some());
        assert!(verify(shared).await.is_whole());
    });
}
