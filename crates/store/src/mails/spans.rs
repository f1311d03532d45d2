//! What a span of time means in ids. Ids and instants agree in order but for mails that came late through a spool or by
//! a clock that was wrong; each day's first and last id say so exactly, and no mail is ever outside its day's.

use super::Filter;
use crate::{StoreError, Tx, vals};
use model::Micros;

const DAY_US: i64 = 86_400_000_000;
/// Days further apart than this are walked each on its own, so that one strange mail makes no list slow.
const GAP: i64 = if cfg!(test) { 3 } else { 20_000 };
/// More stretches than this are walked as one.
const MOST: usize = 8;
/// A day whose ids reach so many times further than a usual day's has strangers among them.
const WIDE: i64 = if cfg!(test) { 1 } else { 8 };
/// Steps through the ids of such a day, and so many days of that kind.
const STEPS: usize = if cfg!(test) { 5 } else { 64 };
const MOST_WIDE: usize = 8;

/// Ids from and to, both within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub from: i64,
    pub to: i64,
}

impl Span {
    pub const ALL: Self = Self { from: i64::MIN, to: i64::MAX };

    const fn width(self) -> i64 {
        self.to.saturating_sub(self.from)
    }

    const fn below(self, before: i64) -> Option<Self> {
        let to = if before.saturating_sub(1) < self.to { before.saturating_sub(1) } else { self.to };
        if self.from <= to { Some(Self { to, ..self }) } else { None }
    }

    /// What is above an id and what is not.
    pub fn cut(self, at: i64) -> (Option<Self>, Option<Self>) {
        let above = Self { from: self.from.max(at.saturating_add(1)), ..self };
        (Some(above).filter(|span| span.from <= span.to && at < span.to), self.below(at.saturating_add(1)))
    }
}

/// Where the mails of a filter's time lie, the newest ids first. None of them is elsewhere; others may lie between.
pub(crate) async fn of(tx: &mut Tx, filter: &Filter) -> Result<Vec<Span>, StoreError> {
    let spans = match (filter.since, filter.until) {
        (None, None) => vec![Span::ALL],
        (since, until) => {
            let days = days(tx, since, until).await?;
            joined(clustered(tx, days).await?)
        }
    };
    let Some(before) = filter.before else { return Ok(spans) };
    Ok(spans.into_iter().filter_map(|span| span.below(before)).collect())
}

/// Each day's ids, found by leaps from day to day.
async fn days(tx: &mut Tx, since: Option<Micros>, until: Option<Micros>) -> Result<Vec<(i64, Span)>, StoreError> {
    let from = tx.by("mail", "mail_day");
    let day = format!("received_at / {DAY_US}");
    let last = |within: &str| format!("(SELECT {day} FROM {from} WHERE {within} ORDER BY {day} DESC LIMIT 1)");
    let id = |way: &str| format!("(SELECT id FROM {from} WHERE {day} = d.day ORDER BY id {way} LIMIT 1)");
    let sql = format!(
        "WITH RECURSIVE d (day) AS (SELECT {} UNION ALL SELECT {} FROM d WHERE d.day IS NOT NULL) \
         SELECT d.day, {}, {} FROM d WHERE d.day >= ?1",
        last(&format!("{day} <= ?2")),
        last(&format!("{day} < d.day AND {day} >= ?1")),
        id("ASC"),
        id("DESC"),
    );
    // Both round as the databases do, towards zero.
    let oldest = since.map_or(i64::MIN, |at| at.0 / DAY_US);
    let newest = until.map_or(i64::MAX, |at| at.0 / DAY_US);
    let rows = tx.all(&sql, vals![oldest, newest]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, Span { from: row.int(1)?, to: row.int(2)? }))).collect()
}

/// The same with days of strange width taken apart: one mail by a wrong clock makes a day reach over years of ids.
async fn clustered(tx: &mut Tx, days: Vec<(i64, Span)>) -> Result<Vec<Span>, StoreError> {
    let mut widths: Vec<i64> = days.iter().map(|(_, span)| span.width()).collect();
    widths.sort_unstable();
    let step = widths.get(widths.len() / 2).map_or(GAP, |usual| GAP.max(*usual));
    let (mut spans, mut left) = (Vec::new(), MOST_WIDE);
    for (day, span) in days {
        if span.width() <= step.saturating_mul(WIDE) || left == 0 {
            spans.push(span);
        } else {
            left -= 1;
            spans.extend(clusters(tx, day, span, step).await?);
        }
    }
    Ok(spans)
}

/// A day's ids in stretches without a gap of a step. A day that takes too many steps stays whole from there.
async fn clusters(tx: &mut Tx, day: i64, span: Span, step: i64) -> Result<Vec<Span>, StoreError> {
    let from = tx.by("mail", "mail_day");
    let of_day = format!("SELECT id FROM {from} WHERE received_at / {DAY_US} = ?1 AND id > ?2");
    let (last, next) =
        (format!("{of_day} AND id <= ?3 ORDER BY id DESC LIMIT 1"), format!("{of_day} ORDER BY id LIMIT 1"));
    let (mut found, mut now) = (Vec::new(), Span { to: span.from, ..span });
    for _ in 0..STEPS {
        if let Some(row) = tx.one(&last, vals![day, now.to, now.to.saturating_add(step)]).await? {
            now.to = row.int(0)?;
        } else if let Some(row) = tx.one(&next, vals![day, now.to]).await? {
            found.push(now);
            now = Span { from: row.int(0)?, to: row.int(0)? };
        } else {
            found.push(now);
            return Ok(found);
        }
    }
    found.push(Span { to: span.to, ..now });
    Ok(found)
}

/// The newest first, apart where they are far apart.
fn joined(mut days: Vec<Span>) -> Vec<Span> {
    days.sort_by_key(|day| std::cmp::Reverse((day.to, day.from)));
    let mut spans: Vec<Span> = Vec::new();
    for day in days {
        match spans.last_mut() {
            Some(last) if day.to >= last.from.saturating_sub(GAP) => last.from = last.from.min(day.from),
            _ => spans.push(day),
        }
    }
    if spans.len() > MOST
        && let (Some(first), Some(last)) = (spans.first(), spans.last())
    {
        return vec![Span { from: last.from, to: first.to }];
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: i64, to: i64) -> Span {
        Span { from, to }
    }

    #[test]
    fn days_are_joined_unless_they_are_far_apart() {
        for (days, spans) in [
            (vec![], vec![]),
            (vec![span(1, 5), span(7, 9)], vec![span(1, 9)]),
            (vec![span(7, 9), span(1, 5)], vec![span(1, 9)]),
            (vec![span(1, 5), span(9, 9)], vec![span(9, 9), span(1, 5)]),
            (vec![span(1, 50), span(20, 30), span(90, 91)], vec![span(90, 91), span(1, 50)]),
            (vec![span(20, 90), span(1, 50)], vec![span(1, 90)]),
            ((0..9).map(|n| span(n * 10, n * 10 + 1)).collect(), vec![span(0, 81)]),
        ] {
            assert_eq!(joined(days.clone()), spans, "{days:?}");
        }
    }

    #[test]
    fn a_span_is_cut_in_two_that_hold_each_id_once() {
        for (at, above, rest) in [
            (0, Some(span(1, 9)), None),
            (1, Some(span(2, 9)), Some(span(1, 1))),
            (8, Some(span(9, 9)), Some(span(1, 8))),
            (9, None, Some(span(1, 9))),
            (i64::MAX, None, Some(span(1, 9))),
        ] {
            assert_eq!(span(1, 9).cut(at), (above, rest), "at {at}");
        }
    }
}
