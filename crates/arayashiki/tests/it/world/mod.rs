//! A world of its own for a test: a simulated PagerDuty that is never killed, a configuration, a database, and the
//! program under test, which may be killed as often as wished.

pub mod api;
pub mod books;
pub mod database;
pub mod sandbox;
pub mod side;
pub mod site;

pub use books::Books;
pub use database::Database;
pub use sandbox::Sandbox;
pub use side::Side;
pub use site::{Arms, Site};

use crate::outside::wait;
use serde_json::Value;
use std::time::Duration;

/// How long a lease lasts, and how long the outside may need to show an effect.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    pub lease_s: u32,
    pub settle_s: u32,
}

pub const SHORT: Times = Times { lease_s: 2, settle_s: 1 };

pub struct World {
    pub site: Site,
    pub sandbox: Sandbox,
}

impl World {
    /// A world in which nothing has happened yet; the program is not started.
    pub fn new(database: Database, times: Times) -> Self {
        Self::beside(database, times, &[])
    }

    /// A world whose PagerDuty was started with more options.
    pub fn beside(database: Database, times: Times, sandbox: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = site::free_port();
        let sandbox = Sandbox::start(folder.path(), &format!("http://127.0.0.1:{port}/webhooks/pagerduty"), sandbox);
        let config = configuration(&sandbox, times);
        let site = Site::new(database, folder, port, &config);
        Self { site, sandbox }
    }

    pub fn started(database: Database, times: Times) -> Self {
        let mut world = Self::new(database, times);
        world.site.start(&Arms::default());
        world
    }

    /// Waits until every webhook was delivered, every signal read, every job done, and all of that holds at once.
    pub fn settle(&self) {
        let settled = wait::within(wait::LONG, || {
            let quiet = self.is_quiet() && self.sandbox.is_idle(Duration::from_secs(5)) && self.is_quiet();
            quiet.then_some(())
        });
        assert!(settled.is_some(), "it does not come to rest: {}", self.unrest());
    }

    /// Waits until the first sight of the account is over, so that only what happens from now on is under way.
    pub fn settle_at_first(&self) {
        let is_over = || {
            let backfills = self.site.all("backfills").ok()?;
            let is_done = |one: &Value| one["state"] == "done";
            (!backfills.is_empty() && backfills.iter().all(is_done)).then_some(())
        };
        assert!(wait::within(wait::LONG, is_over).is_some(), "the first sight does not end: {}", self.unrest());
        self.settle();
        // PagerDuty's log tells whole seconds: what happens in the one that is now may count as history too.
        let second = || std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
        let over = second();
        wait::until("the next second", || (second() > over).then_some(()));
    }

    fn is_quiet(&self) -> bool {
        self.site.account().is_ok_and(|account| account["waiting"] == 0 && live_jobs(&account) == 0)
    }

    /// For the reader of a failure.
    pub fn unrest(&self) -> String {
        let idle = self.sandbox.get("idle");
        let jobs = self.site.all("jobs").unwrap_or_default();
        let live = jobs.into_iter().filter(|job| ["ready", "leased"].iter().any(|state| job["state"] == *state));
        let live: Vec<Value> = live.take(3).collect();
        format!("account {:?}, outside {idle}, jobs {live:?}, log:\n{}", self.site.account(), self.site.log_tail())
    }
}

fn live_jobs(account: &Value) -> i64 {
    ["ready", "leased"].iter().map(|state| account["jobs"][*state].as_i64().unwrap_or(0)).sum()
}

fn configuration(sandbox: &Sandbox, times: Times) -> String {
    let info = &sandbox.info;
    let text = |name: &str| info[name].as_str().unwrap().to_owned();
    format!(
        "[pagerduty]\napi_url = \"{url}\"\nevents_url = \"{url}\"\ntoken = \"{}\"\nfrom = \"{}\"\n\
         webhook_secrets = [\"{}\"]\nwebhook_subscriptions = [\"{}\"]\nunconfigured_routing_key = \"{}\"\n\
         first_sight = \"1d\"\n\n[link_note]\nmode = \"post\"\n\n[intake_guard]\nmode = \"page\"\n\n\
         [work]\nlease = \"{}s\"\nsettle = \"{}s\"\n",
        text("token"),
        text("from"),
        text("webhook_secret"),
        text("webhook_subscription"),
        sandbox.key_of(sandbox::ALARMS),
        times.lease_s,
        times.settle_s,
        url = text("url"),
    )
}
