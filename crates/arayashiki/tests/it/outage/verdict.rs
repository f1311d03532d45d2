//! What must hold of mails, registrations, posts and calls when everything has come to rest. Every sentence is a broken
//! promise.

use super::alert::Alert;
use super::scene::Scene;
use crate::outside::wait;
use crate::world::Books;
use model::mail::Ledger;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::mails::Item;
use store::nets::Registration;

const OURS: &str = "arayashiki/net/";

/// How an alert's story has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// PagerDuty has its own incident of it, open.
    Original,
    /// Only we registered it, and that is open.
    Registered,
    /// It is over: nothing of it is open.
    Over,
    /// PagerDuty's own or ours is open, never both.
    One,
    /// Whatever became of PagerDuty's own, ours is not open.
    NoneOfOurs,
}

/// What the senders count, beside the program.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// Message ids that were answered 250.
    pub taken: BTreeSet<String>,
    /// Those that got another answer, or none, and were given up.
    pub doubtful: BTreeSet<String>,
    /// Every 250, repeats included.
    pub answers: i64,
}

impl Scene {
    /// Waits until every mail has been judged, every registration seen, and nothing is under way.
    pub fn settle(&self) {
        let books = self.books();
        let is_judged = || {
            let waits = books.mails().iter().any(|mail| mail.ledger == Ledger::Expected);
            let asked = self.nets(&books).iter().any(|net| net.registration == Registration::Asked);
            let fresh = books.read(|tx| Box::pin(async move { Ok(!store::alerts::fresh(tx, 1).await?.is_empty()) }));
            let confirms = books.confirms();
            (!waits && !asked && !fresh && confirms == 0).then_some(())
        };
        for _ in 0..2 {
            if wait::within(wait::LONG, is_judged).is_none() {
                panic!("mails are not judged: {:?}\n{}", self.unjudged(&books), self.world.unrest());
            }
            self.world.settle();
        }
    }

    fn unjudged(&self, books: &Books) -> Vec<(String, Ledger)> {
        let mails = books.mails().into_iter();
        mails.filter(|mail| mail.ledger == Ledger::Expected).map(|mail| (mail.subject, mail.ledger)).take(5).collect()
    }

    fn nets(&self, books: &Books) -> Vec<store::nets::Net> {
        let ids: BTreeSet<String> = books.mails().into_iter().filter_map(|mail| mail.net).collect();
        ids.iter().filter_map(|id| books.net(id)).collect()
    }

    /// All that is wrong about mails and what followed from them.
    pub fn complaints(&self, counted: &Counted, ends: &[(Alert, End)]) -> Vec<String> {
        let books = self.books();
        let mails = books.mails();
        let mut found = Vec::new();
        ledger(&books, &mails, counted, &mut found);
        let incidents = self.world.sandbox.incidents();
        for (alert, end) in ends {
            ended(alert, *end, &mails, &incidents, &mut found);
        }
        found.extend(self.repeats());
        found
    }

    /// What people there saw more than once; true at any time.
    pub fn repeats(&self) -> Vec<String> {
        let mut found = Vec::new();
        pages(&self.world.sandbox.effects(), &mut found);
        let posts = self.slack.all("messages").into_iter();
        let posts = posts.map(|post| (post["text"].to_string(), post.to_string().contains("may be a repeat")));
        once("post", posts, &mut found);
        let calls = self.phone.all("calls").into_iter();
        let calls = calls.map(|call| (call["body"]["id"].to_string(), call["body"]["may_be_a_repeat"] == true));
        once("call", calls, &mut found);
        found
    }
}

/// Every mail that was promised is there once; one of which nobody knows at most once; nothing else is.
fn ledger(books: &Books, mails: &[Item], counted: &Counted, found: &mut Vec<String>) {
    let mut kept: BTreeMap<String, usize> = BTreeMap::new();
    // Mails of canaries are our own, and of notifications Amazon's: the balance counts them, nobody's list does.
    let is_sent = |mail: &&Item| {
        mail.ledger != Ledger::Canary && !mail.message_id.as_ref().is_some_and(|id| id.ends_with("@sns"))
    };
    for mail in mails.iter().filter(is_sent) {
        *kept.entry(mail.message_id.clone().unwrap_or_default()).or_default() += 1;
    }
    for id in counted.taken.iter().filter(|id| !kept.contains_key(*id)) {
        found.push(format!("the mail {id} was answered 250 and is not in the ledger"));
    }
    for (id, times) in &kept {
        if *times > 1 {
            found.push(format!("the mail {id} is in the ledger {times} times"));
        }
        if !counted.taken.contains(id) && !counted.doubtful.contains(id) {
            found.push(format!("nobody sent the mail {id}"));
        }
    }
    let balance = books.balance();
    if balance.difference() != 0 || balance.waiting != 0 {
        found.push(format!("the ledger does not balance: {balance:?}"));
    }
    if balance.received < counted.answers {
        found.push(format!("{} mails were answered 250, {} were counted", counted.answers, balance.received));
    }
}

fn ended(alert: &Alert, end: End, mails: &[Item], incidents: &[Value], found: &mut Vec<String>) {
    let mine: Vec<&Item> = mails.iter().filter(|mail| mail.host.as_deref() == Some(&alert.host)).collect();
    let nets: BTreeSet<&str> = mine.iter().filter_map(|mail| mail.net.as_deref()).collect();
    let is_ours = |key: &str| nets.iter().any(|net| key.starts_with(&format!("{OURS}{net}/")));
    let open = incidents.iter().filter(|incident| incident["status"] != "resolved");
    let keys: Vec<&str> = open.filter_map(|incident| incident["incident_key"].as_str()).collect();
    let original = keys.iter().filter(|key| **key == alert.key()).count();
    let ours = keys.iter().filter(|key| is_ours(key)).count();
    let is_well = match end {
        End::Original => (original, ours) == (1, 0),
        End::Registered => (original, ours) == (0, 1),
        End::Over => (original, ours) == (0, 0),
        End::One => original + ours == 1,
        End::NoneOfOurs => ours == 0,
    };
    if !is_well {
        let stands: Vec<_> = mine.iter().map(|mail| (mail.state, mail.ledger, &mail.reason)).collect();
        found.push(format!(
            "{} {} should end as {end:?}: {original} of its own and {ours} of ours are open; its mails stand as {stands:?}",
            alert.host, alert.number
        ));
    }
    let is_right = |mail: &&Item| match (mail.state, end) {
        (model::mail::State::Problem, End::Original) => {
            matches!(mail.ledger, Ledger::Matched | Ledger::MatchedLate | Ledger::Joined)
        }
        (model::mail::State::Problem, End::Registered) => matches!(mail.ledger, Ledger::Registered | Ledger::Joined),
        (model::mail::State::Problem, End::One) => {
            mail.ledger == if original == 1 { Ledger::Matched } else { Ledger::Registered }
                || original == 1 && mail.ledger == Ledger::MatchedLate
        }
        _ => mail.ledger != Ledger::Expected,
    };
    for mail in mine.iter().filter(|mail| !is_right(mail)) {
        found.push(format!(
            "a mail of {} stands as {:?} ({:?}); it ends as {end:?}",
            alert.host, mail.ledger, mail.reason
        ));
    }
}

/// Each registration was sent once, and before it was resolved.
fn pages(effects: &[Value], found: &mut Vec<String>) {
    let ours = effects.iter().filter(|e| e["key"].as_str().is_some_and(|key| key.starts_with(OURS)));
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for effect in ours.filter(|e| e["via"] != "control") {
        let became = effect["detail"]["became"].as_str();
        let kind = effect["kind"].as_str().unwrap();
        let kind = became.map_or_else(|| kind.to_owned(), |became| format!("{kind} {became}"));
        kinds.entry(effect["key"].as_str().unwrap()).or_default().push(kind);
    }
    // What PagerDuty took and made nothing of is rightly sent again.
    let came_of_it = ["incident", "joined", "repeat", "resolved", "acknowledged", "nothing_open"];
    let is_lost = |kind: &String| {
        let became = kind.strip_prefix("event.became ");
        became.is_some_and(|became| !came_of_it.contains(&became))
    };
    for (key, kinds) in kinds {
        let triggers = kinds.iter().filter(|kind| *kind == "event.trigger").count();
        let sent = triggers.saturating_sub(kinds.iter().filter(|kind| is_lost(kind)).count());
        if sent > 1 {
            found.push(format!("{key} was paged {sent} times: {kinds:?}"));
        }
    }
}

/// Told once, or every further time marked as perhaps told before.
fn once(what: &str, told: impl Iterator<Item = (String, bool)>, found: &mut Vec<String>) {
    let mut unmarked: BTreeMap<String, usize> = BTreeMap::new();
    for (text, is_marked) in told {
        *unmarked.entry(text).or_default() += usize::from(!is_marked);
    }
    let repeated = unmarked.into_iter().filter(|(_, times)| *times > 1);
    found.extend(repeated.map(|(text, times)| format!("a {what} came {times} times without a word: {text}")));
}

/// Waits for something that the phone is told.
pub fn called(scene: &Scene, within: Duration, is: impl Fn(&Value) -> bool) -> Option<Value> {
    wait::within(within, || scene.phone.all("calls").into_iter().find(|call| is(&call["body"])))
}
