//! The measures as a Markdown table, and which of them missed their budget.

use std::fmt;

/// The table.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

struct Row {
    what: String,
    measured: String,
    floor: String,
    budget: String,
    verdict: Verdict,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Kept,
    Missed,
    Unjudged,
}

impl Table {
    /// A measure with a budget of its own; the floor is shown beside it.
    pub fn at_most(&mut self, what: &str, unit: &str, measured: f64, floor: Option<f64>, budget: f64) {
        self.rows.push(Row {
            what: what.to_owned(),
            measured: format!("{measured:.1} {unit}"),
            floor: floor.map_or_else(String::new, |floor| format!("{floor:.1} {unit}")),
            budget: format!("≤ {budget} {unit}"),
            verdict: if measured <= budget { Verdict::Kept } else { Verdict::Missed },
        });
    }

    /// A measure whose budget is a multiple of its floor.
    pub fn ratio(&mut self, what: &str, unit: &str, measured: f64, floor: f64, budget: f64) {
        let ratio = measured / floor;
        self.rows.push(Row {
            what: what.to_owned(),
            measured: format!("{measured:.1} {unit} = {ratio:.3} × floor"),
            floor: format!("{floor:.1} {unit}"),
            budget: format!("≤ {budget} × floor"),
            // A floor of zero or no number keeps nothing.
            verdict: if ratio.is_finite() && ratio <= budget { Verdict::Kept } else { Verdict::Missed },
        });
    }

    /// A rate whose budget is a multiple of its floor.
    pub fn at_least(&mut self, what: &str, unit: &str, measured: f64, floor: f64, budget: f64) {
        let ratio = measured / floor;
        self.rows.push(Row {
            what: what.to_owned(),
            measured: format!("{measured:.1} {unit} = {ratio:.3} × floor"),
            floor: format!("{floor:.1} {unit}"),
            budget: format!("≥ {budget} × floor"),
            verdict: if ratio.is_finite() && ratio >= budget { Verdict::Kept } else { Verdict::Missed },
        });
    }

    /// A number without a budget.
    pub fn note(&mut self, what: &str, unit: &str, measured: f64) {
        self.rows.push(Row {
            what: what.to_owned(),
            measured: format!("{measured:.1} {unit}"),
            floor: String::new(),
            budget: String::new(),
            verdict: Verdict::Unjudged,
        });
    }

    /// The names of the missed ones.
    pub fn missed(&self) -> Vec<&str> {
        self.rows.iter().filter(|row| row.verdict == Verdict::Missed).map(|row| row.what.as_str()).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "| measure | measured | floor of the same run | budget | |")?;
        writeln!(out, "|---|---|---|---|---|")?;
        for row in &self.rows {
            let verdict = match row.verdict {
                Verdict::Kept => "kept",
                Verdict::Missed => "**missed**",
                Verdict::Unjudged => "",
            };
            writeln!(
                out,
                "| {} | {} | {} | {} | {verdict} |",
                row.what, row.measured, row.floor, row.budget
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_kept_at_its_edge_and_missed_above() {
        let mut table = Table::default();
        table.at_most("start", "ms", 500.0, Some(12.0), 500.0);
        table.at_most("memory", "MB", 80.1, None, 80.0);
        table.ratio("card", "ms", 115.0, 100.0, 1.15);
        table.ratio("slow card", "ms", 116.0, 100.0, 1.15);
        table.ratio("no floor", "ms", 1.0, 0.0, 1.15);
        table.note("anonymous", "MB", 900.0);
        table.at_least("rate", "/s", 90.0, 100.0, 0.9);
        table.at_least("slow rate", "/s", 89.0, 100.0, 0.9);
        assert_eq!(table.missed(), ["memory", "slow card", "no floor", "slow rate"]);
        let text = table.to_string();
        assert!(text.contains("| start | 500.0 ms | 12.0 ms | ≤ 500 ms | kept |"), "{text}");
        assert!(
            text.contains(
                "| slow card | 116.0 ms = 1.160 × floor | 100.0 ms | ≤ 1.15 × floor | **missed** |"
            )
        );
    }
}
