//! The operations on what the bridges watch: tickets and events of calendars.

use super::Operation;
use crate::api::{events, tickets};

pub(super) fn all() -> Vec<Operation> {
    vec![
        Operation::get(
            "/v1/tickets",
            "Tickets that are watched, those changed last first, with the last thing that people were called for. `state` says \
             what watching came to; `open=true` leaves out what is done. `text` is looked for in key, title and assignee.",
            "TicketList",
            tickets::list,
        )
        .query(&tickets::PARAMS),
        Operation::get(
            "/v1/tickets/{space}/{number}",
            "One ticket by its `id`: its text and history as they were read, and everything that people were called for, why, and \
             what ended it.",
            "WholeTicket",
            tickets::show,
        ),
        Operation::get(
            "/v1/calendar-events",
            "Events of calendars, those that begin last first; never those of leave and holidays. `since` and `until` choose a \
             span that they touch; `chosen=true` leaves out what no rule chooses.",
            "CalendarEventList",
            events::list,
        )
        .query(&events::PARAMS),
        Operation::get(
            "/v1/calendar-events/{calendar}/{event}",
            "One event by its `id`: text, place, who entered it and who is to come, its maintenance windows in PagerDuty, and what \
             people were told of it. A slash within the event's own part is written as %2F.",
            "WholeCalendarEvent",
            events::show,
        ),
    ]
}
