//! What failed is told whole, with the address, by its kind and with the remedy that fits.

use crate::bed::{Bed, bed};
use crate::calm::ada;
use crate::feed::write;
use model::Scope;
use model::action::{Fault, Outcome};
use model::person::Role;
use store::breakers;

const REFUSED: &str = "PagerDuty refused the token (401, code 2006) \u{201c}You shall not pass.\u{201d}: a wrong key, or a key \
     of the other region: check [pagerduty] token, and that api_url, which is https://api.pagerduty.com, is that of the \
     account's region (the other one is https://api.eu.pagerduty.com)";

async fn fail(bed: &Bed, why: &'static str) {
    write(bed, move |tx| {
        Box::pin(async move {
            for _ in 0..3 {
                let outcome = Outcome::Later { at: tx.now(), fault: Fault::Destination, why: why.into() };
                breakers::observe(tx, "pagerduty", &outcome).await?;
            }
            Ok(())
        })
    })
    .await;
    bed.clock.advance_s(3);
}

#[tokio::test]
async fn on_a_fresh_install_each_failure_has_its_own_remedy() {
    let cases = [
        (
            "no connection to 127.0.0.1: refused; port 9 refused it: check the configured address",
            "no firewall or proxy refuses",
        ),
        ("api.pagerduty.com did not answer in time", "holds or cuts the connection"),
        ("no connection to api.pagerduty.com: certificate expired; TLS failed: check this", "trusted certificates"),
        (
            "PagerDuty has trouble of its own (500): see status.pagerduty.com; it is tried again",
            "The trouble is PagerDuty&#39;s",
        ),
        ("no connection to api.pagerduti.com: lookup; the name can't be resolved: check", "spelt right"),
        (REFUSED, "Put a valid token into"),
    ];
    for (why, remedy) in cases {
        let bed = bed().await;
        let ada = ada(&bed).await;
        fail(&bed, why).await;
        for path in ["/?lang=en", "/connections?lang=en"] {
            let page = bed.get(path, &ada).await.body;
            assert!(page.contains(&why.replace('\'', "&#39;")), "{path}: {why}: {page}");
            assert!(page.contains(remedy), "{path}: {remedy}: {page}");
            assert!(!page.contains("Nothing needs to be done"), "{path}: {page}");
        }
        assert!(!bed.get("/?lang=en", &ada).await.body.contains("Connect the account"), "it is connected");
    }
}

#[tokio::test]
async fn of_a_key_that_nobody_has_looked_at_nothing_is_claimed() {
    let bed = bed().await;
    let ada = ada(&bed).await;
    let page = bed.get("/connections?lang=en", &ada).await.body;
    assert_eq!(page.matches("<dd>not known yet</dd>").count(), 1, "what it may: {page}");
    assert!(page.contains("<bdi>not known yet</bdi>") && !page.contains("writing is not known"), "{page}");
    fail(&bed, REFUSED).await;
    let page = bed.get("/connections?lang=en", &ada).await.body;
    assert!(page.contains("nothing: PagerDuty refuses the key") && !page.contains("writing is not known"), "{page}");
}

#[tokio::test]
async fn what_failed_is_not_told_to_those_who_see_some_customers() {
    let bed = bed().await;
    let bob = bed.person("bob", Role::Viewer, Scope::Customers(vec!["aoba".into()])).await;
    fail(&bed, "no connection to 10.1.2.3: refused; port 9 refused it").await;
    let page = bed.get("/connections?lang=en", &bob).await.body;
    assert!(page.contains("3 calls in a row failed") && !page.contains("10.1.2.3"), "{page}");
}
