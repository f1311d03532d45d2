//! What the process tells about itself, on standard error. Standard output belongs to the answers of commands.

use crate::config::{Log, LogFormat};
use tracing_subscriber::EnvFilter;

pub fn start(settings: &Log) {
    start_with(settings, &settings.filter);
}

/// For a command that shows its own progress: troubles alone, unless more was configured than the usual.
pub fn start_quietly(settings: &Log) {
    start_with(settings, if settings.filter == "info" { "warn" } else { &settings.filter });
}

fn start_with(settings: &Log, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start (a demo inside a test) keeps the first one's settings.
    let _ = match settings.format {
        LogFormat::Text => log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        LogFormat::Json => {
            tell_panics_as_lines();
            // Fields stand beside the message; the request that a line belongs to is its span.
            log.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
        }
    };
}

/// A collector reads a line of JSON each; the usual words of a panic are several lines and none.
fn tell_panics_as_lines() {
    std::panic::set_hook(Box::new(|panic| {
        let why = panic.payload_as_str().unwrap_or("a panic without words");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(why, place, "a panic");
    }));
}
