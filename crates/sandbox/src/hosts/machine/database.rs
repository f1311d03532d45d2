//! What a database server is busy with: sessions, who waits for whom, how far a replica is behind. The clients' own forms stand with
//! the tools.

use super::super::trouble::Trouble;
use super::Machine;

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Session {
    pub id: u32,
    pub user: &'static str,
    pub address: String,
    pub is_active: bool,
    pub seconds: i64,
    /// Whose lock it waits for.
    pub blocked_by: Option<u32>,
    pub query: String,
}

#[derive(Debug, Clone)]
pub(in crate::hosts) struct Database {
    pub sessions: Vec<Session>,
    pub most_sessions: usize,
    pub is_replica: bool,
    pub behind_s: u32,
    pub slow_queries: u64,
    pub questions: u64,
}

const QUERIES: [&str; 5] = [
    "SELECT id, status FROM orders WHERE customer_id = 48213 ORDER BY id DESC LIMIT 20",
    "UPDATE stock SET amount = amount - 1 WHERE sku = 'A-0042'",
    "INSERT INTO order_lines (order_id, sku, amount) VALUES (918273, 'B-1177', 2)",
    "SELECT count(*) FROM sessions WHERE seen_at > now() - interval '5 minutes'",
    "COMMIT",
];
const SLOW: &str = "SELECT o.*, l.* FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE l.sku LIKE \
     '%0042%' ORDER BY o.placed_at";

impl Machine {
    pub(in crate::hosts) fn database(&self) -> Database {
        let is_replica = self.spec.hostname.contains("replica");
        let lag = self
            .troubles()
            .find_map(|t| if let Trouble::ReplicationLag { seconds } = t { Some(*seconds) } else { None });
        let slow = self.has(&Trouble::SlowQueries);
        let up = self.uptime_s().unsigned_abs();
        Database {
            sessions: self.sessions(),
            most_sessions: 100,
            is_replica,
            behind_s: lag.unwrap_or(0),
            slow_queries: up / 7_000 + if slow { 211 } else { 0 },
            questions: up * 312,
        }
    }

    fn sessions(&self) -> Vec<Session> {
        let mut dice = self.dice("sessions");
        let full = self.has(&Trouble::DbConnections);
        let count = if full { 100 } else { 11 + (self.wave("sessions", 300) * 14.0) as u32 };
        let mut all: Vec<Session> = (0..count)
            .map(|n| {
                let is_active = n < 2 || full && n % 3 == 0;
                Session {
                    id: 21_800 + n * 3,
                    user: if n % 7 == 6 { "report" } else { "shop" },
                    address: format!("10.20.1.{}:{}", dice.between(31, 34), dice.between(33_000, 60_000)),
                    is_active,
                    seconds: if is_active { dice.between(0, 2) } else { dice.between(1, 240) },
                    blocked_by: None,
                    query: (*dice.pick(&QUERIES)).to_owned(),
                }
            })
            .collect();
        if self.has(&Trouble::DbLocked) {
            self.lock(&mut all);
        }
        if self.has(&Trouble::SlowQueries) {
            for own in all.iter_mut().take(6) {
                (own.is_active, own.seconds, own.query) = (true, 8 + i64::from(own.id % 40), SLOW.to_owned());
            }
        }
        all
    }

    /// One that forgot to commit, and all those that wait for it.
    fn lock(&self, all: &mut [Session]) {
        let since = self.laid.iter().find(|own| own.trouble == Trouble::DbLocked).map_or(self.now, |own| own.since);
        let age_s = self.now.duration_since(since).as_secs().max(0) + 41;
        let holder = all.first().map(|own| own.id);
        for (n, own) in all.iter_mut().take(7).enumerate() {
            own.is_active = n > 0;
            own.seconds = age_s - i64::try_from(n).unwrap_or(0) * 3;
            own.blocked_by = holder.filter(|_| n > 0);
            own.query = QUERIES[1].to_owned();
        }
    }
}
