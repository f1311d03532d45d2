//! Hosts, by the configuration and the files that it names: what can't be read as meant, hosts that no incident leads to.
//! Visits none; EC2 is asked where that is wanted.

use super::line::{Line, State};
use crate::config::{Config, Diagnosis};
use crate::wiring::inventory::{self, Live};
use duties::inventory::{Inventory, Weight};

const WHAT: &str = "hosts";

pub fn set(config: &Config) -> Vec<Line> {
    told(config, &Live::default())
}

/// EC2 is asked now; what a server keeps is left as it is.
pub async fn look(config: &Config) -> Vec<Line> {
    match Live::asked(config).await {
        Ok(live) => told(config, &live),
        Err(failure) => vec![Line::fail(WHAT, failure.text(), "mend the address")],
    }
}

fn told(config: &Config, live: &Live) -> Vec<Line> {
    let (inventory, complaints) = inventory::inventory(config, live);
    let mut lines: Vec<Line> = complaints
        .iter()
        .map(|complaint| {
            let state = if complaint.weight == Weight::Error { State::Fail } else { State::Warn };
            let text = format!("{}: {}", complaint.place, complaint.says);
            Line { what: WHAT, state, text, remedy: Some(complaint.remedy.clone()) }
        })
        .collect();
    lines.extend(nobodys(&inventory));
    let (hosts, bastions) = (inventory.hosts().count(), inventory.bastions().count());
    if hosts > 0 {
        lines.push(Line::ok(WHAT, format!("{hosts} hosts and {bastions} bastions are known")));
    } else if config.diagnose.mode == Diagnosis::Run {
        let text = "[diagnose] mode is \"run\" and no host is known, so that no incident leads to one";
        lines.push(Line::warn(WHAT, text, "write a [[host]], or name a source in [inventory]"));
    }
    lines
}

const MOST_NAMES: usize = 8;

/// Hosts of nobody where there are customers: none is ever visited.
fn nobodys(inventory: &Inventory) -> Option<Line> {
    let nobodys: Vec<&str> =
        inventory.hosts().filter(|host| host.customer.is_none()).map(|host| host.name.as_str()).collect();
    if nobodys.is_empty() || !inventory.are_customers() {
        return None;
    }
    let rest = if nobodys.len() > MOST_NAMES { ", …" } else { "" };
    let names = nobodys.iter().take(MOST_NAMES).copied().collect::<Vec<_>>().join(", ");
    let text = format!("{} hosts are nobody's, so that they are never visited: {names}{rest}", nobodys.len());
    Some(Line::warn(WHAT, text, "write customer for them, or name them in [inventory] customers"))
}
