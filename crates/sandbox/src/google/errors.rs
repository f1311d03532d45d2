//! Google's errors: the shape, the reasons and their domains.

use serde_json::json;

use crate::web::Told;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub status: u16,
    reason: String,
    message: String,
    domain: &'static str,
    /// locationType and location
    at: Option<(&'static str, String)>,
}

impl Problem {
    pub(super) fn new(status: u16, reason: &str, message: &str) -> Self {
        Self { status, reason: reason.into(), message: message.into(), domain: "global", at: None }
    }

    fn in_domain(mut self, domain: &'static str) -> Self {
        self.domain = domain;
        self
    }

    pub(super) fn of_parameter(mut self, name: &str) -> Self {
        self.at = Some(("parameter", name.into()));
        self
    }

    pub(super) fn invalid(message: &str) -> Self {
        Self::new(400, "invalid", message)
    }

    pub(super) fn required(message: &str) -> Self {
        Self::new(400, "required", message)
    }

    pub(super) fn none() -> Self {
        Self::new(404, "notFound", "Not Found")
    }

    pub(super) fn duplicate() -> Self {
        Self::new(409, "duplicate", "The requested identifier already exists.")
    }

    pub(super) fn precondition() -> Self {
        let mut own = Self::new(412, "conditionNotMet", "Precondition Failed");
        own.at = Some(("header", "If-Match".into()));
        own
    }

    pub(super) fn full_sync() -> Self {
        let said = "Sync token is no longer valid, a full sync is required.";
        Self::new(410, "fullSyncRequired", said).in_domain("calendar").of_parameter("syncToken")
    }

    pub(super) fn updated_min() -> Self {
        let said = "The requested minimum modification time lies too far in the past.";
        Self::new(410, "updatedMinTooLongAgo", said).in_domain("calendar").of_parameter("updatedMin")
    }

    pub(super) fn deleted() -> Self {
        Self::new(410, "deleted", "Resource has been deleted")
    }

    pub(super) fn credentials() -> Self {
        let mut own = Self::new(401, "authError", "Invalid Credentials");
        own.at = Some(("header", "Authorization".into()));
        own
    }

    pub(super) fn scope() -> Self {
        Self::new(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
    }

    pub(super) fn forbidden() -> Self {
        Self::new(403, "requiredAccessLevel", "You need to have writer access to this calendar.").in_domain("calendar")
    }

    /// As a fault is scripted: the reason that goes with a status, unless one is named.
    pub(super) fn scripted(status: u16, reason: Option<&str>) -> Option<Self> {
        let (usual, message) = match status {
            401 => return Some(Self::credentials()),
            403 => ("userRateLimitExceeded", "User Rate Limit Exceeded"),
            404 => ("notFound", "Not Found"),
            410 => return Some(Self::full_sync()),
            412 => return Some(Self::precondition()),
            429 => ("rateLimitExceeded", "Rate Limit Exceeded"),
            500 | 503 => ("backendError", "Backend Error"),
            _ => return None,
        };
        let reason = reason.unwrap_or(usual);
        let message = if reason == "quotaExceeded" { "Calendar usage limits exceeded." } else { message };
        let own = Self::new(status, reason, message);
        Some(if [403, 429].contains(&status) { own.in_domain("usageLimits") } else { own })
    }

    pub(super) fn told(&self) -> Told {
        let mut one = json!({ "domain": self.domain, "reason": self.reason, "message": self.message });
        if let Some((kind, place)) = &self.at {
            one["locationType"] = json!(kind);
            one["location"] = json!(place);
        }
        let body = json!({ "error": { "errors": [one], "code": self.status, "message": self.message } });
        super::told(self.status, &body)
    }
}
