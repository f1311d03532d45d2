//! Whatever happens to an event: each generation is told once, whatever was opened is closed, what had begun at first contact
//! calls nobody, and what is chosen is in the end served, withdrawn or reported.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// What somebody does to it next, and so many minutes later.
#[derive(Clone, Debug)]
enum Deed {
    Show,
    Move(i64),
    Last(i64),
    Rename,
    Unchoose,
    Gone,
    Restore,
    Act,
    Fire,
}

fn deed() -> impl Strategy<Value = (Deed, i64)> {
    let deed = prop_oneof![
        Just(Deed::Show),
        (-180..600_i64).prop_map(Deed::Move),
        (-60..240_i64).prop_map(Deed::Last),
        Just(Deed::Rename),
        Just(Deed::Unchoose),
        Just(Deed::Gone),
        Just(Deed::Restore),
        Just(Deed::Act),
        Just(Deed::Fire),
    ];
    (deed, 0..200_i64)
}

struct Play {
    world: World,
    event: CalendarEvent,
    now: Micros,
    steps: Vec<Step>,
}

impl Play {
    fn new(rule: Rule) -> Self {
        let mut world = world();
        world.settings.rules = vec![Rule { name: "it".into(), keywords: vec!["更新".into()], ..rule }];
        Self { world, event: event("05-08 14:00", "05-08 15:00"), now: at("05-08 09:00"), steps: Vec::new() }
    }

    fn does(&mut self, deed: &Deed) {
        let minutes = |n: i64| n * 60;
        match deed {
            Deed::Move(n) => {
                self.event.starts_at = self.event.starts_at.plus_s(minutes(*n));
                self.event.ends_at = self.event.ends_at.plus_s(minutes(*n));
            }
            Deed::Last(n) => self.event.ends_at = self.event.ends_at.plus_s(minutes(*n)),
            Deed::Rename => self.event.title = format!("{}更新", self.event.title),
            Deed::Unchoose => self.event.title = "雑談".into(),
            Deed::Gone => self.event.is_cancelled = true,
            Deed::Restore => self.event.is_cancelled = false,
            Deed::Show | Deed::Act | Deed::Fire => {}
        }
        let event = self.event.clone();
        let act = self.world.memory.notice.as_ref().filter(|_| matches!(deed, Deed::Act)).map(|notice| Act {
            notice: notice.key.clone(),
            what: Acted::Done,
            by: None,
            at: self.now,
        });
        let steps = match deed {
            Deed::Gone => self.world.steps(Sighting::Gone, None, self.now),
            Deed::Fire => self.world.steps(Sighting::Timer, None, self.now),
            Deed::Act => self.world.steps(Sighting::Known, act.as_ref(), self.now),
            _ => self.world.steps(Sighting::Event(&event), None, self.now),
        };
        self.steps.extend(steps);
    }

    /// Time goes on, and timers fire as they were set.
    fn pass(&mut self, minutes: i64) {
        let end = self.now.plus_s(minutes * 60);
        let mut fired = 0;
        while let Some(due) = self.world.timer.filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.steps.extend(self.world.steps(Sighting::Timer, None, self.now));
            fired += 1;
            assert!(fired < 20, "timers go round in circles");
        }
        self.now = end;
    }
}

fn rules() -> impl Strategy<Value = Rule> {
    let leads = ["10m", "2h", "1d 18:00", "0m"].map(|lead| Lead::parse(lead).unwrap()).to_vec();
    let leads = proptest::sample::subsequence(leads, 0..=4);
    (leads, any::<bool>(), 0..90_i64).prop_map(|(leads, works, grace_minutes)| {
        let maintenance = Purpose::Maintenance { services: vec!["PWEB".into()] };
        let purpose = if works { maintenance } else { Purpose::Promise };
        Rule { leads, purpose, grace_minutes, ..Rule::default() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn each_generation_is_told_once_and_what_was_opened_is_closed(
        rule in rules(), deeds in proptest::collection::vec(deed(), 0..25),
    ) {
        let mut play = Play::new(rule);
        for (deed, minutes) in &deeds {
            play.does(deed);
            play.pass(*minutes);
        }
        play.pass(60 * 24 * 30);
        let (mut keys, mut windows, mut reports) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let (mut open, mut window) = (None, None);
        for step in &play.steps {
            match step {
                Step::Notice(notice) => {
                    prop_assert!(open.is_none() && keys.insert(notice.key.clone()), "{:?}", play.steps);
                    prop_assert!(notice.at >= notice.due);
                    open = Some(notice.key.clone());
                }
                Step::Announce(early) => prop_assert!(keys.insert(early.key.clone()), "{:?}", play.steps),
                Step::Update { notice } => prop_assert_eq!(open.as_ref(), Some(notice)),
                Step::Ended { notice, .. } => prop_assert_eq!(open.take(), Some(notice.key.clone())),
                Step::Unserved(report) => prop_assert!(reports.insert(report.key.clone()), "{:?}", play.steps),
                Step::OpenWindow(opened) => {
                    prop_assert!(window.is_none() && windows.insert(opened.key.clone()), "{:?}", play.steps);
                    prop_assert!(opened.starts_at < opened.ends_at, "{:?}", opened);
                    window = Some(opened.key.clone());
                }
                Step::ChangeWindow(changed) => {
                    prop_assert_eq!(window.as_ref(), Some(&changed.key));
                    prop_assert!(changed.starts_at < changed.ends_at, "{:?}", changed);
                }
                Step::CloseWindow { window: closed, .. } => prop_assert_eq!(window.take(), Some(closed.key.clone())),
                _ => {}
            }
        }
        prop_assert_eq!((open, window, play.world.timer), (None, None, None), "a month later all is over");
    }

    #[test]
    fn the_same_again_does_nothing(rule in rules(), deeds in proptest::collection::vec(deed(), 0..25)) {
        let mut play = Play::new(rule);
        for (deed, minutes) in &deeds {
            play.does(deed);
            let before = play.steps.len();
            let again = if play.event.is_cancelled { Deed::Gone } else { Deed::Show };
            // What was never shown is not known by its change.
            if !matches!(deed, Deed::Fire | Deed::Act) {
                play.does(&again);
                prop_assert_eq!(&play.steps[before..], &[]);
            }
            play.pass(*minutes);
        }
    }

    #[test]
    fn a_promise_that_nobody_touches_is_told_and_reported(rule in rules(), seen_min in 0..900_i64) {
        let rule = Rule { purpose: Purpose::Promise, ..rule };
        let mut play = Play::new(rule);
        play.now = play.now.plus_s(seen_min * 60);
        let is_over = play.now >= play.event.ends_at;
        play.does(&Deed::Show);
        play.pass(60 * 24 * 3);
        let count = |is: fn(&Step) -> bool| play.steps.iter().filter(|step| is(step)).count();
        prop_assert_eq!(count(|step| matches!(step, Step::Notice(_))), usize::from(!is_over));
        prop_assert_eq!(count(|step| matches!(step, Step::Unserved(_))), 1);
    }

    #[test]
    fn history_and_what_had_begun_act_on_nothing(rule in rules(), deeds in proptest::collection::vec(deed(), 0..25)) {
        let mut past = Play::new(rule.clone());
        past.world.baseline_at = at("06-30 00:00");
        let mut backfill = Play::new(rule);
        backfill.world.origin = Origin::Backfill;
        for (deed, _) in &deeds {
            past.does(deed);
            past.now = past.now.plus_s(60);
            if !matches!(deed, Deed::Fire | Deed::Act) {
                backfill.does(deed);
            }
        }
        prop_assert!(past.steps.iter().all(|step| matches!(step, Step::WouldHave { .. })), "{:?}", past.steps);
        let is_still = |step: &Step| matches!(step, Step::WouldHave { .. } | Step::SetTimer { .. });
        prop_assert!(backfill.steps.iter().all(is_still), "{:?}", backfill.steps);
    }
}
