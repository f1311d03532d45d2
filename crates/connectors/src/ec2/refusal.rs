//! Why EC2 was not read, and what to do about it.

use crate::http::Response;
use crate::sigv4::Credentials;
use crate::{CallError, Kind};

/// For people; never a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{says}; {remedy}")]
pub struct Trouble {
    pub kind: Kind,
    pub says: String,
    pub remedy: String,
}

pub(super) const AGAIN: &str = "it is tried again within minutes";

impl Trouble {
    pub fn new(kind: Kind, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { kind, says: says.into(), remedy: remedy.into() }
    }
}

impl From<CallError> for Trouble {
    fn from(error: CallError) -> Self {
        let remedy = match error.kind {
            Kind::NoConnection | Kind::InTheWay => {
                "check the region's name, this machine's way out and [inventory] ec2_url; it is tried again within minutes"
            }
            _ => AGAIN,
        };
        Self::new(error.kind, error.text, remedy)
    }
}

/// `AccessKeyId` and region belong to the message: which key lacks what is all that its reader needs.
pub(super) fn told(answer: &Response, credentials: &Credentials, region: &str) -> Trouble {
    let (status, code, key) = (answer.status, code(&answer.body), &credentials.access_key);
    let (kind, remedy) = match (status, code.as_str()) {
        (_, "UnauthorizedOperation" | "AccessDenied" | "AccessDeniedException") => {
            (Kind::Forbidden, format!("allow the key {key} ec2:DescribeInstances on * in {region}"))
        }
        (_, "RequestLimitExceeded" | "Throttling" | "ThrottlingException" | "SlowDown") | (429, _) => {
            (Kind::Limited, "too much is asked of this account; it is tried again within minutes".to_owned())
        }
        (_, "OptInRequired") => {
            (Kind::Forbidden, format!("the account does not use {region}: switch the region on, or take it out"))
        }
        (_, "RequestExpired" | "RequestTimeTooSkewed") => {
            (Kind::Auth, "set this machine's clock right, and look whether the session has ended".to_owned())
        }
        (401, _) | (_, "AuthFailure" | "InvalidClientTokenId" | "SignatureDoesNotMatch" | "ExpiredToken") => {
            (Kind::Auth, format!("the key {key} is not taken: check it, and whether the account uses {region}"))
        }
        (403, _) => (Kind::Forbidden, format!("allow the key {key} ec2:DescribeInstances on * in {region}")),
        (500.., _) => (Kind::Server, AGAIN.to_owned()),
        _ => (crate::gate::of_status(status), "check [inventory] ec2_url and the region's name".to_owned()),
    };
    let code = if code.is_empty() { String::new() } else { format!(" {code}") };
    Trouble::new(kind, format!("EC2 refuses DescribeInstances ({status}{code})"), remedy)
}

/// `<Response><Errors><Error><Code>UnauthorizedOperation</Code>…`
fn code(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(4_096)]);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    code.chars().filter(char::is_ascii_alphanumeric).take(60).collect()
}
