//! What people add to an incident: notes, status updates, responders and a conference bridge.

use std::sync::Arc;

use serde_json::{Value, json};

use super::State;
use crate::pagerduty::book::{By, Note, Responder};
use crate::pagerduty::channel::{Channel, Extra};
use crate::pagerduty::clock::seconds;

pub(crate) struct NewNote {
    pub user: usize,
    pub content: String,
    /// What the note's channel is called when shown.
    pub channel: &'static str,
}

/// A call for help: who asks whom.
pub(crate) struct Request<'a> {
    pub requester: usize,
    pub message: &'a str,
    pub users: &'a [usize],
    pub policies: &'a [usize],
}

impl State {
    /// Returns the note's place.
    pub(crate) fn annotate(&mut self, index: usize, new: NewNote, by: &By) -> usize {
        self.book.remember(index);
        let note = Note {
            id: self.dice.code("PN", 14),
            user: new.user,
            content: new.content.clone(),
            created: self.now,
            updated: self.now,
            channel: new.channel,
        };
        let id = note.id.clone();
        let incident = &mut self.book.incidents[index];
        incident.notes.push(Arc::new(note));
        let place = incident.notes.len() - 1;
        let by = &By { channel: Channel::own(json!({ "type": "note", "summary": new.content })), ..by.clone() };
        self.log(index, "annotate", by, Extra::None);
        if let Some(entry) = self.book.incidents[index].log.last_mut().map(Arc::make_mut) {
            entry.note = Some(new.content.clone());
        }
        let incident = self.account.incident_ref(&self.book.incidents[index]);
        let data = json!({ "incident": incident, "id": id, "content": new.content, "trimmed": false, "type": "incident_note" });
        self.tell(index, "incident.annotated", by, &data);
        place
    }

    /// Returns the update as REST shows it.
    pub(crate) fn publish(&mut self, index: usize, sender: usize, text: &Value, by: &By) -> Value {
        self.book.remember(index);
        let id = self.dice.code("PX", 14);
        let update = json!({
            "id": id, "message": text["message"], "created_at": seconds(self.now), "sender": self.account.user_ref(sender),
            "subject": text["subject"], "html_message": text["html_message"],
        });
        self.book.incidents[index].updates.push(update.clone());
        self.log(index, "status_update", by, Extra::None);
        let incident = self.account.incident_ref(&self.book.incidents[index]);
        let data = json!({ "incident": incident, "id": id, "message": text["message"], "trimmed": false, "type": "incident_status_update" });
        self.tell(index, "incident.status_update_published", by, &data);
        update
    }

    /// Returns the request as REST shows it.
    pub(crate) fn request_responders(&mut self, index: usize, request: &Request<'_>, by: &By) -> Value {
        self.book.remember(index);
        let id = self.dice.code("PQ", 7);
        let mut targets = Vec::new();
        for &user in request.users {
            let responder = self.add_responder(index, user, None, request, by);
            let user = &self.account.users[user];
            targets.push(
                json!({ "type": "user", "id": user.id, "summary": user.name, "incident_responders": [responder] }),
            );
        }
        for &policy in request.policies {
            let users = self.account.responders(policy, 0, self.now);
            let of: Vec<Value> =
                users.iter().map(|u| self.add_responder(index, *u, Some(policy), request, by)).collect();
            let policy = &self.account.policies[policy];
            targets.push(json!({ "type": "escalation_policy", "id": policy.id, "summary": policy.name, "incident_responders": of }));
        }
        self.log(index, "responder_request", by, Extra::None);
        let shown = json!({
            "id": id, "incident": self.account.incident_ref(&self.book.incidents[index]), "requester": self.account.user_ref(request.requester),
            "requested_at": seconds(self.now), "message": request.message, "responder_request_targets": targets,
        });
        self.book.incidents[index].requests.push(shown.clone());
        shown
    }

    fn add_responder(
        &mut self,
        index: usize,
        user: usize,
        policy: Option<usize>,
        request: &Request<'_>,
        by: &By,
    ) -> Value {
        let responder = Responder {
            user,
            policy,
            requester: request.requester,
            message: request.message.to_owned(),
            state: "pending",
            requested: self.now,
            updated: self.now,
        };
        self.tell_responder(index, "incident.responder.added", &responder, by);
        let incident = &mut self.book.incidents[index];
        incident.responders.retain(|r| r.user != user);
        incident.responders.push(responder.clone());
        self.account.responder(&self.book.incidents[index], &responder)
    }

    /// A person's answer to a request; `state` is joined or declined.
    pub(crate) fn answer(&mut self, index: usize, user: usize, state: &'static str, by: &By) -> bool {
        self.book.remember(index);
        let now = self.now;
        let found = self.book.incidents[index].responders.iter_mut().find(|r| r.user == user);
        let Some(responder) = found else { return false };
        responder.state = state;
        responder.updated = now;
        let responder = responder.clone();
        let kind = if state == "joined" { "responder_accept" } else { "responder_decline" };
        self.log(index, kind, by, Extra::None);
        self.tell_responder(index, "incident.responder.replied", &responder, by);
        true
    }

    fn tell_responder(&mut self, index: usize, event: &'static str, responder: &Responder, by: &By) {
        let state = if responder.state == "joined" { "accepted" } else { responder.state };
        let data = json!({
            "incident": self.account.incident_ref(&self.book.incidents[index]), "user": self.account.user_ref(responder.user),
            "escalation_policy": responder.policy.map(|p| self.account.policy_ref(p)), "message": responder.message,
            "state": state, "type": "incident_responder",
        });
        self.tell(index, event, by, &data);
    }

    pub(crate) fn set_bridge(&mut self, index: usize, bridge: Value, by: &By) {
        self.book.remember(index);
        let data = json!({
            "incident": self.account.incident_ref(&self.book.incidents[index]),
            "conference_numbers": [{ "label": "", "number": bridge["conference_number"] }],
            "conference_url": bridge["conference_url"], "type": "incident_conference_bridge",
        });
        let incident = &mut self.book.incidents[index];
        incident.bridge = Some(bridge);
        incident.updated = self.now;
        self.tell(index, "incident.conference_bridge.updated", by, &data);
    }
}
