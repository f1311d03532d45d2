//! Why a mail stands where it stands, and why an alert never became an incident, in the reader's language. What readers and
//! servers said themselves stays as it is.

use crate::i18n::Arg;
use crate::view::{Frame, link};
use crate::when;
use model::Micros;
use model::mail::{Cause, CauseKind, Reason};

/// A reason, fit for a cell and for the end of a sentence.
pub fn reason(f: &Frame, reason: &Reason) -> String {
    match reason {
        Reason::Grace { until } => f.t1("reason-grace", "until", clock(f, *until)),
        Reason::Asked => f.t("reason-asked"),
        Reason::SameKey { key } => f.t1("reason-same-key", "key", f.short(key)),
        Reason::SameReading => f.t("reason-same-reading"),
        Reason::SameTitle => f.t("reason-same-title"),
        Reason::Similar => f.t("reason-similar"),
        Reason::IsOpen => f.t("reason-is-open"),
        Reason::IsRegistered => f.t("reason-is-registered"),
        Reason::InStorm { .. } => f.t("reason-in-storm"),
        Reason::Rule { rule } => f.t1("reason-rule", "rule", rule_name(f, rule)),
        Reason::HeldBack { rule } => f.t1("reason-held-back", "rule", rule_name(f, rule)),
        Reason::Person { name } => f.t1("reason-person", "name", f.short(name)),
        Reason::MaintenanceWindow { name, .. } => f.t1("reason-window", "name", f.short(name)),
        Reason::SuppressedThere => f.t("reason-suppressed-there"),
        Reason::OrchestrationRule { rule, .. } => f.t1("reason-orchestration", "rule", f.short(rule)),
        Reason::Over => f.t("reason-over"),
        Reason::OverUntrusted { why } => f.t1("reason-over-untrusted", "why", trust_why(f, why)),
        Reason::News => f.t("reason-news"),
        Reason::Nothing => f.t("reason-nothing"),
        Reason::Blind { why } => f.t1("reason-blind", "why", blind(f, why)),
        Reason::RecoveredMeanwhile => f.t("reason-recovered"),
        Reason::Capped { most } => f.t1("reason-capped", "most", most),
        Reason::Baseline => f.t("reason-baseline"),
        Reason::Canary { .. } => f.t("reason-canary"),
    }
}

fn clock(f: &Frame, at: Micros) -> String {
    when::clock(&f.zone, at)
}

fn blind(f: &Frame, why: &str) -> String {
    match why {
        "no [pagerduty] token is set, so only webhooks tell" => f.t("blind-no-token"),
        "PagerDuty did not answer in time" => f.t("blind-late"),
        why => f.fault(why),
    }
}

/// Our own rules have names in both languages; the desk's and PagerDuty's have theirs.
fn rule_name(f: &Frame, rule: &str) -> String {
    f.t(match rule {
        "our own mail" => "own-rule-ours",
        "a mail loop: it passed more than 30 relays" => "own-rule-loop",
        "a delivery or disposition report" => "own-rule-report",
        "a bounce" => "own-rule-bounce",
        "an automatic reply" => "own-rule-reply",
        "PagerDuty's own notification" => "own-rule-pagerduty",
        "sent by the null sender" => "own-rule-null",
        rule if rule.starts_with("Amazon SNS asks to confirm") => "own-rule-sns",
        rule => return f.short(rule),
    })
}

/// Why a sender is believed or not: the sentences that readers make, each in the reader's language.
pub fn trust_why(f: &Frame, why: &str) -> String {
    let parts: Vec<String> = why.split("; ").map(|part| trust_part(f, part)).collect();
    parts.join(&f.t("trust-why-and"))
}

fn trust_part(f: &Frame, part: &str) -> String {
    if let Some(rest) = part.strip_prefix("the monitor ").and_then(|rest| rest.split_once(" has no sender rule")) {
        return f.t1("trust-why-no-rule", "monitor", f.short(rest.0));
    }
    if let Some((peer, network)) = part.split_once(" handed it over, which is in ") {
        return f.t2("trust-why-source", "peer", f.short(peer), "network", f.short(network));
    }
    if let Some(domain) = part.strip_prefix("SPF allows the peer for ") {
        return f.t1("trust-why-spf", "domain", f.short(domain));
    }
    if let Some(domain) = part.strip_prefix("it is signed by ").and_then(|rest| rest.strip_suffix(" (DKIM)")) {
        return f.t1("trust-why-dkim", "domain", f.short(domain));
    }
    if let Some(peer) = part.strip_suffix(" is in none of the sources") {
        return f.t1("trust-why-not-source", "peer", f.short(peer));
    }
    f.t(match part {
        "no monitor is configured that this mail is of" => "trust-why-no-monitor",
        "it was sent to the monitor's secret address" => "trust-why-secret",
        "it was not sent to the secret address" => "trust-why-not-secret",
        duties::mail::NO_RECIPIENT => "trust-why-no-recipient",
        "nobody knows the address that handed it over" => "trust-why-no-peer",
        "neither SPF nor DKIM holds for a domain of the rule" => "trust-why-neither",
        "SPF and DKIM have not been asked yet" => "trust-why-waits",
        "DNS did not answer all" => "trust-why-dns",
        "DNS did not answer in time" => "trust-why-dns-late",
        other => return f.brief(other),
    })
}

/// What was broken in a mail, as its reading says it.
pub fn note(f: &Frame, note: &str) -> String {
    if let Some((label, found)) =
        note.strip_prefix("the charset is called ").and_then(|rest| rest.split_once(", the text was read as "))
    {
        return f.t2("mail-note-charset", "label", f.short(label), "found", f.short(found));
    }
    if let Some((monitor, rest)) =
        note.strip_prefix("the monitor ").and_then(|rest| rest.split_once(" is to be read by "))
        && let Some((wanted, by)) = rest.split_once(", which can't read this mail; ")
    {
        let by = by.strip_suffix(" did").unwrap_or(by);
        let args = [("monitor", f.short(monitor)), ("wanted", f.short(wanted)), ("by", f.short(by))];
        return f.t_args("mail-note-reader", &args.map(|(name, text)| (name, text.value())));
    }
    if let Some((what, _)) = note.split_once(" lies more than a day after the mail came") {
        return f.t1("mail-note-time", "what", f.brief(what));
    }
    f.t(match note {
        "the text is longer than 64 KiB; the rest is not shown" => "mail-note-long",
        "the mail answers another and quotes its alert; it counts as news of that alert" => "mail-note-answer",
        "blank lines above the headers were left out" => "mail-note-blank",
        "the headers are longer than 512 KiB; the rest was not read as headers" => "mail-note-headers",
        "there is no blank line between the headers and the body" => "mail-note-no-blank",
        "a header line without a name was taken as a part of the header above" => "mail-note-nameless",
        "the mail has more parts than anybody needs; the rest was left out" => "mail-note-parts",
        "the mail's boundary does not stand in its body; it was read as one text" => "mail-note-boundary",
        "the mail has NUL bytes; they were left out" => "mail-note-nul",
        "the mail has no text, only parts of other kinds" => "mail-note-no-text",
        "a part has letters that are not base64; they were left out" => "mail-note-base64",
        other => return f.brief(other),
    })
}

/// `status: active → disabled; …`: what was changed in a setting, the words that are PagerDuty's own names translated.
fn changes(f: &Frame, detail: &str) -> String {
    let one =
        |change: &str| match change.split_once(": ").and_then(|(name, values)| Some((name, values.split_once(" → ")?)))
        {
            Some(("status", (before, after))) => {
                f.t2("netchange-status", "before", service_status(f, before), "after", service_status(f, after))
            }
            _ => f.brief(change),
        };
    f.brief(&detail.split("; ").filter(|change| !is_no_change(change)).map(one).collect::<Vec<_>>().join("; "))
}

/// PagerDuty writes down an act that left the setting as it was, too.
fn is_no_change(change: &str) -> bool {
    let values = change.split_once(": ").and_then(|(_, values)| values.split_once(" → "));
    values.is_some_and(|(before, after)| before == after)
}

fn service_status(f: &Frame, status: &str) -> String {
    match status {
        "active" => f.t("service-active"),
        "disabled" => f.t("service-disabled"),
        "maintenance" => f.t("service-maintenance"),
        other => f.short(other),
    }
}

/// A cause and what to do, with who changed the setting last.
pub fn cause(f: &Frame, cause: &Cause) -> String {
    let detail = match cause.kind {
        CauseKind::ServiceDisabled => changes(f, &cause.detail),
        CauseKind::NotAnswering | CauseKind::EventsRejected => f.fault(&cause.detail),
        _ => f.brief(&cause.detail),
    };
    let args = [("name", f.short(&cause.name).value()), ("detail", detail.value())];
    let what = f.t_args(cause_key(cause.kind), &args);
    let changed = match (&cause.changed_by, cause.changed_at) {
        (Some(by), Some(at)) => {
            let at = when::exact(f.language, &f.zone, f.now, at);
            f.t2("netcause-changed-at", "by", f.short(by), "at", at)
        }
        (Some(by), None) => f.t1("netcause-changed", "by", f.short(by)),
        _ => return what,
    };
    f.t2("netcause-and", "what", what, "changed", changed)
}

/// The setting's page, if it may be followed.
pub fn cause_link(cause: &Cause) -> Option<&str> {
    link(cause.url.as_deref()?)
}

const fn cause_key(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::ServiceDisabled => "netcause-service-disabled",
        CauseKind::Maintenance => "netcause-maintenance",
        CauseKind::ServiceGone => "netcause-service-gone",
        CauseKind::IntegrationGone => "netcause-integration-gone",
        CauseKind::AddressUnknown => "netcause-address-unknown",
        CauseKind::MailFilter => "netcause-mail-filter",
        CauseKind::MailParser => "netcause-mail-parser",
        CauseKind::OrchestrationDrops => "netcause-orchestration-drops",
        CauseKind::OrchestrationSuppresses => "netcause-orchestration-suppresses",
        CauseKind::OrchestrationPauses => "netcause-orchestration-pauses",
        CauseKind::OrchestrationUnclear => "netcause-orchestration-unclear",
        CauseKind::Grouped => "netcause-grouped",
        CauseKind::AutoPause => "netcause-auto-pause",
        CauseKind::RateLimit => "netcause-rate-limit",
        CauseKind::EventsRejected => "netcause-events-rejected",
        CauseKind::NotAnswering => "netcause-not-answering",
        CauseKind::NoService => "netcause-no-service",
        CauseKind::NobodyOnCall => "netcause-nobody-on-call",
        CauseKind::WebhookLost => "netcause-webhook-lost",
        CauseKind::PollDead => "netcause-poll-dead",
        CauseKind::NothingFound => "netcause-nothing-found",
    }
}
