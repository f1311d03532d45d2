//! Why a request was not done: one type for pages and API. A handler only says what is so; the outermost layer makes of
//! it a page in the reader's language or problem details (RFC 9457). Never tells a stranger what is inside.

use crate::view::ErrorKind;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use store::StoreError;

/// When to come again if the store is away.
pub(crate) const RETRY_AFTER_S: i64 = 5;

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `parameter` is the one at fault; `detail` says in English what to do.
    Bad {
        parameter: Option<String>,
        detail: String,
    },
    /// Nobody we know.
    Stranger,
    /// Known, but the role does not allow it; `needs` says which does.
    Forbidden {
        needs: &'static str,
    },
    /// They may not act in PagerDuty; `reason` is for programs, `detail` says in English what to do.
    MayNotAct {
        reason: &'static str,
        detail: String,
    },
    /// Understood, but it can't be sent as it stands; `field` is the one at fault.
    Unfit {
        field: String,
        detail: String,
    },
    /// The request came from another site with this person's cookie.
    CrossSite,
    NotFound,
    Method,
    TooLarge,
    /// It can't be done as things are.
    Conflict {
        detail: String,
    },
    TooMany {
        wait_s: i64,
    },
    /// Our own fault; `why` is for the log.
    Internal {
        why: String,
    },
    /// The store does not answer; `why` is for the log.
    Away {
        why: String,
    },
}

impl Fault {
    pub fn bad(parameter: &str, detail: impl Into<String>) -> Self {
        Self::Bad { parameter: Some(parameter.to_owned()), detail: detail.into() }
    }

    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Bad { .. } => StatusCode::BAD_REQUEST,
            Self::Stranger => StatusCode::UNAUTHORIZED,
            Self::Forbidden { .. } | Self::MayNotAct { .. } | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::Unfit { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Away { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What the log has to say about it; most faults are the visitor's and need no line.
    pub fn for_the_log(&self) -> Option<&str> {
        match self {
            Self::Internal { why } | Self::Away { why } => Some(why),
            _ => None,
        }
    }

    /// What an answer without words of ours amounts to.
    pub(crate) fn of_status(status: StatusCode) -> Option<Self> {
        Some(match status {
            StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY => {
                Self::Bad { parameter: None, detail: "The request can't be read: check its form.".into() }
            }
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::Method,
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            StatusCode::INTERNAL_SERVER_ERROR => Self::Internal { why: "an answer without words".into() },
            _ => return None,
        })
    }

    /// What a page says of it.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Bad { .. } | Self::Unfit { .. } | Self::Conflict { .. } | Self::TooLarge | Self::CrossSite => {
                ErrorKind::BadRequest { detail: None }
            }
            Self::Stranger | Self::Forbidden { .. } | Self::MayNotAct { .. } => ErrorKind::Forbidden,
            Self::NotFound | Self::Method => ErrorKind::NotFound,
            Self::TooMany { wait_s } => ErrorKind::TooMany { wait_s: *wait_s },
            Self::Internal { .. } => ErrorKind::Internal,
            Self::Away { .. } => ErrorKind::Unavailable { wait_s: Some(RETRY_AFTER_S) },
        }
    }

    const fn wait_s(&self) -> Option<i64> {
        match self {
            Self::TooMany { wait_s } => Some(*wait_s),
            Self::Away { .. } => Some(RETRY_AFTER_S),
            _ => None,
        }
    }

    /// The body for programs. `instance` is the path that was asked for, `reference` names the request in the log.
    pub(crate) fn details(&self, instance: &str, reference: &str) -> Value {
        let (slug, title) = self.name();
        let mut body = json!({
            "type": format!("urn:arayashiki:problem:{slug}"),
            "title": title,
            "status": self.status().as_u16(),
            "detail": self.detail(),
            "instance": instance,
            "reference": reference,
        });
        match self {
            Self::Bad { parameter: Some(name), .. } | Self::Unfit { field: name, .. } => {
                body["parameter"] = json!(name)
            }
            Self::MayNotAct { reason, .. } => body["reason"] = json!(reason),
            _ => {}
        }
        body
    }

    const fn name(&self) -> (&'static str, &'static str) {
        match self {
            Self::Bad { .. } => ("bad-request", "The request can't be understood"),
            Self::Stranger => ("no-credentials", "No valid credentials"),
            Self::Forbidden { .. } => ("role", "The role does not allow this"),
            Self::MayNotAct { .. } => ("may-not-act", "You can't act in PagerDuty"),
            Self::Unfit { .. } => ("unfit", "It can't be sent as it stands"),
            Self::CrossSite => ("cross-site", "The request came from another site"),
            Self::NotFound => ("not-found", "Nothing is here"),
            Self::Method => ("method", "This method is not for this address"),
            Self::TooLarge => ("too-large", "The body is too large"),
            Self::Conflict { .. } => ("conflict", "It can't be done as things are"),
            Self::TooMany { .. } => ("too-many", "Too many requests"),
            Self::Internal { .. } => ("internal", "The fault is ours"),
            Self::Away { .. } => ("store-away", "The store does not answer"),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Bad { detail, .. }
            | Self::Conflict { detail }
            | Self::MayNotAct { detail, .. }
            | Self::Unfit { detail, .. } => detail.clone(),
            Self::Stranger => "Send `Authorization: Bearer TOKEN`; `arayashiki token create` makes a token.".into(),
            Self::Forbidden { needs } => format!("This needs {needs}. Nothing was changed."),
            Self::CrossSite => {
                "Send the request from the pages themselves, or with a token. Nothing was changed.".into()
            }
            Self::NotFound => "It was never here, or it belongs to a customer that these credentials do not see. \
                 /api/v1/openapi.json lists every address."
                .into(),
            Self::Method => {
                "The header `Allow` says which methods work; /api/v1/openapi.json lists every address.".into()
            }
            Self::TooLarge => "Bodies of at most 64 KiB are taken here.".into(),
            Self::TooMany { wait_s } => format!("Wait {wait_s} seconds, then try again."),
            Self::Internal { .. } => {
                "It is in the log under this reference. Nothing that was acknowledged is lost.".into()
            }
            Self::Away { .. } => format!("Nothing was changed. Try again in {RETRY_AFTER_S} seconds."),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Some(wait_s) = self.wait_s() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
        }
        if self == Self::Stranger {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(detail) => Self::Conflict { detail },
            error if error.is_passing() => Self::Away { why: error.to_string() },
            error => Self::Internal { why: error.to_string() },
        }
    }
}

impl From<askama::Error> for Fault {
    fn from(error: askama::Error) -> Self {
        Self::Internal { why: format!("a page did not render: {error}") }
    }
}
