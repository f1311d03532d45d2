//! The logs that servers and applications write beside the journal. With tokens in addresses and headers, as they do in life.

use jiff::Timestamp;

use super::super::cast::Role;
use super::super::trouble::Trouble;
use super::Machine;
use crate::clock::plus_s;

/// A request in so many seconds; the log reaches back that many requests.
const EVERY_S: i64 = 4;
const REQUESTS: i64 = 900;

impl Machine {
    fn began(&self, is_it: impl Fn(&Trouble) -> bool) -> Option<(Timestamp, Timestamp)> {
        let own = self.laid.iter().rev().find(|own| is_it(&own.trouble))?;
        Some((own.since, own.ended.unwrap_or(self.now)))
    }

    pub(super) fn access_log(&self) -> String {
        let broken = self.began(|t| matches!(t, Trouble::UpstreamErrors));
        let slow = self.began(|t| matches!(t, Trouble::HighLoad));
        let down = self.began(|t| matches!(t, Trouble::ServiceDown));
        let last = self.now.as_second().div_euclid(EVERY_S);
        let within =
            |span: &Option<(Timestamp, Timestamp)>, at: Timestamp| span.is_some_and(|(a, b)| a <= at && at < b);
        let mut text = String::new();
        for n in last - REQUESTS..last {
            let Ok(at) = Timestamp::from_second(n * EVERY_S) else { continue };
            if within(&down, at) {
                continue;
            }
            let mut dice = self.dice(&format!("request/{n}"));
            let status = match dice.below(100) {
                0..70 if within(&broken, at) => 502,
                0..90 => 200,
                90..95 => 304,
                95..98 => 302,
                _ => 404,
            };
            let path = match dice.below(40) {
                0 => format!("/reset?token={}", self.secrets.session),
                1..10 => "/cart".to_owned(),
                10..20 => format!("/items/{}", dice.between(100, 9999)),
                20..30 => "/".into(),
                _ => format!("/assets/app-{}.css", dice.hex(8)),
            };
            let took = if within(&slow, at) { dice.between(2_000, 9_000) } else { dice.between(12, 340) };
            let when = self.time(at, if self.is_utc() { "%d/%b/%Y:%H:%M:%S +0000" } else { "%d/%b/%Y:%H:%M:%S +0900" });
            text.push_str(&format!(
                "198.51.100.{} - - [{when}] \"GET {path} HTTP/1.1\" {status} {} \"-\" \"Mozilla/5.0\" {}.{:03}\n",
                dice.between(2, 250),
                dice.between(180, 48_000),
                took / 1000,
                took % 1000
            ));
        }
        text
    }

    pub(super) fn error_log(&self) -> String {
        let mut text = String::new();
        let Some((since, until)) = self.began(|t| matches!(t, Trouble::UpstreamErrors | Trouble::ServiceDown)) else {
            let at = self.time(plus_s(self.now, -7_200), "%Y/%m/%d %H:%M:%S");
            return format!("{at} [notice] 811#811: signal process started\n");
        };
        let mut at = since;
        for n in 0..200 {
            if at >= until {
                break;
            }
            let when = self.time(at, "%Y/%m/%d %H:%M:%S");
            if self.has(&Trouble::ServiceDown) {
                text.push_str(&format!(
                    "{when} [emerg] 911#911: bind() to 0.0.0.0:443 failed (98: Address already in use)\n"
                ));
            } else {
                text.push_str(&format!(
                    "{when} [error] 812#812: *{} connect() to unix:/run/puma/shop.sock failed \
                     (111: Connection refused) while connecting to upstream, client: 198.51.100.{}, server: \
                     shop.example.com, request: \"GET /cart HTTP/1.1\", \
                     upstream: \"http://unix:/run/puma/shop.sock:/cart\", host: \"shop.example.com\"\n",
                    9_000 + n,
                    10 + n % 200
                ));
            }
            at = plus_s(at, 6);
        }
        text
    }

    pub(super) fn app_log(&self) -> String {
        let mut text = String::new();
        for n in (0..120).rev() {
            let at = self.time(plus_s(self.now, -n * 31), "%Y-%m-%d %H:%M:%S,317");
            text.push_str(&format!(
                "{at} INFO  [http-nio-8080-exec-{}] orders.Api - POST /v1/orders 201 in {} ms\n",
                n % 9 + 1,
                40 + n % 70
            ));
        }
        let at = self.time(plus_s(self.now, -44), "%Y-%m-%d %H:%M:%S,902");
        text.push_str(&format!(
            "{at} DEBUG [scheduler-1] orders.Client - calling payment with Authorization: Bearer {}\n",
            self.secrets.jwt
        ));
        if self.has(&Trouble::HeapFull) || self.has(&Trouble::HighLoad) {
            let at = self.time(plus_s(self.now, -19), "%Y-%m-%d %H:%M:%S,118");
            text.push_str(&format!(
                "{at} ERROR [http-nio-8080-exec-4] orders.Api - request timed out after 8000 ms\n\
                 {at} ERROR [gc] java.lang.OutOfMemoryError: GC overhead limit exceeded\n"
            ));
        }
        text
    }

    /// `/var/log/syslog` or `messages`: the last lines of the journal.
    pub(super) fn syslog(&self) -> String {
        self.last_lines(|_| true, 700)
    }

    pub(super) fn auth_log(&self) -> String {
        self.last_lines(|program| matches!(program, "sshd" | "systemd-logind" | "sudo" | "CRON"), 300)
    }

    fn last_lines(&self, is_wanted: impl Fn(&str) -> bool, most: usize) -> String {
        let all: Vec<_> = self.whole_journal().into_iter().filter(|entry| is_wanted(entry.program)).collect();
        all[all.len().saturating_sub(most)..].iter().map(|entry| self.journal_line(entry) + "\n").collect()
    }

    pub(super) fn package_log(&self) -> String {
        let lines = self.packages().into_iter().map(|p| {
            let at = self.time(p.at, "%Y-%m-%d %H:%M:%S");
            if self.distro == super::Distro::Debian {
                format!(
                    "{at} upgrade {}:amd64 {} {}\n{at} status installed {}:amd64 {}\n",
                    p.name, p.before, p.version, p.name, p.version
                )
            } else {
                let at = self.time(p.at, "%Y-%m-%dT%H:%M:%S+0900");
                format!(
                    "{at} SUBDEBUG Upgrade: {}-{}.x86_64\n{at} SUBDEBUG Upgraded: {}-{}.x86_64\n",
                    p.name, p.version, p.name, p.before
                )
            }
        });
        lines.collect()
    }

    /// What the main service writes into a file of its own.
    pub(super) fn service_log(&self) -> String {
        let first = match self.role {
            Role::Postgres => "LOG:  checkpoint complete: wrote 812 buffers (5.0%)",
            Role::Mysql => "[Note] [MY-010931] [Server] ready for connections. Version: '8.0.36'",
            Role::Redis => "* DB saved on disk",
            Role::Docker => "level=info msg=\"API listen on /var/run/docker.sock\"",
            _ => "backup finished, 41 GB in 1804 s",
        };
        let at = plus_s(self.now, -3_001);
        let said = self.journal().into_iter().filter(|own| own.program == self.main_program());
        let lines = said.map(|own| (own.at, own.text));
        let all = std::iter::once((at, first.to_owned())).chain(lines);
        all.map(|(at, text)| format!("{} {text}\n", self.time(at, "%Y-%m-%d %H:%M:%S %Z"))).collect()
    }
}
