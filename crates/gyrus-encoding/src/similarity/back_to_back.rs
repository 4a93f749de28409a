//! Back-to-back regression: which of several correlated features responses hold, each beside the others.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::require_finite;
use crate::EncodingError;
use crate::backend::{Eigen, to_mat};
use crate::statistics::{Purpose, shuffled, stream};

/// Samples that are on one side of every division: a run, or a stretch with a gap around it.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// (n_samples, n_features)
    pub features: ArrayView2<'a, f64>,
    /// (n_samples, n_targets)
    pub responses: ArrayView2<'a, f64>,
}

/// What back-to-back regression found.
#[derive(Debug, Clone, PartialEq)]
pub struct BackToBack {
    /// Mean over divisions of diag(H), one per feature: 0 for a feature that responses do not hold beside the others, towards
    /// 1 for one that they hold whole.
    pub effects: Vec<f64>,
    /// Divisions into halves that were averaged.
    pub divisions: usize,
}

/// Runs that a division needs: two in each half, so that penalties are chosen between runs.
const FEWEST_PIECES: usize = 4;

/// Back-to-back regression over divisions of the pieces into halves 1 and 2:
///
/// G = ridge(Y₁ → X₁), X̂ = Y₂ G, H = ridge(X₂ → X̂), effects = mean over divisions of diag(H).
///
/// H takes from each decoded feature what the other features explain of it. Columns are z-scored within each half. The penalty
/// of every column of either regression is the one with the smallest squared error over pieces of the half, each left out once.
/// All ordered divisions into halves are taken where there are at most `divisions`, otherwise that many random ones; with an odd
/// number either half may be the larger. A target that is constant in a half is 0 there.
///
/// Effects of one participant have no p: they are tested over participants.
///
/// # Shapes
/// Every piece has the same features and targets.
///
/// # Numerics
/// Double precision; primal or dual, whichever matrix is smaller.
///
/// # Errors
/// - [`EncodingError::TooFewPatterns`]: fewer than four pieces, three samples in a piece, or no division, penalty or column.
/// - [`EncodingError::SampleMismatch`], [`EncodingError::PatternShape`]: pieces that do not fit each other.
/// - [`EncodingError::NonFinite`], [`EncodingError::Penalty`].
/// - [`EncodingError::ConstantPattern`]: a feature that is constant in a half.
///
/// # References
/// King, Charton, Lopez-Paz & Oquab (2020), NeuroImage 220:117028.
pub fn back_to_back(
    pieces: &[Piece<'_>],
    alphas: &[f64],
    (divisions, seed): (usize, u64),
) -> Result<BackToBack, EncodingError> {
    require_pieces(pieces, alphas, divisions)?;
    let halves = halves(pieces.len(), divisions, seed);
    let mut sum = Array1::<f64>::zeros(pieces[0].features.ncols());
    for (first, second) in &halves {
        sum += &effects(&Half::new(pieces, first)?, &Half::new(pieces, second)?, alphas)?;
    }
    let effects = sum.iter().map(|sum| sum / halves.len() as f64).collect();
    Ok(BackToBack { effects, divisions: halves.len() })
}

fn require_pieces(pieces: &[Piece<'_>], alphas: &[f64], divisions: usize) -> Result<(), EncodingError> {
    let columns = pieces.first().map_or((0, 0), |piece| (piece.features.ncols(), piece.responses.ncols()));
    let shortest = pieces.iter().map(|piece| piece.features.nrows()).min().unwrap_or(0);
    let counts = [
        ("runs", pieces.len(), FEWEST_PIECES),
        ("samples in the shortest run", shortest, 3),
        ("features", columns.0, 1),
        ("targets", columns.1, 1),
        ("penalties", alphas.len(), 1),
        ("divisions", divisions, 1),
    ];
    if let Some((what, found, needed)) = counts.into_iter().find(|(_, found, needed)| found < needed) {
        return Err(EncodingError::TooFewPatterns { what, found, needed });
    }
    if let Some(found) = alphas.iter().copied().find(|alpha| !alpha.is_finite() || *alpha <= 0.0) {
        return Err(EncodingError::Penalty { found });
    }
    for (index, piece) in pieces.iter().enumerate() {
        let (found, expected) = (piece.responses.nrows(), piece.features.nrows());
        if found != expected {
            return Err(EncodingError::SampleMismatch { found, expected });
        }
        let found = (piece.features.ncols(), piece.responses.ncols());
        if found != columns {
            return Err(EncodingError::PatternShape { what: "run", index, found, expected: columns });
        }
        require_finite(piece.features)?;
        require_finite(piece.responses)?;
    }
    Ok(())
}

/// Ordered divisions of pieces into halves.
fn halves(count: usize, divisions: usize, seed: u64) -> Vec<(Vec<usize>, Vec<usize>)> {
    let sizes = |size: usize| size == count / 2 || size == count.div_ceil(2);
    // Beyond 16 pieces there are thousands.
    if count <= 16 {
        let masks: Vec<u32> = (0_u32..1 << count).filter(|mask| sizes(mask.count_ones() as usize)).collect();
        if masks.len() <= divisions {
            let split = |mask: &u32| (0..count).partition(|piece| mask >> piece & 1 == 1);
            return masks.iter().map(split).collect();
        }
    }
    let random = |draw: usize| {
        let order = shuffled(&mut stream(seed, Purpose::Halves, 1, draw as u64), count);
        let size = if draw.is_multiple_of(2) { count / 2 } else { count.div_ceil(2) };
        let [mut first, mut second] = [order[..size].to_vec(), order[size..].to_vec()];
        first.sort_unstable();
        second.sort_unstable();
        (first, second)
    };
    (0..divisions).map(random).collect()
}

/// The samples of one half, z-scored.
struct Half {
    features: Array2<f64>,
    responses: Array2<f64>,
    /// Rows of each piece.
    pieces: Vec<Vec<usize>>,
}

impl Half {
    fn new(pieces: &[Piece<'_>], chosen: &[usize]) -> Result<Self, EncodingError> {
        let stacked = |of: fn(&Piece<'_>) -> Array2<f64>| {
            let all: Vec<Array2<f64>> = chosen.iter().map(|piece| of(&pieces[*piece])).collect();
            let columns = all[0].ncols();
            let mut stacked = Array2::zeros((all.iter().map(Array2::nrows).sum(), columns));
            let mut from = 0;
            for piece in all {
                stacked.slice_mut(ndarray::s![from..from + piece.nrows(), ..]).assign(&piece);
                from += piece.nrows();
            }
            stacked
        };
        let mut features = stacked(|piece| piece.features.to_owned());
        let mut responses = stacked(|piece| piece.responses.to_owned());
        if let Some(index) = z_scored(&mut features) {
            return Err(EncodingError::ConstantPattern { what: "feature", index });
        }
        z_scored(&mut responses);
        let mut from = 0;
        let rows = |piece: &usize| {
            let rows: Vec<usize> = (from..from + pieces[*piece].features.nrows()).collect();
            from += rows.len();
            rows
        };
        Ok(Self { features, responses, pieces: chosen.iter().map(rows).collect() })
    }
}

/// Columns with mean 0 and variance 1, constant ones 0; the first of those.
fn z_scored(values: &mut Array2<f64>) -> Option<usize> {
    let mut constant = None;
    for (index, mut column) in values.columns_mut().into_iter().enumerate() {
        let size = column.dot(&column);
        let mean = column.sum() / column.len() as f64;
        column -= mean;
        let squares = column.dot(&column);
        // Equal values differ from their mean by rounding only.
        if squares <= 1e-24 * size {
            column.fill(0.0);
            constant = constant.or(Some(index));
        } else {
            let deviation = (squares / column.len() as f64).sqrt();
            column /= deviation;
        }
    }
    constant
}

fn effects(first: &Half, second: &Half, alphas: &[f64]) -> Result<Array1<f64>, EncodingError> {
    let back = chosen((&first.responses, &first.features), &first.pieces, alphas)?;
    let decoded = second.responses.dot(&back);
    let forth = chosen((&second.features, &decoded), &second.pieces, alphas)?;
    Ok(forth.diag().to_owned())
}

/// Weights of x → y with the penalty of each column that predicts left-out pieces best.
fn chosen(
    (x, y): (&Array2<f64>, &Array2<f64>),
    pieces: &[Vec<usize>],
    alphas: &[f64],
) -> Result<Array2<f64>, EncodingError> {
    let mut errors = Array2::<f64>::zeros((alphas.len(), y.ncols()));
    for (place, held_out) in pieces.iter().enumerate() {
        let rest: Vec<usize> = pieces
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != place)
            .flat_map(|(_, rows)| rows.clone())
            .collect();
        let solver = Solver::new(&x.select(Axis(0), &rest), &y.select(Axis(0), &rest))?;
        let (x, y) = (x.select(Axis(0), held_out), y.select(Axis(0), held_out));
        for (alpha, mut errors) in alphas.iter().zip(errors.rows_mut()) {
            let missed = &y - &x.dot(&solver.weights(*alpha));
            errors += &(&missed * &missed).sum_axis(Axis(0));
        }
    }
    let solver = Solver::new(x, y)?;
    let mut weights = Array2::zeros((x.ncols(), y.ncols()));
    for (place, alpha) in alphas.iter().enumerate() {
        let best = |column: usize| {
            (0..alphas.len()).reduce(|a, b| if errors[(b, column)] < errors[(a, column)] { b } else { a })
        };
        let columns: Vec<usize> = (0..y.ncols()).filter(|column| best(*column) == Some(place)).collect();
        if columns.is_empty() {
            continue;
        }
        let found = solver.weights(*alpha);
        columns.iter().for_each(|column| weights.column_mut(*column).assign(&found.column(*column)));
    }
    Ok(weights)
}

/// One decomposition for all penalties.
struct Solver {
    /// Weights are `left` · diag(1 / (λ + α)) · `right`.
    left: Array2<f64>,
    values: Vec<f64>,
    right: Array2<f64>,
}

impl Solver {
    fn new(x: &Array2<f64>, y: &Array2<f64>) -> Result<Self, EncodingError> {
        let is_dual = x.nrows() < x.ncols();
        let gram = if is_dual { x.dot(&x.t()) } else { x.t().dot(x) };
        let eigen = Eigen::of(&to_mat(gram.view()))?;
        let size = gram.nrows();
        let vectors = Array2::from_shape_fn((size, size), |(row, column)| eigen.vectors[(row, column)]);
        let values = eigen.values.iter().map(|value| value.max(0.0)).collect();
        let (left, right) = if is_dual {
            (x.t().dot(&vectors), vectors.t().dot(y))
        } else {
            let right = vectors.t().dot(&x.t().dot(y));
            (vectors, right)
        };
        Ok(Self { left, values, right })
    }

    fn weights(&self, alpha: f64) -> Array2<f64> {
        let mut scaled = self.right.clone();
        for (mut row, value) in scaled.rows_mut().into_iter().zip(&self.values) {
            row /= value + alpha;
        }
        self.left.dot(&scaled)
    }
}
