//! Alert mails as read, one row a mail, each in exactly one state of the ledger. A mail's id is its row's in the inbox, which
//! keeps its bytes. Never deleted.

pub(crate) mod ask;
pub(crate) mod classes;
mod list;
pub(crate) mod spans;

pub use ask::Filter;
pub use list::{Monitor, Proofs, count_up_to, list, list_every, list_monitors, list_proofs};

use crate::inbox::scope_clause;
use crate::search::grams;
use crate::{Row, StoreError, Tx, Val, vals};
use model::mail::{Ledger, Reason, State, Trust};
use model::{Micros, Scope};
use serde::de::DeserializeOwned;

/// A mail as it is first written.
#[derive(Clone, Debug)]
pub struct New {
    pub id: i64,
    pub received_at: Micros,
    pub door: String,
    pub message_id: Option<String>,
    pub sender: String,
    pub subject: String,
    pub monitor: String,
    pub host: Option<String>,
    pub check: Option<String>,
    pub state: State,
    pub severity: Option<String>,
    pub key: String,
    pub occurred_at: Option<Micros>,
    pub customer: Option<String>,
    pub service: Option<String>,
    pub trust: Trust,
    pub net: Option<String>,
    pub ledger: Ledger,
    pub reason: Reason,
    pub due: Option<Micros>,
    /// All that was read, as JSON of the reading's own shape.
    pub reading: String,
}

/// A mail as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub id: i64,
    pub received_at: Micros,
    pub door: String,
    pub message_id: Option<String>,
    pub sender: String,
    pub subject: String,
    pub monitor: String,
    pub host: Option<String>,
    pub check: Option<String>,
    pub state: State,
    pub severity: Option<String>,
    pub key: String,
    pub occurred_at: Option<Micros>,
    pub customer: Option<String>,
    pub service: Option<String>,
    pub trust: Trust,
    pub net: Option<String>,
    pub ledger: Ledger,
    pub reason: Reason,
    pub due: Option<Micros>,
    pub judged_at: Option<Micros>,
    pub incident: Option<String>,
    pub alert: Option<String>,
    pub score: Option<i64>,
    pub sealed_at: Option<Micros>,
}

/// A mail with all that was read in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Whole {
    pub item: Item,
    reading: String,
}

impl Whole {
    /// What was read; an older program's shape counts as none.
    pub fn reading<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.reading).ok()
    }
}

pub(crate) const ITEM: &str = "mail.id, mail.received_at, mail.door, mail.message_id, mail.sender, mail.subject, mail.monitor, \
     mail.host, mail.check_name, mail.state, mail.severity, mail.key, mail.occurred_at, mail.customer, mail.service, mail.trust, \
     mail.net, mail.ledger, mail.reason, mail.due, mail.judged_at, mail.incident, mail.alert, mail.score, mail.sealed_at";
const WIDTH: usize = 25;
/// Indexes of the few that wait, of the few that lack an incident, by time, and of an alert's own.
const EXPECTED: &str = "mail_expected";
const LACKING: &str = "mail_lacking";
const RECEIVED: &str = "mail_received";
const OF_NET: &str = "mail_net";
/// No two machines' clocks are further apart.
const AHEAD_S: i64 = 30;

/// Writes a mail; false when it is there already: it is only read once more.
pub async fn add(tx: &mut Tx, mail: &New) -> Result<bool, StoreError> {
    let reason = serde_json::to_string(&mail.reason).map_err(StoreError::shape)?;
    let folded = folded(mail);
    let is_new = tx
        .exec(
            "INSERT INTO mail (id, received_at, door, message_id, sender, subject, folded, monitor, host, check_name, state, \
             severity, key, occurred_at, customer, service, trust, net, ledger, reason, due, reading) VALUES (?1, ?2, ?3, \
             ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22) \
             ON CONFLICT (id) DO NOTHING",
            vals![
                mail.id,
                mail.received_at,
                &mail.door,
                mail.message_id.clone(),
                &mail.sender,
                &mail.subject,
                &folded,
                &mail.monitor,
                mail.host.clone(),
                mail.check.clone(),
                mail.state.as_str(),
                mail.severity.clone(),
                &mail.key,
                mail.occurred_at,
                mail.customer.clone(),
                mail.service.clone(),
                mail.trust.as_str(),
                mail.net.clone(),
                mail.ledger.as_str(),
                reason,
                mail.due,
                &mail.reading
            ],
        )
        .await?
        == 1;
    if is_new {
        ask::index(tx, mail, &folded).await?;
    }
    Ok(is_new)
}

/// What is searched: subject, host, check, sender.
fn folded(mail: &New) -> String {
    let parts = [Some(&mail.subject), mail.host.as_ref(), mail.check.as_ref(), Some(&mail.sender)];
    let text: Vec<String> = parts.into_iter().flatten().map(|part| grams::fold(part)).collect();
    model::text::cut(&text.join(" "), 600)
}

/// Where a mail stands from now on.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub ledger: Ledger,
    pub reason: Reason,
    pub incident: Option<String>,
    pub alert: Option<String>,
    pub score: Option<i64>,
}

impl Standing {
    pub const fn of(ledger: Ledger, reason: Reason) -> Self {
        Self { ledger, reason, incident: None, alert: None, score: None }
    }
}

/// Writes where it stands. What is not expected any more is judged at this instant.
pub async fn stand(tx: &mut Tx, id: i64, standing: &Standing) -> Result<(), StoreError> {
    let reason = serde_json::to_string(&standing.reason).map_err(StoreError::shape)?;
    let now = tx.now();
    let judged = (standing.ledger != Ledger::Expected).then_some(now);
    tx.exec(
        "UPDATE mail SET ledger = ?2, reason = ?3, incident = ?4, alert = ?5, score = ?6, judged_at = ?7 WHERE id = ?1",
        vals![
            id,
            standing.ledger.as_str(),
            reason,
            standing.incident.clone(),
            standing.alert.clone(),
            standing.score,
            judged
        ],
    )
    .await?;
    Ok(())
}

/// The reason alone: the state is as it was.
pub async fn explain(tx: &mut Tx, id: i64, reason: &Reason) -> Result<(), StoreError> {
    let reason = serde_json::to_string(reason).map_err(StoreError::shape)?;
    tx.exec("UPDATE mail SET reason = ?2 WHERE id = ?1", vals![id, reason]).await?;
    Ok(())
}

/// Put back to be judged at this instant.
pub async fn expect(tx: &mut Tx, id: i64, due: Micros, reason: &Reason) -> Result<(), StoreError> {
    let reason = serde_json::to_string(reason).map_err(StoreError::shape)?;
    tx.exec(
        "UPDATE mail SET ledger = 'expected', reason = ?3, due = ?2, judged_at = NULL, incident = NULL, alert = NULL, \
         score = NULL WHERE id = ?1",
        vals![id, due, reason],
    )
    .await?;
    Ok(())
}

/// PagerDuty is asked about it; it is looked at again at this instant. From now on counts whether the asking was after it.
pub async fn ask(tx: &mut Tx, id: i64, due: Micros) -> Result<(), StoreError> {
    let reason = serde_json::to_string(&Reason::Asked).map_err(StoreError::shape)?;
    let now = tx.now();
    tx.exec("UPDATE mail SET judged_at = ?3, reason = ?4, due = ?2 WHERE id = ?1", vals![id, due, now, reason]).await?;
    Ok(())
}

/// The clock went back: what came by the clock of before would wait until that time comes again. It is looked at now.
pub async fn by_this_clock(tx: &mut Tx) -> Result<u64, StoreError> {
    let now = tx.now();
    let ahead = now.plus_s(AHEAD_S);
    let sql = format!(
        "UPDATE {} SET due = ?1, judged_at = NULL WHERE ledger = 'expected' AND (received_at > ?2 OR judged_at > ?2)",
        tx.by("mail", EXPECTED)
    );
    tx.exec(&sql, vals![now, ahead]).await
}

/// Looked at for the first time since its time is over, unless it was before; it is looked at again at this instant.
pub async fn look_first(tx: &mut Tx, id: i64, due: Micros) -> Result<(), StoreError> {
    let now = tx.now();
    let sql = "UPDATE mail SET judged_at = coalesce(judged_at, ?3), due = ?2 WHERE id = ?1";
    tx.exec(sql, vals![id, due, now]).await?;
    Ok(())
}

pub async fn look_again(tx: &mut Tx, id: i64, due: Micros) -> Result<(), StoreError> {
    tx.exec("UPDATE mail SET due = ?2 WHERE id = ?1", vals![id, due]).await?;
    Ok(())
}

/// The mails of an alert that lack an incident are judged again.
pub async fn expect_of_net(tx: &mut Tx, net: &str) -> Result<u64, StoreError> {
    let reason = serde_json::to_string(&Reason::Asked).map_err(StoreError::shape)?;
    let now = tx.now();
    let sql = format!(
        "UPDATE {} SET ledger = 'expected', reason = ?2, due = ?3, judged_at = NULL WHERE net = ?1 \
         AND ledger IN ('missing', 'registered', 'unreadable', 'unreadable_registered')",
        tx.by("mail", OF_NET)
    );
    tx.exec(&sql, vals![net, reason, now]).await
}

/// Mails of problems received in a span, by their states; and of those that lack an incident, how many are over.
pub async fn problems(tx: &mut Tx, since: Micros, until: Micros) -> Result<(Vec<(Ledger, i64)>, i64), StoreError> {
    let sql = format!(
        "SELECT ledger, count(*) FROM {} WHERE received_at >= ?1 AND received_at < ?2 \
         AND state IN ('problem', 'unknown') GROUP BY ledger ORDER BY ledger",
        tx.by("mail", RECEIVED)
    );
    let rows = tx.all(&sql, vals![since, until]).await?;
    let counts = rows.iter().filter_map(|row| Some((Ledger::parse(row.text(0).ok()?)?, row.int(1).ok()?))).collect();
    let sql = format!(
        "SELECT count(*) FROM {} JOIN net n ON n.id = m.net WHERE m.received_at >= ?1 AND m.received_at < ?2 \
         AND m.state IN ('problem', 'unknown') AND m.ledger IN ('missing', 'unreadable') AND n.open_since IS NULL",
        tx.by("mail m", RECEIVED)
    );
    Ok((counts, tx.sure(&sql, vals![since, until]).await?.int(0)?))
}

pub async fn trust(tx: &mut Tx, id: i64, trust: Trust, reading: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE mail SET trust = ?2, reading = ?3 WHERE id = ?1", vals![id, trust.as_str(), reading]).await?;
    Ok(())
}

/// Every mail of an alert that is in one of these states takes another.
pub async fn restate(tx: &mut Tx, net: &str, from: &[Ledger], standing: &Standing) -> Result<u64, StoreError> {
    let reason = serde_json::to_string(&standing.reason).map_err(StoreError::shape)?;
    let sql = format!(
        "UPDATE {} SET ledger = ?3, reason = ?4, incident = coalesce(?5, incident) WHERE net = ?1 AND ledger = ?2",
        tx.by("mail", OF_NET)
    );
    let mut changed = 0;
    for ledger in from {
        let vals = vals![net, ledger.as_str(), standing.ledger.as_str(), &reason, standing.incident.clone()];
        changed += tx.exec(&sql, vals).await?;
    }
    Ok(changed)
}

/// Mails received since then that joined what stands for their alert, which is this incident now.
pub async fn moved(tx: &mut Tx, (net, since): (&str, Micros), from: Option<&str>, to: &str) -> Result<u64, StoreError> {
    tx.exec(
        "UPDATE mail SET incident = ?4 WHERE net = ?1 AND ledger = 'joined' AND received_at >= ?2 AND (incident IS NULL \
         OR incident = ?3)",
        vals![net, since, from, to],
    )
    .await
}

/// Whether a mail that came in between says that the alert is over, whoever sent it.
pub async fn has_recovered(tx: &mut Tx, net: &str, since: Micros, until: Micros) -> Result<bool, StoreError> {
    let sql =
        "SELECT 1 FROM mail WHERE net = ?1 AND state = 'recovery' AND received_at > ?2 AND received_at < ?3 LIMIT 1";
    Ok(tx.one(sql, vals![net, since, until]).await?.is_some())
}

/// Whether a mail of the alert lacks an incident, or has ours.
pub async fn is_any_lacking(tx: &mut Tx, net: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM mail WHERE net = ?1 AND ledger IN ('missing', 'registered', 'unreadable', \
               'unreadable_registered') LIMIT 1";
    Ok(tx.one(sql, vals![net]).await?.is_some())
}

/// Mails whose time is over, in the order of their times.
pub async fn due(tx: &mut Tx, now: Micros, most: i64) -> Result<Vec<Whole>, StoreError> {
    let sql = format!(
        "SELECT {ITEM}, mail.reading FROM {} WHERE ledger = 'expected' AND due <= ?1 ORDER BY due, id LIMIT ?2",
        tx.by("mail", EXPECTED)
    );
    tx.all(&sql, vals![now, most]).await?.iter().map(whole).collect()
}

/// The oldest mail whose time is over, if there is one: when it came.
pub async fn oldest_due(tx: &mut Tx, now: Micros) -> Result<Option<(Micros, Micros)>, StoreError> {
    let sql = format!(
        "SELECT min(received_at), max(due) FROM {} WHERE ledger = 'expected' AND due <= ?1",
        tx.by("mail", EXPECTED)
    );
    let row = tx.sure(&sql, vals![now]).await?;
    Ok(row.opt_micros(0)?.zip(row.opt_micros(1)?))
}

/// Mails that lack an incident, or wait for theirs, received since then.
pub async fn open(tx: &mut Tx, since: Micros, most: i64) -> Result<Vec<Whole>, StoreError> {
    let lacking = format!(
        "SELECT {ITEM}, mail.reading FROM {} WHERE ledger IN ('missing', 'registered', 'unreadable', \
         'unreadable_registered') AND received_at >= ?1 ORDER BY received_at DESC, id DESC LIMIT ?2",
        tx.by("mail", LACKING)
    );
    let expected = format!(
        "SELECT {ITEM}, mail.reading FROM {} WHERE ledger = 'expected' ORDER BY due, id LIMIT ?1",
        tx.by("mail", EXPECTED)
    );
    let mut mails: Vec<Whole> =
        tx.all(&lacking, vals![since, most]).await?.iter().map(whole).collect::<Result<_, _>>()?;
    for row in tx.all(&expected, vals![most]).await? {
        mails.push(whole(&row)?);
    }
    Ok(mails)
}

/// One mail with all that was read, if the person may see it.
pub async fn find(tx: &mut Tx, scope: &Scope, id: i64) -> Result<Option<Whole>, StoreError> {
    let mut vals = vec![Val::Int(id)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!("SELECT {ITEM}, mail.reading FROM mail WHERE id = ?1 AND {clause}");
    tx.one(&sql, &vals).await?.map(|row| whole(&row)).transpose()
}

/// The mails of an alert at its monitor, or those an incident stands against, newest first.
pub async fn list_of_net(tx: &mut Tx, scope: &Scope, net: &str, most: i64) -> Result<Vec<Item>, StoreError> {
    let mut vals = vec![Val::from(net), Val::Int(most)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!("SELECT {ITEM} FROM mail WHERE net = ?1 AND {clause} ORDER BY id DESC LIMIT ?2");
    tx.all(&sql, &vals).await?.iter().map(item).collect()
}

pub async fn list_of_incident(tx: &mut Tx, scope: &Scope, incident: &str, most: i64) -> Result<Vec<Item>, StoreError> {
    let mut vals = vec![Val::from(incident), Val::Int(most)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!("SELECT {ITEM} FROM mail WHERE incident = ?1 AND {clause} ORDER BY id DESC LIMIT ?2");
    tx.all(&sql, &vals).await?.iter().map(item).collect()
}

/// How many mails of a sender came since then, and were registered or lacked an incident.
pub async fn lacking_of_sender(
    tx: &mut Tx,
    (sender, is_trusted): (&str, bool),
    since: Micros,
) -> Result<i64, StoreError> {
    let sql = format!(
        "SELECT count(*) FROM {} WHERE ledger IN ('missing', 'registered', 'unreadable', 'unreadable_registered') AND \
         received_at >= ?2 AND sender = ?1 AND CASE WHEN trust = 'trusted' THEN 1 ELSE 0 END = ?3",
        tx.by("mail", LACKING)
    );
    tx.sure(&sql, vals![sender, since, is_trusted]).await?.int(0)
}

/// How many mails of a monitor were found to lack an incident since then.
pub async fn lacking_of_monitor(tx: &mut Tx, monitor: &str, since: Micros) -> Result<i64, StoreError> {
    let sql = format!(
        "SELECT count(*) FROM {} WHERE ledger IN ('missing', 'registered', 'unreadable', 'unreadable_registered') AND \
         received_at >= ?2 AND monitor = ?1 AND judged_at >= ?3",
        tx.by("mail", "mail_lacking_judged")
    );
    tx.sure(&sql, vals![monitor, since.plus_s(-86_400), since]).await?.int(0)
}

/// Mails of those of a storm's alerts that its incident was seen with have that incident.
pub async fn registered_of_storm(tx: &mut Tx, storm: &str, incident: &str) -> Result<(), StoreError> {
    let reason = serde_json::to_string(&Reason::InStorm { storm: storm.to_owned() }).map_err(StoreError::shape)?;
    let sql = format!(
        "UPDATE {} SET ledger = ?3, reason = ?4, incident = ?5 WHERE ledger = ?2 AND net IN \
         (SELECT id FROM net WHERE storm = ?1 AND seen_at IS NOT NULL)",
        tx.by("mail", OF_NET)
    );
    for (from, to) in [(Ledger::Missing, Ledger::Registered), (Ledger::Unreadable, Ledger::UnreadableRegistered)] {
        tx.exec(&sql, vals![storm, from.as_str(), to.as_str(), &reason, incident]).await?;
    }
    Ok(())
}

/// How many mails of a monitor came in a span.
pub async fn came_of_monitor(tx: &mut Tx, monitor: &str, since: Micros, until: Micros) -> Result<i64, StoreError> {
    let sql = format!(
        "SELECT count(*) FROM {} WHERE received_at >= ?2 AND received_at < ?3 AND monitor = ?1",
        tx.by("mail", RECEIVED)
    );
    tx.sure(&sql, vals![monitor, since, until]).await?.int(0)
}

/// When a monitor's last mail came.
pub async fn last_of_monitor(tx: &mut Tx, monitor: &str) -> Result<Option<Micros>, StoreError> {
    let sql = "SELECT received_at FROM mail WHERE monitor = ?1 ORDER BY id DESC LIMIT 1";
    tx.one(sql, vals![monitor]).await?.map(|row| row.micros(0)).transpose()
}

/// Mails whose original is not in the evidence store yet, oldest first.
pub async fn unsealed(tx: &mut Tx, most: i64) -> Result<Vec<(i64, Micros)>, StoreError> {
    let sql = "SELECT id, received_at FROM mail WHERE sealed_at IS NULL ORDER BY id LIMIT ?1";
    tx.all(sql, vals![most]).await?.iter().map(|row| Ok((row.int(0)?, row.micros(1)?))).collect()
}

pub async fn sealed(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE mail SET sealed_at = ?2 WHERE id = ?1", vals![id, now]).await?;
    Ok(())
}

fn whole(row: &Row) -> Result<Whole, StoreError> {
    Ok(Whole { item: item(row)?, reading: row.string(WIDTH)? })
}

pub(crate) fn item(row: &Row) -> Result<Item, StoreError> {
    Ok(Item {
        id: row.int(0)?,
        received_at: row.micros(1)?,
        door: row.string(2)?,
        message_id: row.opt_string(3)?,
        sender: row.string(4)?,
        subject: row.string(5)?,
        monitor: row.string(6)?,
        host: row.opt_string(7)?,
        check: row.opt_string(8)?,
        state: State::parse(row.text(9)?).unwrap_or(State::Unknown),
        severity: row.opt_string(10)?,
        key: row.string(11)?,
        occurred_at: row.opt_micros(12)?,
        customer: row.opt_string(13)?,
        service: row.opt_string(14)?,
        trust: Trust::parse(row.text(15)?).unwrap_or(Trust::Untrusted),
        net: row.opt_string(16)?,
        ledger: Ledger::parse(row.text(17)?).unwrap_or(Ledger::Expected),
        reason: row.json(18)?,
        due: row.opt_micros(19)?,
        judged_at: row.opt_micros(20)?,
        incident: row.opt_string(21)?,
        alert: row.opt_string(22)?,
        score: row.opt_int(23)?,
        sealed_at: row.opt_micros(24)?,
    })
}
