//! `mysql` and `mysqladmin`.

use super::super::super::cast::Role;
use super::super::super::machine::USER;
use super::super::super::machine::database::{Database, Session};
use super::super::super::trouble::Trouble;
use super::super::Call;
use super::is_up;
use super::sql::{Row, Table, select, statements};
use crate::clock::plus_s;

const VALUED: [&str; 13] = [
    "-e",
    "-h",
    "-u",
    "-P",
    "-S",
    "-D",
    "--execute",
    "--host",
    "--user",
    "--socket",
    "--connect-timeout",
    "--defaults-file",
    "--defaults-extra-file",
];

pub(in super::super) fn mysql(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&VALUED);
    if let Some(says) = refusal(call) {
        call.error(&says);
        return 1;
    }
    let text = match options.value_of(&["-e", "--execute"]) {
        Some(text) => text.to_owned(),
        None => String::from_utf8_lossy(&call.input.rest()).into_owned(),
    };
    let bare = options.any(&["-N", "--skip-column-names"]);
    for statement in statements(&text) {
        let plain = statement.trim_end_matches("\\G").trim();
        match answer(call, plain) {
            Ok(table) => write(call, &table, statement.ends_with("\\G") || options.any(&["-E", "--vertical"]), bare),
            Err(says) => {
                call.error(&says);
                return 1;
            }
        }
    }
    0
}

fn refusal(call: &Call<'_, '_>) -> Option<String> {
    let machine = call.machine;
    match () {
        () if machine.role != Role::Mysql => {
            Some("ERROR 2003 (HY000): Can't connect to MySQL server on 'db-primary:3306' (110)".into())
        }
        () if !is_up(call) => Some(
            "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/lib/mysql/mysql.sock' (111)"
                .into(),
        ),
        // root by the socket, and the account of the diagnostics by its own settings.
        () if !call.is_root() && call.user != USER => {
            Some(format!("ERROR 1045 (28000): Access denied for user '{}'@'localhost' (using password: NO)", call.user))
        }
        // One place is kept for root.
        () if machine.has(&Trouble::DbConnections) && !call.is_root() => {
            Some("ERROR 1040 (HY000): Too many connections".into())
        }
        () => None,
    }
}

/// With tabs, as in a pipe.
fn write(call: &mut Call<'_, '_>, table: &Table, vertical: bool, bare: bool) {
    for (n, row) in table.rows.iter().enumerate() {
        if vertical {
            call.line(format!("*************************** {}. row ***************************", n + 1));
            for (title, cell) in table.titles.iter().zip(row) {
                call.line(format!("{title:>30}: {cell}"));
            }
            continue;
        }
        if n == 0 && !bare {
            call.line(table.titles.join("\t"));
        }
        call.line(row.join("\t"));
    }
}

fn answer(call: &Call<'_, '_>, asked: &str) -> Result<Table, String> {
    let lower = asked.to_lowercase();
    let own = call.machine.database();
    let has = |word: &str| lower.contains(word);
    let wrong = || {
        let near: String = asked.chars().take(40).collect();
        format!(
            "ERROR 1064 (42000) at line 1: You have an error in your SQL syntax; check the manual that \
                 corresponds to your MySQL server version for the right syntax to use near '{near}' at line 1"
        )
    };
    Ok(match () {
        () if lower.starts_with("select") => {
            select(asked, |table| source(call, table)).map_err(|says| match says.split('"').nth(1) {
                Some(table) => format!("ERROR 1146 (42S02) at line 1: Table 'shop.{table}' doesn't exist"),
                None => wrong(),
            })?
        }
        () if !lower.starts_with("show") => return Err(wrong()),
        () if has("status") && (has("replica") || has("slave")) => replica(&own, has("slave")),
        () if has("engine innodb status") => {
            table(&["Type", "Name", "Status"], vec![vec!["InnoDB".into(), String::new(), innodb(&own)]])
        }
        () if has("processlist") => table(
            &["Id", "User", "Host", "db", "Command", "Time", "State", "Info"],
            own.sessions.iter().map(shown).collect(),
        ),
        () if has("status") => named(status(call), asked),
        () if has("variables") => named(variables(&own), asked),
        () if has("databases") => table(
            &["Database"],
            ["information_schema", "mysql", "performance_schema", "shop", "sys"].map(|n| vec![n.to_owned()]).to_vec(),
        ),
        () => return Err(wrong()),
    })
}

fn table(titles: &[&str], rows: Vec<Vec<String>>) -> Table {
    Table { titles: titles.iter().map(|own| (*own).to_owned()).collect(), rows }
}

/// Those whose names a `LIKE` or an `IN` mentions, in the server's order; all without one.
fn named(pairs: Vec<(&'static str, String)>, asked: &str) -> Table {
    let rows: Vec<Row> = pairs
        .into_iter()
        .map(|(name, value)| Row::from([("variable_name", name.to_owned()), ("value", value)]))
        .collect();
    let rows = rows.into_iter().filter(|row| {
        let literals: Vec<&str> = asked.split('\'').skip(1).step_by(2).collect();
        let name: Vec<char> = row["variable_name"].to_lowercase().chars().collect();
        let fits = |own: &&str| {
            super::super::super::shell::pattern::matches(
                &super::super::super::shell::pattern::marks(&own.to_lowercase().replace('%', "*")),
                &name,
            )
        };
        literals.is_empty() || literals.iter().any(fits)
    });
    table(
        &["Variable_name", "Value"],
        rows.map(|row| vec![row["variable_name"].clone(), row["value"].clone()]).collect(),
    )
}

fn status(call: &Call<'_, '_>) -> Vec<(&'static str, String)> {
    let (own, up) = (call.machine.database(), call.machine.uptime_s());
    let full = call.machine.has(&Trouble::DbConnections);
    let active = own.sessions.iter().filter(|s| s.is_active).count();
    let waiting = own.sessions.iter().filter(|s| s.blocked_by.is_some()).count();
    vec![
        ("Aborted_connects", if full { "8123" } else { "41" }.into()),
        ("Connection_errors_max_connections", if full { "6120" } else { "0" }.into()),
        ("Connections", (up / 3).to_string()),
        ("Innodb_buffer_pool_pages_free", "8192".into()),
        ("Innodb_buffer_pool_pages_total", "393216".into()),
        ("Innodb_buffer_pool_read_requests", (up * 8100).to_string()),
        ("Innodb_buffer_pool_reads", (up * 12).to_string()),
        ("Innodb_buffer_pool_wait_free", "0".into()),
        ("Innodb_row_lock_current_waits", waiting.to_string()),
        ("Innodb_row_lock_time_avg", "41".into()),
        ("Innodb_row_lock_waits", "812".into()),
        ("Max_used_connections", own.sessions.len().max(61).to_string()),
        ("Open_tables", "1982".into()),
        ("Questions", own.questions.to_string()),
        ("Slow_queries", own.slow_queries.to_string()),
        ("Threads_connected", own.sessions.len().to_string()),
        ("Threads_running", active.to_string()),
        ("Uptime", up.to_string()),
    ]
}

fn variables(own: &Database) -> Vec<(&'static str, String)> {
    vec![
        ("innodb_buffer_pool_size", "6442450944".into()),
        ("long_query_time", "1.000000".into()),
        ("max_connections", own.most_sessions.to_string()),
        ("read_only", if own.is_replica { "ON" } else { "OFF" }.into()),
        ("slow_query_log", "ON".into()),
        ("version", "8.0.36".into()),
        ("wait_timeout", "28800".into()),
    ]
}

fn shown(s: &Session) -> Vec<String> {
    let info = if s.is_active { s.query.clone() } else { "NULL".into() };
    let (command, state) = doing(s);
    vec![
        s.id.to_string(),
        s.user.into(),
        s.address.clone(),
        "shop".into(),
        command.into(),
        s.seconds.to_string(),
        state.into(),
        info,
    ]
}

fn doing(s: &Session) -> (&'static str, &'static str) {
    match (s.is_active, s.blocked_by.is_some()) {
        (true, true) => ("Query", "updating"),
        (true, false) => ("Query", "executing"),
        (false, _) => ("Sleep", ""),
    }
}

fn source(call: &Call<'_, '_>, table: &str) -> Option<Vec<Row>> {
    let own = call.machine.database();
    let holders: Vec<u32> = own.sessions.iter().filter_map(|s| s.blocked_by).collect();
    Some(match table {
        "" => vec![Row::from([
            ("version", "8.0.36".into()),
            ("max_connections", own.most_sessions.to_string()),
            ("1", "1".into()),
        ])],
        "processlist" => own
            .sessions
            .iter()
            .map(|s| {
                let (command, state) = doing(s);
                Row::from([
                    ("command", command.into()),
                    ("time", s.seconds.to_string()),
                    ("user", s.user.into()),
                    ("id", s.id.to_string()),
                    ("host", s.address.clone()),
                    ("db", "shop".into()),
                    ("state", state.into()),
                    ("info", if s.is_active { s.query.clone() } else { "NULL".into() }),
                    ("statement", s.query.clone()),
                ])
            })
            .collect(),
        "innodb_trx" => own
            .sessions
            .iter()
            .filter(|s| s.is_active || holders.contains(&s.id))
            .map(|s| transaction(call, s))
            .collect(),
        "innodb_lock_waits" | "data_lock_waits" => own
            .sessions
            .iter()
            .filter_map(|s| {
                Some(Row::from([
                    ("waiting_pid", s.id.to_string()),
                    ("blocking_pid", s.blocked_by?.to_string()),
                    ("wait_age_secs", s.seconds.to_string()),
                    ("waiting_query", s.query.clone()),
                ]))
            })
            .collect(),
        _ => return None,
    })
}

fn transaction(call: &Call<'_, '_>, s: &Session) -> Row {
    let started = call.machine.time(plus_s(call.machine.now, -s.seconds), "%Y-%m-%d %H:%M:%S");
    let state = if s.blocked_by.is_some() { "LOCK WAIT" } else { "RUNNING" };
    Row::from([
        ("seconds", s.seconds.to_string()),
        ("trx_id", format!("4213{}", s.id)),
        ("trx_state", state.into()),
        ("trx_started", started),
        ("trx_mysql_thread_id", s.id.to_string()),
        ("trx_rows_locked", if s.is_active { "1" } else { "4" }.into()),
        ("trx_rows_modified", if s.is_active { "0" } else { "2" }.into()),
        ("trx_query", if s.is_active { s.query.clone() } else { "NULL".into() }),
    ])
}

fn innodb(own: &Database) -> String {
    let waits = own.sessions.iter().filter(|s| s.blocked_by.is_some()).map(|s| {
        format!(
            "---TRANSACTION 4213{}, ACTIVE {} sec starting index read\n\
                 LOCK WAIT 2 lock struct(s), heap size 1128, 1 row lock(s)\n\
                 MySQL thread id {}, query id 918273 {} {} updating\n{}\n",
            s.id, s.seconds, s.id, s.address, s.user, s.query
        )
    });
    format!(
        "\n=====================================\nINNODB MONITOR OUTPUT\n\
             =====================================\n------------\nTRANSACTIONS\n------------\n\
             {}----------------------------\nEND OF INNODB MONITOR OUTPUT\n\
             ============================",
        waits.collect::<String>()
    )
}

fn replica(own: &Database, in_old_words: bool) -> Table {
    if !own.is_replica {
        return Table::default();
    }
    let (source, replica) = if in_old_words { ("Master", "Slave") } else { ("Source", "Replica") };
    let pairs = [
        (format!("{replica}_IO_State"), format!("Waiting for {} to send event", source.to_lowercase())),
        (format!("{source}_Host"), "db-primary".into()),
        (format!("{source}_User"), "replica".into()),
        (format!("{replica}_IO_Running"), "Yes".into()),
        (format!("{replica}_SQL_Running"), "Yes".into()),
        ("Last_Error".into(), String::new()),
        (format!("Seconds_Behind_{source}"), own.behind_s.to_string()),
    ];
    let (titles, row) = pairs.into_iter().unzip();
    Table { titles, rows: vec![row] }
}

pub(in super::super) fn mysqladmin(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&VALUED);
    if let Some(says) = refusal(call) {
        call.error(&format!(
            "mysqladmin: connect to server at 'localhost' failed\nerror: '{}'",
            says.split(": ").nth(1).unwrap_or(&says)
        ));
        return 1;
    }
    let own = call.machine.database();
    match options.operands().first().map(String::as_str) {
        Some("ping") => call.line("mysqld is alive"),
        Some("status") => call.line(format!(
            "Uptime: {}  Threads: {}  Questions: {}  Slow queries: {}  Opens: 8123  Open tables: 1982  Queries \
                 per second avg: 312.041",
            call.machine.uptime_s(),
            own.sessions.len(),
            own.questions,
            own.slow_queries
        )),
        Some("processlist") => write(
            call,
            &table(
                &["Id", "User", "Host", "db", "Command", "Time", "State", "Info"],
                own.sessions.iter().map(shown).collect(),
            ),
            false,
            false,
        ),
        Some("extended-status") => {
            let all = named(status(call), "");
            write(call, &all, false, false);
        }
        _ => return 1,
    }
    0
}
