//! What the process tells about itself, on standard error. Standard output belongs to the answers of commands.

use crate::config::{Log, LogFormat};
use tracing_subscriber::EnvFilter;

pub fn start(settings: &Log) {
    let filter = EnvFilter::try_new(&settings.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start (a demo inside a test) keeps the first one's settings.
    let _ = match settings.format {
        LogFormat::Text => log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        LogFormat::Json => log.json().try_init(),
    };
}
