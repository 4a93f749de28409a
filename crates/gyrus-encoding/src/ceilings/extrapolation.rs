//! Leave-one-out correlation over a growing number of participants, and where it leads.

use ndarray::ArrayView2;

use super::shared::CrossProducts;
use super::{NoCeiling, Participants};
use crate::statistics::{Purpose, least, shuffled, stream};

/// Leave-one-out correlation of one target against the number of participants.
#[derive(Debug, Clone, PartialEq)]
pub struct Extrapolated {
    /// c(n) for n = 2, 3, …: mean over orders, participants and folds of r with the mean of the n − 1 others.
    pub curve: Vec<f64>,
}

/// Number of participants that a curve needs: two unknowns and one point more.
const LEAST: usize = 4;
/// Bounds of κ and τ. Beyond them the curve is flat, or does not bend.
const BOUNDS: (f64, f64) = (1e-3, 1e4);

impl Extrapolated {
    /// c∞ of c(n) = c∞ / √(1 + κ / (n − 1)), κ ≥ 0, by least squares: the correlation of one participant with what
    /// all participants of this kind share. κ is the noise of one other over the shared power.
    ///
    /// # Errors
    /// - [`NoCeiling::NoSharedSignal`] if the limit is not positive,
    /// - [`NoCeiling::NoLimit`] if it is above 1 or the curve does not bend.
    pub fn limit(&self) -> Result<f64, NoCeiling> {
        self.fitted(|n, kappa| 1.0 / (1.0 + kappa / (n - 1.0)).sqrt())
    }

    /// v₀ of c(n) = v₀ (1 − exp(−n / τ)), the published curve. It flattens faster than averaging noise away does, so
    /// that it stays below [`Extrapolated::limit`].
    ///
    /// # Errors
    /// - as of [`Extrapolated::limit`].
    pub fn saturation(&self) -> Result<f64, NoCeiling> {
        self.fitted(|n, tau| -libm::expm1(-n / tau))
    }

    /// The scale of a shape g(n, θ) that fits best.
    fn fitted(&self, shape: impl Fn(f64, f64) -> f64) -> Result<f64, NoCeiling> {
        let fit = |theta: f64| {
            let shape: Vec<f64> =
                (0..self.curve.len()).map(|index| shape(index as f64 + 2.0, theta)).collect();
            let squares: f64 = shape.iter().map(|g| g * g).sum();
            let product: f64 = shape.iter().zip(&self.curve).map(|(g, c)| g * c).sum();
            let scale = product / squares;
            let rest: f64 =
                shape.iter().zip(&self.curve).map(|(g, c)| (c - scale * g) * (c - scale * g)).sum();
            (scale, rest)
        };
        let theta = least(BOUNDS, |theta| fit(theta).1);
        let (limit, _) = fit(theta);
        match limit {
            _ if limit.is_nan() || limit <= 0.0 => Err(NoCeiling::NoSharedSignal),
            _ if limit > 1.0 || theta > 0.99 * BOUNDS.1 => Err(NoCeiling::NoLimit),
            _ => Ok(limit),
        }
    }
}

/// Curves of all targets, from `orders` random orders in which participants join.
///
/// c(n) is the mean over the n participants who have joined, over folds and over orders, of the correlation with the
/// mean of the n − 1 others. Nobody is drawn twice, so that nobody is among their own others.
///
/// # Shapes
/// One curve per target.
///
/// # Numerics
/// Orders are the same for every target with as many participants. Points of a curve share participants, so they are
/// not independent and the fit has no standard error of its own.
///
/// # Errors
/// Per target:
/// - [`NoCeiling::Missing`], [`NoCeiling::TooFew`] if fewer than four participants have it,
/// - [`NoCeiling::Constant`] if fewer than four vary in every fold.
///
/// # References
/// Schrimpf et al. (2021), Proc Natl Acad Sci 118:e2105646118: ceilings extrapolated over participants.
#[must_use]
pub fn extrapolated(
    participants: &Participants,
    orders: usize,
    seed: u64,
) -> Vec<Result<Extrapolated, NoCeiling>> {
    let order = |people: usize, draw: usize| {
        shuffled(&mut stream(seed, Purpose::Extrapolation, people as u32, draw as u64), people)
    };
    let drawn: Vec<Vec<Vec<usize>>> = (0..=participants.count())
        .map(|people| (0..orders.max(1)).map(|draw| order(people, draw)).collect())
        .collect();
    let of_target = |target: usize| {
        let products = CrossProducts::of(participants, target, LEAST)?;
        of_orders(&products, &drawn[products.people])
    };
    (0..participants.n_targets()).map(of_target).collect()
}

fn of_orders(products: &CrossProducts, orders: &[Vec<usize>]) -> Result<Extrapolated, NoCeiling> {
    let mut curve = vec![0.0; products.people - 1];
    for order in orders {
        for fold in &products.folds {
            add_joining(fold.view(), order, &mut curve).ok_or(NoCeiling::Constant)?;
        }
    }
    let count = (orders.len() * products.folds.len()) as f64;
    curve.iter_mut().for_each(|sum| *sum /= count);
    Ok(Extrapolated { curve })
}

/// Adds the mean leave-one-out correlation after each participant but the first has joined.
fn add_joining(products: ArrayView2<'_, f64>, order: &[usize], curve: &mut [f64]) -> Option<()> {
    let mut with_all = vec![0.0; order.len()];
    let mut total = 0.0;
    for (joined, new) in order.iter().enumerate() {
        let known: f64 = order[..joined].iter().map(|one| products[(*one, *new)]).sum();
        total += 2.0 * known + products[(*new, *new)];
        for (sum, product) in with_all.iter_mut().zip(products.column(*new)) {
            *sum += product;
        }
        if joined > 0 {
            let mut sum = 0.0;
            for one in &order[..=joined] {
                let own = products[(*one, *one)];
                let others = total - 2.0 * with_all[*one] + own;
                let is_constant = others <= 1e-12 * total.abs().max(own);
                sum += (!is_constant).then(|| (with_all[*one] - own) / (own * others).sqrt())?;
            }
            curve[joined - 1] += sum / (joined + 1) as f64;
        }
    }
    Some(())
}
