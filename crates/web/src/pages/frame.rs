//! What surrounds a page for the one who reads it, from the request, the person and the store's counts.

use crate::auth::Reader;
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{Frame, Health, JobCounts, MOST_COUNTED, Named, Person, Section, Untaken};
use model::{Micros, Scope};
use store::incidents::{self, Filter};
use store::nets::{self, Missing};
use store::{StoreError, Tx, concerns, jobs, outages};

impl Reader {
    /// The frame with its counts.
    pub(crate) async fn frame(&self, desk: &Desk, section: Section) -> Result<Frame, Fault> {
        Ok(self.frame_and_jobs(desk, section).await?.0)
    }

    /// The same, with the counts of jobs for a page that shows them: nobody counts twice.
    pub(super) async fn frame_and_jobs(&self, desk: &Desk, section: Section) -> Result<(Frame, JobCounts), Fault> {
        let scope = self.person.sees.clone();
        let counts = desk.store.read(move |tx| Box::pin(async move { counts(tx, &scope).await })).await?;
        let Counts { open, jobs, missing, outage, tickets, events } = counts;
        let (lacking, registering) = (unsigned(missing.lacking), unsigned(missing.registering));
        let health = desk.pulse().await?.mark(&desk.settings);
        // Whatever each connection says by itself: PagerDuty does not do its work.
        let health = if outage.is_some() { Health::Broken } else { health };
        let bare = self.bare_frame(&desk.settings, desk.store.clock().now());
        Ok((
            Frame {
                section,
                health,
                open,
                jobs_for_people: jobs.for_people(),
                lacking,
                registering,
                lacking_since: missing.oldest,
                outage,
                tickets,
                events,
                ..bare
            },
            jobs,
        ))
    }

    /// The frame without anything from the store.
    pub(crate) fn bare_frame(&self, settings: &Settings, now: Micros) -> Frame {
        let person = &self.person;
        Frame {
            language: self.asked.language(person.language, settings.language),
            zone: person.zone.clone().unwrap_or_else(|| settings.zone.clone()),
            now,
            address: self.asked.address.clone(),
            section: Section::Elsewhere,
            person: Some(Person { name: person.name.clone(), email: person.email.clone(), role: person.role }),
            customers: customers(settings, &person.scope),
            customer: person.chosen.clone(),
            health: Health::Unknown,
            open: 0,
            jobs_for_people: 0,
            lacking: 0,
            registering: 0,
            lacking_since: None,
            outage: None,
            tickets: Untaken::default(),
            events: Untaken::default(),
        }
    }
}

/// The customers that a person may choose from.
pub(super) fn customers(settings: &Settings, scope: &Scope) -> Vec<Named> {
    match scope {
        Scope::All => settings.customers.iter().map(|c| Named { id: c.id.clone(), name: c.name.clone() }).collect(),
        Scope::Customers(ids) => {
            ids.iter().map(|id| Named { id: id.clone(), name: settings.customer_name(id) }).collect()
        }
    }
}

/// What every page says of the whole.
struct Counts {
    open: u64,
    jobs: JobCounts,
    missing: Missing,
    outage: Option<Micros>,
    tickets: Untaken,
    events: Untaken,
}

async fn counts(tx: &mut Tx, scope: &Scope) -> Result<Counts, StoreError> {
    let untaken = concerns::count_untaken(tx, scope).await?;
    let of = |duty: &str| {
        let found = untaken.iter().find(|(of, ..)| of == duty);
        found.map_or_else(Untaken::default, |(_, n, since)| Untaken { n: unsigned(*n), since: Some(*since) })
    };
    Ok(Counts {
        tickets: of(duties::TICKETS),
        events: of(duties::CALENDAR),
        open: count_incidents(tx, scope, &open_filter()).await?,
        jobs: count_jobs(tx, scope).await?,
        missing: nets::count_missing(tx, scope, MOST_COUNTED + 1).await?,
        outage: outages::open(tx, scope).await?.map(|outage| outage.began_at),
    })
}

/// No further than a page says.
pub(super) async fn count_incidents(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<u64, StoreError> {
    Ok(unsigned(incidents::count_up_to(tx, scope, filter, MOST_COUNTED + 1).await?))
}

pub(super) async fn count_jobs(tx: &mut Tx, scope: &Scope) -> Result<JobCounts, StoreError> {
    Ok(job_counts(&jobs::count_unfinished(tx, scope, MOST_COUNTED + 1).await?))
}

pub(super) fn open_filter() -> Filter {
    Filter { statuses: vec!["triggered".into(), "acknowledged".into()], ..Filter::default() }
}

fn job_counts(by_state: &[(String, i64)]) -> JobCounts {
    let of = |state: &str| by_state.iter().find(|(s, _)| s == state).map_or(0, |(_, n)| unsigned(*n));
    JobCounts { dead: of("dead"), human: of("human"), waiting: of("ready") + of("leased"), skipped: of("skipped") }
}

pub(super) fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
