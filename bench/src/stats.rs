//! Several runs of one thing: the median that counts, and how far the runs lay apart.

use serde::Serialize;

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    pub median: f64,
    pub min: f64,
    pub max: f64,
}

impl Spread {
    /// All zero when there are no runs.
    pub fn of(runs: impl IntoIterator<Item = f64>) -> Self {
        let mut runs: Vec<f64> = runs.into_iter().collect();
        runs.sort_by(f64::total_cmp);
        let (Some(min), Some(max)) = (runs.first(), runs.last()) else { return Self::default() };
        let middle = runs.len() / 2;
        let median = if runs.len() % 2 == 1 { runs[middle] } else { f64::midpoint(runs[middle - 1], runs[middle]) };
        Self { median, min: *min, max: *max }
    }

    /// Median and range, each with that many decimals; the median alone where there is no range.
    pub fn text(&self, decimals: usize) -> String {
        let Self { median, min, max } = self;
        if min >= max {
            return format!("{median:.decimals$}");
        }
        format!("{median:.decimals$} ({min:.decimals$}-{max:.decimals$})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_run_or_between_the_two() {
        assert_eq!(Spread::of([3.0, 1.0, 9.0]), Spread { median: 3.0, min: 1.0, max: 9.0 });
        assert_eq!(Spread::of([4.0, 1.0, 3.0, 2.0]).median, 2.5);
        assert_eq!(Spread::of([]), Spread::default());
        assert_eq!(Spread::of([1.25, 2.0, 3.0]).text(1), "2.0 (1.2-3.0)");
        assert_eq!(Spread::of([7.0]).text(0), "7");
    }
}
