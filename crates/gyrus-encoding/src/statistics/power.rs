//! How many people and hours a study needs: what varies over people, over the stimulus and over both, and what follows.

use ndarray::ArrayView2;
use rand_chacha::ChaCha8Rng;

use super::bootstrap::quantile;
use super::distributions::student_quantile;
use super::noncentral::noncentral_t_above;
use super::{Interval, Purpose, square, stream};
use crate::simulate::random::normal;

/// Variances of a score: r² over people, and r² · hours over the stimulus and over both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variances {
    /// Between people, whatever they hear.
    pub people: f64,
    /// Between stretches of the stimulus of one hour, whoever hears them.
    pub stimulus: f64,
    /// What is left, of one person in one hour.
    pub residual: f64,
}

/// What a pilot study measured.
#[derive(Debug, Clone, Copy)]
pub struct Pilot<'a> {
    /// Scores by person and fold: (n_participants, n_folds), none missing.
    pub folds: ArrayView2<'a, f64>,
    /// Mean length of a fold.
    pub fold_hours: f64,
    /// Scores of the mean of these people in successive blocks of the stimulus.
    pub blocks: &'a [f64],
    /// Mean length of a block.
    pub block_hours: f64,
}

/// Mean squares of a pilot study, from which the variances are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeanSquares {
    people: f64,
    residual: f64,
    blocks: f64,
    n_people: f64,
    n_folds: f64,
    n_blocks: f64,
    fold_hours: f64,
    block_hours: f64,
}

/// A study that is not yet there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planned {
    /// Participants.
    pub participants: f64,
    /// Hours that each of them hears, the same for all.
    pub hours: f64,
    /// Length of the blocks that count as independent pieces of the stimulus.
    pub block_hours: f64,
}

/// What an interval is to hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Other people who hear the same stimulus.
    People,
    /// The same people with another stimulus.
    Stimulus,
    /// Other people with another stimulus.
    Both,
}

impl MeanSquares {
    /// Mean squares of people and of the residual from the folds, of the stimulus from the blocks of the group.
    ///
    /// MS_people = F Σ(ȳ_p − ȳ)² / (N − 1), MS_residual = Σ(y_pf − ȳ_p − ȳ_f + ȳ)² / ((N − 1)(F − 1)),
    /// MS_blocks = Σ(g_b − ḡ)² / (B − 1). None below two people, folds or blocks, and with values that are not finite.
    #[must_use]
    pub fn of(pilot: &Pilot<'_>) -> Option<Self> {
        let folds = pilot.folds;
        let (n_people, n_folds, n_blocks) = (folds.nrows(), folds.ncols(), pilot.blocks.len());
        if n_people.min(n_folds).min(n_blocks) < 2 {
            return None;
        }
        let mean = folds.sum() / folds.len() as f64;
        let of_person: Vec<f64> = folds.rows().into_iter().map(|row| row.sum() / n_folds as f64).collect();
        let of_fold: Vec<f64> =
            folds.columns().into_iter().map(|column| column.sum() / n_people as f64).collect();
        let people: f64 = of_person.iter().map(|own| square(own - mean)).sum();
        let residual: f64 = folds
            .indexed_iter()
            .map(|((person, fold), score)| square(score - of_person[person] - of_fold[fold] + mean))
            .sum();
        let group = pilot.blocks.iter().sum::<f64>() / n_blocks as f64;
        let blocks: f64 = pilot.blocks.iter().map(|block| square(block - group)).sum();
        let [n_people, n_folds, n_blocks] = [n_people, n_folds, n_blocks].map(|count| count as f64);
        let found = Self {
            people: n_folds * people / (n_people - 1.0),
            residual: residual / ((n_people - 1.0) * (n_folds - 1.0)),
            blocks: blocks / (n_blocks - 1.0),
            n_people,
            n_folds,
            n_blocks,
            fold_hours: pilot.fold_hours,
            block_hours: pilot.block_hours,
        };
        (found.people + found.residual + found.blocks).is_finite().then_some(found)
    }

    /// residual = MS_residual t_f, people = (MS_people − MS_residual) / F, stimulus = MS_blocks t_b − residual / N, none
    /// below 0, with t_f and t_b the hours of a fold and of a block.
    #[must_use]
    pub fn variances(&self) -> Variances {
        let residual = self.residual * self.fold_hours;
        Variances {
            people: ((self.people - self.residual) / self.n_folds).max(0.0),
            stimulus: (self.blocks * self.block_hours - residual / self.n_people).max(0.0),
            residual,
        }
    }

    /// An interval for anything that the variances decide: a generalised one. Every draw divides each mean square by
    /// a χ² variable over its degrees of freedom, and the ends are quantiles of what the statistic makes of the draws.
    ///
    /// # Numerics
    /// Above 100 degrees of freedom χ² is Wilson and Hilferty's cube of a normal variable.
    ///
    /// # References
    /// Weerahandi (1995), Exact Statistical Methods for Data Analysis, chapter 6; Wilson & Hilferty (1931), PNAS 17:684.
    pub fn interval(
        &self,
        draws: usize,
        seed: u64,
        level: f64,
        statistic: impl Fn(&Variances) -> f64,
    ) -> Interval {
        let freedom =
            [self.n_people - 1.0, (self.n_people - 1.0) * (self.n_folds - 1.0), self.n_blocks - 1.0];
        let draw = |draw: usize| {
            let mut random = stream(seed, Purpose::PowerUncertainty, 0, draw as u64);
            let [people, residual, blocks] =
                freedom.map(|freedom| freedom / chi_square(&mut random, freedom));
            let drawn = Self {
                people: self.people * people,
                residual: self.residual * residual,
                blocks: self.blocks * blocks,
                ..*self
            };
            statistic(&drawn.variances())
        };
        let mut found: Vec<f64> = (0..draws).map(draw).filter(|value| !value.is_nan()).collect();
        found.sort_by(f64::total_cmp);
        let tail = (1.0 - level) / 2.0;
        Interval { low: quantile(&found, tail), high: quantile(&found, 1.0 - tail) }
    }
}

impl Variances {
    /// √(people / N + stimulus / T + residual / (N T)); without what an interval does not hold for: over people
    /// √(people / N + residual / (N T)), over the stimulus √(stimulus / T + residual / (N T)).
    #[must_use]
    pub fn standard_error(&self, over: Over, planned: &Planned) -> f64 {
        let Planned { participants, hours, .. } = planned;
        let residual = self.residual / (participants * hours);
        let people = if over == Over::Stimulus { 0.0 } else { self.people / participants };
        let stimulus = if over == Over::People { 0.0 } else { self.stimulus / hours };
        (people + stimulus + residual).sqrt()
    }

    /// Satterthwaite's degrees of freedom of (MS_people + MS_stimulus − MS_residual) / (N B), with B = T / t_b blocks;
    /// N − 1 over people, B − 1 over the stimulus. NaN below two people or two blocks where they are needed.
    ///
    /// # References
    /// Satterthwaite (1946), Biometrics Bull 2:110.
    #[must_use]
    pub fn degrees_of_freedom(&self, over: Over, planned: &Planned) -> f64 {
        let (n, b) = (planned.participants, planned.hours / planned.block_hours);
        let enough = |freedom: f64| if freedom >= 1.0 { freedom } else { f64::NAN };
        let (of_people, of_blocks) = (enough(n - 1.0), enough(b - 1.0));
        match over {
            Over::People => of_people,
            Over::Stimulus => of_blocks,
            Over::Both => {
                let residual = self.residual / planned.block_hours;
                let people = b * self.people + residual;
                let stimulus = n * self.stimulus / planned.block_hours + residual;
                let sum = people + stimulus - residual;
                square(sum)
                    / (square(people) / of_people
                        + square(stimulus) / of_blocks
                        + square(residual) / (of_people * of_blocks))
            }
        }
    }

    /// Half of the width of an interval by Student's t.
    #[must_use]
    pub fn half_width(&self, over: Over, planned: &Planned, level: f64) -> f64 {
        let t = student_quantile((1.0 - level) / 2.0, self.degrees_of_freedom(over, planned));
        t * self.standard_error(over, planned)
    }

    /// Half of the width that any number of people leaves: t √(stimulus / T) with B − 1 degrees of freedom.
    #[must_use]
    pub fn floor(&self, planned: &Planned, level: f64) -> f64 {
        let blocks = planned.hours / planned.block_hours;
        student_quantile((1.0 - level) / 2.0, blocks - 1.0) * (self.stimulus / planned.hours).sqrt()
    }

    /// Probability that a two-sided test at `alpha` finds an effect of this size, with its sign.
    #[must_use]
    pub fn power(&self, over: Over, planned: &Planned, (effect, alpha): (f64, f64)) -> f64 {
        let freedom = self.degrees_of_freedom(over, planned);
        let limit = student_quantile(alpha / 2.0, freedom);
        noncentral_t_above(limit, freedom, effect.abs() / self.standard_error(over, planned))
    }
}

/// The fewest participants from two on for whom `is_enough` holds, at most `most`; it must hold from some number on.
#[must_use]
pub fn fewest_participants(most: usize, is_enough: impl Fn(f64) -> bool) -> Option<usize> {
    let (mut low, mut high) = (1, 2);
    while !is_enough(high as f64) {
        if high >= most {
            return None;
        }
        (low, high) = (high, (2 * high).min(most));
    }
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if is_enough(middle as f64) { high = middle } else { low = middle }
    }
    Some(high)
}

fn chi_square(random: &mut ChaCha8Rng, freedom: f64) -> f64 {
    if freedom <= 100.0 {
        return (0..freedom as usize).map(|_| square(normal(random))).sum();
    }
    let variance = 2.0 / (9.0 * freedom);
    let root = 1.0 - variance + variance.sqrt() * normal(random);
    freedom * root * root * root
}
