//! How calendars are read and told of, on a good day and on bad ones.

use super::before;
use model::connection::PartUnread;
use web::Pushing;
use web::view::*;

/// By push and by a feed; or one of each trouble.
pub fn calendars(bad: bool) -> CalendarsView {
    let row = |name: &str, push| CalendarConnection {
        name: name.into(),
        read_at: Some(before(40)),
        why: None,
        unread: None,
        push,
    };
    let until = before(-500_000);
    let refused = Push::Refused {
        why: "Google did not accept the request (401, push.webhookUrlUnauthorized): pushes go only to an https address with a valid \
              certificate that Google reaches: check [server] public_url"
            .into(),
    };
    let works = row("promises", Push::Works { until, heard_at: before(3_700) });
    let rows = if bad {
        let gone = "Google does not show it (404, notFound): share the calendar with reader@example.com".to_owned();
        let part = PartUnread { count: 2, first: "line 7: no DTSTART".into() };
        vec![
            works,
            row("data-centre", refused),
            CalendarConnection { why: Some(gone), ..row("leave", Push::Waits) },
            CalendarConnection { unread: Some(part), ..row("power", Push::Feed) },
        ]
    } else {
        vec![works, row("data-centre", Push::Open { until }), row("company-days", Push::Feed)]
    };
    CalendarsView { pushing: Pushing::On, rows }
}

/// The answers about calendars that the two above do not give.
pub fn calendars_varied() -> Vec<CalendarsView> {
    let only = |n: usize| CalendarsView { rows: vec![calendars(true).rows[n].clone()], ..calendars(true) };
    let without = |pushing, push| {
        let row = CalendarConnection { push, ..calendars(false).rows[0].clone() };
        CalendarsView { pushing, rows: vec![row] }
    };
    let unread = CalendarConnection { read_at: None, push: Push::Waits, ..calendars(false).rows[0].clone() };
    vec![
        only(1),
        only(3),
        without(Pushing::NoAddress, Push::NoAddress),
        without(Pushing::Off, Push::Off),
        CalendarsView { rows: vec![unread], ..calendars(false) },
    ]
}
