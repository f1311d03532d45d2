//! Every request that we send, held against the vendor's own description where that is at hand: paths, query
//! parameters and bodies. The description is not ours to ship, so its folder is named by ARAYASHIKI_VENDOR_DOCS.

use super::{client, events, writes};
use crate::pagerduty::{AuditOf, ListIncidents, ListLogEntries, ListReference, Sought};
use crate::testing::{Heard, NOW, Server, call, reply};
use model::incident::Status;
use model::reference::Kind;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

#[expect(clippy::disallowed_methods, reason = "a test that needs documents which the project may not carry")]
fn vendor_docs() -> Option<PathBuf> {
    let docs = std::env::var("ARAYASHIKI_VENDOR_DOCS").ok().map(PathBuf::from);
    if docs.is_none() {
        assert_ne!(
            std::env::var("CI").as_deref(),
            Ok("true"),
            "CI must hold our requests against the vendor's documents"
        );
        println!("skipped: ARAYASHIKI_VENDOR_DOCS is not set");
    }
    docs
}

fn document(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

/// Makes every call once and returns what went out.
async fn all_requests() -> Vec<Heard> {
    let server = Server::start(|_| reply(500, "")).await;
    let client = client(&server);
    let (call, span) = (call(), Some(NOW));
    let list = ListIncidents {
        since: span,
        until: span,
        statuses: Status::ALL.to_vec(),
        limit: 25,
        with_total: true,
        ..Default::default()
    };
    drop(client.incident(&call, "Q1").await);
    drop(client.incidents(&call, &list).await);
    drop(client.log_entries(&call, "Q1", span, 0).await);
    drop(client.all_log_entries(&call, ListLogEntries { since: span, until: span, offset: 0, with_total: true }).await);
    drop(client.alerts(&call, "Q1", 0).await);
    drop(client.notes(&call, "Q1").await);
    drop(client.find_press(&call, &super::custom_action::claimed(), NOW).await);
    drop(client.abilities(&call).await);
    drop(client.current_identity(&call).await);
    drop(client.webhook_subscriptions(&call, 0).await);
    drop(client.audit_records(&call, Some("c")).await);
    drop(client.find_incidents_by_key(&call, "k", Some("S1")).await);
    drop(client.add_note(&call, "Q1", None, "x").await);
    drop(client.update_note(&call, "Q1", "N1", None, "x").await);
    drop(client.create_incident(&call, None, &writes::new_incident()).await);
    drop(client.create_webhook_subscription(&call, &writes::new_subscription()).await);
    drop(client.enable_webhook_subscription(&call, "W1").await);
    drop(client.ping_webhook_subscription(&call, "W1").await);
    drop(client.webhook_subscription(&call, "W1").await);
    drop(client.alerts_document(&call, "Q1").await);
    let window = super::windows::new_window();
    drop(client.open_window(&call, None, &window).await);
    drop(client.change_window(&call, "PW1", &window).await);
    drop(client.end_window(&call, "PW1").await);
    drop(client.window(&call, "PW1").await);
    drop(client.find_window(&call, &window.services, "[m]").await);
    for kind in Kind::ALL {
        drop(client.reference(&call, &ListReference { kind, offset: 0, since: span, until: span }).await);
    }
    server.heard()
}

/// Every act and the look-ups of it, with the token's own probes.
async fn all_acts() -> Vec<Heard> {
    let server = Server::start(|heard| match heard.method.as_str() {
        "GET" => reply(200, super::acts::OPEN),
        _ => reply(500, ""),
    })
    .await;
    let client = client(&server);
    for act in super::acts::all() {
        drop(client.act(&call(), "Q1", &act, "mori@northwind.example", "[m]").await);
        let (user, marker) = ("U1", "[m]");
        let sought = Sought { incident: "Q1", act: &act, user, marker, since: NOW, earlier: 0 };
        drop(client.find_act(&call(), &sought).await);
    }
    let token = Server::start(|heard| match heard.path.as_str() {
        "/users/me" => reply(400, ""),
        _ => reply(404, ""),
    })
    .await;
    drop(super::client(&token).token(&call()).await);
    drop(super::client(&token).scopes(&call(), 0, usize::MAX).await);
    let token_of_an_app = Server::start(|_| reply(403, "")).await;
    drop(super::client(&token_of_an_app).token(&call()).await);
    [server.heard(), token.heard(), token_of_an_app.heard()].concat()
}

/// What the cause finder asks, one path after the other.
async fn all_causes() -> Vec<Heard> {
    let server = Server::start(super::causes::answer).await;
    let client = client(&server);
    drop(client.service(&call(), "S1").await.unwrap());
    drop(client.integration(&call(), "S1", "I1").await);
    drop(client.maintenance_windows(&call(), "S1", false).await.unwrap());
    drop(client.alert_grouping(&call(), "S1").await.unwrap());
    drop(client.on_calls(&call(), &["E1".into()]).await.unwrap());
    drop(client.orchestrations(&call(), 0).await.unwrap());
    drop(client.orchestration_paths(&call(), "O1").await.unwrap());
    drop(client.service_orchestration(&call(), "S1").await.unwrap());
    use AuditOf::{Account, EscalationPolicy, Schedule, Service, Team, User};
    for of in [Account, Service("X1"), EscalationPolicy("X1"), Schedule("X1"), Team("X1"), User("X1")] {
        drop(client.audit(&call(), of, NOW.plus_s(-60), 5).await.unwrap());
    }
    server.heard()
}

async fn all_events() -> Vec<Heard> {
    let server = Server::start(|_| reply(500, "")).await;
    let events = events(&server);
    drop(events.trigger_with(&call(), &writes::trigger(), &writes::extras()).await);
    drop(events.acknowledge(&call(), "k").await);
    drop(events.resolve(&call(), "k").await);
    server.heard()
}

/// The operation for a request, with the JSON pointer to it. Literal paths win over those with a parameter.
fn operation<'a>(api: &'a Value, heard: &Heard, prefix: &str) -> (&'a Value, String) {
    let path = heard.path.strip_prefix(prefix).unwrap();
    let mut fitting: Vec<&String> =
        api["paths"].as_object().unwrap().keys().filter(|template| fits(template, path)).collect();
    fitting.sort_by_key(|template| template.matches('{').count());
    let template = fitting.first().unwrap_or_else(|| panic!("the vendor knows no {path}"));
    let method = heard.method.to_lowercase();
    let found = &api["paths"][template.as_str()][&method];
    assert!(found.is_object(), "the vendor knows no {method} {path}");
    (found, format!("/paths/{}/{method}", template.replace('~', "~0").replace('/', "~1")))
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len() && template.iter().zip(&path).all(|(t, p)| t == p || t.starts_with('{'))
}

fn check_query(api: &Value, operation: &Value, heard: &Heard) {
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let known: Vec<(Value, Value)> = parameters
        .iter()
        .map(|p| p["$ref"].as_str().map_or(p, |to| api.pointer(to.trim_start_matches('#')).unwrap()))
        .map(|p| (p["in"].clone(), p["name"].clone()))
        .collect();
    for (name, _) in &heard.query {
        assert!(known.contains(&(json!("query"), json!(name))), "{} {}: no parameter {name}", heard.method, heard.path);
    }
    let wants_from = known.contains(&(json!("header"), json!("From")));
    assert!(!wants_from || heard.headers.contains_key("from"), "{}: From is missing", heard.path);
}

fn errors(api: &Value, pointer: &str, body: &Value) -> Vec<String> {
    let mut schema = api.clone();
    schema["$ref"] = json!(format!("#{pointer}/requestBody/content/application~1json/schema"));
    escape_references(&mut schema);
    let validator = jsonschema::options().with_draft(jsonschema::Draft::Draft7).build(&schema).unwrap();
    validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Paths with parameters stand in references as they are, and braces are no part of a URI.
fn escape_references(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, field) in map.iter_mut() {
                match field {
                    Value::String(to) if name == "$ref" => *to = to.replace('{', "%7B").replace('}', "%7D"),
                    _ => escape_references(field),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(escape_references),
        _ => {}
    }
}

/// A known fault of the description: it calls the details of an incident's body an object, where the guide and the
/// service itself take text.
fn check_body(api: &Value, pointer: &str, heard: &Heard) {
    let mut body = heard.json();
    if let Some(details) = body.pointer_mut("/incident/body/details") {
        *details = json!({});
    }
    let found = errors(api, pointer, &body);
    assert!(found.is_empty(), "{} {}: {found:#?}\n{body:#}", heard.method, heard.path);
}

fn check_all(api: &Value, requests: &[Heard], prefix: &str) {
    for heard in requests {
        let (operation, pointer) = operation(api, heard, prefix);
        check_query(api, operation, heard);
        assert_eq!(heard.body.is_empty(), operation.get("requestBody").is_none(), "{} {}", heard.method, heard.path);
        if !heard.body.is_empty() {
            check_body(api, &pointer, heard);
        }
    }
}

#[tokio::test]
async fn our_requests_are_those_that_the_vendor_describes() {
    let Some(folder) = vendor_docs() else { return };
    let requests = all_requests().await;
    assert_eq!(requests.len(), 34, "every call was made once");
    let api = document(&folder, "pagerduty-openapi.json");
    check_all(&api, &requests, "");
    let acts = all_acts().await;
    assert_eq!(acts.iter().filter(|heard| heard.method == "PUT").count(), 6);
    assert!(acts.iter().filter(|heard| heard.method == "POST").count() >= 3 && acts.len() > 30, "{}", acts.len());
    check_all(&api, &acts, "");
    let causes = all_causes().await;
    assert_eq!(causes.len(), 18, "every question was asked once");
    check_all(&api, &causes, "");
    let events = all_events().await;
    assert_eq!(events.len(), 3);
    check_all(&document(&folder, "pagerduty-events-v2-openapi.json"), &events, "/v2");
}

#[tokio::test]
async fn the_check_against_the_vendor_bites() {
    let Some(folder) = vendor_docs() else { return };
    let api = document(&folder, "pagerduty-openapi.json");
    let pointer = "/paths/~1incidents~1{id}~1notes/post";
    assert!(errors(&api, pointer, &json!({ "note": { "content": "x" } })).is_empty());
    assert!(!errors(&api, pointer, &json!({ "note": { "text": "x" } })).is_empty());
    assert!(!errors(&api, pointer, &json!({ "note": { "content": 7 } })).is_empty());
}
