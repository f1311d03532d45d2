//! Host keys: known, unknown, changed, revoked, certified; and what a host shows of itself.

use crate::bed::{exec, hop, now, probe_with, read, way};
use crate::sshd::{Sshd, keygen, make_key, script};
use probe::{Kind, Settings, Way};
use std::path::Path;
use tempfile::TempDir;

const LOGIN_WAS_TRIED: &str = "Accepted publickey";

#[tokio::test]
async fn an_unknown_key_is_refused_before_any_login() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe_with(Settings::default(), "");
    let error = exec(&probe, way(&[&host]), "true").await.unwrap_err();
    let Kind::KeyUnknown { names, offered } = &error.kind else { panic!("{error}") };
    assert_eq!(*names, format!("[127.0.0.1]:{}", host.port));
    let told = error.to_string();
    assert!(told.contains(offered.as_str()) && told.contains("host trust"), "{told}");
    assert_eq!(host.logged("publickey"), 0);
    probe.know(read(&host.known()));
    exec(&probe, way(&[&host]), "true").await.unwrap();
    assert_eq!(host.logged(LOGIN_WAS_TRIED), 1);
}

#[tokio::test]
async fn a_changed_key_stops_everything() {
    let Some(script) = script() else { return };
    let (host, other) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let known = format!("[127.0.0.1]:{} {}\n", host.port, other.host_key);
    let probe = probe_with(Settings::default(), &known);
    let error = exec(&probe, way(&[&host]), "true").await.unwrap_err();
    let Kind::KeyChanged { expected, offered } = &error.kind else { panic!("{error}") };
    assert_ne!(expected, offered);
    assert!(error.kind.is_about_trust() && !error.kind.may_pass());
    assert_eq!(host.logged("publickey"), 0);
}

#[tokio::test]
async fn a_revoked_key_stops_everything_and_an_open_connection_is_not_used_again() {
    let Some(script) = script() else { return };
    let (bastion, host) = (Sshd::start(&script, &[]), Sshd::start(&script, &[]));
    let known = format!("{}{}", bastion.known(), host.known());
    let probe = probe_with(Settings::default(), &known);
    exec(&probe, way(&[&bastion, &host]), "true").await.unwrap();
    probe.know(read(&format!("{known}@revoked * {}\n", bastion.host_key)));
    let error = exec(&probe, way(&[&bastion, &host]), "true").await.unwrap_err();
    assert!(matches!(error.kind, Kind::KeyRevoked { .. }), "{error}");
    assert_eq!((error.hop.as_str(), bastion.logged(LOGIN_WAS_TRIED)), ("a", 1));
}

#[tokio::test]
async fn names_hashed_by_openssh_are_known() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let file = host.folder.path().join("known_hosts");
    std::fs::write(&file, host.known()).unwrap();
    keygen(&["-H", "-f", &file.to_string_lossy()]);
    let hashed = std::fs::read_to_string(&file).unwrap();
    assert!(hashed.starts_with("|1|"), "{hashed}");
    let probe = probe_with(Settings::default(), &hashed);
    exec(&probe, way(&[&host]), "true").await.unwrap();
}

#[tokio::test]
async fn a_host_with_several_keys_is_asked_for_the_one_that_is_known() {
    let Some(script) = script() else { return };
    for kind in ["ecdsa", "rsa"] {
        let folder = TempDir::new().unwrap();
        let place = folder.path().to_owned();
        let known = make_key(&place.join("second"), &["-t", kind, "-N", ""]);
        let keys = ["host_key", "second"].map(|name| format!("HostKey {}", place.join(name).display()));
        let host = Sshd::start_in(&script, folder, &[&keys[0], &keys[1]]);
        let known = format!("[127.0.0.1]:{} {known}\n", host.port);
        exec(&probe_with(Settings::default(), &known), way(&[&host]), "true").await.unwrap();
    }
}

/// A host whose key an authority has certified, with these arguments of ssh-keygen; and the authority's key.
fn certified(script: &str, arguments: &[&str]) -> (Sshd, String) {
    let folder = TempDir::new().unwrap();
    let (authority, key) = (folder.path().join("authority"), folder.path().join("host_key"));
    let public = make_key(&authority, &["-t", "ed25519", "-N", ""]);
    make_key(&key, &["-t", "ed25519", "-N", ""]);
    sign(&authority, &key, &[&["-h"], arguments].concat());
    let lines = [format!("HostKey {}", key.display()), format!("HostCertificate {}-cert.pub", key.display())];
    (Sshd::start_in(script, folder, &[&lines[0], &lines[1]]), public)
}

fn sign(authority: &Path, key: &Path, arguments: &[&str]) {
    let (authority, public) = (authority.to_string_lossy(), format!("{}.pub", key.display()));
    keygen(&[&["-q", "-s", &authority, "-I", "made here"], arguments, &[&public]].concat());
}

#[tokio::test]
async fn a_host_certificate_is_as_good_as_its_authority_and_its_names() {
    let Some(script) = script() else { return };
    let cases: [(&[&str], &str); 4] = [
        (&["-n", "127.0.0.1,web-01"], ""),
        (&["-n", "db-01"], "it is for db-01"),
        (&["-n", "127.0.0.1", "-V", "20200101:20200102"], "expired"),
        (&["-n", "127.0.0.1", "-V", "20990101:20990102"], "not good yet"),
    ];
    for (arguments, fault) in cases {
        let (host, authority) = certified(&script, arguments);
        let known = format!("@cert-authority [127.0.0.1]:* {authority}\n");
        let answer = exec(&probe_with(Settings::default(), &known), way(&[&host]), "echo in").await;
        if fault.is_empty() {
            assert_eq!(answer.unwrap().text(), "in\n");
            continue;
        }
        let error = answer.unwrap_err();
        let Kind::CertificateWrong { why, .. } = &error.kind else { panic!("{fault}: {error}") };
        assert!(why.contains(fault), "{why}");
        assert_eq!(host.logged("publickey"), 0);
    }
}

#[tokio::test]
async fn a_certificate_of_somebody_elses_authority_is_refused() {
    let Some(script) = script() else { return };
    let (host, _) = certified(&script, &["-n", "127.0.0.1"]);
    let (_other, authority) = certified(&script, &["-n", "127.0.0.1"]);
    let known = format!("@cert-authority * {authority}\n");
    let error = exec(&probe_with(Settings::default(), &known), way(&[&host]), "true").await.unwrap_err();
    assert!(matches!(error.kind, Kind::CertificateWrong { .. }), "{error}");
}

#[tokio::test]
async fn a_pinned_key_counts_although_the_host_has_a_certificate() {
    let Some(script) = script() else { return };
    let (host, _) = certified(&script, &["-n", "db-01"]);
    exec(&probe_with(Settings::default(), &host.known()), way(&[&host]), "true").await.unwrap();
}

#[tokio::test]
async fn what_a_host_shows_is_seen_without_being_trusted() {
    let Some(script) = script() else { return };
    let bastion = Sshd::start(&script, &[]);
    let (host, authority) = certified(&script, &["-n", "web-01,web-01.example.com", "-V", "+1h"]);
    let plain = Sshd::start(&script, &[]);
    let probe = probe_with(Settings::default(), &bastion.known());
    let offered = probe.fingerprint(&way(&[&bastion, &host])).await.unwrap();
    assert_eq!(offered.key, host.host_key);
    let printed = keygen(&["-lf", &host.folder.path().join("host_key.pub").to_string_lossy()]);
    assert!(printed.contains(&offered.fingerprint), "{printed}");
    let certificate = offered.certificate.unwrap();
    assert!(authority.starts_with(&certificate.authority), "{authority}");
    assert_eq!(certificate.hosts, ["web-01", "web-01.example.com"]);
    assert!(certificate.valid_before > now() && certificate.valid_before < now() + 3700);
    let offered = probe.fingerprint(&way(&[&bastion, &plain])).await.unwrap();
    assert_eq!((offered.key, offered.certificate), (plain.host_key.clone(), None));
    assert_eq!(host.logged("publickey") + plain.logged("publickey"), 0);
    // The hops before it are nobody's to look at in passing.
    let error = probe.fingerprint(&way(&[&plain, &host])).await.unwrap_err();
    assert!(matches!(error.kind, Kind::KeyUnknown { .. }) && error.hop == "a", "{error}");
}

#[tokio::test]
async fn a_host_is_found_by_the_names_that_it_is_known_by() {
    let Some(script) = script() else { return };
    let host = Sshd::start(&script, &[]);
    let probe = probe_with(Settings::default(), &format!("web-01,10.9.9.9 {}\n", host.host_key));
    let mut named = hop("web", &host);
    named.key_names = vec!["web-01".into()];
    exec(&probe, Way { hops: vec![named] }, "true").await.unwrap();
    let error = exec(&probe, way(&[&host]), "true").await.unwrap_err();
    assert!(matches!(error.kind, Kind::KeyUnknown { .. }), "{error}");
}
