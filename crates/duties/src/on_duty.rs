//! Who is on call at an instant, by what PagerDuty was last read to say: the on-call rows, and where they say nothing the shifts.
//! Knows names and schedules; how somebody is reached is not its business.

use model::Micros;
use model::reference::{Kind, Thing};

/// A level of a policy and who has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty<'a> {
    pub policy: &'a str,
    pub level: i64,
    /// `None`: named by the policy itself.
    pub schedule: Option<&'a str>,
    /// As PagerDuty names them.
    pub name: &'a str,
    /// PagerDuty's id.
    pub user: Option<&'a str>,
    pub from: Option<Micros>,
    /// `None`: always.
    pub until: Option<Micros>,
}

/// By policy, level and name.
pub fn at(rows: &[Thing], at: Micros) -> Vec<Duty<'_>> {
    let covers =
        |row: &&Thing| row.starts_at.is_none_or(|from| from <= at) && row.ends_at.is_none_or(|until| at < until);
    let of = |kind: Kind| rows.iter().filter(move |row| row.kind == kind).filter(covers);
    let mut found: Vec<&Thing> = of(Kind::OnCall).collect();
    // A turn was swapped after the shifts were read: the fresher row of its place is right.
    let filled: Vec<_> = found.iter().map(|row| place(row)).collect();
    found.extend(of(Kind::Shift).filter(|row| !filled.contains(&place(row))));
    let mut duties: Vec<Duty<'_>> = found.into_iter().map(duty).collect();
    duties.sort_by(|a, b| (a.policy, a.level, a.name, a.until).cmp(&(b.policy, b.level, b.name, b.until)));
    duties.dedup_by(|a, b| (a.policy, a.level, a.user, a.schedule) == (b.policy, b.level, b.user, b.schedule));
    duties
}

/// How far ahead shifts are known.
pub fn known_until(rows: &[Thing]) -> Option<Micros> {
    rows.iter().filter(|row| row.kind == Kind::Shift).filter_map(|row| row.ends_at).max()
}

/// Policy, level and schedule, whoever has it.
fn place(row: &Thing) -> (Option<&str>, Option<&str>, Option<&str>) {
    let mut parts = row.id.split('/');
    (parts.next(), parts.next(), parts.nth(1))
}

fn duty(row: &Thing) -> Duty<'_> {
    Duty {
        policy: row.names.first().map_or("", String::as_str),
        level: row.level.unwrap_or(1),
        schedule: row.names.get(1).map(String::as_str).filter(|name| !name.is_empty()),
        name: &row.name,
        user: row.user.as_deref(),
        from: row.starts_at,
        until: row.ends_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: Kind, (level, user, schedule): (i64, &str, &str), span: (i64, i64)) -> Thing {
        let some = |at: i64| (at != 0).then(|| Micros::from_seconds(at));
        Thing {
            kind,
            id: format!("P1/{level}/{user}/{schedule}/{}", span.0),
            name: user.into(),
            url: None,
            email: None,
            status: None,
            user: Some(user.into()),
            starts_at: some(span.0),
            ends_at: some(span.1),
            level: Some(level),
            names: vec!["Desk".into(), schedule.trim_matches('-').into()],
        }
    }

    #[test]
    fn now_goes_by_the_on_call_rows_and_later_by_the_shifts() {
        let rows = [
            row(Kind::OnCall, (1, "abe", "S1"), (100, 200)),
            row(Kind::OnCall, (2, "lead", "-"), (0, 0)),
            row(Kind::Shift, (1, "sato", "S1"), (100, 200)),
            row(Kind::Shift, (1, "ito", "S1"), (200, 300)),
            row(Kind::Shift, (1, "ueda", "S2"), (150, 250)),
        ];
        let names = |at_s: i64| at(&rows, Micros::from_seconds(at_s)).iter().map(|duty| duty.name).collect::<Vec<_>>();
        assert_eq!(names(120), ["abe", "lead"], "a turn that was swapped");
        assert_eq!(names(199), ["abe", "ueda", "lead"]);
        assert_eq!(names(200), ["ito", "ueda", "lead"], "a turn ends at its end");
        assert_eq!(names(300), ["lead"]);
        assert_eq!(known_until(&rows), Some(Micros::from_seconds(300)));
        let first = &at(&rows, Micros::from_seconds(250))[0];
        assert_eq!((first.policy, first.level, first.schedule), ("Desk", 1, Some("S1")));
        assert_eq!(at(&rows, Micros::from_seconds(250))[1].schedule, None);
    }
}
