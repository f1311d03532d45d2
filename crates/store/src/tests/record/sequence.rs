//! Places: each thing gets one, in the order in which it was written, by however many sequencers.

use super::*;
use crate::tests::bed::for_each_store;

#[test]
fn what_is_written_waits_and_gets_one_place() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        act(store, "before").await;
        add_capsules(store, 0..5).await;
        let twice = store.write("test", |tx| Box::pin(async move { capsules::add(tx, &capsule(2)).await }));
        assert!(!twice.await.unwrap(), "a capsule that is kept is never written over");
        let waiting = store.read(|tx| Box::pin(chain::waiting(tx))).await.unwrap();
        assert_eq!((waiting.0, waiting.1.is_some()), (6, true));
        assert_eq!([sequence(store, 4).await, sequence(store, 4).await, sequence(store, 4).await], [4, 2, 0]);
        let entries = entries(store).await;
        let names: Vec<(i64, &str)> = entries.iter().map(|e| (e.seq, e.subject.as_str())).collect();
        assert_eq!(names[1..], [(1, "c000"), (2, "c001"), (3, "c002"), (4, "c003"), (5, "c004")]);
        assert_eq!((entries[0].kind.as_str(), entries[0].prev.as_str()), (kind::AUDIT, "0".repeat(64).as_str()));
        assert_eq!(entries[3].digest, Hash::of(capsule(2).text().unwrap().as_bytes()).to_string());
        let wanted = ["c003".to_owned(), "none".to_owned()];
        let places = store.read(move |tx| Box::pin(async move { chain::seq_of(tx, kind::CAPSULE, &wanted).await }));
        assert_eq!(places.await.unwrap(), BTreeMap::from([("c003".to_owned(), 4)]));
        assert!(verify(store).await.is_whole());
    });
}

#[test]
fn of_many_sequencers_none_doubles_and_none_skips() {
    for_each_store(async |bed: &Bed| {
        let (one, two) = (bed.another(), bed.another());
        let writes = async {
            for n in 0..20 {
                add_capsules(&bed.store, n * 3..n * 3 + 3).await;
                act(&bed.store, "between").await;
            }
        };
        let takes = async |store: &Store| {
            let mut taken = 0;
            while taken < 200 {
                let now = sequence(store, 7).await;
                taken += if now == 0 { 10 } else { 1 };
            }
        };
        tokio::join!(writes, takes(&one), takes(&two));
        while sequence(&bed.store, 100).await > 0 {}
        let entries = entries(&bed.store).await;
        assert_eq!(entries.iter().map(|e| e.seq).collect::<Vec<_>>(), (0..80).collect::<Vec<_>>());
        assert!(verify(&bed.store).await.is_whole());
        one.close().await;
        two.close().await;
    });
}

#[test]
fn lists_keep_to_their_scope_and_order() {
    for_each_store(async |bed: &Bed| {
        add_capsules(&bed.store, 0..12).await;
        let acme = || Scope::Customers(vec!["acme".to_owned()]);
        let read = bed.store.read(move |tx| {
            Box::pin(async move {
                let ids = |kept: Vec<capsules::Kept>| kept.into_iter().map(|k| k.capsule.id.0).collect::<Vec<_>>();
                Ok([
                    ids(capsules::list(tx, &acme(), "Q1", 10).await?),
                    ids(capsules::list(tx, &acme(), "Q2", 10).await?),
                    ids(capsules::list_of_run(tx, &Scope::All, "r1", 10).await?),
                    ids(capsules::list_of_run(tx, &acme(), "r1", 10).await?),
                    ids(capsules::list_of_step(tx, &acme(), ("web01", "disk"), Micros(8_000_000), 2).await?),
                    ids(capsules::find(tx, &acme(), &CapsuleId("c001".into())).await?.into_iter().collect()),
                    ids(capsules::find(tx, &acme(), &CapsuleId("c002".into())).await?.into_iter().collect()),
                ])
            })
        });
        let wanted: [&[&str]; 7] = [
            &["c001", "c004", "c007", "c010"],
            &[],
            &["c004", "c005", "c006", "c007"],
            &["c004", "c007"],
            &["c007", "c004"],
            &["c001"],
            &[],
        ];
        assert_eq!(
            read.await.unwrap().map(|ids| ids),
            wanted.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>())
        );
    });
}
