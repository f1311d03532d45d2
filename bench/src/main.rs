//! Ours, the floor and Debian's Alertmanager side by side: `cargo run --release -p bench`. Measures; never judges a
//! machine by another one's figures.

mod bars;
mod client;
mod clock;
mod drain;
mod fill;
mod floor;
mod histogram;
mod http;
mod lists;
mod load;
mod machine;
mod payload;
mod process;
mod report;
mod requests;
mod rounds;
mod size;
mod stats;
mod sys;
mod target;
mod verdict;

use anyhow::{Context, Result, ensure};
use clap::{Args, Parser, Subcommand};
use report::Report;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use target::{Place, Target};

/// The floor and ours allocate alike.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures how fast deliveries become durable, what that costs, and what the program takes to run.
#[derive(Parser)]
#[command(name = "bench", args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    options: Options,
}

#[derive(Subcommand)]
enum Command {
    /// The load alone, against a server that runs; prints what it found as JSON.
    Load(load::Args),
    /// The floor alone: a durable receiver that does nothing else.
    Floor(floor::Args),
}

#[derive(Args)]
struct Options {
    #[command(flatten)]
    parts: Parts,
    /// Runs of each server; medians count.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Seconds of each closed-loop run.
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// Connections of the closed loop.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Connections that the fixed rate may use; more than are ever busy, or the rate would not be fixed.
    #[arg(long, default_value_t = 256)]
    open_connections: usize,
    /// Requests a second of the fixed rate.
    #[arg(long, default_value_t = 5_000.0)]
    rate: f64,
    /// Seconds of each run at the fixed rate.
    #[arg(long, default_value_t = 10.0)]
    open_seconds: f64,
    /// Seconds of load before the backlog is drained.
    #[arg(long, default_value_t = 60.0)]
    drain_seconds: f64,
    /// Seconds of mails whose verdicts are waited for.
    #[arg(long, default_value_t = 120.0)]
    verdict_seconds: f64,
    /// Mails a second with an event, and as many without.
    #[arg(long, default_value_t = 1)]
    verdict_rate: usize,
    /// Seconds of nothing before idle memory is read.
    #[arg(long, default_value_t = 10.0)]
    idle_seconds: f64,
    /// Incidents that the load keeps open side by side.
    #[arg(long, default_value_t = 2_000)]
    incidents: u64,
    /// Servers to measure.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "ours,floor,alertmanager")]
    targets: Vec<Target>,
    /// The program under test; the one beside this one when left out.
    #[arg(long)]
    binary: Option<PathBuf>,
    #[arg(long, default_value = "prometheus-alertmanager")]
    alertmanager: PathBuf,
    /// Where databases go, on the disk that is to be measured; a folder beside this program when left out.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Incidents, or mails, in the store that lists are measured against.
    #[arg(long, default_value_t = 1_000_000)]
    stored: i64,
    /// Prints JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// Fails when a bar is missed, or none was measured.
    #[arg(long)]
    check: bool,
}

/// Parts to run; all but the build and the lists when none is named. Drain and size are ours alone.
#[derive(Args, Clone, Copy)]
struct Parts {
    /// Closed loop over all servers.
    #[arg(long)]
    ack: bool,
    /// Fixed rate over the floor and ours.
    #[arg(long)]
    open: bool,
    /// A minute of load, then the draining of what it left.
    #[arg(long)]
    drain: bool,
    /// Start, idle memory, binary.
    #[arg(long)]
    size: bool,
    /// CPU seconds of a cold release build; takes minutes.
    #[arg(long)]
    build: bool,
    /// Lists and searches over a store of a million incidents, which the first run makes; needs no server. Alone.
    #[arg(long)]
    lists: bool,
    /// The same of a million alert mails. Alone.
    #[arg(long)]
    mails: bool,
    /// How long after its grace time each mail has its verdict, beside a simulated account; takes minutes. Alone.
    #[arg(long)]
    verdict: bool,
}

impl Options {
    fn chosen(&self) -> Parts {
        let Parts { ack, open, drain, size, build, lists, mails, verdict } = self.parts;
        if ack || open || drain || size || build || lists || mails || verdict {
            return self.parts;
        }
        let ours = self.targets.contains(&Target::Ours);
        let (build, lists, mails, verdict) = (false, false, false, false);
        Parts { ack: true, open: true, drain: ours, size: ours, build, lists, mails, verdict }
    }

    fn needs_ours(&self) -> bool {
        let Parts { ack, open, drain, size, lists, mails, verdict, .. } = self.chosen();
        if lists || mails {
            return false;
        }
        verdict || drain || size || ((ack || open) && self.targets.contains(&Target::Ours))
    }
}

fn main() -> Result<ExitCode> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::Load(args)) => {
            let summary = load::run(&args)?;
            print(&serde_json::to_string(&summary)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Floor(args)) => floor::run(&args).map(|()| ExitCode::SUCCESS),
        None => measure(&cli.options),
    }
}

fn measure(options: &Options) -> Result<ExitCode> {
    let place = place(options)?;
    if options.parts.lists {
        return lists(options, &lists::run(&place.data, options.stored)?);
    }
    if options.parts.mails {
        return lists(options, &lists::mails(&place.data, options.stored)?);
    }
    if options.parts.verdict {
        let found = verdict::run(&place, options.verdict_seconds, options.verdict_rate)?;
        print(&if options.json { serde_json::to_string_pretty(&found)? } else { found.text() })?;
        return Ok(if options.check && !found.holds() { ExitCode::FAILURE } else { ExitCode::SUCCESS });
    }
    let report = parts(options, &place)?;
    let bars = bars::of(&report);
    if options.json {
        print(&serde_json::to_string_pretty(&serde_json::json!({"report": report, "bars": bars}))?)?;
    } else {
        print(&report.text())?;
    }
    // A check that judged nothing must not pass.
    let holds = bars.iter().any(|bar| bar.holds.is_some()) && bars.iter().all(|bar| bar.holds != Some(false));
    Ok(if options.check && !holds { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn lists(options: &Options, lists: &lists::Lists) -> Result<ExitCode> {
    print(&if options.json { serde_json::to_string_pretty(lists)? } else { lists.text() })?;
    Ok(if options.check && !lists.holds() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn parts(options: &Options, place: &Place) -> Result<Report> {
    let Parts { ack, open, drain, size, build, .. } = options.chosen();
    let rounds = options.rounds as usize;
    let load = |seconds: f64, connections: usize| {
        let pair = |name: &str, value: String| [name.to_owned(), value];
        [
            pair("--seconds", seconds.to_string()),
            pair("--connections", connections.to_string()),
            pair("--incidents", options.incidents.to_string()),
        ]
        .concat()
    };
    let mut report = Report { machine: machine::Machine::look(&place.data), ..Report::default() };
    say(&report.machine.text());
    if ack {
        report.ack =
            Some(rounds::run(place, &options.targets, rounds, "ack", &load(options.seconds, options.connections))?);
    }
    if open {
        let targets: Vec<Target> =
            options.targets.iter().copied().filter(|target| *target != Target::Alertmanager).collect();
        let fixed =
            [load(options.open_seconds, options.open_connections), vec!["--rate".into(), options.rate.to_string()]]
                .concat();
        report.open = Some(rounds::run(place, &targets, rounds, "open", &fixed)?);
    }
    if drain {
        let full = load(options.drain_seconds, options.connections);
        report.drain = Some(drain::run(place, options.drain_seconds, &full)?);
    }
    if size {
        report.size = Some(size::run(place, rounds, Duration::from_secs_f64(options.idle_seconds))?);
    }
    if build {
        report.build_cpu_s = Some(size::build()?);
    }
    Ok(report)
}

fn place(options: &Options) -> Result<Place> {
    let bench = std::env::current_exe().context("asking for this program's own path")?;
    let beside = bench.parent().map(std::path::Path::to_path_buf).unwrap_or_default();
    let ours = options.binary.clone().unwrap_or_else(|| beside.join("arayashiki"));
    ensure!(
        !options.needs_ours() || ours.is_file(),
        "{} is not there: build it first with `cargo build --release`",
        ours.display()
    );
    // Servers run in folders of their own, where a relative path would lead elsewhere.
    let ours = ours.canonicalize().unwrap_or(ours);
    let data = options.dir.clone().unwrap_or_else(|| beside.join("bench-data"));
    std::fs::create_dir_all(&data).with_context(|| format!("making {}", data.display()))?;
    let data = data.canonicalize()?;
    Ok(Place { ours, alertmanager: options.alertmanager.clone(), bench, data })
}

fn print(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// What is going on, for whoever waits.
fn say(text: &str) {
    // Nobody may be listening; the figures come on standard output.
    let _ = writeln!(std::io::stderr(), "{text}");
}
