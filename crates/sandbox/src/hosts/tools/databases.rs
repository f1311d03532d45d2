//! The databases' own clients. They know the questions that one asks of a server in trouble; what they do not know they answer as an empty
//! set, never with an invention.

use super::super::cast::Role;
use super::super::machine::database::{Database, Session};
use super::super::trouble::Trouble;
use super::Call;

type Rows = (Vec<&'static str>, Vec<Vec<String>>);

fn is_up(call: &Call<'_, '_>) -> bool {
    !call.machine.is_down(call.machine.main_unit())
}

/// As `mysql` draws it, or with tabs in a pipe.
fn mysql_table(call: &mut Call<'_, '_>, (titles, rows): &Rows, vertical: bool, bare: bool) {
    if vertical {
        for (n, row) in rows.iter().enumerate() {
            call.line(format!("*************************** {}. row ***************************", n + 1));
            for (title, cell) in titles.iter().zip(row) {
                call.line(format!("{title:>30}: {cell}"));
            }
        }
        return;
    }
    if !bare && !rows.is_empty() {
        call.line(titles.join("\t"));
    }
    rows.iter().for_each(|row| call.line(row.join("\t")));
}

const MYSQL: [&str; 13] = [
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

pub(super) fn mysql(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&MYSQL);
    if let Some(status) = mysql_refuses(call, options.value_of(&["-u", "--user"])) {
        return status;
    }
    let text = match options.value_of(&["-e", "--execute"]) {
        Some(text) => text.to_owned(),
        None => String::from_utf8_lossy(&call.input.rest()).into_owned(),
    };
    let bare = options.any(&["-N", "--skip-column-names"]) || (options.has("-B") && options.has("-N"));
    for statement in text.split(';').map(str::trim).filter(|own| !own.is_empty()) {
        let vertical = statement.ends_with("\\G") || options.any(&["-E", "--vertical"]);
        match mysql_answer(call, &statement.to_lowercase()) {
            Some(rows) => mysql_table(call, &rows, vertical, bare),
            None => {
                let near: String = statement.chars().take(40).collect();
                call.error(&format!("ERROR 1064 (42000) at line 1: You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '{near}' at line 1"));
                return 1;
            }
        }
    }
    0
}

fn mysql_refuses(call: &mut Call<'_, '_>, user: Option<&str>) -> Option<i32> {
    if call.machine.role != Role::Mysql {
        call.error("ERROR 2003 (HY000): Can't connect to MySQL server on 'db-primary:3306' (110)");
        return Some(1);
    }
    if !is_up(call) {
        call.error(
            "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/lib/mysql/mysql.sock' (111)",
        );
        return Some(1);
    }
    // root by the socket, without a password; and the account of the diagnostics by its own settings.
    if !call.is_root() && call.user != super::super::machine::USER
        || user.is_some_and(|own| own == "root") && !call.is_root()
    {
        call.error(&format!(
            "ERROR 1045 (28000): Access denied for user '{}'@'localhost' (using password: NO)",
            call.user
        ));
        return Some(1);
    }
    if call.machine.has(&Trouble::DbConnections) && !call.is_root() {
        call.error("ERROR 1040 (HY000): Too many connections");
        return Some(1);
    }
    None
}

fn status_pairs(call: &Call<'_, '_>) -> Vec<(&'static str, String)> {
    let (own, up) = (call.machine.database(), call.machine.uptime_s());
    let active = own.sessions.iter().filter(|s| s.is_active).count();
    vec![
        ("Aborted_connects", if call.machine.has(&Trouble::DbConnections) { "8123" } else { "41" }.into()),
        ("Connections", (up / 3).to_string()),
        ("Innodb_buffer_pool_pages_free", "8192".into()),
        ("Innodb_buffer_pool_pages_total", "393216".into()),
        ("Innodb_buffer_pool_read_requests", (up * 8100).to_string()),
        ("Innodb_buffer_pool_reads", (up * 12).to_string()),
        ("Innodb_deadlocks", if call.machine.has(&Trouble::DbLocked) { "7" } else { "0" }.into()),
        ("Innodb_row_lock_current_waits", own.sessions.iter().filter(|s| s.blocked_by.is_some()).count().to_string()),
        ("Innodb_row_lock_time_avg", "41".into()),
        ("Innodb_row_lock_waits", "812".into()),
        ("Max_used_connections", own.sessions.len().max(61).to_string()),
        ("Open_tables", "1982".into()),
        ("Questions", own.questions.to_string()),
        ("Slow_queries", own.slow_queries.to_string()),
        ("Table_locks_waited", "12".into()),
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

/// Those whose names a `LIKE`, an `IN` or an `=` mentions; all without one.
fn mentioned(pairs: Vec<(&'static str, String)>, asked: &str) -> Vec<Vec<String>> {
    let quoted: Vec<&str> = asked.split('\'').skip(1).step_by(2).collect();
    let fits = |name: &str| {
        let chars: Vec<char> = name.to_lowercase().chars().collect();
        quoted.iter().any(|own| {
            super::super::shell::pattern::matches(&super::super::shell::pattern::marks(&own.replace('%', "*")), &chars)
        })
    };
    pairs
        .into_iter()
        .filter(|(name, _)| quoted.is_empty() || fits(name))
        .map(|(name, value)| vec![name.to_owned(), value])
        .collect()
}

fn mysql_answer(call: &Call<'_, '_>, asked: &str) -> Option<Rows> {
    let own = call.machine.database();
    let has = |word: &str| asked.contains(word);
    let pair = || vec!["Variable_name", "Value"];
    Some(match () {
        () if has("global status")
            || has("session status")
            || asked.starts_with("show status")
            || has("global_status") =>
        {
            (pair(), mentioned(status_pairs(call), asked))
        }
        () if has("variables") && has("show") || has("global_variables") => (pair(), mentioned(variables(&own), asked)),
        () if has("processlist") => (
            vec!["Id", "User", "Host", "db", "Command", "Time", "State", "Info"],
            own.sessions.iter().map(process_row).collect(),
        ),
        () if has("engine innodb status") => {
            (vec!["Type", "Name", "Status"], vec![vec!["InnoDB".into(), String::new(), innodb(&own)]])
        }
        () if has("replica status") || has("slave status") => replica(&own),
        () if has("data_lock_waits") || has("innodb_lock_waits") => (
            vec!["waiting_pid", "blocking_pid", "wait_age_secs", "waiting_query"],
            own.sessions
                .iter()
                .filter_map(|s| {
                    Some(vec![s.id.to_string(), s.blocked_by?.to_string(), s.seconds.to_string(), s.query.clone()])
                })
                .collect(),
        ),
        () if has("innodb_trx") => (
            vec!["trx_id", "trx_state", "trx_started", "trx_mysql_thread_id", "trx_query"],
            own.sessions
                .iter()
                .filter(|s| s.is_active || s.seconds > 60)
                .map(|s| {
                    vec![
                        format!("4213{}", s.id),
                        if s.blocked_by.is_some() { "LOCK WAIT" } else { "RUNNING" }.into(),
                        call.machine.time(crate::clock::plus_s(call.machine.now, -s.seconds), "%Y-%m-%d %H:%M:%S"),
                        s.id.to_string(),
                        s.query.clone(),
                    ]
                })
                .collect(),
        ),
        () if has("show databases") => (
            vec!["Database"],
            ["information_schema", "mysql", "performance_schema", "shop", "sys"].map(|n| vec![n.to_owned()]).to_vec(),
        ),
        () if has("select 1") => (vec!["1"], vec![vec!["1".into()]]),
        () if has("version()") || has("@@version") => (vec!["version()"], vec![vec!["8.0.36".into()]]),
        () if has("max_connections") => (vec!["@@max_connections"], vec![vec![own.most_sessions.to_string()]]),
        () if ["select", "show", "explain", "set"].iter().any(|verb| asked.starts_with(verb)) => {
            (Vec::new(), Vec::new())
        }
        () => return None,
    })
}

fn process_row(s: &Session) -> Vec<String> {
    let (command, state) = match (s.is_active, s.blocked_by.is_some()) {
        (true, true) => ("Query", "updating"),
        (true, false) => ("Query", "executing"),
        (false, _) => ("Sleep", ""),
    };
    let info = if s.is_active { s.query.clone() } else { "NULL".into() };
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

fn innodb(own: &Database) -> String {
    let waits = own.sessions.iter().filter(|s| s.blocked_by.is_some()).map(|s| format!("---TRANSACTION 4213{}, ACTIVE {} sec starting index read\\nLOCK WAIT 2 lock struct(s), heap size 1128, 1 row lock(s)\\nMySQL thread id {}, query id 918273 {} {} updating\\n{}\\n", s.id, s.seconds, s.id, s.address, s.user, s.query));
    format!(
        "\\n=====================================\\nINNODB MONITOR OUTPUT\\n=====================================\\n------------\\nTRANSACTIONS\\n------------\\n{}----------------------------\\nEND OF INNODB MONITOR OUTPUT\\n",
        waits.collect::<String>()
    )
}

fn replica(own: &Database) -> Rows {
    if !own.is_replica {
        return (Vec::new(), Vec::new());
    }
    let values =
        ["Waiting for source to send event", "db-primary", "replica", "Yes", "Yes", "", &own.behind_s.to_string()]
            .map(str::to_owned)
            .to_vec();
    (
        vec![
            "Replica_IO_State",
            "Source_Host",
            "Source_User",
            "Replica_IO_Running",
            "Replica_SQL_Running",
            "Last_Error",
            "Seconds_Behind_Source",
        ],
        vec![values],
    )
}

pub(super) fn mysqladmin(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&MYSQL);
    if !is_up(call) || call.machine.role != Role::Mysql {
        call.error("mysqladmin: connect to server at 'localhost' failed\nerror: 'Can't connect to local MySQL server through socket '/var/lib/mysql/mysql.sock' (111)'");
        return 1;
    }
    let own = call.machine.database();
    match options.operands().first().map(String::as_str) {
        Some("ping") => call.line("mysqld is alive"),
        Some("status") => {
            let active = own.sessions.iter().filter(|s| s.is_active).count();
            call.line(format!("Uptime: {}  Threads: {}  Questions: {}  Slow queries: {}  Opens: 8123  Open tables: 1982  Queries per second avg: 312.{active}", call.machine.uptime_s(), own.sessions.len(), own.questions, own.slow_queries));
        }
        Some("processlist") => {
            let rows = (
                vec!["Id", "User", "Host", "db", "Command", "Time", "State", "Info"],
                own.sessions.iter().map(process_row).collect(),
            );
            mysql_table(call, &rows, false, false);
        }
        Some("extended-status") => {
            let rows = (vec!["Variable_name", "Value"], mentioned(status_pairs(call), ""));
            mysql_table(call, &rows, false, false);
        }
        _ => return 1,
    }
    0
}

const PSQL: [&str; 14] =
    ["-c", "-d", "-U", "-h", "-p", "-v", "-F", "-f", "-P", "--command", "--dbname", "--username", "--set", "-R"];

pub(super) fn psql(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&PSQL);
    if !is_up(call) {
        call.error("psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?");
        return 2;
    }
    if call.machine.has(&Trouble::DbConnections) && call.user != "postgres" {
        call.error("psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: FATAL:  sorry, too many clients already");
        return 2;
    }
    if call.user != "postgres" {
        let user = call.user.clone();
        call.error(&format!("psql: error: connection to server on socket \"/var/run/postgresql/.s.PGSQL.5432\" failed: FATAL:  role \"{user}\" does not exist"));
        return 2;
    }
    let mut asked: Vec<String> =
        [options.values("-c"), options.values("--command")].concat().iter().map(|own| (*own).to_owned()).collect();
    if asked.is_empty() {
        asked = String::from_utf8_lossy(&call.input.rest()).split(';').map(str::to_owned).collect();
    }
    let unaligned = options.any(&["-A", "--no-align"]);
    let bare = options.any(&["-t", "--tuples-only"]);
    let separator = options.value("-F").unwrap_or("|").to_owned();
    let expanded = options.any(&["-x", "--expanded"]);
    for text in asked.iter().map(|own| own.trim()).filter(|own| !own.is_empty()) {
        let rows = psql_answer(call, &text.to_lowercase());
        psql_table(call, &rows, (unaligned, bare, expanded), &separator);
    }
    0
}

fn psql_table(
    call: &mut Call<'_, '_>,
    (titles, rows): &Rows,
    (unaligned, bare, expanded): (bool, bool, bool),
    separator: &str,
) {
    if expanded {
        for (n, row) in rows.iter().enumerate() {
            call.line(format!("-[ RECORD {} ]", n + 1));
            titles.iter().zip(row).for_each(|(title, cell)| call.line(format!("{title} | {cell}")));
        }
        return;
    }
    if unaligned {
        if !bare {
            call.line(titles.join(separator));
        }
        rows.iter().for_each(|row| call.line(row.join(separator)));
    } else {
        let widths: Vec<usize> = titles
            .iter()
            .enumerate()
            .map(|(n, title)| rows.iter().map(|row| row[n].chars().count()).max().unwrap_or(0).max(title.len()))
            .collect();
        let line = |cells: Vec<String>| {
            cells.iter().zip(&widths).map(|(cell, w)| format!(" {cell:<w$} ")).collect::<Vec<_>>().join("|")
        };
        if !bare {
            call.line(line(titles.iter().map(|t| (*t).to_owned()).collect()));
            call.line(widths.iter().map(|w| "-".repeat(w + 2)).collect::<Vec<_>>().join("+"));
        }
        rows.iter().for_each(|row| call.line(line(row.clone())));
    }
    if !bare {
        call.say(format!("({} row{})\n\n", rows.len(), if rows.len() == 1 { "" } else { "s" }));
    }
}

fn psql_answer(call: &Call<'_, '_>, asked: &str) -> Rows {
    let own = call.machine.database();
    let has = |word: &str| asked.contains(word);
    let active = own.sessions.iter().filter(|s| s.is_active).count();
    let waiting: Vec<&Session> = own.sessions.iter().filter(|s| s.blocked_by.is_some()).collect();
    match () {
        () if has("pg_blocking_pids")
            || has("not granted")
            || has("granted = false")
            || has("wait_event_type = 'lock'") =>
        {
            (
                vec!["pid", "blocked_by", "usename", "seconds", "query"],
                waiting
                    .iter()
                    .map(|s| {
                        vec![
                            s.id.to_string(),
                            format!("{{{}}}", s.blocked_by.unwrap_or(0)),
                            s.user.into(),
                            s.seconds.to_string(),
                            s.query.clone(),
                        ]
                    })
                    .collect(),
            )
        }
        () if has("group by") && has("pg_stat_activity") => (
            vec!["state", "count"],
            vec![
                vec!["active".into(), active.to_string()],
                vec!["idle".into(), (own.sessions.len() - active).to_string()],
            ],
        ),
        () if has("count(*)") && has("pg_stat_activity") => (vec!["count"], vec![vec![own.sessions.len().to_string()]]),
        () if has("pg_stat_activity") => (
            vec!["pid", "usename", "client_addr", "state", "wait_event", "seconds", "query"],
            own.sessions
                .iter()
                .filter(|s| s.is_active || !has("'idle'"))
                .map(|s| {
                    vec![
                        s.id.to_string(),
                        s.user.into(),
                        s.address.split(':').next().unwrap_or_default().into(),
                        if s.is_active { "active" } else { "idle" }.into(),
                        if s.blocked_by.is_some() { "transactionid" } else { "ClientRead" }.into(),
                        s.seconds.to_string(),
                        s.query.clone(),
                    ]
                })
                .collect(),
        ),
        () if has("pg_stat_replication") => {
            let rows = if own.is_replica {
                Vec::new()
            } else {
                ["db-replica1", "db-replica2"]
                    .map(|name| vec![name.to_owned(), "streaming".into(), "async".into(), "00:00:00.000412".into()])
                    .to_vec()
            };
            (vec!["application_name", "state", "sync_state", "replay_lag"], rows)
        }
        () if has("pg_is_in_recovery") && !has("replay") => {
            (vec!["pg_is_in_recovery"], vec![vec![if own.is_replica { "t" } else { "f" }.into()]])
        }
        () if has("pg_last_xact_replay_timestamp") => {
            (vec!["seconds"], vec![vec![if own.is_replica { own.behind_s.to_string() } else { String::new() }]])
        }
        () if has("pg_database_size") || has("pg_stat_database") => (
            vec!["datname", "size", "deadlocks"],
            vec![
                vec![
                    "shop".into(),
                    "182 GB".into(),
                    if call.machine.has(&Trouble::DbLocked) { "7" } else { "0" }.into(),
                ],
                vec!["postgres".into(), "7612 kB".into(), "0".into()],
            ],
        ),
        () if has("show max_connections") || has("'max_connections'") => {
            (vec!["max_connections"], vec![vec![own.most_sessions.to_string()]])
        }
        () if has("version()") || has("server_version") => (
            vec!["version"],
            vec![vec!["PostgreSQL 16.4 on x86_64-redhat-linux-gnu, compiled by gcc (GCC) 11.4.1, 64-bit".into()]],
        ),
        () if has("select 1") => (vec!["?column?"], vec![vec!["1".into()]]),
        () => (vec!["?column?"], Vec::new()),
    }
}

pub(super) fn pg_isready(call: &mut Call<'_, '_>) -> i32 {
    let (says, status) = match () {
        () if !is_up(call) => ("no response", 2),
        () if call.machine.has(&Trouble::DbConnections) => ("rejecting connections", 1),
        () => ("accepting connections", 0),
    };
    call.line(format!("/var/run/postgresql:5432 - {says}"));
    status
}

pub(super) fn redis_cli(call: &mut Call<'_, '_>) -> i32 {
    let options = call.options(&["-h", "-p", "-a", "-n", "-u", "-s", "--user", "--pass"]);
    if !is_up(call) {
        call.error("Could not connect to Redis at 127.0.0.1:6379: Connection refused");
        return 1;
    }
    let words: Vec<String> = options.operands().iter().map(|own| own.to_lowercase()).collect();
    let given = options
        .value_of(&["-a", "--pass"])
        .map(str::to_owned)
        .or_else(|| call.environment.get("REDISCLI_AUTH").cloned());
    match given {
        // The server lets those in who come from the machine itself without a name.
        Some(password) if password != call.machine.secrets.redis_password => {
            call.error("WARNING: AUTH failed: WRONGPASS invalid username-password pair or user is disabled.");
        }
        _ => {}
    }
    let text = redis_answer(call, &words);
    call.say(text);
    0
}

fn redis_answer(call: &Call<'_, '_>, words: &[String]) -> String {
    let machine = call.machine;
    let full = machine.has(&Trouble::QueueFull);
    let clients = if full { 212 } else { 24 };
    match (words.first().map(String::as_str), words.get(1).map(String::as_str)) {
        (Some("ping"), _) => "PONG\n".into(),
        (Some("info"), section) => redis_info(call, section, full, clients),
        (Some("dbsize"), _) => format!("(integer) {}\n", if full { 918_273 } else { 41_207 }),
        (Some("llen"), _) => format!("(integer) {}\n", if full { 18_422 } else { 3 }),
        (Some("slowlog"), _) if full => "1) 1) (integer) 8123\n   2) (integer) 1790000000\n   3) (integer) 41207\n   4) 1) \"LRANGE\"\n      2) \"orders\"\n      3) \"0\"\n      4) \"-1\"\n".into(),
        (Some("slowlog" | "latency"), _) => "(empty array)\n".into(),
        (Some("client"), Some("list")) => (0..clients).map(|n| format!("id={n} addr=10.20.1.{}:{} laddr=127.0.0.1:6379 fd={} name= age={} idle={} flags=N db=0 cmd=brpop\n", 31 + n % 4, 40_000 + n, 8 + n, 900 + n * 7, n % 5)).collect(),
        (Some("config"), Some("get")) => "maxmemory\n3221225472\n".into(),
        (Some(other), _) => format!("(error) ERR unknown command '{other}', with args beginning with: \n"),
        (None, _) => String::new(),
    }
}

fn redis_info(call: &Call<'_, '_>, section: Option<&str>, full: bool, clients: u32) -> String {
    let most: u64 = 3_221_225_472;
    let used =
        if full { most - 41_207_808 } else { (most as f64 * (0.3 + 0.2 * call.machine.wave("redis", 900))) as u64 };
    let all = [
        ("server", format!("redis_version:7.0.15\nuptime_in_seconds:{}\ntcp_port:6379\n", call.machine.uptime_s())),
        ("clients", format!("connected_clients:{clients}\nblocked_clients:{}\nmaxclients:10000\n", if full { 61 } else { 4 })),
        ("memory", format!("used_memory:{used}\nused_memory_human:{:.2}G\nused_memory_peak:{}\nmaxmemory:{most}\nmaxmemory_policy:noeviction\nmem_fragmentation_ratio:1.12\n", used as f64 / 1_073_741_824.0, used + 81_273_511)),
        ("persistence", "loading:0\nrdb_changes_since_last_save:412\nrdb_last_bgsave_status:ok\naof_enabled:1\naof_last_write_status:ok\n".into()),
        ("stats", format!("total_connections_received:{}\nrejected_connections:0\nexpired_keys:8123\nevicted_keys:0\nkeyspace_hits:9182731\nkeyspace_misses:41207\n", call.machine.uptime_s() / 4)),
        ("replication", "role:master\nconnected_slaves:0\n".into()),
        ("keyspace", format!("db0:keys={},expires=812,avg_ttl=41207\n", if full { 918_273 } else { 41_207 })),
    ];
    let wanted = |name: &str| section.is_none_or(|own| own == name || own == "all" || own == "everything");
    let title = |name: &str| format!("# {}{}\n", name[..1].to_uppercase(), &name[1..]);
    all.iter().filter(|(name, _)| wanted(name)).map(|(name, body)| format!("{}{body}\n", title(name))).collect()
}
