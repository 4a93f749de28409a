//! Cross-products of the participants who have a target, fold by fold: everything between them is read from these.

use ndarray::Array2;

use super::{NoCeiling, Participants};

/// One target: per fold, Σ_t (y_i − ȳ_i)(y_j − ȳ_j) over the held-out samples, shape (n_people, n_people).
///
/// Participants who lack the target or are constant in some fold are not among them.
pub(super) struct CrossProducts {
    pub folds: Vec<Array2<f64>>,
    pub people: usize,
}

impl CrossProducts {
    /// Those of one target; an error if there are fewer than `needed` participants.
    pub(super) fn of(participants: &Participants, target: usize, needed: usize) -> Result<Self, NoCeiling> {
        let folds = participants.folds();
        let centred_folds = |one: &usize| -> Option<Vec<Vec<f64>>> {
            folds.iter().map(|rows| centred(participants.response(*one, target, rows))).collect()
        };
        let with = participants.with(target);
        let people: Vec<Vec<Vec<f64>>> = with.iter().filter_map(centred_folds).collect();
        match (people.len(), with.len()) {
            (kept, _) if kept >= needed && !folds.is_empty() => {}
            (_, had) if had >= needed => return Err(NoCeiling::Constant),
            _ if participants.count() >= needed => return Err(NoCeiling::Missing),
            _ => return Err(NoCeiling::TooFew),
        }
        let of_fold = |fold: usize| {
            let mut products = Array2::zeros((people.len(), people.len()));
            for one in 0..people.len() {
                for other in 0..=one {
                    let product: f64 =
                        people[one][fold].iter().zip(&people[other][fold]).map(|(a, b)| a * b).sum();
                    products[(one, other)] = product;
                    products[(other, one)] = product;
                }
            }
            products
        };
        Ok(Self { folds: (0..folds.len()).map(of_fold).collect(), people: people.len() })
    }
}

/// The series less its mean; `None` where it is (but for rounding) constant.
pub(super) fn centred(values: Vec<f64>) -> Option<Vec<f64>> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let size: f64 = values.iter().map(|value| value * value).sum();
    let centred: Vec<f64> = values.into_iter().map(|value| value - mean).collect();
    let squares: f64 = centred.iter().map(|value| value * value).sum();
    (squares > 1e-24 * size && squares.is_finite()).then_some(centred)
}
