//! The JSON of a delivery, and the text that Amazon signs of it. Pure; hostile bytes are errors.

use super::SnsError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Notification,
    Confirmation,
    Unsubscribed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// SHA-1
    One,
    /// SHA-256
    Two,
}

#[derive(Clone, Debug)]
pub struct Message {
    pub kind: Kind,
    pub id: String,
    pub topic: String,
    pub subject: Option<String>,
    pub message: String,
    pub timestamp: String,
    pub token: Option<String>,
    pub subscribe_url: Option<String>,
    pub version: Version,
    pub signature: Vec<u8>,
    pub signing_cert_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    #[serde(rename = "Type")]
    kind: String,
    message_id: String,
    topic_arn: String,
    subject: Option<String>,
    message: String,
    timestamp: String,
    token: Option<String>,
    #[serde(rename = "SubscribeURL")]
    subscribe_url: Option<String>,
    signature_version: String,
    signature: String,
    #[serde(rename = "SigningCertURL")]
    signing_cert_url: String,
}

impl Message {
    pub fn read(body: &[u8]) -> Result<Self, SnsError> {
        let wire: Wire = serde_json::from_slice(body).map_err(|e| unreadable(e.to_string()))?;
        let kind = match wire.kind.as_str() {
            "Notification" => Kind::Notification,
            "SubscriptionConfirmation" => Kind::Confirmation,
            "UnsubscribeConfirmation" => Kind::Unsubscribed,
            other => return Err(unreadable(format!("its Type {other:?} is none that we know"))),
        };
        let version = match wire.signature_version.as_str() {
            "1" => Version::One,
            "2" => Version::Two,
            other => return Err(unreadable(format!("its SignatureVersion {other:?} is none that we know"))),
        };
        let signature =
            STANDARD.decode(&wire.signature).map_err(|_| unreadable("its Signature is no base64".into()))?;
        Ok(Self {
            kind,
            id: wire.message_id,
            topic: wire.topic_arn,
            subject: wire.subject,
            message: wire.message,
            timestamp: wire.timestamp,
            token: wire.token,
            subscribe_url: wire.subscribe_url,
            version,
            signature,
            signing_cert_url: wire.signing_cert_url,
        })
    }

    /// Names and values, each on a line, in the order of their bytes.
    pub fn canonical(&self) -> String {
        let kind = match self.kind {
            Kind::Notification => "Notification",
            Kind::Confirmation => "SubscriptionConfirmation",
            Kind::Unsubscribed => "UnsubscribeConfirmation",
        };
        let is_notification = self.kind == Kind::Notification;
        let parts = [
            ("Message", Some(self.message.as_str())),
            ("MessageId", Some(self.id.as_str())),
            ("Subject", self.subject.as_deref().filter(|_| is_notification)),
            ("SubscribeURL", self.subscribe_url.as_deref().filter(|_| !is_notification)),
            ("Timestamp", Some(self.timestamp.as_str())),
            ("Token", self.token.as_deref().filter(|_| !is_notification)),
            ("TopicArn", Some(self.topic.as_str())),
            ("Type", Some(kind)),
        ];
        parts.iter().filter_map(|(name, value)| Some(format!("{name}\n{}\n", (*value)?))).collect()
    }
}

/// Parsers quote what they stumble over.
const MAX_WHY_CHARS: usize = 200;

fn unreadable(why: String) -> SnsError {
    SnsError::Unreadable { why: why.chars().take(MAX_WHY_CHARS).collect() }
}
