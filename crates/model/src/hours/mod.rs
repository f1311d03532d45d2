//! Hours: is this person at work at this instant, and why. Patterns, holidays, leave and exceptions as plain data, and
//! the arithmetic over them. Never does IO, never asks the time; time zones are those that were compiled in.
//!
//! - `standing`: at work or not, why, since when and until when. An exception rules over leave, leave over a yearly
//!   closed span, that over a holiday, that over the week.
//! - `working_s`, `after_working`: working time between instants, and the instant after so much of it.
//! - A person has their own pattern, else the first one of their groups, else the customer's, else the installation's.
//! - The wall clock rules. What it jumps over has no time; what it shows twice lasts twice as long.

mod csv;
mod elapsed;
mod holidays;
pub mod japan;
mod pattern;
mod pieces;
mod problem;
mod roster;
mod standing;
mod subject;
mod week;
mod yearly;
mod zone;

#[cfg(test)]
mod tests;

pub use elapsed::{after_working, working_s};
pub use holidays::{Holiday, HolidayLayer, HolidaySource, Holidays};
pub use pattern::{Break, Observed, Pattern};
pub use problem::Problem;
pub use roster::{Customer, DayHours, Exception, Group, Leave, LeaveSource, LeaveSpan, Person, Roster};
pub use standing::{Standing, Why, standing, standing_of};
pub use subject::{Layer, Subject};
pub use week::{Days, TimeSpan, Week, WeekSpan};
pub use yearly::YearSpan;
pub use zone::Zone;
