//! *Try a mail*: a mail pasted or uploaded is read as the door would read it, compared with the mirror as it is now, and
//! forgotten. Writes nothing.

use crate::auth::Reader;
use crate::page;
use crate::pages::html;
use crate::pages::signals::links;
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{MOST_MAIL_BYTES, Match, Section, Tried, TryProblem, TryView};
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::Response;
use duties::mail::{self, Read};
use duties::safety_net::matching::{self, Candidate, Ready, Said, Wanted};
use duties::safety_net::{arrive, net_id, register, services};
use model::mail::{Door, Envelope, Ledger, State as MailState};
use model::signal::Origin;
use model::{Micros, Scope};
use store::alerts::Alert;
use store::{StoreError, Tx, alerts, ledger};

/// Alerts of the mirror that a mail is compared with, as the net does.
const MOST_ALERTS: i64 = 3_000;
/// What a form may weigh: the mail, and a little for its fields.
pub(crate) const MOST_FORM_BYTES: usize = MOST_MAIL_BYTES + 64 * 1024;

/// A mail to be tried, with how it would be handed over.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wished {
    pub raw: Vec<u8>,
    pub to: String,
    pub from: String,
    pub peer: String,
}

pub(in crate::pages) async fn show(State(desk): State<Desk>, reader: Reader) -> Result<Response, Fault> {
    answer(&desk, &reader, TryView::default(), StatusCode::OK).await
}

pub(in crate::pages) async fn post(
    State(desk): State<Desk>,
    reader: Reader,
    form: Multipart,
) -> Result<Response, Fault> {
    let (wished, text) = match read_form(form).await {
        Ok(read) => read,
        Err(StatusCode::PAYLOAD_TOO_LARGE) => {
            let view = TryView { problem: Some(TryProblem::TooLarge), ..TryView::default() };
            return answer(&desk, &reader, view, StatusCode::PAYLOAD_TOO_LARGE).await;
        }
        Err(_) => return Err(Fault::Bad { parameter: None, detail: "The form can't be read.".into() }),
    };
    let (to, from, peer) = (wished.to.clone(), wished.from.clone(), wished.peer.clone());
    let view = TryView { text, to, from, peer, ..TryView::default() };
    let problem = match wished.raw.len() {
        0 => TryProblem::Empty,
        n if n > MOST_MAIL_BYTES => TryProblem::TooLarge,
        _ => {
            let tried = Some(Box::new(tried(&desk, &reader, wished).await?));
            return answer(&desk, &reader, TryView { tried, ..view }, StatusCode::OK).await;
        }
    };
    answer(&desk, &reader, TryView { problem: Some(problem), ..view }, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn answer(desk: &Desk, reader: &Reader, view: TryView, status: StatusCode) -> Result<Response, Fault> {
    let frame = reader.frame(desk, Section::SafetyNet).await?;
    let mut response = html(page::try_mail(&frame, &view))?;
    *response.status_mut() = status;
    Ok(response)
}

/// The mail, and the text as it was pasted. An uploaded file beats it.
async fn read_form(mut form: Multipart) -> Result<(Wished, String), StatusCode> {
    let (mut wished, mut text) = (Wished::default(), String::new());
    let mut file = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| error.status())? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|error| error.status())?;
        let short = || String::from_utf8_lossy(&bytes).chars().filter(|c| *c != '\0').take(500).collect::<String>();
        match name.as_str() {
            "file" => file = bytes.to_vec(),
            "text" => text = String::from_utf8_lossy(&bytes).into_owned(),
            "to" => wished.to = short(),
            "from" => wished.from = short(),
            "peer" => wished.peer = short(),
            _ => {}
        }
    }
    wished.raw = if file.is_empty() { text.trim_start().as_bytes().to_vec() } else { file };
    Ok((wished, text))
}

/// Reads a mail and says what would become of it.
pub(crate) async fn tried(desk: &Desk, reader: &Reader, wished: Wished) -> Result<Tried, Fault> {
    let (settings, now) = (desk.settings.clone(), desk.store.clock().now());
    let envelope = envelope(&wished);
    // Bounded, and long enough to hold up others.
    let read =
        tokio::task::spawn_blocking(move || mail::read(&settings.safety_net.desk, &envelope, &wished.raw, None, now));
    let read = read.await.map_err(|error| Fault::Internal { why: error.to_string() })?;
    let (settings, scope) = (desk.settings.clone(), reader.person.scope.clone());
    let unit = desk.store.read(move |tx| Box::pin(async move { judged(tx, &scope, &settings, read).await }));
    Ok(unit.await?)
}

fn envelope(wished: &Wished) -> Envelope {
    let listed = wished.to.split([',', ' ', '\n']).map(str::trim).filter(|to| !to.is_empty());
    Envelope {
        door: Door::Smtp,
        from: Some(wished.from.trim().to_owned()).filter(|from| from != "<>"),
        recipients: listed.map(str::to_owned).collect(),
        peer: Some(wished.peer.trim().to_owned()).filter(|peer| !peer.is_empty()),
        helo: None,
        tls: false,
        checked: None,
        place: None,
    }
}

async fn judged(tx: &mut Tx, scope: &Scope, settings: &Settings, read: Read) -> Result<Tried, StoreError> {
    let (net, now) = (&settings.safety_net.net, tx.now());
    let reading = &read.reading;
    let id = net_id(&read.monitor, &reading.key);
    let rules = ledger::list_rules_of(tx, scope).await?;
    let rule = rules.iter().find(|rule| rule.net.as_deref() == Some(&id));
    let arrived = arrive::Arrived {
        origin: Origin::Live,
        standing: &read.standing,
        state: reading.state,
        trust: read.trust,
        trust_why: &read.trust_why,
        received_at: now,
        grace_s: read.grace_s,
        rule: rule.map(|rule| (rule.name.as_str(), rule.verdict == "suppressed")),
    };
    let first = arrive::decide(net, &arrived);
    let map =
        services::find(&settings.safety_net.services, &read.monitor, reading.host.as_deref(), reading.check.as_deref());
    let service = map.map(|rule| rule.service.clone()).or_else(|| read.service.clone());
    let customer = map.and_then(|rule| rule.customer.clone()).or_else(|| read.customer.clone());
    let is_compared = first.ledger == Ledger::Expected && reading.state != MailState::Recovery;
    let wanted = is_compared.then(|| wanted(&read, &id, now, service.as_ref(), customer.as_ref()));
    let found = match wanted {
        Some(wanted) => found(tx, scope, &wanted, net.window_s).await?,
        None => None,
    };
    Ok(Tried {
        allowed: register::allowed(net, read.trust, false),
        grace_s: read.grace_s.unwrap_or(net.grace_s),
        customer: customer.map(|id| settings.customer_name(&id)),
        first,
        service,
        found,
        read,
    })
}

fn wanted(read: &Read, net: &str, now: Micros, service: Option<&String>, customer: Option<&String>) -> Wanted {
    let reading = &read.reading;
    let said = Said {
        alike: read.alike.as_deref(),
        names: &reading.names,
        host: reading.host.as_deref(),
        check: reading.check.as_deref(),
        title: &reading.title,
        subject: &read.subject,
        text: &read.text,
    };
    let mut wanted = Wanted::new(0, net, arrive::happened_at(now, read.sent_at), &said);
    wanted.customer = customer.cloned();
    wanted.service = service.cloned();
    wanted
}

/// The alert that would stand against it, of those that the person may see.
async fn found(tx: &mut Tx, scope: &Scope, wanted: &Wanted, window_s: i64) -> Result<Option<Match>, StoreError> {
    let since = wanted.received_at.plus_s(-window_s);
    let near = alerts::near(tx, since, MOST_ALERTS).await?;
    let seen = near.into_iter().filter(|alert| scope.allows(alert.customer.as_deref()));
    let candidates: Vec<Candidate> = seen.map(candidate).collect();
    let ready: Vec<Ready<'_>> = candidates.iter().map(Ready::new).collect();
    let Some(found) = matching::find(wanted, &ready, window_s) else { return Ok(None) };
    let mut links = links(tx, scope, std::iter::once(found.incident.clone())).await?;
    Ok(Some(Match {
        ledger: found.ledger,
        reason: found.reason,
        score: found.score,
        incident: links.remove(&found.incident),
    }))
}

fn candidate(alert: Alert) -> Candidate {
    Candidate {
        alert: alert.id,
        incident: alert.incident,
        key: alert.key,
        title: alert.title,
        service_id: alert.service_id,
        service_name: alert.service_name,
        customer: alert.customer,
        created_at: alert.created_at,
        resolved_at: alert.resolved_at,
        is_open: alert.is_open,
        suppressed: alert.suppressed,
        words: alert.words,
        hosts: alert.hosts,
        reading: alert.reading,
        mail: alert.mail,
        net: alert.net,
        score: alert.score,
    }
}
