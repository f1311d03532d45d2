//! Values on their way into and out of a database. Never knows what they mean.

use crate::StoreError;
use model::Micros;
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// One value. Booleans are 0 and 1, instants are microseconds.
#[derive(Clone, Debug, PartialEq)]
pub enum Val {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

macro_rules! val_from {
    ($($from:ty => |$v:ident| $to:expr),* $(,)?) => {
        $(impl From<$from> for Val { fn from($v: $from) -> Self { $to } })*
    };
}

val_from! {
    i64 => |v| Self::Int(v),
    u32 => |v| Self::Int(i64::from(v)),
    bool => |v| Self::Int(i64::from(v)),
    Micros => |v| Self::Int(v.0),
    &str => |v| Self::Text(v.to_owned()),
    String => |v| Self::Text(v),
    &String => |v| Self::Text(v.clone()),
    Vec<u8> => |v| Self::Blob(v),
    &[u8] => |v| Self::Blob(v.to_vec()),
    [u8; 16] => |v| Self::Blob(v.to_vec()),
    [u8; 32] => |v| Self::Blob(v.to_vec()),
}

impl<T: Into<Self>> From<Option<T>> for Val {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// `vals![a, b, c]` is `&[Val::from(a), …]`.
#[macro_export]
macro_rules! vals {
    ($($v:expr),* $(,)?) => { &[$($crate::Val::from($v)),*] };
}

impl rusqlite::ToSql for Val {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(i) => ValueRef::Integer(*i),
            Self::Text(t) => ValueRef::Text(t.as_bytes()),
            Self::Blob(b) => ValueRef::Blob(b),
        }))
    }
}

impl ToSql for Val {
    fn to_sql(&self, ty: &Type, out: &mut bytes::BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(i) if *ty == Type::INT4 => i32::try_from(*i)?.to_sql(ty, out),
            Self::Int(i) => i.to_sql(ty, out),
            Self::Text(t) => t.to_sql(ty, out),
            Self::Blob(b) => b.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// One row of an answer, by position.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub(crate) Vec<Val>);

impl Row {
    fn at(&self, i: usize) -> Result<&Val, StoreError> {
        self.0.get(i).ok_or_else(|| StoreError::shape(format!("no column {i}")))
    }

    pub fn int(&self, i: usize) -> Result<i64, StoreError> {
        match self.at(i)? {
            Val::Int(v) => Ok(*v),
            other => Err(StoreError::shape(format!("column {i} is {other:?}, not a number"))),
        }
    }

    pub fn bool(&self, i: usize) -> Result<bool, StoreError> {
        Ok(self.int(i)? != 0)
    }

    pub fn micros(&self, i: usize) -> Result<Micros, StoreError> {
        self.int(i).map(Micros)
    }

    pub fn text(&self, i: usize) -> Result<&str, StoreError> {
        match self.at(i)? {
            Val::Text(v) => Ok(v),
            other => Err(StoreError::shape(format!("column {i} is {other:?}, not a text"))),
        }
    }

    pub fn string(&self, i: usize) -> Result<String, StoreError> {
        self.text(i).map(str::to_owned)
    }

    pub fn blob(&self, i: usize) -> Result<&[u8], StoreError> {
        match self.at(i)? {
            Val::Blob(v) => Ok(v),
            other => Err(StoreError::shape(format!("column {i} is {other:?}, not bytes"))),
        }
    }

    pub fn is_null(&self, i: usize) -> bool {
        matches!(self.0.get(i), None | Some(Val::Null))
    }

    pub fn opt_int(&self, i: usize) -> Result<Option<i64>, StoreError> {
        if self.is_null(i) { Ok(None) } else { self.int(i).map(Some) }
    }

    pub fn opt_micros(&self, i: usize) -> Result<Option<Micros>, StoreError> {
        Ok(self.opt_int(i)?.map(Micros))
    }

    pub fn opt_string(&self, i: usize) -> Result<Option<String>, StoreError> {
        if self.is_null(i) { Ok(None) } else { self.string(i).map(Some) }
    }

    /// A column of JSON text, read.
    pub fn json<T: serde::de::DeserializeOwned>(&self, i: usize) -> Result<T, StoreError> {
        serde_json::from_str(self.text(i)?).map_err(|e| StoreError::shape(format!("column {i}: {e}")))
    }
}
