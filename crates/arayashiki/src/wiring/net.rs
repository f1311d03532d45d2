//! What is configured about the safety net: its terms, the ways to people, the routes, the doors for mail. Opens no socket.

use crate::cli::Failure;
use crate::config::{self, Config, Done, EvidencePlace, MailTls, Mode, RecipientHeader, StartTls};
use connectors::authenticate::{self, Authenticator};
use connectors::http;
use connectors::pager::{Encryption, Mailer, MailerSetup, Sms, SmsSetup, Webhook, WebhookSetup};
use connectors::pagerduty::Events;
use connectors::sigv4::Credentials;
use connectors::sns::{self, Sns};
use connectors::{Secret, imap, ses};
use duties::safety_net::callout::Reachable;
use duties::safety_net::canary::Lack;
use duties::safety_net::services::ServiceRule;
use duties::safety_net::{self, Language, canary};
use engine::{Outside, Route};
use model::action::Channel;
use model::mail::Door;
use model::setting::KeyPrint;
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const SMS_PARTS: usize = 2;
const RELAY_TIMEOUT_MS: u64 = 20_000;

pub fn settings(config: &Config) -> safety_net::Settings {
    let s = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (net, path) = (&config.safety_net, &config.second_path);
    safety_net::Settings {
        mode: super::mode(net.mode),
        grace_s: s(net.grace),
        window_s: s(net.window),
        storm: count(net.storm),
        untrusted: super::mode(net.untrusted),
        per_sender: count(net.per_sender),
        public_url: config.server.public_url.clone().unwrap_or_default(),
        language: if config.server.language.as_str() == "en" { Language::En } else { Language::Ja },
        calls: path.mode == Mode::Page,
        call_after_s: s(path.after),
        unanswered_s: s(path.unanswered),
        levels: count(path.levels),
        policy: path.policy.clone(),
        canary_s: s(net.canary),
        tells_silence: net.silence != Mode::Observe,
        zone: config.server.time_zone.clone(),
    }
}

/// The service map, its globs compiled.
pub fn services(config: &Config) -> Result<Vec<ServiceRule>, Failure> {
    config
        .mail_services
        .iter()
        .map(|line| {
            Ok(ServiceRule {
                monitor: line.monitor.clone(),
                host: line.host.as_deref().map(glob).transpose()?,
                check: line.check.as_deref().map(glob).transpose()?,
                service: line.service.clone(),
                customer: line.customer.clone(),
            })
        })
        .collect()
}

/// `*` is any characters, `?` one; whatever the case.
fn glob(text: &str) -> Result<Regex, Failure> {
    let mut pattern = String::from("(?is)^");
    for c in text.chars() {
        match c {
            '*' => pattern.push_str(".*"),
            '?' => pattern.push('.'),
            c => pattern.push_str(&regex::escape(&c.to_string())),
        }
    }
    pattern.push('$');
    Regex::new(&pattern).map_err(|error| Failure::Wrong(format!("[[mail.service]] {text:?}: {error}")))
}

pub fn people(config: &Config) -> Vec<Reachable> {
    let reachable = |person: &config::Person| Reachable {
        id: person.id.clone(),
        name: person.name.clone(),
        pagerduty: person.pagerduty.clone(),
        mail: person.mail.clone(),
        phone: person.phone.clone(),
        has_webhook: person.webhook_url.is_some(),
    };
    config.people.iter().map(reachable).collect()
}

pub fn channels(config: &Config) -> Vec<Channel> {
    let path = &config.second_path;
    let ways = [(path.webhook_url.is_some(), Channel::Webhook), (path.sms, Channel::Sms), (path.mail, Channel::Mail)];
    ways.into_iter().filter(|(is_set, _)| *is_set).map(|(_, channel)| channel).collect()
}

/// What canaries test: each monitor that has an address of ours, and our own alarms' way.
pub fn routes(config: &Config) -> Vec<Route> {
    let plain = |address: &&String| !address.starts_with('@') && !address.contains('*');
    let of = |monitor: &config::Monitor| {
        Some(Route {
            name: monitor.name.clone(),
            recipient: monitor.recipients.iter().find(plain)?.clone(),
            integration: monitor.integration_email.clone(),
            lacks: lacks(config, monitor.routing_key.is_some()),
        })
    };
    let mut routes: Vec<Route> = config.monitors.iter().filter_map(of).collect();
    if let Some(recipient) = config.smtp.recipients.iter().find(plain) {
        let (name, lacks) = (canary::OWN_ROUTE.into(), lacks(config, false));
        routes.push(Route { name, recipient: recipient.clone(), integration: None, lacks });
    }
    routes
}

/// What keeps a canary from going a route, with an integration key of its own or not.
fn lacks(config: &Config, has_key: bool) -> Option<Lack> {
    let has_relay = config.relay.host.is_some() && config.relay.from.is_some();
    let has_key = has_key || config.pagerduty.unconfigured_routing_key.is_some();
    (!has_relay).then_some(Lack::Relay).or((!has_key).then_some(Lack::Key))
}

/// What pages tell of all this.
pub fn shown(config: &Config, settings: &engine::Settings) -> web::state::SafetyNet {
    let smtp = !config.smtp.recipients.is_empty();
    let doors = [
        (smtp, Door::Smtp),
        (smtp && config.smtp.lmtp_listen.is_some(), Door::Lmtp),
        (config.imap.host.is_some(), Door::Imap),
        (!config.ses.topics.is_empty(), Door::Ses),
    ];
    web::state::SafetyNet {
        desk: settings.desk.clone(),
        net: settings.net.clone(),
        services: settings.services.clone(),
        doors: doors.into_iter().filter(|(is_open, _)| *is_open).map(|(_, door)| door).collect(),
        routes: settings.routes.iter().map(|route| route.name.clone()).collect(),
        lacks: settings.routes.iter().filter_map(|route| Some((route.name.clone(), route.lacks?))).collect(),
        channels: settings.channels.clone(),
        posts: settings.posts,
        people: settings.people.iter().map(|person| (person.id.clone(), person.name.clone())).collect(),
    }
}

/// Where originals are sealed.
pub fn evidence(config: &Config) -> evidence::Settings {
    let url = match &config.evidence.url {
        EvidencePlace::Folder(folder) => format!("file:{}", folder.display()),
        EvidencePlace::S3 { bucket, prefix } => format!("s3://{bucket}/{prefix}"),
    };
    evidence::Settings::new(url, &config.evidence.key_file)
}

/// Fills in everything that the net may call.
pub fn outside(config: &Config, outside: &mut Outside) -> Result<(), Failure> {
    let path = &config.second_path;
    if let Some(url) = &path.webhook_url {
        outside.webhook = Some(webhook(config, url, "[second_path] webhook_url")?);
    }
    for person in &config.people {
        if let Some(url) = &person.webhook_url {
            let webhook = webhook(config, url, "[[person]] webhook_url")?;
            outside.webhooks.insert(person.id.clone(), webhook);
        }
    }
    outside.mailer = mailer(config)?;
    outside.sms = sms(config)?;
    outside.s3 = s3(config)?;
    outside.authenticator = authenticator(config)?;
    outside.evidence = Some(evidence(config));
    outside.routes = route_keys(config)?;
    Ok(())
}

fn webhook(config: &Config, url: &config::Secret, key: &str) -> Result<Webhook, Failure> {
    let setup = WebhookSetup {
        address: Secret::new(url.expose()),
        bearer: None,
        signing_secret: config.second_path.webhook_secret.as_ref().map(|secret| Secret::new(secret.expose())),
        http: http::Settings::default(),
    };
    Webhook::new(&setup).map_err(|error| wrong(key, &error))
}

fn mailer(config: &Config) -> Result<Option<Mailer>, Failure> {
    let relay = &config.relay;
    let (Some(host), Some(from)) = (&relay.host, &relay.from) else { return Ok(None) };
    let setup = MailerSetup {
        host: host.clone(),
        port: Some(relay.port),
        encryption: match relay.tls {
            MailTls::Implicit => Encryption::Implicit,
            MailTls::StartTls => Encryption::StartTls,
            MailTls::None => Encryption::None,
        },
        user: relay.user.clone(),
        password: relay.password.as_ref().map(|password| Secret::new(password.expose())),
        from: from.clone(),
        trusted_pem: relay.ca.as_deref().map(read).transpose()?,
        timeout_ms: RELAY_TIMEOUT_MS,
    };
    Mailer::new(&setup).map(Some).map_err(|error| wrong("[mail.relay]", &error))
}

fn read(path: &std::path::Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| wrong(&path.display().to_string(), &error))
}

fn sms(config: &Config) -> Result<Option<Sms>, Failure> {
    let path = &config.second_path;
    let (true, Some(region), Some(id), Some(secret)) =
        (path.sms, &path.sns_region, &path.sns_access_key_id, &path.sns_secret_access_key)
    else {
        return Ok(None);
    };
    let setup = SmsSetup {
        region: region.clone(),
        credentials: credentials(id, secret),
        url: path.sns_url.clone(),
        sender_id: None,
        parts: SMS_PARTS,
        http: http::Settings::default(),
    };
    Sms::new(&setup).map(Some).map_err(|error| wrong("[second_path] sns_region", &error))
}

pub fn credentials(id: &str, secret: &config::Secret) -> Credentials {
    Credentials { access_key: id.to_owned(), secret_key: Secret::new(secret.expose()), session_token: None }
}

fn s3(config: &Config) -> Result<Option<ses::S3>, Failure> {
    let mail = &config.ses;
    let (Some(id), Some(secret)) = (&mail.access_key_id, &mail.secret_access_key) else { return Ok(None) };
    // arn:aws:sns:REGION:ACCOUNT:NAME
    let of_topic = mail.topics.first().and_then(|topic| topic.split(':').nth(3)).map(str::to_owned);
    let region = mail.region.clone().or(of_topic).unwrap_or_else(|| "us-east-1".into());
    let mut settings = ses::S3Settings::new(region, credentials(id, secret));
    settings.endpoint.clone_from(&mail.s3_url);
    ses::S3::new(&settings).map(Some).map_err(|error| wrong("[mail.ses] s3_url", &error))
}

/// The prints of monitors' integration keys, to know them again in PagerDuty's settings.
pub fn route_prints(config: &Config) -> BTreeMap<String, KeyPrint> {
    let print =
        |monitor: &config::Monitor| Some((monitor.name.clone(), KeyPrint::of(monitor.routing_key.as_ref()?.expose())));
    config.monitors.iter().filter_map(print).collect()
}

/// Asked only when a monitor is believed by SPF or DKIM.
fn authenticator(config: &Config) -> Result<Option<Authenticator>, Failure> {
    if config.monitors.iter().all(|monitor| monitor.spf.is_empty() && monitor.dkim.is_empty()) {
        return Ok(None);
    }
    let settings = authenticate::Settings { servers: config.dns.servers.clone(), ..authenticate::Settings::default() };
    Authenticator::new(&settings).map(Some).map_err(|error| wrong("[mail.dns] servers", &error))
}

fn route_keys(config: &Config) -> Result<BTreeMap<String, Events>, Failure> {
    let mut routes = BTreeMap::new();
    for monitor in &config.monitors {
        if let Some(key) = &monitor.routing_key {
            let events = Events::new(&super::setup(config), Secret::new(key.expose()));
            routes.insert(monitor.name.clone(), events.map_err(|error| wrong("[pagerduty] events_url", &error))?);
        }
    }
    Ok(routes)
}

/// Who checks deliveries of Amazon SNS; none without topics.
pub fn sns(config: &Config) -> Result<Option<Arc<Sns>>, Failure> {
    if config.ses.topics.is_empty() {
        return Ok(None);
    }
    let settings = sns::Settings {
        topics: config.ses.topics.clone(),
        endpoint: config.ses.sns_url.clone(),
        ..sns::Settings::default()
    };
    Sns::new(settings).map(|sns| Some(Arc::new(sns))).map_err(|error| wrong("[mail.ses] sns_url", &error))
}

/// What the SMTP and LMTP doors are told.
pub fn smtp(config: &Config, protocol: smtp::Protocol) -> Result<smtp::Settings, Failure> {
    let door = &config.smtp;
    let tls = match (&door.tls_cert, &door.tls_key) {
        (Some(cert), Some(key)) => Some(smtp::tls_config(cert, key).map_err(|error| wrong("[mail.smtp]", &error))?),
        _ => None,
    };
    let networks = door.networks.iter().map(|network| network.to_string().parse());
    Ok(smtp::Settings {
        protocol,
        hostname: hostname(config),
        recipients: door.recipients.clone(),
        max_bytes: usize::try_from(door.max_size).unwrap_or(usize::MAX),
        tls,
        tls_required: door.tls == StartTls::Require,
        networks: networks.collect::<Result<_, _>>().map_err(|error| wrong("[mail.smtp] networks", &error))?,
        connections: door.connections,
        per_address: door.per_address,
        rate_per_minute: u32::try_from(door.rate).unwrap_or(u32::MAX),
        ..smtp::Settings::default()
    })
}

fn hostname(config: &Config) -> String {
    let of_url = || {
        let url = config.server.public_url.as_deref()?;
        let host = url::Url::parse(url).ok()?.host_str()?.to_owned();
        (host.parse::<std::net::IpAddr>().is_err()).then_some(host)
    };
    config.smtp.hostname.clone().or_else(of_url).unwrap_or_else(super::host_name)
}

/// The mailbox that is followed, if one is.
pub fn imap(config: &Config) -> Option<imap::Settings> {
    let mailbox = &config.imap;
    let (host, user, password) = (mailbox.host.clone()?, mailbox.user.clone()?, mailbox.password.as_ref()?);
    let mut settings = imap::Settings::new(host, user, Secret::new(password.expose()));
    settings.port = mailbox.port;
    settings.tls = match mailbox.tls {
        MailTls::Implicit => imap::Tls::Implicit,
        MailTls::StartTls => imap::Tls::StartTls,
        MailTls::None => imap::Tls::None,
    };
    settings.extra_roots.clone_from(&mailbox.ca);
    settings.mailbox.clone_from(&mailbox.mailbox);
    settings.done = match mailbox.done {
        Done::Nothing => imap::Done::Nothing,
        Done::Flag => imap::Done::Flag("\\Seen".into()),
        Done::Move => imap::Done::Move(mailbox.done_mailbox.clone()),
    };
    settings.recipient_header = match mailbox.recipient_header {
        RecipientHeader::None => None,
        RecipientHeader::DeliveredTo => Some("Delivered-To".into()),
        RecipientHeader::XOriginalTo => Some("X-Original-To".into()),
    };
    settings.poll = mailbox.poll;
    Some(settings)
}

fn wrong(key: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::Wrong(format!("{key}: {error}"))
}
