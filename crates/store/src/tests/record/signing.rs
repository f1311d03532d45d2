//! Checkpoints and anchors: when they are due, what they say, and that a crash or a second server makes none twice.

use super::*;
use crate::tests::bed::for_each_store;
use crate::vals;

#[test]
fn a_checkpoint_is_due_by_count_or_time_and_never_for_itself() {
    for_each_store(async |bed: &Bed| {
        let (store, due) = (&bed.store, Due { entries: 5, after_s: 60 });
        assert!(checkpoint(store, 1, due).await.is_none(), "of nothing");
        add_capsules(store, 0..2).await;
        assert!(checkpoint(store, 1, due).await.is_none(), "of what has no place yet");
        sequence(store, 100).await;
        let first = checkpoint(store, 1, due).await.expect("the first is due at once").checkpoint;
        assert_eq!((first.size, first.origin.as_str()), (2, ORIGIN));
        sequence(store, 100).await;
        bed.clock.advance_s(61);
        assert!(checkpoint(store, 1, due).await.is_none(), "its own entry is no news");
        add_capsules(store, 2..4).await;
        sequence(store, 100).await;
        assert_eq!(checkpoint(store, 1, due).await.expect("by time").checkpoint.size, 5);
        add_capsules(store, 4..7).await;
        sequence(store, 100).await;
        assert!(checkpoint(store, 1, due).await.is_none(), "neither");
        add_capsules(store, 7..8).await;
        sequence(store, 100).await;
        let last = checkpoint(store, 1, due).await.expect("by count").checkpoint;
        assert_eq!((last.size, last.head), (10, entries(store).await[9].hash().unwrap()));
        let verdict = verify(store).await;
        assert!(verdict.is_whole(), "{:#?}", verdict.faults);
        assert_eq!((verdict.counts.witnesses, verdict.counts.unsigned, verdict.root), (3, 0, last.root));
    });
}

#[test]
fn two_servers_make_one_checkpoint() {
    for_each_store(async |bed: &Bed| {
        add_capsules(&bed.store, 0..3).await;
        sequence(&bed.store, 100).await;
        let draft = bed.store.read(|tx| Box::pin(chain::next_checkpoint(tx, AT_ONCE))).await.unwrap().unwrap();
        assert!(checkpoint(&bed.store, 1, AT_ONCE).await.is_some());
        let text = draft.checkpoint(ORIGIN, Micros(5));
        let note = Note::new(text.clone(), &key(1), sign(1, &text.text()));
        let late = bed
            .store
            .write("checkpoint", move |tx| Box::pin(async move { chain::add_checkpoint(tx, &draft, &note).await }));
        assert!(!late.await.unwrap());
        assert!(verify(&bed.store).await.is_whole());
    });
}

#[test]
fn what_a_row_keeps_of_the_tree_is_believed_only_if_it_fits() {
    for_each_store(async |bed: &Bed| {
        add_capsules(&bed.store, 0..5).await;
        sequence(&bed.store, 100).await;
        checkpoint(&bed.store, 1, AT_ONCE).await.unwrap();
        let forged = format!("[\"{}\",\"{}\"]", Hash::of(b"a"), Hash::of(b"b"));
        exec(&bed.store, "UPDATE checkpoint SET peaks = ?1", vals![forged].to_vec()).await;
        add_capsules(&bed.store, 5..9).await;
        sequence(&bed.store, 100).await;
        checkpoint(&bed.store, 1, AT_ONCE).await.unwrap();
        let faults = verify(&bed.store).await.faults;
        let is_named =
            |f: &Fault| matches!(f, Fault::Unreadable { of, .. } if of.kind == kind::CHECKPOINT && of.subject == "1");
        assert!(faults.len() == 1 && is_named(&faults[0]), "the second one's tree is right: {faults:#?}");
    });
}

#[test]
fn anchors_are_numbered_and_found_by_their_way() {
    for_each_store(async |bed: &Bed| {
        add_capsules(&bed.store, 0..2).await;
        sequence(&bed.store, 100).await;
        let note = checkpoint(&bed.store, 1, AT_ONCE).await.unwrap().text();
        let unit = bed.store.write("test", move |tx| {
            Box::pin(async move {
                chain::add_anchor(tx, "slack", "#record", &note).await?;
                chain::add_anchor(tx, "mail", "audit@example.com", &note).await?;
                let last = chain::last_anchor(tx, "slack").await?.unwrap();
                Ok((last.number, chain::anchors(tx, 0, 10).await?.len(), chain::last_anchor(tx, "s3").await?))
            })
        });
        assert_eq!(unit.await.unwrap(), (1, 2, None));
        while sequence(&bed.store, 100).await > 0 {}
        let verdict = verify(&bed.store).await;
        assert!(verdict.is_whole(), "{:#?}", verdict.faults);
        assert_eq!(verdict.counts.witnesses, 3);
        assert_eq!(number(&bed.store, "SELECT count(*) FROM chain_entry WHERE kind = 'anchor'").await, 2);
    });
}
