//! Whatever people do to a ticket, and however its readings come: no happening is told twice, history never acts, and a hit ends
//! when the history shows that its reason is gone.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Somebody does something, so many minutes after the one before.
fn deed() -> impl Strategy<Value = (usize, u8, i64)> {
    (0..6_usize, 0..7_u8, 1..900_i64)
}

/// A story of a ticket that is consistent in itself.
fn story() -> impl Strategy<Value = Vec<Happening>> {
    proptest::collection::vec(deed(), 1..14).prop_map(|deeds| {
        const PEOPLE: [&str; 6] = [CUSTOMER, SATO, SUZUKI, DESK, BOT, COLLEAGUE];
        let (mut who, mut status) = ("", "未対応");
        let mut now = at("05-08 09:00");
        let mut story = vec![creates("05-08 09:00", CUSTOMER)];
        for (by, what, minutes) in deeds {
            now = now.plus_s(minutes * 60);
            let by = PEOPLE[by];
            let mut happening = match what {
                0 | 1 => says("05-08 09:00", by),
                2 => did("05-08 09:00", by, Some("[arayashiki:ticket:0a]"), Vec::new()),
                3 | 4 => {
                    let to = if what == 3 { by } else { "" };
                    let happening = assigns("05-08 09:00", by, who, to);
                    who = to;
                    happening
                }
                _ => {
                    let to = if what == 5 { "完了" } else { "処理中" };
                    let happening = sets("05-08 09:00", by, status, to);
                    status = to;
                    happening
                }
            };
            happening.at = now;
            story.push(happening);
        }
        story
    })
}

fn hits(steps: &[Step]) -> Vec<&Hit> {
    steps.iter().filter_map(|step| if let Step::Hit(hit) = step { Some(hit) } else { None }).collect()
}

fn whole() -> World {
    let mut world = World { baseline_at: at("05-08 08:00"), ..world() };
    let waits = Some(Waits { minutes: 30, of: HoursOf::Person("suzuki".into()) });
    world.settings.rules.push(Rule { name: "waits".into(), waits, ..Rule::default() });
    world
}

/// Readings of prefixes, in any order and number, each read when it was new; a late one keeps the instant of its reading.
fn play(world: &mut World, story: &[Happening], order: &[usize]) -> Vec<Step> {
    let mut steps = Vec::new();
    for n in order {
        let reading = read("", &story[..=n % story.len()]);
        steps.extend(world.steps(Sighting::Read(&reading), reading.ticket.updated_at.plus_s(1)));
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_happening_is_hit_twice_and_hits_alternate_with_ends(
        story in story(), order in proptest::collection::vec(0..20_usize, 0..20),
    ) {
        let mut world = whole();
        let mut order = order;
        order.push(story.len() - 1);
        order.push(story.len() - 1);
        let steps = play(&mut world, &story, &order);
        let (mut keys, mut told, mut open) = (BTreeSet::new(), BTreeSet::new(), None);
        for step in &steps {
            match step {
                Step::Hit(hit) => {
                    prop_assert!(open.is_none(), "two at once: {steps:?}");
                    prop_assert!(keys.insert(hit.key.clone()), "a key twice");
                    let is_wait = hit.rule == "waits";
                    prop_assert!(told.insert((is_wait, hit.happening)), "a happening twice: {steps:?}");
                    open = Some(hit.key.clone());
                }
                Step::Ended { hit, .. } => {
                    prop_assert_eq!(open.take(), Some(hit.key.clone()));
                }
                Step::Again(again) => prop_assert_eq!(open.as_ref(), Some(&again.hit)),
                _ => {}
            }
        }
        prop_assert_eq!(world.memory.hit.as_ref().map(|hit| hit.key.clone()), open);
    }

    #[test]
    fn the_same_reading_again_does_nothing(story in story()) {
        let mut world = whole();
        for n in 0..story.len() {
            let reading = read("", &story[..=n]);
            let now = reading.ticket.updated_at.plus_s(1);
            world.steps(Sighting::Read(&reading), now);
            let before = world.memory.clone();
            prop_assert_eq!(world.steps(Sighting::Read(&reading), now), Vec::new());
            prop_assert_eq!(&world.memory, &before);
        }
    }

    #[test]
    fn the_order_in_which_a_history_is_listed_does_not_matter(story in story(), seed in any::<u64>()) {
        let reading = read("", &story);
        let mut mixed = reading.clone();
        let len = mixed.history.len();
        for n in 0..len {
            mixed.history.swap(n, usize::try_from(seed >> (n % 32)).unwrap_or(n) % len);
        }
        mixed.history.push(reading.history[0].clone());
        let now = reading.ticket.updated_at.plus_s(1);
        let (mut one, mut other) = (whole(), whole());
        prop_assert_eq!(one.steps(Sighting::Read(&reading), now), other.steps(Sighting::Read(&mixed), now));
    }

    #[test]
    fn history_never_acts(story in story(), n in 0..20_usize) {
        for origin in [Origin::Backfill, Origin::Replay] {
            let mut world = World { origin, ..whole() };
            let steps = play(&mut world, &story, &[n, n, story.len() - 1]);
            prop_assert!(steps.iter().all(|step| matches!(step, Step::WouldHave { .. })), "{:?}", steps);
        }
        let mut world = World { baseline_at: at("06-30 00:00"), ..whole() };
        let steps = play(&mut world, &story, &[n, story.len() - 1]);
        prop_assert_eq!(hits(&steps), Vec::<&Hit>::new(), "nothing is newer than the baseline");
    }

    #[test]
    fn a_hit_is_of_the_customers_side_and_never_of_ours(story in story()) {
        let all: Vec<usize> = (0..story.len()).collect();
        let steps = play(&mut whole(), &story, &all);
        for hit in hits(&steps) {
            let happening = &story[usize::try_from(hit.happening).unwrap()];
            prop_assert_eq!(&happening.by.name, CUSTOMER);
        }
    }

    #[test]
    fn after_an_answer_or_a_closing_of_ours_no_hit_is_open(story in story(), answers in any::<bool>()) {
        let mut story = story;
        let after = story.last().unwrap().at.plus_s(60);
        let done = read("", &story).ticket.status.name;
        let is_open = !["処理済み", "完了"].contains(&done.as_str());
        let mut last = if answers || !is_open { says("05-08 09:00", SUZUKI) } else { sets("05-08 09:00", SUZUKI, &done, "完了") };
        last.at = after;
        let all: Vec<usize> = (0..=story.len()).collect();
        story.push(last);
        let mut world = whole();
        let steps = play(&mut world, &story, &all);
        prop_assert!(world.memory.hit.is_none(), "{:?}", steps);
        prop_assert!(world.memory.wait.is_none());
    }

    #[test]
    fn one_reading_of_everything_ends_as_many_readings_do(story in story()) {
        let all: Vec<usize> = (0..story.len()).collect();
        let (mut many, mut one) = (whole(), whole());
        many.settings.rules.pop();
        one.settings.rules.pop();
        play(&mut many, &story, &all);
        play(&mut one, &story, &[story.len() - 1]);
        let open = |world: &World| world.memory.hit.as_ref().map(|hit| (hit.key.clone(), hit.happening));
        prop_assert_eq!(open(&many), open(&one));
    }
}
