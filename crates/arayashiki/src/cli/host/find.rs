//! `host find`: to which hosts an incident with these words would lead, and why. By the inventory alone; visits none.

use crate::cli::{Failure, say};
use crate::config::{Config, nearest};
use crate::wiring::people;
use clap::Args;
use duties::inventory::Inventory;
use duties::inventory::facts::Facts;
use duties::inventory::find::find;
use model::customer::of_service;
use model::incident::Ref;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub struct Find {
    /// The incident's title.
    #[arg(value_name = "TITLE")]
    title: String,
    /// The PagerDuty service, by its name or id: it tells whose the incident is.
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// The id of the customer whose the incident is, where the service does not tell.
    #[arg(long, value_name = "ID")]
    customer: Option<String>,
    /// JSON file with the alert's details.
    #[arg(long, value_name = "FILE")]
    details: Option<PathBuf>,
}

pub fn run(config: &Config, inventory: &Inventory, asked: &Find, json: bool) -> Result<(), Failure> {
    let facts = facts(config, asked)?;
    let found = find(inventory, &facts, config.inventory.max_hosts);
    if json {
        let mut told = json!(found.visit());
        told["customer"] = json!(facts.customer);
        say(told);
    } else {
        found.lines(people::locale(config).language).iter().for_each(say);
    }
    if found.hosts.is_empty() { Err(Failure::Failed("it leads to no host".to_owned())) } else { Ok(()) }
}

fn facts(config: &Config, asked: &Find) -> Result<Facts, Failure> {
    let service = asked.service.as_ref().map(|name| Ref { name: name.clone(), id: name.clone(), url: None });
    let by_service = service.as_ref().and_then(|service| of_service(&config.customers, service, &[]));
    Ok(Facts {
        title: asked.title.clone(),
        details: asked.details.as_deref().map(details).transpose()?.into_iter().collect(),
        service: asked.service.clone(),
        customer: known(config, asked.customer.as_deref())?.or(by_service).map(str::to_owned),
        ..Facts::default()
    })
}

fn known<'a>(config: &Config, asked: Option<&'a str>) -> Result<Option<&'a str>, Failure> {
    let Some(id) = asked.filter(|id| config.customers.iter().all(|customer| customer.id != *id)) else {
        return Ok(asked);
    };
    let near = nearest(id, config.customers.iter().map(|customer| &customer.id));
    let hint = near.map_or_else(|| "see [[customer]] id".to_owned(), |near| format!("did you mean {near:?}?"));
    Err(Failure::Wrong(format!("--customer {id:?}: there is no such customer; {hint}")))
}

fn details(path: &Path) -> Result<Value, Failure> {
    let wrong = |what: String| Failure::Wrong(format!("{}: {what}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| wrong(format!("can't be read ({error}); mend the path")))?;
    serde_json::from_slice(&bytes).map_err(|error| wrong(format!("is no JSON ({error}); write the alert's details")))
}
