//! `check` where somebody in between answers for PagerDuty, or PagerDuty answers nothing of use: never well.

use super::check::{check, holds, lines};
use crate::outside::parallel;
use crate::world::{Database, SHORT, World};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// Answers every request so, whatever it asks.
fn answers_always(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer_one(stream, answer));
        }
    });
    address
}

fn answer_one(mut stream: TcpStream, answer: &str) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut line, mut body_bytes) = (String::new(), 0);
    while reader.read_line(&mut line).ok()? > 2 {
        let lower = line.to_lowercase();
        body_bytes = lower.strip_prefix("content-length:").map_or(body_bytes, |text| text.trim().parse().unwrap_or(0));
        line.clear();
    }
    reader.take(body_bytes).read_to_end(&mut Vec::new()).ok()?;
    let (head, body) = answer.split_once("\n\n").unwrap_or((answer, ""));
    let head = head.replace('\n', "\r\n");
    write!(stream, "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len()).ok()
}

const CASES: [(&str, &str, &[&str]); 6] = [
    ("302 Found\nlocation: https://login.example.jp/", "reached", &["redirect (302)", "sign-in page", "api_url"]),
    ("407 Proxy Authentication Required", "reached", &["proxy", "sign-in (407)", "directly"]),
    ("429 Too Many Requests\nratelimit-reset: 30", "rate limit", &["used up", "free again in"]),
    (
        "403 Forbidden\ncontent-type: text/html\n\n<html>Access denied by policy</html>",
        "reached",
        &["403", "proxy or a firewall"],
    ),
    ("200 OK\ncontent-type: text/html\n\n<html>Please sign in</html>", "reached", &["no JSON", "sign-in page"]),
    ("404 Not Found\ncontent-type: text/html\n\n<html>nginx</html>", "reached", &["https://api.pagerduty.com"]),
];

#[test]
fn whoever_answers_in_pagerdutys_place_makes_the_check_fail_and_is_named() {
    let cases: Vec<_> = CASES.iter().map(|case| (case.0.lines().next().unwrap().to_owned(), *case)).collect();
    parallel::all(&cases, |(answer, what, words)| {
        let world = World::new(Database::Sqlite, SHORT);
        let config = std::fs::read_to_string(world.site.config()).unwrap();
        let api_url = format!("api_url = \"{}\"", world.sandbox.info["url"].as_str().unwrap());
        assert!(config.contains(&api_url));
        let elsewhere = format!("http://{}", answers_always(answer));
        std::fs::write(world.site.config(), config.replace(&api_url, &format!("api_url = \"{elsewhere}\""))).unwrap();
        let (status, said) = check(&world.site);
        assert_eq!(status, 1, "{said:#}");
        holds(&said, what, "fail", words);
        let names_address = lines(&said, what).iter().any(|line| line["text"].as_str().unwrap().contains(&elsewhere));
        assert!(names_address || *what == "rate limit", "{said:#}");
        assert!(lines(&said, "missing").is_empty() && lines(&said, "level").is_empty(), "{said:#}");
        holds(&said, "events", "ok", &["answers"]);
    });
}
