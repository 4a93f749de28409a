//! People and stories as random effects together: the mean score of people like these and stories like these.

use ndarray::ArrayView2;

use super::distributions::{student_quantile, student_two_sided};
use super::square;

/// The mean over people and stories, with an error that has both in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossedMean {
    /// Best linear unbiased estimate of the mean.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Satterthwaite's degrees of freedom.
    pub degrees_of_freedom: f64,
    /// One-sided p: the mean is above 0.
    pub p: f64,
    /// Variance between people, between stories, and what is left.
    pub variances: [f64; 3],
}

impl CrossedMean {
    /// Lower and upper end of the interval by Student's t.
    #[must_use]
    pub fn interval(&self, level: f64) -> [f64; 2] {
        let reach = student_quantile((1.0 - level) / 2.0, self.degrees_of_freedom) * self.standard_error;
        [self.mean - reach, self.mean + reach]
    }
}

/// y_ps = μ + a_p + b_s + e_ps with a, b and e normal and independent, by restricted maximum likelihood.
///
/// # Shapes
/// `scores`: (n_participants, n_stories), NaN where somebody did not hear a story. None with fewer than two people, two
/// stories, or scores that do not differ.
///
/// # Numerics
/// Likelihood over the two ratios of standard deviations to the residual's, by a simplex with 0 as its border; people are
/// eliminated in closed form, so that only a matrix of stories is factorised. Degrees of freedom are 2 f² / gᵀAg with f the
/// variance of the mean, g its gradient and A the inverse information of the variances, by central differences; a variance
/// that is 0 is left out.
///
/// # References
/// Baayen, Davidson & Bates (2008), J Mem Lang 59:390 (crossed people and items); Satterthwaite (1946), Biometrics Bull
/// 2:110; Patterson & Thompson (1971), Biometrika 58:545 (restricted likelihood).
#[must_use]
pub fn crossed_mean(scores: ArrayView2<f64>) -> Option<CrossedMean> {
    let cells = Cells::of(scores)?;
    let ratios = minimised(|ratios| cells.at(ratios).deviance);
    let found = cells.at(ratios);
    let residual = found.residual;
    let variances = [ratios[0] * ratios[0] * residual, ratios[1] * ratios[1] * residual, residual];
    let degrees_of_freedom = satterthwaite(&cells, variances);
    let standard_error = (residual / found.weight).sqrt();
    let t = found.mean / standard_error;
    let two_sided = student_two_sided(t, degrees_of_freedom);
    let p = if t >= 0.0 { two_sided / 2.0 } else { 1.0 - two_sided / 2.0 };
    Some(CrossedMean { mean: found.mean, standard_error, degrees_of_freedom, p, variances })
}

/// Scores that are there.
struct Cells {
    /// Person, story, score; scores in units of their standard deviation.
    all: Vec<(usize, usize, f64)>,
    people: usize,
    stories: usize,
    /// What a unit is.
    scale: f64,
    centre: f64,
}

/// The likelihood at some ratios, the mean and residual variance already at their best.
struct Likelihood {
    deviance: f64,
    mean: f64,
    /// Residual variance.
    residual: f64,
    /// 1ᵀ W 1, with W the inverse covariance in units of the residual variance.
    weight: f64,
}

impl Cells {
    fn of(scores: ArrayView2<f64>) -> Option<Self> {
        let finite = |((person, story), score): ((usize, usize), &f64)| {
            score.is_finite().then_some((person, story, *score))
        };
        let all: Vec<(usize, usize, f64)> = scores.indexed_iter().filter_map(finite).collect();
        let distinct = |of: fn(&(usize, usize, f64)) -> usize| {
            let mut seen: Vec<usize> = all.iter().map(of).collect();
            seen.sort_unstable();
            seen.dedup();
            seen
        };
        let (people, stories) = (distinct(|cell| cell.0), distinct(|cell| cell.1));
        let count = all.len() as f64;
        let centre = all.iter().map(|cell| cell.2).sum::<f64>() / count;
        let variance = all.iter().map(|cell| square(cell.2 - centre)).sum::<f64>() / (count - 1.0);
        let scale = variance.sqrt();
        // Some residual must be left: with one person or one story there is no more than a score for each of the others.
        let is_enough = all.len() > people.len().max(stories.len());
        if !is_enough || scale <= 1e-12 * centre.abs() || !scale.is_finite() || scale == 0.0 {
            return None;
        }
        let place = |known: &[usize], one: usize| known.partition_point(|other| *other < one);
        let all = all
            .iter()
            .map(|(p, s, y)| (place(&people, *p), place(&stories, *s), (y - centre) / scale))
            .collect();
        Some(Self { all, people: people.len(), stories: stories.len(), scale, centre })
    }

    /// By the matrix M = I + ΛᵀZᵀZΛ of people and stories, people eliminated: log|M|, and aᵀWb = aᵀb − (ΛZᵀa)ᵀ M⁻¹ (ΛZᵀb).
    fn at(&self, ratios: [f64; 2]) -> Likelihood {
        let [by_person, by_story] = ratios;
        let mut person = vec![[0.0; 2]; self.people];
        let mut story = vec![[0.0; 2]; self.stories];
        // 1ᵀ1, 1ᵀy and yᵀy; scores are centred, so that the second is 0 but for rounding.
        let mut products = [self.all.len() as f64, 0.0, 0.0];
        for (p, s, y) in &self.all {
            for (sum, value) in [(0, 1.0), (1, *y)] {
                person[*p][sum] += value;
                story[*s][sum] += value;
            }
            products[2] += y * y;
        }
        let pivots: Vec<f64> = person.iter().map(|sums| 1.0 + by_person * by_person * sums[0]).collect();
        let mut log_determinant: f64 = pivots.iter().map(|pivot| libm::log(*pivot)).sum();
        // Aᵀ of people: what M⁻¹ takes from 1ᵀ1, 1ᵀy and yᵀy.
        for (sums, pivot) in person.iter().zip(&pivots) {
            let share = by_person * by_person / pivot;
            products[0] -= share * sums[0] * sums[0];
            products[1] -= share * sums[0] * sums[1];
            products[2] -= share * sums[1] * sums[1];
        }
        // Stories, less what goes through people.
        let n = self.stories;
        let mut matrix = vec![0.0; n * n];
        let mut right = vec![[0.0; 2]; n];
        for (s, sums) in story.iter().enumerate() {
            matrix[s * n + s] += 1.0 + by_story * by_story * sums[0];
            right[s] = sums.map(|sum| by_story * sum);
        }
        let mut heard: Vec<Vec<usize>> = vec![Vec::new(); self.people];
        self.all.iter().for_each(|(p, s, _)| heard[*p].push(*s));
        for ((stories, sums), pivot) in heard.iter().zip(&person).zip(&pivots) {
            let share = by_person * by_person / pivot;
            for one in stories {
                for other in stories {
                    matrix[one * n + other] -= by_story * by_story * share;
                }
                right[*one][0] -= by_story * share * sums[0];
                right[*one][1] -= by_story * share * sums[1];
            }
        }
        log_determinant += forward(&mut matrix, &mut right, n);
        for [one, y] in &right {
            products = [products[0] - one * one, products[1] - one * y, products[2] - y * y];
        }
        self.likelihood(products, log_determinant)
    }

    fn likelihood(&self, [weight, cross, square]: [f64; 3], log_determinant: f64) -> Likelihood {
        let free = self.all.len() as f64 - 1.0;
        let mean = cross / weight;
        let squares = (square - cross * mean).max(f64::MIN_POSITIVE);
        Likelihood {
            deviance: log_determinant + libm::log(weight) + free * libm::log(squares),
            mean: self.centre + self.scale * mean,
            residual: self.scale * self.scale * squares / free,
            weight,
        }
    }

    /// −2 log likelihood and variance of the mean at given variances.
    fn at_variances(&self, [person, story, residual]: [f64; 3]) -> (f64, f64) {
        let found = self.at([(person / residual).sqrt(), (story / residual).sqrt()]);
        let free = self.all.len() as f64 - 1.0;
        let squares = found.residual * free;
        // log|V| + log(1ᵀV⁻¹1) + rᵀV⁻¹r from the profiled one.
        let profiled = free * libm::log(squares / square(self.scale));
        let deviance = found.deviance - profiled + free * libm::log(residual) + squares / residual;
        (deviance, residual / found.weight)
    }
}

/// Cholesky factor in place; right-hand sides become L⁻¹ b. Returns log|M|.
fn forward(matrix: &mut [f64], right: &mut [[f64; 2]], n: usize) -> f64 {
    let mut log_determinant = 0.0;
    for row in 0..n {
        for column in 0..=row {
            let before: f64 = (0..column).map(|k| matrix[row * n + k] * matrix[column * n + k]).sum();
            let left = matrix[row * n + column] - before;
            matrix[row * n + column] = if row == column {
                left.max(f64::MIN_POSITIVE).sqrt()
            } else {
                left / matrix[column * n + column]
            };
        }
        let pivot = matrix[row * n + row];
        log_determinant += 2.0 * libm::log(pivot);
        let before = |side: usize| (0..row).map(|k| matrix[row * n + k] * right[k][side]).sum::<f64>();
        let before = [before(0), before(1)];
        right[row].iter_mut().zip(before).for_each(|(value, before)| *value = (*value - before) / pivot);
    }
    log_determinant
}

/// The smallest value over two numbers from 0 on (Nelder & Mead 1965, Comput J 7:308).
fn minimised(value: impl Fn([f64; 2]) -> f64) -> [f64; 2] {
    // Points go through the border and count as their mirror images: folded back, they would leave the simplex without area.
    let of = |point: [f64; 2]| (value(point.map(f64::abs)), point);
    let mut simplex = [of([0.5, 0.5]), of([1.5, 0.3]), of([0.3, 1.5])];
    for _ in 0..400 {
        simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
        let [best, good, worst] = simplex;
        let spread = (0..2).map(|axis| (best.1[axis] - worst.1[axis]).abs()).fold(0.0, f64::max);
        if worst.0 - best.0 <= 1e-13 * best.0.abs().max(1.0) && spread < 1e-7 {
            break;
        }
        let centre = [0, 1].map(|axis| (best.1[axis] + good.1[axis]) / 2.0);
        let along = |step: f64| of([0, 1].map(|axis| centre[axis] + step * (centre[axis] - worst.1[axis])));
        let reflected = along(1.0);
        simplex[2] = if reflected.0 < best.0 {
            let further = along(2.0);
            if further.0 < reflected.0 { further } else { reflected }
        } else if reflected.0 < good.0 {
            reflected
        } else {
            let nearer = if reflected.0 < worst.0 { along(0.5) } else { along(-0.5) };
            if nearer.0 < worst.0.min(reflected.0) {
                nearer
            } else {
                let towards = |point: [f64; 2]| [0, 1].map(|axis| (best.1[axis] + point[axis]) / 2.0);
                simplex[1] = of(towards(good.1));
                of(towards(worst.1))
            }
        };
    }
    simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
    // A ratio that only rounding keeps from 0 is 0.
    let point = simplex[0].1.map(f64::abs);
    let cleared = [0, 1].map(|axis| if point[axis] < 1e-3 { 0.0 } else { point[axis] });
    if value(cleared) <= simplex[0].0 + 1e-9 { cleared } else { point }
}

fn satterthwaite(cells: &Cells, variances: [f64; 3]) -> f64 {
    let free: Vec<usize> = (0..3).filter(|of| variances[*of] > 0.0).collect();
    let at = |steps: &[(usize, f64)]| {
        let mut moved = variances;
        steps.iter().for_each(|(of, step)| moved[*of] += step * 1e-3 * variances[*of]);
        cells.at_variances(moved)
    };
    let step = |of: usize| 1e-3 * variances[of];
    let n = free.len();
    let mut information = vec![0.0; n * n];
    let mut gradient = vec![[0.0; 2]; n];
    for (row, a) in free.iter().enumerate() {
        gradient[row][0] = (at(&[(*a, 1.0)]).1 - at(&[(*a, -1.0)]).1) / (2.0 * step(*a));
        for (column, b) in free.iter().enumerate() {
            let second = if a == b {
                (at(&[(*a, 1.0)]).0 - 2.0 * at(&[]).0 + at(&[(*a, -1.0)]).0) / (step(*a) * step(*a))
            } else {
                let corner = |one: f64, other: f64| at(&[(*a, one), (*b, other)]).0;
                (corner(1.0, 1.0) - corner(1.0, -1.0) - corner(-1.0, 1.0) + corner(-1.0, -1.0))
                    / (4.0 * step(*a) * step(*b))
            };
            // −2 log likelihood has twice the information.
            information[row * n + column] = second / 2.0;
        }
    }
    let variance = cells.at_variances(variances).1;
    // gᵀ A g = |L⁻¹ g|² with A the inverse of L Lᵀ.
    forward(&mut information, &mut gradient, n);
    let spread: f64 = gradient.iter().map(|pair| pair[0] * pair[0]).sum();
    let most = cells.all.len() as f64 - 1.0;
    (2.0 * variance * variance / spread).clamp(1.0, most)
}
