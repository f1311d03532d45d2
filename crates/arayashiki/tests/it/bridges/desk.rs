//! A world with a whole Slack beside it: an app with buttons, people who are known here, and what stands in a channel.

use super::spaces::{SECRET, SPACE, Tracker};
use crate::net::others::Other;
use crate::outside::http::{Answer, Request};
use crate::outside::wait;
use crate::world::{Arms, Database, SHORT, Sandbox, Times, World};
use serde_json::{Value, json};
use std::path::PathBuf;
use store::slack_accounts::{self, Member};
use store::{Clock, Options, Place, Store};

/// Whom the account knows in PagerDuty, in Slack and here.
pub const SATO: &str = "sato.hanako@example.com";
pub const CHANNEL: &str = "alerts";

pub struct Desk {
    pub world: World,
    pub slack: Other,
    tracker: Option<Tracker>,
    pub google: Option<Other>,
}

/// What is configured beyond the usual.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Socket Mode in place of addresses that Slack calls.
    pub socket: bool,
    /// Only an incoming webhook.
    pub webhook_only: bool,
    /// A space of Backlog as well.
    pub tickets: bool,
    /// Calendars as well.
    pub calendars: bool,
    /// Google tells of changes, and is asked once an hour only.
    pub push: bool,
    /// Rules of the calendar before that of promises.
    pub rules: String,
    /// The space is opened by OAuth in place of a key.
    pub oauth: bool,
    /// How long leases last; short ones without it.
    pub times: Option<Times>,
    pub tables: String,
}

impl Desk {
    /// Configured and not started.
    pub fn made(database: Database, plan: &Plan) -> Self {
        let world = World::beside(database, plan.times.unwrap_or(SHORT), &[]);
        let address = world.site.address;
        let (interactions, commands) = (
            format!("http://{address}/webhooks/slack/interactions"),
            format!("http://{address}/webhooks/slack/commands"),
        );
        let log = world.site.folder.path().join("slack.jsonl");
        let mut options = vec!["--no-limits", "--burst", "0", "--log", log.to_str().unwrap()];
        if !plan.socket {
            options.extend(["--interactions-url", &interactions, "--commands-url", &commands]);
        }
        let slack = Other::start(world.site.folder.path(), "slack", &options);
        let text = |name: &str| slack.text(name);
        let channel = slack.info["channels"][CHANNEL].as_str().unwrap().to_owned();
        let app = match (plan.webhook_only, plan.socket) {
            (true, _) => format!("webhook_url = \"{}\"\n", text("webhook_url")),
            (_, true) => format!("bot_token = \"{}\"\napp_token = \"{}\"\n", text("bot_token"), text("app_token")),
            _ => format!("bot_token = \"{}\"\nsigning_secret = \"{}\"\n", text("bot_token"), text("signing_secret")),
        };
        let channels =
            if plan.webhook_only { String::new() } else { format!("\n[slack.channels]\nalerts = \"{channel}\"\n") };
        let config = std::fs::read_to_string(world.site.config()).unwrap();
        let config = config
            .replace("[link_note]\nmode = \"post\"", "[link_note]\nmode = \"observe\"")
            .replace("first_sight = \"1d\"\n", "first_sight = \"1d\"\npoll = \"2s\"\nreference = \"2s\"\n");
        let config = format!(
            "{config}\n[slack]\n{app}api_url = \"{}\"\nincidents = \"post\"\nurgency = \"all\"\n{channels}{}",
            text("api_url"),
            plan.tables
        );
        let tracker = plan.tickets.then(|| {
            let hook = format!("http://{address}/webhooks/backlog/{SECRET}");
            Tracker::start(world.site.folder.path(), &hook)
        });
        let tickets = tracker.as_ref().map(|tracker| {
            let (url, access) = (tracker.backlog.text("url"), tracker.access(plan.oauth));
            format!(
                "\n[backlog]\nmode = \"page\"\npoll = \"2s\"\n\n[[backlog.space]]\nname = \"{SPACE}\"\nurl = \"{url}\"\n\
                 {access}webhook_secret = \"{SECRET}\"\n\n[[backlog.rule]]\nname = \"nobody\"\nwhen = \"unassigned\"\n"
            )
        });
        std::fs::write(world.site.config(), format!("{config}{}", tickets.unwrap_or_default())).unwrap();
        let google = plan.calendars.then(|| {
            let folder = world.site.folder.path();
            let (key, log) = (folder.join("google.json"), folder.join("google.jsonl"));
            let (key, log) = (key.to_str().unwrap(), log.to_str().unwrap());
            let options = ["--empty", "--key-file", key, "--log", log, "--push-lag-ms", "50"];
            Other::start(folder, "google", &options)
        });
        if let Some(google) = &google {
            let text = std::fs::read_to_string(world.site.config()).unwrap();
            let mut text = format!("{text}{}", calendars(google, &plan.rules));
            if plan.push {
                // Google calls https addresses alone; its sandbox is told where that one leads.
                google.control("settings", &json!({ "https_only": true, "receiver": format!("http://{address}") }));
                text =
                    text.replace("push = false", "push = true").replace("poll = \"2s\"\npush", "poll = \"1h\"\npush");
                text = text
                    .replace(&format!("public_url = \"http://{address}\""), "public_url = \"https://ops.example.jp\"");
            }
            std::fs::write(world.site.config(), text).unwrap();
        }
        Self { world, slack, tracker, google }
    }

    /// Started, over its first sight of the account, with Sato's Slack account linked to hers here.
    pub fn started(database: Database, plan: &Plan) -> Self {
        let mut desk = Self::made(database, plan);
        desk.begin();
        desk
    }

    /// Starts what was made.
    pub fn begin(&mut self) {
        self.begin_with(&Arms::default());
    }

    pub fn begin_with(&mut self, arms: &Arms) {
        self.people();
        self.world.site.start(arms);
        self.world.settle_at_first();
    }

    /// Another configuration, before it is started.
    pub fn edit(&self, from: &str, to: &str) {
        let config = std::fs::read_to_string(self.world.site.config()).unwrap();
        assert!(config.contains(from), "{from} does not stand in the configuration:\n{config}");
        std::fs::write(self.world.site.config(), config.replace(from, to)).unwrap();
    }

    /// Waits until every calendar and space has been read once, so that what happens from now on is news.
    pub fn first_contacts(&self) {
        if let Some(tracker) = &self.tracker {
            tracker.settled(&self.world);
        }
        if self.google.is_some() {
            let is_over = || {
                let jobs = self.world.site.all("jobs?state=done").ok()?;
                jobs.iter().any(|job| job["effect"] == "sync_calendar").then_some(())
            };
            assert!(wait::within(wait::LONG, is_over).is_some(), "no first contact: {}", self.world.unrest());
        }
        self.world.settle();
    }

    /// Those who may act here.
    pub fn people(&self) {
        let add = ["user", "add", "--email", SATO, "--name", "Sato Hanako", "--role", "responder"];
        let added = self.world.site.command(&add);
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    }

    pub fn tracker(&self) -> &Tracker {
        self.tracker.as_ref().unwrap()
    }

    pub fn google(&self) -> &Other {
        self.google.as_ref().unwrap()
    }

    pub fn sandbox(&self) -> &Sandbox {
        &self.world.sandbox
    }

    pub fn with_store<T>(&self, work: impl AsyncFnOnce(&Store) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let url = self.world.site.database_url();
            let place = match url.strip_prefix("sqlite:") {
                Some(file) => Place::Sqlite(PathBuf::from(file)),
                None => Place::Postgres(url.to_owned()),
            };
            let store = Store::open(Options { place, readers: 1, clock: Clock::default() }).unwrap();
            let done = work(&store).await;
            store.close().await;
            done
        })
    }

    /// What signing in by the link does.
    pub fn link(&self, user: &str, email: &str) {
        let (team, member) = (self.slack.text("team_id"), self.user(user));
        let email = email.to_owned();
        self.with_store(async move |store| {
            let linked = store.write("test", move |tx| {
                let who = Member { team: team.clone(), member: member.clone(), name: "x".into() };
                let email = email.clone();
                Box::pin(async move {
                    let account = store::accounts::by_email(tx, &email).await?.unwrap();
                    slack_accounts::offer(tx, [1; 32], &who).await?;
                    slack_accounts::link(tx, [1; 32], tx.now().plus_s(-60), &account.id).await
                })
            });
            assert!(linked.await.unwrap().is_some());
        });
    }

    /// The id of a person of the workspace.
    pub fn user(&self, name: &str) -> String {
        self.slack.info["users"][name]["id"].as_str().unwrap_or_else(|| panic!("{}", self.slack.info)).to_owned()
    }

    /// The messages that people see in the channel, with their threads.
    pub fn messages(&self) -> Vec<Value> {
        let all = self.slack.get(&format!("messages?channel={CHANNEL}"));
        let seen = |message: &&Value| message["is_deleted"] != true && message["only_for"].is_null();
        all["messages"].as_array().unwrap_or_else(|| panic!("{all}")).iter().filter(seen).cloned().collect()
    }

    /// Waits until one message says all of this.
    pub fn until(&self, words: &[&str]) -> Value {
        let mut last = Vec::new();
        let found = wait::within(wait::LONG, || {
            last = self.messages();
            last.iter().find(|message| words.iter().all(|word| message.to_string().contains(word))).cloned()
        });
        found.unwrap_or_else(|| panic!("no message says {words:?}: {}\n{}", json!(last), self.world.unrest()))
    }

    /// So many minutes from now.
    pub fn instant(&self, minutes: i64) -> String {
        let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        jiff::Timestamp::from_second(now + minutes * 60).unwrap().to_string()
    }

    /// An event that begins in some minutes is entered in the calendar of promises.
    pub fn promise(&self, title: &str, minutes: i64) -> Value {
        let start = self.instant(minutes);
        let body = json!({ "calendar": "oncall-promises", "summary": title, "start": start, "minutes": 30 });
        self.google.as_ref().unwrap().control("event", &body)
    }

    /// Work on something is entered there, which begins in some minutes and lasts half an hour; the event's id.
    pub fn work(&self, title: &str, minutes: i64) -> String {
        let entered = self.promise(title, minutes);
        entered["event"].as_str().unwrap_or_else(|| panic!("{entered}")).to_owned()
    }

    /// Somebody presses a button of a message; what Slack was answered.
    pub fn press(&self, user: &str, message: &Value, act: &str) -> Value {
        let body = json!({ "user": user, "channel": CHANNEL, "ts": message["ts"], "action_id": act });
        self.slack.control("press", &body)
    }

    /// What somebody alone is told there.
    pub fn whispers(&self) -> Vec<String> {
        let effects = self.slack.get("effects");
        let all = effects["effects"].as_array().unwrap_or_else(|| panic!("{effects}"));
        let is_whisper = |one: &&Value| one.to_string().contains("ephemeral");
        all.iter().filter(is_whisper).map(ToString::to_string).collect()
    }

    pub fn whispered(&self, words: &[&str]) -> String {
        let found = wait::within(wait::LONG, || {
            self.whispers().into_iter().find(|told| words.iter().all(|word| told.contains(word)))
        });
        found.unwrap_or_else(|| panic!("nobody was told {words:?}: {:?}\n{}", self.whispers(), self.world.unrest()))
    }

    /// A request to the program as anybody could make it.
    pub fn forge(&self, request: Request<'_>) -> Answer {
        request.send(self.world.site.address).unwrap()
    }

    /// Nothing died and nothing waits.
    pub fn rests(&self) {
        self.world.settle();
        let dead = self.world.site.all("jobs?state=dead").unwrap();
        assert!(dead.is_empty(), "dead jobs: {dead:?}");
    }
}

fn calendars(google: &Other, rules: &str) -> String {
    let text = |name: &str| google.text(name);
    format!(
        "\n[google_calendar]\nmode = \"page\"\nkey_file = \"{}\"\napi_url = \"{}\"\ntoken_url = \"{}\"\npoll = \"2s\"\npush = false\n\n\
         [[calendar]]\nname = \"promises\"\ngoogle_id = \"{}\"\n\n{rules}[[calendar.rule]]\nname = \"promises\"\ncalendars = [\"promises\"]\nleads = [\"10m\"]\n",
        text("service_account"),
        text("api_url"),
        text("token_url"),
        google.info["calendars"]["oncall-promises"].as_str().unwrap_or_else(|| panic!("{}", google.info)),
    )
}
