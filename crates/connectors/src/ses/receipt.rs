//! The JSON of a receipt: the envelope, what SES thinks of the sender, the mail or its place. Pure; hostile bytes are errors.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::Micros;
use model::mail::{Authentication, Door, Envelope};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What a notification is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    Mail(Box<Received>),
    /// SES has tried out its topic or its bucket: nothing to do.
    Setup,
    /// No mail: an alarm or whatever else is published to the topic.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub envelope: Envelope,
    pub at: Option<Micros>,
    pub content: Content,
    /// What SES left out, for people.
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Inline(Vec<u8>),
    Stored { bucket: String, key: String },
}

/// A receipt of SES with no mail to be had: the rule has to be changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NoMail {
    pub why: String,
}

/// SES puts an object of this name into a bucket, and says so, when a rule is made.
const SETUP: &str = "AMAZON_SES_SETUP_NOTIFICATION";
const SETUP_WORDS: &str = "Successfully validated SNS topic for Amazon SES";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    notification_type: String,
}

#[derive(Deserialize)]
struct Wire {
    mail: Mail,
    receipt: Judged,
    content: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    timestamp: Option<String>,
    #[serde(default)]
    source: String,
    message_id: String,
    #[serde(default)]
    destination: Vec<String>,
    #[serde(default)]
    headers_truncated: bool,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Judged {
    #[serde(default)]
    recipients: Vec<String>,
    spf_verdict: Option<Verdict>,
    dkim_verdict: Option<Verdict>,
    action: Action,
}

#[derive(Deserialize)]
struct Verdict {
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Action {
    #[serde(rename = "type")]
    kind: String,
    bucket_name: Option<String>,
    object_key: Option<String>,
}

pub fn read(message: &str) -> Result<Receipt, NoMail> {
    if message.starts_with(SETUP_WORDS) {
        return Ok(Receipt::Setup);
    }
    match serde_json::from_str::<Kind>(message) {
        Ok(kind) if kind.notification_type == "Received" => {}
        _ => return Ok(Receipt::Other),
    }
    let wire: Wire = serde_json::from_str(message)
        .map_err(|e| no_mail(format!("the receipt of SES can't be read: {}", short(&e.to_string()))))?;
    let key = wire.receipt.action.object_key.as_deref().unwrap_or_default();
    if wire.mail.message_id == SETUP || key.ends_with(SETUP) {
        return Ok(Receipt::Setup);
    }
    Ok(Receipt::Mail(Box::new(received(wire)?)))
}

fn received(wire: Wire) -> Result<Received, NoMail> {
    let content = content(&wire)?;
    let note = wire
        .mail
        .headers_truncated
        .then(|| "SES left out headers in its notification (more than 10 KB); the mail itself has them all".to_owned());
    Ok(Received { at: wire.mail.timestamp.as_deref().and_then(Micros::parse), envelope: envelope(wire), content, note })
}

fn content(wire: &Wire) -> Result<Content, NoMail> {
    if let Some(text) = wire.content.as_deref().filter(|text| !text.is_empty()) {
        return Ok(Content::Inline(decoded(text)));
    }
    let action = &wire.receipt.action;
    match (&action.bucket_name, &action.object_key) {
        (Some(bucket), Some(key)) => Ok(Content::Stored { bucket: bucket.clone(), key: key.clone() }),
        _ => Err(no_mail(format!(
            "the notification of SES carries no mail and names no bucket (its action is {}): give the receipt rule an S3 action \
             with this topic, or an SNS action with encoding Base64 for mails up to 150 KB",
            short(&action.kind)
        ))),
    }
}

/// Nothing says which encoding the rule has. A mail has a header and so a colon, which base64 does not know.
fn decoded(text: &str) -> Vec<u8> {
    let bare: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(bare).unwrap_or_else(|_| text.as_bytes().to_vec())
}

fn envelope(wire: Wire) -> Envelope {
    let (helo, peer) = wire.mail.headers.iter().find(|header| is(header, "received")).map(peer).unwrap_or_default();
    let checked = Some(authentication(&wire));
    let source = wire.mail.source.trim().trim_start_matches('<').trim_end_matches('>').to_owned();
    let recipients = match wire.receipt.recipients.is_empty() {
        true => wire.mail.destination,
        false => wire.receipt.recipients,
    };
    Envelope {
        door: Door::Ses,
        from: Some(source).filter(|source| !source.is_empty()),
        recipients,
        peer,
        helo,
        tls: false,
        checked,
        place: Some(wire.mail.message_id),
    }
}

fn is(header: &Header, name: &str) -> bool {
    header.name.eq_ignore_ascii_case(name)
}

/// Out of the topmost `Received`, which is Amazon's: `from HELO (NAME [ADDRESS]) by inbound-smtp.REGION…`. The sender
/// chooses HELO, so the address is the one nearest to Amazon's own words.
fn peer(received: &Header) -> (Option<String>, Option<String>) {
    let Some((way, _)) = received.value.rsplit_once(" by inbound-smtp.") else { return (None, None) };
    let address = way.rsplit_once('[').and_then(|(_, rest)| rest.split(']').next());
    let address =
        address.map(|text| text.strip_prefix("IPv6:").unwrap_or(text)).and_then(|text| text.parse::<IpAddr>().ok());
    let helo = way.strip_prefix("from ").and_then(|rest| rest.split(' ').next()).map(str::to_owned);
    (helo, address.map(|address| address.to_string()))
}

/// As far as SES tells: that SPF and DKIM hold, but not for which domain.
fn authentication(wire: &Wire) -> Authentication {
    let mut found = Authentication::default();
    let spf = wire.receipt.spf_verdict.as_ref().map(|verdict| verdict.status.as_str());
    match (spf, domain_of(&wire.mail.source)) {
        (Some("PASS"), Some(domain)) => found.spf = Some(domain),
        (Some("PASS"), None) => {
            found.why.push("SPF holds for the greeting of a null sender, which SES does not tell".into())
        }
        (status, _) => unproven("SPF", status, &mut found),
    }
    match wire.receipt.dkim_verdict.as_ref().map(|verdict| verdict.status.as_str()) {
        Some("PASS") => signers(&wire.mail, &mut found),
        status => unproven("DKIM", status, &mut found),
    }
    found
}

fn unproven(what: &str, status: Option<&str>, found: &mut Authentication) {
    let status = status.unwrap_or("nothing");
    found.is_incomplete |= status == "PROCESSING_FAILED";
    found.why.push(format!("{what}: SES says {}", short(status)));
}

/// One of the signatures holds. With several signers nobody knows which: anybody can add a signature that does not hold.
fn signers(mail: &Mail, found: &mut Authentication) {
    let signatures = mail.headers.iter().filter(|header| is(header, "dkim-signature"));
    let domains: BTreeSet<String> = signatures.map(|header| tag(&header.value, "d").unwrap_or_default()).collect();
    let mut domains: Vec<String> = domains.into_iter().collect();
    if !mail.headers_truncated && domains.len() == 1 && !domains[0].is_empty() {
        found.dkim = std::mem::take(&mut domains);
        return;
    }
    found.is_incomplete = true;
    found.why.push(format!("DKIM holds, but SES does not tell for which of [{}]", short(&domains.join(", "))));
}

/// A tag of a DKIM signature: `v=1; d=example.jp; …`
fn tag(value: &str, name: &str) -> Option<String> {
    let tags = value.split(';').filter_map(|tag| tag.split_once('='));
    let mut found = tags.filter(|(tag, _)| tag.trim() == name).map(|(_, value)| value.trim().to_ascii_lowercase());
    let first = found.next()?;
    // A signature that names two domains is none.
    found.next().is_none().then_some(first)
}

fn domain_of(address: &str) -> Option<String> {
    let (_, domain) = address.trim().trim_end_matches('>').rsplit_once('@')?;
    (!domain.is_empty()).then(|| domain.to_ascii_lowercase())
}

fn no_mail(why: String) -> NoMail {
    NoMail { why }
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}
