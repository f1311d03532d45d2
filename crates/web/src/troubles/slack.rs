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
    posts(pulse, now).into_iter().chain(token(pulse, settings)).chain(socket(pulse, settings)).collect()
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

/// Told as soon as Slack says so, whether anything waits or not.
fn token(pulse: &Pulse, settings: &Settings) -> Option<Told> {
    let state = Some(&pulse.standing.slack_token).filter(|_| settings.slack.bot)?;
    Some((state.asked_at, Trouble::SlackToken { why: state.refused.clone()? }))
}

fn socket(pulse: &Pulse, settings: &Settings) -> Option<Told> {
    let state = pulse.standing.socket.as_ref().filter(|_| settings.slack.socket)?;
    Some((state.down_since, Trouble::SlackSocket { why: state.trouble.clone()? }))
}
