//! Backlog's errors: the numbers and the shape.

use serde_json::json;

use crate::web::Told;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub status: u16,
    pub code: u8,
    pub message: String,
}

impl Problem {
    fn new(status: u16, code: u8, message: &str) -> Self {
        Self { status, code, message: message.to_owned() }
    }

    pub(super) fn none(message: &str) -> Self {
        Self::new(404, 6, message)
    }

    pub(super) fn invalid(message: &str) -> Self {
        Self::new(400, 7, message)
    }

    pub(super) fn unauthorized_operation() -> Self {
        Self::new(403, 5, "You do not have permission to do this.")
    }

    pub(super) fn authentication() -> Self {
        Self::new(401, 11, "Authentication failure.")
    }

    pub(super) fn too_many() -> Self {
        Self::new(429, 13, "You have reached the rate limit. Try again later.")
    }

    pub(super) fn told(&self) -> Told {
        let errors = json!({ "errors": [{ "message": self.message, "code": self.code, "moreInfo": "" }] });
        super::told(self.status, &errors)
    }
}
