//! What each page shows, as plain owned data. Never a store's row and never finished words: those a page makes itself,
//! in the reader's language.

mod account;
mod acts;
mod asked;
mod audit;
mod backfills;
mod bridges;
mod cause;
mod connections;
mod doubt;
mod error;
mod filters;
mod frame;
mod gap;
mod hours;
mod incident;
mod incidents;
mod jobs;
mod net;
mod now;
mod people;
mod rules;
mod runs;
mod seats;
mod sign_in;
mod signals;
mod slack;
mod trouble;

pub use account::{AccountNotice, AccountView, PasswordProblem, SessionRow};
pub use acts::{ActProblem, ActState, ActsView, AskedRow, Bar, Other};
pub use asked::Asked;
pub use audit::{AuditRow, AuditView};
pub use backfills::{BackfillNotice, BackfillRow, BackfillsView, Underway};
pub(crate) use bridges::WINDOW_OF_CUSTOMER;
pub use bridges::{
    CalendarFilters, CalendarRow, CalendarView, Called, EventRow, EventView, HappeningRow, NoticeRow, PlaceRow, Raised,
    Side, TicketFilters, TicketRow, TicketView, TicketsAnswer, TicketsView, Told, WindowRow, WindowState,
};
pub use cause::Cause;
pub(crate) use connections::is_of_pagerduty;
pub use connections::{
    BreakerRow, CalendarConnection, CalendarsView, CanaryRow, ConnectionsView, Database, DoorRow, EventsApi, Lag,
    MutedChannel, PollRow, PollWait, Polls, PostTrouble, ProcessRow, Push, Rest, RouteRow, Running, Said, SlackView,
    SourceRow, SpoolRow, SubscriptionRow, Sweep, WayOut, Ways, Webhooks, share,
};
pub use doubt::Doubt;
pub use error::{ErrorKind, ErrorView};
pub use filters::{Filters, SORTS, STATUSES};
pub(crate) use frame::MOST_COUNTED;
pub use frame::{Frame, Health, Person, Section, Untaken};
pub use gap::GapRow;
pub use hours::{Done, EntryRow, HourDay, HoursRow, HoursView, PersonHoursView, Said as SaidOfHours, Usual};
pub use incident::{IncidentView, RawEvent};
pub use incidents::{Choices, IncidentRow, IncidentsView, SavedRow};
pub use jobs::{AttemptRow, CauseGroup, JobCounts, JobRow, JobState, JobsView};
pub use net::{
    Acts, AlertAt, AnswerState, AnswerView, CallRow, CalledAlert, DayRow, LACKING, LedgerView, Line, MOST_MAIL_BYTES,
    MailFilters, MailRow, MailView, MailsView, Match, Mend, MendRow, MonitorRow, MonitorsView, NetAnswer, Original,
    OutageRow, OutagesView, ProofRow, ReadMail, Registered, RuleRow, Today, Tried, TryProblem, TryView, cause, note,
    reason, trust_why,
};
pub use now::{Alarm, AlarmKind, Fed, Happening, Mirror, NowView, OpenGroup};
pub use people::{FreshToken, PeopleNotice, PeopleView, PersonRow, TokenRow};
pub(crate) use rules::summary as rule_summary;
pub use rules::{
    Call, GroupHoursView, HAPPENINGS, KeptDone, MODES, PageRule, PatternDraft, Preview, RuleView, RulesView,
    SEVERITIES, VersionRow,
};
pub use runs::{
    ApprovalRow, DiffLine, DiffPart, DiffView, EvidenceView, HitRow, HostRow, HostView, HostsView, Lately, Looked,
    OtherCapture, Piece, ReachRow, RunFilters, RunForm, RunRow, RunShown, RunView, RunbookChoice, RunbookRow,
    RunbookView, RunbooksView, RunsView, StepDiff, StepRow, StreamRow, TrustedKey,
};
pub(crate) use runs::{field, seen};
pub use seats::{IDLE_DAYS, OnCall, SeatRow, SeatsView};
pub use sign_in::{SetupProblem, SetupState, SetupView, SignInProblem, SignInView};
pub use signals::{InboxCounts, InboxView, SealedBody, SignalRow, SignalState, SignalView};
pub use slack::{LinkView, LinkedRow, Offer};
pub use trouble::Trouble;

/// Something with an id and a name that people use for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub id: String,
    pub name: String,
}

/// An incident as another page points at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentLink {
    pub id: String,
    pub number: Option<i64>,
    pub title: String,
}

impl IncidentLink {
    /// `#1234`, or the id where PagerDuty told no number.
    pub fn label(&self) -> String {
        label(self.number, &self.id)
    }

    pub fn href(&self) -> String {
        format!("/incidents/{}", crate::markup::encode(&self.id))
    }
}

pub(crate) fn label(number: Option<i64>, id: &str) -> String {
    number.map_or_else(|| id.to_owned(), |n| format!("#{n}"))
}

/// An address from outside, if it may be followed.
pub(crate) fn link(href: &str) -> Option<&str> {
    crate::markup::safe_url(href)
}
