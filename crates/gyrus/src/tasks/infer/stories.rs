//! People and stories as random effects together, where whole stories are held out and there are six or more of them.

use gyrus_core::FoldRule;
use gyrus_encoding::statistics::{CrossedMean, crossed_mean};
use ndarray::{Array2, s};

use super::gather::{Layout, WithNull, finite_mean};
use crate::plan::Plan;
use crate::results::{Interval, PeopleAndStories};

/// Fewer stories than this say little of how stories vary.
const FEWEST: usize = 6;
const LEVEL: f64 = 0.95;

/// Which story each fold of each design holds out.
pub(super) struct Stories {
    of_fold: Vec<Vec<usize>>,
    count: usize,
}

impl Stories {
    /// None with fewer than six stories, or where something else than whole stories is held out.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let mut names: Vec<&str> = Vec::new();
        let mut of_fold = Vec::with_capacity(plan.designs.len());
        for design in &plan.designs {
            if *design.folds.rule() != FoldRule::Runs {
                return None;
            }
            let story = |fold: &gyrus_core::Fold| -> Option<&str> {
                let first = *fold.test.first()?;
                let run = design.timeline.runs().iter().position(|run| run.contains(&first))?;
                design.timeline.groups().get(run).map(String::as_str)
            };
            let mut places = Vec::with_capacity(design.folds.len());
            for fold in design.folds.as_slice() {
                let name = story(fold)?;
                places.push(names.iter().position(|known| *known == name).unwrap_or(names.len()));
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            of_fold.push(places);
        }
        (names.len() >= FEWEST).then_some(Self { of_fold, count: names.len() })
    }

    /// The mean of a quantity in a region (of all regions, for the column after the last one) over people and stories, each
    /// person's scores less the mean of their own surrogates for the test.
    pub(super) fn mean(&self, taken: &WithNull, layout: &Layout, column: usize) -> Option<PeopleAndStories> {
        let scores = self.table(taken, layout, column);
        let null = layout.by_region(&taken.null_mean);
        let mut excess = scores.clone();
        for (mut row, below) in excess.rows_mut().into_iter().zip(null.column(column)) {
            row -= *below;
        }
        let (of, tested) = (crossed_mean(scores.view())?, crossed_mean(excess.view())?);
        Some(self.shown(&of, tested.p))
    }

    fn shown(&self, of: &CrossedMean, p: f64) -> PeopleAndStories {
        let [low, high] = of.interval(LEVEL);
        let [people, stories, _] = of.variances.map(f64::sqrt);
        PeopleAndStories {
            value: of.mean,
            interval: Interval { low, high },
            p,
            sd_people: people,
            sd_stories: stories,
            n_stories: self.count,
        }
    }

    /// Scores of held-out stories, shape (n_participants, n_stories); NaN where somebody did not hear one.
    fn table(&self, taken: &WithNull, layout: &Layout, column: usize) -> Array2<f64> {
        let n_regions = layout.regions.len();
        let mut table = Array2::from_elem((layout.participants.len(), self.count), f64::NAN);
        for ((folds, stories), first) in taken.observed.folds.iter().zip(&self.of_fold).zip(&layout.first) {
            for (row, story) in folds.rows().into_iter().zip(stories) {
                for (person, own) in row.exact_chunks(n_regions.max(1)).into_iter().enumerate() {
                    let value = match column < n_regions {
                        true => own[column],
                        false => finite_mean(own.slice(s![..]).iter().copied()),
                    };
                    table[(first + person, *story)] = value;
                }
            }
        }
        table
    }
}
