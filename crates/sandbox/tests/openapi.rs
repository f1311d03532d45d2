//! Drives every endpoint and holds the answers against the vendor's own OpenAPI documents, which are read from a folder named
//! by `ARAYASHIKI_VENDOR_DOCS` and never shipped: their licence is not stated. Skips, visibly, without them.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::path::PathBuf;

use common::{World, event, send};
use jsonschema::Draft;
use reqwest::Method;
use sandbox::pagerduty::{Options, Story};
use serde_json::{Map, Value, json};

/// Log entries that are seen in the wild and that the document does not list.
const UNLISTED_ENTRIES: &[&str] =
    &["merge", "status_update", "responder_request", "responder_accept", "responder_decline"];

#[expect(clippy::disallowed_methods, reason = "a test is told by the environment where the vendor's documents lie")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[expect(clippy::print_stdout, reason = "a skipped check must be seen in the test's output")]
fn document(name: &str) -> Option<Value> {
    let Some(folder) = variable("ARAYASHIKI_VENDOR_DOCS") else {
        assert_ne!(variable("CI").as_deref(), Some("true"), "CI must set ARAYASHIKI_VENDOR_DOCS");
        println!("skipped: ARAYASHIKI_VENDOR_DOCS is not set");
        return None;
    };
    let text = std::fs::read_to_string(PathBuf::from(folder).join(name)).expect("the vendor's document");
    let mut document = serde_json::from_str(&text).expect("JSON");
    translate(&mut document);
    Some(document)
}

/// OpenAPI 3.0 to JSON Schema: null is a type, a discriminator is not, and examples are no schemas.
fn translate(node: &mut Value) {
    match node {
        Value::Array(items) => items.iter_mut().for_each(translate),
        Value::Object(fields) => {
            for noise in ["discriminator", "example", "examples", "readOnly", "exclusiveMinimum", "exclusiveMaximum"] {
                // A property may bear such a name; then it is a schema and stays.
                if fields.get(noise).is_none_or(|v| v.get("type").is_none()) {
                    fields.remove(noise);
                }
            }
            if let Some(Value::String(reference)) = fields.get_mut("$ref") {
                *reference = as_uri(reference);
            }
            fields.values_mut().for_each(translate);
            if fields.get("nullable") == Some(&json!(true)) {
                fields.remove("nullable");
                let inner = Value::Object(std::mem::take(fields));
                fields.insert("anyOf".into(), json!([inner, { "type": "null" }]));
            }
        }
        _ => {}
    }
}

/// Braces of path templates may not stand in a reference as they are.
fn as_uri(reference: &str) -> String {
    reference.replace('{', "%7B").replace('}', "%7D")
}

struct Judge {
    document: Value,
}

impl Judge {
    fn new(document: Value) -> Self {
        let mut judge = Self { document };
        judge.correct();
        judge
    }

    fn schema(&mut self, name: &str) -> &mut Value {
        &mut self.document["components"]["schemas"][name]
    }

    fn properties(&mut self, name: &str) -> &mut Map<String, Value> {
        let schema = self.schema(name);
        let own = if schema.get("properties").is_some() {
            &mut schema["properties"]
        } else {
            let parts = schema["allOf"].as_array_mut().expect("parts");
            let part = parts.iter_mut().rfind(|p| p.get("properties").is_some()).expect("a part with properties");
            &mut part["properties"]
        };
        own.as_object_mut().expect("properties")
    }

    /// Where the document contradicts itself or the vendor's own examples, the examples win.
    fn correct(&mut self) {
        // Null while there is none: the examples and the guides show it, the types do not.
        let nullable: [(&str, &[&str]); 6] = [
            ("Incident", &["resolved_at", "priority", "alert_grouping", "resolve_reason", "conference_bridge"]),
            (
                "Service",
                &[
                    "auto_resolve_timeout",
                    "acknowledgement_timeout",
                    "last_incident_timestamp",
                    "support_hours",
                    "response_play",
                ],
            ),
            ("Oncall", &["schedule", "start", "end"]),
            ("ScheduleLayer", &["end"]),
            ("SubSchedule", &["rendered_coverage_percentage"]),
            ("AlertGroupingParameters", &["type", "config"]),
        ];
        for (schema, names) in nullable {
            for name in names {
                if let Some(property) = self.properties(schema).get_mut(*name) {
                    *property = json!({ "anyOf": [property.take(), { "type": "null" }] });
                }
            }
        }
        // Its own type is spelt differently in the two halves of the schema, so that nothing fits.
        self.properties("AcknowledgeLogEntry").insert("type".into(), json!({ "enum": ["acknowledge_log_entry"] }));
        // The kinds of channels overlap, so exactly one can never be told; so do those of grouping.
        one_to_any(self.schema("Channel"));
        one_to_any(self.schema("AlertGroupingParameters"));
        one_to_any(self.properties("Service").get_mut("alert_grouping_parameters").expect("a property"));
        // A changed field is listed among one incident's entries and forgotten among the account's.
        let entries = "/paths/~1incidents~1{id}~1log_entries/get/responses/200/content/application~1json/schema";
        let whole = self.document.pointer(entries).expect("a schema").clone();
        let account = self.document.pointer_mut(&entries.replace("~1incidents~1{id}~1log_entries", "~1log_entries"));
        *account.expect("a schema") = whole;
    }

    fn check(&self, method: &str, template: &str, status: u16, body: &Value) {
        let code = status.to_string();
        let mut response = &self.document["paths"][template][method]["responses"][&code];
        assert!(!response.is_null(), "{method} {template} documents no {code}");
        let mut pointer = format!("/paths/{}/{method}/responses/{code}", template.replace('/', "~1"));
        if let Some(reference) = response["$ref"].as_str() {
            pointer = reference.trim_start_matches('#').replace("%7B", "{").replace("%7D", "}");
            response = self.document.pointer(&pointer).expect("a response");
        }
        if response["content"].is_null() {
            assert!(body.is_null(), "{method} {template} {code} has no body");
            return;
        }
        let mut schema = self.document.clone();
        schema["$ref"] = json!(as_uri(&format!("#{pointer}/content/application~1json/schema")));
        let validator = jsonschema::options().with_draft(Draft::Draft202012).build(&schema).expect("a schema");
        let errors: Vec<String> =
            validator.iter_errors(body).map(|e| format!("{} at {}", e, e.instance_path())).collect();
        assert!(errors.is_empty(), "{method} {template} {code}: {}\n{body:#}", errors.join("\n"));
    }
}

fn one_to_any(schema: &mut Value) {
    let fields = schema.as_object_mut().expect("a schema");
    if let Some(options) = fields.remove("oneOf") {
        fields.insert("anyOf".into(), options);
    }
    for option in fields.values_mut().filter_map(Value::as_array_mut).flatten().filter(|o| o.is_object()) {
        one_to_any(option);
    }
}

/// The sandbox, the judge and what an answer must be.
struct Drive {
    world: World,
    judge: Judge,
}

impl Drive {
    async fn call(&self, method: Method, path: &str, template: &str, (status, body): (u16, Value)) -> Value {
        let mut request = self.world.request(method.clone(), path);
        if !body.is_null() {
            request = request.json(&body);
        }
        let mut answer = send(request).await.expect("an answer");
        assert_eq!(answer.status.as_u16(), status, "{method} {path}: {}", answer.body);
        if let Some(entries) = answer.body.get_mut("log_entries").and_then(Value::as_array_mut) {
            assert!(!entries.is_empty(), "{path} shows nothing");
            entries.retain(|e| !UNLISTED_ENTRIES.iter().any(|kind| e["type"] == format!("{kind}_log_entry")));
        }
        self.judge.check(method.as_str().to_lowercase().as_str(), template, status, &answer.body);
        answer.body
    }

    async fn get(&self, path: &str, template: &str) -> Value {
        self.call(Method::GET, path, template, (200, Value::Null)).await
    }
}

#[tokio::test]
async fn rest_reads_are_as_the_vendor_documents_them() {
    let Some(document) = document("pagerduty-openapi.json") else { return };
    let world = World::new(Options { story: Story::Night, history_days: 12, speed: 0.001, ..Options::default() }).await;
    let drive = Drive { world, judge: Judge::new(document) };
    let all = drive.get("/incidents?limit=100&date_range=all&total=true", "/incidents").await;
    let includes = "include[]=services&include[]=users&include[]=teams&include[]=escalation_policies&include[]=first_trigger_log_entries";
    drive.get(&format!("/incidents?limit=50&{includes}"), "/incidents").await;
    for incident in all["incidents"].as_array().expect("a list").iter().rev().take(12) {
        let id = incident["id"].as_str().expect("an id");
        drive.get(&format!("/incidents/{id}"), "/incidents/{id}").await;
        drive.get(&format!("/incidents/{id}/notes"), "/incidents/{id}/notes").await;
        drive.get(&format!("/incidents/{id}/log_entries?include[]=channels"), "/incidents/{id}/log_entries").await;
        let alerts = drive.get(&format!("/incidents/{id}/alerts"), "/incidents/{id}/alerts").await;
        if let Some(alert) = alerts["alerts"][0]["id"].as_str() {
            drive.get(&format!("/incidents/{id}/alerts/{alert}"), "/incidents/{id}/alerts/{alert_id}").await;
        }
    }
    let entries = drive.get("/log_entries?limit=100&include[]=channels", "/log_entries").await;
    let entry = entries["log_entries"].as_array().expect("a list").iter().find(|e| e["type"] == "trigger_log_entry");
    let entry = entry.expect("a trigger")["id"].as_str().expect("an id");
    drive.get(&format!("/log_entries/{entry}?include[]=channels"), "/log_entries/{id}").await;
    for (list, name) in [
        ("/services", "services"),
        ("/users", "users"),
        ("/teams", "teams"),
        ("/escalation_policies", "escalation_policies"),
        ("/schedules", "schedules"),
        ("/maintenance_windows", "maintenance_windows"),
        ("/webhook_subscriptions", "webhook_subscriptions"),
    ] {
        let shown = drive.get(list, list).await;
        let id = shown[name][0]["id"].as_str().expect("one at least");
        drive.get(&format!("{list}/{id}"), &format!("{list}/{{id}}")).await;
    }
    for path in ["/oncalls", "/priorities", "/abilities", "/audit/records"] {
        drive.get(path, path).await;
    }
    let team = drive.get("/teams", "/teams").await["teams"][0]["id"].as_str().expect("a team").to_owned();
    drive.get(&format!("/teams/{team}/members"), "/teams/{id}/members").await;
    drive.call(Method::GET, "/abilities/teams", "/abilities/{id}", (204, Value::Null)).await;
    let token = drive.world.sandbox.info().user_tokens.values().next().expect("a user").clone();
    let me = drive.world.bare(Method::GET, "/users/me").header("authorization", format!("Token token={token}"));
    drive.judge.check("get", "/users/me", 200, &send(me).await.expect("an answer").body);
}

#[tokio::test]
async fn rest_writes_are_as_the_vendor_documents_them() {
    let Some(document) = document("pagerduty-openapi.json") else { return };
    let drive = Drive { world: World::quick().await, judge: Judge::new(document) };
    let world = &drive.world;
    let (service, _) = world.service_named("EC").await;
    let new = |title: &str| json!({ "incident": { "type": "incident", "title": title, "service": { "id": service, "type": "service_reference" } } });
    let by_hand = drive.call(Method::POST, "/incidents", "/incidents", (201, new("by hand"))).await["incident"].clone();
    let id = world.trigger("a").await["id"].as_str().expect("an id").to_owned();
    let other = world.trigger("b").await["id"].clone();
    let at = |rest: &str| format!("/incidents/{id}{rest}");
    let update = |status: &str| json!({ "incident": { "type": "incident_reference", "status": status } });
    drive.call(Method::PUT, &at(""), "/incidents/{id}", (200, update("acknowledged"))).await;
    let many =
        json!({ "incidents": [{ "id": by_hand["id"], "type": "incident_reference", "status": "acknowledged" }] });
    drive.call(Method::PUT, "/incidents", "/incidents", (200, many)).await;
    let sources = json!({ "source_incidents": [{ "id": other, "type": "incident_reference" }] });
    drive.call(Method::PUT, &at("/merge"), "/incidents/{id}/merge", (200, sources)).await;
    drive.call(Method::POST, &at("/snooze"), "/incidents/{id}/snooze", (201, json!({ "duration": 3600 }))).await;
    let note = json!({ "note": { "content": "見ています" } });
    let written = drive.call(Method::POST, &at("/notes"), "/incidents/{id}/notes", (200, note.clone())).await;
    let own = at(&format!("/notes/{}", written["note"]["id"].as_str().expect("an id")));
    drive.call(Method::PUT, &own, "/incidents/{id}/notes/{note_id}", (200, note)).await;
    drive.call(Method::DELETE, &own, "/incidents/{id}/notes/{note_id}", (204, Value::Null)).await;
    let text = json!({ "message": "working on it" });
    drive.call(Method::POST, &at("/status_updates"), "/incidents/{id}/status_updates", (200, text)).await;
    let users = world.get("/users").await.body["users"].clone();
    let call = json!({ "requester_id": users[0]["id"], "message": "help", "responder_request_targets": [{ "responder_request_target": { "id": users[1]["id"], "type": "user_reference" } }] });
    drive.call(Method::POST, &at("/responder_requests"), "/incidents/{id}/responder_requests", (200, call)).await;
    drive.get(&at("?include[]=users"), "/incidents/{id}").await;
    let alerts = drive.get(&at("/alerts"), "/incidents/{id}/alerts").await["alerts"].clone();
    let alert = alerts[0]["id"].as_str().expect("an alert");
    let resolve = json!({ "alert": { "type": "alert", "status": "resolved" } });
    drive
        .call(Method::PUT, &at(&format!("/alerts/{alert}")), "/incidents/{id}/alerts/{alert_id}", (200, resolve))
        .await;
    let resolve = json!({ "alerts": [{ "id": alerts[1]["id"], "type": "alert", "status": "resolved" }] });
    drive.call(Method::PUT, &at("/alerts"), "/incidents/{id}/alerts", (200, resolve)).await;
    assert_eq!(drive.get(&at(""), "/incidents/{id}").await["incident"]["status"], "resolved");
    drive.get(&at("/log_entries?include[]=channels"), "/incidents/{id}/log_entries").await;
    drive.get("/incidents", "/incidents").await;
}

#[tokio::test]
async fn settings_between_an_event_and_an_incident_are_as_the_vendor_documents_them() {
    let Some(document) = document("pagerduty-openapi.json") else { return };
    let drive = Drive { world: World::quick().await, judge: Judge::new(document) };
    let world = &drive.world;
    let (service, _) = world.service_named("EC").await;
    let filter = json!({ "subject_mode": "match", "subject_regex": "Problem", "body_mode": "always", "from_email_mode": "always" });
    let parser = json!({ "action": "trigger", "match_predicate": { "type": "all", "part": "subject", "children": [{ "type": "contains", "part": "subject", "matcher": "Problem", "children": [] }] },
        "value_extractors": [{ "type": "regex", "part": "subject", "value_name": "incident_key", "regex": "#([0-9]+)" }] });
    let rules = json!({ "email_incident_creation": "use_rules", "email_filter_mode": "or-rules-email", "email_filters": [filter], "email_parsers": [parser], "email_parsing_fallback": "discard" });
    let body = json!({ "service": service, "act": "add_email", "name": "with-rules", "rules": rules });
    let made = world.control("integration", &body).await["integration"].clone();
    let mailbox = made["id"].as_str().expect("an id");
    let shown = drive
        .get(&format!("/services/{service}/integrations/{mailbox}"), "/services/{id}/integrations/{integration_id}")
        .await;
    assert_eq!(shown["integration"]["integration_email"], "with-rules@example.pagerduty.com");
    drive.get(&format!("/services/{service}"), "/services/{id}").await;
    let made = world.control("orchestration", &json!({ "name": "Shop" })).await;
    let own = made["orchestration"].as_str().expect("an id").to_owned();
    let sets = json!([{ "id": "start", "rules": [{ "label": "noise", "conditions": [{ "expression": "event.summary matches part 'noise'" }], "actions": { "drop_event": true } }] }]);
    for which in ["global", "unrouted"] {
        world.control("orchestration", &json!({ "orchestration": own, "path": which, "sets": sets })).await;
    }
    let route = json!([{ "id": "start", "rules": [{ "label": "shop", "conditions": [], "actions": { "route_to": service } }] }]);
    world.control("orchestration", &json!({ "orchestration": own, "path": "router", "sets": route })).await;
    world.control("orchestration", &json!({ "service": service, "sets": sets, "active": true })).await;
    drive.get("/event_orchestrations", "/event_orchestrations").await;
    drive.get(&format!("/event_orchestrations/{own}"), "/event_orchestrations/{id}").await;
    drive.get(&format!("/event_orchestrations/{own}/integrations"), "/event_orchestrations/{id}/integrations").await;
    for which in ["global", "router", "unrouted"] {
        drive
            .get(&format!("/event_orchestrations/{own}/{which}"), &format!("/event_orchestrations/{{id}}/{which}"))
            .await;
    }
    let path = format!("/event_orchestrations/services/{service}");
    drive.get(&path, "/event_orchestrations/services/{service_id}").await;
    drive.get(&format!("{path}/active"), "/event_orchestrations/services/{service_id}/active").await;
    let wanted = json!({ "service": service, "type": "content_based", "config": { "time_window": 600, "aggregate": "all", "fields": ["component"] } });
    world.control("grouping", &wanted).await;
    let listed =
        drive.get(&format!("/alert_grouping_settings?service_ids[]={service}"), "/alert_grouping_settings").await;
    assert_eq!(listed["alert_grouping_settings"].as_array().map(Vec::len), Some(1));
    drive.get(&format!("/services/{service}"), "/services/{id}").await;
    world.control("service", &json!({ "service": service, "status": "disabled", "by": "Sato Hanako" })).await;
    drive.get(&format!("/services/{service}/audit/records?limit=2"), "/services/{id}/audit/records").await;
}

#[tokio::test]
async fn what_a_mail_becomes_is_as_the_vendor_documents_it() {
    let Some(document) = document("pagerduty-openapi.json") else { return };
    let drive = Drive { world: World::quick().await, judge: Judge::new(document) };
    let raw = "From: zabbix@example.jp\r\nTo: hoshino-ec@example.pagerduty.com\r\nSubject: Problem: disk\r\n\r\nHost: web01\r\n";
    let taken = send(drive.world.bare(Method::POST, "/_control/mail").body(raw)).await.expect("an answer").body;
    let id = taken["mails"][0]["incident"].as_str().expect("an incident");
    drive.get(&format!("/incidents/{id}"), "/incidents/{id}").await;
    drive.get(&format!("/incidents/{id}/alerts"), "/incidents/{id}/alerts").await;
    drive.get(&format!("/incidents/{id}/log_entries?include[]=channels"), "/incidents/{id}/log_entries").await;
}

#[tokio::test]
async fn subscriptions_are_as_the_vendor_documents_them() {
    let Some(document) = document("pagerduty-openapi.json") else { return };
    let drive = Drive { world: World::quick().await, judge: Judge::new(document) };
    let wanted = json!({ "webhook_subscription": {
        "type": "webhook_subscription", "description": "mine", "events": ["incident.triggered"], "filter": { "type": "account_reference" },
        "delivery_method": { "type": "http_delivery_method", "url": "http://127.0.0.1:9/", "custom_headers": [{ "name": "x-a", "value": "b" }] },
    } });
    let made = drive.call(Method::POST, "/webhook_subscriptions", "/webhook_subscriptions", (200, wanted)).await;
    let id = made["webhook_subscription"]["id"].as_str().expect("an id").to_owned();
    let (path, template) = (format!("/webhook_subscriptions/{id}"), "/webhook_subscriptions/{id}");
    let change = json!({ "webhook_subscription": { "type": "webhook_subscription", "description": "other" } });
    drive.call(Method::PUT, &path, template, (200, change)).await;
    drive.call(Method::POST, &format!("{path}/enable"), "/webhook_subscriptions/{id}/enable", (200, Value::Null)).await;
    drive.call(Method::POST, &format!("{path}/ping"), "/webhook_subscriptions/{id}/ping", (202, Value::Null)).await;
    drive.get("/audit/records?limit=2", "/audit/records").await;
    drive.call(Method::DELETE, &path, template, (204, Value::Null)).await;
}

#[tokio::test]
async fn errors_are_as_the_vendor_documents_them() {
    let Some(document) = document("pagerduty-openapi.json") else { return };
    let drive = Drive { world: World::quick().await, judge: Judge::new(document) };
    drive.call(Method::GET, "/incidents?limit=0", "/incidents", (400, Value::Null)).await;
    drive.call(Method::GET, "/incidents/QNONE/notes", "/incidents/{id}/notes", (404, Value::Null)).await;
    let nobody = send(drive.world.bare(Method::GET, "/incidents")).await.expect("an answer");
    drive.judge.check("get", "/incidents", 401, &nobody.body);
    let many = json!({ "alerts": vec![json!({}); 251] });
    let id = drive.world.trigger("k").await["id"].as_str().expect("an id").to_owned();
    let answer = drive.world.put(&format!("/incidents/{id}/alerts"), &many).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn events_answers_are_as_the_vendor_documents_them() {
    let Some(document) = document("pagerduty-events-v2-openapi.json") else { return };
    let judge = Judge { document };
    let world = World::quick().await;
    let (_, key) = world.service();
    for action in ["trigger", "acknowledge", "resolve"] {
        let answer =
            send(world.bare(Method::POST, "/v2/enqueue").json(&event(&key, action, "k"))).await.expect("an answer");
        judge.check("post", "/enqueue", 202, &answer.body);
    }
    let change = json!({ "routing_key": key, "payload": { "summary": "deployed", "source": "ci" } });
    let answer = send(world.bare(Method::POST, "/v2/change/enqueue").json(&change)).await.expect("an answer");
    assert_eq!(answer.status, 202);
    judge.check("post", "/change/enqueue", 202, &answer.body);
}
