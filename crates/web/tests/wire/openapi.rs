//! The API's description: true to the routes, whole in itself, and what is answered has the shape that it promises.

use crate::bed::{Answer, Bed, as_who, bed, hosted};
use axum::http::{Request, StatusCode};
use model::Scope;
use model::incident::Status;
use model::person::Role;
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn document(bed: &Bed, who: &str) -> Value {
    bed.get("/api/v1/openapi.json", who).await.json()
}

/// Everything that a `$ref` points at, anywhere.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            if let Some(Value::String(target)) = map.get("$ref") {
                found.insert(target.clone());
            }
            map.values().for_each(|v| references(v, found));
        }
        Value::Array(items) => items.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

/// Why a value is not of a schema; as much of JSON Schema as the description uses.
fn unfit(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(target) = schema["$ref"].as_str() {
        let held = document.pointer(target.trim_start_matches('#')).expect("a reference that leads somewhere");
        return unfit(document, held, value, at);
    }
    let mut wrong = Vec::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        wrong.extend(unfit(document, part, value, at));
    }
    if let Some(parts) = schema["oneOf"].as_array() {
        let fits = parts.iter().filter(|part| unfit(document, part, value, at).is_empty()).count();
        if fits != 1 {
            wrong.push(format!("{at}: {fits} of oneOf fit {value}"));
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.is_empty() && !kinds.contains(&kind) {
        wrong.push(format!("{at}: {kind} instead of {kinds:?}"));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        wrong.push(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    if schema.get("const").is_some_and(|held| held != value) {
        wrong.push(format!("{at}: {value} is not {}", schema["const"]));
    }
    if let Some(fields) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                wrong.push(format!("{at}: {name} is missing"));
            }
        }
        for (name, held) in fields {
            match schema["properties"].get(name) {
                Some(property) => wrong.extend(unfit(document, property, held, &format!("{at}.{name}"))),
                None if schema["additionalProperties"] == false => wrong.push(format!("{at}: {name} is unknown")),
                None => {}
            }
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        wrong.extend(unfit(document, &schema["items"], item, &format!("{at}[{index}]")));
    }
    wrong
}

/// The schema that the description promises for this answer.
fn promised<'a>(document: &'a Value, path: &str, method: &str, answer: &Answer) -> &'a Value {
    let kind = answer.headers["content-type"].to_str().unwrap();
    let response = &document["paths"][path][method]["responses"][answer.status.as_u16().to_string()];
    let schema = &response["content"][kind]["schema"];
    assert!(schema.is_object(), "{method} {path}: {} as {kind} is not described", answer.status);
    schema
}

fn hold(document: &Value, path: &str, method: &str, answer: &Answer) {
    let schema = promised(document, path, method, answer);
    if ["MailBytes", "OutputBytes"].iter().any(|name| schema["$ref"] == format!("#/components/schemas/{name}")) {
        return;
    }
    assert_eq!(unfit(document, schema, &answer.json(), path), Vec::<String>::new(), "{method} {path}");
}

async fn with_route() -> Bed {
    let routes = vec!["main".to_owned()];
    let net = web::SafetyNet { routes, ..web::SafetyNet::default() };
    let change = |s| web::Settings { safety_net: std::sync::Arc::new(net), ..s };
    hosted(change, crate::hosted::shown()).await
}

#[tokio::test]
async fn it_is_whole_in_itself() {
    let bed = bed().await;
    let who = bed.token("t", Role::Viewer, Scope::All).await;
    let document = document(&bed, &who).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut targets = BTreeSet::new();
    references(&document, &mut targets);
    for target in &targets {
        let path = target.strip_prefix('#').expect("a reference within");
        assert!(document.pointer(path).is_some(), "{target} leads nowhere");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(targets.contains(&format!("#/components/schemas/{name}")), "{name} is used nowhere");
    }
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let in_path: BTreeSet<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        for (method, operation) in methods.as_object().unwrap() {
            assert!(["get", "post", "put", "delete"].contains(&method.as_str()), "{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|s| s.len() > 5), "{method} {path}");
            let parameters = operation["parameters"].as_array().unwrap();
            let named: Vec<(&str, &str)> =
                parameters.iter().map(|p| (p["name"].as_str().unwrap(), p["in"].as_str().unwrap())).collect();
            let unique: BTreeSet<_> = named.iter().collect();
            assert_eq!(unique.len(), named.len(), "{method} {path}: a parameter stands twice");
            let told: BTreeSet<&str> = named.iter().filter(|(_, place)| *place == "path").map(|(n, _)| *n).collect();
            assert_eq!(told, in_path, "{method} {path}");
            for parameter in parameters {
                let is_required = parameter["in"] == "path";
                assert_eq!(parameter["required"], is_required, "{method} {path}");
                assert!(parameter["schema"].is_object(), "{method} {path}");
            }
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
            assert!(responses.contains_key("401") && responses.contains_key("default"), "{method} {path}");
            assert!(responses.values().all(|r| r["description"].as_str().is_some_and(|d| !d.is_empty())));
        }
    }
}

#[tokio::test]
async fn what_is_answered_has_the_shape_that_is_promised() {
    let bed = with_route().await;
    let who = bed.token("t", Role::Admin, Scope::All).await;
    bed.incident("Q1", 2, "x", Some("aoba"), Status::Triggered).await;
    bed.incident("Q2", 3, "y", None, Status::Resolved).await;
    let signal = bed.signal(b"1", "Q1", Some("aoba")).await;
    let job = bed.dead_job("Q1", Some("aoba")).await;
    let mail = bed.mail("m", Some("aoba")).await;
    bed.callout("c1", "token-1", None).await;
    crate::bridges::ticket(&bed, "Q1/7", "x", None).await;
    crate::bridges::event(&bed, "Q1/7", "x", None, &Default::default()).await;
    let unit = bed.store.write("test", |tx| {
        Box::pin(async move {
            let now = tx.now();
            store::outages::begin(tx, "Q1", now, "{}").await?;
            store::outages::end(tx, "Q1", r#"{"problems":0,"matched":0,"registered":0,"recovered":0,"lacking":0,"set_aside":0,"calls":0,"answered":0}"#).await?;
            store::canaries::add(tx, "c1", "main", "").await?;
            let balance = store::ledger::balance(tx, &Scope::All, now.plus_s(-86_400), now).await?;
            store::ledger::close(tx, "2026-05-01", &balance).await
        })
    });
    unit.await.unwrap();
    let run = crate::hosted::run(&bed, "web-1", Some("aoba"), Some("Q1"), b"load 97\n").await;
    crate::hosted::end(&bed, run, false, "{}").await;
    crate::hosted::visit(&bed, "Q1", Some("aoba")).await;
    let document = document(&bed, &who).await;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let id = match path {
            path if path.contains("/v1/runs/") => run.to_string(),
            path if path.contains("/inbox/") => signal.to_string(),
            path if path.contains("/jobs/") => job.to_string(),
            path if path.contains("/mails/") => mail.to_string(),
            _ => "Q1".into(),
        };
        let real = path.replace("{id}", &id).replace("{act}", "1").replace("{name}", "main").replace("{n}", "0");
        let real = real.replace("{space}/{number}", "Q1/7").replace("{calendar}/{event}", "Q1/7");
        for (method, operation) in methods.as_object().unwrap() {
            let answer = if method == "get" { bed.get(&real, &who).await } else { bed.post(&real, &who, "").await };
            assert_ne!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path} is not served");
            assert!(!answer.status.is_server_error(), "{method} {path}: {}", answer.status);
            hold(&document, path, method, &answer);
            let queries: Vec<&str> = operation["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|p| p["in"] == "query" && p["allowEmptyValue"] == true)
                .map(|p| p["name"].as_str().unwrap())
                .collect();
            for name in queries {
                let empty = bed.get(&format!("{real}?{name}="), &who).await;
                assert_eq!(empty.status, StatusCode::OK, "{path} {name}");
            }
            let bare = if method == "get" { bed.get(&real, "").await } else { bed.post(&real, "", "").await };
            assert_eq!(bare.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            hold(&document, path, method, &bare);
            let odd = bed.get(&format!("{real}?no_such=1"), &who).await;
            if method == "get" {
                assert_eq!(odd.status, StatusCode::BAD_REQUEST, "{path}");
                hold(&document, path, method, &odd);
            }
        }
    }
}

#[tokio::test]
async fn bodies_that_fit_the_schema_are_understood_and_others_are_not() {
    let bed = bed().await;
    let who = bed.token("t", Role::Admin, Scope::All).await;
    let document = document(&bed, &who).await;
    let schema = json!({ "$ref": "#/components/schemas/Act" });
    let nonce = "0123456789";
    let good = [
        json!({ "act": "acknowledge", "nonce": nonce }),
        json!({ "act": "resolve", "nonce": nonce }),
        json!({ "act": "resolve", "resolution": null, "nonce": nonce }),
        json!({ "act": "note", "text": "x", "nonce": nonce }),
        json!({ "act": "snooze", "seconds": 60, "nonce": nonce }),
        json!({ "act": "reassign", "users": ["P1"], "nonce": nonce }),
        json!({ "act": "escalate", "level": 2, "nonce": nonce }),
        json!({ "act": "priority", "to": null, "nonce": nonce }),
        json!({ "act": "merge", "sources": ["Q2"], "nonce": nonce }),
    ];
    bed.incident("Q1", 2, "x", None, Status::Triggered).await;
    for body in good {
        assert_eq!(unfit(&document, &schema, &body, "body"), Vec::<String>::new(), "{body}");
        let request = as_who(Request::post("/api/v1/incidents/Q1/acts"), &who);
        let answer = bed.send(request, body.to_string()).await;
        // The token is nobody's; the body was understood.
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{body}");
        hold(&document, "/api/v1/incidents/{id}/acts", "post", &answer);
    }
    for body in
        [json!({}), json!({ "act": "note", "nonce": nonce }), json!({ "act": "acknowledge", "x": 1, "nonce": nonce })]
    {
        assert!(!unfit(&document, &schema, &body, "body").is_empty(), "{body}");
    }
}
