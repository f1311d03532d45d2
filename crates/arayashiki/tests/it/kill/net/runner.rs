//! The program's process, started, killed and started again, while somebody else looks at the same site.

use crate::outage::scene::Scene;
use crate::outside::http::Request;
use crate::outside::process::{Process, program};
use crate::outside::wait;
use crate::world::Arms;
use std::net::SocketAddr;
use std::time::Duration;

/// Longer than any part of a story takes to come to the point.
const BOUND: Duration = Duration::from_secs(100);

pub struct Runner<'a> {
    scene: &'a Scene,
    role: &'static str,
    address: SocketAddr,
    process: Option<Process>,
}

impl<'a> Runner<'a> {
    /// The whole program, at the site's own address.
    pub const fn whole(scene: &'a Scene) -> Self {
        Self { scene, role: "", address: scene.world.site.address, process: None }
    }

    pub const fn part(scene: &'a Scene, role: &'static str, address: SocketAddr) -> Self {
        Self { scene, role, address, process: None }
    }

    /// Starts it, and comes back when it answers or has died of what it was armed with.
    pub fn start(&mut self, arms: Arms) {
        let is_armed = !arms.point.is_empty();
        let arms = self.scene.arms(arms);
        let mut command = program();
        command.arg("--config").arg(self.scene.world.site.config()).arg("serve");
        if !self.role.is_empty() {
            command.args(["--role", self.role]);
        }
        command.env("ARAYASHIKI__SERVER__LISTEN", self.address.to_string());
        command.env("ARAYASHIKI_CRASH_POINT", &arms.point).env("ARAYASHIKI_SABOTAGE", &arms.sabotage);
        command.envs(arms.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let log = self.scene.world.site.folder.path().join("serve.log");
        let process = self.process.insert(Process::start(command, &log));
        let answers = wait::within(wait::LONG, || {
            let died = process.has_ended().is_some();
            (died || Request::new("GET", "/healthz").send(self.address).is_ok()).then_some(died)
        });
        let is_up = answers == Some(false) || (answers == Some(true) && is_armed);
        assert!(is_up, "the server does not start:\n{}", self.scene.world.site.log_tail());
    }

    pub fn was_aborted(&mut self, point: &str) {
        let Some(mut process) = self.process.take() else { panic!("nothing runs that could pass {point}") };
        let ended = process.ends_within(BOUND);
        assert!(ended.is_some(), "{point} was not hit:\n{}", self.scene.world.unrest());
        process.is_aborted(point);
    }

    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill();
        }
    }
}
