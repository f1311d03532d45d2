//! `mail test`: what the safety net reads in mails that lie in files, as it is configured. Keeps nothing, sends nothing, asks
//! no DNS.

mod told;

use super::{Failure, say};
use crate::config::Config;
use crate::wiring;
use clap::{Args, Subcommand};
use duties::mail::{Desk, Read};
use model::mail::{Door, Envelope, State};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Show what is read in mails: monitor, host, check, state, key, and which rule matched.
    #[command(after_help = "Example:\n  arayashiki mail test alert.eml\n  \
        arayashiki mail test --to zabbix@alerts.example.jp --peer 192.0.2.25 --json *.eml\n\n\
        Exit status: 0 all read; 1 one can't be read, so that it would count as an alert of unknown kind; 2 a file can't \
        be opened, or the configuration is wrong.")]
    Test(Test),
}

#[derive(Debug, Args)]
pub struct Test {
    /// Mails as they were received, headers and all.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// An address that they were delivered to; without it their own To and Cc have to do.
    #[arg(long, value_name = "ADDRESS")]
    to: Vec<String>,
    /// The address that they were sent from, `<>` for the null sender; without it their Return-Path.
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// The machine that handed them over.
    #[arg(long, value_name = "IP")]
    peer: Option<IpAddr>,
}

pub fn run(config: &Config, command: &Mail, json: bool) -> Result<(), Failure> {
    let Mail::Test(test) = command;
    let desk = wiring::mail::desk(config)?;
    let mails = opened(&test.files)?;
    let now = store::Clock::default().now();
    let mut unknown = Vec::new();
    for (number, (file, raw)) in mails.iter().enumerate() {
        let read = duties::mail::read(&desk, &envelope(test, raw), raw, None, now);
        if json {
            say(told::as_json(file, &read));
        } else {
            say(format_args!(
                "{}{}",
                if number > 0 { "\n" } else { "" },
                told::for_people(file, &read, zone(&desk, &read))
            ));
        }
        if read.reading.state == State::Unknown {
            unknown.push(file.display().to_string());
        }
    }
    answer(&unknown)
}

/// All of them, or which can't be opened.
fn opened(files: &[PathBuf]) -> Result<Vec<(&Path, Vec<u8>)>, Failure> {
    let (mut mails, mut refused) = (Vec::new(), Vec::new());
    for file in files {
        match std::fs::read(file) {
            Ok(raw) => mails.push((file.as_path(), raw)),
            Err(error) => refused.push(format!("{}: can't be opened ({error}); name a mail's file", file.display())),
        }
    }
    if refused.is_empty() { Ok(mails) } else { Err(Failure::Wrong(refused.join("\n"))) }
}

fn envelope(test: &Test, raw: &[u8]) -> Envelope {
    let from = test.from.clone().unwrap_or_else(|| return_path(raw));
    Envelope {
        door: Door::Smtp,
        from: Some(from).filter(|from| from != "<>"),
        recipients: test.to.clone(),
        peer: test.peer.map(|peer| peer.to_string()),
        helo: None,
        tls: false,
        checked: None,
        place: None,
    }
}

/// What the last server wrote down of the envelope; an empty text where none did.
fn return_path(raw: &[u8]) -> String {
    let head = raw.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut head = head.take_while(|line| !line.is_empty()).map(String::from_utf8_lossy);
    let named = head.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("return-path").then(|| value.trim().to_owned())
    });
    match named.as_deref() {
        Some("<>") => "<>".to_owned(),
        Some(path) => path.trim_start_matches('<').trim_end_matches('>').to_owned(),
        None => String::new(),
    }
}

/// The zone that the mail's own dates are in.
fn zone<'a>(desk: &'a Desk, read: &Read) -> &'a jiff::tz::TimeZone {
    let monitor = desk.monitors.iter().find(|monitor| read.is_configured && monitor.name == read.monitor);
    monitor.and_then(|monitor| monitor.zone.as_ref()).unwrap_or(&desk.zone)
}

fn answer(unknown: &[String]) -> Result<(), Failure> {
    match unknown {
        [] => Ok(()),
        files => Err(Failure::Failed(format!(
            "can't be read, so that it counts as an alert of unknown kind: {}; write a [[mail.monitor]] with patterns, or a \
             [[mail.rule]] if it is no alert",
            files.join(", ")
        ))),
    }
}
