//! Acts of people in PagerDuty: sent in the person's own name, looked up before they are ever sent again. Never decides
//! who may act.

use crate::Shared;
use crate::effects::{Done, Hand, done, later, never};
use crate::follow::After;
use connectors::pagerduty::{Acted, Client, Sought};
use model::Micros;
use model::act::Act;
use model::action::{Effect, Fault, Outcome};
use model::connection::{Owner, TokenState, poll as names};
use store::{crash_point, faults, polls};

/// Twice the widest look back that the look-up makes, and some more.
const NEAR_S: i64 = 130;

pub async fn act(shared: &Shared, client: &Client, hand: &Hand<'_>) -> Done {
    let Effect::Act { incident, act, user, from, marker } = &hand.job.action.effect else {
        return never("this job is no act");
    };
    if let (Some(since), false) = (hand.job.unsettled, faults::sabotaged("no_look_up")) {
        let earlier = match earlier(shared, client, hand, (incident, act, user), since).await {
            Ok(earlier) => earlier,
            Err(error) => return later(hand.now().plus_s(2), Fault::Limit, &error.to_string()),
        };
        let sought = Sought { incident, act, user, marker, since, earlier };
        match client.find_act(&hand.call(), &sought).await {
            Ok(Some(acted)) => return acted_on(incident, acted),
            Ok(None) => tracing::info!(job = hand.job.id, "looked up and not found"),
            // A look-up that fails is no licence to send, and no proof that nothing happened: the doubt stays.
            Err(error) => return in_doubt(hand, hand.failed(shared, &error)),
        }
    }
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    match whose_key(shared).await {
        Ok(Owner::User { id, .. }) if id != *user => {
            return never("the configured key is another person's: PagerDuty would have written that person's name");
        }
        Ok(Owner::Unknown) => {
            let why = "whose key is configured is not known yet";
            return later(hand.now().plus_s(5), Fault::Limit, why);
        }
        Ok(_) => {}
        Err(error) => {
            return later(hand.now().plus_s(2), Fault::Ours, &error.to_string());
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

/// Acts like this one whose traces in PagerDuty's log may lie so near that they could be taken for its own.
async fn earlier(
    shared: &Shared,
    client: &Client,
    hand: &Hand<'_>,
    (incident, act, user): (&str, &Act, &str),
    since: Micros,
) -> Result<usize, store::StoreError> {
    let ahead_ms = client.clock_offset_ms().unwrap_or_default().max(0);
    let since = since.plus_s(-NEAR_S).plus_ms(-ahead_ms);
    let (incident, kind, user, but) = (incident.to_owned(), act.name(), user.to_owned(), hand.job.id);
    let unit = shared
        .store
        .read(move |tx| Box::pin(async move { store::acts::done_since(tx, &incident, kind, &user, since, but).await }));
    unit.await
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

/// What a failed look-up makes of an act that may have happened.
fn in_doubt(hand: &Hand<'_>, (outcome, after): Done) -> Done {
    let outcome = match outcome {
        Outcome::Never { why } => Outcome::Human {
            why: format!(
                "whether it happened is not known, and PagerDuty does not tell ({why}): look there, then decide"
            ),
        },
        Outcome::Later { fault: Fault::Ours, why, .. } => {
            Outcome::Later { at: hand.now().plus_s(60), fault: Fault::Limit, why }
        }
        outcome => outcome,
    };
    (outcome, after)
}

/// A user's own key writes as that user, whatever name is given.
async fn whose_key(shared: &Shared) -> Result<Owner, store::StoreError> {
    let poll = shared.store.read(|tx| Box::pin(polls::get(tx, names::TOKEN))).await?;
    Ok(poll.map(|poll| poll.known::<TokenState>().of_key(&shared.settings.key_mark).owner).unwrap_or_default())
}
