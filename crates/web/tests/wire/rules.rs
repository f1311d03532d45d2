//! *Rules for tickets*: the file's stand there read-only, the page's are seen before they are kept, each change is a version, and
//! leaders of some customers say nothing for others.

use crate::bed::{Answer, Bed, with};
use crate::feed::ended;
use crate::hours::people;
use axum::http::StatusCode;
use duties::Mode;
use duties::page_rules::TICKET_RULE;
use duties::tickets::{Rule, Settings, When};
use model::connection::TicketsState;
use model::person::Role;
use model::ticket::{Change, Happening, Named, Reading, Ticket, Who};
use model::{Micros, Scope};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::page_rules;
use web::people::{People, TicketSpace};

struct Office {
    bed: Bed,
    lead: String,
    minato: String,
}

async fn office() -> Office {
    let rule = |name: &str, customers: &[&str]| Rule {
        name: name.into(),
        when: When::Unassigned,
        keywords: vec!["停止".into()],
        customers: customers.iter().map(|id| (*id).to_owned()).collect(),
        ..Rule::default()
    };
    let rules = vec![rule("nobody has it", &[]), rule("only aoba's", &["aoba"])];
    let settings = Settings { mode: Mode::Page, rules, ..Settings::default() };
    let space = TicketSpace {
        name: "hoshino".into(),
        settings,
        customer: Some("minato".into()),
        customers: BTreeMap::from([("SHOP".into(), "aoba".into())]),
    };
    let people = People { spaces: vec![space], ..people() };
    let bed =
        with(|settings| web::Settings { people: Arc::new(people), language: web::Language::En, ..settings }).await;
    let lead = bed.person("lead", Role::Leader, Scope::All).await;
    let minato = bed.person("minato-lead", Role::Leader, Scope::Customers(vec!["minato".into()])).await;
    Office { bed, lead, minato }
}

impl Office {
    /// A ticket that a customer wrote so long ago; nobody has it.
    async fn ticket(&self, number: i64, title: &str, project: &str, ago_s: i64) {
        let at = self.bed.clock.now().plus_s(-ago_s);
        let who = Who { id: 50, login: None, name: "山田".into(), mail: None };
        let ticket = Ticket {
            id: format!("hoshino/{number}"),
            space: "hoshino".into(),
            key: format!("{project}-{number}"),
            project: project.into(),
            title: title.into(),
            body: String::new(),
            kind: "障害".into(),
            categories: Vec::new(),
            priority: None,
            status: Named { id: 1, name: "未対応".into() },
            is_done: false,
            assignee: None,
            created_by: who.clone(),
            created_at: at,
            updated_at: at,
            url: format!("https://hoshino.backlog.jp/view/{project}-{number}"),
        };
        let history = vec![Happening { id: 0, at, by: who, text: None, changes: vec![Change::Created] }];
        let customer = if project == "SHOP" { "aoba" } else { "minato" };
        let reading = Reading { ticket, history };
        let saved = self.bed.store.write("test", move |tx| {
            let reading = reading.clone();
            Box::pin(async move { store::tickets::save(tx, &reading, Some(customer), at, "").await })
        });
        assert!(saved.await.unwrap());
    }

    async fn post(&self, who: &str, form: &str) -> Answer {
        self.bed.post("/people/rules", who, form).await
    }

    async fn turn(&self, who: &str, form: &str) -> Answer {
        self.bed.post("/people/rules/turn", who, form).await
    }

    async fn kept(&self) -> Vec<page_rules::Rule> {
        self.bed.store.read(|tx| Box::pin(async move { page_rules::of_kind(tx, TICKET_RULE).await })).await.unwrap()
    }

    async fn write(&self, name: &str, body: &str) {
        let rule = page_rules::Rule {
            id: format!("by-hand-{name}"),
            kind: TICKET_RULE.into(),
            name: name.into(),
            version: 1,
            position: 1,
            body: body.into(),
            is_off: false,
            is_deleted: false,
            said_by: "id-lead".into(),
            said_at: Micros(1),
        };
        let said = self.bed.store.write("test", move |tx| {
            let rule = rule.clone();
            Box::pin(async move { page_rules::say(tx, &rule).await })
        });
        assert!(said.await.unwrap());
    }
}

const SHOUT: &str = "name=urgent&version=0&position=1&when=unassigned&keywords=%E8%87%B3%E6%80%A5&severity=critical";

#[tokio::test]
async fn a_rule_is_shown_on_last_week_before_it_is_kept() {
    let office = office().await;
    office.ticket(1, "至急: 帳票が出ない", "OPS", 3 * 86_400).await;
    office.ticket(2, "バッチ停止", "OPS", 2 * 86_400).await;
    office.ticket(3, "至急: 先月のもの", "OPS", 20 * 86_400).await;
    office.ticket(4, "質問", "OPS", 3_600).await;
    let seen = office.post(&office.lead, &format!("{SHOUT}&do=preview")).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    assert!(
        seen.body.contains("Of 3 tickets with something new: 1 calls more, 0 fewer, 0 otherwise, 1 the same."),
        "{}",
        seen.body
    );
    assert!(seen.body.contains("OPS-1") && !seen.body.contains("OPS-3") && seen.body.contains("Keep it"));
    assert!(office.kept().await.is_empty(), "a look keeps nothing");
    // An exception to the file's rule: its calls are no more.
    let hush = SHOUT.replace("urgent", "quiet").replace("%E8%87%B3%E6%80%A5", "%E5%81%9C%E6%AD%A2") + "&ignore=yes";
    let seen = office.post(&office.lead, &format!("{hush}&do=preview")).await;
    assert!(seen.body.contains("0 calls more, 1 fewer, 0 otherwise, 0 the same"), "{}", seen.body);
    assert!(seen.body.contains("Would have called nobody any more") && seen.body.contains("OPS-2"));
    let louder = hush.replace("&ignore=yes", "");
    let seen = office.post(&office.lead, &format!("{louder}&do=preview")).await;
    assert!(
        seen.body.contains("0 fewer, 1 otherwise") && seen.body.contains("in place of nobody has it"),
        "{}",
        seen.body
    );
}

/// The engine knows whose key it asks with, and so does a look at last week.
#[tokio::test]
async fn what_our_own_key_wrote_is_no_hit_of_last_week() {
    let office = office().await;
    office.ticket(1, "至急: 帳票が出ない", "OPS", 3 * 86_400).await;
    let seen = async || office.post(&office.lead, &format!("{SHOUT}&do=preview")).await.body;
    assert!(seen().await.contains("Of 1 tickets with something new: 1 calls more"), "a customer's, as far as is known");
    let own = Some(Who { id: 50, login: None, name: "山田".into(), mail: None });
    ended(&office.bed, "backlog-tickets/other", TicketsState { own: own.clone(), ..TicketsState::default() }).await;
    assert!(seen().await.contains(" 1 calls more"), "the key of another space");
    ended(&office.bed, "backlog-tickets/hoshino", TicketsState { own, ..TicketsState::default() }).await;
    let page = seen().await;
    assert!(page.contains("Nothing would have been different: 1 tickets"), "{page}");
}

#[tokio::test]
async fn each_change_of_a_rule_is_a_version_that_can_be_undone() {
    let office = office().await;
    let saved = office.post(&office.lead, &format!("{SHOUT}&do=save&nonce=save-00001")).await;
    assert!(saved.location().contains("done=saved"), "{}", saved.body);
    let again = office.post(&office.lead, &format!("{SHOUT}&do=save&nonce=save-00001")).await;
    assert_eq!(again.location(), saved.location(), "the same form twice keeps one rule");
    let page = office.bed.get(saved.location(), &office.lead).await.body;
    assert!(page.contains("Tickets are asked 1 rule of this page, then 2 of the file"), "{page}");
    assert!(page.contains("The rule urgent is kept") && page.contains("至急") && page.contains("from the file"));
    let edit = office.bed.get("/people/rules/edit?name=urgent", &office.lead).await.body;
    assert!(edit.contains("name=\"version\" value=\"1\"") && edit.contains("至急</textarea>"), "{edit}");
    let change = SHOUT.replace("version=0", "version=1").replace("critical", "info");
    assert!(
        office.post(&office.lead, &format!("{change}&do=save&nonce=save-00002")).await.location().contains("made=2")
    );
    let stale = office.post(&office.lead, &format!("{change}&do=save&nonce=save-00003")).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.body.contains("somebody changed it meanwhile"));
    let taken = office.post(&office.lead, &format!("{SHOUT}&do=save&nonce=save-00004")).await;
    assert!(taken.body.contains("this page has a rule of that name"), "{}", taken.body);

    for (form, done, state) in [
        ("name=urgent&version=2&to=off&nonce=turn-00001", "done=off", Some((3, true))),
        ("name=urgent&version=3&to=on&nonce=turn-00002", "done=on", Some((4, false))),
        ("name=urgent&version=4&to=delete&nonce=turn-00003", "done=deleted", None),
        ("name=urgent&version=5&to=restore&back_to=4&nonce=turn-00004", "done=undone", Some((6, false))),
        ("name=urgent&version=6&to=restore&back_to=1&nonce=turn-00005", "done=undone", Some((7, false))),
    ] {
        let turned = office.turn(&office.lead, form).await;
        assert!(turned.location().contains(done), "{form}: {}", turned.body);
        let kept = office.kept().await;
        assert_eq!(kept.first().map(|rule| (rule.version, rule.is_off)), state, "{form}");
    }
    assert!(office.kept().await[0].body.contains("critical"), "the first version is back");
    let stale = office.turn(&office.lead, "name=urgent&version=3&to=off&nonce=turn-00006").await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let none = office.turn(&office.lead, "name=none&version=0&to=off&nonce=turn-00007").await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let audit = office.bed.audit().await;
    assert_eq!(audit.len(), 7, "{audit:?}");
    assert!(audit.iter().all(|entry| entry.subject == "ticket-rule/urgent" && entry.detail.contains("\"before\"")));
    let edit = office.bed.get("/people/rules/edit?name=urgent", &office.lead).await.body;
    assert!(edit.contains("Bring back") && !edit.contains("minato-lead"), "{edit}");
}

#[tokio::test]
async fn a_leader_of_some_customers_says_rules_for_these_alone() {
    let office = office().await;
    office.ticket(1, "至急: みなと", "OPS", 3_600).await;
    office.ticket(2, "至急: 青葉", "SHOP", 3_600).await;
    let list = office.bed.get("/people/rules", &office.minato).await.body;
    assert!(list.contains("nobody has it") && !list.contains("only aoba"), "{list}");
    let save = |form: &str, nonce: &str| format!("{form}&do=save&nonce={nonce}");
    for (form, words) in [
        (SHOUT.to_owned(), "name the customers that it is for"),
        (format!("{SHOUT}&customers=minato,aoba"), "aoba is no customer that you see"),
        (format!("{SHOUT}&customers=kita"), "there is no customer “kita”"),
        (SHOUT.replace("urgent", "nobody+has+it") + "&customers=minato", "the file has a rule of that name"),
    ] {
        let answer = office.post(&office.minato, &save(&form, "save-00001")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
    }
    let own = format!("{SHOUT}&customers=minato");
    let seen = office.post(&office.minato, &format!("{own}&do=preview")).await.body;
    assert!(seen.contains("OPS-1") && !seen.contains("SHOP-2"), "{seen}");
    assert_eq!(office.post(&office.minato, &save(&own, "save-00002")).await.status, StatusCode::SEE_OTHER);
    let all = SHOUT.replace("urgent", "everybody");
    assert_eq!(office.post(&office.lead, &save(&all, "save-00003")).await.status, StatusCode::SEE_OTHER);
    let list = office.bed.get("/people/rules", &office.minato).await.body;
    assert!(list.contains("for other customers as well"), "{list}");
    let off = office.turn(&office.minato, "name=everybody&version=1&to=off&nonce=turn-00001").await;
    assert_eq!(off.status, StatusCode::FORBIDDEN, "it is not for theirs alone");
    assert_eq!(office.bed.get("/people/rules/edit?name=everybody", &office.minato).await.status, StatusCode::NOT_FOUND);
    // A rule of all customers is not made one's own by naming it.
    let grab = all.replace("version=0", "version=1") + "&customers=minato";
    assert_eq!(office.post(&office.minato, &save(&grab, "save-00004")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        office.turn(&office.minato, "name=urgent&version=1&to=off&nonce=turn-00002").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_rule_that_can_not_be_read_is_named_with_its_version_and_can_be_mended_or_deleted() {
    let office = office().await;
    office.write("broken", "{\"keyword\":[\"x\"]}").await;
    office.write("lost", "{\"while_off\":\"night\"}").await;
    let page = office.bed.get("/people/rules", &office.lead).await.body;
    assert!(page.contains("2 hold nothing"), "{page}");
    assert!(page.contains("Version 1 holds nothing, for it can&#39;t be used as it stands."), "{page}");
    assert!(page.contains("<code>unknown field `keyword`"), "{page}");
    let japanese = office.bed.get("/people/rules?lang=ja", &office.lead).await.body;
    assert!(
        japanese.contains(
            "版 1 はそのままでは使えないため、反映されていません。書き直すか、削除してください。 <code>unknown"
        ),
        "{japanese}"
    );
    assert!(page.contains("there is no group") && page.contains("Write it anew or delete it"));
    assert!(!office.bed.get("/people/rules", &office.minato).await.body.contains("broken"));
    let edit = office.bed.get("/people/rules/edit?name=broken", &office.lead).await;
    assert!(edit.status == StatusCode::OK && edit.body.contains("Version 1 holds nothing"), "{}", edit.body);
    let japanese = office.bed.get("/people/rules/edit?name=broken&lang=ja", &office.lead).await.body;
    assert!(japanese.contains("内容を読み取れません。 <code>unknown field `keyword`"), "{japanese}");
    let mended = SHOUT.replace("urgent", "broken").replace("version=0", "version=1");
    assert_eq!(
        office.post(&office.lead, &format!("{mended}&do=save&nonce=save-00001")).await.status,
        StatusCode::SEE_OTHER
    );
    let gone = office.turn(&office.lead, "name=lost&version=1&to=delete&nonce=turn-00001").await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    assert!(!office.bed.get("/people/rules", &office.lead).await.body.contains("holds nothing"));
}
