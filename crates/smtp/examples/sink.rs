//! Takes every mail for `@example.com` and prints one line of JSON for each: for trying a sender by hand, and for the relay's own
//! check. Keeps nothing.
//!
//!     cargo run -p smtp --example sink -- --listen 127.0.0.1:2525 --lmtp --fail 2 --tls cert.pem key.pem --quiet

use smtp::{Counts, Deliver, Protocol, Received, Refused, Settings, serve, tls_config};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_util::sync::CancellationToken;

struct Asked {
    listen: String,
    protocol: Protocol,
    /// So many mails are answered with 451 first.
    fail: usize,
    tls: Option<(PathBuf, PathBuf)>,
    is_quiet: bool,
}

fn asked() -> Result<Asked, Box<dyn Error>> {
    let listen = "127.0.0.1:0".to_owned();
    let mut asked = Asked { listen, protocol: Protocol::Smtp, fail: 0, tls: None, is_quiet: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().ok_or(format!("{word} wants a value"));
        match word.as_str() {
            "--listen" => asked.listen = next()?,
            "--lmtp" => asked.protocol = Protocol::Lmtp,
            "--fail" => asked.fail = next()?.parse()?,
            "--tls" => asked.tls = Some((next()?.into(), next()?.into())),
            "--quiet" => asked.is_quiet = true,
            other => return Err(format!("what is {other}?").into()),
        }
    }
    Ok(asked)
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn taker(fail: usize, is_quiet: bool) -> Deliver {
    let left = Arc::new(AtomicUsize::new(fail));
    Arc::new(move |mail: Received| {
        let is_refused = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if !is_quiet {
            let envelope = &mail.envelope;
            let subject = mail.raw.split(|byte| *byte == b'\n').find(|line| line.starts_with(b"Subject:"));
            let subject = String::from_utf8_lossy(subject.unwrap_or_default()).trim().to_owned();
            say(&format!(
                "{{\"refused\":{is_refused},\"from\":{:?},\"to\":{:?},\"tls\":{},\"bytes\":{},\"subject\":{subject:?}}}",
                envelope.from.as_deref().unwrap_or_default(),
                envelope.recipients,
                envelope.tls,
                mail.raw.len()
            ));
        }
        Box::pin(async move { if is_refused { Err(Refused::NotDurable) } else { Ok(()) } })
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let asked = asked()?;
    let tls = asked.tls.map(|(certificate, key)| tls_config(&certificate, &key)).transpose()?;
    let settings = Settings {
        protocol: asked.protocol,
        hostname: "sink.example.com".to_owned(),
        recipients: vec!["@example.com".to_owned()],
        tls,
        ..Settings::default()
    };
    let listener = tokio::net::TcpListener::bind(&asked.listen).await?;
    say(&format!("{{\"listening\":\"{}\"}}", listener.local_addr()?));
    let (counts, stop) = (Arc::new(Counts::default()), CancellationToken::new());
    let served = serve(listener, Arc::new(settings), taker(asked.fail, asked.is_quiet), counts.clone(), stop.clone());
    let told = async {
        let _ = tokio::signal::ctrl_c().await;
        stop.cancel();
    };
    tokio::join!(served, told);
    say(&format!("{:?}", counts.all()));
    Ok(())
}
