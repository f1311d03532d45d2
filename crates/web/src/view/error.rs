//! What is so when a page can't be shown, and what to do next. Never "something went wrong".

use super::Frame;

#[derive(Clone, Debug)]
pub struct ErrorView {
    pub kind: ErrorKind,
    /// What to name when asking for help: the request's id, also in the log.
    pub reference: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request can't be understood; `detail` is in the reader's language.
    BadRequest {
        detail: Option<String>,
    },
    NotFound,
    Forbidden,
    TooMany {
        wait_s: i64,
    },
    Internal,
    /// The store does not answer. What was acknowledged is kept.
    Unavailable {
        wait_s: Option<i64>,
    },
}

impl ErrorKind {
    pub const fn status(&self) -> u16 {
        match self {
            Self::BadRequest { .. } => 400,
            Self::NotFound => 404,
            Self::Forbidden => 403,
            Self::TooMany { .. } => 429,
            Self::Internal => 500,
            Self::Unavailable { .. } => 503,
        }
    }
}

impl ErrorView {
    fn key(&self, part: &str) -> String {
        format!("error-{}-{part}", self.kind.status())
    }

    pub fn title(&self, f: &Frame) -> String {
        f.t(&self.key("title"))
    }

    /// What is so.
    pub fn what(&self, f: &Frame) -> String {
        let who = f.person.as_ref().map_or_else(|| f.t("role-nobody"), |p| f.role(&p.role));
        match &self.kind {
            ErrorKind::Forbidden => f.t1("error-403-what", "role", who),
            ErrorKind::BadRequest { detail: Some(detail) } => f.brief(detail),
            ErrorKind::TooMany { wait_s } => f.t1("error-429-what", "wait", f.span(wait_s)),
            _ => f.t(&self.key("what")),
        }
    }

    /// What to do next.
    pub fn next(&self, f: &Frame) -> String {
        match self.kind {
            ErrorKind::Unavailable { wait_s: Some(wait_s) } => f.t1("error-503-next-in", "wait", f.span(&wait_s)),
            _ => f.t(&self.key("next")),
        }
    }
}
