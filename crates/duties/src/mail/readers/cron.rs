//! Cron and anacron: a job wrote something. Never judges what it wrote: a rule does that.

use crate::mail::draft::{Draft, line};
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

static CRON: Rx = Rx::new(r"^cron <(?P<user>[^@>\s]+)@(?P<host>[^>\s]+)>\s+(?P<job>.+)$");
static ANACRON: Rx = Rx::new(r"^anacron job '(?P<job>[^']+)' on (?P<host>\S+)$");

pub fn read(letter: &Letter, _: &TimeZone) -> Option<Draft> {
    let cron = letter.bare.find(&CRON);
    let hit = cron.or_else(|| letter.bare.find(&ANACRON))?;
    let (host, job) = (hit.get("host")?, hit.get("job")?);
    let user = hit.get("user").unwrap_or("root");
    let output = letter.shown().lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no output");
    let title = format!("{job}: {}", line(output, 200));
    let draft = Draft::new("output of a job", State::Problem).on(Some(host), Some(job)).titled(&title);
    let draft = draft.severe(Some(Severity::Warning)).telling(vec![("user".to_owned(), user.to_owned())]);
    Some(draft.keyed(["job", host, user, job]))
}
