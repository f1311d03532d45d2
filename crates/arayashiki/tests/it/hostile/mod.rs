//! Whoever speaks to the receiver without being PagerDuty, or badly: statuses are as promised, nothing is written, and
//! the others are still served.

mod bodies;
mod connections;
mod flood;

use crate::outside::http::{Answer, Connection};
use crate::outside::signing;
use crate::world::{Arms, Database, Site, site};

pub const SECRET: &str = "the-secret-of-a-subscription";
/// A subscription of ours, as the configuration says.
pub const OURS: &str = "POURS01";

/// A server that mirrors nothing and takes webhooks.
pub fn server() -> Site {
    let config = format!("[pagerduty]\nwebhook_secrets = [\"{SECRET}\"]\nwebhook_subscriptions = [\"{OURS}\"]\n");
    let mut site = Site::new(Database::Sqlite, tempfile::tempdir().unwrap(), site::free_port(), &config);
    site.start(&Arms::default());
    site
}

/// It still takes what is right.
pub fn still_answers(site: &Site, incident: &str) {
    let answer = signing::deliver(site.address, SECRET, signing::triggered(incident)).unwrap();
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(site.get("/healthz").unwrap().status, 200);
}

/// Rows in the inbox and receipts, all of them.
pub fn counts(site: &Site) -> (i64, usize) {
    let account = site.account().unwrap();
    (account["received"].as_i64().unwrap(), site.all("inbox").unwrap().len())
}

/// Sends bytes as they are; the answer, if there is one.
pub fn say(site: &Site, bytes: &[u8]) -> std::io::Result<Answer> {
    let mut connection = Connection::open(site.address)?;
    connection.write(bytes)?;
    connection.answer()
}
