//! Sources that are silent though their rhythm says otherwise: told once while it lasts, and once when it is over.

use crate::Settings;
use crate::read::apply;
use duties::safety_net::rhythm::{self, WEEKS};
use duties::safety_net::{register, words};
use duties::{Decision, Mode};
use model::message::Message;
use model::{Micros, Scope};
use serde::{Deserialize, Serialize};
use store::actions::Doing;
use store::{StoreError, Tx, duty_state, ledger, mails};

pub const DUTY: &str = "silence";
pub const VERSION: i64 = 1;

/// A silence that lasts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Silent {
    pub since: Option<Micros>,
    pub expected: f64,
    pub generation: i64,
}

/// Looks at every source that ever sent.
pub async fn look(tx: &mut Tx, settings: &Settings) -> Result<(), StoreError> {
    let now = tx.now();
    let since = now.plus_s(-(WEEKS + 2) * 7 * 86_400);
    for monitor in mails::list_monitors(tx, &Scope::All, since).await? {
        let hours = ledger::hours(tx, &monitor.name, since).await?;
        let Some(last) = mails::last_of_monitor(tx, &monitor.name).await? else { continue };
        let silence = rhythm::silence(&hours, last, now);
        let before: Silent = duty_state::get(tx, DUTY, &monitor.name, VERSION).await?.unwrap_or_default();
        match (silence, before.since) {
            (Some(silence), None) => {
                let state = Silent {
                    since: Some(silence.since),
                    expected: silence.expected,
                    generation: before.generation + 1,
                };
                duty_state::set(tx, DUTY, &monitor.name, VERSION, &state).await?;
                let message = words::silence(&settings.net, &monitor.name, silence.since, silence.expected);
                tell(tx, settings, &monitor.name, &format!("silent/{}", state.generation), message).await?;
            }
            (None, Some(_)) => {
                let state = Silent { since: None, ..before };
                duty_state::set(tx, DUTY, &monitor.name, VERSION, &state).await?;
                let message = words::silence_over(&settings.net, &monitor.name);
                tell(tx, settings, &monitor.name, &format!("again/{}", state.generation), message).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn tell(tx: &mut Tx, settings: &Settings, monitor: &str, step: &str, message: Message) -> Result<(), StoreError> {
    let action = register::tell(&format!("source:{monitor}"), step, None, message, "the rhythm of a source");
    let may = settings.posts && settings.net.tells_silence && settings.net.mode >= Mode::Post;
    apply(tx, Decision::act(action), if may { Doing::Really } else { Doing::Observed }).await
}
