//! Noise ceilings of arrays, by the name of their kind.

use gyrus_core::Fold;
use gyrus_encoding::EncodingError;
use gyrus_encoding::ceilings::{
    self, CeilingKind, Extrapolated, NoCeiling, Participants, Repeatability, Repeats, SplitHalf,
};
use ndarray::{Array2, Axis};

use crate::errors::Failure;

/// A ceiling and what it was made from.
pub struct Found {
    /// Which one.
    pub kind: CeilingKind,
    /// (n_participants, n_targets), or one row where it is the same for all.
    pub ceiling: Array2<f64>,
    /// Why a target has none.
    pub reasons: Vec<Option<&'static str>>,
    /// By name: one column per target.
    pub details: Vec<(&'static str, Array2<f64>)>,
}

/// The ceiling of a kind.
///
/// # Errors
/// - [`Failure::Input`] for a name that is no kind, and for responses that cannot be compared.
pub fn of_kind(
    responses: &[Array2<f32>],
    folds: Vec<Vec<usize>>,
    name: &str,
    (draws, averaged): ((usize, u64), usize),
) -> Result<Found, Failure> {
    let kind = CeilingKind::ALL.into_iter().find(|kind| kind.name() == name);
    if let Some(kind) = kind.filter(|kind| kind.is_from_repeats()) {
        return of_repeats(responses, &folds, (kind, averaged));
    }
    let fold = |test: Vec<usize>| Fold { train: Vec::new(), test };
    let folds: Vec<Fold> = folds.into_iter().map(fold).collect();
    let people = || Participants::new(responses.iter().map(|one| one.view()).collect(), &folds);
    match kind {
        Some(kind @ CeilingKind::LeaveOneOutIsc) => Ok(leave_one_out(kind, &people()?)),
        Some(kind @ CeilingKind::RootPairwiseIsc) => Ok(root_pairwise(kind, &people()?)),
        Some(kind @ CeilingKind::SplitHalf) => {
            Ok(halves(kind, ceilings::split_half(&people()?, draws.0, draws.1)))
        }
        Some(kind @ CeilingKind::ExtrapolatedIsc) => {
            Ok(limits(kind, ceilings::extrapolated(&people()?, draws.0, draws.1)))
        }
        _ => Err(Failure::Input(format!(
            "kind: found '{name}', expected 'leave_one_out_isc', 'shared_response', 'root_pairwise_isc', 'split_half', \
             'extrapolated_isc', 'signal_power' or 'signal_to_noise'"
        ))),
    }
}

fn leave_one_out(kind: CeilingKind, people: &Participants) -> Found {
    let ceiling = ceilings::leave_one_out(people);
    let pairs = ceilings::pairwise(people);
    let is_empty = |column: usize| ceiling.column(column).iter().all(|r| r.is_nan());
    let reason = |(column, pairs): (usize, &ceilings::Pairwise)| {
        let reason = if pairs.pairs == 0 { NoCeiling::Missing } else { NoCeiling::Constant };
        is_empty(column).then(|| reason.code())
    };
    let reasons = pairs.iter().enumerate().map(reason).collect();
    Found { kind, ceiling, reasons, details: Vec::new() }
}

fn root_pairwise(kind: CeilingKind, people: &Participants) -> Found {
    let pairs = ceilings::pairwise(people);
    let of = |pairs: &ceilings::Pairwise| {
        let reason = if pairs.pairs == 0 { NoCeiling::Missing } else { NoCeiling::NoSharedSignal };
        pairs.ceiling().ok_or(reason)
    };
    let mean = row(pairs.iter().map(|pairs| pairs.mean).collect());
    same(kind, pairs.iter().map(of).collect(), vec![("mean", mean)])
}

fn halves(kind: CeilingKind, found: Vec<Result<SplitHalf, NoCeiling>>) -> Found {
    let of = |value: fn(&SplitHalf) -> f64| {
        row(found.iter().map(|found| found.as_ref().map_or(f64::NAN, value)).collect())
    };
    let details = vec![
        ("half", of(|found| found.half)),
        ("reliability", of(|found| found.reliability)),
        ("ceiling_of_mean", of(|found| found.ceiling_of_mean().unwrap_or(f64::NAN))),
    ];
    same(kind, found.iter().map(|found| found.as_ref().map_err(|no| *no)?.ceiling()).collect(), details)
}

fn limits(kind: CeilingKind, found: Vec<Result<Extrapolated, NoCeiling>>) -> Found {
    let points = found.iter().flatten().map(|found| found.curve.len()).max().unwrap_or(0);
    let at = |(point, target): (usize, usize)| match &found[target] {
        Ok(found) => found.curve.get(point).copied().unwrap_or(f64::NAN),
        Err(_) => f64::NAN,
    };
    let saturation = |found: &Result<Extrapolated, NoCeiling>| match found {
        Ok(found) => found.saturation().unwrap_or(f64::NAN),
        Err(_) => f64::NAN,
    };
    let details = vec![
        ("curve", Array2::from_shape_fn((points, found.len()), at)),
        ("saturation", row(found.iter().map(saturation).collect())),
    ];
    same(kind, found.iter().map(|found| found.as_ref().map_err(|no| *no)?.limit()).collect(), details)
}

fn of_repeats(
    responses: &[Array2<f32>],
    folds: &[Vec<usize>],
    (kind, averaged): (CeilingKind, usize),
) -> Result<Found, Failure> {
    let expected = responses.first().map_or((0, 0), Array2::dim);
    if let Some(repeat) = responses.iter().position(|one| one.dim() != expected) {
        return Err(EncodingError::RepeatShape { repeat, found: responses[repeat].dim(), expected }.into());
    }
    let samples = expected.0;
    if let Some(row) = folds.iter().flatten().find(|row| **row >= samples) {
        return Err(Failure::Input(format!("folds: found row {row}, expected rows below {samples}")));
    }
    let piece = |rows: &Vec<usize>| responses.iter().map(|one| one.select(Axis(0), rows)).collect();
    let found = ceilings::repeatability(&Repeats::new(folds.iter().map(piece).collect())?);
    let of = |value: fn(&Repeatability) -> f64| {
        row(found.iter().map(|found| found.as_ref().map_or(f64::NAN, value)).collect())
    };
    let details = vec![
        ("total_power", of(|found| found.total_power)),
        ("signal_power", of(|found| found.signal_power)),
        ("explainable_variance", of(|found| found.explainable_variance)),
        ("corrected_explainable_variance", of(|found| found.corrected_explainable_variance)),
        ("signal_variance", of(|found| found.signal_variance)),
        ("noise_variance", of(|found| found.noise_variance)),
    ];
    let ceiling = |found: &Result<Repeatability, NoCeiling>| match (found, kind) {
        (Err(reason), _) => Err(*reason),
        (Ok(found), CeilingKind::SignalPower) => found.ceiling(averaged),
        (Ok(found), _) => found.signal_to_noise_ceiling(averaged),
    };
    Ok(same(kind, found.iter().map(ceiling).collect(), details))
}

fn row(values: Vec<f64>) -> Array2<f64> {
    let count = values.len();
    Array2::from_shape_fn((1, count), |(_, column)| values[column])
}

/// One value per target.
fn same(
    kind: CeilingKind,
    found: Vec<Result<f64, NoCeiling>>,
    details: Vec<(&'static str, Array2<f64>)>,
) -> Found {
    let reasons = found.iter().map(|found| found.err().map(NoCeiling::code)).collect();
    Found {
        kind,
        ceiling: row(found.into_iter().map(|found| found.unwrap_or(f64::NAN)).collect()),
        reasons,
        details,
    }
}
