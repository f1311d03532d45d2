//! The operations on hosts: runs and what their steps said, the evidence beside an incident, hosts, runbooks.

use super::Operation;
use crate::api::{hosts, runs};
use axum::routing::post;

pub(super) fn all() -> Vec<Operation> {
    let mut all = run_operations();
    all.extend(asking());
    all.extend(host_operations());
    all
}

fn run_operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/v1/runs",
            "What was run on hosts, the latest first. `exit_status` is the highest of a run's steps. `text` finds words in what hosts \
             said, `hit` is where; a page is then of the runs that were looked through, and may be empty with one after it.",
            "RunList",
            runs::list,
        )
        .query(&runs::PARAMS),
        Operation::get(
            "/v1/runs/{id}",
            "One run whole: the exact commands, how each step ended, what it said first, what was hidden.",
            "WholeRun",
            runs::show,
        ),
        Operation::get(
            "/v1/runs/{id}/steps/{n}/out",
            "What a step said on standard output: the bytes as they were kept, secrets hidden. The header `x-arayashiki-kept` says \
             `whole`, or `beginning` where only that can be had.",
            "OutputBytes",
            runs::out,
        ),
        Operation::get(
            "/v1/runs/{id}/steps/{n}/err",
            "What a step said on standard error, likewise.",
            "OutputBytes",
            runs::err,
        ),
        Operation::get(
            "/v1/incidents/{id}/evidence",
            "What looking for the incident's hosts came to, and the last run of each runbook on each of them with what its steps said \
             first.",
            "Evidence",
            runs::evidence,
        ),
        Operation::get(
            "/v1/incidents/{id}/runs",
            "The runs for an incident, the latest first.",
            "RunList",
            runs::of_incident,
        )
        .query(&runs::OF_INCIDENT),
    ]
}

fn asking() -> Vec<Operation> {
    let asks = |path, summary, schema, body, handler| {
        Operation::of("post", path, summary, handler)
            .answers(202, schema)
            .answers(200, schema)
            .body(body)
            .problems(&[403, 404, 409, 413, 422])
    };
    vec![
        asks(
            "/v1/runs",
            "Has a runbook that only looks run on a host. 202: taken on, the run is in `runs` within a second or two; 200: the same \
             nonce was taken on before; 409: the incident must not lead to this host.",
            "RunAsked",
            "AskRun",
            post(runs::add),
        ),
        asks("/v1/runs/{id}/stop", "Ends a run that goes on.", "StopAsked", "Nonce", post(runs::stop)),
        asks(
            "/v1/incidents/{id}/diagnose",
            "Looks for the incident's hosts again and runs there what fits.",
            "DiagnoseAsked",
            "Nonce",
            post(runs::diagnose),
        ),
        asks("/v1/hosts/{name}/test", "Tries now whether a host is reached.", "HostAsked", "Nonce", post(hosts::test)),
    ]
}

fn host_operations() -> Vec<Operation> {
    let decides = |path, summary, handler| {
        Operation::of("post", path, summary, handler)
            .answers(200, "RunbookDecided")
            .body("ApproveRunbook")
            .problems(&[403, 409, 413, 422])
    };
    vec![
        Operation::get(
            "/v1/hosts",
            "Hosts, how each was last reached and what was last run there.",
            "HostList",
            hosts::list,
        ),
        Operation::get(
            "/v1/runbooks",
            "Runbooks with their exact commands, and whether their present version may run unattended.",
            "RunbookList",
            hosts::runbooks,
        ),
        decides(
            "/v1/runbooks/{name}/approve",
            "Lets this very version run unattended. Needs the role admin for all customers; 409: the file has another digest now.",
            post(hosts::approve),
        ),
        decides(
            "/v1/runbooks/{name}/withdraw",
            "Takes the approval of a version back. Needs the role admin for all customers.",
            post(hosts::withdraw),
        ),
    ]
}
