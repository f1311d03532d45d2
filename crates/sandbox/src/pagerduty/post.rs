//! Mail that comes in: to an address of the account, by SMTP or by control. It becomes an event of its e-mail integration, or is
//! discarded with the reason on record. Like the vendor, it takes mail for addresses that do not exist, and forgets it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::account::Source;
use super::clock::{micros, plus_ms};
use super::effects::Effect;
use super::events::EventJob;
use super::flow::Fate;
use super::hub::Hub;
use super::mailbox::{DOMAIN, Key, Wish};
use super::refs::{api, site};
use super::state::{State, Timer};
use crate::mail::{Read, bare, read};
use crate::smtp::{Letter, Post};

/// A mail up to this size passes untouched; of a bigger one the text is cut.
const WHOLE_BYTES: usize = 96 * 1024;
const CUT_BYTES: usize = 32 * 1024;

#[derive(Debug)]
pub(crate) struct PostOffice(pub Arc<Hub>);

impl Post for PostOffice {
    fn refuses(&self, recipient: &str) -> Option<String> {
        let is_ours = recipient.rsplit_once('@').is_some_and(|(_, domain)| domain == DOMAIN);
        (!is_ours).then(|| format!("550 5.7.1 only mail for {DOMAIN} is taken here"))
    }

    async fn take(&self, letter: Letter) -> Option<String> {
        let effects = self.0.with(|state| {
            state.take_mail(&letter, "smtp");
            state.effects.all.len()
        });
        match self.0.persist(effects).await {
            Ok(()) => Some("250 2.0.0 queued".into()),
            Err(error) => {
                tracing::error!(%error, "the effects log cannot be written, so the mail is refused");
                Some("451 4.3.0 try again later".into())
            }
        }
    }
}

impl State {
    /// One mail for each of its recipients. Returns their records' places.
    pub(crate) fn take_mail(&mut self, letter: &Letter, via: &'static str) -> Vec<usize> {
        let mail = read(&letter.raw);
        letter.to.iter().map(|to| self.take_for(&bare(to), &mail, letter, via)).collect()
    }

    fn take_for(&mut self, to: &str, mail: &Read, letter: &Letter, via: &'static str) -> usize {
        let boxes = &self.account.mailboxes;
        let known = boxes.iter().rposition(|m| m.address == to && !m.deleted);
        let known = known.or_else(|| boxes.iter().rposition(|m| m.address == to));
        let own = known.map(|m| &boxes[m]);
        let service = own.map(|m| self.account.services[m.service].id.clone());
        let detail = json!({
            "to": to, "envelope_from": letter.from, "from": mail.from, "subject": mail.subject, "message_id": mail.message_id,
            "bytes": letter.raw.len(), "integration": own.map(|m| &m.id), "service": service,
        });
        let effect = self.record(&Effect { kind: "mail.accepted", via, detail: detail.clone(), ..Effect::default() });
        let mut record = detail;
        record["effect"] = json!(effect);
        record["at"] = json!(micros(self.now));
        self.mails.push(record);
        let place = self.mails.len() - 1;
        match known {
            Some(mailbox) => self.wish(mailbox, mail, letter, effect),
            None => {
                let reason = format!("no e-mail integration has the address {to}");
                self.discard(effect, &Fate::nothing("unknown_address", reason));
            }
        }
        place
    }

    /// A mail that no integration wanted has no key.
    fn discard(&mut self, effect: u64, fate: &Fate) {
        self.note_fate((Source::Mail(0), ""), Some(effect), fate);
    }

    fn wish(&mut self, mailbox: usize, mail: &Read, letter: &Letter, effect: u64) {
        let own = &self.account.mailboxes[mailbox];
        if own.deleted {
            let reason = format!("the integration of {} is deleted", own.address);
            return self.discard(effect, &Fate::nothing("integration_deleted", reason));
        }
        let (action, key, values, join_any_open) = match own.rules.wish(mail) {
            Wish::Nothing { became, reason } => return self.discard(effect, &Fate::nothing(became, reason)),
            Wish::Trigger { key: Key::Own(key), values } => ("trigger", key, values, false),
            Wish::Trigger { key, values } => ("trigger", self.dice.hex(32), values, key == Key::AnyOpen),
            Wish::Resolve { key, values } => ("resolve", key, values, false),
        };
        let mut event = event_of(mail, letter, effect);
        for (name, value) in values {
            event["payload"]["custom_details"][name] = json!(value);
        }
        event["join_any_open"] = json!(join_any_open);
        let job = EventJob { source: Source::Mail(mailbox), action: action.into(), key, event, effect: Some(effect) };
        if self.settings.event_lag_ms == 0 {
            self.apply_event(job);
        } else {
            let lag_ms = i64::try_from(self.settings.event_lag_ms).unwrap_or(i64::MAX);
            self.at(plus_ms(self.now, lag_ms), Timer::Event(Box::new(job)));
        }
    }
}

/// The mail in the words of an event, and the channel that the log will show.
fn event_of(mail: &Read, letter: &Letter, effect: u64) -> Value {
    let subject = if mail.subject.trim().is_empty() { "(no subject)" } else { mail.subject.trim() };
    let mut text = mail.text.clone();
    if letter.raw.len() > WHOLE_BYTES {
        let end = (0..=CUT_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    }
    let (from, to) = (mail.from.join(", "), letter.to.join(", "));
    let kind = if mail.is_html { "text/html" } else { "text/plain" };
    json!({
        "payload": {
            "summary": subject, "source": from, "severity": "critical",
            "custom_details": { "from": from, "to": to, "subject": subject, "body": text },
        },
        "mail": {
            "type": "email", "summary": subject, "to": to, "from": from, "subject": subject, "body": text, "body_content_type": kind,
            "raw_url": api(&format!("incidents/show_raw_email/{effect}")), "html_url": site(&format!("incidents/show_html_email/{effect}")),
        },
    })
}
