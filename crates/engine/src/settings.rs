//! What the engine is told: settings already read and checked, and the outside it may call. Never reads a file.

use crate::Pace;
use connectors::authenticate::Authenticator;
use connectors::pagerduty::{Client, Events};
use connectors::{pager, ses, slack};
use duties::Mode;
use duties::mail::Desk;
use duties::safety_net;
use duties::safety_net::callout::Reachable;
use duties::safety_net::services::ServiceRule;
use model::action::{Channel, Queue};
use model::customer::Customer;
use model::setting::KeyPrint;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::jobs::Terms;

/// Workers a queue. A page never waits behind a backfill.
pub const WORKERS: [(Queue, usize); 3] = [(Queue::Live, 4), (Queue::Read, 3), (Queue::Bulk, 2)];

#[derive(Clone)]
pub struct Settings {
    /// The secrets of our webhook subscriptions; several during a rotation.
    pub webhook_secrets: Vec<Vec<u8>>,
    /// The digests of the secrets in the addresses of buttons in PagerDuty; several during a rotation.
    pub action_secrets: Vec<[u8; 32]>,
    /// Subscriptions that are ours by configuration; others are learned.
    pub webhook_subscriptions: Vec<String>,
    pub customers: Vec<Customer>,
    pub link_note: Mode,
    pub intake_guard: Mode,
    /// Where people reach us, without a trailing slash; may be empty.
    pub public_url: String,
    /// The PagerDuty user that writes are made as, with an account-level key.
    pub from: Option<String>,
    /// May a subscription that PagerDuty switched off be switched on again?
    pub webhook_guard: Mode,
    /// Which key is configured, by `model::connection::key_mark`.
    pub key_mark: String,
    /// How late a webhook may be before it counts as not told.
    pub webhook_late_s: i64,
    /// How often PagerDuty is asked.
    pub pace: Pace,
    pub terms: Terms,
    /// How alert mail is read.
    pub desk: Desk,
    pub net: safety_net::Settings,
    /// The customers' service map.
    pub services: Vec<ServiceRule>,
    /// Whom the second path can reach, and by what.
    pub people: Vec<Reachable>,
    pub channels: Vec<Channel>,
    /// Posts have somewhere to go.
    pub posts: bool,
    /// `None`: neither a bot nor a webhook is configured.
    pub slack: Option<crate::slack::Settings>,
    pub bridges: crate::bridges::Settings,
    /// `None`: no host is configured.
    pub hosts: Option<Arc<crate::hosts::Hosts>>,
    pub record: crate::record::Settings,
    /// What canaries test.
    pub routes: Vec<Route>,
    /// The prints of the integration keys that monitors use, by their names.
    pub route_keys: BTreeMap<String, KeyPrint>,
    /// Webhooks being received at once.
    pub in_flight: usize,
    pub readers: usize,
    /// This process's name in attempts.
    pub worker: String,
}

/// A way from a monitor's mail to PagerDuty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub name: String,
    /// Where its canary's mail goes: an address of our own.
    pub recipient: String,
    /// The address in PagerDuty that the monitor's mails should reach as well.
    pub integration: Option<String>,
    /// What keeps a canary from going it.
    pub lacks: Option<safety_net::canary::Lack>,
}

/// The outside systems that may be called; absent where nothing is configured.
#[derive(Default)]
pub struct Outside {
    pub pagerduty: Option<Client>,
    pub events: Option<Events>,
    /// Events v2 by the integration keys of single routes.
    pub routes: BTreeMap<String, Events>,
    pub slack: Option<slack::Incoming>,
    /// The workspace, by the app's own token.
    pub bot: Option<slack::Client>,
    /// Spaces of Backlog, by their names.
    pub backlog: BTreeMap<String, connectors::backlog::Client>,
    /// Google's calendars, by a service account; feeds by their calendars' names.
    pub google: Option<connectors::google::Client>,
    pub feeds: BTreeMap<String, connectors::google::Feed>,
    /// Socket Mode, where Slack can't reach us.
    pub sockets: Option<slack::Sockets>,
    pub webhook: Option<pager::Webhook>,
    /// Addresses of single people, by their id.
    pub webhooks: BTreeMap<String, pager::Webhook>,
    pub mailer: Option<pager::Mailer>,
    pub sms: Option<pager::Sms>,
    /// The bucket that Amazon SES puts mails into.
    pub s3: Option<ses::S3>,
    /// The bucket that checkpoints are shown in, which lets nobody change them.
    pub locker: Option<connectors::locker::Locker>,
    /// Where originals are sealed.
    pub evidence: Option<evidence::Settings>,
    /// Who asks DNS about senders.
    pub authenticator: Option<Authenticator>,
}
