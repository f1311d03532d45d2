//! SNS as a caller sees it: publishing to a phone number, and the confirmation of a subscription by its link.

use serde_json::{Value, json};

use super::{Aws, sigv4, xml};
use crate::web::{Ask, Told};

/// The vendor's limit for one SMS publication.
const MAX_SMS_CHARS: usize = 1_600;

impl Aws {
    pub(super) fn request_id(&self) -> String {
        self.inner().dice.uuid()
    }

    /// The query protocol: a form, signed.
    pub(super) async fn call(&self, ask: &Ask) -> Option<Told> {
        let request = self.request_id();
        if let Err((code, said)) = sigv4::check(ask, &self.key, "sns") {
            self.journal.keep("sns.refused", json!({ "code": code, "said": said })).await.ok()?;
            return Some(xml::error(403, code, &said, &request));
        }
        let form: Vec<(String, String)> = url::form_urlencoded::parse(&ask.body).into_owned().collect();
        let one = |name: &str| form.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
        if one("Version") != Some("2010-03-31") {
            return Some(xml::error(400, "NoSuchVersion", "Version must be 2010-03-31", &request));
        }
        match one("Action") {
            Some("Publish") => {
                let attributes: Vec<&(String, String)> =
                    form.iter().filter(|(name, _)| name.starts_with("MessageAttributes.")).collect();
                self.publish((one("PhoneNumber"), one("Message")), &json!(attributes), &request).await
            }
            Some("ConfirmSubscription") => self.confirm(one("Token").unwrap_or_default(), &request).await,
            _ => Some(xml::error(400, "InvalidAction", "The action is not played here.", &request)),
        }
    }

    async fn publish(
        &self,
        (phone, message): (Option<&str>, Option<&str>),
        attributes: &Value,
        request: &str,
    ) -> Option<Told> {
        let is_throttled = {
            let mut inner = self.inner();
            let is = inner.throttle > 0;
            inner.throttle -= u32::from(is);
            is
        };
        let refused = match (is_throttled, phone, message) {
            (true, ..) => Some((429, "Throttled", "Rate exceeded")),
            (_, None, _) => Some((400, "InvalidParameter", "Invalid parameter: PhoneNumber or TopicArn must be given")),
            (_, Some(phone), _) if !is_phone(phone) => {
                Some((400, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: not valid to publish to"))
            }
            (.., None | Some("")) => Some((400, "InvalidParameter", "Invalid parameter: Empty message")),
            (.., Some(text)) if text.chars().count() > MAX_SMS_CHARS => {
                Some((400, "InvalidParameter", "Invalid parameter: Message too long"))
            }
            _ => None,
        };
        if let Some((status, code, said)) = refused {
            self.journal.keep("sns.refused", json!({ "code": code, "said": said, "phone": phone })).await.ok()?;
            return Some(xml::error(status, code, said, request));
        }
        let id = self.request_id();
        let links = crate::mail::links(message.unwrap_or_default());
        let detail =
            json!({ "phone": phone, "message": message, "message_id": id, "links": links, "attributes": attributes });
        self.journal.keep("sns.sms", detail).await.ok()?;
        Some(xml::result("Publish", ("MessageId", &id), request))
    }

    /// Somebody follows the link of a confirmation.
    pub(super) async fn visited(&self, ask: &Ask) -> Option<Told> {
        let request = self.request_id();
        match ask.one("Action") {
            Some("ConfirmSubscription") => self.confirm(ask.one("Token").unwrap_or_default(), &request).await,
            _ => Some(xml::error(400, "InvalidAction", "The action is not played here.", &request)),
        }
    }

    async fn confirm(&self, token: &str, request: &str) -> Option<Told> {
        let arn = {
            let mut inner = self.inner();
            let endpoint = inner.waiting.get(token).cloned();
            let name = format!("{}:{}", self.topic, inner.dice.uuid());
            endpoint.map(|e| (inner.confirmed.entry(e.clone()).or_insert(name).clone(), e))
        };
        let Some((arn, endpoint)) = arn else {
            self.journal
                .keep("sns.refused", json!({ "code": "InvalidParameter", "said": "Invalid token" }))
                .await
                .ok()?;
            return Some(xml::error(400, "InvalidParameter", "Invalid parameter: Token", request));
        };
        self.journal.keep("sns.confirmed", json!({ "endpoint": endpoint, "subscription": arn })).await.ok()?;
        Some(xml::result("ConfirmSubscription", ("SubscriptionArn", &arn), request))
    }

    /// Asks an endpoint to confirm that it wants the topic.
    pub(super) async fn subscribe(&self, body: &Value) -> Result<Value, String> {
        let endpoint = body["endpoint"].as_str().ok_or("endpoint is missing")?;
        let topic = body["topic"].as_str().unwrap_or(&self.topic);
        let token = {
            let mut inner = self.inner();
            let token = inner.dice.hex(64);
            inner.waiting.insert(token.clone(), endpoint.to_owned());
            token
        };
        let link = format!("{}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}", self.url);
        let link = body["subscribe_url"].as_str().map_or(link, str::to_owned);
        let message = json!({
            "Type": "SubscriptionConfirmation", "TopicArn": topic, "Token": token, "SubscribeURL": link,
            "Message": format!("You have chosen to subscribe to the topic {topic}.\nTo confirm the subscription, visit the SubscribeURL included in this message."),
        });
        self.deliver(endpoint, message, body).await
    }

    pub(super) async fn notify(&self, body: &Value) -> Result<Value, String> {
        let endpoint = body["endpoint"].as_str().unwrap_or_default();
        let text = match &body["message"] {
            Value::String(text) => text.clone(),
            Value::Null => return Err("message is missing".into()),
            other => other.to_string(),
        };
        let mut message = json!({ "Type": "Notification", "TopicArn": body["topic"].as_str().unwrap_or(&self.topic), "Message": text });
        if let Some(subject) = body["subject"].as_str() {
            message["Subject"] = json!(subject);
        }
        self.deliver(endpoint, message, body).await
    }
}

/// E.164: a plus and up to fifteen digits.
fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|d| (7..=15).contains(&d.len()) && d.bytes().all(|b| b.is_ascii_digit()))
}
