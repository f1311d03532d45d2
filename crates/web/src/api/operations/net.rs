//! The operations of the safety net: mails, ledger, monitors, outages, calls, canaries.

use super::Operation;
use crate::api::{mails, net};
use crate::pages::MOST_FORM_BYTES;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;

pub(super) fn all() -> Vec<Operation> {
    let mut all = mail_operations();
    all.extend(net_operations());
    all
}

fn mail_operations() -> Vec<Operation> {
    let decides = |path, summary, handler| {
        Operation::of("post", path, summary, handler)
            .answers(202, "DecisionAccepted")
            .answers(200, "DecisionAccepted")
            .body("Decision")
            .problems(&[403, 413, 422])
    };
    vec![
        Operation::get(
            "/v1/mails",
            "Alert mails and where each stands in the ledger, newest first. `ledger_state=lacking` has those without an \
             incident of PagerDuty's own. `text` finds words in subject, host, check and sender.",
            "MailList",
            mails::list,
        )
        .query(&mails::PARAMS),
        Operation::get(
            "/v1/mails/{id}",
            "One mail with what was read, its alert, cause and registration, and the other mails of the alert.",
            "WholeMail",
            mails::show,
        ),
        Operation::get(
            "/v1/mails/{id}/raw",
            "The mail as it came. The opening is audited.",
            "MailBytes",
            mails::original,
        )
        .problems(&[403]),
        Operation::of(
            "post",
            "/v1/mails/try",
            "What would be read in a mail, and what would happen: by the present settings and the mirror as it is now. \
             Nothing is kept.",
            post(mails::try_one).layer(DefaultBodyLimit::max(MOST_FORM_BYTES * 2)),
        )
        .answers(200, "TriedMail")
        .body("TryMail")
        .problems(&[413, 422]),
        decides(
            "/v1/mails/{id}/register",
            "Registers the mail's alert in PagerDuty now. 202: taken on; 200: the same nonce was taken on before.",
            post(mails::register),
        ),
        decides(
            "/v1/mails/{id}/not-an-alert",
            "This mail needs no incident; with `always`, no later mail of its alert does.",
            post(mails::no_alert),
        ),
        decides(
            "/v1/mails/{id}/hold-back",
            "Later mails of this alert are held back as known.",
            post(mails::hold_back),
        ),
    ]
}

fn net_operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/v1/ledger",
            "Both sides of the ledger: what the receivers counted and what the mails' states amount to. Today, a `day` in the \
             installation's zone, or a span of quarters of an hour.",
            "Balance",
            net::balance,
        )
        .query(&net::LEDGER_PARAMS),
        Operation::get("/v1/ledger/days", "The days that were closed, the latest first.", "LedgerDayList", net::days)
            .query(&net::LIMIT),
        Operation::get(
            "/v1/monitors",
            "Monitors that sent mail within 91 days: how many, and how many an alert stood against.",
            "MonitorList",
            net::monitors,
        ),
        Operation::get(
            "/v1/outages",
            "Times at which PagerDuty did not do its work, the latest first, with evidence and report.",
            "OutageList",
            net::outages,
        )
        .query(&net::LIMIT),
        Operation::get("/v1/outages/{id}", "One outage.", "Outage", net::outage_of),
        Operation::get("/v1/callouts", "Calls of the second path, the latest first.", "CallList", net::calls)
            .query(&net::LIMIT),
        Operation::get(
            "/v1/canaries",
            "Tests of routes, the latest first, with the instant of each step. For those who see all customers.",
            "CanaryList",
            net::canaries,
        )
        .query(&net::CANARY_PARAMS),
        Operation::of(
            "post",
            "/v1/routes/{name}/test",
            "Sends a canary on a route now. 202: taken on; 200: the same nonce was taken on before; 409: it can't be sent, and why.",
            post(net::test),
        )
        .answers(202, "TestAccepted")
        .answers(200, "TestAccepted")
        .body("Nonce")
        .problems(&[409, 413, 422]),
    ]
}
