//! The search index: pieces of titles, and tags for what lists filter by, so that both are cut with each other inside
//! the index. It only proposes: whoever reads checks every proposal against the row, the scope first of all.

pub(crate) mod grams;

use crate::{Row, StoreError, Tx, Val, many, vals};
use grams::Term;
use std::collections::BTreeMap;

/// Rows that one unit of the rebuilding takes.
const AT_ONCE: i64 = 256;

/// What is indexed of an incident.
pub(crate) struct Words<'a> {
    pub id: &'a str,
    pub number: Option<i64>,
    pub title: &'a str,
    pub urgency: &'a str,
    pub service: Option<&'a str>,
    pub customer: Option<&'a str>,
    pub teams: Vec<&'a str>,
}

impl Words<'_> {
    /// Changes when the index has to. Kept with the row, so that most writings leave the index alone.
    pub fn digest(&self) -> i64 {
        let number = self.number.map(|n| n.to_string()).unwrap_or_default();
        let mut text = String::with_capacity(200);
        let parts = [
            "1",
            self.id,
            &number,
            self.title,
            self.urgency,
            self.service.unwrap_or("\u{1}"),
            self.customer.unwrap_or("\u{1}"),
        ];
        for part in parts.iter().chain(&self.teams) {
            text.push_str(part);
            text.push('\0');
        }
        let [a, b, c, d, e, f, g, h, ..] = model::signal::digest(text.as_bytes());
        i64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// The document: pieces and tags, by blanks.
    fn document(&self, folded: &str) -> String {
        let mut document = String::with_capacity(folded.len() * 9 + 120);
        for piece in grams::of_title(folded) {
            document.push_str(piece);
            document.push(' ');
        }
        let mut tags = vec![
            tag("urgency", self.urgency),
            tag("service", self.service.unwrap_or_default()),
            tag("customer", self.customer.unwrap_or_default()),
            named(&grams::fold(self.id)),
        ];
        tags.extend(self.number.map(numbered));
        tags.extend(self.teams.iter().map(|team| tag("team", team)));
        document.push_str(&tags.join(" "));
        document
    }
}

/// A word of the index that no piece of a title is: those have three characters at most.
pub(crate) fn tag(kind: &str, value: &str) -> String {
    let mut tag = format!("{kind}=");
    tag.extend(value.chars().map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c }));
    tag
}

fn named(folded_id: &str) -> String {
    tag("name", folded_id)
}

fn numbered(number: i64) -> String {
    tag("number", &number.to_string())
}

/// What a row must have in the index to be proposed: all of some words, or any of some others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Need {
    all: Vec<String>,
    any: Vec<String>,
}

impl Need {
    pub fn tag(kind: &str, value: &str) -> Self {
        Self { all: vec![tag(kind, value)], any: Vec::new() }
    }

    pub fn any_tag(kind: &str, values: &[String]) -> Self {
        Self { all: Vec::new(), any: values.iter().map(|value| tag(kind, value)).collect() }
    }

    /// `None` when the index can't narrow a word down.
    pub fn term(term: &Term) -> Option<Self> {
        let all: Vec<String> = grams::of_term(&term.text).into_iter().map(str::to_owned).collect();
        let mut any: Vec<String> = term.number.map(numbered).into_iter().collect();
        if term.text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            any.push(named(&term.text));
        }
        (!all.is_empty()).then_some(Self { all, any })
    }
}

/// The needs as one expression of FTS5.
pub(crate) fn fts(needs: &[Need]) -> String {
    let quoted = |word: &String| format!("\"{}\"", word.replace('"', "\"\""));
    let joined = |words: &[String], with: &str| words.iter().map(quoted).collect::<Vec<_>>().join(with);
    let each = needs.iter().map(|need| match (need.all.is_empty(), need.any.is_empty()) {
        (false, true) => format!("({})", joined(&need.all, " AND ")),
        (true, _) => format!("({})", joined(&need.any, " OR ")),
        (false, false) => format!("(({}) OR {})", joined(&need.all, " AND "), joined(&need.any, " OR ")),
    });
    each.collect::<Vec<_>>().join(" AND ")
}

/// The needs as conditions on PostgreSQL's array of words.
pub(crate) fn arrays(needs: &[Need], vals: &mut Vec<Val>) -> String {
    let mut condition = |operator: &str, words: &[String]| {
        vals.push(Val::Text(words.join(" ")));
        format!("grams {operator} string_to_array(?{}, ' ')", vals.len())
    };
    let each: Vec<String> = needs
        .iter()
        .map(|need| match (need.all.is_empty(), need.any.is_empty()) {
            (false, true) => condition("@>", &need.all),
            (true, _) => condition("&&", &need.any),
            (false, false) => format!("({} OR {})", condition("@>", &need.all), condition("&&", &need.any)),
        })
        .collect();
    each.join(" AND ")
}

/// Writes an incident's words at its slot; `known` when the slot has some already.
pub(crate) async fn write(
    tx: &mut Tx,
    slot: i64,
    words: &Words<'_>,
    folded: &str,
    known: bool,
) -> Result<(), StoreError> {
    if known {
        clear(tx, slot).await?;
    }
    let sql = if tx.is_postgres() {
        "INSERT INTO incident_gram (slot, grams) VALUES (?1, string_to_array(?2, ' '))"
    } else {
        "INSERT INTO incident_gram (rowid, grams) VALUES (?1, ?2)"
    };
    tx.exec(sql, vals![slot, words.document(folded)]).await?;
    Ok(())
}

pub(crate) async fn clear(tx: &mut Tx, slot: i64) -> Result<(), StoreError> {
    let column = if tx.is_postgres() { "slot" } else { "rowid" };
    tx.exec(&format!("DELETE FROM incident_gram WHERE {column} = ?1"), vals![slot]).await?;
    Ok(())
}

/// Whether every incident is in the index; until then lists do without it.
pub(crate) async fn is_whole(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(tx.one("SELECT 1 FROM incident WHERE indexed IS NULL LIMIT 1", &[]).await?.is_none())
}

/// Indexes some of the incidents that are not yet, newest first; gives how many are left. Called until it says 0, once
/// after every start: only a database of an older program has any.
pub async fn rebuild_some(tx: &mut Tx) -> Result<i64, StoreError> {
    // Whoever folds such an incident just now writes its words himself.
    let only = if tx.is_postgres() { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "SELECT slot, id, number, title, urgency, service_id, customer FROM incident WHERE indexed IS NULL \
         ORDER BY slot DESC LIMIT ?1{only}"
    );
    let rows = tx.all(&sql, vals![AT_ONCE]).await?;
    let teams = teams(tx, &rows).await?;
    for row in &rows {
        let slot = row.int(0)?;
        let (service, customer) = (row.opt_string(5)?, row.opt_string(6)?);
        let words = Words {
            id: row.text(1)?,
            number: row.opt_int(2)?,
            title: row.text(3)?,
            urgency: row.text(4)?,
            service: service.as_deref(),
            customer: customer.as_deref(),
            teams: teams.get(&slot).map(|teams| teams.iter().map(String::as_str).collect()).unwrap_or_default(),
        };
        let folded = grams::fold(words.title);
        write(tx, slot, &words, &folded, false).await?;
        let done = vals![slot, folded, words.digest()];
        tx.exec("UPDATE incident SET folded = ?2, indexed = ?3 WHERE slot = ?1", done).await?;
    }
    tx.sure("SELECT count(*) FROM incident WHERE indexed IS NULL", &[]).await?.int(0)
}

async fn teams(tx: &mut Tx, rows: &[Row]) -> Result<BTreeMap<i64, Vec<String>>, StoreError> {
    let slots = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<_>, _>>()?;
    let sql = format!(
        "SELECT slot, other FROM incident_link WHERE slot IN ({}) AND kind = 'team' ORDER BY slot, other",
        many::marks()
    );
    let mut teams: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for group in many::groups(&slots) {
        for row in tx.all(&sql, &group).await? {
            teams.entry(row.int(0)?).or_default().push(row.string(1)?);
        }
    }
    Ok(teams)
}
