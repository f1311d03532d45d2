//! Every operation of the API: its route and its description in one row, so that none can be served undescribed or
//! described unserved. Handles nothing itself.

mod bridges;
mod feed;
mod net;
mod runs;

use super::{account, acts, audit, inbox, incident, incidents, jobs, openapi, people};
use crate::state::Desk;
use axum::handler::Handler;
use axum::routing::{MethodRouter, get, post};

/// One operation below `/api`.
pub(super) struct Operation {
    pub path: &'static str,
    /// `get` or `post`.
    pub method: &'static str,
    pub handler: MethodRouter<Desk>,
    pub summary: &'static str,
    /// Names of query parameters.
    pub query: &'static [&'static str],
    /// The schema of the body.
    pub body: Option<&'static str>,
    /// Good answers: status and schema.
    pub answers: Vec<(u16, &'static str)>,
    /// Statuses of problems besides those that every operation has.
    pub problems: &'static [u16],
}

impl Operation {
    fn get<H, T>(path: &'static str, summary: &'static str, schema: &'static str, handler: H) -> Self
    where
        H: Handler<T, Desk>,
        T: 'static,
    {
        Self::of("get", path, summary, get(handler)).answers(200, schema)
    }

    /// Something that is taken on now and done a little later.
    fn post<H, T>(path: &'static str, summary: &'static str, schema: &'static str, handler: H) -> Self
    where
        H: Handler<T, Desk>,
        T: 'static,
    {
        Self::of("post", path, summary, post(handler)).answers(202, schema)
    }

    fn of(method: &'static str, path: &'static str, summary: &'static str, handler: MethodRouter<Desk>) -> Self {
        Self { path, method, handler, summary, query: &[], body: None, answers: Vec::new(), problems: &[] }
    }

    const fn query(mut self, names: &'static [&'static str]) -> Self {
        self.query = names;
        self
    }

    const fn body(mut self, schema: &'static str) -> Self {
        self.body = Some(schema);
        self
    }

    fn answers(mut self, status: u16, schema: &'static str) -> Self {
        self.answers.push((status, schema));
        self
    }

    const fn problems(mut self, statuses: &'static [u16]) -> Self {
        self.problems = statuses;
        self
    }
}

pub(super) fn all() -> Vec<Operation> {
    let mut all = vec![
        Operation::get("/v1/openapi.json", "This document.", "Document", openapi::show),
        Operation::get(
            "/v1/account",
            "The running account: received, processed, waiting, dead, lost; jobs that are not done, by state, those that \
             wait or run up to 10,000.",
            "Account",
            account::show,
        ),
        Operation::get(
            "/v1/audit",
            "Who did what, newest first. Needs the role auditor, leader or admin.",
            "AuditList",
            audit::list,
        )
        .query(&audit::PARAMS)
        .problems(&[403]),
        Operation::get(
            "/v1/people",
            "Who is at work, why, and until when: now, or at an instant; in their work for a customer, if one is named. Whoever \
             works for none of the reader's customers is left out.",
            "PersonList",
            people::list,
        )
        .query(&people::PARAMS),
    ];
    all.extend(incident_operations());
    all.extend(desk_operations());
    all.extend(feed::all());
    all.extend(net::all());
    all.extend(bridges::all());
    all.extend(runs::all());
    all
}

fn incident_operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/v1/incidents",
            "Incidents as mirrored, newest first. `text` finds words and parts of words in titles, numbers and ids.",
            "IncidentList",
            incidents::list,
        )
        .query(&incidents::PARAMS),
        Operation::get(
            "/v1/incidents/{id}",
            "One incident whole, by PagerDuty's id or its number.",
            "WholeIncident",
            incident::show,
        ),
        Operation::get(
            "/v1/incidents/{id}/timeline",
            "What happened to it, with actor and source.",
            "EntryList",
            incident::timeline_of,
        ),
        Operation::get("/v1/incidents/{id}/alerts", "Its alerts with their bodies.", "AlertList", incident::alerts_of),
        Operation::get(
            "/v1/incidents/{id}/acts",
            "What people asked to be done to it in PagerDuty, newest first, and how far each has come.",
            "AskedActList",
            acts::list,
        )
        .query(&acts::PARAMS),
        Operation::post(
            "/v1/incidents/{id}/acts",
            "Asks for an act in PagerDuty, in the name of the person whose session or token it is. 202: taken on; 200: \
             the same nonce was taken on before. `state` tells what becomes of it.",
            "AskedAct",
            acts::add,
        )
        .answers(200, "AskedAct")
        .body("Act")
        .problems(&[403, 409, 413, 422]),
        Operation::get("/v1/incidents/{id}/acts/{act}", "One act and how far it has come.", "AskedAct", acts::show),
    ]
}

fn desk_operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/v1/inbox",
            "Signals as received, newest first; without their bytes.",
            "SignalList",
            inbox::list,
        )
        .query(&inbox::PARAMS),
        Operation::get(
            "/v1/inbox/{id}",
            "One signal with its bytes in base64. The opening is audited.",
            "OpenSignal",
            inbox::show,
        )
        .problems(&[403]),
        Operation::post(
            "/v1/inbox/{id}/replay",
            "Reads a signal again. Needs the role admin.",
            "Accepted",
            inbox::replay,
        )
        .problems(&[403]),
        Operation::get("/v1/jobs", "Jobs, newest first.", "JobList", jobs::list).query(&jobs::PARAMS),
        Operation::get("/v1/jobs/{id}", "One job with its latest tries, newest first.", "WholeJob", jobs::show),
        Operation::post("/v1/jobs/{id}/retry", "Runs a job again. Needs the role admin.", "Accepted", jobs::retry)
            .problems(&[403, 409]),
        Operation::of(
            "post",
            "/v1/jobs/{id}/settle",
            "Tells of a job in state `human` whether it took effect: it is then done, or skipped. For the role admin; of an \
             act, for whoever asked for it as well.",
            post(jobs::settle),
        )
        .answers(200, "Accepted")
        .body("Settlement")
        .problems(&[403, 409, 413, 422]),
    ]
}
