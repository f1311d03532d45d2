//! How long after its grace time each alert mail has its verdict, while a simulated account takes events and the monitors of a busy site
//! send: half of their alerts have their event, the other half have none.

use crate::target::{Place, Server, database};
use crate::{http, say};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const GRACE_S: i64 = 60;
const PATIENCE: Duration = Duration::from_secs(240);
/// The bar: so many of a hundred within so long.
const WITHIN_S: f64 = 30.0;

#[derive(Clone, Debug, Serialize)]
pub struct Verdicts {
    pub mails: usize,
    /// By state.
    pub stand: Vec<(String, i64)>,
    pub p50_s: f64,
    pub p99_s: f64,
    pub max_s: f64,
}

impl Verdicts {
    pub fn text(&self) -> String {
        let mut out = format!(
            "{} mails over their grace time of {GRACE_S} s: verdict after p50 {:.1} s, p99 {:.1} s, at most {:.1} s",
            self.mails, self.p50_s, self.p99_s, self.max_s
        );
        for (ledger, count) in &self.stand {
            let _ = write!(out, "\n  {ledger}: {count}");
        }
        out
    }

    pub fn holds(&self) -> bool {
        self.p99_s <= WITHIN_S
    }
}

/// A simulated account that ends with us.
struct Account {
    child: Child,
    info: Value,
}

impl Account {
    fn start(place: &Place) -> Result<Self> {
        let mut child = Command::new(&place.ours)
            .args(["sandbox", "pagerduty", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("starting the simulated account")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let info = serde_json::from_str(&line).with_context(|| format!("what the account says of itself: {line}"))?;
        Ok(Self { child, info })
    }

    fn text(&self, key: &str) -> Result<&str> {
        self.info[key].as_str().with_context(|| format!("the account names no {key}"))
    }

    fn address(&self) -> Result<SocketAddr> {
        Ok(self.text("url")?.trim_start_matches("http://").trim_end_matches('/').parse()?)
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn run(place: &Place, seconds: f64, each: usize) -> Result<Verdicts> {
    let account = Account::start(place)?;
    let folder = place.folder("verdict-ours")?;
    let smtp = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let server = Server::start_with(place, &folder, |config| tables(config, &account, smtp))?;
    say(&format!("verdicts: {seconds:.0} s of mails, {} a second", 2 * each));
    let sent = send(&account, smtp, seconds, each)?;
    let begun = Instant::now();
    let waiting = "SELECT count(*) FROM mail WHERE ledger = 'expected'";
    let rows = rusqlite::Connection::open(database(&folder))?;
    let count = |sql: &str| rows.query_row(sql, [], |row| row.get::<_, i64>(0));
    while count("SELECT count(*) FROM mail")? < i64::try_from(sent)? || count(waiting)? > 0 {
        ensure!(begun.elapsed() < PATIENCE, "{} mails still wait for their verdict", count(waiting)?);
        std::thread::sleep(Duration::from_secs(1));
    }
    let found = read(&rows)?;
    server.stop()?;
    std::fs::remove_dir_all(&folder)?;
    Ok(found)
}

/// The program as an operator would set it up, beside the account.
fn tables(config: &str, account: &Account, smtp: SocketAddr) -> Result<String> {
    let unconfigured = account.text("unconfigured")?;
    let key = account.info["routing_keys"][unconfigured].as_str().context("no key for what is unconfigured")?;
    let (url, token, from) = (account.text("url")?, account.text("token")?, account.text("from")?);
    let config = config.replace(
        "[pagerduty]\n",
        &format!(
            "[pagerduty]\napi_url = \"{url}\"\nevents_url = \"{url}\"\ntoken = \"{token}\"\nfrom = \"{from}\"\n\
             unconfigured_routing_key = \"{key}\"\nfirst_sight = \"1d\"\n"
        ),
    );
    Ok(format!(
        "{config}\n[mail.smtp]\nlisten = \"{smtp}\"\nrecipients = [\"@net.example.jp\"]\nrate = 100000\n\n\
         [safety_net]\nmode = \"page\"\ngrace = \"{GRACE_S}s\"\n\n\
         [[mail.monitor]]\nname = \"zbx\"\nreader = \"zabbix\"\nrecipients = [\"zbx-1@net.example.jp\"]\nsecret_recipient = true\n"
    ))
}

/// Every second so many alerts with their event and as many without, each for the first time. How many mails that were.
fn send(account: &Account, smtp: SocketAddr, seconds: f64, each: usize) -> Result<usize> {
    // These are neither switched off nor in maintenance.
    let services = account.info["integration_emails"].as_object().context("no services with integrations")?;
    let services: Vec<&String> = services.keys().collect();
    ensure!(!services.is_empty(), "no service to send to");
    let (to, begun, mut sent) = (account.address()?, Instant::now(), 0);
    for second in 0_usize.. {
        if begun.elapsed().as_secs_f64() >= seconds {
            break;
        }
        for via in ["event", "nowhere"] {
            let body = json!({
                "alert": { "kind": "zabbix", "host": format!("web{second:04}"), "check": format!("check {via} {second}") },
                "via": via,
                "service": services.get(second % services.len()),
                "net": { "smtp": smtp.to_string(), "to": "zbx-1@net.example.jp" },
                "hosts": each,
            });
            let (status, answer) = http::post(to, "/_control/monitor", &body.to_string())?;
            ensure!(status == 200, "the account answered {status}: {answer}");
            sent += each;
        }
        let next = Duration::from_secs(u64::try_from(second + 1)?);
        std::thread::sleep(next.saturating_sub(begun.elapsed()));
    }
    Ok(sent)
}

fn read(rows: &rusqlite::Connection) -> Result<Verdicts> {
    let mut late_s: Vec<f64> = rows
        .prepare("SELECT judged_at - received_at FROM mail")?
        .query_map([], |row| row.get::<_, i64>(0))?
        .map(|took_us| Ok((took_us? as f64 / 1e6 - GRACE_S as f64).max(0.0)))
        .collect::<Result<_>>()?;
    late_s.sort_by(f64::total_cmp);
    let stand = rows
        .prepare("SELECT ledger, count(*) FROM mail GROUP BY ledger ORDER BY ledger")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let at = |percent: usize| late_s.get(late_s.len().saturating_sub(1) * percent / 100).copied().unwrap_or(0.0);
    Ok(Verdicts { mails: late_s.len(), stand, p50_s: at(50), p99_s: at(99), max_s: at(100) })
}
