//! Event orchestrations: which there are, by which keys events come into them, and their rules. A rule is never read as
//! doing less than it may: a condition that can't be read stays one that nobody can judge.

use super::{Shown, found, shown};
use crate::pagerduty::read::{page, paging};
use crate::pagerduty::{Client, Page, checked_id, decode, json, map, unreadable, wire};
use crate::{Call, CallError};
use model::Micros;
use model::orchestration::{
    Orchestration, OrchestrationKey, Path, Paths, Rule, RuleActions, RuleSet, ServiceOrchestration,
};
use model::setting::KeyPrint;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

/// Each of a page is asked for by itself, since the list shows no keys.
const ORCHESTRATIONS_A_PAGE: u32 = 25;

impl Client {
    /// Global orchestrations with their keys, a page of them.
    pub async fn orchestrations(&self, call: &Call, offset: u32) -> Result<Shown<Page<Orchestration>>, CallError> {
        let started = Instant::now();
        let query = paging(ORCHESTRATIONS_A_PAGE, offset);
        let listed = self.ask(call, started, &["event_orchestrations"], &query).await;
        let listed = match shown(listed)? {
            Shown::Yes(raw) => page(decode::<wire::Rows<WireOrchestration>>(&raw, false)?, offset, |row| row.id),
            Shown::NotAllowed { why } => return Ok(Shown::NotAllowed { why }),
        };
        let mut items = Vec::new();
        for id in &listed.items {
            // One that was deleted in between is none.
            if let Some(one) = found(self.orchestration(call, started, id).await)? {
                items.push(one);
            }
        }
        let Page { more, next_offset, total, .. } = listed;
        Ok(Shown::Yes(Page { items, more, next_offset, total }))
    }

    async fn orchestration(&self, call: &Call, started: Instant, id: &str) -> Result<Orchestration, CallError> {
        let path = ["event_orchestrations", checked_id(id, false)?];
        let raw = self.ask(call, started, &path, &Vec::new()).await?;
        Ok(decode::<wire::One<WireOrchestration>>(&raw, false)?.one.into())
    }

    /// The rules of a global orchestration, of its router and for what goes nowhere.
    pub async fn orchestration_paths(&self, call: &Call, id: &str) -> Result<Shown<Paths>, CallError> {
        shown(self.paths(call, id).await)
    }

    async fn paths(&self, call: &Call, id: &str) -> Result<Paths, CallError> {
        let (started, id) = (Instant::now(), checked_id(id, false)?);
        let of = |kind: &'static str| ["event_orchestrations", id, kind];
        Ok(Paths {
            global: self.path(call, started, &of("global")).await?,
            router: self.path(call, started, &of("router")).await?,
            unrouted: self.path(call, started, &of("unrouted")).await?,
        })
    }

    /// The rules of a service, and whether they are used.
    pub async fn service_orchestration(
        &self,
        call: &Call,
        service: &str,
    ) -> Result<Shown<ServiceOrchestration>, CallError> {
        shown(self.of_service(call, service).await)
    }

    async fn of_service(&self, call: &Call, service: &str) -> Result<ServiceOrchestration, CallError> {
        #[derive(Deserialize)]
        struct Active {
            active: bool,
        }
        let (started, service) = (Instant::now(), checked_id(service, false)?);
        let path = ["event_orchestrations", "services", service];
        let active = self.ask(call, started, &[&path[..], &["active"]].concat(), &Vec::new()).await;
        let active = found(active)?.map(|raw| decode::<Active>(&raw, false)).transpose()?;
        let is_active = active.is_some_and(|one| one.active);
        // Rules that are not used decide nothing.
        let path = if is_active { self.path(call, started, &path).await? } else { None };
        Ok(ServiceOrchestration { is_active, path })
    }

    async fn path(&self, call: &Call, started: Instant, path: &[&str]) -> Result<Option<Path>, CallError> {
        let Some(raw) = found(self.ask(call, started, path, &Vec::new()).await)? else { return Ok(None) };
        read_path(&decode::<wire::One<Value>>(&raw, false)?.one).map(Some).map_err(|e| unreadable(&e, false))
    }
}

#[derive(Deserialize)]
struct WireOrchestration {
    #[serde(deserialize_with = "wire::named")]
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default, deserialize_with = "wire::list")]
    integrations: Vec<Value>,
    #[serde(default, deserialize_with = "wire::time")]
    updated_at: Option<Micros>,
    #[serde(default)]
    updated_by: Option<wire::Reference>,
}

impl From<WireOrchestration> for Orchestration {
    fn from(from: WireOrchestration) -> Self {
        Self {
            name: from.name.filter(|name| !name.is_empty()).unwrap_or_else(|| from.id.clone()),
            id: from.id,
            keys: from.integrations.iter().filter_map(key).collect(),
            updated_at: from.updated_at,
            updated_by: from.updated_by.and_then(|by| by.id),
        }
    }
}

fn key(from: &Value) -> Option<OrchestrationKey> {
    let key = map::text(&from["parameters"], "routing_key")?;
    let text = |name: &str| map::text(from, name).unwrap_or_default();
    Some(OrchestrationKey { id: text("id"), label: text("label"), key: KeyPrint::of(&key) })
}

fn read_path(from: &Value) -> Result<Path, json::Unreadable> {
    let Some(sets) = from["sets"].as_array() else {
        let place = "orchestration_path.sets".to_owned();
        return Err(json::Unreadable { place, why: "it is no list".to_owned() });
    };
    Ok(Path {
        sets: sets.iter().map(set).collect(),
        catch_all: actions(&from["catch_all"]["actions"]),
        updated_at: map::text(from, "updated_at").as_deref().and_then(Micros::parse),
        updated_by: map::text(&from["updated_by"], "id"),
    })
}

fn set(from: &Value) -> RuleSet {
    let rules = from["rules"].as_array().into_iter().flatten().map(rule).collect();
    RuleSet { id: map::text(from, "id").unwrap_or_default(), rules }
}

fn rule(from: &Value) -> Rule {
    let text = |name: &str| map::text(from, name).unwrap_or_default();
    let conditions = match &from["conditions"] {
        Value::Array(list) => list.iter().map(|one| map::text(one, "expression").unwrap_or_default()).collect(),
        Value::Null => Vec::new(),
        // An empty expression is one that nobody can judge; no expression at all would mean "always".
        _ => vec![String::new()],
    };
    Rule {
        id: text("id"),
        label: text("label"),
        is_disabled: from["disabled"] == true,
        conditions,
        actions: actions(&from["actions"]),
    }
}

fn actions(from: &Value) -> RuleActions {
    let text = |name: &str| map::text(from, name);
    let rewritten = from["extractions"].as_array().into_iter().flatten();
    RuleActions {
        drops: from["drop_event"] == true,
        suppresses: from["suppress"] == true,
        suspends_s: from["suspend"].as_u64().and_then(|s| u32::try_from(s).ok()).filter(|s| *s > 0),
        event_action: text("event_action"),
        route_to: text("route_to"),
        routes_by_field: from["dynamic_route_to"].is_object(),
        escalation_policy: text("escalation_policy"),
        severity: text("severity"),
        priority: text("priority"),
        rewrites: rewritten.filter_map(|one| map::text(one, "target")).collect(),
    }
}
