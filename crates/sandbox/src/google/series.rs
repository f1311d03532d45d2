//! The instances of recurring events: those as the series says, those that were moved or changed, and those that are gone.

use std::collections::HashSet;

use jiff::Timestamp;

use super::rrule::occurrences;
use super::when::When;
use super::world::{Calendar, Event};

/// An instance as the series says.
pub(super) fn plain(series: &Event, start: When) -> Event {
    Event {
        id: format!("{}_{}", series.id, start.stamp()),
        end: start.shifted(&series.start, &series.end),
        recurrence: Vec::new(),
        exception_of: Some((series.id.clone(), start.clone())),
        start,
        ..series.clone()
    }
}

impl Calendar {
    fn starts(&self, series: &Event, horizon: Timestamp) -> Vec<When> {
        // A rule that cannot be read was refused when it came.
        occurrences(&series.start, &series.recurrence, self.zone, horizon).unwrap_or_default()
    }

    /// Every instance as it is now, cancelled ones included, in the order of the series.
    pub(super) fn instances(&self, series: &Event, horizon: Timestamp) -> Vec<Event> {
        let mut all: Vec<Event> = self.starts(series, horizon).into_iter().map(|s| plain(series, s)).collect();
        for own in self.exceptions(&series.id) {
            match all.iter_mut().find(|i| i.id == own.id) {
                Some(place) => *place = own.clone(),
                // The series was changed under it; what somebody had moved stays.
                None if !own.is_cancelled => all.push(own.clone()),
                None => {}
            }
        }
        if series.is_cancelled {
            for own in &mut all {
                own.is_cancelled = true;
            }
        }
        all
    }

    pub(super) fn exceptions<'a>(&'a self, series: &'a str) -> impl Iterator<Item = &'a Event> {
        self.events.iter().filter(move |e| e.exception_of.as_ref().is_some_and(|(id, _)| id == series))
    }

    /// Instances that there were at or after a change and that the series has no more, as cancelled ones.
    pub(super) fn gone(&self, series: &Event, since: u64, horizon: Timestamp) -> Vec<Event> {
        let now: HashSet<String> = match series.is_series() && !series.is_cancelled {
            true => self.instances(series, horizon).into_iter().map(|i| i.id).collect(),
            false => HashSet::new(),
        };
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for (_, old) in self.former.iter().filter(|(ended, e)| *ended > since && e.id == series.id && e.is_series()) {
            for start in self.starts(old, horizon) {
                let mut own = plain(old, start);
                if !now.contains(&own.id) && seen.insert(own.id.clone()) {
                    own.is_cancelled = true;
                    own.seq = series.seq;
                    all.push(own);
                }
            }
        }
        all
    }

    /// An event by its id, or an instance by the id that it would have.
    pub(super) fn any(&self, id: &str, horizon: Timestamp) -> Option<Event> {
        if let Some(at) = self.find(id) {
            return Some(self.events[at].clone());
        }
        let (series, _) = id.rsplit_once('_')?;
        let series = &self.events[self.find(series)?];
        self.instances(series, horizon).into_iter().find(|i| i.id == id)
    }
}
