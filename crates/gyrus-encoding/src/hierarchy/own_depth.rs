//! How deep in the network each region of one participant sits, on a scale that the other participants give.

use ndarray::{Array2, ArrayView2, ArrayView3, Axis, s};

use super::centre_of_mass::crossed_minimum;

/// Depth of every region in every participant, in layers:
///
/// c_pr = d̄ + Σ_k (d_k − d̄) R_prk / M_r, M_r = Σ_k (R̄_rk − m_r),
///
/// with d̄ the mean of the depths, R̄ the mean over the **other** participants and m their
/// [floor](super::Floor::Minimum). A centre of mass of one participant would divide by that participant's own noise, and
/// stop at 0; this is linear in the participant's scores, so their noise does not bias it, and regions with one profile
/// have one expectation, however strong each is. A participant with s times the scores of the others sits s times as far from
/// d̄ in all regions, which no rank over regions sees.
///
/// # Shapes
/// `depths` has n_layers, `scores` is (n_participants, n_regions, n_layers); the result is (n_participants, n_regions), NaN where a
/// score is missing, where the others stand above no floor, and for a participant without others.
#[must_use]
pub fn own_depths(depths: &[f64], scores: ArrayView3<'_, f64>) -> Array2<f64> {
    let (people, regions, layers) = scores.dim();
    let middle = depths.iter().sum::<f64>() / layers as f64;
    let of = |(person, region): (usize, usize)| {
        let others: Vec<usize> = (0..people).filter(|other| *other != person).collect();
        let others = scores.slice(s![.., region, ..]).select(Axis(0), &others);
        let own = scores.slice(s![person, region, ..]);
        let moment: f64 = depths.iter().zip(own).map(|(depth, score)| (depth - middle) * score).sum();
        mass(others.view()).map_or(f64::NAN, |mass| middle + moment / mass)
    };
    Array2::from_shape_fn((people, regions), of)
}

/// What profiles have above their floor, over those without a missing score.
fn mass(profiles: ArrayView2<'_, f64>) -> Option<f64> {
    let complete = |row: &usize| profiles.row(*row).iter().all(|score| score.is_finite());
    let rows: Vec<usize> = (0..profiles.nrows()).filter(complete).collect();
    let profiles = profiles.select(Axis(0), &rows);
    let mean = profiles.mean_axis(Axis(0))?;
    let floor = crossed_minimum(profiles.view(), mean.view())?;
    let mass: f64 = mean.iter().map(|score| score - floor).sum();
    (mass > 0.0).then_some(mass)
}
