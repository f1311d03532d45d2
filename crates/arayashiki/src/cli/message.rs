//! `message preview`: the messages that people get in Slack, as the configured wording says them of a sample. Sends nothing and
//! connects to nothing.

use super::{Failure, say};
use crate::config::Config;
use crate::wiring::slack;
use clap::{Args, Subcommand};
use duties::say::Language;
use duties::wording::{NAMES, Wording};
use serde_json::{Value, json};

#[derive(Debug, Subcommand)]
pub enum Message {
    /// Show a message as Slack would, of a sample, in the wording of [slack] templates; without NAME list them.
    #[command(
        after_help = "Example:\n  arayashiki message preview\n  arayashiki message preview incident --language ja\n  \
        arayashiki message preview incident --json | jq .facts\n\n\
        A template is NAME.LANGUAGE.txt in the folder of [slack] templates: its first line is the headline. The facts are \
        what it may use.\n\n\
        Exit status: 0 shown; 2 there is no such message, or a template does not work."
    )]
    Preview(Preview),
}

#[derive(Debug, Args)]
pub struct Preview {
    /// Which message.
    name: Option<String>,
    /// ja or en; without it [server] language.
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    language: Option<Language>,
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "ja or en".to_owned())
}

pub fn run(config: &Config, command: &Message, json: bool) -> Result<(), Failure> {
    let Message::Preview(asked) = command;
    let wording = slack::wording(config.slack.templates.as_deref())?;
    let language = asked.language.unwrap_or_else(|| slack::language(config));
    match &asked.name {
        Some(name) => one(&wording, known(name)?, language, json),
        None => list(json),
    }
}

fn known(name: &str) -> Result<&'static str, Failure> {
    let known = NAMES.iter().map(|(known, _)| *known);
    known.clone().find(|known| *known == name).ok_or_else(|| {
        let names = known.collect::<Vec<_>>().join(", ");
        Failure::Wrong(format!("there is no message {name:?}; there are {names}"))
    })
}

fn list(json: bool) -> Result<(), Failure> {
    if json {
        let all: Vec<Value> = NAMES.iter().map(|(name, what)| json!({ "name": name, "what": what })).collect();
        say(json!({ "messages": all }));
        return Ok(());
    }
    let width = NAMES.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, what) in NAMES {
        say(format_args!("{name:<width$}  {what}"));
    }
    Ok(())
}

fn one(wording: &Wording, name: &'static str, language: Language, json: bool) -> Result<(), Failure> {
    let said = wording.preview(name, language).map_err(|problem| Failure::Wrong(problem.to_string()))?;
    if json {
        say(json!({
            "name": name, "language": language.as_str(), "headline": said.headline, "lines": said.lines,
            "facts": Wording::facts(name, language),
        }));
        return Ok(());
    }
    say(&said.headline);
    said.lines.iter().for_each(say);
    Ok(())
}
