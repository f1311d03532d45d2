//! Views into HTML. A page has a live twin where its data moves: the partial, which is the inside of the page's
//! `#live` element and is sent alone to a request that carries the header `x-partial: 1`.

use crate::view::{
    AccountView, Asked as _, AuditView, ErrorView, Frame, InboxView, IncidentView, IncidentsView, JobsView, NowView,
    PeopleView, SetupView, SignInView, SignalView,
};
use crate::view::{AnswerView, LedgerView, MailView, MailsView, MonitorsView, OutagesView, TryView};
use crate::view::{BackfillsView, ConnectionsView, LinkView, SeatsView};
use crate::view::{CalendarView, EventView, TicketView, TicketsView};
use crate::view::{DiffView, HostView, HostsView, RunView, RunbookView, RunbooksView, RunsView};
use crate::view::{GroupHoursView, HoursView, PersonHoursView, RuleView, RulesView};
use askama::Template;

/// The request header by which a page asks for its partial alone. Answers vary by it.
pub const PARTIAL_HEADER: &str = "x-partial";

/// What a page listens for on `/live?page=`: the stream says `changed` when one of these may look different.
pub mod topic {
    pub const NOW: &str = "now";
    pub const INCIDENTS: &str = "incidents";
    /// Followed by the incident's id.
    pub const INCIDENT: &str = "incident/";
    pub const SAFETY_NET: &str = "safety-net";
    /// Followed by the mail's id.
    pub const MAIL: &str = "mail/";
    pub const OUTAGES: &str = "outages";
    pub const TICKETS: &str = "tickets";
    /// Followed by the ticket's id.
    pub const TICKET: &str = "ticket/";
    pub const CALENDAR: &str = "calendar";
    /// Followed by the event's id.
    pub const EVENT: &str = "event/";
    pub const RUNS: &str = "runs";
    /// Followed by the run's number.
    pub const RUN: &str = "run/";
    pub const HOSTS: &str = "hosts";
    /// Followed by the host's name.
    pub const HOST: &str = "host/";
    pub const RUNBOOKS: &str = "runbooks";
    pub const SIGNALS: &str = "signals";
    pub const JOBS: &str = "jobs";
    pub const CONNECTIONS: &str = "connections";
    pub const BACKFILLS: &str = "backfills";
}

macro_rules! page {
    ($(#[$doc:meta])* $name:ident, $View:ty, $file:tt) => {
        $(#[$doc])*
        pub fn $name(frame: &Frame, view: &$View) -> Result<String, askama::Error> {
            #[derive(Template)]
            #[template(path = $file, whitespace = "minimize")]
            struct Page<'a> {
                f: &'a Frame,
                v: &'a $View,
            }
            Page { f: frame, v: view }.render()
        }
    };
}

page!(/** What is open, who has it, how the mirror is. */ now, NowView, "now.html");
page!(now_partial, NowView, "now_partial.html");
page!(/** The list of incidents. */ incidents, IncidentsView, "incidents.html");
page!(incidents_partial, IncidentsView, "incidents_partial.html");
page!(/** One incident. */ incident, IncidentView, "incident.html");
page!(incident_partial, IncidentView, "incident_partial.html");
page!(/** Mails and where they stand in the ledger. */ mails, MailsView, "mails.html");
page!(mails_partial, MailsView, "mails_partial.html");
page!(/** One mail. */ mail, MailView, "mail.html");
page!(mail_partial, MailView, "mail_partial.html");
page!(/** Each day's two sides. */ ledger, LedgerView, "ledger.html");
page!(ledger_partial, LedgerView, "ledger_partial.html");
page!(/** Who sends, and what is to be mended. */ monitors, MonitorsView, "monitors.html");
page!(monitors_partial, MonitorsView, "monitors_partial.html");
page!(/** What would be read in a mail, and what would happen. */ try_mail, TryView, "try_mail.html");
page!(/** Whether PagerDuty does its work. */ outages, OutagesView, "outages.html");
page!(outages_partial, OutagesView, "outages_partial.html");
page!(/** A call of the second path, for whoever holds its link. */ answer, AnswerView, "answer.html");
page!(/** Tickets that are watched. */ tickets, TicketsView, "tickets.html");
page!(tickets_partial, TicketsView, "tickets_partial.html");
page!(/** One ticket. */ ticket, TicketView, "ticket.html");
page!(ticket_partial, TicketView, "ticket_partial.html");
page!(/** Promises with a time. */ calendar, CalendarView, "calendar.html");
page!(calendar_partial, CalendarView, "calendar_partial.html");
page!(/** One event. */ event, EventView, "event.html");
page!(event_partial, EventView, "event_partial.html");
page!(/** What was run on hosts. */ runs, RunsView, "runs.html");
page!(runs_partial, RunsView, "runs_partial.html");
page!(/** One run as its record. */ run, RunView, "run.html");
page!(run_partial, RunView, "run_partial.html");
page!(/** What differs between two captures. */ diff, DiffView, "diff.html");
page!(/** Hosts and how they are reached. */ hosts, HostsView, "hosts.html");
page!(hosts_partial, HostsView, "hosts_partial.html");
page!(/** One host. */ host, HostView, "host.html");
page!(host_partial, HostView, "host_partial.html");
page!(/** What may be run, and what may run by itself. */ runbooks, RunbooksView, "runbooks.html");
page!(runbooks_partial, RunbooksView, "runbooks_partial.html");
page!(/** One runbook. */ runbook, RunbookView, "runbook.html");
page!(runbook_partial, RunbookView, "runbook_partial.html");
page!(/** The inbox. */ signals, InboxView, "signals.html");
page!(signals_partial, InboxView, "signals_partial.html");
page!(/** One signal, sealed or open. */ signal, SignalView, "signal.html");
page!(/** Jobs by state. */ jobs, JobsView, "jobs.html");
page!(jobs_partial, JobsView, "jobs_partial.html");
page!(/** The way in. */ sign_in, SignInView, "sign_in.html");
page!(/** The first account, from a one-time link. */ setup, SetupView, "setup.html");
page!(/** A person's own settings. */ account, AccountView, "account.html");
page!(/** A link from Slack: whose account will act in whose name. */ link_slack, LinkView, "link_slack.html");
page!(/** Accounts and tokens, for administrators. */ people, PeopleView, "people.html");
page!(/** Who is at work and why. */ hours, HoursView, "hours.html");
page!(/** One person's days, leave and other days. */ person_hours, PersonHoursView, "person_hours.html");
page!(/** Rules of tickets, in their order. */ rules, RulesView, "rules.html");
page!(/** One rule's form, and last week under it. */ rule, RuleView, "rule.html");
page!(/** The hours of a group. */ group_hours, GroupHoursView, "group_hours.html");
page!(/** Every way in and out, how it is and what to do. */ connections, ConnectionsView, "connections.html");
page!(connections_partial, ConnectionsView, "connections_partial.html");
page!(/** History: what was asked for and how far it is. */ backfills, BackfillsView, "backfills.html");
page!(backfills_partial, BackfillsView, "backfills_partial.html");
page!(/** PagerDuty's seats and who uses none. */ seats, SeatsView, "seats.html");
page!(/** Who did what here. */ audit, AuditView, "audit.html");
page!(/** What is so when a page can't be shown. */ error, ErrorView, "error.html");

/// Keys, states, counts, in the demo what to look at. Shows no data, so it has no view.
pub fn help(frame: &Frame, is_demo: bool) -> Result<String, askama::Error> {
    #[derive(Template)]
    #[template(path = "help.html", whitespace = "minimize")]
    struct Page<'a> {
        f: &'a Frame,
        is_demo: bool,
    }
    Page { f: frame, is_demo }.render()
}
