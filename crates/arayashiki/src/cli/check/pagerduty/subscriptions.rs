//! Our webhook subscriptions as PagerDuty lists them, and the secrets that their deliveries are signed with. A secret can't
//! be asked for: whether it is right is known by the deliveries alone.

use super::super::line::Line;
use crate::config::Config;
use connectors::pagerduty::{Client, Subscription};
use connectors::{Call, CallError};
use model::Micros;

const WHAT: &str = "subscription";
/// More than an account has.
const MOST_PAGES: usize = 20;
/// Without these the mirror lags behind, however well everything else is set.
const NEEDED_EVENTS: [&str; 6] = [
    "incident.triggered",
    "incident.acknowledged",
    "incident.unacknowledged",
    "incident.resolved",
    "incident.reassigned",
    "incident.annotated",
];

type Listed = (Vec<Line>, Vec<Subscription>);

/// A line for each that is ours.
pub async fn ours(client: &Client, config: &Config, call: Call) -> Result<Listed, CallError> {
    let (mut offset, mut ours, mut near) = (0, Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let page = client.webhook_subscriptions(&call, offset).await?;
        near = near.or_else(|| page.items.iter().find(|one| may_lead_here(config, one)).map(|one| one.id.clone()));
        ours.extend(page.items.into_iter().filter(|one| is_ours(config, one)));
        if !page.more {
            break;
        }
        offset = page.next_offset;
    }
    let works = ours.iter().any(|one| one.active && !one.temporarily_disabled);
    let gone = config.pagerduty.webhook_subscriptions.iter().filter(|id| !ours.iter().any(|one| one.id == **id));
    let mut lines: Vec<Line> = ours.iter().map(|one| state(config, one, works)).collect();
    lines.extend(gone.map(|id| deleted(id, works)));
    if lines.is_empty() {
        lines.push(none(config, near.as_deref()));
    }
    Ok((lines, ours))
}

fn is_ours(config: &Config, one: &Subscription) -> bool {
    config.pagerduty.webhook_subscriptions.contains(&one.id) || leads_here(config, one)
}

fn leads_here(config: &Config, one: &Subscription) -> bool {
    let base = one.url.as_deref().and_then(|url| url.trim_end_matches('/').strip_suffix("/webhooks/pagerduty"));
    base.is_some() && base == config.server.public_url.as_deref()
}

fn state(config: &Config, one: &Subscription, another_works: bool) -> Line {
    let id = &one.id;
    let to = one.url.as_deref().unwrap_or("an address that PagerDuty does not show");
    if one.temporarily_disabled || !one.active {
        return off(one, another_works);
    }
    let lacking: Vec<&str> = NEEDED_EVENTS
        .into_iter()
        .filter(|event| !one.events.is_empty() && !one.events.iter().any(|e| e == event))
        .collect();
    if !lacking.is_empty() {
        let text = format!("{id} is enabled and does not tell {}", lacking.join(", "));
        return Line::warn(WHAT, text, "tick all events on its page under Generic Webhooks (v3)");
    }
    if one.filter.as_deref().is_some_and(|filter| filter != "account_reference") {
        let text = format!("{id} is enabled and tells of a part of the account alone");
        return Line::warn(WHAT, text, "make one whose scope type is Account, unless that part is all that is meant");
    }
    if config.server.public_url.is_some() && !leads_here(config, one) {
        let text = format!("{id} is enabled and sends to {to}, which is not [server] public_url");
        return Line::warn(WHAT, text, "fine if a proxy leads from there to here; otherwise correct one of the two");
    }
    Line::ok(WHAT, format!("{id} is enabled and sends to {to}"))
}

fn off(one: &Subscription, another_works: bool) -> Line {
    let id = &one.id;
    let (text, remedy) = if one.temporarily_disabled {
        (
            format!("{id} is temporarily disabled: PagerDuty gave up on our address and drops all events for 24 hours"),
            "enable it on its page under Generic Webhooks (v3), then find who answered 4xx: a proxy or firewall in front?",
        )
    } else {
        (format!("{id} is disabled: somebody switched it off"), "ask who; enable it under Generic Webhooks (v3)")
    };
    if another_works { Line::warn(WHAT, text, remedy) } else { Line::fail(WHAT, text, remedy) }
}

fn deleted(id: &str, another_works: bool) -> Line {
    let text = format!("{id}, which [pagerduty] webhook_subscriptions names, is not on PagerDuty's list");
    let remedy = "make a new webhook and put its secret and id into the configuration, or take this id out";
    if another_works { Line::warn(WHAT, text, remedy) } else { Line::fail(WHAT, text, remedy) }
}

/// Whether its address has our path and the port that we listen on: it may be ours under a name that nobody has told us.
fn may_lead_here(config: &Config, one: &Subscription) -> bool {
    let Some(url) = one.url.as_deref().and_then(|url| url::Url::parse(url).ok()) else { return false };
    let server = &config.server;
    let ports = [Some(server.listen.port()), server.webhook_listen.map(|address| address.port())];
    url.path().trim_end_matches('/').ends_with("/webhooks/pagerduty") && ports.contains(&url.port_or_known_default())
}

/// `near` is one that may lead here all the same.
fn none(config: &Config, near: Option<&str>) -> Line {
    if config.pagerduty.webhook_secrets.is_empty() {
        return without_secret(config, near);
    }
    let text = match &config.server.public_url {
        Some(url) => format!("none has the address {url}/webhooks/pagerduty, though a webhook secret is set"),
        None => {
            "which one is ours is not known: [server] public_url is empty and webhook_subscriptions names none".into()
        }
    };
    Line::warn(
        WHAT,
        text,
        "make the webhook in PagerDuty, or set [server] public_url or [pagerduty] webhook_subscriptions",
    )
}

/// It mirrors by asking alone, if it can be told that no webhook is meant to come here.
fn without_secret(config: &Config, near: Option<&str>) -> Line {
    let remedy = "set [server] public_url to the address that people open, or [pagerduty] webhook_subscriptions to the \
                  id of the one that is ours";
    match (near, &config.server.public_url) {
        (Some(id), _) => Line::warn(
            WHAT,
            format!(
                "none is known for ours, but {id} leads to our path and port, and no webhook secret is set to believe it"
            ),
            format!("if {id} is ours, put its secret into [pagerduty] webhook_secrets; {remedy}"),
        ),
        (None, None) => Line::ok(
            WHAT,
            "whether one is ours can't be told without [server] public_url, and no webhook secret is set, so it mirrors by \
             asking, and news is a minute or two late",
        ),
        (None, Some(_)) => Line::ok(
            WHAT,
            "none: it mirrors by asking alone, and news is a minute or two late. That state is supported",
        ),
    }
}

/// What is known of the secrets: by what the store remembers of deliveries.
pub fn secret(
    config: &Config,
    subscriptions: &Option<Vec<Subscription>>,
    refused: &[(String, Micros)],
    last_webhook_at: Option<Micros>,
) -> Vec<Line> {
    let wrong = refused.iter().map(|(subscription, since)| {
        Line::fail(
            "secret",
            format!("webhooks of {subscription} fail their signature since {}; PagerDuty keeps them for 48 hours", since.rfc3339()),
            "put the subscription's secret into [pagerduty] webhook_secrets beside the others and restart; if it is lost, \
             make a new webhook",
        )
    });
    let wrong: Vec<Line> = wrong.collect();
    if !wrong.is_empty() {
        return wrong;
    }
    let has_one = subscriptions.as_ref().is_some_and(|list| !list.is_empty());
    vec![match config.pagerduty.webhook_secrets.len() {
        0 if has_one => Line::fail(
            "secret",
            "[pagerduty] webhook_secrets is empty: every webhook of our subscription is refused",
            "put its secret there; if it is lost, make a new webhook, then delete the old one",
        ),
        0 => Line::ok("secret", "no webhook secret is set, and none is needed without a subscription"),
        n => {
            let last = last_webhook_at.map_or_else(
                || "no webhook has come yet, so none is tried".to_owned(),
                |at| format!("the last good webhook came at {}", at.rfc3339()),
            );
            Line::ok("secret", format!("{n} set; {last}"))
        }
    }]
}
