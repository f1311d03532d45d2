//! A world with doors for mail and a Slack beside it: its configuration, what was handed in, and what has to hold of it in the
//! end. Grace times are short and told in the configuration; nothing here sleeps for luck.

use super::books::Books;
use super::letters::DOMAIN;
use super::others::Other;
use super::sender::{Letter, Sender};
use crate::outside::http::Request;
use crate::outside::wait;
use crate::world::site::free_port;
use crate::world::{Arms, Database, SHORT, World};
use model::mail::Ledger;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use store::mails::Item;

/// What a scene's configuration says beyond the usual.
#[derive(Clone, Debug)]
pub struct Plan {
    pub mode: &'static str,
    pub grace: &'static str,
    /// Lines of `[safety_net]`, of `[pagerduty]` and of `[mail.smtp]`.
    pub net: String,
    pub pagerduty: String,
    pub smtp: String,
    /// Sections and tables.
    pub tables: String,
    pub slack: bool,
}

impl Plan {
    /// What is missing is registered, a second after its mail.
    pub fn paging() -> Self {
        Self {
            mode: "page",
            grace: "1s",
            net: String::new(),
            pagerduty: "poll = \"2s\"\nsweep = \"1h\"\nreference = \"2s\"\n".into(),
            smtp: String::new(),
            tables: String::new(),
            slack: true,
        }
    }

    pub fn mode(mode: &'static str) -> Self {
        Self { mode, ..Self::paging() }
    }

    pub fn with(mut self, tables: &str) -> Self {
        self.tables.push_str(tables);
        self
    }

    pub fn net(mut self, line: &str) -> Self {
        self.net.push_str(line);
        self.net.push('\n');
        self
    }

    pub fn grace(mut self, grace: &'static str) -> Self {
        self.grace = grace;
        self
    }
}

pub struct Scene {
    /// First, so that it lets go of the database before that goes.
    pub books: Books,
    pub world: World,
    pub slack: Option<Other>,
    pub smtp: SocketAddr,
    pub lmtp: SocketAddr,
}

impl Scene {
    /// Configured and not started; the plan may hang on the account and on a folder.
    pub fn made(database: Database, plan: impl FnOnce(&crate::world::Sandbox, &Path) -> Plan) -> Self {
        Self::beside(database, &[], plan)
    }

    pub fn beside(
        database: Database,
        options: &[&str],
        plan: impl FnOnce(&crate::world::Sandbox, &Path) -> Plan,
    ) -> Self {
        let world = World::beside(database, SHORT, options);
        let folder = world.site.folder.path();
        let plan = plan(&world.sandbox, folder);
        let slack = plan.slack.then(|| Other::start(folder, "slack", &["--burst", "0"]));
        let (smtp, lmtp) = (free_port(), free_port());
        let config = std::fs::read_to_string(world.site.config()).unwrap();
        let config = config
            .replace("first_sight = \"1d\"\n", &format!("first_sight = \"1d\"\n{}", plan.pagerduty))
            .replace("[link_note]\nmode = \"post\"", "[link_note]\nmode = \"observe\"");
        let posts = slack.as_ref().map(|slack| format!("\n[slack]\nwebhook_url = \"{}\"\n", slack.text("webhook_url")));
        let config = format!(
            "{config}\n[mail.smtp]\nlisten = \"127.0.0.1:{smtp}\"\nlmtp_listen = \"127.0.0.1:{lmtp}\"\nrecipients = [\"@{DOMAIN}\"]\n{}\
             {}\n[safety_net]\nmode = \"{}\"\ngrace = \"{}\"\n{}{}",
            plan.smtp,
            posts.unwrap_or_default(),
            plan.mode,
            plan.grace,
            plan.net,
            plan.tables,
        );
        std::fs::write(world.site.config(), config).unwrap();
        let books = Books::open(world.site.database_url());
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self { books, world, slack, smtp: at(smtp), lmtp: at(lmtp) }
    }

    /// Started, and over its first sight of the account.
    pub fn started(database: Database, plan: &Plan) -> Self {
        Self::made_and_started(database, |_, _| plan.clone())
    }

    pub fn made_and_started(database: Database, plan: impl FnOnce(&crate::world::Sandbox, &Path) -> Plan) -> Self {
        let mut scene = Self::made(database, plan);
        scene.start();
        scene
    }

    pub fn start(&mut self) {
        self.world.site.start(&Arms::default());
        self.world.settle_at_first();
    }

    pub fn post(&self, letter: &Letter) {
        self.post_all(std::slice::from_ref(letter));
    }

    /// Hands them in by SMTP, over one connection, each in its turn.
    pub fn post_all(&self, letters: &[Letter]) {
        let mut sender = Sender::open(self.smtp).unwrap();
        for letter in letters {
            sender.send(letter).unwrap_or_else(|e| panic!("not taken: {e}\n{}", String::from_utf8_lossy(&letter.raw)));
        }
    }

    /// An event as a monitor sends it; what it was told.
    pub fn enqueue(&self, event: &Value) -> u16 {
        let request = Request::new("POST", "/v2/enqueue").json_body(event);
        request.send(self.world.sandbox.address).map_or(0, |answer| answer.status)
    }

    pub fn key_of(&self, service: &str) -> String {
        self.world.sandbox.key_of(service)
    }

    /// Waits until so many mails are in the ledger, and none of them waits any more.
    pub fn judged(&self, mails: usize) -> Vec<Item> {
        let wanted = i64::try_from(mails).unwrap();
        let done = wait::within(wait::LONG, || {
            let is = self.books.count(&[]) >= wanted && self.books.count(&[Ledger::Expected]) == 0;
            is.then_some(())
        });
        let found = self.books.mails();
        assert!(done.is_some(), "not judged: {}\n{}", shown(&found), self.world.unrest());
        assert_eq!(found.len(), mails, "each mail once in the ledger: {}", shown(&found));
        found
    }

    /// Waits until the ledger is as wanted.
    pub fn until(&self, what: &str, mut is: impl FnMut(&[Item]) -> bool) -> Vec<Item> {
        let mut last = Vec::new();
        let done = wait::within(wait::LONG, || {
            last = self.books.mails();
            is(&last).then_some(())
        });
        assert!(done.is_some(), "waited in vain: {what}:\n{}\n{}", shown(&last), self.world.unrest());
        last
    }

    /// Waits until a post says all of this.
    pub fn posted(&self, words: &[&str]) -> String {
        let slack = self.slack.as_ref().unwrap();
        let found = wait::within(wait::LONG, || {
            slack.posts().into_iter().find(|post| words.iter().all(|word| post.contains(word)))
        });
        found.unwrap_or_else(|| {
            panic!("no post says {words:?}:\n{}\n{}", slack.posts().join("\n"), shown(&self.books.mails()))
        })
    }

    /// Incidents of the account that we registered.
    pub fn ours(&self) -> Vec<Value> {
        let is_ours = |one: &Value| one["incident_key"].as_str().is_some_and(|key| key.starts_with("arayashiki/net/"));
        self.world.sandbox.incidents().into_iter().filter(is_ours).collect()
    }

    /// What has to hold at any rest: both sides of the ledger are equal, no job and no signal died, no incident stands against
    /// two mails as theirs.
    pub fn balances(&self, handed_in: usize) {
        let balance = self.books.balance();
        let taken = usize::try_from(balance.received - balance.duplicates).unwrap();
        assert_eq!(taken, handed_in, "the receivers' count: {balance:?}");
        assert_eq!((balance.difference(), balance.waiting), (0, 0), "{balance:?}");
        let dead = self.world.site.all("jobs?state=dead").unwrap();
        assert!(dead.is_empty(), "dead jobs: {dead:?}");
        let account = self.world.site.account().unwrap();
        assert_eq!((&account["dead_signals"], &account["lost"]), (&Value::from(0), &Value::from(0)), "{account}");
        let mut alerts: Vec<(String, i64)> = Vec::new();
        for mail in self.books.mails().iter().filter(|m| matches!(m.ledger, Ledger::Matched | Ledger::MatchedLate)) {
            let alert = mail.alert.clone().unwrap_or_else(|| panic!("matched by what? {mail:?}"));
            alerts.push((alert, mail.id));
        }
        alerts.sort();
        let twice = alerts.windows(2).find(|pair| pair[0].0 == pair[1].0);
        assert!(twice.is_none(), "one alert balances two mails: {twice:?}");
    }
}

/// For the reader of a failure.
pub fn shown(mails: &[Item]) -> String {
    let line = |m: &Item| {
        format!(
            "{} {} {:?}/{:?} {} {} -> {} {:?} score {:?} incident {:?} [{}]",
            m.id,
            m.monitor,
            m.host,
            m.check,
            m.state.as_str(),
            m.trust.as_str(),
            m.ledger.as_str(),
            m.reason,
            m.score,
            m.incident,
            m.subject
        )
    };
    mails.iter().take(60).map(line).collect::<Vec<_>>().join("\n")
}
