//! Signed messages on their way to an endpoint: completed, signed (or spoilt as scripted), posted, tried again after a 5xx and never
//! after a 4xx.

use std::time::Duration;

use serde_json::{Value, json};

use super::Aws;
use crate::clock::{millis, plus_s, real_now};

impl Aws {
    /// `how` may say `version` ("1" unless told, as the vendor), `tamper`, `cert_url`, `message_id`, `age_s`, `send`, `copies`.
    pub(super) async fn deliver(&self, endpoint: &str, message: Value, how: &Value) -> Result<Value, String> {
        let message = self.signed(message, how)?;
        let subscription = self.inner().confirmed.get(endpoint).cloned();
        let headers = headers(&message, subscription);
        let mut attempts = Vec::new();
        if how["send"] != false {
            for _ in 0..how["copies"].as_u64().unwrap_or(1).max(1) {
                attempts.extend(self.attempts(endpoint, &message, &headers).await);
            }
        }
        let detail = json!({ "endpoint": endpoint, "type": message["Type"], "message_id": message["MessageId"], "attempts": attempts });
        self.journal.keep("sns.delivered", detail).await.map_err(|e| e.to_string())?;
        let headers: serde_json::Map<String, Value> = headers.into_iter().map(|(n, v)| (n.into(), json!(v))).collect();
        Ok(json!({ "attempts": attempts, "body": message, "headers": headers }))
    }

    fn signed(&self, mut message: Value, how: &Value) -> Result<Value, String> {
        let version = how["version"].as_str().unwrap_or("1");
        if !["1", "2"].contains(&version) {
            return Err("version is \"1\" or \"2\"".into());
        }
        let at = plus_s(real_now(), -how["age_s"].as_i64().unwrap_or(0));
        message["MessageId"] = json!(how["message_id"].as_str().map_or_else(|| self.request_id(), str::to_owned));
        message["Timestamp"] = json!(millis(at));
        message["SignatureVersion"] = json!(version);
        message["SigningCertURL"] = json!(how["cert_url"].as_str().unwrap_or(&self.cert_url));
        if message["Type"] == "Notification" {
            let topic = message["TopicArn"].as_str().unwrap_or_default();
            message["UnsubscribeURL"] = json!(format!("{}/?Action=Unsubscribe&SubscriptionArn={topic}", self.url));
        }
        message["Signature"] = json!(self.signing.sign(&message, version)?);
        match how["tamper"].as_str() {
            None => {}
            Some("signature") => message["Signature"] = json!("AAAA"),
            Some("message") => message["Message"] = json!("something else"),
            Some("topic") => message["TopicArn"] = json!("arn:aws:sns:ap-northeast-1:444455556666:other"),
            Some("missing") => {
                message.as_object_mut().map(|m| m.remove("Signature"));
            }
            Some(other) => return Err(format!("tamper is signature, message, topic or missing, not {other}")),
        }
        Ok(message)
    }

    /// A status for each try; 0 where there was no answer.
    async fn attempts(&self, endpoint: &str, message: &Value, headers: &[(&'static str, String)]) -> Vec<u16> {
        let mut seen = Vec::new();
        for attempt in 0..=self.retries {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(self.retry_ms)).await;
            }
            let mut request = self.client.post(endpoint).body(message.to_string());
            for (name, value) in headers {
                request = request.header(*name, value);
            }
            let status = request.send().await.map_or(0, |reply| reply.status().as_u16());
            seen.push(status);
            if (200..500).contains(&status) {
                break;
            }
        }
        seen
    }
}

fn headers(message: &Value, subscription: Option<String>) -> Vec<(&'static str, String)> {
    let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
    let mut all = vec![
        ("content-type", "text/plain; charset=UTF-8".to_owned()),
        ("user-agent", "Amazon Simple Notification Service Agent".to_owned()),
        ("x-amz-sns-message-type", text("Type")),
        ("x-amz-sns-message-id", text("MessageId")),
        ("x-amz-sns-topic-arn", text("TopicArn")),
    ];
    if let Some(arn) = subscription.filter(|_| message["Type"] == "Notification") {
        all.push(("x-amz-sns-subscription-arn", arn));
    }
    all
}
