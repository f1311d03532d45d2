//! The ways of mail: doors that receive it, the mailbox, the relay that takes ours, and where originals are kept. Signs in
//! where it must, sends nothing.

use super::PATIENCE;
use super::line::{Line, State};
use crate::cli::Failure;
use crate::config::{Config, EvidencePlace, MailTls};
use crate::wiring::net;
use connectors::imap;
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;

const MAILBOX: &str = "mailbox";
const RELAY: &str = "relay";
const DOORS: &str = "mail";

pub async fn look(config: &Config) -> Vec<Line> {
    let (doors, mailbox, relay) = tokio::join!(doors(config), mailbox(config), relay(config));
    doors.into_iter().chain(mailbox).chain(relay).chain(people(config)).chain(evidence(config)).collect()
}

/// The doors' addresses, and whether their certificate is good.
async fn doors(config: &Config) -> Vec<Line> {
    let door = &config.smtp;
    if door.recipients.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![one("[mail.smtp] listen", door.listen).await];
    if let Some(address) = door.lmtp_listen {
        lines.push(one("[mail.smtp] lmtp_listen", address).await);
    }
    match net::smtp(config, smtp::Protocol::Smtp) {
        Ok(settings) if settings.tls.is_some() => lines.push(Line::ok(DOORS, "the certificate for STARTTLS is good")),
        Ok(_) => {}
        Err(Failure::Wrong(text) | Failure::Failed(text)) => lines.push(Line::told(DOORS, State::Fail, &text)),
    }
    lines
}

async fn one(key: &str, address: SocketAddr) -> Line {
    match tokio::net::TcpListener::bind(address).await {
        Ok(_) => Line::ok(DOORS, format!("{address} ({key}) is free")),
        Err(_) if greets(address).await => {
            Line::ok(DOORS, format!("{address} ({key}) is served by a running mail receiver"))
        }
        Err(error) => Line::fail(
            DOORS,
            format!("{address} ({key}) can't be listened on: {error}"),
            "end the program that has it, or take another port; below 1024 the service needs CAP_NET_BIND_SERVICE",
        ),
    }
}

async fn greets(address: SocketAddr) -> bool {
    let greeted = async { greeting(&address.ip().to_string(), address.port()).await };
    matches!(tokio::time::timeout(PATIENCE, greeted).await, Ok(Ok(line)) if line.starts_with("220"))
}

async fn greeting(host: &str, port: u16) -> std::io::Result<String> {
    let stream = TcpStream::connect((host, port)).await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await?;
    Ok(line)
}

async fn mailbox(config: &Config) -> Vec<Line> {
    let Some(settings) = net::imap(config) else { return Vec::new() };
    let place = format!("{} at {}:{}", settings.mailbox, settings.host, settings.port);
    let looked = tokio::time::timeout(PATIENCE * 3, imap::look_in(&settings)).await;
    match looked {
        Ok(Ok(mailbox)) => {
            let idle = if mailbox.has_idle { "tells of news by itself" } else { "is polled, since it has no IDLE" };
            let found = Line::ok(MAILBOX, format!("{place}: signed in, {} mails, {idle}", mailbox.exists));
            let read_only = mailbox.is_read_only && settings.done != imap::Done::Nothing;
            let warned = Line::warn(
                MAILBOX,
                format!("{place} is read-only, so no mail can be flagged or moved"),
                "give the user the right to write, or set [mail.imap] done = \"nothing\"",
            );
            std::iter::once(found).chain(read_only.then_some(warned)).collect()
        }
        Ok(Err(trouble)) => vec![Line::told(MAILBOX, State::Fail, &trouble.to_string())],
        Err(_) => {
            vec![Line::fail(MAILBOX, format!("{place} did not answer in time"), "see whether a firewall is in the way")]
        }
    }
}

/// Whether the relay greets; with TLS from the first byte only whether it is there.
async fn relay(config: &Config) -> Vec<Line> {
    let Some(host) = &config.relay.host else { return Vec::new() };
    let (port, place) = (config.relay.port, format!("{host}:{}", config.relay.port));
    let implicit = config.relay.tls == MailTls::Implicit;
    let tried = async {
        match implicit {
            true => TcpStream::connect((host.as_str(), port)).await.map(|_| "220".to_owned()),
            false => greeting(host, port).await,
        }
    };
    let remedy = "let this machine reach it; see [mail.relay] host and port";
    vec![match tokio::time::timeout(PATIENCE, tried).await {
        Ok(Ok(line)) if line.starts_with("220") => {
            Line::ok(RELAY, format!("{place} answers (no mail was sent, so the sign-in is not tried)"))
        }
        Ok(Ok(line)) => {
            Line::fail(RELAY, format!("{place} does not greet as a mail server does: {:?}", line.trim()), remedy)
        }
        Ok(Err(error)) => Line::fail(RELAY, format!("{place} can't be reached: {error}"), remedy),
        Err(_) => Line::fail(RELAY, format!("{place} did not answer within 10 s"), remedy),
    }]
}

/// Whom the second path can reach at all.
fn people(config: &Config) -> Vec<Line> {
    let channels = net::channels(config);
    let what = "second path";
    config
        .people
        .iter()
        .filter(|person| {
            let by = |channel| channels.contains(&channel);
            let reached = (by(model::action::Channel::Webhook) || person.webhook_url.is_some())
                || (by(model::action::Channel::Mail) && person.mail.is_some())
                || (by(model::action::Channel::Sms) && person.phone.is_some());
            !reached
        })
        .map(|person| {
            Line::warn(
                what,
                format!("{} can be reached by no way that is set", person.name),
                "give the person a mail address, phone or webhook_url, and switch that way on in [second_path]",
            )
        })
        .collect()
}

fn evidence(config: &Config) -> Vec<Line> {
    match &config.evidence.url {
        EvidencePlace::Folder(folder) => super::disk::look("evidence", folder),
        EvidencePlace::S3 { .. } => Vec::new(),
    }
}
