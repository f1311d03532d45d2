//! The space as it is at the start: people of both sides, two customers' projects, tickets of the past days. The past happens before
//! there is a webhook, so nobody is told of it.

use std::sync::Arc;

use jiff::Timestamp;

use super::access::Access;
use super::edit::Edit;
use super::happen::Draft;
use super::limits::Limits;
use super::settings::Settings;
use super::world::{Choice, Project, Side, State, Team, User};
use crate::clock::plus_s;
use crate::courier::Courier;
use crate::dice::Dice;

pub(super) const BOT: u64 = 101;
const SATO: u64 = 102;
const SUZUKI: u64 = 103;
const DESK: u64 = 104;
const TANAKA: u64 = 105;
const KOBAYASHI: u64 = 106;

const MINATO: u64 = 11;
const SAKURA: u64 = 12;

const USERS: [(u64, &str, &str, u8, Side); 6] = [
    (BOT, "arayashiki", "アラヤシキ", 1, Side::Bot),
    (SATO, "sato", "佐藤花子", 2, Side::Ours),
    (SUZUKI, "suzuki", "鈴木一郎", 2, Side::Ours),
    (DESK, "desk", "運用デスク", 2, Side::Desk),
    (TANAKA, "tanaka", "田中美咲（みなと商事）", 2, Side::Customer),
    (KOBAYASHI, "kobayashi", "小林健（さくら物流）", 2, Side::Customer),
];

/// project, by, to, type, priority, hours ago, summary, description
type Old = (u64, u64, Option<u64>, &'static str, u64, i64, &'static str, &'static str);

const OLD: [Old; 6] = [
    (
        MINATO,
        TANAKA,
        Some(SATO),
        "障害",
        2,
        70,
        "web01 ディスク逼迫",
        "監視で 90% を超えています。\n確認をお願いします。",
    ),
    (MINATO, TANAKA, Some(DESK), "依頼", 3, 46, "バックアップ世代数の変更", "7 世代から 14 世代へ変更してください。"),
    (MINATO, TANAKA, None, "問い合わせ", 4, 22, "証明書の有効期限について", "EC サイトの証明書はいつ更新されますか。"),
    (
        SAKURA,
        KOBAYASHI,
        Some(SUZUKI),
        "障害",
        2,
        30,
        "配送管理システムが遅い",
        "朝 9 時ごろから画面が 10 秒以上開きません。",
    ),
    (SAKURA, KOBAYASHI, None, "依頼", 3, 8, "VPN アカウントの追加", "新しい社員 1 名分の発行をお願いします。"),
    (SAKURA, KOBAYASHI, Some(DESK), "タスク", 3, 5, "月次報告書の送付", "先月分の報告書をお送りください。"),
];

pub(super) fn space(seed: u64, url: String, settings: Settings, courier: Arc<Courier>, now: Timestamp) -> State {
    let mut dice = Dice::new(seed);
    let users = USERS.map(|own| user(own, &mut dice)).to_vec();
    let access = Access::new(&mut dice);
    let mut state = State {
        url,
        users,
        teams: teams(),
        projects: projects(),
        issues: Vec::new(),
        activities: Vec::new(),
        access,
        limits: Limits::default(),
        settings,
        dice,
        courier,
        last_id: 1_000,
        last_activity: 26_319_000,
    };
    live_through(&mut state, now);
    state
}

fn user((id, login, name, role, side): (u64, &'static str, &'static str, u8, Side), dice: &mut Dice) -> User {
    User { id, login, name, mail: format!("{login}@example.jp"), role, side, api_key: dice.secret(64) }
}

fn teams() -> Vec<Team> {
    vec![
        Team { id: 51, name: "運用チーム", members: vec![SATO, SUZUKI, DESK] },
        Team { id: 52, name: "みなと商事", members: vec![TANAKA] },
        Team { id: 53, name: "さくら物流", members: vec![KOBAYASHI] },
    ]
}

fn choices<const N: usize>(of: [(u64, &'static str, &'static str); N]) -> Vec<Choice> {
    of.map(|(id, name, color)| Choice { id, name, color }).to_vec()
}

fn projects() -> Vec<Project> {
    let project = |id: u64, key, name, customer, own_status: &[Choice]| {
        let mut statuses = choices([
            (1, "未対応", "#ed8077"),
            (2, "処理中", "#4488c5"),
            (3, "処理済み", "#5eb5a6"),
            (4, "完了", "#b0be3c"),
        ]);
        statuses.splice(2..2, own_status.iter().cloned());
        Project {
            id,
            key,
            name,
            members: vec![BOT, SATO, SUZUKI, DESK, customer],
            types: choices([
                (id * 10 + 1, "障害", "#990000"),
                (id * 10 + 2, "依頼", "#7ea800"),
                (id * 10 + 3, "問い合わせ", "#2779ca"),
                (id * 10 + 4, "タスク", "#666665"),
            ]),
            categories: choices([
                (id * 10 + 5, "サーバー", ""),
                (id * 10 + 6, "ネットワーク", ""),
                (id * 10 + 7, "データベース", ""),
            ]),
            statuses,
            hooks: Vec::new(),
            last_key: 0,
        }
    };
    let waits = Choice { id: 301, name: "お客様確認待ち", color: "#eda62a" };
    vec![
        project(MINATO, "MINATO", "みなと商事 運用", TANAKA, &[waits]),
        project(SAKURA, "SAKURA", "さくら物流 運用", KOBAYASHI, &[]),
    ]
}

/// project and number in it, by, hours ago, new status, words
type Said = ((u64, u64), u64, i64, Option<u64>, &'static str);

const SAID: [Said; 4] = [
    ((MINATO, 1), SATO, 69, Some(2), "確認しました。古いログを圧縮します。"),
    ((MINATO, 1), TANAKA, 60, None, "ありがとうございます。作業の結果を教えてください。"),
    ((MINATO, 2), DESK, 45, Some(2), "承りました。次の保守で変更します。"),
    ((SAKURA, 1), SUZUKI, 29, Some(2), "DB の負荷を調べています。"),
];

/// In the order of time, so that numbers rise with it.
fn live_through(state: &mut State, now: Timestamp) {
    let mut old: Vec<Old> = OLD.to_vec();
    old.sort_by_key(|own| std::cmp::Reverse(own.5));
    let mut said = SAID.into_iter().peekable();
    for own in old {
        while let Some(next) = said.next_if(|said| said.2 > own.5) {
            talk(state, next, now);
        }
        begin(state, own, now);
    }
    said.for_each(|next| talk(state, next, now));
}

fn begin(state: &mut State, (project, by, to, kind, priority, hours, summary, description): Old, now: Timestamp) {
    let nth = state.issues.len();
    let own = state.project(project);
    let kind = own.and_then(|p| p.types.iter().find(|t| t.name == kind)).map_or(0, |t| t.id);
    let category = own.and_then(|p| p.categories.get(nth % p.categories.len().max(1))).map(|c| c.id);
    let rest = Edit {
        description: Some(description.into()),
        assignee: Some(to),
        categories: Some(category.into_iter().collect()),
        ..Edit::default()
    };
    let draft = Draft { project, kind, summary: summary.into(), priority, parent: None, rest };
    state.create(by, draft, plus_s(now, -hours * 3_600));
}

fn talk(state: &mut State, ((project, key_id), by, hours, status, words): Said, now: Timestamp) {
    let edit = Edit { comment: Some(words.into()), status, ..Edit::default() };
    if let Some(at) = state.issues.iter().position(|i| i.project == project && i.key_id == key_id) {
        // It has words, so it is not refused.
        let _done = state.update(by, at, &edit, plus_s(now, -hours * 3_600));
    }
}

/// More tickets of the past, for first contact with a space that is full of them. Their activities are forgotten.
pub(super) fn crowd(state: &mut State, count: usize, now: Timestamp) {
    let before = state.activities.len();
    for n in 0..count {
        let (project, by) = if n % 2 == 0 { (MINATO, TANAKA) } else { (SAKURA, KOBAYASHI) };
        let kind = project * 10 + 1 + (n % 4) as u64;
        let to = [None, Some(DESK), Some(SATO), Some(SUZUKI)][n % 4];
        let rest = Edit { assignee: Some(to), status: Some(1 + (n % 3) as u64), ..Edit::default() };
        let draft =
            Draft { project, kind, summary: format!("過去の依頼 {}", n + 1), priority: 3, parent: None, rest };
        state.create(by, draft, plus_s(now, -86_400 * 4 - (count - n) as i64 * 600));
    }
    state.activities.truncate(before);
}
