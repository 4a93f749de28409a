//! Correlation of one participant with the mean of the others: a lower estimate of the noise ceiling.

use ndarray::Array2;

use super::Participants;
use crate::statistics::pearson;

/// Mean over folds of the correlation, within the fold's held-out samples, between a participant and the mean
/// of all **other** participants who have the target.
///
/// The participant's own response is taken out of the sum before anything is correlated. It is a lower estimate
/// because the mean of finitely many others is itself noisy.
///
/// # Shapes
/// Returns (n_participants, n_targets); NaN where the participant lacks the target, nobody else has it, or a
/// side is constant in some fold.
///
/// # References
/// Hasson et al. (2004), Science 303:1634; Nastase et al. (2019), Soc Cogn Affect Neurosci 14:667.
#[must_use]
pub fn leave_one_out(participants: &Participants) -> Array2<f64> {
    let mut ceilings = Array2::from_elem((participants.count(), participants.n_targets()), f64::NAN);
    for target in 0..participants.n_targets() {
        let with = participants.with(target);
        if with.len() < 2 {
            continue;
        }
        let mut sums = vec![Some(0.0); with.len()];
        for rows in participants.folds() {
            let responses: Vec<_> =
                with.iter().map(|one| participants.response(*one, target, rows)).collect();
            for (sum, r) in sums.iter_mut().zip(against_others(&responses)) {
                *sum = sum.zip(r).map(|(sum, r)| sum + r);
            }
        }
        for (one, sum) in with.iter().zip(sums) {
            ceilings[(*one, target)] = sum.map_or(f64::NAN, |sum| sum / participants.folds().len() as f64);
        }
    }
    ceilings
}

/// Correlation of each response with the mean of the others.
fn against_others(responses: &[Vec<f64>]) -> Vec<Option<f64>> {
    let mut total = vec![0.0; responses[0].len()];
    for response in responses {
        total.iter_mut().zip(response).for_each(|(sum, value)| *sum += value);
    }
    let others = |own: &[f64]| -> Vec<f64> {
        let count = (responses.len() - 1) as f64;
        total.iter().zip(own).map(|(sum, value)| (sum - value) / count).collect()
    };
    responses.iter().map(|own| pearson(own, &others(own))).collect()
}
