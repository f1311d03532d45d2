//! Posts in Slack that nobody sees, and presses that nobody hears.

use super::Told;
use crate::health::Pulse;
use crate::state::Settings;
use crate::view::Trouble;
use model::Micros;

pub(super) fn troubles(pulse: &Pulse, settings: &Settings, now: Micros) -> Vec<Told> {
    if !settings.slack.is_set() {
        return Vec::new();
    }
    posts(pulse, now).into_iter().chain(socket(pulse, settings)).collect()
}

/// Those that have waited for long, told once for all channels.
fn posts(pulse: &Pulse, now: Micros) -> Option<Told> {
    let long: Vec<_> = pulse.standing.posts.iter().filter(|one| one.is_long(now)).collect();
    let first = long.first()?;
    let mut channels: Vec<String> = long.iter().map(|one| one.channel.clone()).collect();
    channels.dedup();
    let trouble =
        Trouble::SlackPosts { channels, why: first.why.clone(), waiting: long.iter().map(|one| one.waiting).sum() };
    Some((Some(first.since), trouble))
}

fn socket(pulse: &Pulse, settings: &Settings) -> Option<Told> {
    let state = pulse.standing.socket.as_ref().filter(|_| settings.slack.socket)?;
    Some((None, Trouble::SlackSocket { why: state.trouble.clone()? }))
}
