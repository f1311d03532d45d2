//! Posts, links to Slack accounts, concerns, tickets, events, days and rules of the page, on both databases.

use super::bed::{Bed, for_each_store};
use crate::concerns::{self, Concern};
use crate::page_rules::{self, Rule};
use crate::person_days::{self, Day};
use crate::slack_accounts::{self, Member};
use crate::{Tx, calendar_events, posts, reminders, tickets};
use model::calendar::CalendarEvent;
use model::ticket::{Named, Reading, Ticket, Who};
use model::{Micros, Scope};

async fn write<T: Send + 'static>(
    bed: &Bed,
    unit: impl for<'a> Fn(&'a mut Tx) -> crate::Unit<'a, T> + Send + Sync + 'static,
) -> T {
    bed.store.write("test", unit).await.unwrap()
}

fn wanted(id: &str, parent: Option<&str>) -> posts::Wanted {
    let parent = parent.map(str::to_owned);
    posts::Wanted { id: id.into(), parent, subject: "Q1".into(), customer: None, channel: "#alerts".into() }
}

#[test]
fn a_post_is_behind_until_its_last_version_is_shown_and_never_goes_back() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                assert_eq!(posts::want(tx, &wanted("incident/Q1", None)).await?, 1);
                assert_eq!(posts::want(tx, &wanted("incident/Q1", None)).await?, 2);
                posts::shown(tx, "incident/Q1", 1, ("C1", "1.000"), "d1").await?;
                assert!(posts::is_behind(tx, "incident/Q1").await?);
                posts::shown(tx, "incident/Q1", 2, ("C1", "1.000"), "d2").await?;
                assert!(!posts::is_behind(tx, "incident/Q1").await?);
                posts::unchanged(tx, "incident/Q1", 1).await?;
                assert!(!posts::is_behind(tx, "incident/Q1").await?);
                posts::want(tx, &wanted("incident/Q1/details", Some("incident/Q1"))).await?;
                let all = posts::want_all(tx, "Q1").await?;
                assert_eq!(all.iter().map(|post| post.wanted).collect::<Vec<_>>(), [3, 2]);
                assert_eq!(posts::at(tx, "C1", "1.000").await?.map(|post| post.id).as_deref(), Some("incident/Q1"));
                posts::troubled(tx, "incident/Q1", "the channel is gone").await?;
                assert_eq!(posts::troubles(tx, &Scope::All).await?.len(), 1);
                assert_eq!(posts::forgotten(tx, tx.now().plus_s(1), 10).await?.len(), 2);
                posts::shown(tx, "incident/Q1", 3, ("C1", "1.000"), "d3").await?;
                assert!(posts::troubles(tx, &Scope::All).await?.is_empty());
                posts::lost(tx, "incident/Q1").await?;
                assert_eq!(posts::at(tx, "C1", "1.000").await?, None);
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn a_link_makes_one_account_of_one_member_and_only_once() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let who = Member { team: "T1".into(), member: "U1".into(), name: "Sato".into() };
                let (digest, since) = ([7u8; 32], tx.now().plus_s(-600));
                slack_accounts::offer(tx, digest, &who).await?;
                assert_eq!(slack_accounts::offered(tx, digest, since).await?.as_ref(), Some(&who));
                assert_eq!(slack_accounts::offered(tx, digest, tx.now().plus_s(1)).await?, None, "too old");
                assert_eq!(slack_accounts::link(tx, [8; 32], since, "a1").await?, None, "nobody's");
                assert_eq!(slack_accounts::link(tx, digest, since, "a1").await?.as_ref(), Some(&who));
                assert_eq!(slack_accounts::link(tx, digest, since, "a2").await?, None, "used");
                assert_eq!(slack_accounts::account_of(tx, "T1", "U1").await?.as_deref(), Some("a1"));
                assert_eq!(slack_accounts::account_of(tx, "T2", "U1").await?, None, "another workspace");
                assert_eq!(slack_accounts::of_account(tx, "a1").await?.len(), 1);
                assert!(slack_accounts::unlink(tx, "T1", "U1").await?);
                assert!(!slack_accounts::unlink(tx, "T1", "U1").await? && slack_accounts::all(tx).await?.is_empty());
                Ok(())
            })
        })
        .await;
    });
}

fn raised(subject: &str, generation: i64, customer: Option<&str>, since: Micros) -> Concern {
    let id = format!("tickets/{subject}/{generation}");
    Concern {
        dedup_key: format!("arayashiki/{id}"),
        id,
        duty: "tickets".into(),
        subject: subject.into(),
        generation,
        rule: "off-hours".into(),
        customer: customer.map(str::to_owned),
        channel: Some("#desk".into()),
        title: "web01".into(),
        reason: "{}".into(),
        severity: "error".into(),
        mode: "page".into(),
        since,
        incident: None,
        moved_at: None,
        moved_by: None,
        ended_at: None,
        ended: None,
    }
}

#[test]
fn a_reminder_that_was_stopped_is_not_kept_going() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let now = tx.now();
                assert!(reminders::start(tx, "incident/Q1", "{}", now.plus_s(60)).await?);
                assert!(!reminders::start(tx, "incident/Q1", "other", now).await?, "the first one counts");
                assert_eq!(reminders::due(tx, now.plus_s(59), 9).await?, []);
                assert_eq!(reminders::due(tx, now.plus_s(60), 9).await?.len(), 1);
                assert!(reminders::keep(tx, "incident/Q1", "1", Some(now.plus_s(120))).await?);
                assert!(!reminders::resume(tx, "incident/Q1", "x", now).await?, "it goes on");
                assert!(reminders::stop(tx, "incident/Q1").await? && !reminders::stop(tx, "incident/Q1").await?);
                assert!(!reminders::keep(tx, "incident/Q1", "2", Some(now)).await?);
                assert!(
                    !reminders::stop(tx, "incident/Q2").await?
                        && !reminders::resume(tx, "incident/Q2", "x", now).await?
                );
                assert!(reminders::resume(tx, "incident/Q1", "3", now.plus_s(9)).await?);
                let found = reminders::get(tx, "incident/Q1").await?.unwrap();
                assert_eq!((found.state.as_str(), found.due_at), ("3", Some(now.plus_s(9))));
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn a_concern_is_raised_once_moved_once_and_ends_once() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let now = tx.now();
                let one = raised("b/1", 1, Some("bank"), now);
                assert!(concerns::add(tx, &one).await? && !concerns::add(tx, &one).await?);
                assert!(concerns::add(tx, &raised("b/2", 1, None, now.plus_s(1))).await?);
                assert_eq!(concerns::by_key(tx, &one.dedup_key).await?.as_ref(), Some(&one));
                assert!(concerns::became(tx, &one.id, "Q9").await? && !concerns::became(tx, &one.id, "Q9").await?);
                assert!(concerns::moved(tx, &one.id, now, "Sato").await?);
                assert!(!concerns::moved(tx, &one.id, now, "Suzuki").await?);
                assert!(concerns::end(tx, &one.id, now, "{}").await? && !concerns::end(tx, &one.id, now, "x").await?);
                assert_eq!(concerns::list(tx, &Scope::All, "tickets", true, None, 9).await?.len(), 1);
                assert_eq!(concerns::list(tx, &Scope::All, "tickets", false, None, 9).await?.len(), 2);
                let bank = Scope::Customers(vec!["bank".into()]);
                assert_eq!(concerns::list(tx, &bank, "tickets", false, None, 9).await?.len(), 1);
                let first = concerns::list(tx, &Scope::All, "tickets", false, None, 1).await?.remove(0);
                let rest = concerns::list(tx, &Scope::All, "tickets", false, Some((first.since, &first.id)), 9).await?;
                assert_eq!(rest.iter().map(|one| one.subject.as_str()).collect::<Vec<_>>(), ["b/1"]);
                assert_eq!(
                    concerns::last(tx, "tickets", "b/1").await?.and_then(|last| last.moved_by).as_deref(),
                    Some("Sato")
                );
                Ok(())
            })
        })
        .await;
    });
}

fn reading(title: &str) -> Reading {
    let who = Who { id: 7, login: None, name: "Sato".into(), mail: None };
    let ticket = Ticket {
        id: "bank/1001".into(),
        space: "bank".into(),
        key: "OPS-12".into(),
        project: "OPS".into(),
        title: title.into(),
        body: String::new(),
        kind: "task".into(),
        categories: Vec::new(),
        priority: Some(Named { id: 2, name: "High".into() }),
        status: Named { id: 1, name: "Open".into() },
        is_done: false,
        assignee: None,
        created_by: who,
        created_at: Micros(1),
        updated_at: Micros(2),
        url: "https://bank.backlog.example/view/OPS-12".into(),
    };
    Reading { ticket, history: Vec::new() }
}

#[test]
fn an_older_reading_of_a_ticket_changes_nothing() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                assert!(tickets::save(tx, &reading("new"), Some("bank"), Micros(20), "{}").await?);
                assert!(!tickets::save(tx, &reading("old"), Some("bank"), Micros(10), "{}").await?);
                let kept = tickets::by_key(tx, "bank", "OPS-12").await?.unwrap();
                assert_eq!((kept.reading.ticket.title.as_str(), kept.read_at), ("new", Micros(20)));
                tickets::remember(tx, "bank/1001", "{\"a\":1}").await?;
                assert_eq!(tickets::get(tx, &Scope::All, "bank/1001").await?.unwrap().memory, "{\"a\":1}");
                let other = Scope::Customers(vec!["shop".into()]);
                assert_eq!(tickets::get(tx, &other, "bank/1001").await?, None);
                let open = tickets::Filter { open_only: true, ..tickets::Filter::default() };
                assert_eq!(tickets::list(tx, &Scope::All, &open, 9).await?.len(), 1);
                assert!(
                    tickets::gone(tx, "bank/1001", Micros(30)).await?
                        && !tickets::gone(tx, "bank/1001", Micros(31)).await?
                );
                assert!(tickets::list(tx, &Scope::All, &open, 9).await?.is_empty());
                Ok(())
            })
        })
        .await;
    });
}

fn event(id: &str, from: i64) -> CalendarEvent {
    CalendarEvent {
        id: id.into(),
        calendar: id.split('/').next().unwrap_or_default().into(),
        title: "Maintenance".into(),
        starts_at: Micros(from),
        ends_at: Micros(from + 10),
        ..CalendarEvent::default()
    }
}

#[test]
fn an_event_that_a_whole_list_does_not_show_is_found() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                for (id, from, seen_at) in [("work/a", 100, 5), ("work/b", 200, 9)] {
                    let kept = calendar_events::Kept {
                        event: event(id, from),
                        customer: None,
                        seen_at: Micros(seen_at),
                        is_gone: false,
                        memory: String::new(),
                    };
                    assert!(calendar_events::save(tx, &kept).await?);
                    let older = calendar_events::Kept { seen_at: Micros(1), ..kept };
                    assert!(!calendar_events::save(tx, &older).await?);
                }
                let unseen = calendar_events::unseen(tx, "work", (Micros(50), Micros(9)), 9).await?;
                assert_eq!(unseen.iter().map(|kept| kept.event.id.as_str()).collect::<Vec<_>>(), ["work/a"]);
                let all = (Micros(50), Micros(10));
                assert_eq!(calendar_events::unseen(tx, "work", all, 1).await?.len(), 1, "no more than are asked for");
                let of = |calendar: &str| calendar_events::Filter {
                    calendar: Some(calendar.into()),
                    since: Some(Micros(105)),
                    until: Some(Micros(200)),
                    ..calendar_events::Filter::default()
                };
                assert_eq!(calendar_events::list(tx, &Scope::All, &of("work"), 9).await?.len(), 1);
                assert!(calendar_events::list(tx, &Scope::All, &of("other"), 9).await?.is_empty());
                let standing = calendar_events::standing(tx, &["other", "work"], Micros(110), 9).await?;
                assert_eq!(standing.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["work/b"]);
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn what_nobody_can_read_is_seen_all_the_same_with_its_repeats_and_no_other() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                for id in ["work/a", "work/a/20260501", "work/a-b", "work/a0", "work/aa/1"] {
                    let event =
                        CalendarEvent { recurring: id.strip_suffix("/20260501").map(str::to_owned), ..event(id, 100) };
                    let memory = String::new();
                    let kept =
                        calendar_events::Kept { event, customer: None, seen_at: Micros(5), is_gone: false, memory };
                    assert!(calendar_events::save(tx, &kept).await?);
                }
                let named = calendar_events::named_after(tx, "work/a", Micros(9)).await?;
                assert_eq!(named, ["work/a", "work/a/20260501"]);
                for id in named {
                    calendar_events::seen(tx, &id, Micros(9)).await?;
                    calendar_events::seen(tx, &id, Micros(7)).await?;
                }
                assert!(calendar_events::named_after(tx, "work/a", Micros(9)).await?.is_empty());
                let unseen = calendar_events::unseen(tx, "work", (Micros(50), Micros(9)), 9).await?;
                let unseen: Vec<&str> = unseen.iter().map(|kept| kept.event.id.as_str()).collect();
                assert_eq!(unseen, ["work/a-b", "work/a0", "work/aa/1"]);
                let series = |after| (Micros(after), ["work/a/20260501".to_owned()]);
                let (after, found) = series(109);
                assert_eq!(calendar_events::of_series(tx, "work", "work/a", after).await?, found);
                assert!(calendar_events::of_series(tx, "work", "work/a", Micros(110)).await?.is_empty(), "it was over");
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn a_list_of_tickets_knows_what_watching_each_came_to_and_shows_nobody_elses() {
    use tickets::{Filter, Watch};
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                for n in 1..=6 {
                    let mut one = reading(&format!("Disk {n}% full"));
                    one.ticket.id = format!("bank/{n}");
                    one.ticket.key = format!("OPS-{n}");
                    one.ticket.updated_at = Micros(n);
                    tickets::save(tx, &one, Some("bank"), Micros(20), "{}").await?;
                }
                let bank = Some("bank");
                for n in 2..=5 {
                    assert!(concerns::add(tx, &raised(&format!("bank/{n}"), 1, bank, Micros(n))).await?);
                }
                let would = Concern { mode: "observe".into(), ..raised("bank/1", 0, bank, Micros(1)) };
                concerns::add(tx, &would).await?;
                concerns::moved(tx, "tickets/bank/3/1", Micros(9), "Sato").await?;
                concerns::end(tx, "tickets/bank/4/1", Micros(9), "{}").await?;
                let observed = Concern { mode: "observe".into(), ..raised("bank/5", 2, bank, Micros(7)) };
                concerns::add(tx, &observed).await?;
                let all = tickets::list(tx, &Scope::All, &Filter::default(), 9).await?;
                let found = |items: &[tickets::Item]| -> Vec<String> {
                    items
                        .iter()
                        .map(|item| format!("{} {}", item.kept.reading.ticket.key, item.watch().as_str()))
                        .collect()
                };
                let (watched, rest) =
                    ("OPS-6 watched", ["OPS-5 observed", "OPS-4 ended", "OPS-3 taken", "OPS-2 called", "OPS-1 would"]);
                assert_eq!(found(&all), [&[watched], &rest[..]].concat());
                for watch in Watch::ALL {
                    let only = Filter { watch: Some(watch), ..Filter::default() };
                    let but = Filter { but: Some(watch), ..Filter::default() };
                    let only = tickets::list(tx, &Scope::All, &only, 9).await?;
                    assert!(only.len() == 1 && only[0].watch() == watch, "{watch:?}: {only:?}");
                    assert_eq!(tickets::list(tx, &Scope::All, &but, 9).await?.len(), 5, "{watch:?}");
                }
                let text = |text: &str| Filter { text: Some(text.into()), ..Filter::default() };
                assert_eq!(tickets::list(tx, &Scope::All, &text("disk 3%"), 9).await?.len(), 1);
                assert_eq!(tickets::list(tx, &Scope::All, &text("ops-1"), 9).await?.len(), 1);
                assert!(tickets::list(tx, &Scope::All, &text("_"), 9).await?.is_empty(), "no wildcard");
                let before = Some((Micros(3), "bank/3".to_owned()));
                let rest = tickets::list(tx, &Scope::All, &Filter { before, ..Filter::default() }, 9).await?;
                assert_eq!(found(&rest), ["OPS-2 called", "OPS-1 would"]);
                let shop = Scope::Customers(vec!["shop".into()]);
                assert!(tickets::list(tx, &shop, &Filter::default(), 9).await?.is_empty());
                assert!(
                    tickets::places(tx, &shop).await?.is_empty()
                        && concerns::count_untaken(tx, &shop).await?.is_empty()
                );
                let place = tickets::places(tx, &Scope::All).await?.remove(0);
                assert_eq!((place.project.as_str(), place.open, place.called), ("OPS", 6, 2));
                let untaken = concerns::count_untaken(tx, &Scope::All).await?;
                assert_eq!(untaken, [("tickets".to_owned(), 2, Micros(2))]);
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn a_list_of_events_goes_both_ways_and_leaves_calendars_out() {
    use calendar_events::Filter;
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                for (id, starts_at) in [("work/a", 100), ("work/b", 100), ("work/c", 300), ("leave/d", 150)] {
                    let kept = calendar_events::Kept {
                        event: event(id, starts_at),
                        customer: Some("bank".into()),
                        seen_at: Micros(5),
                        is_gone: false,
                        memory: String::new(),
                    };
                    assert!(calendar_events::save(tx, &kept).await?);
                }
                let concern = Concern { duty: "calendar".into(), ..raised("work/b", 1, Some("bank"), Micros(90)) };
                concerns::add(tx, &concern).await?;
                let ids = |items: &[calendar_events::Item]| -> Vec<String> {
                    items.iter().map(|item| item.kept.event.id.clone()).collect()
                };
                let but = vec!["leave".to_owned()];
                let rising = Filter { but: but.clone(), is_rising: true, ..Filter::default() };
                let all = calendar_events::list(tx, &Scope::All, &rising, 9).await?;
                assert_eq!(ids(&all), ["work/a", "work/b", "work/c"]);
                assert_eq!(all[1].last.as_ref().map(|one| one.id.as_str()), Some("tickets/work/b/1"));
                assert!(all[0].last.is_none());
                let after = Filter { after: Some((Micros(100), "work/a".into())), ..rising.clone() };
                assert_eq!(ids(&calendar_events::list(tx, &Scope::All, &after, 9).await?), ["work/b", "work/c"]);
                let falling = Filter { but, after: Some((Micros(300), "work/c".into())), ..Filter::default() };
                assert_eq!(ids(&calendar_events::list(tx, &Scope::All, &falling, 9).await?), ["work/b", "work/a"]);
                let over = |is_over| Filter { over_by: Some((Micros(200), is_over)), ..Filter::default() };
                assert_eq!(ids(&calendar_events::list(tx, &Scope::All, &over(false), 9).await?), ["work/c"]);
                assert_eq!(calendar_events::list(tx, &Scope::All, &over(true), 9).await?.len(), 3);
                let shop = Scope::Customers(vec!["shop".into()]);
                assert!(calendar_events::list(tx, &shop, &Filter::default(), 9).await?.is_empty());
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn what_people_say_of_their_days_is_said_once_and_withdrawn_not_deleted() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let day = Day {
                    id: "form-1".into(),
                    person: "sato".into(),
                    kind: "leave".into(),
                    from: tx.now(),
                    until: tx.now().plus_s(3_600),
                    body: "{}".into(),
                    said_by: "sato@example.jp".into(),
                    said_at: tx.now(),
                    withdrawn_by: None,
                    withdrawn_at: None,
                };
                assert!(person_days::say(tx, &day).await? && !person_days::say(tx, &day).await?);
                assert_eq!(person_days::standing(tx, tx.now()).await?, std::slice::from_ref(&day));
                assert!(person_days::standing(tx, tx.now().plus_s(7_200)).await?.is_empty(), "over");
                assert!(
                    person_days::withdraw(tx, "form-1", "lead").await?
                        && !person_days::withdraw(tx, "form-1", "x").await?
                );
                assert!(person_days::standing(tx, tx.now()).await?.is_empty());
                assert_eq!(person_days::of_person(tx, "sato", 9).await?.len(), 1);
                Ok(())
            })
        })
        .await;
    });
}

#[test]
fn two_leaders_who_change_one_rule_at_a_time_are_told_apart() {
    for_each_store(async |bed| {
        write(bed, |tx| {
            Box::pin(async move {
                let rule = |id: &str, version: i64, body: &str| Rule {
                    id: id.into(),
                    kind: "backlog.rule".into(),
                    name: "night".into(),
                    version,
                    position: 1,
                    body: body.into(),
                    is_off: false,
                    is_deleted: false,
                    said_by: "lead".into(),
                    said_at: Micros(1),
                };
                assert!(page_rules::say(tx, &rule("f1", 1, "a")).await?);
                assert!(page_rules::say(tx, &rule("f2", 2, "b")).await?);
                assert!(!page_rules::say(tx, &rule("f3", 2, "c")).await?, "somebody else was first");
                assert!(!page_rules::say(tx, &rule("f2", 3, "b")).await?, "the same form");
                let all = page_rules::of_kind(tx, "backlog.rule").await?;
                assert_eq!(all.iter().map(|rule| rule.body.as_str()).collect::<Vec<_>>(), ["b"]);
                assert_eq!(page_rules::versions(tx, "backlog.rule", "night").await?.len(), 2);
                let deleted = Rule { is_deleted: true, ..rule("f4", 3, "") };
                assert!(page_rules::say(tx, &deleted).await?);
                assert_eq!(page_rules::of_kind(tx, "backlog.rule").await?, []);
                assert_eq!(page_rules::versions(tx, "backlog.rule", "night").await?.len(), 3, "nothing is lost");
                assert!(page_rules::say(tx, &rule("f5", 4, "b")).await?);
                assert_eq!(page_rules::of_kind(tx, "backlog.rule").await?.len(), 1);
                Ok(())
            })
        })
        .await;
    });
}
