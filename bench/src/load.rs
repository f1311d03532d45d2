//! The load, in a process of its own so that its CPU time is not the server's: closed loop (each connection sends when
//! it has its answer) or open loop (a fixed rate, every latency counted from the instant the request was due).

use crate::client::Client;
use crate::histogram::Histogram;
use crate::payload::{Maker, Shape};
use crate::requests::Requests;
use crate::sys::{Poll, Timer};
use crate::{clock, process};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// What is on its way at the end has this long to be answered.
const GRACE: Duration = Duration::from_secs(5);
/// More than any server under test answers on this size of machine.
const FASTEST_A_S: f64 = 60_000.0;
const TIMER: u64 = u64::MAX;
/// Failed connections before a run is given up.
const MOST_ERRORS: u64 = 1_000;

#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[arg(long)]
    pub to: SocketAddr,
    #[arg(long, value_enum, default_value_t = Shape::Pagerduty)]
    pub shape: Shape,
    #[arg(long, default_value_t = 64)]
    pub connections: usize,
    #[arg(long, default_value_t = 4.0)]
    pub seconds: f64,
    /// Requests a second in an open loop; a closed loop without it.
    #[arg(long)]
    pub rate: Option<f64>,
    /// Incidents that are open side by side.
    #[arg(long, default_value_t = 2_000)]
    pub incidents: u64,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Process whose CPU time is taken right before and after.
    #[arg(long)]
    pub server_pid: Option<u32>,
}

/// What a run found, as the load process prints it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Answers a second within the time; of an open loop, of the whole run.
    pub rate: f64,
    /// All 2xx, those that came after the time too: what the server must have kept.
    pub acknowledged: u64,
    pub answered: u64,
    pub non_2xx: u64,
    /// Cut connections, answers that never came, requests that could not be sent.
    pub errors: u64,
    pub p50_us: u64,
    pub p99_us: u64,
    pub p999_us: u64,
    pub max_us: u64,
    /// How late the load itself was with a request (open loop), 99th percentile.
    pub lag_p99_us: u64,
    pub server_cpu_us: u64,
    pub load_cpu_us: u64,
    pub prepared: u64,
}

pub fn run(args: &Args) -> Result<Summary> {
    ensure!(args.connections > 0 && args.seconds > 0.0, "a load needs a connection and some time");
    let expected = (args.rate.unwrap_or(FASTEST_A_S) * args.seconds) as u64;
    let maker = Maker::new(args.shape, args.seed, clock::now_us() / 1_000, args.incidents);
    let requests = Requests::prepare(maker, expected);
    let mut load = Load::connect(args.to, args.connections, requests)?;
    let server_before = args.server_pid.map(process::cpu_us).transpose()?;
    let ours_before = process::cpu_us(std::process::id())?;
    let time = Duration::from_secs_f64(args.seconds);
    let rate = match args.rate {
        Some(rate) => load.open(rate, time)?,
        None => load.closed(time)?,
    };
    let server_after = args.server_pid.map(process::cpu_us).transpose()?;
    let found = &load.found;
    Ok(Summary {
        rate,
        acknowledged: found.acknowledged,
        answered: found.answered,
        non_2xx: found.answered - found.acknowledged,
        errors: found.errors,
        p50_us: found.latency.quantile(0.5),
        p99_us: found.latency.quantile(0.99),
        p999_us: found.latency.quantile(0.999),
        max_us: found.latency.largest(),
        lag_p99_us: found.lag.quantile(0.99),
        server_cpu_us: server_after.unwrap_or(0).saturating_sub(server_before.unwrap_or(0)),
        load_cpu_us: process::cpu_us(std::process::id())?.saturating_sub(ours_before),
        prepared: load.requests.prepared(),
    })
}

#[derive(Default)]
struct Found {
    answered: u64,
    acknowledged: u64,
    in_time: u64,
    errors: u64,
    latency: Histogram,
    lag: Histogram,
}

struct Load {
    to: SocketAddr,
    requests: Requests,
    scratch: Vec<u8>,
    clients: Vec<Client>,
    poll: Poll,
    ready: Vec<u64>,
    next: u64,
    on_their_way: usize,
    found: Found,
}

impl Load {
    fn connect(to: SocketAddr, connections: usize, requests: Requests) -> Result<Self> {
        let clients = (0..connections).map(|_| Client::connect(to)).collect::<Result<Vec<_>>>()?;
        let poll = Poll::new(connections + 1)?;
        for (token, client) in clients.iter().enumerate() {
            poll.add(client.stream.as_raw_fd(), token as u64)?;
        }
        Ok(Self {
            to,
            requests,
            scratch: Vec::with_capacity(4 << 10),
            clients,
            poll,
            ready: Vec::new(),
            next: 0,
            on_their_way: 0,
            found: Found::default(),
        })
    }

    /// Answers a second within the time.
    fn closed(&mut self, time: Duration) -> Result<f64> {
        let begun = Instant::now();
        let end = begun + time;
        for client in 0..self.clients.len() {
            while !self.send(client, Instant::now())? {}
        }
        while self.on_their_way > 0 && Instant::now() < end + GRACE {
            let ready = self.wait()?;
            for token in &ready {
                let client = *token as usize;
                if self.receive(client, end)? && Instant::now() < end {
                    while !self.send(client, Instant::now())? {}
                }
            }
            self.ready = ready;
        }
        self.found.errors += self.on_their_way as u64;
        Ok(self.found.in_time as f64 / time.as_secs_f64())
    }

    /// Answers a second from the first request to the last answer.
    fn open(&mut self, rate: f64, time: Duration) -> Result<f64> {
        let begun = Instant::now();
        let end = begun + time;
        let total = (rate * time.as_secs_f64()) as u64;
        let due = |i: u64| begun + Duration::from_secs_f64(i as f64 / rate);
        let timer = Timer::new()?;
        self.poll.add(timer.fd(), TIMER)?;
        let mut idle: VecDeque<usize> = (0..self.clients.len()).collect();
        while (self.next < total || self.on_their_way > 0) && Instant::now() < end + GRACE {
            while self.next < total && due(self.next) <= Instant::now() {
                let Some(client) = idle.pop_front() else { break };
                let due = due(self.next);
                self.found.lag.record(us(due.elapsed()));
                if !self.send(client, due)? {
                    idle.push_back(client);
                }
            }
            match self.next < total && !idle.is_empty() {
                true => timer.arm(due(self.next).saturating_duration_since(Instant::now()))?,
                false => timer.disarm()?,
            }
            let ready = self.wait()?;
            for token in &ready {
                if *token != TIMER && self.receive(*token as usize, end)? {
                    idle.push_back(*token as usize);
                }
            }
            self.ready = ready;
        }
        self.give_up((self.next..total).map(due));
        Ok(self.found.answered as f64 / begun.elapsed().as_secs_f64())
    }

    /// What was never answered or never sent waited until now; leaving it out would flatter the server.
    fn give_up(&mut self, unsent: impl Iterator<Item = Instant>) {
        let waiting: Vec<Instant> = self.clients.iter().filter_map(|client| client.begun).chain(unsent).collect();
        for begun in waiting {
            self.found.errors += 1;
            self.found.latency.record(us(begun.elapsed()));
        }
    }

    /// Hands out the list of what is readable; whoever is through with it puts it back.
    fn wait(&mut self) -> Result<Vec<u64>> {
        let mut ready = std::mem::take(&mut self.ready);
        ready.clear();
        self.poll.wait(100, &mut ready)?;
        Ok(ready)
    }

    /// False when the connection broke; it is a new one then, with nothing on its way.
    fn send(&mut self, client: usize, begun: Instant) -> Result<bool> {
        let request = self.requests.get(self.next, &mut self.scratch);
        let sent = self.clients[client].send(request, begun);
        self.next += 1;
        self.on_their_way += 1;
        if let Err(error) = &sent {
            self.replace(client, error)?;
        }
        Ok(sent.is_ok())
    }

    /// True when the connection is free again.
    fn receive(&mut self, client: usize, end: Instant) -> Result<bool> {
        let Some(begun) = self.clients[client].begun else { return Ok(false) };
        match self.clients[client].receive() {
            Ok(None) => Ok(false),
            Ok(Some(status)) => {
                let now = Instant::now();
                self.clients[client].begun = None;
                self.on_their_way -= 1;
                self.found.answered += 1;
                self.found.acknowledged += u64::from((200..300).contains(&status));
                self.found.in_time += u64::from(now < end);
                self.found.latency.record(us(now - begun));
                Ok(true)
            }
            Err(error) => self.replace(client, &error).map(|()| true),
        }
    }

    fn replace(&mut self, client: usize, error: &anyhow::Error) -> Result<()> {
        self.found.errors += 1;
        ensure!(
            self.found.errors < MOST_ERRORS,
            "given up after {MOST_ERRORS} failed connections, the last: {error:#}"
        );
        self.on_their_way -= 1;
        // Dropping the old socket takes it out of the poll.
        self.clients[client] = Client::connect(self.to).with_context(|| format!("after: {error:#}"))?;
        Ok(self.poll.add(self.clients[client].stream.as_raw_fd(), client as u64)?)
    }
}

fn us(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
