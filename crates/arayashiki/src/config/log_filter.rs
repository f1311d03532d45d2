//! What `[log] filter` may be. The parser takes any word for a part's name, so that a slip of the keyboard would silence
//! everything: each word has to be a level or a part that this program has.

use super::problem::{nearest, quoted};
use super::raw::Text;

const FORM: &str = "write a level such as \"info\", or \"info,engine=debug\"";
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
/// Our own crates first, then families of those beneath: tokio stands for all whose name begins with tokio_ as well.
const PARTS: [&str; 16] = [
    "arayashiki",
    "engine",
    "store",
    "connectors",
    "web",
    "duties",
    "model",
    "sandbox",
    "axum",
    "deadpool",
    "h2",
    "hyper",
    "mio",
    "rustls",
    "tokio",
    "tower",
];

pub fn read(text: &Text) -> Result<String, String> {
    if text.text.trim().is_empty() {
        return Err(format!("is empty, which would silence every error; {FORM}"));
    }
    let parsed = tracing_subscriber::EnvFilter::builder().parse(&text.text);
    parsed.map_err(|_| format!("{} is no log filter; {FORM}", text.named()))?;
    // By spans is for whoever knows the code; what the parser takes is theirs.
    if text.text.contains('[') {
        return Ok(text.text.clone());
    }
    let words: Vec<&str> = text.text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    if let Some(stranger) = words.iter().find(|word| !is_level(word) && !is_part(word)) {
        return Err(unknown(text, stranger));
    }
    match words.iter().rfind(|word| is_level(word)) {
        Some(level) if !level.eq_ignore_ascii_case("off") => Ok(text.text.clone()),
        Some(_) => Err(format!("{} would silence every error; {FORM}", text.named())),
        None => Err(format!("{} names no level for the rest, whose errors would be silenced; {FORM}", text.named())),
    }
}

fn is_level(word: &str) -> bool {
    LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word))
}

/// A part, or something within it, with a level or without.
fn is_part(word: &str) -> bool {
    let (target, level) = word.split_once('=').unwrap_or((word, "trace"));
    let family = target.split([':', '_']).next().unwrap_or_default();
    is_level(level) && PARTS.contains(&family)
}

/// What was read from elsewhere is not repeated.
fn unknown(text: &Text, word: &str) -> String {
    if !text.direct {
        return format!("{} names what is neither a level nor a part; {FORM}", text.named());
    }
    let target = word.split(['=', ':']).next().unwrap_or_default();
    let hint = nearest(target, LEVELS.into_iter().chain(PARTS))
        .map_or_else(|| FORM.to_owned(), |near| format!("did you mean \"{near}\"?"));
    format!("{} is neither a level nor a part of this program; {hint}", quoted(word))
}
