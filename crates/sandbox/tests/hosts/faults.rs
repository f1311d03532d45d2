//! Every scripted fault, as a client sees it.

use std::time::{Duration, Instant};

use russh::{ChannelMsg, Sig};
use sandbox::hosts::{Act, Fault, Options};
use serde_json::json;

use crate::client::{Visitor, ask, visitor};

const HOST: &str = "hoshino-web01";

#[tokio::test]
async fn a_host_that_cannot_be_reached() {
    let own = visitor(Options::default()).await;
    own.world.fault(Fault::on(HOST, Act::Unreachable).times(1));
    assert!(own.session(HOST).await.is_err());
    assert!(own.session(HOST).await.is_ok(), "only once");
    own.world.fault(Fault::on("bastion-tokyo", Act::Unreachable));
    assert!(own.session(HOST).await.is_err());
    own.world.clear_faults();
    assert!(own.session(HOST).await.is_ok());
}

#[tokio::test]
async fn a_host_that_says_nothing() {
    let own = visitor(Options::default()).await;
    own.world.fault(Fault::on(HOST, Act::Silent));
    let waits = tokio::time::timeout(Duration::from_millis(400), own.session(HOST)).await;
    assert!(waits.is_err(), "it neither connects nor fails");
}

#[tokio::test]
async fn a_changed_key_a_refused_login_a_bastion_that_forbids() {
    let own = visitor(Options::default()).await;
    for (host, act) in [
        (HOST, Act::HostKeyChanged),
        ("bastion-tokyo", Act::HostKeyChanged),
        (HOST, Act::LoginRefused),
        ("bastion-tokyo", Act::ForwardingForbidden),
    ] {
        own.world.fault(Fault::on(host, act.clone()));
        assert!(own.session(HOST).await.is_err(), "{act:?} on {host}");
        own.world.clear_faults();
        assert!(own.session(HOST).await.is_ok(), "{act:?} is over");
    }
}

#[tokio::test]
async fn a_command_that_hangs_ends_by_a_signal_or_with_the_faults() {
    let own = visitor(Options::default()).await;
    own.world.fault(Fault::on(HOST, Act::Hang));
    let (session, _before) = own.session(HOST).await.expect("a session");
    let mut channel = session.channel_open_session().await.expect("a channel");
    channel.exec(true, "uptime").await.expect("asked");
    assert!(matches!(channel.wait().await, Some(ChannelMsg::Success)));
    assert!(tokio::time::timeout(Duration::from_millis(300), channel.wait()).await.is_err(), "nothing comes");
    channel.signal(Sig::TERM).await.expect("a signal");
    let mut signal = None;
    while let Some(message) = channel.wait().await {
        if let ChannelMsg::ExitSignal { signal_name, .. } = message {
            signal = Some(signal_name);
        }
    }
    assert!(matches!(signal, Some(Sig::TERM)), "{signal:?}");
}

#[tokio::test]
async fn a_sleeping_command_hears_a_signal_too() {
    let own = visitor(Options::default()).await;
    let (session, _before) = own.session(HOST).await.expect("a session");
    let mut channel = session.channel_open_session().await.expect("a channel");
    channel.exec(true, "echo begun; sleep 600").await.expect("asked");
    let mut ended = false;
    while let Some(message) = channel.wait().await {
        match message {
            ChannelMsg::Data { .. } => channel.signal(Sig::KILL).await.expect("a signal"),
            ChannelMsg::ExitSignal { signal_name, .. } => ended = matches!(signal_name, Sig::KILL),
            _ => {}
        }
    }
    assert!(ended);
    assert_eq!(first_end(&own).await, json!({ "signal": "KILL" }));
}

/// How the first command ended: it is written down after the client has seen it.
async fn first_end(own: &Visitor) -> serde_json::Value {
    loop {
        let end = own.world.ran()[0].end.clone();
        if !end.is_null() {
            return end;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn output_that_is_cut_in_the_middle() {
    let own = visitor(Options::default()).await;
    own.world.fault(Fault::on(HOST, Act::Flood { bytes: 300_000 }));
    own.world.fault(Fault::on(HOST, Act::Cut { after_bytes: 100_000 }).times(1));
    let told = own.run(HOST, "cat /var/log/syslog").await;
    assert!(told.out.len() <= 100_000 && told.status.is_none() && told.signal.is_none(), "{} bytes", told.out.len());
    assert_eq!(first_end(&own).await, json!({ "cut": true }));
    assert_eq!(own.run(HOST, "cat /var/log/syslog").await.out.len(), 300_000);
}

#[tokio::test]
async fn a_bastion_that_is_cut_takes_all_with_it() {
    let own = visitor(Options::default()).await;
    let (first, _a) = own.session(HOST).await.expect("a session");
    let (second, _b) = own.session("minato-gw-east").await.expect("a session");
    let both = async { tokio::join!(ask(&first, "sleep 600", None), ask(&second, "sleep 600", None)) };
    let cut = async {
        while own.world.ran().len() < 2 {
            tokio::task::yield_now().await;
        }
        own.world.cut("bastion-tokyo").expect("cut");
    };
    let ((one, two), ()) = tokio::join!(both, cut);
    assert!(one.status.is_none() && two.status.is_none());
}

#[tokio::test]
async fn output_of_a_hundred_megabytes_and_output_that_is_no_text() {
    let own = visitor(Options::default()).await;
    own.world.fault(Fault::on(HOST, Act::Flood { bytes: 100_000_000 }).times(1));
    let told = own.run(HOST, "uptime").await;
    assert_eq!((told.out.len(), told.status), (100_000_000, Some(0)));
    let lines = told.out.split(|b| *b == b'\n').filter(|line| line.starts_with(b"line ")).count();
    assert!(lines > 1_500_000, "{lines} lines");
    own.world.fault(Fault::on(HOST, Act::Binary { bytes: 50_000 }).times(1));
    let told = own.run(HOST, "dmesg").await;
    assert_eq!(told.out.len(), 50_000);
    assert!(told.out.contains(&0) && std::str::from_utf8(&told.out).is_err());
}

#[tokio::test]
async fn slow_output_comes_in_its_own_time() {
    let own = visitor(Options::default()).await;
    own.world.fault(Fault::on(HOST, Act::Slow { bytes_per_s: 1_000 }));
    let begun = Instant::now();
    let told = own.run(HOST, "seq 100").await;
    assert_eq!(told.out.len(), 292);
    // Three chunks with a tenth of a second after each: never faster, however loaded this machine is.
    assert!(begun.elapsed() >= Duration::from_millis(300));
}

#[tokio::test]
async fn endings_without_a_status() {
    let own = visitor(Options::default()).await;
    own.world.fault(Fault::on(HOST, Act::Signal { name: "SEGV".into() }).times(1));
    let told = own.run(HOST, "echo out").await;
    assert_eq!((told.text().as_str(), told.status, told.signal.as_deref()), ("out\n", None, Some("SEGV")));
    own.world.fault(Fault::on(HOST, Act::NoStatus).times(1));
    let told = own.run(HOST, "echo out").await;
    assert_eq!((told.text().as_str(), told.status, told.signal), ("out\n", None, None));
    assert!(told.closed);
}

#[tokio::test]
async fn what_is_taken_from_a_host() {
    let own = visitor(Options::default()).await;
    own.world.fault(Fault::on(HOST, Act::SudoRefused).times(1));
    let told = own.run(HOST, "sudo -n dmesg").await;
    assert_eq!((told.err.as_str(), told.status), ("sudo: a password is required\n", Some(1)));
    own.world.fault(Fault::on(HOST, Act::Missing { commands: vec!["ss".into(), "sudo".into()] }).times(1));
    let told = own.run(HOST, "command -v ss || sudo -n true").await;
    assert_eq!((told.err.as_str(), told.status), ("sh: 1: sudo: not found\n", Some(127)));
    own.world.fault(Fault::on(HOST, Act::NoSpace).times(1));
    let told = own.run(HOST, "mkdir /tmp/marker").await;
    assert_eq!(told.err, "mkdir: cannot create directory '/tmp/marker': No space left on device\n");
    assert_eq!(own.run(HOST, "mkdir /tmp/marker").await.status, Some(0));
}

#[tokio::test]
async fn a_fault_may_wait_for_one_command() {
    let own = visitor(Options::default()).await;
    let script =
        json!({ "faults": [{ "host": HOST, "command": "journalctl", "nth": 2, "times": 1, "do": "no_status" }] });
    let url = format!("{}/faults", own.world.info().control_url);
    let http = reqwest::Client::builder().build().expect("a client");
    assert_eq!(http.post(&url).json(&script).send().await.expect("an answer").status(), 200);
    for (command, has_status) in
        [("uptime", true), ("journalctl -n 1", true), ("journalctl -n 2", false), ("journalctl", true)]
    {
        assert_eq!(own.run(HOST, command).await.status.is_some(), has_status, "{command}");
    }
    let wrong = json!({ "faults": [{ "host": HOST, "do": "explode" }] });
    assert_eq!(http.post(&url).json(&wrong).send().await.expect("an answer").status(), 400);
}
