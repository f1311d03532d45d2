//! `psql` and `pg_isready`.

use super::super::super::machine::USER;
use super::super::super::machine::database::Session;
use super::super::super::trouble::Trouble;
use super::super::Call;
use super::is_up;
use super::sql::{Row, Table, select, statements};
use crate::clock::plus_s;

const VALUED: [&str; 15] = [
    "-c",
    "-d",
    "-U",
    "-h",
    "-p",
    "-v",
    "-F",
    "-f",
    "-P",
    "-R",
    "--command",
    "--dbname",
    "--username",
    "--set",
    "--field-separator",
];

/// How a table is written.
struct Form {
    unaligned: bool,
    bare: bool,
    expanded: bool,
    separator: String,
}

pub(in super::super) fn psql(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&VALUED);
    if let Some(says) = refusal(call) {
        call.error(&format!(
            "psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: {says}"
        ));
        return 2;
    }
    let mut asked: Vec<String> =
        [options.values("-c"), options.values("--command")].concat().into_iter().flat_map(statements).collect();
    if asked.is_empty() {
        asked = statements(&String::from_utf8_lossy(&call.input.rest()));
    }
    let form = Form {
        unaligned: options.any(&["-A", "--no-align"]),
        bare: options.any(&["-t", "--tuples-only"]),
        expanded: options.any(&["-x", "--expanded"]),
        separator: options.value_of(&["-F", "--field-separator"]).unwrap_or("|").to_owned(),
    };
    let mut status = 0;
    for text in asked {
        match answer(call, &text) {
            Ok(table) => write(call, &table, &form),
            Err(says) => {
                call.error(&format!("ERROR:  {says}"));
                status = 1;
            }
        }
    }
    status
}

fn refusal(call: &Call<'_, '_>) -> Option<String> {
    match () {
        () if !is_up(call) => Some(
            "No such file or directory\n\tIs the server running locally and accepting connections on that socket?"
                .into(),
        ),
        // Some places are kept for the superuser.
        () if call.machine.has(&Trouble::DbConnections) && call.user != "postgres" => {
            Some("FATAL:  sorry, too many clients already".into())
        }
        () if call.user != "postgres" && call.user != USER => {
            Some(format!("FATAL:  role \"{}\" does not exist", call.user))
        }
        () => None,
    }
}

fn answer(call: &Call<'_, '_>, asked: &str) -> Result<Table, String> {
    let lower = asked.to_lowercase();
    let one = |name: &str, value: String| Table { titles: vec![name.to_owned()], rows: vec![vec![value]] };
    match lower.trim_start_matches("show ").trim() {
        "max_connections" => return Ok(one("max_connections", call.machine.database().most_sessions.to_string())),
        "server_version" => return Ok(one("server_version", "16.4".into())),
        _ => {}
    }
    if lower.starts_with("set ") {
        return Ok(Table::default());
    }
    select(asked, |table| source(call, table)).map_err(|says| {
        if says.starts_with("relation") {
            says
        } else {
            format!("syntax error at or near \"{}\"", asked.split_whitespace().next().unwrap_or_default())
        }
    })
}

fn write(call: &mut Call<'_, '_>, table: &Table, form: &Form) {
    if table.titles.is_empty() {
        return;
    }
    if form.expanded {
        for (n, row) in table.rows.iter().enumerate() {
            call.line(format!("-[ RECORD {} ]", n + 1));
            table.titles.iter().zip(row).for_each(|(title, cell)| call.line(format!("{title} | {cell}")));
        }
        return;
    }
    if form.unaligned {
        if !form.bare {
            call.line(table.titles.join(&form.separator));
        }
        table.rows.iter().for_each(|row| call.line(row.join(&form.separator)));
    } else {
        aligned(call, table, form.bare);
    }
    if !form.bare {
        let end = if form.unaligned { "" } else { "\n" };
        call.say(format!("({} row{})\n{end}", table.rows.len(), if table.rows.len() == 1 { "" } else { "s" }));
    }
}

fn aligned(call: &mut Call<'_, '_>, table: &Table, bare: bool) {
    let cell = |row: &[String], n: usize| row.get(n).map_or(0, |own| own.chars().count());
    let width = |n: usize| table.rows.iter().map(|row| cell(row, n)).max().unwrap_or(0).max(table.titles[n].len());
    let widths: Vec<usize> = (0..table.titles.len()).map(width).collect();
    let line = |cells: &[String]| {
        cells.iter().zip(&widths).map(|(own, w)| format!(" {own:<w$} ")).collect::<Vec<_>>().join("|")
    };
    if !bare {
        call.line(line(&table.titles));
        call.line(widths.iter().map(|w| "-".repeat(w + 2)).collect::<Vec<_>>().join("+"));
    }
    table.rows.iter().for_each(|row| call.line(line(row)));
}

fn source(call: &Call<'_, '_>, table: &str) -> Option<Vec<Row>> {
    let machine = call.machine;
    let own = machine.database();
    let row = |pairs: &[(&'static str, &str)]| {
        pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect::<Row>()
    };
    Some(match table {
        "" => {
            let started = machine.time(plus_s(machine.boot, 30), "%Y-%m-%d %H:%M:%S+09");
            let behind = if own.is_replica { own.behind_s.to_string() } else { String::new() };
            vec![row(&[
                ("version", "PostgreSQL 16.4 on x86_64-redhat-linux-gnu, compiled by gcc (GCC) 11.4.1, 64-bit"),
                ("pg_postmaster_start_time", &started),
                ("pg_is_in_recovery", if own.is_replica { "true" } else { "false" }),
                ("current_setting", &own.most_sessions.to_string()),
                ("pg_last_xact_replay_timestamp", &behind),
                ("1", "1"),
            ])]
        }
        "pg_stat_activity" => own.sessions.iter().map(activity).collect(),
        "pg_stat_replication" if own.is_replica => Vec::new(),
        "pg_stat_replication" => {
            let replica = |name, address| {
                row(&[
                    ("application_name", name),
                    ("client_addr", address),
                    ("seconds", "0"),
                    ("state", "streaming"),
                    ("sync_state", "async"),
                    ("replay_lag", "00:00:00.000412"),
                ])
            };
            vec![replica("db-replica1", "10.20.1.42"), replica("db-replica2", "10.20.1.43")]
        }
        "pg_stat_wal_receiver" if own.is_replica => {
            vec![row(&[("status", "streaming"), ("sender_host", "10.20.1.41")])]
        }
        "pg_stat_wal_receiver" => Vec::new(),
        "pg_replication_slots" => vec![row(&[("slot_name", "replica1"), ("active", "t")])],
        "pg_stat_archiver" => vec![row(&[("archived_count", "81273"), ("failed_count", "0"), ("failing", "f")])],
        "pg_database" | "pg_stat_database" => vec![
            row(&[
                ("age", "81273511"),
                ("datname", "shop"),
                ("size", "182 GB"),
                ("deadlocks", if machine.has(&Trouble::DbLocked) { "7" } else { "0" }),
            ]),
            row(&[("age", "41207312"), ("datname", "postgres"), ("size", "7612 kB"), ("deadlocks", "0")]),
        ],
        _ => return None,
    })
}

fn activity(s: &Session) -> Row {
    let holder = s.blocked_by.map_or_else(|| "{}".to_owned(), |own| format!("{{{own}}}"));
    // One that holds locks and does nothing has forgotten to commit.
    let state = match (s.is_active, s.seconds > 240) {
        (true, _) => "active",
        (false, true) => "idle in transaction",
        (false, false) => "idle",
    };
    let wait = if s.blocked_by.is_some() { ("Lock", "transactionid") } else { ("Client", "ClientRead") };
    Row::from([
        ("seconds", s.seconds.to_string()),
        ("state", state.into()),
        ("pid", s.id.to_string()),
        ("usename", s.user.into()),
        ("datname", "shop".into()),
        ("client_addr", s.address.split(':').next().unwrap_or_default().to_owned()),
        ("wait_event_type", wait.0.into()),
        ("wait_event", wait.1.into()),
        ("waits_for", holder),
        ("query", s.query.clone()),
    ])
}

pub(in super::super) fn pg_isready(call: &mut Call<'_, '_>) -> i32 {
    let (says, status) = match () {
        () if !is_up(call) => ("no response", 2),
        () if call.machine.has(&Trouble::DbConnections) => ("rejecting connections", 1),
        () => ("accepting connections", 0),
    };
    call.line(format!("/var/run/postgresql:5432 - {says}"));
    status
}
