//! The load against a small server of its own that refuses and cuts at known places.

use super::*;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

/// Answers everything, each tenth request with 503; cuts the connection instead when told to.
fn serve(stream: &TcpStream, served: &AtomicU64, cut_at: u64) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut line = String::new();
        while reader.read_line(&mut line)? > 2 {
            if let Some(text) = line.strip_prefix("content-length: ") {
                length = text.trim().parse().unwrap_or(0);
            }
            line.clear();
        }
        if line.is_empty() {
            return Ok(());
        }
        reader.read_exact(&mut vec![0; length])?;
        let nth = served.fetch_add(1, SeqCst) + 1;
        if nth == cut_at {
            return Ok(());
        }
        let status = if nth.is_multiple_of(10) { "503 Full" } else { "202 Accepted" };
        let mut writer = stream;
        writer.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes())?;
    }
}

fn against_a_server(rate: Option<f64>, cut_at: u64) -> (Summary, u64) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = listener.local_addr().unwrap();
    let served: &'static AtomicU64 = Box::leak(Box::default());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(&stream, served, cut_at));
        }
    });
    let pid = Some(std::process::id());
    let shape = Shape::Pagerduty;
    let args = Args { to, shape, connections: 3, seconds: 0.2, rate, incidents: 5, seed: 1, server_pid: pid };
    (run(&args).unwrap(), served.load(SeqCst))
}

#[test]
fn every_answer_of_a_closed_loop_is_counted_once_and_refusals_apart() {
    let (summary, served) = against_a_server(None, 0);
    assert_eq!(summary.answered, served);
    assert_eq!(summary.non_2xx, served / 10);
    assert_eq!(summary.acknowledged + summary.non_2xx, served);
    assert!(summary.errors == 0 && summary.rate > 0.0 && summary.max_us >= summary.p50_us);
}

#[test]
fn an_open_loop_sends_what_it_was_told_and_no_more() {
    let (summary, served) = against_a_server(Some(500.0), 0);
    assert_eq!((summary.answered, served), (100, 100));
    assert_eq!((summary.non_2xx, summary.errors), (10, 0));
}

#[test]
fn a_cut_connection_is_an_error_and_the_load_goes_on() {
    let (summary, served) = against_a_server(Some(500.0), 7);
    assert_eq!(served, 100);
    assert_eq!((summary.answered, summary.errors), (99, 1));
}
