//! Tickets and events in words: every reason, end and state in both languages, and what is red is what nobody has.

use crate::sample;
use crate::sample::bridges::{
    called, ends, event_ends, event_row, events, notice_row, raised, reasons, row, ticket, windows,
};
use duties::calendar::Standing;
use duties::tickets::{EndWhy, Reason};
use model::connection::poll;
use std::collections::BTreeSet;
use store::tickets::Watch;
use web::Language;
use web::view::{Called, Frame, Section, TicketFilters, Untaken, WindowState};

fn frame(language: Language) -> Frame {
    sample::frame(language, Section::Tickets, "/tickets")
}

fn whole(texts: &[String]) {
    for text in texts {
        assert!(!text.is_empty() && !text.contains('⟦'), "{text}");
    }
    assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), texts.len(), "each is told apart: {texts:?}");
}

#[test]
fn every_reason_and_end_of_a_ticket_has_its_words_in_both_languages() {
    for language in Language::ALL {
        let f = frame(language);
        let why = |reason: Reason| raised(Watch::Called, reason, EndWhy::Answered).why(&f);
        whole(&reasons().into_iter().map(why).collect::<Vec<_>>());
        let said = |why: EndWhy| raised(Watch::Ended, Reason::Unassigned, why).said(&f).1;
        whole(&ends().into_iter().map(said).collect::<Vec<_>>());
        whole(&event_ends().into_iter().map(|why| notice_row(Watch::Taken, Some(why)).said(&f).1).collect::<Vec<_>>());
        whole(&Watch::ALL.map(|watch| row(71, "x", watch).word(&f)));
        whole(&Watch::ALL.map(|watch| ticket(watch).sentence(&f)));
        let standings: Vec<Standing> = Standing::NAMES
            .into_iter()
            .filter_map(|name| events().into_iter().map(|(_, one)| one).find(|one| one.as_str() == name))
            .collect();
        assert_eq!(standings.len(), Standing::NAMES.len());
        whole(&standings.iter().map(|one| event_row("x", one.clone()).word(&f)).collect::<Vec<_>>());
        whole(&standings.iter().map(|one| event_row("x", one.clone()).sentence(&f)).collect::<Vec<_>>());
    }
}

#[test]
fn red_is_what_people_were_called_for_and_nobody_has() {
    let f = frame(Language::En);
    for watch in Watch::ALL {
        let is_red = row(71, "x", watch).mark(&f).to_string().contains("st triggered");
        assert_eq!(is_red, watch == Watch::Called, "{watch:?}");
    }
    let told = || events().swap_remove(0).1;
    assert!(event_row("x", told()).is_untaken());
    let with = |watch| web::view::EventRow { notice: Some(notice_row(watch, None)), ..event_row("x", told()) };
    assert!(!with(Watch::Taken).is_untaken() && !with(Watch::Observed).is_untaken());
    assert_eq!(with(Watch::Taken).shape(), "acknowledged");
}

#[test]
fn where_people_heard_of_it_and_whether_they_were_paged_is_never_left_open() {
    for language in Language::ALL {
        let f = frame(language);
        let unseen = Called { incident: None, ..called(Watch::Called) };
        let posted = Called { mode: "post".into(), ..called(Watch::Called) };
        let nowhere = Called { told: None, ..called(Watch::Called) };
        let telling = Called {
            told: called(Watch::Called).told.map(|told| web::view::Told { at: None, ..told }),
            ..called(Watch::Called)
        };
        whole(&[called(Watch::Called), unseen, posted, called(Watch::Observed)].map(|one| one.paged_words(&f)));
        whole(
            &[called(Watch::Called), telling, nowhere, called(Watch::Ended), called(Watch::Observed)]
                .map(|one| one.told_words(&f)),
        );
    }
}

#[test]
fn a_window_says_how_it_stands_in_pagerduty_and_what_to_do_where_it_does_not() {
    for language in Language::ALL {
        let f = frame(language);
        let (good, bad): (Vec<_>, Vec<_>) = windows().into_iter().partition(|window| window.trouble.is_none());
        whole(&good.iter().map(|window| window.said(&f).1).collect::<Vec<_>>());
        whole(&bad.iter().filter_map(|window| window.why(&f)).collect::<Vec<_>>());
        assert!(good.iter().all(|window| window.said(&f).0 != "triggered" && window.step(&f).is_none()));
        for window in bad {
            assert_eq!(window.said(&f).0, "triggered");
            // Whose time is over needs nothing any more.
            assert_eq!(window.step(&f).is_some(), window.state != WindowState::Never, "{window:?}");
            let is_ours = !window.trouble.as_ref().is_some_and(|why| why.contains("403"));
            let why = window.why(&f).unwrap_or_default();
            assert!(language == Language::En || !is_ours || why.contains('。'), "{why}");
        }
        let what = windows().swap_remove(0).what(&f);
        assert!(what.contains("Minato: core") && what.contains("みなと病院") && !what.contains("customer:"), "{what}");
    }
}

#[test]
fn the_answer_counts_what_nobody_has_and_a_quiet_page_says_so() {
    let view = sample::bridges::tickets(TicketFilters::default());
    let busy = frame(Language::En);
    assert_eq!(view.said(&busy).0, "triggered");
    assert!(view.sentence(&busy).starts_with("For 2 tickets"), "{}", view.sentence(&busy));
    let quiet = Frame { tickets: Untaken::default(), ..frame(Language::En) };
    assert_eq!(view.said(&quiet).0, "resolved");
    assert!(view.sentence(&quiet).starts_with("36 open tickets"), "{}", view.sentence(&quiet));
}

#[test]
fn polls_of_spaces_and_calendars_are_told_by_name() {
    for language in Language::ALL {
        let f = frame(language);
        let names = [poll::ACTIVITIES, poll::TICKETS, poll::CALENDAR].map(|kind| f.poll(&format!("{kind}minato")));
        whole(&names);
        assert!(names.iter().all(|name| name.contains("minato") && !name.contains('/')), "{names:?}");
    }
}
