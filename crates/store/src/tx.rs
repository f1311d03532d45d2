//! One transaction, on either database. A unit of work gets `&mut Tx`, speaks SQL through `exec / one / all` and
//! nothing else: it never calls out, and on SQLite it can't (it runs to its end on the writer's thread).

use crate::val::{Row, Val};
use crate::{StoreError, faults};
use deadpool_postgres::Object;
use futures_util::future::BoxFuture;
use model::Micros;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_postgres::types::{ToSql, Type};

/// What a unit of work returns: a future that borrows the transaction.
pub type Unit<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

pub(crate) enum Conn {
    Sqlite(rusqlite::Connection),
    Postgres(Object),
}

/// Statements since this program began.
static STATEMENTS: AtomicU64 = AtomicU64::new(0);

/// How many statements this program has sent to a database: what a page costs, whatever the database.
pub fn statements() -> u64 {
    STATEMENTS.load(Ordering::Relaxed)
}

/// An open transaction. The same SQL text serves both databases; parameters are `?1`, `?2`, …
pub struct Tx {
    pub(crate) conn: Conn,
    pub(crate) now: Micros,
    /// Every statement that was run, for tests that ask how.
    #[cfg(test)]
    pub(crate) told: Vec<(String, Vec<Val>)>,
}

impl Tx {
    pub(crate) const fn new(conn: Conn, now: Micros) -> Self {
        Self {
            conn,
            now,
            #[cfg(test)]
            told: Vec::new(),
        }
    }

    /// The instant of this transaction: the database's clock on PostgreSQL, ours on SQLite.
    pub const fn now(&self) -> Micros {
        self.now
    }

    pub const fn is_postgres(&self) -> bool {
        matches!(self.conn, Conn::Postgres(_))
    }

    /// The table, by that index on SQLite, which has no figures of its tables: left alone it prefers an index of every mail
    /// ever to one of a few.
    pub(crate) fn by(&self, table: &str, index: &str) -> String {
        if self.is_postgres() { table.to_owned() } else { format!("{table} INDEXED BY {index}") }
    }

    /// Runs a statement; returns how many rows it changed.
    pub async fn exec(&mut self, sql: &str, vals: &[Val]) -> Result<u64, StoreError> {
        STATEMENTS.fetch_add(1, Ordering::Relaxed);
        #[cfg(test)]
        self.told.push((sql.to_owned(), vals.to_vec()));
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let changed = conn.prepare_cached(sql)?.execute(rusqlite::params_from_iter(vals))?;
                Ok(changed as u64)
            }
            Conn::Postgres(client) => {
                let statement = client.prepare_cached(&numbered(sql)).await?;
                Ok(client.execute(&statement, &params(vals)).await?)
            }
        }
    }

    /// The first row, if there is one.
    pub async fn one(&mut self, sql: &str, vals: &[Val]) -> Result<Option<Row>, StoreError> {
        Ok(self.all(sql, vals).await?.into_iter().next())
    }

    /// The single row that this statement always has (an aggregate, say).
    pub async fn sure(&mut self, sql: &str, vals: &[Val]) -> Result<Row, StoreError> {
        self.one(sql, vals).await?.ok_or_else(|| StoreError::shape(format!("no row from: {sql}")))
    }

    pub async fn all(&mut self, sql: &str, vals: &[Val]) -> Result<Vec<Row>, StoreError> {
        STATEMENTS.fetch_add(1, Ordering::Relaxed);
        #[cfg(test)]
        self.told.push((sql.to_owned(), vals.to_vec()));
        match &mut self.conn {
            Conn::Sqlite(conn) => {
                let mut statement = conn.prepare_cached(sql)?;
                let width = statement.column_count();
                let mut rows = statement.query(rusqlite::params_from_iter(vals))?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    found.push(sqlite_row(row, width)?);
                }
                Ok(found)
            }
            Conn::Postgres(client) => {
                let statement = client.prepare_cached(&numbered(sql)).await?;
                let rows = client.query(&statement, &params(vals)).await?;
                rows.iter().map(postgres_row).collect()
            }
        }
    }

    /// Keeps other transactions off these subjects until this one ends. Callers pass them sorted, so that two
    /// transactions never wait for each other. SQLite has one writer and needs no lock.
    pub async fn lock(&mut self, subjects: &[String]) -> Result<(), StoreError> {
        if self.is_postgres() {
            for subject in subjects {
                self.all("SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(?1, 0))", &[subject.into()]).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn commit(&mut self, name: &str) -> Result<(), StoreError> {
        faults::hit(name, "before_commit");
        match &mut self.conn {
            Conn::Sqlite(conn) => conn.execute_batch("COMMIT")?,
            Conn::Postgres(client) => client.batch_execute("COMMIT").await?,
        }
        faults::hit(name, "after_commit");
        Ok(())
    }
}

fn numbered(sql: &str) -> Cow<'_, str> {
    if sql.contains('?') { Cow::Owned(sql.replace('?', "$")) } else { Cow::Borrowed(sql) }
}

fn params(vals: &[Val]) -> Vec<&(dyn ToSql + Sync)> {
    vals.iter().map(|v| v as &(dyn ToSql + Sync)).collect()
}

fn sqlite_row(row: &rusqlite::Row<'_>, width: usize) -> Result<Row, StoreError> {
    use rusqlite::types::ValueRef;
    let mut vals = Vec::with_capacity(width);
    for i in 0..width {
        vals.push(match row.get_ref(i)? {
            ValueRef::Null => Val::Null,
            ValueRef::Integer(v) => Val::Int(v),
            ValueRef::Text(v) => Val::Text(String::from_utf8_lossy(v).into_owned()),
            ValueRef::Blob(v) => Val::Blob(v.to_vec()),
            ValueRef::Real(v) => return Err(StoreError::shape(format!("column {i} is a fraction: {v}"))),
        });
    }
    Ok(Row(vals))
}

fn postgres_row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let mut vals = Vec::with_capacity(row.len());
    for (i, column) in row.columns().iter().enumerate() {
        vals.push(match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(i)?.map_or(Val::Null, Val::Int),
            Type::INT4 => row.try_get::<_, Option<i32>>(i)?.map_or(Val::Null, |v| Val::Int(i64::from(v))),
            Type::BOOL => row.try_get::<_, Option<bool>>(i)?.map_or(Val::Null, |v| Val::Int(i64::from(v))),
            Type::TEXT | Type::VARCHAR | Type::NAME => {
                row.try_get::<_, Option<String>>(i)?.map_or(Val::Null, Val::Text)
            }
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(i)?.map_or(Val::Null, Val::Blob),
            ref other => return Err(StoreError::shape(format!("column {} has type {other}", column.name()))),
        });
    }
    Ok(Row(vals))
}
