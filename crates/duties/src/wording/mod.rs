//! The wording of posts: templates in Japanese and English that an installation may replace by its own. A template is text with
//! values in it; its first line is the headline. It reads no file, includes nothing, and is stopped when it takes too long. What
//! comes out is plain text: whoever sends it escapes it.

pub mod answers;
pub mod incident;
mod sample;

use crate::say::Language;
use minijinja::{Environment, UndefinedBehavior};
use model::message::Message;
use serde::Serialize;
use std::collections::BTreeMap;

/// Steps that one rendering may take.
const FUEL: u64 = 50_000;
/// The longest template that is taken, in bytes.
const MOST_BYTES: usize = 20_000;
const MOST_LINES: usize = 60;

/// The messages that have a template, each with what it is for.
pub const NAMES: [(&str, &str); 9] = [
    ("incident", "the message that each incident has"),
    ("incident_details", "what stands in its thread: what happened, notes, alerts"),
    ("ticket", "a ticket that nobody watches"),
    ("ticket_ended", "what ended that, in the thread"),
    ("event", "an event of a calendar whose time has come"),
    ("event_ended", "who closed it and after how long, in the thread"),
    ("event_unserved", "an event that ended and nobody acted"),
    ("reminder", "something that still waits for somebody"),
    ("summary", "the answer to /arayashiki status"),
];

/// A template that does not work, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("template {name}.{}.txt: {why}", language.as_str())]
pub struct Problem {
    pub name: String,
    pub language: Language,
    pub why: String,
}

#[derive(Debug, Clone)]
pub struct Wording {
    environment: Environment<'static>,
    /// Those that the installation replaced.
    own: BTreeMap<(String, Language), ()>,
}

macro_rules! built_in {
    ($($name:literal),*) => {
        &[$(($name, include_str!(concat!("templates/", $name, ".ja.txt")), include_str!(concat!("templates/", $name, ".en.txt")))),*]
    };
}

const BUILT_IN: &[(&str, &str, &str)] = built_in!(
    "incident",
    "incident_details",
    "ticket",
    "ticket_ended",
    "event",
    "event_ended",
    "event_unserved",
    "reminder",
    "summary"
);

impl Default for Wording {
    fn default() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_fuel(Some(FUEL));
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        for (name, ja, en) in BUILT_IN {
            for (language, source) in [(Language::Ja, *ja), (Language::En, *en)] {
                // A test renders each of them: none fails.
                let _ours = environment.add_template_owned(file(name, language), source.to_owned());
            }
        }
        Self { environment, own: BTreeMap::new() }
    }
}

fn file(name: &str, language: Language) -> String {
    format!("{name}.{}.txt", language.as_str())
}

impl Wording {
    /// With the installation's own templates: (name, language, text). Each is tried on a sample first.
    pub fn with(own: impl IntoIterator<Item = (String, Language, String)>) -> Result<Self, Vec<Problem>> {
        let (mut wording, mut problems) = (Self::default(), Vec::new());
        for (name, language, source) in own {
            if let Err(why) = wording.replace(&name, language, source) {
                problems.push(Problem { name, language, why });
            }
        }
        if problems.is_empty() { Ok(wording) } else { Err(problems) }
    }

    fn replace(&mut self, name: &str, language: Language, source: String) -> Result<(), String> {
        if !NAMES.iter().any(|(known, _)| *known == name) {
            let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            return Err(format!("there is no message of that name; there are {}", known.join(", ")));
        }
        if source.len() > MOST_BYTES {
            return Err(format!("it has {} bytes; {MOST_BYTES} are the most", source.len()));
        }
        self.environment.add_template_owned(file(name, language), source).map_err(|error| told(&error))?;
        self.render(name, language, &sample::of(name, language))?;
        self.own.insert((name.to_owned(), language), ());
        Ok(())
    }

    /// The message. An own template that fails gives way to the built-in one: a post is better than its wording.
    pub fn say(&self, name: &str, language: Language, facts: &impl Serialize) -> Result<Message, Problem> {
        match self.render(name, language, facts) {
            Err(_) if self.own.contains_key(&(name.to_owned(), language)) => Self::default().say(name, language, facts),
            said => said.map_err(|why| Problem { name: name.to_owned(), language, why }),
        }
    }

    /// How it would look, from a sample.
    pub fn preview(&self, name: &str, language: Language) -> Result<Message, Problem> {
        self.render(name, language, &sample::of(name, language)).map_err(|why| Problem {
            name: name.to_owned(),
            language,
            why,
        })
    }

    /// What a template of this name may use, by the sample.
    pub fn facts(name: &str, language: Language) -> serde_json::Value {
        sample::of(name, language)
    }

    fn render(&self, name: &str, language: Language, facts: &impl Serialize) -> Result<Message, String> {
        let template = self.environment.get_template(&file(name, language)).map_err(|error| told(&error))?;
        let text = template.render(minijinja::value::Serde(facts)).map_err(|error| told(&error))?;
        let mut lines = text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty());
        let Some(headline) = lines.next() else {
            return Err("nothing comes out of it: write at least one line".into());
        };
        let mut message = Message::new(headline.trim_start());
        message.lines = lines.take(MOST_LINES).map(str::to_owned).collect();
        Ok(message)
    }
}

/// Where and why, in words for whoever wrote it.
fn told(error: &minijinja::Error) -> String {
    let place = error.line().map(|line| format!("line {line}: ")).unwrap_or_default();
    let why = match error.kind() {
        minijinja::ErrorKind::OutOfFuel => "it takes too long: is there a loop in a loop?".to_owned(),
        minijinja::ErrorKind::UndefinedError => {
            "it uses a value that is not there; `arayashiki message preview NAME --json` shows which there are"
                .to_owned()
        }
        _ => error.detail().map_or_else(|| error.to_string(), str::to_owned),
    };
    format!("{place}{why}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_message_has_a_template_in_both_languages_that_says_something() {
        assert_eq!(NAMES.len(), BUILT_IN.len());
        for (name, _) in NAMES {
            for language in Language::ALL {
                let message = Wording::default().preview(name, language).unwrap();
                assert!(message.headline.chars().count() > 5, "{name} {language:?}: {message:?}");
                let is_japanese = message.plain().chars().any(|c| ('\u{3040}'..='\u{30ff}').contains(&c));
                assert_eq!(is_japanese, language == Language::Ja, "{name}: {}", message.plain());
            }
        }
    }

    fn own(name: &str, text: &str) -> Result<Wording, Vec<Problem>> {
        Wording::with([(name.to_owned(), Language::En, text.to_owned())])
    }

    #[test]
    fn an_own_template_says_it_and_a_wrong_one_is_told_with_its_place() {
        let wording = own("incident", "No. {{ number }}: {{ title }}\n\n  {{ service }}  ").unwrap();
        let message =
            wording.say("incident", Language::En, &json!({ "number": 7, "title": "x", "service": "db" })).unwrap();
        assert_eq!((message.headline.as_str(), message.lines.as_slice()), ("No. 7: x", &["  db".to_owned()][..]));
        for (name, text, part) in [
            ("incident", "a\n{{ titel }}", "line 2: it uses a value that is not there"),
            ("incident", "{% if %}", "line 1"),
            ("incident", "   ", "nothing comes out of it"),
            ("incident", "{% include 'x' %}", "line 1"),
            (
                "incident",
                "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
                "takes too long",
            ),
            ("incidents", "x", "there is no message of that name"),
            ("incident", &"x".repeat(MOST_BYTES + 1), "bytes"),
        ] {
            let problems = own(name, text).unwrap_err();
            assert!(problems[0].to_string().contains(part), "{text:.40}: {}", problems[0]);
        }
    }

    #[test]
    fn an_own_template_that_fails_later_gives_way_to_ours() {
        let wording = own("incident", "{{ title }} {{ customer }}").unwrap();
        let mut facts = Wording::facts("incident", Language::En);
        facts.as_object_mut().unwrap().remove("customer");
        let ours = Wording::default().say("incident", Language::En, &facts);
        assert_eq!(wording.say("incident", Language::En, &facts).is_ok(), ours.is_ok());
    }
}
