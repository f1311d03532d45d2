//! AWS Health events that EventBridge hands to SNS. Never says that a maintenance which is only planned is a problem.

use super::aws;
use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::time;
use jiff::tz::TimeZone;
use model::mail::{Severity, State};
use serde_json::Value;

pub fn read(letter: &Letter, _: &TimeZone) -> Option<Draft> {
    let value = letter.shown().contains("aws.health").then(|| aws::json(letter)).flatten()?;
    let detail = value.get("detail").filter(|_| aws::text(&value, &["source"]) == Some("aws.health"))?;
    let (category, status) = (aws::text(detail, &["eventTypeCategory"])?, aws::text(detail, &["statusCode"]));
    let (rule, state, severity) = match (category, status) {
        ("issue" | "investigation", Some("closed")) => ("closed", State::Recovery, Severity::Info),
        ("issue" | "investigation", _) => ("issue", State::Problem, Severity::Critical),
        ("scheduledChange", _) => ("scheduled change", State::Notice, Severity::Warning),
        ("accountNotification", _) => ("account notification", State::Notice, Severity::Info),
        _ => ("unknown category", State::Unknown, Severity::Warning),
    };
    let arn = aws::text(detail, &["eventArn"])?;
    let (service, code) = (aws::text(detail, &["service"]), aws::text(detail, &["eventTypeCode"]));
    let entities = detail.get("affectedEntities").and_then(Value::as_array).into_iter().flatten();
    let entities: Vec<&str> = entities.filter_map(|entity| aws::text(entity, &["entityValue"])).take(50).collect();
    let host = entities.first().copied().filter(|_| entities.len() == 1);
    let at = aws::text(detail, if state == State::Recovery { &["endTime", "lastUpdatedTime"] } else { &["startTime"] });
    let at = at.or_else(|| aws::text(&value, &["time"])).and_then(|text| time::instant(text, &TimeZone::UTC));
    let title = format!("{} {}", service.unwrap_or("AWS"), code.unwrap_or(category));
    let details = details(&value, detail, &entities);
    let draft = Draft::new(rule, state).on(host, code).severe(Some(severity)).titled(&title).at(at).named(Some(arn));
    let account =
        aws::text(detail, &["affectedAccount"]).or_else(|| aws::text(&value, &["account"])).unwrap_or_default();
    Some(draft.telling(details).global().keyed(["event", arn, account]))
}

fn details(value: &Value, detail: &Value, entities: &[&str]) -> Vec<(String, String)> {
    let descriptions = detail.get("eventDescription").and_then(Value::as_array).into_iter().flatten();
    let described = descriptions.filter_map(|d| aws::text(d, &["latestDescription"])).next();
    let all = [
        ("description", described.map(str::to_owned)),
        ("region", aws::text(value, &["region"]).map(str::to_owned)),
        ("account", aws::text(value, &["account"]).map(str::to_owned)),
        ("entities", Some(entities.join(", ")).filter(|text| !text.is_empty())),
        ("status", aws::text(detail, &["statusCode"]).map(str::to_owned)),
    ];
    all.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?))).collect()
}
