//! Measures many hosts at once through one bastion, against servers that are there already; `bench/` runs it beside its peers.
//!
//!     cargo run --release -p probe --example fan_out -- BASTION HOSTS PARALLEL USER KEY KNOWN_HOSTS [COMMAND]
//!
//! BASTION is `address:port`, or `-` for none; HOSTS is `127.1.0.1-100:2222` (a range in the last number), one
//! `address:port`, or several of these with commas.
//! Prints one line of JSON: hosts, failed, wall_ms, cpu_ms, rss_bytes (the highest), bytes.

use futures_util::StreamExt;
use probe::{Hop, Known, Limits, Login, Probe, Settings, Way};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

struct Plan {
    bastion: Option<(String, u16)>,
    hosts: Vec<(String, u16)>,
    parallel: usize,
    user: String,
    key: PathBuf,
    known: String,
    command: String,
}

#[tokio::main]
async fn main() -> Fallible<()> {
    let plan = plan(std::env::args().skip(1).collect())?;
    let settings = Settings { per_bastion: plan.parallel.max(1), ..Settings::default() };
    let probe = Probe::new(settings, Arc::new(now));
    probe.know(Known::read(&std::fs::read_to_string(&plan.known)?).0);
    let from = Instant::now();
    let visits = plan.hosts.iter().map(|host| visit(&probe, &plan, host));
    let ended: Vec<Result<u64, probe::Error>> =
        futures_util::stream::iter(visits).buffer_unordered(plan.parallel).collect().await;
    let wall_ms = from.elapsed().as_millis();
    let failed: Vec<&probe::Error> = ended.iter().filter_map(|end| end.as_ref().err()).collect();
    let mut out = std::io::stdout();
    for error in failed.iter().take(3) {
        writeln!(std::io::stderr(), "{error}")?;
    }
    let bytes: u64 = ended.iter().filter_map(|end| end.as_ref().ok()).sum();
    let (cpu_ms, rss_bytes) = used()?;
    writeln!(
        out,
        r#"{{"hosts":{},"failed":{},"wall_ms":{wall_ms},"cpu_ms":{cpu_ms},"rss_bytes":{rss_bytes},"bytes":{bytes}}}"#,
        plan.hosts.len(),
        failed.len()
    )?;
    probe.close().await;
    Ok(())
}

async fn visit(probe: &Probe, plan: &Plan, host: &(String, u16)) -> Result<u64, probe::Error> {
    let hops = plan.bastion.iter().chain([host]).map(|(address, port)| Hop {
        name: format!("{address}:{port}"),
        address: address.clone(),
        port: *port,
        user: plan.user.clone(),
        logins: vec![Login::KeyFile { path: plan.key.clone(), passphrase: None, certificate: None }],
        key_names: Vec::new(),
    });
    let (sender, mut receiver) = mpsc::channel(8);
    let (way, limits) = (Way { hops: hops.collect() }, Limits::default());
    let running = probe.exec(&way, &plan.command, None, &limits, sender, CancellationToken::new());
    let (outcome, ()) = tokio::join!(running, async { while receiver.recv().await.is_some() {} });
    outcome.map(|outcome| outcome.out_bytes + outcome.err_bytes)
}

fn plan(arguments: Vec<String>) -> Fallible<Plan> {
    let [bastion, hosts, parallel, user, key, known, command @ ..] = arguments.as_slice() else {
        return Err("usage: fan_out BASTION HOSTS PARALLEL USER KEY KNOWN_HOSTS [COMMAND]".into());
    };
    Ok(Plan {
        bastion: if bastion == "-" { None } else { Some(place(bastion)?) },
        hosts: hosts.split(',').map(range).collect::<Fallible<Vec<_>>>()?.concat(),
        parallel: parallel.parse()?,
        user: user.clone(),
        key: key.into(),
        known: known.clone(),
        command: command.first().cloned().unwrap_or_else(|| "uptime".to_owned()),
    })
}

fn place(text: &str) -> Fallible<(String, u16)> {
    let (address, port) = text.rsplit_once(':').ok_or("a place is address:port")?;
    Ok((address.to_owned(), port.parse()?))
}

fn range(text: &str) -> Fallible<Vec<(String, u16)>> {
    let (addresses, port) = place(text)?;
    let Some((first, last)) = addresses.split_once('-') else { return Ok(vec![(addresses, port)]) };
    let (net, first) = first.rsplit_once('.').ok_or("a range is 127.1.0.1-100:port")?;
    let numbers = first.parse::<u8>()?..=last.parse()?;
    Ok(numbers.map(|number| (format!("{net}.{number}"), port)).collect())
}

/// This process's time on the processor, and the most memory that it had.
fn used() -> Fallible<(u64, u64)> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    // A tick is a hundredth of a second on every Linux.
    Ok((ticks * 10, peak.trim().trim_end_matches(" kB").trim().parse::<u64>()? * 1024))
}

#[expect(clippy::disallowed_methods, reason = "certificates are judged by the clock on the wall")]
fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
