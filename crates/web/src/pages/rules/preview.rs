//! Last week as it would have been: the decision of the duty itself, on the histories that are kept, under the rules and hours that hold
//! and under those that are wanted. Acts on nothing.

use crate::people::TicketSpace;
use crate::view::{Call, Preview};
use duties::Mode;
use duties::page_rules::{Kept, over_tickets};
use duties::tickets::{Found, Identity, Settings, Told, last_week};
use model::Scope;
use model::connection::{TicketsState, poll};
use model::hours::Roster;
use model::ticket::Who;
use store::tickets::{self, Filter};
use store::{StoreError, Tx, polls};

const WEEK_S: i64 = 7 * 86_400;
/// Of one space; each is decided on twice.
const MOST_TICKETS: i64 = 1_000;

/// How it is, and how it would be.
pub(super) struct Change<'a> {
    pub now: (&'a [Kept<'a>], &'a Roster),
    pub then: (&'a [Kept<'a>], &'a Roster),
}

pub(super) async fn preview(
    tx: &mut Tx,
    spaces: &[TicketSpace],
    scope: &Scope,
    change: &Change<'_>,
) -> Result<Preview, StoreError> {
    let until = tx.now();
    let from = until.plus_s(-WEEK_S);
    let mut all = Preview { from: Some(from), observes: spaces.iter().all(is_observed), ..Preview::default() };
    for space in spaces {
        let filter = Filter { space: Some(space.name.clone()), ..Filter::default() };
        let mut kept = tickets::list(tx, scope, &filter, MOST_TICKETS).await?;
        all.is_cut |= i64::try_from(kept.len()).is_ok_and(|n| n == MOST_TICKETS);
        kept.retain(|item| item.kept.reading.ticket.updated_at >= from);
        all.tickets += kept.len();
        let told: Vec<Told<'_>> = kept
            .iter()
            .map(|item| Told { reading: &item.kept.reading, customer: item.kept.customer.as_deref() })
            .collect();
        let file = as_if_it_paged(space, own(tx, space).await?);
        let play = |(rules, roster): (&[Kept<'_>], &Roster)| {
            let (settings, _) = over_tickets(&file, rules);
            last_week(&settings, &told, (from, until), roster)
        };
        let (now, then) = (play(change.now), play(change.then));
        compare(&mut all, (now, then), &told);
    }
    Ok(all)
}

fn is_observed(space: &TicketSpace) -> bool {
    space.settings.mode == Mode::Observe
}

/// Whose key the space is asked with, as it told: what we wrote there is not the customer's word.
async fn own(tx: &mut Tx, space: &TicketSpace) -> Result<Option<Who>, StoreError> {
    let poll = polls::get(tx, &format!("{}{}", poll::TICKETS, space.name)).await?;
    Ok(poll.and_then(|poll| poll.known::<TicketsState>().own))
}

/// A duty that observes would show no difference: what a rule itself asks for is what is compared.
fn as_if_it_paged(space: &TicketSpace, own: Option<Who>) -> Settings {
    let mut settings = Settings { mode: Mode::Page, ..space.settings.clone() };
    settings.directory.own.extend(own.as_ref().map(Identity::of));
    settings
}

/// By what happened: the same happening of a ticket calls once under each.
fn compare(all: &mut Preview, (now, mut then): (Vec<Found>, Vec<Found>), told: &[Told<'_>]) {
    let calls = |found: &Found| found.hit.mode > Mode::Observe;
    let url = |found: &Found| {
        let of = told.iter().find(|told| told.reading.ticket.id == found.ticket);
        of.map(|told| told.reading.ticket.url.clone()).unwrap_or_default()
    };
    let call = |found: Found| Call { url: url(&found), found };
    then.retain(calls);
    for was in now.into_iter().filter(calls) {
        let same = then.iter().position(|found| found.ticket == was.ticket && found.hit.happening == was.hit.happening);
        match same.map(|at| then.remove(at)) {
            None => all.silent.push(call(was)),
            Some(is) if is_alike(&was, &is) => all.same += 1,
            Some(is) => all.otherwise.push((call(was), call(is))),
        }
    }
    all.calls.extend(then.into_iter().map(call));
}

fn is_alike(one: &Found, other: &Found) -> bool {
    let what = |found: &Found| (found.hit.rule.clone(), found.hit.mode, found.hit.severity, found.hit.channel.clone());
    what(one) == what(other)
}
