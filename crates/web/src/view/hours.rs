//! Who is at work and why: everybody's line, and one person's days with what was entered for them. Sentences about hours are those of
//! the command line and of Slack.

use super::Frame;
use crate::markup::encode;
use crate::people::{Draft, Wrong};
use duties::hours_days::Day;
use duties::hours_words;
use duties::locale::Locale;
use jiff::civil::Date;
use model::Micros;
use model::hours::{LeaveSource, LeaveSpan, Standing, Why, Zone};

#[derive(Clone, Debug, Default)]
pub struct HoursView {
    pub persons: Vec<HoursRow>,
    pub groups: Vec<HoursRow>,
    /// The customer in the work for whom they were asked for.
    pub customer: Option<String>,
    /// The file names people; the reader may see none of them.
    pub is_configured: bool,
    /// The reader is one of the persons.
    pub own: Option<String>,
    /// Hours of groups may be edited.
    pub edits_groups: bool,
}

#[derive(Clone, Debug)]
pub struct HoursRow {
    pub id: String,
    pub name: String,
    pub is_own: bool,
    /// Groups of a person, members of a group.
    pub with: Vec<String>,
    pub standing: Standing,
}

impl HoursRow {
    /// `None`: nobody has said their hours.
    pub fn is_at_work(&self) -> Option<bool> {
        (self.standing.why != Why::NoPattern).then_some(self.standing.is_at_work)
    }

    pub fn shape(&self) -> &'static str {
        match self.is_at_work() {
            Some(true) => "resolved",
            Some(false) => "dot",
            None => "unknown",
        }
    }

    pub fn state(&self, f: &Frame) -> String {
        f.word("at-work", state_word(self.is_at_work()))
    }

    pub fn why(&self, f: &Frame) -> String {
        hours_words::why(&f.locale(), &self.standing.why)
    }

    pub fn until(&self, f: &Frame) -> String {
        hours_words::words(&f.locale(), &self.name, f.now, &self.standing).until
    }

    pub fn href(&self) -> String {
        format!("/people/hours/{}", encode(&self.id))
    }

    pub fn group_href(&self) -> String {
        format!("/people/groups/{}", encode(&self.id))
    }
}

const fn state_word(is_at_work: Option<bool>) -> &'static str {
    match is_at_work {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

impl HoursView {
    pub fn sentence(&self, f: &Frame) -> String {
        if self.persons.is_empty() {
            return f.t("hours-nobody");
        }
        let of = |wanted: Option<bool>| self.persons.iter().filter(|row| row.is_at_work() == wanted).count();
        let key = if of(None) > 0 { "hours-answer-unknown" } else { "hours-answer" };
        f.t_args(key, &[("n", of(Some(true)).into()), ("all", self.persons.len().into()), ("unknown", of(None).into())])
    }
}

/// One person.
#[derive(Clone, Debug)]
pub struct PersonHoursView {
    pub row: HoursRow,
    pub edits: bool,
    pub days: Vec<HourDay>,
    /// The zone of their hours, in which days are told and entered.
    pub zone: Zone,
    pub first: Date,
    /// The days before and after, where they can be told.
    pub earlier: Option<Date>,
    pub later: Option<Date>,
    pub usual: Option<Usual>,
    pub entries: Vec<EntryRow>,
    /// What a form stands open with.
    pub draft: Draft,
    pub wrong: Option<Wrong>,
    pub done: Option<Done>,
    pub today: Date,
}

/// Usual hours, as they are written, and who says so.
#[derive(Clone, Debug, Default)]
pub struct Usual {
    pub name: String,
    pub week: String,
    pub breaks: Vec<String>,
    /// none, japan or the name of a list.
    pub holidays: String,
    pub closed: Vec<String>,
    pub zone: String,
    /// own, group, customer or default.
    pub layer: &'static str,
    /// The group or customer.
    pub layer_name: String,
    /// Leaders said them on the page; else the file says them.
    pub is_of_page: bool,
}

impl Usual {
    pub fn from_whom(&self, f: &Frame) -> String {
        let name = f.short(&self.layer_name);
        let whose = match self.layer {
            "own" => f.t("hours-of-own"),
            "group" => f.t1("hours-of-group", "name", name),
            "customer" => f.t1("hours-of-customer", "name", name),
            _ => f.t("hours-of-default"),
        };
        let source = f.word("hours-source", if self.is_of_page { "page" } else { "file" });
        f.t2("hours-from-whom", "whose", whose, "source", source)
    }

    pub fn holidays(&self, f: &Frame) -> String {
        match self.holidays.as_str() {
            "none" | "japan" => f.word("hours-holidays", &self.holidays),
            list => f.short(list),
        }
    }
}

#[derive(Clone, Debug)]
pub struct HourDay {
    pub day: Day,
    pub is_today: bool,
}

impl HourDay {
    pub fn date(&self, f: &Frame, zone: &Zone) -> String {
        f.day_in(zone, self.day.date)
    }

    /// `09:00–12:00 13:00–18:00` by the clock of the hours' own zone.
    pub fn worked(&self, zone: &Zone) -> String {
        let clock = |at: Micros| at.timestamp().to_zoned(zone.time_zone().clone()).strftime("%H:%M").to_string();
        let until = |at: Micros| Some(clock(at)).filter(|text| text != "00:00").unwrap_or_else(|| "24:00".into());
        let spans = self.day.worked.iter().map(|(from, end)| format!("{}–{}", clock(*from), until(*end)));
        spans.collect::<Vec<_>>().join("  ")
    }

    pub fn long(&self, f: &Frame) -> String {
        f.span(&self.day.worked_s())
    }

    pub fn whys(&self, f: &Frame) -> Vec<String> {
        let usual = |why: &&Why| !matches!(why, Why::InHours { .. } | Why::NoHoursThatDay { .. });
        self.day.whys.iter().filter(usual).map(|why| hours_words::why(&f.locale(), why)).collect()
    }
}

/// Something that was said of somebody's hours besides the usual.
#[derive(Clone, Debug)]
pub struct EntryRow {
    /// Of the page's own; others can't be changed here.
    pub id: Option<String>,
    pub what: Said,
    pub note: String,
    /// Who entered it, and when.
    pub by: Option<(String, Micros)>,
    pub is_over: bool,
    pub has_begun: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Leave(LeaveSpan, LeaveSource),
    /// The day, and its hours or `off`.
    Day(Date, String),
    /// It can't be read; what the row holds.
    Unread(String),
}

impl EntryRow {
    pub fn kind(&self, f: &Frame) -> String {
        let kind = match self.what {
            Said::Leave(..) => "leave",
            Said::Day(..) => "day",
            Said::Unread(_) => "unread",
        };
        f.word("hours-kind", kind)
    }

    pub fn when(&self, f: &Frame, zone: &Zone) -> String {
        match &self.what {
            Said::Leave(span, _) => leave_words(f, span),
            Said::Day(date, hours) if hours == "off" => {
                f.t2("hours-day-is", "day", f.day_in(zone, *date), "hours", f.t("hours-off"))
            }
            Said::Day(date, hours) => f.t2("hours-day-is", "day", f.day_in(zone, *date), "hours", hours),
            Said::Unread(_) => f.t("hours-unread"),
        }
    }

    /// What the row holds that can't be read.
    pub fn detail(&self) -> Option<&str> {
        if let Said::Unread(body) = &self.what { Some(body) } else { None }
    }

    pub fn source(&self, f: &Frame) -> String {
        match (&self.what, &self.by) {
            (_, Some((by, _))) => f.t1("hours-by", "name", f.short(by)),
            (Said::Leave(_, LeaveSource::Calendar(name)), None) => f.t1("hours-by-calendar", "name", f.short(name)),
            _ => f.word("hours-source", "file"),
        }
    }

    /// It may be changed or ended here.
    pub fn is_live(&self) -> bool {
        self.id.is_some() && !self.is_over
    }

    pub fn is_readable(&self) -> bool {
        !matches!(self.what, Said::Unread(_))
    }
}

/// Leave as its own zone has it.
pub(crate) fn leave_words(f: &Frame, span: &LeaveSpan) -> String {
    match span {
        LeaveSpan::Time { from, until } => f.locale().span(*from, *until),
        LeaveSpan::Days { from, until, zone } => {
            let begins = |date: Date| Micros::from_seconds(zone.midnight(date));
            Locale { zone: zone.time_zone().clone(), ..f.locale() }.days(begins(*from), begins(*until))
        }
    }
}

/// What the last form did, with what takes it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// said, changed, ended, undone.
    pub what: String,
    /// The entry that was made, and the one that it ended.
    pub said: String,
    pub withdrawn: String,
}

impl Done {
    pub fn text(&self, f: &Frame) -> String {
        f.word("hours-done", &self.what)
    }

    pub fn can_undo(&self) -> bool {
        !self.said.is_empty() || !self.withdrawn.is_empty()
    }
}

impl Wrong {
    pub fn text(&self, f: &Frame) -> String {
        match self {
            Self::NoDate { text } if text.is_empty() => f.t("hours-wrong-date-none"),
            Self::NoDate { text } => f.t1("hours-wrong-date", "text", f.short(text)),
            Self::NoTime { text } => f.t1("hours-wrong-time", "text", f.short(text)),
            Self::OneTime => f.t("hours-wrong-one-time"),
            Self::Order => f.t("hours-wrong-order"),
            Self::Past => f.t("hours-wrong-past"),
            Self::TooFar => f.t("hours-wrong-far"),
            Self::TooLong => f.t("hours-wrong-long"),
            Self::NoHours { text } => f.t1("hours-wrong-hours", "text", f.short(text)),
            Self::Note { most } => f.t1("hours-wrong-note", "most", *most),
            Self::Overlaps { with } => f.t1("hours-wrong-overlaps", "with", with),
            Self::SameDay { with } => f.t1("hours-wrong-same-day", "with", with),
            Self::TooMany { most } => f.t1("hours-wrong-many", "most", *most),
            Self::Stale => f.t("hours-wrong-stale"),
            Self::Over => f.t("hours-wrong-over"),
            Self::Kind => f.t("hours-wrong-kind"),
        }
    }
}

impl PersonHoursView {
    pub fn sentence(&self, f: &Frame) -> String {
        hours_words::words(&f.locale(), &f.short(&self.row.name), f.now, &self.row.standing).headline
    }

    pub fn from_href(&self, first: &Date) -> String {
        format!("{}?from={first}", self.row.href())
    }

    pub fn entries_href(&self) -> String {
        format!("{}/entries", self.row.href())
    }

    pub fn edit_href(&self, id: &str) -> String {
        format!("{}?edit={}#enter", self.row.href(), encode(id))
    }

    pub fn end_href(&self, id: &str) -> String {
        format!("{}/entries/{}/end", self.row.href(), encode(id))
    }

    pub fn undo_href(&self) -> String {
        format!("{}/undo", self.row.href())
    }

    /// What the form of leave holds; nothing where the other one was sent.
    pub fn leave(&self) -> Draft {
        self.of_kind("leave")
    }

    pub fn other_day(&self) -> Draft {
        self.of_kind("day")
    }

    fn of_kind(&self, kind: &str) -> Draft {
        if self.draft.kind == kind { self.draft.clone() } else { Draft::default() }
    }

    pub fn is_changing(&self) -> bool {
        !self.draft.replaces.is_empty()
    }

    pub fn zone_name(&self) -> String {
        self.zone.name().to_owned()
    }
}
