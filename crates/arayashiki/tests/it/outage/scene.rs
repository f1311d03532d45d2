//! A world with everything that the safety net touches: PagerDuty, Slack, phones, a door for mail; and a time that the
//! test lets pass as quickly as it likes, for the program and for PagerDuty alike.

use super::alert::SERVICE;
use crate::outside::smtp;
use crate::world::{Arms, Books, Database, Side, Times, World, site};
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// Where the monitor's mails go; nobody else knows it.
pub const RECIPIENT: &str = "zbx-7f3a91@net.example.jp";
pub const SENDER: &str = "zabbix@mon.example.jp";
/// Fine enough that nothing which happens in between is told apart.
const STEP: Duration = Duration::from_millis(50);

/// What a scene is set to; the rest is as shipped.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Keys of `[safety_net]`.
    pub net: &'static str,
    /// Keys of `[second_path]`.
    pub path: &'static str,
    /// More tables, or keys of the monitor's own, which is the last table.
    pub more: &'static str,
    pub times: Times,
    /// More options of the simulated PagerDuty.
    pub sandbox: &'static [&'static str],
}

pub struct Scene {
    pub world: World,
    pub slack: Side,
    pub phone: Side,
    pub door: SocketAddr,
    /// The monitor's own integration key.
    pub routing_key: String,
    clock: PathBuf,
    offset_us: AtomicI64,
}

impl Scene {
    /// Nothing is started but the outside.
    pub fn new(database: Database, terms: Terms) -> Self {
        let options = [&["--events-per-minute", "100000"], terms.sandbox].concat();
        let world = World::beside(database, terms.times, &options);
        let folder = world.site.folder.path();
        let (slack, phone) = (Side::start(folder, "slack", &["--burst", "0"]), Side::start(folder, "phone", &[]));
        let door = SocketAddr::from(([127, 0, 0, 1], site::free_port()));
        let clock = folder.join("clock");
        let routing_key = world.sandbox.key_of(SERVICE);
        let offset_us = AtomicI64::new(0);
        let scene = Self { world, slack, phone, door, routing_key, clock, offset_us };
        scene.configure(terms);
        scene.set_clock();
        scene
    }

    pub fn started(database: Database, terms: Terms) -> Self {
        let mut scene = Self::new(database, terms);
        scene.start(Arms::default());
        scene.world.settle_at_first();
        scene
    }

    fn configure(&self, terms: Terms) {
        let config = std::fs::read_to_string(self.world.site.config()).unwrap();
        let config = config.replace("[link_note]\nmode = \"post\"", "[link_note]\nmode = \"observe\"");
        let mut text = format!(
            "{config}\n[mail.smtp]\nlisten = \"{}\"\nrecipients = [\"@net.example.jp\"]\nrate = 100000\n\n\
             [slack]\nwebhook_url = \"{}\"\n\n[safety_net]\nmode = \"page\"\n{}\n\n\
             [second_path]\nmode = \"page\"\nwebhook_url = \"{}\"\n{}\n\n",
            self.door,
            self.slack.text("webhook_url"),
            terms.net,
            self.phone.text("webhook_url"),
            terms.path,
        );
        for (id, name, user) in people(self) {
            text.push_str(&format!("[[person]]\nid = \"{id}\"\nname = \"{name}\"\npagerduty = \"{user}\"\n\n"));
        }
        text.push_str(&format!(
            "[[mail.monitor]]\nname = \"zbx\"\nreader = \"zabbix\"\nrecipients = [\"{RECIPIENT}\"]\n\
             secret_recipient = true\nrouting_key = \"{}\"\n{}\n",
            self.routing_key, terms.more
        ));
        std::fs::write(self.world.site.config(), text).unwrap();
    }

    pub fn arms(&self, mut arms: Arms) -> Arms {
        arms.variables.push(("ARAYASHIKI_CLOCK".to_owned(), self.clock.display().to_string()));
        arms
    }

    pub fn start(&mut self, arms: Arms) {
        let arms = self.arms(arms);
        self.world.site.start(&arms);
    }

    pub fn books(&self) -> Books {
        Books::of(&self.world.site)
    }

    /// Hands over one mail of the monitor's; the last answer.
    pub fn mail(&self, raw: &[u8]) -> std::io::Result<String> {
        smtp::deliver(self.door, (SENDER, RECIPIENT), raw)
    }

    fn set_clock(&self) {
        write_whole(&self.clock, &self.offset_us.load(Ordering::SeqCst).to_string());
    }

    /// The program's clock jumps; nobody else's does.
    pub fn jump_s(&self, seconds: i64) {
        self.offset_us.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
        self.set_clock();
    }

    /// The present, as the program and PagerDuty have it.
    pub fn now(&self) -> jiff::Timestamp {
        let wall = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros() as i64;
        jiff::Timestamp::from_microsecond(wall + self.offset_us.load(Ordering::SeqCst)).unwrap()
    }

    /// Time passes `speed` times as quickly until told to stop, for the program and for PagerDuty.
    pub fn hurry(&self, speed: u32, over: &AtomicBool) {
        let begun = Instant::now();
        let mut told_us = 0;
        while !over.load(Ordering::SeqCst) {
            std::thread::sleep(STEP);
            let ahead_us = begun.elapsed().as_micros() as i64 * i64::from(speed - 1);
            let step_us = ahead_us - told_us;
            self.world.sandbox.control("advance", &json!({ "seconds": step_us as f64 / 1e6 }));
            self.offset_us.fetch_add(step_us, Ordering::SeqCst);
            self.set_clock();
            told_us = ahead_us;
        }
    }
}

/// Nobody ever reads half of it.
fn write_whole(file: &Path, text: &str) {
    let beside = file.with_extension("new");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(&beside, file).unwrap();
}

/// Everybody of the account, as persons who can be reached.
fn people(scene: &Scene) -> Vec<(String, String, String)> {
    let token = format!("Token token={}", scene.world.sandbox.info["token"].as_str().unwrap());
    let request = crate::outside::http::Request::new("GET", "/users?limit=100").with("authorization", token);
    let users = request.send(scene.world.sandbox.address).unwrap().json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let users = users["users"].as_array().unwrap().iter();
    users
        .map(|user| {
            let email = text(&user["email"]);
            (email.split('@').next().unwrap().replace('.', "-"), text(&user["name"]), email)
        })
        .collect()
}

/// Says that it is over when it goes, also when a test fails.
pub struct SetAtEnd<'a>(pub &'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Scene {
    /// Runs the test's part while time passes so many times as quickly.
    pub fn while_time_flies<T>(&self, speed: u32, part: impl FnOnce() -> T) -> T {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let _end = SetAtEnd(&over);
            scope.spawn(|| self.hurry(speed, &over));
            part()
        })
    }
}
