//! What EC2 answered for a region when it was asked itself, and how old that is. The same JSON as that of a file, with the time and the last
//! trouble beside it: what was known stays in force until EC2 answers again. Asks nobody.

use super::{Complaint, Drafts, File, Weight, ec2};
use model::Micros;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Beside `Reservations`, in the same object. Times are RFC 3339.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct About {
    read_at: Option<String>,
    trouble: Option<Trouble>,
}

/// Why EC2 was not read the last time, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Trouble {
    pub says: String,
    pub remedy: String,
}

const MINUTE_US: i64 = 60_000_000;
/// Two readings that did not come are worth a word.
const STALE_MIN: i64 = 15;
/// Autoscaling makes a list wrong within the hour.
const OLD_MIN: i64 = 60;

/// What is kept of an answer, `{"Reservations": […]}`.
pub fn taken(mut answer: Value, at: Micros) -> String {
    if let Value::Object(fields) = &mut answer {
        fields.insert("ReadAt".to_owned(), json!(at.rfc3339()));
    }
    answer.to_string()
}

/// What is kept when there was no answer: what was known, and why nothing newer is.
pub fn failed(before: Option<&str>, trouble: &Trouble) -> String {
    let known = before.and_then(|text| serde_json::from_str(text).ok()).filter(Value::is_object);
    let mut kept: Value = known.unwrap_or_else(|| json!({ "Reservations": [] }));
    if let Value::Object(fields) = &mut kept {
        fields.insert("Trouble".to_owned(), json!(trouble));
    }
    kept.to_string()
}

/// Hosts of a region by what is kept of it. `None`: nothing is.
pub fn read(region: &str, kept: Option<&str>, now: Micros, complaints: &mut Vec<Complaint>) -> Drafts {
    let place = place(region);
    let Some(text) = kept else {
        let says = "EC2 was not read yet, so that none of its hosts is known";
        let remedy = "start the server, which reads it within seconds; `arayashiki check` tries it at once";
        complaints.push(Complaint::note(place, says, remedy));
        return Drafts::default();
    };
    let about: About = serde_json::from_str(text).unwrap_or_default();
    let read_at = about.read_at.as_deref().and_then(Micros::parse);
    if read_at.is_none() && about.trouble.is_none() {
        let says = "what was kept of EC2's last answer can't be read, so that none of its hosts is known";
        complaints.push(Complaint::error(place, says, "start the server: the next answer takes its place"));
        return Drafts::default();
    }
    complaints.extend(told(&place, read_at, about.trouble, now));
    match read_at {
        Some(_) => ec2::read(&File { path: place, text: text.to_owned() }, complaints),
        None => Drafts::default(),
    }
}

/// As complaints name it.
pub fn place(region: &str) -> String {
    format!("[inventory] ec2_regions {region}")
}

fn told(place: &str, read_at: Option<Micros>, trouble: Option<Trouble>, now: Micros) -> Option<Complaint> {
    let minutes = read_at.map(|at| now.since(at).max(0) / MINUTE_US);
    let since = read_at.map(|at| at.floor_s().rfc3339()).unwrap_or_default();
    match (minutes, trouble) {
        (None, trouble) => {
            let trouble = trouble?;
            let says = format!("{}; none of its hosts is known", trouble.says);
            Some(Complaint::error(place, says, trouble.remedy))
        }
        (Some(minutes), Some(trouble)) => {
            let says = format!("{}; its hosts are as they were {} ago ({since})", trouble.says, age(minutes));
            let weight = if minutes < OLD_MIN { Weight::Note } else { Weight::Error };
            Some(Complaint { weight, ..Complaint::error(place, says, trouble.remedy) })
        }
        (Some(minutes), None) if minutes >= STALE_MIN => {
            let says = format!("its hosts are as they were {} ago ({since})", age(minutes));
            let remedy = "start the server, which reads EC2 every few minutes; `arayashiki check` tries it at once";
            Some(Complaint::note(place, says, remedy))
        }
        (Some(_), None) => None,
    }
}

fn age(minutes: i64) -> String {
    match minutes {
        0..120 => format!("{minutes} min"),
        120..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1_440),
    }
}
