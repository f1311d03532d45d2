//! The control interface: lays troubles over hosts and heals them, cuts connections, moves the clock and shows the truth. Belongs to tests
//! and demos; nobody is asked who he is.

use serde_json::{Value, json};

use super::machine::disk::Written;
use super::ran;
use super::state::Hosts;
use super::trouble::Trouble;
use crate::clock::{micros, plus_s};

/// Who lays troubles from here.
pub(super) const HAND: &str = "hand";

/// None: there is no such control.
pub(super) fn handle(of: &Hosts, method: &str, what: &str, body: &Value) -> Option<Result<Value, String>> {
    Some(match (method, what) {
        ("GET", "hosts") => Ok(json!({ "hosts": shown(of) })),
        ("GET", "ran") => Ok(json!({ "ran": ran::all(&of.journal) })),
        ("POST", "trouble") => trouble(of, body),
        ("POST", "heal") => heal(of, body),
        ("POST", "cut") => cut(of, body),
        ("POST", "advance") => of.clock.move_by(body),
        _ => return None,
    })
}

fn node(of: &Hosts, body: &Value) -> Result<usize, String> {
    of.named(body["host"].as_str().ok_or("host is missing: its name")?)
}

/// `{"host": "hoshino-web01", "trouble": "disk_full", "percent": 97, "since_s": 600}`
fn trouble(of: &Hosts, body: &Value) -> Result<Value, String> {
    let node = node(of, body)?;
    let mut own = body.clone();
    let since_s = body["since_s"].as_i64().unwrap_or(0);
    if let Some(fields) = own.as_object_mut() {
        fields.remove("host");
        fields.remove("since_s");
    }
    let trouble: Trouble = serde_json::from_value(own).map_err(|e| format!("trouble: {e}"))?;
    of.lay(node, &by_hand(&trouble), trouble, plus_s(of.clock.now(), -since_s));
    Ok(json!({ "hosts": [one(of, node)] }))
}

/// A hand may lay several, each of its kind once.
pub(super) fn by_hand(trouble: &Trouble) -> String {
    let kind = json!(trouble)["trouble"].as_str().unwrap_or_default().to_owned();
    format!("{HAND}/{kind}")
}

/// `{"host": …}` ends all of it, `{"host": …, "trouble": "disk_full"}` one that a hand has laid.
fn heal(of: &Hosts, body: &Value) -> Result<Value, String> {
    let node = node(of, body)?;
    let by = body["trouble"].as_str().map(|kind| format!("{HAND}/{kind}"));
    Ok(json!({ "healed": of.heal(node, by.as_deref()) }))
}

fn cut(of: &Hosts, body: &Value) -> Result<Value, String> {
    let node = node(of, body)?;
    let connections = of.nodes[node].cut.receiver_count();
    of.nodes[node].cut.send_modify(|n| *n += 1);
    Ok(json!({ "cut": connections }))
}

fn one(of: &Hosts, node: usize) -> Value {
    let own = &of.nodes[node].spec;
    let laid = of
        .laid(node)
        .into_iter()
        .map(|(by, laid)| json!({ "by": by, "trouble": laid.trouble, "since": micros(laid.since) }));
    let scratch = of.scratch(node).into_iter().map(|(path, written)| match written {
        Written::Folder => json!({ "path": path, "folder": true }),
        Written::File(bytes) => json!({ "path": path, "bytes": bytes.len() }),
    });
    json!({
        "name": own.name, "hostname": own.hostname, "address": own.address, "customer": own.customer, "distro": own.distro, "role": own.role,
        "via": own.via, "troubles": laid.collect::<Vec<_>>(), "written": scratch.collect::<Vec<_>>(),
    })
}

pub(super) fn shown(of: &Hosts) -> Vec<Value> {
    (0..of.nodes.len()).map(|node| one(of, node)).collect()
}
