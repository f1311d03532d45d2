//! SES receiving: a mail becomes a notification with its content inline, as UTF-8 or base64, or an object in the bucket.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::Aws;
use crate::clock::{millis, real_now};
use crate::mail::{Read, read};
use crate::web::Ask;

/// A mail that travels inside a notification may not be bigger.
const MAX_INLINE_BYTES: usize = 150 * 1024;
const VERDICTS: [&str; 5] = ["spam", "virus", "spf", "dkim", "dmarc"];

impl Aws {
    /// The raw mail is the body; `endpoint`, `to`, `from`, `how` (utf8, base64, s3, or gone: in the bucket, and
    /// deleted before anybody reads it) and the verdicts stand in the query, and so does whatever `deliver` understands.
    pub(super) async fn receive(&self, ask: &Ask) -> Result<Value, String> {
        let mail = read(&ask.body);
        let id = self.inner().dice.secret(40).to_lowercase();
        let endpoint = ask.one("endpoint").unwrap_or_default();
        let how = ask.one("how").unwrap_or("utf8");
        let mut message = json!({
            "notificationType": "Received", "mail": described(&mail, ask, &id), "receipt": self.receipt(ask, &mail, &id, how),
        });
        match how {
            "s3" => {
                let stamped = stamped(&ask.body);
                self.inner().objects.insert(format!("{}/{}", self.bucket, key(&id)), stamped);
            }
            "gone" => {}
            _ if ask.body.len() > MAX_INLINE_BYTES => return Err("over 150 KB only s3 takes it".into()),
            "base64" => message["content"] = json!(STANDARD.encode(&ask.body)),
            "utf8" => message["content"] = json!(String::from_utf8_lossy(&ask.body)),
            other => return Err(format!("how is utf8, base64, s3 or gone, not {other}")),
        }
        let mut options: serde_json::Map<String, Value> =
            ask.query.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        for name in ["age_s", "copies", "send"] {
            let parsed = options.get(name).and_then(Value::as_str).and_then(|v| serde_json::from_str(v).ok());
            parsed.map(|value: Value| options.insert(name.to_owned(), value));
        }
        let notification = json!({
            "Type": "Notification", "TopicArn": self.topic, "Subject": "Amazon SES Email Receipt Notification", "Message": message.to_string(),
        });
        let mut told = self.deliver(endpoint, notification, &Value::Object(options)).await?;
        told["ses_message_id"] = json!(id);
        told["object"] = if is_stored(how) { json!(key(&id)) } else { Value::Null };
        Ok(told)
    }

    fn receipt(&self, ask: &Ask, mail: &Read, id: &str, how: &str) -> Value {
        let action = if is_stored(how) {
            json!({ "type": "S3", "topicArn": self.topic, "bucketName": self.bucket, "objectKeyPrefix": "mail/", "objectKey": key(id) })
        } else {
            json!({ "type": "SNS", "topicArn": self.topic, "encoding": if how == "base64" { "BASE64" } else { "UTF8" } })
        };
        let mut receipt = json!({
            "timestamp": millis(real_now()), "processingTimeMillis": 412, "recipients": recipients(ask, mail), "action": action,
        });
        for name in VERDICTS {
            receipt[format!("{name}Verdict")] = json!({ "status": ask.one(name).unwrap_or("PASS") });
        }
        receipt
    }
}

fn is_stored(how: &str) -> bool {
    matches!(how, "s3" | "gone")
}

fn key(id: &str) -> String {
    format!("mail/{id}")
}

fn recipients(ask: &Ask, mail: &Read) -> Vec<String> {
    let named: Vec<String> = ask.query.iter().filter(|(k, _)| k == "to").map(|(_, v)| v.clone()).collect();
    if named.is_empty() { mail.to.clone() } else { named }
}

fn described(mail: &Read, ask: &Ask, id: &str) -> Value {
    let from = ask.one("from").map(str::to_owned).or_else(|| mail.from.first().cloned()).unwrap_or_default();
    let headers: Vec<Value> = mail.headers.iter().map(|(n, v)| json!({ "name": n, "value": v })).collect();
    json!({
        "timestamp": millis(real_now()), "source": from, "messageId": id, "destination": recipients(ask, mail), "headersTruncated": false,
        "headers": headers,
        "commonHeaders": {
            "returnPath": from, "from": [mail.header("From")], "date": mail.header("Date"), "to": mail.to, "messageId": mail.header("Message-ID"),
            "subject": mail.subject,
        },
    })
}

/// What SES writes above a mail that it puts into a bucket.
fn stamped(raw: &Bytes) -> Bytes {
    let above = "X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\nReceived-SPF: pass (spfCheck: domain of example.jp designates 192.0.2.25 as permitted sender) client-ip=192.0.2.25;\r\n";
    [above.as_bytes(), raw].concat().into()
}
