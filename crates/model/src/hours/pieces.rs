//! The working time of a day as pieces of time, after exceptions, closed spans, holidays, breaks and leave. All in
//! seconds since the epoch; asks for nothing but the subject's hours.

use super::roster::Exception;
use super::subject::Hours;
use super::week::TimeSpan;
use super::{Pattern, WeekSpan};
use jiff::civil::Date;

/// A stretch of working time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub from: i64,
    pub until: i64,
    pub owner: Owner<'a>,
}

/// What a stretch of time belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner<'a> {
    Week(&'a WeekSpan),
    Exception(&'a Exception),
}

impl<'a> Hours<'a> {
    /// The spans that a day has if nothing takes from them, in their order of time.
    pub fn nominal(&self, date: Date) -> Vec<Piece<'a>> {
        let Some(exception) = self.exception(date) else { return self.usual(date) };
        let owner = Owner::Exception(exception);
        let mut found: Vec<_> = exception.day.spans.iter().filter_map(|span| self.piece(date, *span, owner)).collect();
        found.sort_by_key(|piece| piece.from);
        found
    }

    /// The spans that the week gives to a day.
    pub fn usual(&self, date: Date) -> Vec<Piece<'a>> {
        let mut found = Vec::new();
        let lines = self.pattern.as_ref().map_or(&[][..], |(pattern, _)| &pattern.week.0[..]);
        for line in lines.iter().filter(|line| line.days.has(date.weekday())) {
            found.extend(line.spans.iter().filter_map(|span| self.piece(date, *span, Owner::Week(line))));
        }
        found.sort_by_key(|piece| piece.from);
        found
    }

    fn piece(&self, date: Date, span: TimeSpan, owner: Owner<'a>) -> Option<Piece<'a>> {
        let (from, until) = span.on(date);
        let (from, until) = (self.zone.reaches(from), self.zone.reaches(until));
        (from < until).then_some(Piece { from, until, owner })
    }

    /// The working time that belongs to a day, in its order.
    pub fn worked(&self, date: Date) -> Vec<Piece<'a>> {
        let nominal = self.nominal(date);
        if nominal.is_empty() || matches!(nominal[0].owner, Owner::Exception(_)) {
            return nominal;
        }
        if self.closed(date).is_some() || self.holiday(date).is_some() {
            return Vec::new();
        }
        let (first, last) = (nominal[0].from, nominal.iter().map(|piece| piece.until).max().unwrap_or(i64::MIN));
        let away = self.leaves.iter().map(|(from, until, _)| (*from, *until));
        let away = away.filter(|(from, until)| *from < last && first < *until);
        let mut taken: Vec<_> = self.pauses(date).map(|(from, until, _)| (from, until)).chain(away).collect();
        taken.sort_unstable();
        nominal.into_iter().flat_map(|piece| without(piece, &taken)).collect()
    }

    /// The yearly closed span that a day lies in.
    pub fn closed(&self, date: Date) -> Option<(&'a Pattern, &'a super::YearSpan)> {
        let pattern = self.pattern.as_ref()?.0;
        Some((pattern, pattern.closed.iter().find(|span| span.has(date))?))
    }

    /// The breaks that may fall into the shifts of a day: those of the day before, its own, and the next one's.
    pub fn pauses(&self, date: Date) -> impl Iterator<Item = (i64, i64, &'a super::Break)> {
        let breaks = self.pattern.as_ref().map_or(&[][..], |(pattern, _)| &pattern.breaks[..]);
        let days = if breaks.is_empty() { None } else { Some([date.yesterday(), Ok(date), date.tomorrow()]) };
        let days = days.into_iter().flatten().filter_map(Result::ok);
        days.flat_map(move |day| {
            let kept = breaks.iter().filter(move |pause| pause.hours.days.has(day.weekday()));
            kept.flat_map(move |pause| pause.hours.spans.iter().map(move |span| (pause, *span))).filter_map(
                move |(pause, span)| {
                    let (from, until) = span.on(day);
                    let (from, until) = (self.zone.reaches(from), self.zone.reaches(until));
                    (from < until).then_some((from, until, pause))
                },
            )
        })
    }

    /// The working time of some days as blocks that neither touch nor overlap, in order.
    pub fn blocks(&self, first: Date, last: Date) -> Vec<(i64, i64)> {
        let mut pieces: Vec<(i64, i64)> = Vec::new();
        for date in first.series(jiff::Span::new().days(1)).take_while(|date| *date <= last) {
            pieces.extend(self.worked(date).iter().map(|piece| (piece.from, piece.until)));
        }
        pieces.sort_unstable();
        let mut blocks: Vec<(i64, i64)> = Vec::with_capacity(pieces.len());
        for (from, until) in pieces {
            match blocks.last_mut() {
                Some(block) if from <= block.1 => block.1 = block.1.max(until),
                _ => blocks.push((from, until)),
            }
        }
        blocks
    }
}

/// What is left of a piece when sorted spans are taken out of it.
fn without<'a>(piece: Piece<'a>, taken: &[(i64, i64)]) -> Vec<Piece<'a>> {
    let mut left = Vec::new();
    let mut from = piece.from;
    for (begins, ends) in taken.iter().filter(|(begins, ends)| *begins < piece.until && piece.from < *ends) {
        if from < *begins {
            left.push(Piece { from, until: *begins, ..piece });
        }
        from = from.max(*ends);
    }
    if from < piece.until {
        left.push(Piece { from, ..piece });
    }
    left
}
