//! What we change through the REST API on our own account; what a person does stands in `acts`. Every write here can be looked up by a marker or key of ours, so that one of
//! unknown outcome is never simply repeated.

use super::words::WireSubscription;
use super::{Client, Filter, NewSubscription, Subscription, bad_request, checked_id, decode, map, wire};
use crate::{Call, CallError, Kind};
use model::incident::{IncidentData, Urgency};
use serde_json::{Value, json};

/// An incident to be opened by REST: synchronous, in a person's name, found again by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIncident {
    pub title: String,
    pub service: String,
    /// While an incident of this key is open on the service, PagerDuty refuses a second one.
    pub key: String,
    pub urgency: Option<Urgency>,
    pub details: Option<String>,
}

impl Client {
    pub async fn create_incident(
        &self,
        call: &Call,
        from: Option<&str>,
        new: &NewIncident,
    ) -> Result<IncidentData, CallError> {
        if new.title.trim().is_empty() || new.key.is_empty() {
            return Err(bad_request("an incident needs a title, and a key to find it by"));
        }
        let service = json!({ "id": checked_id(&new.service, true)?, "type": "service_reference" });
        let mut incident = json!({
            "type": "incident", "title": new.title, "service": service, "incident_key": new.key,
        });
        if let Some(urgency) = new.urgency {
            incident["urgency"] = json!(urgency.as_str());
        }
        if let Some(details) = &new.details {
            incident["body"] = json!({ "type": "incident_body", "details": details });
        }
        let raw = self.post(call, &["incidents"], from, Some(&json!({ "incident": incident }))).await?;
        Ok(map::incident(decode::<wire::One<wire::Incident>>(&raw, true)?.one))
    }

    /// The answer holds the signing secret, which is never shown again: keep it at once. Its raw bytes are not handed on.
    pub async fn create_webhook_subscription(
        &self,
        call: &Call,
        new: &NewSubscription,
    ) -> Result<Subscription, CallError> {
        let body = json!({ "webhook_subscription": {
            "type": "webhook_subscription",
            "description": new.description,
            "active": true,
            "events": new.events,
            "filter": filter(&new.filter)?,
            "delivery_method": { "type": "http_delivery_method", "url": new.url },
        }});
        let raw = self.post(call, &["webhook_subscriptions"], None, Some(&body)).await?;
        subscription(&raw, true)
    }

    /// Switches a subscription on again that PagerDuty has given up on for a day.
    pub async fn enable_webhook_subscription(&self, call: &Call, id: &str) -> Result<Subscription, CallError> {
        let path = ["webhook_subscriptions", checked_id(id, true)?, "enable"];
        let raw = self.post(call, &path, None, None::<&Value>).await?;
        subscription(&raw, true)
    }

    /// Asks for a `pagey.ping` to be delivered to the subscription's URL.
    pub async fn ping_webhook_subscription(&self, call: &Call, id: &str) -> Result<(), CallError> {
        let path = ["webhook_subscriptions", checked_id(id, true)?, "ping"];
        self.post(call, &path, None, None::<&Value>).await.map(drop)
    }
}

fn filter(filter: &Filter) -> Result<Value, CallError> {
    Ok(match filter {
        Filter::Account => json!({ "type": "account_reference" }),
        Filter::Service(id) => json!({ "type": "service_reference", "id": checked_id(id, true)? }),
        Filter::Team(id) => json!({ "type": "team_reference", "id": checked_id(id, true)? }),
    })
}

/// A parser quotes what it stumbles over, and here that could be the signing secret; so only the place is told.
pub(super) fn subscription(raw: &[u8], write: bool) -> Result<Subscription, CallError> {
    let one: Result<wire::One<WireSubscription>, CallError> = decode(raw, write);
    one.map(|one| Subscription::from(one.one)).map_err(|_| {
        CallError::new(Kind::Unreadable, write, "PagerDuty's answer about the webhook subscription can't be read")
    })
}
