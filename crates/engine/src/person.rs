//! Acts of people in PagerDuty: sent in the person's own name, looked up before they are ever sent again. Never decides
//! who may act.

use crate::Shared;
use crate::effects::{Done, Hand, done, never};
use crate::follow::After;
use connectors::pagerduty::{Acted, Client};
use model::act::Act;
use model::action::{Effect, Outcome};
use model::connection::{Owner, TokenState, poll as names};
use store::{crash_point, faults, polls};

pub async fn act(shared: &Shared, client: &Client, hand: &Hand<'_>) -> Done {
    let Effect::Act { incident, act, user, from, marker } = &hand.job.action.effect else {
        return never("this job is no act");
    };
    if hand.job.unsettled && !faults::sabotaged("no_look_up") {
        match client.find_act(&hand.call(), incident, act, user, marker, hand.job.created_at).await {
            Ok(Some(acted)) => return acted_on(incident, acted),
            Ok(None) => tracing::info!(job = hand.job.id, "looked up and not found"),
            // A look-up that fails is no licence to send; the doubt stays.
            Err(error) => return hand.failed(shared, &error),
        }
    }
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    match is_somebody_elses_key(shared, user).await {
        Ok(false) => {}
        Ok(true) => {
            return never("the configured key is another person's: PagerDuty would have written that person's name");
        }
        Err(error) => {
            return crate::effects::later(hand.now().plus_s(2), model::action::Fault::Ours, &error.to_string());
        }
    }
    crash_point!("act.before_send");
    match client.act(&hand.call(), incident, act, from, &text_marker(act, marker)).await {
        Ok(acted) => acted_on(incident, acted),
        Err(error) => {
            let (outcome, mut after) = hand.failed(shared, &error);
            // What PagerDuty refuses may be refused because the mirror is behind.
            if matches!(outcome, Outcome::Never { .. }) {
                after.push(After::Reread(incident.clone()));
            }
            (outcome, after)
        }
    }
}

fn text_marker(act: &Act, marker: &str) -> String {
    if matches!(act, Act::Note { .. }) { marker.to_owned() } else { String::new() }
}

fn acted_on(incident: &str, acted: Acted) -> Done {
    let external = match acted {
        Acted::Done { external } => external,
        Acted::Already => Some("already".to_owned()),
    };
    (done(external), vec![After::Reread(incident.to_owned())])
}

/// A user's own key writes as that user, whatever name is given.
async fn is_somebody_elses_key(shared: &Shared, user: &str) -> Result<bool, store::StoreError> {
    let poll = shared.store.read(|tx| Box::pin(polls::get(tx, names::TOKEN))).await?;
    let owner = poll.map(|poll| poll.known::<TokenState>().owner).unwrap_or_default();
    Ok(matches!(owner, Owner::User { id, .. } if id != user))
}
