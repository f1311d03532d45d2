//! Tickets that nobody watched and promises in a calendar, in every state.

use super::{NOW, before, named};
use duties::Mode;
use duties::calendar::{self, Acted, Notice, Refusal, Standing, Window, WindowTrouble};
use duties::tickets::{End, EndWhy, Hit, Instead, Kind, Reason, Wait};
use model::calendar::{Attendee, CalendarEvent};
use model::hours::{Standing as Hours, Why};
use model::mail::Severity;
use model::ticket::{Change, Named, Ticket, Who};
use store::tickets::Watch;
use web::Reads;
use web::view::{
    CalendarFilters, CalendarRow, CalendarView, Called, EventRow, EventView, HappeningRow, IncidentLink, NoticeRow,
    PlaceRow, Raised, Side, TicketFilters, TicketRow, TicketView, TicketsAnswer, TicketsView, Told, WindowRow,
    WindowState,
};

fn who(name: &str) -> Who {
    Who { id: 7, login: None, name: name.into(), mail: None }
}

fn link() -> IncidentLink {
    IncidentLink {
        id: "Q9TKT".into(), number: Some(4_811), title: "窓口宛ての課題: OPS-71 web01 が重い".into()
    }
}

/// What people were called for; `how` is one of the states of a watch.
pub fn called(how: Watch) -> Called {
    let is_real = !matches!(how, Watch::Observed | Watch::Would | Watch::Watched);
    Called {
        rule: "窓口のアカウントのまま".into(),
        mode: if is_real { "page".into() } else { "observe".into() },
        severity: "error".into(),
        since: before(2_460),
        told: is_real.then(|| Told {
            channel: "#tickets".into(),
            at: (how != Watch::Ended).then(|| before(2_450)),
            href: (how == Watch::Called).then(|| "https://slack.com/app_redirect?channel=C1&message_ts=1.1".into()),
            trouble: (how == Watch::Ended).then(|| "the channel is archived".into()),
        }),
        incident: is_real.then(link),
        taken_at: (how == Watch::Taken).then(|| before(1_800)),
        taken_by: (how == Watch::Taken).then(|| "佐藤 花子".into()),
        ended_at: matches!(how, Watch::Ended | Watch::Would).then(|| before(1_800)),
        remind_at: (how == Watch::Called).then(|| NOW.plus_s(600)),
    }
}

fn hit(reason: Reason) -> Hit {
    Hit {
        key: "窓口のアカウントのまま#1".into(),
        rule: "窓口のアカウントのまま".into(),
        generation: 1,
        reason,
        happening: 2,
        at: before(2_500),
        by: "田中 美咲（みなと病院）".into(),
        kinds: vec![Kind::Commented],
        found_at: before(2_460),
        mode: Mode::Page,
        severity: Severity::Error,
        channel: None,
        tells_customer: false,
        last: 2,
        was_done: false,
        project: "OPS".into(),
    }
}

/// One of each reason.
pub fn reasons() -> Vec<Reason> {
    let until = Some(NOW.plus_s(20_000));
    let away = Hours { is_at_work: false, why: Why::NoPattern, hours_of: None, since: None, until };
    vec![
        Reason::Unassigned,
        Reason::GroupAccount { group: "desk".into(), name: "運用窓口".into() },
        Reason::OffHours { person: "sato".into(), name: "佐藤 花子".into(), standing: away },
        Reason::AssigneeUnknown { name: "somebody".into() },
        Reason::Matches { keyword: Some("至急".into()) },
        Reason::Matches { keyword: None },
        Reason::Waits { since: before(9_000), minutes: 120, of: "運用窓口".into() },
    ]
}

/// One of each end.
pub fn ends() -> Vec<EndWhy> {
    vec![
        EndWhy::Assigned { to: "佐藤 花子".into() },
        EndWhy::Answered,
        EndWhy::Taken { status: "処理中".into() },
        EndWhy::Resolved,
        EndWhy::Closed { status: "完了".into() },
        EndWhy::Done { status: "完了".into() },
        EndWhy::Moved { project: "OTHER".into() },
        EndWhy::Deleted,
        EndWhy::Lost,
    ]
}

pub fn raised(how: Watch, reason: Reason, why: EndWhy) -> Raised {
    let end = End { why, by: Some("佐藤 花子".into()), at: before(1_800), happening: Some(3) };
    Raised {
        called: called(how),
        title: "窓口宛ての課題: OPS-71".into(),
        hit: Some(hit(reason)),
        end: (how == Watch::Ended).then(|| end.clone()),
        instead: (how == Watch::Would).then_some(Instead::Over(end)),
    }
}

fn history() -> Vec<HappeningRow> {
    let row = |id, at, by: &str, side, text: Option<&str>, changes| HappeningRow {
        id,
        at: before(at),
        by: by.into(),
        side: Some(side),
        text: text.map(str::to_owned),
        changes,
        calls: id == 2,
        ends: id == 3,
    };
    let status = Change::Status { from: "未対応".into(), to: "処理中".into() };
    let due = Change::Other { field: "limitDate".into(), from: None, to: Some("2026-11-24".into()) };
    let none = Change::Other { field: "milestone".into(), from: Some("1.0".into()), to: None };
    let odd = Change::Other { field: "customField_9".into(), from: None, to: Some("x".into()) };
    let to = Change::Assignee { from: None, to: Some("運用窓口".into()) };
    let off = Change::Assignee { from: Some("運用窓口".into()), to: None };
    vec![
        row(0, 9_000, "田中 美咲（みなと病院）", Side::Customer, Some("web01 が重いです。"), vec![Change::Created]),
        row(1, 8_000, "鈴木 一郎", Side::Ours, None, vec![to, due, none]),
        row(
            2,
            2_500,
            "田中 美咲（みなと病院）",
            Side::Customer,
            Some("まだ重いままです。\n至急お願いします。"),
            vec![],
        ),
        row(3, 1_800, "佐藤 花子", Side::Ours, Some("確認します。"), vec![status, off, odd]),
        row(4, 1_700, "Arayashiki", Side::Tool, Some("担当窓口を呼び出しました。"), vec![]),
    ]
}

pub fn row(n: i64, title: &str, watch: Watch) -> TicketRow {
    let reason = reasons().swap_remove(usize::try_from(n).expect("small") % 7);
    let end = ends().swap_remove(usize::try_from(n).expect("small") % 8);
    TicketRow {
        id: format!("minato/{n}"),
        space: "minato".into(),
        key: format!("OPS-{n}"),
        project: "OPS".into(),
        title: title.into(),
        status: "処理中".into(),
        is_done: watch == Watch::Ended,
        gone_at: (n == 76).then(|| before(60)),
        customer: Some("みなと病院".into()),
        assignee: (n % 2 == 0).then(|| "運用窓口".into()),
        updated_at: before(n * 40),
        watch,
        raised: (watch != Watch::Watched).then(|| raised(watch, reason, end)),
        last: history().into_iter().nth(2),
        wait: (watch == Watch::Watched).then(|| Wait {
            rule: "二時間返事がない".into(),
            happening: 2,
            since: before(2_500),
            due: NOW.plus_s(4_000),
        }),
    }
}

pub fn tickets(filters: TicketFilters) -> TicketsView {
    let is_plain = filters == TicketFilters::default();
    let hostile = super::hostile().into_iter().enumerate().map(|(n, text)| row(80 + n as i64, &text, Watch::Called));
    let rows = Watch::ALL
        .into_iter()
        .enumerate()
        .map(|(n, watch)| row(71 + n as i64, "web01 が重い。画面が開くまで 10 秒かかる", watch));
    let mut rows: Vec<TicketRow> = rows.chain(hostile).collect();
    let called = if is_plain { rows.drain(..1).collect() } else { Vec::new() };
    let place = |project: &str, called, hears| PlaceRow {
        space: "minato".into(),
        project: project.into(),
        open: 12,
        called,
        read_at: before(40),
        hears,
    };
    TicketsView {
        answer: TicketsAnswer { has_space: true, ever: true, mode: if is_plain { Mode::Page } else { Mode::Observe } },
        filters,
        places: vec![place("OPS", 2, Some(true)), place("SHOP", 0, Some(false)), place("OLD", 0, None)],
        customers: vec![named("aoba", "青葉商事"), named("mina", "みなと病院")],
        called,
        rows,
        next_cursor: Some("abc".into()),
    }
}

pub fn tickets_none(has_space: bool, ever: bool) -> TicketsView {
    let answer = TicketsAnswer { has_space, ever, mode: Mode::Post };
    let none = tickets(TicketFilters::default());
    TicketsView { answer, places: Vec::new(), called: Vec::new(), rows: Vec::new(), next_cursor: None, ..none }
}

pub fn ticket(watch: Watch) -> TicketView {
    let row = row(71, "web01 が重い <script>alert(1)</script>", watch);
    let raised = match watch {
        Watch::Watched => Vec::new(),
        Watch::Called => reasons().into_iter().map(|reason| raised(watch, reason, EndWhy::Answered)).collect(),
        Watch::Ended => ends().into_iter().map(|why| raised(watch, Reason::Unassigned, why)).collect(),
        _ => vec![raised(watch, Reason::Unassigned, EndWhy::Answered)],
    };
    TicketView {
        ticket: Ticket {
            id: row.id.clone(),
            space: row.space.clone(),
            key: row.key.clone(),
            project: row.project.clone(),
            title: row.title.clone(),
            body: "画面が開くまで 10 秒かかります。\n\u{202E}<b>至急</b>".into(),
            kind: "障害".into(),
            categories: vec!["サーバー".into(), "EC".into()],
            priority: Some(Named { id: 2, name: "高".into() }),
            status: Named { id: 2, name: "処理中".into() },
            is_done: false,
            assignee: None,
            created_by: who("田中 美咲"),
            created_at: before(9_000),
            updated_at: before(2_500),
            url: "https://minato.backlog.example/view/OPS-71".into(),
        },
        history: if watch == Watch::Watched { Vec::new() } else { history() },
        raised,
        read_at: before(40),
        signal: (watch == Watch::Called).then_some(17),
        row,
    }
}

fn entry(title: &str, starts_in: i64) -> CalendarEvent {
    let person = |name: &str, mail: &str, has_declined| Attendee {
        mail: Some(mail.into()),
        name: Some(name.into()),
        has_declined,
    };
    CalendarEvent {
        id: "promises/1".into(),
        calendar: "promises".into(),
        title: title.into(),
        text: "さくら物流の小林様へ電話。\n手順書 12 を見る".into(),
        place: "東京 DC ラック 12".into(),
        starts_at: NOW.plus_s(starts_in),
        ends_at: NOW.plus_s(starts_in + 3_600),
        is_all_day: starts_in % 7 == 0,
        registrant: Some(person("鈴木 一郎", "suzuki@example.jp", false)),
        attendees: vec![person("佐藤 花子", "sato@example.jp", false), person("Kobayashi", "k@example.com", true)],
        colours: Vec::new(),
        is_cancelled: false,
        url: Some("https://calendar.example.com/1".into()),
        updated_at: Some(before(90_000)),
        recurring: Some("weekly".into()),
        ..CalendarEvent::default()
    }
}

fn notice() -> Notice {
    Notice {
        key: "お客様との約束#1".into(),
        rule: "お客様との約束".into(),
        generation: 1,
        starts_at: before(100),
        ends_at: NOW.plus_s(3_500),
        due: before(2_900),
        at: before(2_460),
        mode: Mode::Page,
        severity: Severity::Error,
        channel: None,
    }
}

/// One of each way in which a notice ends.
pub fn event_ends() -> Vec<calendar::EndWhy> {
    use calendar::EndWhy::{Acted as By, Cancelled, Lost, Moved, NotChosen, Unserved};
    vec![
        By { what: Acted::Closed },
        By { what: Acted::Done },
        Cancelled,
        Moved { to: NOW.plus_s(86_400) },
        NotChosen,
        Unserved,
        Lost,
    ]
}

/// Every way in which an event may stand, by its name.
pub fn events() -> Vec<(&'static str, Standing)> {
    let window = |starts_in| Window {
        key: "メンテナンス#1".into(),
        rule: "メンテナンス".into(),
        services: vec!["Minato: core".into(), "Minato: web".into()],
        starts_at: NOW.plus_s(starts_in),
        ends_at: NOW.plus_s(7_200),
        mode: Mode::Page,
        channel: None,
    };
    let end = calendar::End { why: event_ends().swap_remove(0), by: Some("佐藤 花子".into()), at: before(1_800) };
    vec![
        ("told", Standing::Told(notice())),
        ("served", Standing::Served(notice(), end)),
        ("unserved", Standing::Unserved(Some(notice()))),
        ("late", Standing::Unserved(None)),
        ("planned", Standing::Planned { due: Some(NOW.plus_s(1_000)) }),
        ("baseline", Standing::Baseline),
        ("window", Standing::Window(window(-60))),
        ("window-coming", Standing::Window(window(60))),
        ("window-over", Standing::WindowOver),
        ("cancelled", Standing::Cancelled),
        ("not-chosen", Standing::NotChosen),
    ]
}

pub fn notice_row(how: Watch, why: Option<calendar::EndWhy>) -> NoticeRow {
    NoticeRow {
        called: called(how),
        notice: Some(notice()),
        end: why.map(|why| calendar::End { why, by: Some("佐藤 花子".into()), at: before(1_800) }),
        is_baseline: how == Watch::Would,
    }
}

pub fn event_row(title: &str, standing: Standing) -> EventRow {
    let notice = match &standing {
        Standing::Told(_) => Some(notice_row(Watch::Called, None)),
        Standing::Served(..) => Some(notice_row(Watch::Taken, event_ends().into_iter().next())),
        Standing::Unserved(Some(_)) => Some(notice_row(Watch::Ended, event_ends().pop())),
        Standing::Baseline => Some(notice_row(Watch::Would, None)),
        _ => None,
    };
    let is_planned = matches!(standing, Standing::Planned { .. });
    EventRow {
        event: entry(title, if is_planned { 3_000 } else { -100 }),
        customer: Some("みなと病院".into()),
        rule: (standing != Standing::NotChosen).then(|| "お客様との約束".into()),
        early: vec![NOW.plus_s(600)],
        due: Some(NOW.plus_s(2_400)),
        is_maintenance: false,
        has_window_trouble: false,
        notice,
        standing,
    }
}

pub fn calendar(filters: CalendarFilters) -> CalendarView {
    let is_plain = filters == CalendarFilters::default();
    let mut rows: Vec<EventRow> =
        events().into_iter().map(|(_, one)| event_row("さくら物流へ復旧の連絡", one)).collect();
    let maintenance = EventRow {
        is_maintenance: true,
        has_window_trouble: true,
        ..event_row("DB 再起動", Standing::Planned { due: None })
    };
    let taken = NoticeRow { called: called(Watch::Taken), ..notice_row(Watch::Called, None) };
    let taken = EventRow { notice: Some(taken), ..event_row("引き受けた予定", Standing::Told(notice())) };
    let observed = NoticeRow { called: called(Watch::Observed), ..notice_row(Watch::Called, None) };
    let observed = EventRow { notice: Some(observed), ..event_row("様子見の予定", Standing::Told(notice())) };
    rows.extend([maintenance, taken, observed, event_row("", Standing::NotChosen)]);
    rows.extend(super::hostile().into_iter().map(|text| event_row(&text, Standing::Planned { due: None })));
    let row = |name: &str, reads, how, read_at, trouble: Option<&str>| CalendarRow {
        name: name.into(),
        customer: (name == "promises").then(|| "みなと病院".into()),
        reads,
        how,
        read_at,
        trouble: trouble.map(str::to_owned),
    };
    CalendarView {
        mode: if is_plain { Mode::Page } else { Mode::Observe },
        has_rules: true,
        calendars: vec![
            row("promises", Reads::Events, "push", Some(before(20)), None),
            row(
                "data-centre",
                Reads::Events,
                "feed",
                Some(before(4_000)),
                Some("the feed does not answer (timed out)"),
            ),
            row("leave", Reads::Leave, "poll", None, None),
            row("company-days", Reads::Holidays, "feed", Some(before(60)), None),
        ],
        customers: vec![named("aoba", "青葉商事"), named("mina", "みなと病院")],
        due: if is_plain { rows.drain(..1).collect() } else { Vec::new() },
        rows,
        next_cursor: Some("abc".into()),
        filters,
    }
}

pub fn calendar_none(has_calendars: bool) -> CalendarView {
    let one = calendar(CalendarFilters::default());
    let calendars = if has_calendars { one.calendars } else { Vec::new() };
    CalendarView {
        calendars,
        due: Vec::new(),
        rows: Vec::new(),
        next_cursor: None,
        mode: Mode::Post,
        has_rules: false,
        ..one
    }
}

/// Windows in every state, and in every trouble.
pub fn windows() -> Vec<WindowRow> {
    let row = |state| WindowRow {
        starts_at: before(600),
        ends_at: NOW.plus_s(3_000),
        services: vec!["Minato: core <b>".into(), "customer:mina".into()],
        customers: vec!["みなと病院".into()],
        state,
        pagerduty: Some("PW1".into()),
        url: Some("https://example.pagerduty.com/maintenance_windows#/show/PW1".into()),
        opened_at: Some(before(590)),
        over_at: Some(before(60)),
        trouble: None,
    };
    let unknown = WindowTrouble::NoService { names: vec!["Shop".into(), "Bank".into()], rule: "work".into() };
    let refused = WindowTrouble::Refused {
        refusal: Refusal::Permission,
        status: Some(403),
        code: Some(2010),
        said: Some("Access Denied".into()),
    };
    let troubles = [
        (WindowState::Waits, WindowTrouble::NotYet),
        (WindowState::Never, WindowTrouble::Missed),
        (WindowState::Waits, WindowTrouble::NoToken),
        (WindowState::Stands, unknown),
        (WindowState::Waits, refused),
    ];
    let kept = |why: &WindowTrouble| Some(serde_json::json!(why).to_string());
    let troubled = troubles.map(|(state, why)| WindowRow { trouble: kept(&why), url: None, ..row(state) });
    WindowState::ALL.into_iter().map(row).chain(troubled).collect()
}

pub fn event(standing: Standing) -> EventView {
    let notices = match &standing {
        Standing::Planned { .. } | Standing::NotChosen => Vec::new(),
        Standing::Served(..) => event_ends().into_iter().map(|why| notice_row(Watch::Taken, Some(why))).collect(),
        _ => vec![notice_row(Watch::Called, None), notice_row(Watch::Would, None), notice_row(Watch::Observed, None)],
    };
    let windows = if matches!(standing, Standing::WindowOver) { windows() } else { Vec::new() };
    EventView {
        row: event_row("さくら物流へ復旧の連絡 <b>", standing), seen_at: before(20), windows, notices
    }
}
