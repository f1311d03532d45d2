//! Senders that only DNS can prove, from the door to the registration: a DKIM signature that holds, a machine that SPF allows,
//! and what neither vouches for.

use super::each;
use super::letters::{address, number, over, problem};
use super::names::Names;
use super::scene::{Plan, Scene, shown};
use super::sender::Letter;
use base64::Engine;
use mail_auth::common::crypto::{RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use model::mail::{Ledger, State, Trust};
use rcgen::{KeyPair, PublicKeyData};
use rustls::pki_types::PrivateKeyDer;
use sandbox::monitors::{Alert, Style, mail};
use serde_json::json;
use store::mails::Item;

/// Who writes as this address is believed by the signature of its domain.
const SIGNED: &str = "monitor@signed.example.jp";
/// By the machine that SPF allows it, which is this one.
const ALLOWED: &str = "monitor@allowed.example.jp";
/// SPF allows nobody.
const DENIED: &str = "monitor@denied.example.jp";

fn names(key: &KeyPair) -> Names {
    let public = base64::engine::general_purpose::STANDARD.encode(key.subject_public_key_info());
    Names::start(&[
        ("mail._domainkey.signed.example.jp", &format!("v=DKIM1; k=rsa; p={public}")),
        ("allowed.example.jp", "v=spf1 ip4:127.0.0.1 -all"),
        ("denied.example.jp", "v=spf1 -all"),
    ])
}

fn plan(names: &Names) -> Plan {
    let server = names.address;
    let monitor = |name: &str, rule: &str| {
        format!(
            "\n[[mail.monitor]]\nname = \"{name}\"\nreader = \"zabbix\"\nrecipients = [{}]\n{rule}\n",
            json!(address(name))
        )
    };
    Plan::paging()
        .with(&format!("\n[mail.dns]\nservers = [\"{server}\"]\n"))
        .with(&monitor("dkim", "dkim = [\"signed.example.jp\"]"))
        .with(&monitor("spf", "spf = [\"allowed.example.jp\", \"denied.example.jp\"]"))
}

fn letter(alert: &Alert, from: &str, monitor: &str) -> Letter {
    let (to, id) = (address(monitor), format!("{}@example.jp", number()));
    Letter { from: from.into(), to: to.clone(), raw: mail(alert, Style::default(), (from, &to), &id) }
}

/// The same with a signature of its domain on top.
fn signed(key: &KeyPair, letter: Letter) -> Letter {
    let key = RsaKey::<Sha256>::from_key_der(PrivateKeyDer::Pkcs8(key.serialize_der().into())).unwrap();
    let signer = DkimSigner::from_key(key).domain("signed.example.jp").selector("mail");
    let signature = signer.headers(["From", "To", "Subject"]).sign(&letter.raw).unwrap();
    let raw = [signature.to_header().as_bytes(), letter.raw.as_slice()].concat();
    Letter { raw, ..letter }
}

fn of<'a>(mails: &'a [Item], host: &str, state: State) -> &'a Item {
    let found = mails.iter().find(|mail| mail.host.as_deref() == Some(host) && mail.state == state);
    found.unwrap_or_else(|| panic!("no mail of {host}:\n{}", shown(mails)))
}

#[test]
fn what_dkim_or_spf_vouches_for_is_registered_and_resolved_and_the_rest_is_told() {
    let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    each(|database| {
        let names = names(&key);
        let scene = Scene::started(database, &plan(&names));
        let [held, broken, bare, allowed, denied] =
            ["held", "broken", "bare", "allowed", "denied"].map(|host| problem(host, "HTTP"));
        let mut changed = signed(&key, letter(&broken, SIGNED, "dkim"));
        changed.raw.extend_from_slice(b"and one line more\r\n");
        scene.post_all(&[
            signed(&key, letter(&held, SIGNED, "dkim")),
            changed,
            letter(&bare, SIGNED, "dkim"),
            letter(&allowed, ALLOWED, "spf"),
            letter(&denied, DENIED, "spf"),
        ]);
        let mails = scene.until("what is proven to be registered, and the rest to be judged", |mails| {
            let registered = mails.iter().filter(|mail| mail.ledger == Ledger::Registered).count();
            mails.len() == 5 && registered == 2 && mails.iter().all(|mail| mail.ledger != Ledger::Expected)
        });
        for (host, trust, ledger) in [
            ("held", Trust::Trusted, Ledger::Registered),
            ("allowed", Trust::Trusted, Ledger::Registered),
            ("broken", Trust::Untrusted, Ledger::Missing),
            ("bare", Trust::Untrusted, Ledger::Missing),
            ("denied", Trust::Untrusted, Ledger::Missing),
        ] {
            let mail = of(&mails, host, State::Problem);
            assert_eq!((mail.trust, mail.ledger), (trust, ledger), "{host}:\n{}", shown(&mails));
        }
        scene.posted(&["broken"]);
        scene.post_all(&[letter(&over(&allowed), DENIED, "spf"), signed(&key, letter(&over(&held), SIGNED, "dkim"))]);
        scene.until("the recoveries to be judged", |mails| {
            mails.len() == 7 && mails.iter().all(|mail| mail.ledger != Ledger::Expected)
        });
        scene.world.settle();
        let open = |host: &str| {
            let ours = scene.ours().into_iter();
            ours.filter(|one| one.to_string().contains(&format!("({host})")) && one["status"] != "resolved").count()
        };
        assert_eq!((open("held"), open("allowed")), (0, 1), "only who is proven says that it is over");
        scene.balances(7);
    });
}
