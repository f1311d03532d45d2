//! Mail comes in: by whichever door, it is one signal, durable before the door says so. A mail that is delivered twice is
//! known by its fingerprint. Reads nothing of it.

use crate::Shared;
use model::Micros;
use model::mail::{Door, Envelope};
use model::signal::{Key, Origin, Signal, digest};
use serde::{Deserialize, Serialize};
use store::jobs::Unfetched;
use store::{StoreError, Tx, crash_point, cursors, duty_state, inbox};

/// What makes all doors' mails one kind of signal.
const KEY: &str = "mail";
const NOT_FETCHED: &str = "Amazon SES took a mail and it could not be fetched. It may be an alert: read it where it lies. Once what is \
     wrong is mended it is fetched by itself, or when its job is retried on the page of jobs.";
/// The duty under which a mailbox's state is kept, and the state's version.
pub const MAILBOX: &str = "mailbox";
pub const MAILBOX_VERSION: i64 = 1;

/// How the mailbox that is followed does, for pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailboxState {
    pub connected_at: Option<Micros>,
    pub looked_at: Option<Micros>,
    /// Mails that lay there at the first look and were left alone.
    pub left_alone: u32,
    pub trouble: Option<String>,
    pub trouble_since: Option<Micros>,
}

/// The signal that a mail is.
pub fn signal(envelope: &Envelope, raw: Vec<u8>, received_at: Micros, origin: Origin) -> Result<Signal, StoreError> {
    let headers = serde_json::to_string(envelope).map_err(|error| StoreError::Bug(error.to_string()))?;
    let mut recipients: Vec<String> = envelope.recipients.iter().map(|to| to.to_lowercase()).collect();
    recipients.sort();
    let recipients = recipients.join("\n");
    let key = match duties::mail::fingerprint(&raw) {
        Some(print) => Key::of(KEY, &[&print, recipients.as_bytes()]),
        // Nobody can tell a repeat of it: one too many is better than one too few.
        None => Key(rand::random()),
    };
    Ok(Signal {
        source: envelope.door.source(),
        key,
        digest: digest(&raw),
        received_at,
        origin,
        raw,
        headers: headers.replace("\\u0000", "\\ufffd"),
    })
}

/// Makes a mail durable. `Ok` is the only ground for a 250.
pub async fn take(shared: &Shared, envelope: &Envelope, raw: Vec<u8>, origin: Origin) -> Result<(), StoreError> {
    let signal = signal(envelope, raw, shared.store.clock().now(), origin)?;
    crash_point!("post.before_accept");
    shared.store.accept(signal).await?;
    crash_point!("post.before_answer");
    shared.wake.read.notify_one();
    Ok(())
}

/// A mail that came inside another signal: written in the transaction that reads it.
pub async fn insert(tx: &mut Tx, envelope: &Envelope, raw: Vec<u8>, origin: Origin) -> Result<bool, StoreError> {
    let signal = signal(envelope, raw, tx.now(), origin)?;
    inbox::insert(tx, &signal).await
}

/// An alarm that came without a mail, as the mail that Amazon would have sent.
pub fn of_notification(
    topic: &str,
    subject: Option<&str>,
    message: &str,
    at: Option<Micros>,
    id: &str,
) -> (Envelope, Vec<u8>) {
    let one_line = |text: &str| text.replace(['\r', '\n'], " ");
    let subject = subject.map_or_else(|| "AWS Notification Message".to_owned(), one_line);
    let encoded = subject.is_ascii();
    let subject = if encoded { subject } else { encoded_word(&subject) };
    let date = at.map(|at| {
        format!(
            "Date: {}\r\n",
            jiff::fmt::rfc2822::to_string(&at.timestamp().to_zoned(jiff::tz::TimeZone::UTC)).unwrap_or_default()
        )
    });
    let raw = format!(
        "From: AWS Notifications <no-reply@sns.amazonaws.com>\r\nSubject: {subject}\r\nMessage-ID: <{id}@sns>\r\n{}\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\
         X-Arayashiki-Topic: {}\r\n\r\n{message}\r\n",
        date.unwrap_or_default(),
        one_line(topic),
    );
    let envelope = Envelope {
        door: Door::Ses,
        from: Some("no-reply@sns.amazonaws.com".into()),
        recipients: vec![topic.to_owned()],
        peer: None,
        helo: None,
        tls: true,
        // Its signature held: Amazon's own word.
        checked: Some(model::mail::Authentication {
            spf: None,
            dkim: vec!["sns.amazonaws.com".into()],
            why: Vec::new(),
            is_incomplete: false,
        }),
        place: Some(id.to_owned()),
    };
    (envelope, raw.into_bytes())
}

/// What stands in the ledger for a mail that could not be fetched, in the name of the one who sent it and to whom it was sent.
pub fn in_place_of(mail: &Unfetched) -> (Envelope, Vec<u8>) {
    let one_line = |text: &str| text.replace(|c: char| c.is_control(), " ");
    let place = one_line(&format!("s3://{}/{}", mail.bucket, mail.object));
    let from = mail.envelope.from.as_deref().map(one_line).unwrap_or_default();
    let why = mail.why.as_deref().map_or_else(|| "nobody has answered yet".to_owned(), one_line);
    let raw = format!(
        "From: <{}>\r\nSubject: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{NOT_FETCHED}\r\n\r\nIt lies in {place}\r\nIt was told of at {}\r\n\
         What is wrong: {why}\r\n",
        from.replace(['<', '>'], ""),
        encoded_word(&format!("A mail could not be fetched from {place}")),
        mail.since,
    );
    let envelope = Envelope {
        // The null sender's mails are no alerts unless they are read; this one is not.
        from: Some(from),
        place: Some(format!("{}{place}", Envelope::UNFETCHED)),
        ..mail.envelope.clone()
    };
    (envelope, raw.into_bytes())
}

fn encoded_word(text: &str) -> String {
    let words = text.chars().collect::<Vec<_>>();
    let encode = |part: &[char]| {
        let bytes = part.iter().collect::<String>().into_bytes();
        let hex: String = bytes.iter().map(|byte| format!("={byte:02X}")).collect();
        format!("=?utf-8?q?{hex}?=")
    };
    words.chunks(6).map(encode).collect::<Vec<_>>().join("\r\n ")
}

/// How far a mailbox has been read.
pub async fn cursor(shared: &Shared, name: &str) -> Result<Option<String>, StoreError> {
    let name = format!("imap:{name}");
    let found = shared.store.read(move |tx| Box::pin(async move { cursors::get(tx, &name).await }));
    Ok(found.await?.map(|(value, _)| value))
}

pub async fn keep_cursor(shared: &Shared, name: &str, value: String) -> Result<(), StoreError> {
    let name = format!("imap:{name}");
    shared.store.write("imap_cursor", move |tx| Box::pin(async move { cursors::set(tx, &name, &value).await })).await
}

/// Writes down how the mailbox does.
pub async fn tell_mailbox(
    shared: &Shared,
    name: &str,
    change: impl FnOnce(&mut MailboxState, Micros) + Send + 'static,
) -> Result<(), StoreError> {
    let name = name.to_owned();
    let unit = shared.store.write("mailbox", move |tx| {
        Box::pin(async move {
            let now = tx.now();
            let mut state: MailboxState =
                duty_state::get(tx, MAILBOX, &name, MAILBOX_VERSION).await?.unwrap_or_default();
            change(&mut state, now);
            duty_state::set(tx, MAILBOX, &name, MAILBOX_VERSION, &state).await
        })
    });
    unit.await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(door: Door, to: &str) -> Envelope {
        let recipients = vec![to.to_owned()];
        Envelope { door, from: None, recipients, peer: None, helo: None, tls: true, checked: None, place: None }
    }

    #[test]
    fn an_alarm_without_a_mail_is_read_like_one() {
        let (envelope, raw) = of_notification(
            "arn:aws:sns:ap-northeast-1:111122223333:alerts",
            Some("ALARM: \"CPU 使用率\" in Asia Pacific (Tokyo)"),
            "{}",
            Some(Micros::from_seconds(0)),
            "id-1",
        );
        let read = duties::mail::read(&duties::mail::Desk::default(), &envelope, &raw, None, Micros(0));
        assert_eq!(read.subject, "ALARM: \"CPU 使用率\" in Asia Pacific (Tokyo)");
        assert_eq!(read.message_id.as_deref(), Some("id-1@sns"));
    }

    #[test]
    fn what_stands_for_a_mail_is_an_alert_of_unknown_kind_of_its_monitor() {
        let envelope = Envelope { place: Some("id".into()), ..envelope(Door::Ses, "zbx-1@alerts.example.jp") };
        let patterns = duties::mail::PatternTexts { recovery: Some("ok|it".into()), ..Default::default() };
        let monitor = duties::mail::Monitor {
            name: "zbx".into(),
            recipients: envelope.recipients.clone(),
            patterns: Some(duties::mail::Patterns::parse("zbx", &patterns).unwrap()),
            ..Default::default()
        };
        let desk = duties::mail::Desk { monitors: vec![monitor], ..Default::default() };
        let read = |object: &str| {
            let why = Some("S3 does not give it (403): allow s3:GetObject\r\nRECOVERY: ok".to_owned());
            let (bucket, object) = ("mails".to_owned(), object.to_owned());
            let mail =
                Unfetched { job: 1, envelope: envelope.clone(), bucket, object, since: Micros::from_seconds(0), why };
            let (envelope, raw) = in_place_of(&mail);
            duties::mail::read(&desk, &envelope, &raw, None, Micros(0))
        };
        let one = read("in/ok-recovered");
        assert_eq!((one.monitor.as_str(), one.reading.state), ("zbx", model::mail::State::Unknown));
        assert_eq!(one.standing, duties::mail::Standing::Alert);
        assert!(one.subject.contains("s3://mails/in/ok-recovered"), "{}", one.subject);
        assert!(one.text.contains("allow s3:GetObject"), "{}", one.text);
        assert_ne!(one.reading.key, read("in/2").reading.key, "each is an alert of its own");
    }

    #[test]
    fn a_repeat_has_the_key_of_the_first() {
        let envelope = envelope(Door::Smtp, "a@example.jp");
        let mail = |trace: &str| format!("{trace}Message-ID: <1@x>\r\nSubject: s\r\n\r\nbody\r\n").into_bytes();
        let key = |raw| signal(&envelope, raw, Micros(0), Origin::Live).unwrap().key;
        assert_eq!(key(mail("")), key(mail("Received: from x by y\r\n")));
        assert_ne!(key(mail("")), key(b"Message-ID: <2@x>\r\n\r\nbody".to_vec()));
        assert_ne!(key(b"no id\r\n\r\nx".to_vec()), key(b"no id\r\n\r\nx".to_vec()));
    }
}
