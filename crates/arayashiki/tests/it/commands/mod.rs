//! Commands that an operator types beside a server, or without one: check, backfill, export, and what the log tells.

mod backfill;
mod check;
mod export;
mod flood;
mod in_between;
mod logs;
mod mail;
mod message;
mod one_process;
mod people;
mod record;
mod slack;

use crate::outside::process::{err, out};
use crate::world::{Sandbox, World};
use serde_json::Value;
use std::process::Output;

fn ends(output: &Output, status: i32) -> String {
    assert_eq!(output.status.code(), Some(status), "{}{}", out(output), err(output));
    out(output)
}

/// Every incident as the outside knows it, by number.
fn truth(sandbox: &Sandbox) -> Vec<Value> {
    let page = sandbox.get("truth?limit=10000");
    assert_eq!(page["more"], false);
    page["incidents"].as_array().unwrap().clone()
}

/// What an export writes to standard output.
fn exported(world: &World, what: &str) -> Vec<Value> {
    let output = world.site.command(&["export", "--what", what, "--format", "json", "--out", "-"]);
    serde_json::from_str(&ends(&output, 0)).unwrap()
}

/// The mirror holds what the outside tells of these incidents, alerts and notes' counts included.
fn assert_mirrored(world: &World, expected: &[Value]) {
    let (rows, alerts) = (exported(world, "incidents"), exported(world, "alerts"));
    for incident in expected {
        let id = incident["id"].as_str().unwrap();
        let row = rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("{id} is missing"));
        for field in ["number", "title", "status", "urgency", "resolved_at", "merged_into"] {
            assert_eq!(row[field], incident[field], "{id} {field}");
        }
        let told = incident["alerts"].as_array().unwrap();
        let mut known: Vec<(&Value, &Value)> = told.iter().map(|a| (&a["id"], &a["status"])).collect();
        let ours = alerts.iter().filter(|alert| alert["incident_id"] == id);
        let mut ours: Vec<(&Value, &Value)> = ours.map(|a| (&a["id"], &a["status"])).collect();
        known.sort_by_key(|(id, _)| id.to_string());
        ours.sort_by_key(|(id, _)| id.to_string());
        assert_eq!(ours, known, "alerts of {id}");
        assert_eq!(row["notes_count"], incident["notes"].as_array().unwrap().len(), "notes of {id}");
    }
}
