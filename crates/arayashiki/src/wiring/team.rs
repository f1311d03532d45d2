//! What pages are told of people, their groups and how tickets are judged. Decides nothing: hours are those that the engine goes by.

use super::people;
use crate::config::Config;
use std::sync::Arc;
use web::people::{Member, People, RosterOf, Team, TicketSpace};

pub fn shown(config: &Config, settings: &Arc<engine::Settings>) -> People {
    let persons = config.people.iter().map(|person| Member {
        id: person.id.clone(),
        name: person.name.clone(),
        pagerduty: person.pagerduty.clone(),
        mail: person.mail.clone(),
    });
    let groups = config.groups.iter().map(|group| Team {
        id: group.id.clone(),
        name: group.name.clone(),
        members: group.members.clone(),
    });
    let spaces = settings.bridges.spaces.iter().map(|space| TicketSpace {
        name: space.name.clone(),
        settings: space.tickets.clone(),
        customer: space.customer.clone(),
        customers: space.customers.clone(),
    });
    People {
        persons: persons.collect(),
        groups: groups.collect(),
        zone: people::zone(config),
        spaces: spaces.collect(),
        customers: config.customers.iter().map(|customer| customer.id.clone()).collect(),
        roster: roster(settings.clone()),
    }
}

fn roster(settings: Arc<engine::Settings>) -> RosterOf {
    RosterOf(Arc::new(move |tx, at| {
        let settings = settings.clone();
        Box::pin(async move { engine::bridges::load_roster(tx, &settings.bridges, at).await.map(|(roster, _)| roster) })
    }))
}
