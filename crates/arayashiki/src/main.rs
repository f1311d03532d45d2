//! The binary: reads the command line, starts the runtime, turns errors into exit statuses. Knows no duty and no page.

mod cli;
mod config;
mod log;
mod server;
mod wiring;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    cli::arm_faults();
    // One provider for every TLS connection of the process; a second call would be refused, which is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::fail(&cli::Failure::Failed(format!("no runtime: {error}"))),
    };
    let ended = runtime.block_on(cli::run(arguments));
    // Blocking work that is still under way (a password being hashed) need not hold up the end.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => cli::fail(&failure),
    }
}
