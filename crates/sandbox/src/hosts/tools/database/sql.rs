//! As much of a SELECT as diagnostics need: columns with names, simple conditions, an order, a limit, parts joined by UNION ALL. A column is
//! found by the name that it is given, else by the names in its expression.

use std::collections::BTreeMap;

use super::super::super::shell::pattern::{marks, matches};

pub(super) type Row = BTreeMap<&'static str, String>;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub titles: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The statements of a text, parted by what stands outside of quotes.
pub(super) fn statements(text: &str) -> Vec<String> {
    let (mut all, mut own, mut quote) = (Vec::new(), String::new(), None);
    for c in text.chars() {
        match (quote, c) {
            (None, ';') => all.push(std::mem::take(&mut own)),
            (None, '\'' | '"') => {
                quote = Some(c);
                own.push(c);
            }
            (Some(q), c) => {
                quote = Some(q).filter(|q| *q != c);
                own.push(c);
            }
            (None, c) => own.push(c),
        }
    }
    all.push(own);
    all.into_iter().map(|own| own.trim().to_owned()).filter(|own| !own.is_empty()).collect()
}

/// Where a word stands outside of quotes and parentheses, as a word of its own.
fn place(text: &str, word: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0, false);
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quote = !quote,
            '(' if !quote => depth += 1,
            ')' if !quote => depth -= 1,
            _ => {}
        }
        if quote || depth > 0 {
            continue;
        }
        let own = text.get(at..at + word.len());
        let ends = !is_letter(text[..at].chars().next_back())
            && !is_letter(text.get(at + word.len()..).and_then(|rest| rest.chars().next()));
        if own.is_some_and(|own| own.eq_ignore_ascii_case(word)) && ends {
            return Some(at);
        }
    }
    None
}

/// What stands before a word, and after it.
fn parted<'a>(text: &'a str, word: &str) -> (&'a str, Option<&'a str>) {
    match place(text, word) {
        Some(at) => (&text[..at], Some(&text[at + word.len()..])),
        None => (text, None),
    }
}

fn listed<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let (mut all, mut rest) = (Vec::new(), text);
    loop {
        let (own, after) = if separator == "," { by_comma(rest) } else { parted(rest, separator) };
        all.push(own.trim());
        match after {
            Some(after) => rest = after,
            None => return all,
        }
    }
}

fn by_comma(text: &str) -> (&str, Option<&str>) {
    let (mut depth, mut quote) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quote = !quote,
            '(' if !quote => depth += 1,
            ')' if !quote => depth -= 1,
            ',' if !quote && depth == 0 => return (&text[..at], Some(&text[at + 1..])),
            _ => {}
        }
    }
    (text, None)
}

/// Answers a SELECT; `source` gives the rows of a table, and one row of what needs none.
pub(super) fn select(text: &str, source: impl Fn(&str) -> Option<Vec<Row>>) -> Result<Table, String> {
    let mut whole = Table::default();
    for part in listed(text, "union all") {
        let table = one(part, &source)?;
        if whole.titles.is_empty() {
            whole.titles = table.titles;
        }
        whole.rows.extend(table.rows);
    }
    Ok(whole)
}

fn one(text: &str, source: &impl Fn(&str) -> Option<Vec<Row>>) -> Result<Table, String> {
    let text = text.trim();
    let Some(at) = place(text, "select").filter(|at| *at == 0) else { return Err("is no SELECT".into()) };
    let (columns, rest) = parted(&text[at + 6..], "from");
    let (rest, limit) = parted(rest.unwrap_or(""), "limit");
    let (rest, order) = parted(rest, "order by");
    let (from, condition) = parted(rest, "where");
    let table = from.split_whitespace().next().unwrap_or("").to_lowercase();
    let table = table.rsplit('.').next().unwrap_or("").to_owned();
    let mut rows = source(&table).ok_or_else(|| format!("relation \"{table}\" does not exist"))?;
    let condition = condition.unwrap_or("");
    rows.retain(|row| listed(condition, "and").iter().all(|own| holds(own, row)));
    let columns = listed(columns, ",");
    let titles: Vec<String> = columns.iter().map(|own| title(own)).collect();
    let counts = columns.iter().any(|own| own.to_lowercase().starts_with("count("));
    if counts {
        let own = rows.first().cloned().unwrap_or_default();
        let cell = |column: &&str| {
            if column.to_lowercase().starts_with("count(") { rows.len().to_string() } else { value(column, &own) }
        };
        return Ok(Table { titles, rows: vec![columns.iter().map(cell).collect()] });
    }
    let mut rows: Vec<Vec<String>> =
        rows.iter().map(|row| columns.iter().map(|own| value(own, row)).collect()).collect();
    if let Some(order) = order {
        sort(&mut rows, order, &titles);
    }
    rows.truncate(limit.and_then(|own| own.trim().parse().ok()).unwrap_or(usize::MAX));
    Ok(Table { titles, rows })
}

fn title(column: &str) -> String {
    if let (_, Some(name)) = parted(column, "as") {
        return name.trim().to_owned();
    }
    let plain = column.split("::").next().unwrap_or(column);
    let plain = plain.split('(').next().unwrap_or(plain);
    plain.trim().rsplit('.').next().unwrap_or(plain).to_owned()
}

/// `'text'` is itself; else by the name it is given, else by the first name in it that the row has.
fn value(column: &str, row: &Row) -> String {
    let (expression, _) = parted(column, "as");
    let expression = expression.trim();
    if let Some(text) = expression.strip_prefix('\'').and_then(|rest| rest.split('\'').next()) {
        return text.to_owned();
    }
    let given = title(column).to_lowercase();
    if let Some(own) = row.get(given.as_str()) {
        return own.clone();
    }
    let words = expression.split(|c: char| !(c.is_alphanumeric() || c == '_')).map(str::to_lowercase);
    words.filter_map(|word| row.get(word.as_str()).cloned()).next().unwrap_or_default()
}

/// Conditions that are not understood hold: a diagnostic would rather see too much.
fn holds(condition: &str, row: &Row) -> bool {
    let lower = condition.to_lowercase();
    let literals: Vec<&str> = condition.split('\'').skip(1).step_by(2).collect();
    let field = lower
        .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
        .find(|word| !word.is_empty() && *word != "not")
        .unwrap_or("");
    let field = field.rsplit('.').next().unwrap_or(field);
    if lower.contains("pg_blocking_pids") {
        return row.get("waits_for").is_some_and(|own| !own.is_empty() && own != "{}");
    }
    let Some(own) = row.get(field) else { return true };
    let fits = |literal: &&str| {
        let own: Vec<char> = own.to_lowercase().chars().collect();
        matches(&marks(&literal.to_lowercase().replace('%', "*")), &own)
    };
    match () {
        () if literals.is_empty() => true,
        () if lower.contains("<>")
            || lower.contains("!=")
            || lower.contains("not in")
            || lower.contains("not like") =>
        {
            !literals.iter().any(fits)
        }
        () => literals.iter().any(fits),
    }
}

fn sort(rows: &mut [Vec<String>], order: &str, titles: &[String]) {
    let first = order.split(',').next().unwrap_or(order).trim();
    let name = first.split_whitespace().next().unwrap_or("");
    let column = name
        .parse::<usize>()
        .ok()
        .map(|n| n.saturating_sub(1))
        .or_else(|| titles.iter().position(|own| own.eq_ignore_ascii_case(name)));
    let Some(column) = column.filter(|n| *n < titles.len()) else { return };
    let number = |row: &Vec<String>| row[column].parse::<f64>().unwrap_or(0.0);
    rows.sort_by(|a, b| number(a).total_cmp(&number(b)));
    if first.to_lowercase().contains("desc") {
        rows.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> Vec<Row> {
        let row = |pid: &str, state: &str, seconds: &str| {
            Row::from([("pid", pid.into()), ("state", state.into()), ("seconds", seconds.into())])
        };
        vec![row("1", "active", "4"), row("2", "idle", "90"), row("3", "active", "61")]
    }

    fn asked(text: &str) -> Table {
        select(text, |table| match table {
            "people" => Some(people()),
            "" => Some(vec![Row::from([("version", "7".into())])]),
            _ => None,
        })
        .expect("an answer")
    }

    #[test]
    fn columns_conditions_order_and_limit_are_those_that_were_asked_for() {
        let own = asked(
            "SELECT extract(epoch FROM now() - since)::bigint AS seconds, p.pid, left(state, 3) AS what FROM \
                 people p WHERE state <> 'idle' AND pid <> me() ORDER BY 1 DESC LIMIT 1",
        );
        assert_eq!(own.titles, ["seconds", "pid", "what"]);
        assert_eq!(own.rows, [["61", "3", "active"]]);
    }

    #[test]
    fn counts_and_unions() {
        let own = asked(
            "SELECT 'version', version() UNION ALL SELECT 'active', count(*)::text FROM people WHERE state = 'active'",
        );
        assert_eq!(own.rows, [["version", "7"], ["active", "2"]]);
    }

    #[test]
    fn what_is_not_there_is_said() {
        assert_eq!(select("SELECT a FROM nowhere", |_| None), Err("relation \"nowhere\" does not exist".into()));
        assert!(select("DROP TABLE people", |_| Some(people())).is_err());
    }

    #[test]
    fn quotes_keep_a_statement_whole() {
        assert_eq!(statements("SELECT ';'; SHOW x"), ["SELECT ';'", "SHOW x"]);
    }
}
