//! Amazon EC2 Auto Scaling notifications. Never calls a launch or a termination that went well a problem.

use super::aws;
use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::time;
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

const FAILED: [&str; 2] = ["autoscaling:EC2_INSTANCE_LAUNCH_ERROR", "autoscaling:EC2_INSTANCE_TERMINATE_ERROR"];

pub fn read(letter: &Letter, _: &TimeZone) -> Option<Draft> {
    if !letter.shown().contains("AutoScalingGroup") {
        return None;
    }
    let json = letter.shown().contains('{').then(|| aws::json(letter)).flatten();
    let json = json.filter(|value| value.get("AutoScalingGroupName").is_some());
    let said = |names: &[&str]| aws::said(letter, json.as_ref(), names);
    let event = said(&["Event"]).filter(|event| event.starts_with("autoscaling:"))?;
    let group = said(&["AutoScalingGroupName"])?;
    let (rule, state, severity) = match event {
        _ if FAILED.contains(&event) => ("failed", State::Problem, Severity::Error),
        "autoscaling:EC2_INSTANCE_LAUNCH" | "autoscaling:EC2_INSTANCE_TERMINATE" | "autoscaling:TEST_NOTIFICATION" => {
            ("done", State::Notice, Severity::Info)
        }
        _ => ("unknown event", State::Unknown, Severity::Warning),
    };
    let what = said(&["StatusMessage"]).or_else(|| said(&["Description"])).unwrap_or(event);
    let title = format!("{group}: {what}");
    let at = said(&["Time", "StartTime", "time"]).and_then(|text| time::instant(text, &TimeZone::UTC));
    let details = ["Cause", "EC2InstanceId", "AccountId", "ActivityId", "StatusCode", "Description"];
    let details = details.iter().filter_map(|name| Some(((*name).to_owned(), said(&[name])?.to_owned()))).collect();
    let draft = Draft::new(rule, state).on(Some(group), Some(event)).severe(Some(severity)).titled(&title).at(at);
    let draft = draft.telling(details);
    Some(match said(&["AutoScalingGroupARN"]) {
        Some(arn) => draft.global().keyed(["activity", arn, event]),
        None => draft.keyed(["activity", group, event]),
    })
}
