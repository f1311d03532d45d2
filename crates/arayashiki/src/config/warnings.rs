//! Settings that are each right and together not what was meant. Warnings never stop a start.

mod mail;

use super::keys::{Config, Evidence, LinkNote, PagerDuty, Server};
use super::kinds::{Anchor, Mode};
use super::secret::Secret;

impl Evidence {
    /// Region, access key and its secret for the bucket that anchors name; `None` unless all are set.
    pub fn anchor_credentials(&self) -> Option<(&str, &str, &Secret)> {
        let (region, id) = (self.anchor_region.as_deref()?, self.anchor_access_key_id.as_deref()?);
        Some((region, id, self.anchor_secret_access_key.as_ref()?))
    }
}

impl Config {
    /// A line each, most harmful first, none with a secret in it.
    pub fn warnings(&self) -> Vec<String> {
        let mut found = Vec::new();
        of_pagerduty(&self.pagerduty, &mut found);
        of_modes(self, &mut found);
        of_server(&self.server, &mut found);
        mail::of_safety_net(self, &mut found);
        mail::of_second_path(self, &mut found);
        mail::of_the_way(self, &mut found);
        mail::of_doors(self, &mut found);
        for customer in &self.customers {
            if customer.services.is_empty() && customer.teams.is_empty() && customer.service_contains.is_empty() {
                found.push(format!(
                    "[[customer]] {}: nothing will ever be this customer's; fill services, teams or service_contains",
                    customer.id
                ));
            }
        }
        of_slack_ids(self, &mut found);
        of_anchors(self, &mut found);
        found
    }
}

/// What can't be shown anywhere proves nothing.
fn of_anchors(config: &Config, found: &mut Vec<String>) {
    for anchor in &config.evidence.anchors {
        let lacks = match anchor {
            Anchor::Slack(_) if config.slack.bot_token.is_none() && config.slack.webhook_url.is_none() => {
                "slack needs [slack] bot_token or webhook_url"
            }
            Anchor::Slack(None) if config.slack.bot_token.is_some() && config.slack_channels.alerts.is_none() => {
                "slack needs [slack.channels] alerts, or a channel of its own: slack:C0123456789"
            }
            Anchor::Mail(_) if config.relay.host.is_none() || config.relay.from.is_none() => {
                "mail needs [mail.relay] host and from"
            }
            Anchor::S3 { .. } if config.evidence.anchor_credentials().is_none() => {
                "s3 needs anchor_region, anchor_access_key_id and anchor_secret_access_key"
            }
            _ => continue,
        };
        found.push(format!("[evidence] anchors: the head of the record is not shown there; {lacks}"));
    }
}

/// Whoever is named otherwise is named to nobody.
fn of_slack_ids(config: &Config, found: &mut Vec<String>) {
    use connectors::slack::{GroupId, UserId};
    for person in &config.people {
        if person.slack.as_deref().is_some_and(|id| UserId::parse(id).is_none()) {
            found.push(format!(
                "[[person]] {}: slack is no member id, so that reminders do not name them; it is U and digits and \
                 capital letters, under \"Copy member ID\" of their profile",
                person.id
            ));
        }
    }
    for group in &config.groups {
        if group.slack.as_deref().is_some_and(|id| GroupId::parse(id).is_none()) {
            found.push(format!(
                "[[group]] {}: slack is no id of a user group, so that it is not named; it is S and digits and capital \
                 letters, under \"Copy group ID\" of the group in Slack",
                group.id
            ));
        }
    }
}

fn of_pagerduty(pagerduty: &PagerDuty, found: &mut Vec<String>) {
    // Without webhooks it mirrors by asking, which is a choice; without both it knows nothing.
    let asks = pagerduty.token.is_some() && !pagerduty.poll.is_zero();
    if pagerduty.webhook_secrets.is_empty() && !asks {
        found.push(
            "[pagerduty] webhook_secrets is empty: every webhook will be refused; \
             put the subscription's signing secret there"
                .to_owned(),
        );
    }
    if pagerduty.token.is_some() && goes_in_the_clear(&pagerduty.api_url) {
        found.push(
            "[pagerduty] api_url is http://: the token would travel readable to everybody on the way; use https://"
                .to_owned(),
        );
    }
    if pagerduty.unconfigured_routing_key.is_some() && goes_in_the_clear(&pagerduty.events_url) {
        found.push(
            "[pagerduty] events_url is http://: unconfigured_routing_key would travel readable to everybody on the \
             way; use https://"
                .to_owned(),
        );
    }
}

fn of_modes(config: &Config, found: &mut Vec<String>) {
    if config.intake_guard.mode == Mode::Page && config.pagerduty.unconfigured_routing_key.is_none() {
        found.push(
            "[intake_guard] mode is \"page\" but [pagerduty] unconfigured_routing_key is empty: it can page nobody; \
             put an Events v2 integration key there"
                .to_owned(),
        );
    }
    let LinkNote { mode } = config.link_note;
    if mode == Mode::Post && config.pagerduty.token.is_none() {
        found.push(
            "[link_note] mode is \"post\" but [pagerduty] token is empty: no note can be written; put a REST API key \
             there"
                .to_owned(),
        );
    }
    if mode == Mode::Post && config.server.public_url.is_none() {
        found.push(
            "[link_note] mode is \"post\" but [server] public_url is empty: there is no address to put into notes; \
             set it"
                .to_owned(),
        );
    }
}

fn of_server(server: &Server, found: &mut Vec<String>) {
    let open = |address: &std::net::SocketAddr| !address.ip().is_loopback();
    let public_url = server.public_url.as_deref().unwrap_or_default();
    if open(&server.listen) && goes_in_the_clear(public_url) {
        found.push(format!(
            "[server] listen {} is open to other machines and public_url is http://: passwords and sessions would \
             travel readable to everybody on the way; put TLS before it and make public_url https://",
            server.listen
        ));
    }
    if server.listen.port() != 0 && server.webhook_listen == Some(server.listen) {
        found.push(
            "[server] webhook_listen is the same as listen: the second can't be opened; leave it empty or take \
             another port"
                .to_owned(),
        );
    }
}

/// http:// to anywhere but this machine.
fn goes_in_the_clear(address: &str) -> bool {
    let Ok(url) = url::Url::parse(address) else { return false };
    url.scheme() == "http" && !url.host_str().is_some_and(is_here)
}

/// This machine itself, by the usual name or by address.
fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
