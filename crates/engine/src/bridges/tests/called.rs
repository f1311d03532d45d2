//! Who is called by name, and what people are told to do where they read it.

use super::super::remind;
use super::*;
use duties::reminders::Target;
use duties::reminders::words::Way;
use model::hours::Person as Hours;

/// With a bot whose messages have buttons, or by an incoming webhook alone.
fn by_slack(can_press: bool) -> Settings {
    let slack = crate::slack::Settings {
        incidents: Mode::Page,
        all_urgencies: false,
        channels: BTreeMap::from([("alerts".to_owned(), "C1".to_owned())]),
        customers: BTreeMap::new(),
        signing_secrets: Vec::new(),
        has_bot: can_press,
        hears: can_press,
        wording: Default::default(),
        language: duties::Language::En,
        zone: jiff::tz::TimeZone::UTC,
        public_url: String::new(),
    };
    Settings { slack: Some(slack), ..bridged() }
}

#[test]
fn a_message_names_a_button_only_where_it_has_one() {
    for can_press in [true, false] {
        on_a_bed_with(by_slack(can_press), async |bed: &Bed| {
            bed.with_a_baseline().await;
            bed.event(|_| ()).await;
            let (settings, id) = (bed.settings.clone(), concern::id(calendar::DUTY, EVENT, 1));
            let card = bed.write(move |tx| Box::pin(async move { concern::card(tx, &settings, &id).await }));
            let (card, _) = card.await.unwrap();
            assert_eq!(card.presses.iter().any(|press| press.text == "Done"), can_press);
            assert_eq!(card.message.plain().contains("press \"Done\""), can_press, "{card:?}");
            let (settings, post) = (bed.settings.clone(), format!("concern/{}", concern::id(calendar::DUTY, EVENT, 1)));
            let matter = bed.write(move |tx| Box::pin(async move { remind::matter(tx, &settings, &post).await }));
            let way = matter.await.unwrap().words(&bed.settings).way;
            assert_eq!(way, if can_press { Way::Press } else { Way::PagerDuty });
        });
    }
}

/// The desk is a group in Slack as well; of the night's, one person is known there.
fn with_groups() -> Settings {
    let mut settings = by_slack(true);
    let bridges = &mut settings.bridges;
    bridges.slack_groups = BTreeMap::from([("desk".to_owned(), "S0DESK".to_owned())]);
    let of = |id: &str, group: &str| Hours { id: id.into(), groups: vec![group.into()], ..Hours::default() };
    bridges.roster.persons = vec![of("sato", "desk"), of("suzuki", "night"), of("ito", "night")];
    let known =
        |id: &str, slack: &str| super::super::Person { id: id.into(), slack: Some(slack.into()), ..Default::default() };
    bridges.people = vec![known("sato", "U0SATO"), known("suzuki", "U0SUZUKI")];
    let tickets = &mut bridges.spaces[0].tickets;
    tickets.rules[0].when = tickets::When::GroupAccount;
    let accounts = vec![tickets::Identity { name: Some("Desk".into()), ..Default::default() }];
    let desk = tickets::Group { id: "desk".into(), name: "Desk".into(), members: Vec::new(), accounts };
    tickets.directory.groups = vec![desk];
    settings
}

#[test]
fn a_group_is_called_by_its_own_name_in_slack_and_else_by_its_members() {
    on_a_bed_with(with_groups(), async |bed: &Bed| {
        bed.with_a_baseline().await;
        bed.event(|_| ()).await;
        let (settings, post) = (bed.settings.clone(), format!("concern/{}", concern::id(calendar::DUTY, EVENT, 1)));
        let whom = bed.write(move |tx| {
            Box::pin(async move {
                let matter = remind::matter(tx, &settings, &post).await?.unwrap();
                let to = [Target::Group("desk".into()), Target::Group("night".into())];
                remind::whom(tx, &settings, &matter, &to).await
            })
        });
        assert_eq!(whom.await, ["S0DESK", "U0SUZUKI"]);
    });
}

#[test]
fn a_ticket_of_the_desk_calls_the_desk_until_it_is_over() {
    on_a_bed_with(with_groups(), async |bed: &Bed| {
        bed.with_a_baseline().await;
        let card = async || {
            let (settings, id) = (bed.settings.clone(), concern::id(tickets::DUTY, TICKET, 1));
            bed.write(move |tx| Box::pin(async move { concern::card(tx, &settings, &id).await })).await.unwrap().0
        };
        let to = |name: &str| Change::Assignee { from: None, to: Some(name.into()) };
        let created = did(0, bed.clock.now(), vec![Change::Created, to("Desk")]);
        bed.ticket(vec![created.clone()]).await;
        assert_eq!(card().await.mentions, ["S0DESK"]);
        bed.clock.advance_s(60);
        bed.ticket(vec![created, did(1, bed.clock.now(), vec![to("Sato")])]).await;
        assert!(card().await.mentions.is_empty());
    });
}
