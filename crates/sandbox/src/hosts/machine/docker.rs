//! The containers of a host: which run, which fall over, what they say.

use jiff::Timestamp;

use super::super::trouble::Trouble;
use super::Machine;
use crate::clock::plus_s;

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Container {
    pub id: String,
    pub name: &'static str,
    pub image: &'static str,
    pub command: &'static str,
    pub ports: &'static str,
    pub created: Timestamp,
    pub started: Timestamp,
    pub restarts: u32,
    pub state: State,
    pub memory_mb: u64,
    pub limit_mb: u64,
    pub cpu: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::hosts) enum State {
    Running,
    Restarting,
    Exited,
}

/// name, image, command, ports, megabytes
type Line = (&'static str, &'static str, &'static str, &'static str, u64);

const ALL: [Line; 4] = [
    (
        "proxy",
        "registry.example.com/edge/proxy:2.4.1",
        "\"/entrypoint.sh ngin…\"",
        "0.0.0.0:443->443/tcp, 0.0.0.0:8080->8080/tcp",
        61,
    ),
    ("api", "registry.example.com/core/api:7.12.0", "\"java -jar /srv/api.j…\"", "127.0.0.1:9000->9000/tcp", 912),
    ("worker", "registry.example.com/core/worker:7.12.0", "\"java -jar /srv/worke…\"", "", 640),
    ("cache", "redis:7.2-alpine", "\"docker-entrypoint.s…\"", "127.0.0.1:6379->6379/tcp", 88),
];

impl Machine {
    pub(in crate::hosts) fn containers(&self) -> Vec<Container> {
        let role = super::Role::Docker;
        if self.role != role || self.has(&Trouble::ServiceDown) {
            return Vec::new();
        }
        ALL.iter().map(|line| self.container(line)).collect()
    }

    fn container(&self, (name, image, command, ports, mb): &Line) -> Container {
        let mut dice = self.dice(&format!("container/{name}"));
        let falls = *name == "worker" && self.has(&Trouble::ContainerRestarting);
        let is_down = *name == "api" && self.has(&Trouble::UpstreamErrors);
        let since = self.laid.iter().rev().find(|own| own.ended.is_none()).map_or(self.now, |own| own.since);
        let created = plus_s(self.boot, dice.between(200, 90_000));
        let age_s = self.now.duration_since(since).as_secs().max(0);
        Container {
            id: dice.hex(64),
            name,
            image,
            command,
            ports,
            created,
            started: if falls { plus_s(self.now, -(age_s % 40)) } else { plus_s(created, 1) },
            restarts: if falls { 3 + u32::try_from(age_s / 40).unwrap_or(0) } else { 0 },
            state: match (falls, is_down) {
                (true, _) => State::Restarting,
                (_, true) => State::Exited,
                _ => State::Running,
            },
            memory_mb: if falls { 1022 } else { (*mb as f64 * (0.8 + 0.3 * self.wave(name, 600))) as u64 },
            limit_mb: if *name == "worker" { 1024 } else { self.spec.memory_mb },
            cpu: 4.0 * self.wave(&format!("cpu/{name}"), 60) + if falls { 94.0 } else { 0.1 },
        }
    }

    /// What a container has said, oldest first.
    pub(in crate::hosts) fn container_log(&self, own: &Container) -> Vec<String> {
        let at = |back_s: i64| self.time(plus_s(self.now, -back_s), "%Y-%m-%dT%H:%M:%S.412Z");
        let mut lines: Vec<String> = (0..40)
            .rev()
            .map(|n| {
                format!(
                    "{} INFO  [{}] handled {} requests, p95 {} ms",
                    at(n * 60 + 70),
                    own.name,
                    400 + n * 3,
                    38 + n % 9
                )
            })
            .collect();
        lines.push(format!(
            "{} DEBUG [{}] GET /v1/orders Authorization: Bearer {}",
            at(66),
            own.name,
            self.secrets.jwt
        ));
        match own.state {
            State::Running => {}
            State::Restarting => lines.extend([
                format!("{} WARN  [worker] heap at 98% of 1024m", at(31)),
                format!("{} ERROR [worker] java.lang.OutOfMemoryError: Java heap space", at(22)),
                format!(
                    "{} ERROR [worker] cannot reach redis://:{}@cache:6379/0, giving up",
                    at(21),
                    self.secrets.redis_password
                ),
            ]),
            State::Exited => lines.push(format!("{} FATAL [api] cannot bind to port 9000: address in use", at(12))),
        }
        lines
    }
}
