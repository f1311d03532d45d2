//! What is said of how the mirror is fed: the story of a gap, each block's answer, what seats cost.

use crate::sample;
use duties::safety_net::canary::Lack;
use web::view::{CanaryRow, Frame, RouteRow, SeatsView, Section, Trouble, Ways};
use web::{Language, page};

fn frame(language: Language) -> Frame {
    sample::frame(language, Section::Settings, "/connections")
}

fn plain(text: &str) -> String {
    text.replace('\u{A0}', " ")
}

#[test]
fn a_gap_is_told_as_a_story_with_its_proof() {
    let gap = sample::gap("temporarily_disabled", "closed", 12);
    assert_eq!(
        plain(&gap.story(&frame(Language::En))),
        "Webhooks of subscription P7QXK2D were switched off by PagerDuty from Sun 22 Nov, 02:10 JST to 02:14 (4 min). \
         Nothing was lost: the log was read again twice, 12 entries were lacking and are there now; the last reading \
         lacked none."
    );
    assert_eq!(
        gap.story(&frame(Language::Ja)),
        "11月22日(日) 02:10 JST から 02:14 まで（4分）、PagerDuty がサブスクリプション P7QXK2D の Webhook を止めていました。\
         失われたものはありません。ログを 2回読み直し、足りなかった 12件を補いました。最後の読み直しで不足はありませんでした。"
    );
}

#[test]
fn a_gap_of_seconds_names_both_ends_to_the_second() {
    let mut gap = sample::gap("temporarily_disabled", "closed", 12);
    gap.until = Some(gap.since.plus_s(3));
    let clocks = |text: &str| text.split([' ', '(', ',']).filter(|w| w.matches(':').count() == 2).count();
    for language in Language::ALL {
        let story = plain(&gap.story(&frame(language)));
        assert_eq!(clocks(&story), 2, "{story}");
    }
}

#[test]
fn a_gap_that_is_not_proven_closed_is_never_called_harmless() {
    for language in Language::ALL {
        let f = frame(language);
        for gap in sample::gaps() {
            let says_so =
                gap.story(&f).contains("Nothing was lost") || gap.story(&f).contains("失われたものはありません");
            assert_eq!(says_so, gap.state == "closed" && gap.lacking == 0, "{gap:?}");
        }
    }
}

#[test]
fn every_trouble_says_what_is_so_and_what_to_do_in_both_languages() {
    for language in Language::ALL {
        let f = frame(language);
        for trouble in sample::troubles() {
            for text in [trouble.what(&f), trouble.remedy(&f)] {
                assert!(!text.is_empty() && !text.contains('⟦'), "{trouble:?}: {text}");
            }
        }
    }
}

#[test]
fn a_test_of_a_route_came_through_only_when_it_did() {
    let f = &frame(Language::En);
    let one = |lost: Option<&str>, is_over: bool| CanaryRow {
        began_at: sample::NOW,
        ended_at: is_over.then_some(sample::NOW),
        lost: lost.map(str::to_owned),
        took_us: None,
        asked_by: String::new(),
    };
    let (through, lost, under_way) = (one(None, true), one(Some("lost"), true), one(None, false));
    let barred = Some(Lack::Relay);
    for (last, ended, lacks, wanted) in [
        (Some(&through), Some(&through), None, ("resolved", "The last test of every route")),
        (Some(&under_way), None, None, ("acknowledged", "1 test is under way")),
        (Some(&under_way), Some(&through), None, ("acknowledged", "1 test is under way")),
        (Some(&under_way), Some(&lost), None, ("triggered", "The last test was lost")),
        (Some(&lost), Some(&lost), barred, ("triggered", "The last test was lost")),
        (None, None, barred, ("unknown", "1 route can't be tested")),
        (None, None, None, ("unknown", "1 route was never tested")),
    ] {
        let row =
            RouteRow { name: "zbx".into(), last: last.cloned(), ended: ended.cloned(), lacks, ..RouteRow::default() };
        let said = Ways { routes: vec![row], ..Ways::default() }.routes_said(f);
        assert!(said.state == wanted.0 && said.what.starts_with(wanted.1), "{said:?}: {last:?} {ended:?} {lacks:?}");
    }
}

#[test]
fn the_answer_of_connections_names_the_worst() {
    let f = frame(Language::En);
    let (good, bad, none) = (sample::connections(), sample::connections_bad(), sample::connections_none());
    assert_eq!((good.sentence(&f).as_str(), good.state(&f)), ("Every connection works", "resolved"));
    assert_eq!(bad.state(&f), "triggered");
    assert_eq!(
        bad.sentence(&f),
        "5 connections are broken: PagerDuty webhooks, PagerDuty Events API v2, Polls, Running account, Slack"
    );
    assert_eq!((none.sentence(&f).as_str(), none.state(&f)), ("Nothing is connected yet", "unknown"));
}

#[test]
fn each_list_that_is_missing_says_what_does_not_work_and_how_to_get_it() {
    for language in Language::ALL {
        let f = frame(language);
        let rest = sample::connections_bad().rest;
        for missing in &rest.token.missing {
            let without = rest.without(&f, missing);
            assert!(without.len() > 15 && !without.contains("Access denied"), "{}: {without}", missing.what);
            assert!(rest.scope(&f, missing).contains(".read") && rest.scope(&f, missing).contains("403"));
        }
        let mut odd = rest.token.missing[0].clone();
        odd.what = "business_services".into();
        assert_eq!(rest.without(&f, &odd), "Access denied.", "what has no words of ours is told by the connector's");
    }
}

#[test]
fn a_read_only_key_and_polling_alone_are_called_well() {
    let f = frame(Language::En);
    let varied = sample::connections_varied();
    assert_eq!(varied[2].rest.said(&f).state, "resolved");
    assert!(varied[2].rest.said(&f).what.contains("read only"));
    let polling = &varied[7];
    assert_eq!((polling.webhooks.said(&f).state, polling.state(&f)), ("unknown", "resolved"));
    assert!(plain(&polling.webhooks.said(&f).what).contains("PagerDuty is asked every 1 min"));
}

#[test]
fn seats_say_what_they_cost_and_first_that_too_little_is_known() {
    let f = frame(Language::En);
    let view = sample::seats(Some(200), Some(("6,000", "JPY")));
    assert_eq!(view.sentence(&f), "2 of 4 PagerDuty users had no shift, no page and no act in 90 days");
    assert_eq!(view.cost(&f).as_deref(), Some("At 6,000 JPY per seat and month, that is 144,000 JPY a year."));
    assert_eq!(
        view.instead(&f).as_deref(),
        Some("They could look here instead; 1 of them already has an account here.")
    );
    assert!(view.stakeholders(&f).is_some_and(|text| text.contains("1 stakeholder")));
    let short = sample::seats(Some(12), None);
    assert!(short.sentence(&f).starts_with("Only 12 days are known so far, not 90"));
    assert!(short.known(&f).contains("fetch the history of 90 days") && short.cost(&f).is_none());
    assert_eq!(SeatsView::default().sentence(&f), "No PagerDuty user is known yet");
}

#[test]
fn nobody_is_called_unused_before_it_is_known_who_is() {
    for language in Language::ALL {
        let f = frame(language);
        let view = sample::seats_unsure();
        assert_eq!(view.sentence(&f), f.t("seats-unsure"));
        assert!(view.cost(&f).is_none() && view.instead(&f).is_none() && view.stakeholders(&f).is_none());
        let page = page::seats(&f, &view).expect("renders");
        assert!(page.contains("oncalls.read") && page.contains("PagerDuty answered 403"), "{page}");
        assert!(!page.contains("href=\"#s-missing\"") && !page.contains("6,000") && !page.contains("144,000"));
        assert!(page.contains(&f.t("seats-used")), "who was at work is known all the same");
        assert_eq!(view.lacks(&f).len(), 3);
        let blind = SeatsView { can_read: false, ..view };
        assert_eq!(blind.lacks(&f), [f.t("conn-rest-none")]);
    }
}

#[test]
fn people_of_some_customers_read_of_health_and_not_of_the_account() {
    for language in Language::ALL {
        let f = frame(language);
        for view in [sample::connections(), sample::connections_bad()] {
            let page = page::connections_partial(&f, &view.clone().narrowed()).expect("renders");
            for hidden in ["佐藤 花子", "ops.example.jp/webhooks", "ops-1.example.jp", "14,203", "id=\"gaps\"", "742"]
            {
                assert!(!page.contains(hidden), "{hidden}");
            }
            assert!(page.contains(&f.t("conn-own")));
            for said in [view.rest.said(&f).what, view.polls.said(&f).what] {
                assert!(page.contains(&said.replace('\'', "&#39;")), "{said}");
            }
        }
        assert_eq!(sample::connections().narrowed().sentence(&f), f.t("conn-good-own"));
        assert_eq!(sample::connections_bad().narrowed().state(&f), "triggered");
    }
}

#[test]
fn history_is_offered_to_those_who_may_ask() {
    let f = frame(Language::En);
    let page = |may| page::backfills(&f, &sample::backfills(may, None)).expect("renders");
    assert!(page(true).contains("action=\"/backfills\"") && page(true).contains("/backfills/b1/stop"));
    assert!(!page(false).contains("action=\"/backfills") && page(false).contains("Leaders and administrators"));
    assert!(plain(&page(true)).contains("41 %: 8,213 incidents and 40,118 log entries so far"));
    assert!(plain(&page(true)).contains("about 23 min left"));
    assert!(page(true).contains("Thu 1 Jan – Tue 31 Mar"));
}

#[test]
fn the_live_parts_are_the_inside_of_their_pages() {
    let f = frame(Language::Ja);
    let view = sample::connections_bad();
    let (whole, part) = (page::connections(&f, &view), page::connections_partial(&f, &view));
    assert!(whole.expect("page").contains(part.expect("partial").trim()));
    let view = sample::backfills(true, None);
    let (whole, part) = (page::backfills(&f, &view), page::backfills_partial(&f, &view));
    assert!(whole.expect("page").contains(part.expect("partial").trim()));
}

#[test]
fn on_now_a_gap_that_was_closed_is_good_news() {
    let gap = Trouble::Gap(sample::gap("silent", "closed", 3));
    assert_eq!(gap.shape(), "resolved");
    let html = page::now(&sample::frame(Language::En, Section::Now, "/"), &sample::now_unfed()).expect("renders");
    assert!(html.contains("No webhooks are configured") && html.contains("/connections#gaps"));
}
