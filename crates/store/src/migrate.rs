//! Brings a database to this program's schema, at start and under a lock, each step in a transaction of its own.
//! Never goes back: a database of a newer program is refused.

use crate::tx::{Conn, Tx};
use crate::{StoreError, vals};
use model::Micros;

struct Step {
    sqlite: &'static str,
    postgres: &'static str,
}

/// The schema that this program writes and reads.
pub const LATEST: i64 = STEPS.len() as i64;

const STEPS: &[Step] = &[
    Step {
        sqlite: include_str!("../ddl/sqlite/0001_first.sql"),
        postgres: include_str!("../ddl/postgres/0001_first.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0002_search.sql"),
        postgres: include_str!("../ddl/postgres/0002_search.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0003_mirror.sql"),
        postgres: include_str!("../ddl/postgres/0003_mirror.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0004_heard.sql"),
        postgres: include_str!("../ddl/postgres/0004_heard.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0005_refused.sql"),
        postgres: include_str!("../ddl/postgres/0005_refused.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0006_mail.sql"),
        postgres: include_str!("../ddl/postgres/0006_mail.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0007_calls.sql"),
        postgres: include_str!("../ddl/postgres/0007_calls.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0008_waits.sql"),
        postgres: include_str!("../ddl/postgres/0008_waits.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0009_classes.sql"),
        postgres: include_str!("../ddl/postgres/0009_classes.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0010_bridges.sql"),
        postgres: include_str!("../ddl/postgres/0010_bridges.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0011_windows.sql"),
        postgres: include_str!("../ddl/postgres/0011_windows.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0012_runs.sql"),
        postgres: include_str!("../ddl/postgres/0012_runs.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0013_record.sql"),
        postgres: include_str!("../ddl/postgres/0013_record.sql"),
    },
    Step {
        sqlite: include_str!("../ddl/sqlite/0014_beside.sql"),
        postgres: include_str!("../ddl/postgres/0014_beside.sql"),
    },
];

pub fn sqlite(conn: &mut rusqlite::Connection) -> Result<(), StoreError> {
    loop {
        let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let version: i64 = tx.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let Some(step) = next(version)? else { return Ok(()) };
        tx.execute_batch(step.sqlite)?;
        tx.pragma_update(None, "user_version", version + 1)?;
        tx.commit()?;
    }
}

pub async fn postgres(client: &tokio_postgres::Client) -> Result<(), StoreError> {
    // Any number no other program uses: it stands for "arayashiki migrates".
    const LOCK: i64 = 0x6172_6179_6173_6869;
    loop {
        client.batch_execute("BEGIN").await?;
        // A large table takes its time, and there is nobody yet who waits.
        client.batch_execute("SET LOCAL statement_timeout = 0").await?;
        client.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
        client.batch_execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)").await?;
        let row = client.query_one("SELECT coalesce(max(version), 0) FROM schema_version", &[]).await?;
        let version: i64 = row.try_get(0)?;
        let Some(step) = next(version)? else {
            client.batch_execute("COMMIT").await?;
            return Ok(());
        };
        client.batch_execute(step.postgres).await?;
        client.execute("INSERT INTO schema_version (version) VALUES ($1)", &[&(version + 1)]).await?;
        client.batch_execute("COMMIT").await?;
    }
}

fn next(version: i64) -> Result<Option<&'static Step>, StoreError> {
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    if done > STEPS.len() {
        return Err(StoreError::Refused(format!(
            "the database has schema {version}, this program knows {} at most: run the newer program, or restore a backup",
            STEPS.len()
        )));
    }
    Ok(STEPS.get(done))
}

/// The whole schema as text: what a prepared database is good for.
#[cfg(test)]
pub fn postgres_text() -> String {
    STEPS.iter().map(|step| step.postgres).collect()
}

/// What the live connection says about durability.
pub async fn durability(tx: &mut Tx) -> Result<Vec<(String, String)>, StoreError> {
    let names: &[&str] = if tx.is_postgres() {
        &["fsync", "synchronous_commit", "full_page_writes", "server_version"]
    } else {
        &["synchronous", "journal_mode"]
    };
    let mut settings = Vec::new();
    for name in names {
        let value = match &mut tx.conn {
            Conn::Sqlite(conn) => conn
                .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, rusqlite::types::Value>(0))
                .map(|value| match value {
                    rusqlite::types::Value::Integer(i) => i.to_string(),
                    rusqlite::types::Value::Text(t) => t,
                    other => format!("{other:?}"),
                })?,
            Conn::Postgres(_) => tx.sure("SELECT current_setting(?1)", vals![*name]).await?.string(0)?,
        };
        settings.push(((*name).to_owned(), value));
    }
    if !tx.is_postgres() {
        settings.push(("version".to_owned(), rusqlite::version().to_owned()));
    }
    Ok(settings)
}

/// The database's clock on PostgreSQL, moved by the same offset as ours so that tests can.
pub const NOW: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

pub fn shifted(database_us: i64, offset_us: i64) -> Micros {
    Micros(database_us + offset_us)
}
