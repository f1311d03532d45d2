//! Every mail of the corpus, as it stands in its file, handed in over a socket: each ends in a state that is named, none is
//! lost on the way and none kills its reader.

use super::letters::{DOMAIN, monitor};
use super::scene::{Plan, Scene, shown};
use super::sender::Letter;
use crate::outside::wait;
use crate::tidy::root;
use crate::world::Database;
use model::mail::{Ledger, State};
use std::collections::BTreeMap;

fn corpus() -> Vec<Letter> {
    let folder = root().join("crates/duties/tests/corpus/eml");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let letter = |path: &std::path::PathBuf| Letter {
        from: "monitor@example.jp".into(),
        to: format!("all@{DOMAIN}"),
        raw: std::fs::read(path).unwrap(),
    };
    files.iter().filter(|path| path.extension().is_some_and(|kind| kind == "eml")).map(letter).collect()
}

#[test]
fn every_mail_of_the_corpus_ends_in_a_state() {
    let plan = Plan::mode("observe").net("storm = 100000").with(&monitor("odd", "", ""));
    let scene = Scene::started(Database::Sqlite, &plan);
    let letters = corpus();
    assert!(letters.len() >= 150, "{} mails", letters.len());
    scene.post_all(&letters);
    let is_read = || {
        let balance = scene.books.balance();
        let is_even = balance.received == i64::try_from(letters.len()).unwrap() && balance.difference() == 0;
        let waits = balance.waiting + scene.books.count(&[Ledger::Expected]);
        (is_even && waits == 0).then_some(balance)
    };
    let balance = wait::within(wait::LONG, is_read).unwrap_or_else(|| {
        panic!("{:?}\n{}\n{}", scene.books.balance(), shown(&scene.books.mails()), scene.world.unrest())
    });
    let mails = scene.books.mails();
    assert_eq!(mails.len() as i64, balance.received - balance.duplicates);
    assert!(balance.duplicates < 10, "{balance:?}");
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    mails.iter().for_each(|mail| *states.entry(mail.state.as_str()).or_default() += 1);
    for state in State::ALL {
        assert!(states.contains_key(state.as_str()), "no mail is a {state:?}: {states:?}");
    }
    scene.balances(mails.len());
}
