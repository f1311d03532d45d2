//! What can go wrong in the store, by what the caller should do about it.

/// An error of the store. Its text is for the log; pages and receivers translate the kind.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database can't be reached or answers too late. Nothing was made durable; try again.
    #[error("the database is away: {0}")]
    Away(String),
    /// The disk is full or the database may not be written. Nothing was made durable; make room, no restart needed.
    #[error("the database can't be written: {0}")]
    Unwritable(String),
    /// Two transactions stood in each other's way; the whole unit may simply be run again.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// Too much waits to be written; try again shortly.
    #[error("too much is waiting to be written")]
    Full,
    /// The lease ended and somebody else may hold the job: whatever was done, its row must not be written by us.
    #[error("the lease on job {0} was lost")]
    LeaseLost(i64),
    /// The statement or the row's shape is wrong: a bug of ours.
    #[error("the store met something it does not expect: {0}")]
    Bug(String),
    /// What the caller asked for can't be, in words for people.
    #[error("{0}")]
    Refused(String),
}

impl StoreError {
    pub(crate) fn shape(what: impl std::fmt::Display) -> Self {
        Self::Bug(what.to_string())
    }

    /// Whether the same unit may simply be tried again, soon or when the database is back.
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Away(_) | Self::Unwritable(_) | Self::Busy(_) | Self::Full)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(Code::DiskFull | Code::ReadOnly | Code::SystemIoFailure | Code::PermissionDenied) => {
                Self::Unwritable(text)
            }
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy(text),
            Some(Code::CannotOpen | Code::DatabaseCorrupt | Code::NotADatabase) => Self::Away(text),
            _ => Self::Bug(text),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            return if error.is_closed() || std::error::Error::source(&error).is_some_and(|s| s.is::<std::io::Error>()) {
                Self::Away(error.to_string())
            } else {
                Self::Bug(chain(&error))
            };
        };
        let text = format!("{} ({})", db.message(), db.code().code());
        match db.code().code() {
            // Class 53: out of disk, memory, connections. 25006: read-only. 58: the server's own disk.
            "25006" | "53100" | "58030" => Self::Unwritable(text),
            code if code.starts_with("53") || code.starts_with("57") || code.starts_with("08") => Self::Away(text),
            "40001" | "40P01" | "55P03" => Self::Busy(text),
            _ => Self::Bug(text),
        }
    }
}

/// An error with its causes: `db error` alone tells nobody anything. Many repeat their cause, which is said once.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = inner.source();
    }
    text
}

/// The innermost cause alone.
pub(crate) fn deepest(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(inner) = deepest.source() {
        deepest = inner;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("error connecting to server")]
    struct Inner(#[source] std::io::Error);

    #[derive(Debug, thiserror::Error)]
    #[error("no object: {0}")]
    struct Outer(#[source] Inner);

    #[test]
    fn no_cause_is_said_twice() {
        let error = Outer(Inner(std::io::Error::other("refused")));
        assert_eq!(chain(&error), "no object: error connecting to server: refused");
        assert_eq!(deepest(&error), "refused");
    }
}
