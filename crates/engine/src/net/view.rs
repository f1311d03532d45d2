//! Rows of the store as `duties::safety_net` sees them.

use crate::interpret::Kept;
use duties::safety_net::arrive::happened_at;
use duties::safety_net::matching::{Candidate, Said, Wanted};
use store::alerts::Alert;
use store::mails::Whole;

pub fn candidate(alert: Alert) -> Candidate {
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

/// What is looked for in the name of a mail; `None` for one whose reading is of an older program.
pub fn wanted(mail: &Whole) -> Option<Wanted> {
    let kept = mail.reading::<Kept>()?;
    let item = &mail.item;
    let reading = &kept.reading;
    let said = Said {
        alike: kept.alike.as_deref(),
        names: &reading.names,
        host: reading.host.as_deref(),
        check: reading.check.as_deref(),
        title: &reading.title,
        subject: &item.subject,
        text: &kept.text,
    };
    let net = item.net.clone().unwrap_or_default();
    let mut wanted = Wanted::new(item.id, &net, happened_at(item.received_at, kept.sent_at), &said);
    wanted.customer.clone_from(&item.customer);
    wanted.service.clone_from(&item.service);
    Some(wanted)
}
