//! One delivery on the wire. Plain HTTP is written by hand, because a cut has to fall at an exact byte; HTTPS goes through
//! reqwest and knows no cuts. Redirects are never followed.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use super::queue::{Job, Outcome};
use crate::pagerduty::faults::Point;

const CUT: &str = "connection cut as scripted";
/// A reply's head longer than this is not a reply.
const HEAD_BYTES: usize = 64 * 1024;

pub(crate) async fn send(https: &reqwest::Client, job: &Job, deadline: Duration) -> Outcome {
    let attempt = async {
        let url = Url::parse(&job.url).map_err(|e| format!("bad address: {e}"))?;
        if url.scheme() == "https" { send_https(https, job, url).await } else { send_plain(job, &url).await }
    };
    match tokio::time::timeout(deadline, attempt).await {
        Ok(Ok(status)) => Outcome::Status(status),
        Ok(Err(error)) => Outcome::Failed(error),
        Err(_) => Outcome::Failed("no answer in time".into()),
    }
}

fn headers(job: &Job) -> Vec<(&str, &str)> {
    let agent = if job.signature.is_some() { "PagerDuty-Webhook/V3.0" } else { "PagerDuty-Webhook/V2.0" };
    let own = [("content-type", "application/json"), ("accept", "application/json"), ("user-agent", agent)];
    let signed = job.signature.as_deref().map(|signature| {
        [
            ("x-webhook-id", job.delivery.as_str()),
            ("x-webhook-subscription", job.subscription.as_str()),
            ("x-pagerduty-signature", signature),
        ]
    });
    own.into_iter()
        .chain(signed.into_iter().flatten())
        .chain(job.custom_headers.iter().map(|(n, v)| (n.as_str(), v.as_str())))
        .collect()
}

async fn send_https(https: &reqwest::Client, job: &Job, url: Url) -> Result<u16, String> {
    let mut request = https.post(url).body(job.body.clone());
    for (name, value) in headers(job) {
        request = request.header(name, value);
    }
    request.send().await.map(|reply| reply.status().as_u16()).map_err(|e| e.to_string())
}

async fn send_plain(job: &Job, url: &Url) -> Result<u16, String> {
    let host = url.host_str().ok_or("the address has no host")?;
    let port = url.port_or_known_default().ok_or("the address has no port")?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let mut stream = TcpStream::connect((bare, port)).await.map_err(|e| e.to_string())?;
    stop_here(job, Point::BeforeRead)?;
    let io = |e: std::io::Error| e.to_string();
    stream.write_all(head(job, url, host, port).as_bytes()).await.map_err(io)?;
    let (first, second) = job.body.split_at(job.body.len() / 2);
    stream.write_all(first).await.map_err(io)?;
    stream.flush().await.map_err(io)?;
    stop_here(job, Point::MidBody)?;
    stream.write_all(second).await.map_err(io)?;
    stream.flush().await.map_err(io)?;
    stop_here(job, Point::BeforeReply)?;
    let status = read_status(&mut stream).await?;
    stop_here(job, Point::AfterReply)?;
    Ok(status)
}

fn stop_here(job: &Job, point: Point) -> Result<(), String> {
    job.trouble.kill(point);
    if job.trouble.ends_at(point) { Err(CUT.into()) } else { Ok(()) }
}

fn head(job: &Job, url: &Url, host: &str, port: u16) -> String {
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut text = format!("POST {target} HTTP/1.1\r\nhost: {host}:{port}\r\n");
    for (name, value) in headers(job) {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", job.body.len()));
    text
}

async fn read_status(stream: &mut TcpStream) -> Result<u16, String> {
    let mut seen = Vec::new();
    loop {
        let n = stream.read_buf(&mut seen).await.map_err(|e| e.to_string())?;
        if seen.windows(4).any(|w| w == b"\r\n\r\n") {
            break;
        }
        if n == 0 || seen.len() > HEAD_BYTES {
            return Err("the connection ended before a whole reply".into());
        }
    }
    let line = seen.split(|b| *b == b'\r').next().unwrap_or_default();
    let code = std::str::from_utf8(line).ok().and_then(|l| l.strip_prefix("HTTP/1."));
    let code = code.and_then(|l| l.split(' ').nth(1)).and_then(|c| c.parse().ok());
    code.ok_or_else(|| "the reply is not HTTP".into())
}
