//! From settings to moving parts: the store, the engine, the web. The only place that knows them all.

pub mod bridges;
pub mod hosts;
pub mod inventory;
pub mod mail;
pub mod net;
pub mod people;
pub mod slack;
pub mod team;

use crate::cli::Failure;
use crate::config::{Anchor, Config, Mode, SpoolPlace, StoreUrl};
use connectors::Secret;
use connectors::locker::{Locker, LockerSettings};
use connectors::pagerduty::{Client, Events, Setup};
use engine::{Guard, Metrics, Outside, Settings, Shared, Wake};
use std::sync::Arc;
use store::{Clock, Options, Place, Store};
use tokio_util::sync::CancellationToken;

pub fn open_store(config: &Config) -> Result<Store, Failure> {
    let place = match &config.store.url {
        StoreUrl::Sqlite(path) => Place::Sqlite(path.clone()),
        StoreUrl::Postgres(url) => Place::Postgres(url.expose().to_owned()),
    };
    let options = Options { place, readers: config.store.readers, clock: Clock::default() };
    Store::open(options).map_err(|error| Failure::Failed(error.to_string()))
}

/// For a process that receives: where signals are kept while PostgreSQL does not take them.
pub fn with_spool(config: &Config, store: Store) -> Result<Store, Failure> {
    match &config.store.spool {
        SpoolPlace::Off => Ok(store),
        SpoolPlace::File(path) => store.with_spool(path).map_err(|error| Failure::Failed(error.to_string())),
    }
}

/// Everything that moves, ready to be started.
pub fn assemble(config: &Config, store: Store) -> Result<Shared, Failure> {
    let outside = outside(config, &store)?;
    Ok(Shared {
        store,
        trouble: Arc::default(),
        guard: Arc::new(Guard::new(&config.pagerduty.webhook_subscriptions)),
        settings: Arc::new(settings(config)?),
        outside: Arc::new(outside),
        wake: Wake::default(),
        metrics: Arc::new(Metrics::default()),
        alone: Arc::default(),
        causes: Arc::default(),
    })
}

fn settings(config: &Config) -> Result<Settings, Failure> {
    let ms = |time: std::time::Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    Ok(Settings {
        webhook_secrets: config.pagerduty.webhook_secrets.iter().map(|s| s.expose().as_bytes().to_vec()).collect(),
        action_secrets: digests(&config.pagerduty.action_secrets),
        webhook_subscriptions: config.pagerduty.webhook_subscriptions.clone(),
        customers: config.customers.clone(),
        link_note: mode(config.link_note.mode),
        intake_guard: mode(config.intake_guard.mode),
        public_url: config.server.public_url.clone().unwrap_or_default(),
        from: config.pagerduty.from.clone(),
        webhook_guard: mode(config.webhook_guard.mode),
        key_mark: key_mark(config),
        webhook_late_s: (ms(config.webhook_guard.late) / 1_000).max(1),
        pace: engine::Pace {
            log_s: ms(config.pagerduty.poll) / 1_000,
            open_s: (ms(config.pagerduty.sweep) / 1_000).max(1),
            subscriptions_s: (ms(config.webhook_guard.look) / 1_000).max(1),
            reference_s: (ms(config.pagerduty.reference) / 1_000).max(1),
            first_sight_s: ms(config.pagerduty.first_sight) / 1_000,
        },
        terms: store::jobs::Terms { lease_ms: ms(config.work.lease), settle_ms: ms(config.work.settle) },
        in_flight: config.server.in_flight,
        readers: if matches!(config.store.url, StoreUrl::Postgres(_)) { 2 } else { 1 },
        worker: format!("{}-{}", host_name(), std::process::id()),
        desk: mail::desk(config)?,
        net: net::settings(config),
        services: net::services(config)?,
        people: net::people(config),
        channels: net::channels(config),
        posts: slack::is_set(config),
        slack: slack::settings(config)?,
        bridges: bridges::settings(config)?,
        hosts: hosts::hosts(config)?,
        record: record(config),
        routes: net::routes(config),
        route_keys: net::route_prints(config),
    })
}

/// How the record is signed, shown and kept.
fn record(config: &Config) -> engine::record::Settings {
    let retention = config.evidence.retention.map(|after| {
        let after_s = i64::try_from(after.as_secs()).unwrap_or(i64::MAX);
        engine::record::Retention { after_s, text: format!("{} d", after_s / 86_400) }
    });
    engine::record::Settings {
        retention,
        anchors: config.evidence.anchors.iter().filter_map(|anchor| way(config, anchor)).collect(),
        anchor_every_s: i64::try_from(config.evidence.anchor_every.as_secs()).unwrap_or(i64::MAX),
        ..engine::record::Settings::default()
    }
}

/// A place outside where the record's head is shown; the warnings at the start name those that lack something.
fn way(config: &Config, anchor: &Anchor) -> Option<duties::record::Way> {
    use duties::record::Way;
    Some(match anchor {
        Anchor::Slack(channel) => {
            let own = channel.clone().or_else(|| config.slack_channels.alerts.clone());
            let has_any = config.slack.bot_token.is_some() || config.slack.webhook_url.is_some();
            Way::Slack { channel: own.or_else(|| Some(engine::slack::WEBHOOK_CHANNEL.to_owned())).filter(|_| has_any)? }
        }
        Anchor::Mail(to) => {
            config.relay.host.as_ref().and(config.relay.from.as_ref())?;
            Way::Mail { to: to.clone() }
        }
        Anchor::S3 { bucket, prefix } => {
            config.evidence.anchor_credentials()?;
            Way::Bucket { bucket: bucket.clone(), prefix: prefix.clone() }
        }
    })
}

/// Who puts the record's head into a bucket.
fn locker(config: &Config) -> Result<Option<Locker>, Failure> {
    let Some((region, id, secret)) = config.evidence.anchor_credentials() else { return Ok(None) };
    let settings = LockerSettings {
        region: region.to_owned(),
        credentials: net::credentials(id, secret),
        endpoint: config.evidence.anchor_s3_url.clone(),
        http: connectors::http::Settings::default(),
    };
    let locker = Locker::new(&settings);
    locker.map(Some).map_err(|error| Failure::Wrong(format!("[evidence] anchor_s3_url: {error}")))
}

/// What stands in addresses is compared by its digest.
fn digests(secrets: &[crate::config::Secret]) -> Vec<[u8; 32]> {
    secrets.iter().map(|secret| model::signal::digest(secret.expose().as_bytes())).collect()
}

const fn mode(mode: Mode) -> duties::Mode {
    match mode {
        Mode::Observe => duties::Mode::Observe,
        Mode::Post => duties::Mode::Post,
        Mode::Page => duties::Mode::Page,
    }
}

fn outside(config: &Config, store: &Store) -> Result<Outside, Failure> {
    let own = match &config.pagerduty.unconfigured_routing_key {
        Some(key) => Some(events(config, key)?),
        None => None,
    };
    let pagerduty = rest(config, connectors::http::Settings::default())?;
    let mut outside = Outside { pagerduty, events: own, locker: locker(config)?, ..Outside::default() };
    net::outside(config, &mut outside)?;
    slack::outside(config, &mut outside)?;
    bridges::outside(config, store, &mut outside)?;
    Ok(outside)
}

/// Events v2 by an integration key.
fn events(config: &Config, key: &crate::config::Secret) -> Result<Events, Failure> {
    Events::new(&setup(config), Secret::new(key.expose())).map_err(|error| wrong("events_url", &error))
}

/// PagerDuty's REST API within these limits, if there is a token for it.
pub fn rest(config: &Config, limits: connectors::http::Settings) -> Result<Option<Client>, Failure> {
    let Some(token) = &config.pagerduty.token else { return Ok(None) };
    let setup = Setup { token: Secret::new(token.expose()), http: limits, ..setup(config) };
    Client::new(&setup).map(Some).map_err(|error| wrong("api_url or token", &error))
}

fn setup(config: &Config) -> Setup {
    let mut setup = Setup::new(&config.pagerduty.api_url, Secret::new(""));
    setup.events_url = Some(config.pagerduty.events_url.clone());
    setup.from.clone_from(&config.pagerduty.from);
    setup
}

fn wrong(key: &str, error: &dyn std::fmt::Display) -> Failure {
    Failure::Wrong(format!("[pagerduty] {key}: {error}"))
}

/// This machine's name, for attempts; "host" when it has none.
pub fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map_or_else(|_| "host".to_owned(), |name| name.trim().to_owned())
}

/// Where people reach this server: as configured, or where it listens.
pub fn base_url(config: &Config) -> String {
    config.server.public_url.clone().unwrap_or_else(|| format!("http://{}", config.server.listen))
}

fn key_mark(config: &Config) -> String {
    config.pagerduty.token.as_ref().map(|token| model::connection::key_mark(token.expose())).unwrap_or_default()
}

fn seat_price(config: &Config) -> Option<web::SeatPrice> {
    let currency = config.seats.currency.clone();
    config.seats.price.map(|hundredths| web::SeatPrice { hundredths, currency })
}

/// What pages, API and health are made of, on the same store and bells as the engine.
pub fn web(config: &Config, shared: &Shared, stop: &CancellationToken) -> web::state::Web {
    let public_url = config.server.public_url.clone().unwrap_or_default();
    let metrics = shared.metrics.clone();
    web::state::Web {
        store: shared.store.clone(),
        settings: Arc::new(web::state::Settings {
            secure_cookies: public_url.starts_with("https://"),
            public_url,
            language: web::Language::parse(config.server.language.as_str()).unwrap_or(web::Language::Ja),
            zone: config.server.time_zone.clone(),
            customers: config.customers.clone(),
            version: env!("CARGO_PKG_VERSION"),
            can_read: shared.outside.pagerduty.is_some(),
            mirrors_pagerduty: shared.outside.pagerduty.is_some() || !config.pagerduty.webhook_secrets.is_empty(),
            has_webhook_secret: !config.pagerduty.webhook_secrets.is_empty(),
            has_routing_key: config.pagerduty.unconfigured_routing_key.is_some(),
            link_notes: matches!(config.link_note.mode, Mode::Post),
            poll_s: shared.settings.pace.log_s,
            key_mark: shared.settings.key_mark.clone(),
            seat_price: seat_price(config),
            safety_net: Arc::new(net::shown(config, &shared.settings)),
            slack: slack::shown(config),
            people: Arc::new(team::shown(config, &shared.settings)),
            bridges: Arc::new(bridges::shown(config, &shared.settings.bridges)),
            is_demo: config.is_demo,
        }),
        hosts: hosts::shown(config, shared.settings.hosts.as_ref()),
        evidence: Some(net::evidence(config)),
        show: shared.wake.show.clone(),
        read: shared.wake.read.clone(),
        act: shared.wake.act.clone(),
        stop: stop.clone(),
        metrics: Arc::new(move || metrics.render()),
    }
}
