//! The operations on how the mirror is fed: connections, history, seats.

use super::Operation;
use crate::api::{backfills, connections, seats};

pub(super) fn all() -> Vec<Operation> {
    vec![
        Operation::get(
            "/v1/connections",
            "How every way in and out is: keys, subscriptions, polls, gaps, the running account, the database.",
            "Connections",
            connections::show,
        ),
        Operation::get("/v1/backfills", "Spans of history that were asked for, newest first.", "BackfillList", backfills::list)
            .query(&backfills::PARAMS),
        Operation::post(
            "/v1/backfills",
            "Asks for a span of history. 202: taken on; 200: the same span is being fetched by the one named. Needs the \
             role leader or admin for all customers.",
            "BackfillAccepted",
            backfills::ask,
        )
        .answers(200, "BackfillAccepted")
        .body("BackfillAsk")
        .problems(&[403, 409, 413]),
        Operation::get("/v1/backfills/{id}", "One span of history and how far it has come.", "Backfill", backfills::show),
        Operation::post(
            "/v1/backfills/{id}/stop",
            "Stops one that waits or runs; what it brought stays. Needs the role leader or admin for all customers.",
            "BackfillAccepted",
            backfills::stop,
        )
        .problems(&[403, 409]),
        Operation::get(
            "/v1/seats",
            "PagerDuty users and when each was last on call, paged or at work. Needs the role leader or admin for all \
             customers.",
            "SeatList",
            seats::list,
        )
        .problems(&[403]),
    ]
}
