//! Whether hosts can be reached: each is tried once a day, more often while it can't be, and whenever somebody asks. A key that
//! changed is told at once, once.

use super::Hosts;
use super::work::Halting;
use crate::effects::Done;
use crate::{Settings, Shared};
use duties::diagnose::{DUTY, reach as words};
use model::action::{Action, Effect, Outcome, Precondition, Queue};
use probe::{Chunk, Kind, Limits, Stream};
use serde_json::json;
use std::time::Duration;
use store::actions::{self, Doing};
use store::hosts::{self, Reach};
use store::{StoreError, Tx, audit};
use tokio::sync::mpsc;

pub use words::REACHED;

const LIMITS_MS: (u64, u64) = (10_000, 30_000);
/// What a host answers here is short.
const MOST_BYTES: u64 = 16 << 10;

/// A job that tries it.
pub fn action(host: &str, customer: Option<&str>, key: String) -> Action {
    Action {
        key,
        duty: DUTY.into(),
        subject: format!("host/{host}"),
        lane: format!("reach:{}", host.to_ascii_lowercase()),
        effect: Effect::Reach { host: host.to_owned() },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: format!("whether {host} can be reached"),
        customer: customer.map(str::to_owned),
        queue: Queue::Ssh,
    }
}

/// Tries a host or a bastion and writes down how it is.
pub async fn run(shared: &Shared, hosts: &Hosts, name: &str, halting: &Halting) -> Done {
    let estate = hosts.estate();
    let host = estate.inventory.host(name);
    let (Some(way), customer) = (hosts.way(name), host.and_then(|host| host.customer.clone())) else {
        return (Outcome::Skipped { why: format!("{name} is not in the inventory any more") }, Vec::new());
    };
    let reach = match host {
        Some(_) => tried(shared, hosts, &way, halting).await,
        // A bastion may let nobody run anything.
        None => hosts.probe.reach(&way).await.map(|reached| words::Answer {
            elapsed_ms: reached.hops.iter().map(|hop| hop.elapsed_ms).sum(),
            host_key: reached.hops.last().map(|hop| hop.host_key.clone()).unwrap_or_default(),
            said: None,
        }),
    };
    let reach = told(name, customer, reach);
    let settings = shared.settings.clone();
    let written = shared.store.write("host_reached", move |tx| {
        let (reach, settings) = (reach.clone(), settings.clone());
        Box::pin(async move { write_down(tx, &settings, &reach).await })
    });
    match written.await {
        Ok(()) => (Outcome::Done { external: None }, Vec::new()),
        Err(error) => {
            let at = shared.store.clock().now().plus_s(5);
            (Outcome::Later { at, fault: model::action::Fault::Limit, why: error.to_string() }, Vec::new())
        }
    }
}

async fn tried(
    shared: &Shared,
    hosts: &Hosts,
    way: &probe::Way,
    halting: &Halting,
) -> Result<words::Answer, probe::Error> {
    let (step_ms, total_ms) = LIMITS_MS;
    let limits = Limits { connect_ms: hosts.settings.connect_ms, step_ms, total_ms, output_bytes: MOST_BYTES };
    let (sender, mut receiver) = mpsc::channel(8);
    let begun = std::time::Instant::now();
    let asked = hosts.probe.exec(way, words::COMMAND, None, &limits, sender, halting.token());
    let heard = async {
        let (mut said, mut first) = (Vec::new(), None);
        while let Some(Chunk { stream, bytes }) = receiver.recv().await {
            if stream == Stream::Out {
                first.get_or_insert_with(|| shared.store.clock().now());
                said.extend_from_slice(&bytes);
            }
        }
        (said, first)
    };
    let (outcome, (said, first)) = tokio::join!(asked, heard);
    let outcome = outcome?;
    Ok(words::Answer {
        elapsed_ms: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        host_key: outcome.host_key,
        said: first.map(|at| words::said(&String::from_utf8_lossy(&said), at)),
    })
}

fn told(name: &str, customer: Option<String>, tried: Result<words::Answer, probe::Error>) -> Reach {
    let plain = Reach { host: name.to_owned(), customer, ..Reach::default() };
    match tried {
        Ok(answer) => {
            let said = answer.said.unwrap_or_default();
            Reach {
                state: REACHED.into(),
                elapsed_ms: i64::try_from(answer.elapsed_ms).ok(),
                clock_offset_ms: said.clock_offset_ms,
                sudo: said.sudo,
                system: said.system,
                host_key: Some(answer.host_key),
                ..plain
            }
        }
        Err(error) => {
            Reach { state: state(&error.kind).into(), cause: Some(error.to_string()), hop: Some(error.hop), ..plain }
        }
    }
}

/// The probe's kinds in the store's words.
pub const fn state(kind: &Kind) -> &'static str {
    match kind {
        Kind::Unreachable { .. } => "unreachable",
        Kind::KeyUnknown { .. } => "key_unknown",
        Kind::KeyChanged { .. } => "key_changed",
        Kind::KeyRevoked { .. } => "key_revoked",
        Kind::CertificateWrong { .. } => "certificate",
        Kind::LoginRefused { .. } => "login_refused",
        Kind::KeyFile { .. } => "key_file",
        Kind::Agent { .. } => "agent",
        Kind::BastionForbids { .. } => "bastion_forbids",
        Kind::RunRefused { .. } => "run_refused",
        Kind::Busy => "busy",
        Kind::Timeout { .. } => "timeout",
        Kind::Lost { .. } => "lost",
        Kind::NoCommonAlgorithm { .. } => "no_common_algorithm",
        Kind::Cancelled => "cancelled",
        Kind::NoHop => "no_way",
        Kind::Protocol { .. } => "protocol",
    }
}

/// Written down; a key that is another than it was is told to people, once.
pub async fn write_down(tx: &mut Tx, settings: &Settings, reach: &Reach) -> Result<(), StoreError> {
    let before = hosts::reached(tx, reach).await?;
    let is_news = before.is_none_or(|before| before.state != reach.state || before.cause != reach.cause);
    if !is_news || !matches!(reach.state.as_str(), "key_changed" | "key_revoked") {
        return Ok(());
    }
    let detail = json!({ "hop": reach.hop, "cause": reach.cause });
    let subject = format!("host/{}", reach.host);
    audit::add(tx, "system", "host.key-changed", &subject, reach.customer.as_deref(), &detail).await?;
    let language = settings.hosts.as_ref().map(|hosts| hosts.settings.language).unwrap_or_default();
    let cause = reach.cause.clone().unwrap_or_default();
    let message = words::key_changed(language, &reach.host, &cause, &settings.public_url);
    let now = tx.now();
    let action = Action {
        key: format!("{DUTY}/{subject}/{}/{}", reach.state, now.0),
        effect: Effect::Tell { channel: "alerts".into(), to: None, message },
        lane: subject.clone(),
        queue: Queue::Live,
        why: "a host showed another key than the one that is trusted".into(),
        ..action(&reach.host, reach.customer.as_deref(), String::new())
    };
    let doing = if settings.posts { Doing::Really } else { Doing::Observed };
    actions::add(tx, &action, doing).await.map(|_| ())
}

/// How often one is tried that can't be reached.
pub const AGAIN: Duration = Duration::from_secs(3_600);
