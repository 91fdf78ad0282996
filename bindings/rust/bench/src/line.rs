// SPDX-License-Identifier: Apache-2.0
//! One line of the table: what lkstats costs, beside what it could cost at best.

pub struct Line {
    pub what: &'static str,
    /// The highest ratio that is good enough; none: for orientation.
    pub target: Option<f64>,
    /// Nanoseconds a pass, one figure a round.
    pub ours: Vec<f64>,
    /// Of the same rounds.
    pub limit: Vec<f64>,
}

/// What the rounds of a line say.
pub struct Verdict {
    pub ours: f64,
    pub limit: f64,
    /// Of the two medians.
    pub ratio: f64,
    /// Of the rounds' own ratios: from the 10th to the 90th percentile, relative to their median.
    pub spread: f64,
    pub met: bool,
    /// The spread is wider than the distance from the target.
    pub uncertain: bool,
}

impl Line {
    pub fn judge(&self) -> Verdict {
        let ratios: Vec<f64> = self
            .ours
            .iter()
            .zip(&self.limit)
            .map(|(ours, limit)| ours / limit)
            .collect();
        let (ours, limit) = (percentile(&self.ours, 0.5), percentile(&self.limit, 0.5));
        let ratio = ours / limit;
        let spread =
            (percentile(&ratios, 0.9) - percentile(&ratios, 0.1)) / percentile(&ratios, 0.5);
        let met = self.target.is_some_and(|target| ratio <= target);
        let uncertain = self
            .target
            .is_some_and(|target| spread * ratio > (target - ratio).abs());
        Verdict {
            ours,
            limit,
            ratio,
            spread,
            met,
            uncertain,
        }
    }
}

fn percentile(values: &[f64], part: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let place = part * (values.len() - 1) as f64;
    let below = place as usize;
    let above = (below + 1).min(values.len() - 1);
    values[below] + (values[above] - values[below]) * (place - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_judged_by_its_medians() {
        let line = Line {
            what: "",
            target: Some(1.1),
            ours: vec![2.0, 9.0, 1.0],
            limit: vec![2.0, 2.0, 2.0],
        };
        let verdict = line.judge();
        assert_eq!(
            (verdict.ours, verdict.limit, verdict.ratio),
            (2.0, 2.0, 1.0)
        );
        assert!(verdict.met);
        assert!(verdict.uncertain, "one round was at 4.5");
    }

    #[test]
    fn rounds_that_agree_leave_no_doubt() {
        let line = Line {
            what: "",
            target: Some(1.1),
            ours: vec![3.0; 5],
            limit: vec![2.0; 5],
        };
        let verdict = line.judge();
        assert_eq!(
            (
                verdict.ratio,
                verdict.spread,
                verdict.met,
                verdict.uncertain
            ),
            (1.5, 0.0, false, false)
        );
    }

    #[test]
    fn between_two_values_a_percentile_is_between_them() {
        assert_eq!(percentile(&[1.0, 2.0], 0.5), 1.5);
        assert_eq!(percentile(&[3.0, 1.0, 2.0], 0.9), 2.8);
    }
}
