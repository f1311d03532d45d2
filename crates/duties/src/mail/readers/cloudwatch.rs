//! Amazon CloudWatch alarms: SNS's mail, the JSON of the same alarm, the event of EventBridge. Metric, composite and metric-math
//! alarms alike. Never takes the name from a subject, which SNS cuts.

use super::aws;
use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::time;
use jiff::tz::TimeZone;
use model::mail::{Severity, State};
use serde_json::Value;

static SUBJECT: Rx = Rx::new(r#"^(?P<state>alarm|ok|insufficient_data): "(?P<name>[^"]+)"?(?: in (?P<region>.+))?"#);
static SENTENCE: Rx = Rx::new(
    r#"amazon cloudwatch alarm "(?P<name>[^"]+)" in the (?P<region>.{3,60}?) region has entered the (?P<state>alarm|ok|insufficient_data) state"#,
);
static CHANGE: Rx = Rx::new(r"(?:->|→)\s*(?P<state>alarm|ok|insufficient_data)\b");
static DIMENSION: Rx = Rx::new(r"(?P<name>[\w.]+)\s*=\s*(?P<value>[^\],\s]+)");

/// What of an alarm's dimensions is a host, in this order.
const HOSTS: [&str; 12] = [
    "InstanceId",
    "DBInstanceIdentifier",
    "DBClusterIdentifier",
    "CacheClusterId",
    "AutoScalingGroupName",
    "LoadBalancer",
    "LoadBalancerName",
    "FunctionName",
    "QueueName",
    "ServiceName",
    "ClusterName",
    "BucketName",
];

struct Alarm<'a> {
    name: &'a str,
    state: String,
    region: Option<&'a str>,
    account: Option<&'a str>,
    arn: Option<&'a str>,
    reason: Option<&'a str>,
    at: Option<&'a str>,
    description: Option<&'a str>,
    dimensions: Vec<(String, String)>,
}

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    if let Some(value) = letter.shown().contains("larmName").then(|| aws::json(letter)).flatten() {
        return draft(&of_json(&value)?, zone);
    }
    draft(&of_text(letter)?, zone)
}

fn draft(alarm: &Alarm<'_>, zone: &TimeZone) -> Option<Draft> {
    let (rule, state, severity) = match alarm.state.to_uppercase().as_str() {
        "ALARM" => ("alarm", State::Problem, None),
        "OK" => ("ok", State::Recovery, Some(Severity::Info)),
        // Whoever has this mailed wants to hear that the metric is gone.
        "INSUFFICIENT_DATA" => ("insufficient data", State::Problem, Some(Severity::Warning)),
        _ => return None,
    };
    let of = |name: &str| alarm.dimensions.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let host = HOSTS.iter().find_map(|name| of(name));
    let draft = Draft::new(rule, state).on(host, Some(alarm.name)).severe(severity).titled(alarm.name).named(alarm.arn);
    let told = [
        ("reason", alarm.reason),
        ("description", alarm.description),
        ("account", alarm.account),
        ("region", alarm.region),
    ];
    let mut details: Vec<(String, String)> =
        told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
    details.extend(alarm.dimensions.iter().cloned());
    let at = alarm.at.and_then(|text| time::instant(text, &TimeZone::UTC)).or_else(|| time::instant(alarm.at?, zone));
    let draft = draft.at(at).telling(details);
    Some(match (alarm.arn, alarm.account) {
        (Some(arn), _) => draft.global().keyed(["alarm", arn]),
        (None, Some(account)) => draft.global().keyed(["alarm", account, alarm.region.unwrap_or_default(), alarm.name]),
        (None, None) => draft.keyed(["alarm", alarm.region.unwrap_or_default(), alarm.name]),
    })
}

fn of_text(letter: &Letter) -> Option<Alarm<'_>> {
    let sentence = letter.text.find(&SENTENCE);
    let subject = letter.bare.find(&SUBJECT);
    let arn = letter.label(&["alarm arn"]).filter(|arn| arn.contains(":cloudwatch:"));
    let is_told = letter.has_label("state change") && letter.has_label("aws account");
    if sentence.is_none() && arn.is_none() && !(subject.is_some() && is_told) {
        return None;
    }
    let group = |name: &str| {
        sentence.as_ref().and_then(|hit| hit.get(name)).or_else(|| subject.as_ref().and_then(|hit| hit.get(name)))
    };
    let change =
        letter.label(&["state change"]).and_then(|text| CHANGE.captures(text).map(|hit| hit["state"].to_owned()));
    Some(Alarm {
        name: letter.label(&["name"]).or_else(|| group("name"))?,
        state: change.or_else(|| group("state").map(str::to_owned))?,
        region: arn.and_then(aws::arn_parts).map(|(_, region)| region).or_else(|| group("region")),
        account: letter.label(&["aws account"]),
        arn,
        reason: letter.label(&["reason for state change"]),
        at: letter.label(&["timestamp"]),
        description: letter.label(&["description"]),
        dimensions: letter.label(&["dimensions"]).map(dimensions).unwrap_or_default(),
    })
}

fn dimensions(text: &str) -> Vec<(String, String)> {
    let all = DIMENSION.get().into_iter().flat_map(|rx| rx.captures_iter(text));
    all.map(|hit| (hit["name"].to_owned(), hit["value"].to_owned())).take(30).collect()
}

fn of_json(value: &Value) -> Option<Alarm<'_>> {
    if value.get("source").and_then(Value::as_str) == Some("aws.cloudwatch") {
        return of_event(value);
    }
    let arn = aws::text(value, &["AlarmArn"]);
    Some(Alarm {
        name: aws::text(value, &["AlarmName"])?,
        state: aws::text(value, &["NewStateValue"])?.to_owned(),
        region: arn.and_then(aws::arn_parts).map(|(_, region)| region).or_else(|| aws::text(value, &["Region"])),
        account: aws::text(value, &["AWSAccountId"]),
        arn,
        reason: aws::text(value, &["NewStateReason"]),
        at: aws::text(value, &["StateChangeTime"]),
        description: aws::text(value, &["AlarmDescription"]),
        dimensions: json_dimensions(value),
    })
}

fn json_dimensions(value: &Value) -> Vec<(String, String)> {
    let trigger = value.get("Trigger");
    let plain = trigger.and_then(|t| t.get("Dimensions"));
    // A metric-math alarm has a list of metrics, each with its own.
    let metrics = trigger.and_then(|t| t.get("Metrics")).and_then(Value::as_array).into_iter().flatten();
    let math = metrics.filter_map(|metric| metric.get("MetricStat")?.get("Metric")?.get("Dimensions"));
    let all = plain.into_iter().chain(math).filter_map(Value::as_array).flatten();
    all.filter_map(|d| {
        Some((aws::text(d, &["name", "Name"])?.to_owned(), aws::text(d, &["value", "Value"])?.to_owned()))
    })
    .take(30)
    .collect()
}

fn of_event(value: &Value) -> Option<Alarm<'_>> {
    let detail = value.get("detail")?;
    let state = detail.get("state")?;
    Some(Alarm {
        name: aws::text(detail, &["alarmName"])?,
        state: aws::text(state, &["value"])?.to_owned(),
        region: aws::text(value, &["region"]),
        account: aws::text(value, &["account"]),
        arn: value.get("resources").and_then(|r| r.get(0)).and_then(Value::as_str),
        reason: aws::text(state, &["reason"]),
        at: aws::text(state, &["timestamp"]),
        description: None,
        dimensions: Vec::new(),
    })
}
