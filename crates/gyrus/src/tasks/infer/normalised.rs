//! Scores as shares of every noise ceiling, at the layer that inner folds choose, region by region.

use gyrus_encoding::ceilings::{CeilingKind, Share};
use ndarray::Array2;

use super::ceilings::Ceilings;
use super::controls::group_means;
use super::gather::Layout;
use super::scores::Scores;
use crate::results::{LanguageModelResults, NormalisedRow};

/// One row per language model, region and kind of which the study has a ceiling at all.
pub(super) fn rows(
    (scores, ceilings): (&Scores, &Ceilings),
    layout: &Layout,
    language_models: &[LanguageModelResults],
) -> Vec<NormalisedRow> {
    let mut rows = Vec::new();
    let kinds =
        CeilingKind::ALL.into_iter().filter(|kind| ceilings.kind(*kind).iter().any(|r| r.is_finite()));
    let kinds: Vec<CeilingKind> = kinds.collect();
    for model in language_models {
        let mut of_model = Vec::new();
        for kind in &kinds {
            for layer in &model.layers {
                let chosen = model.best_layer.iter().enumerate().filter(|(_, best)| best.layer == *layer);
                let columns: Vec<usize> = chosen.map(|(column, _)| column).collect();
                let Some(scored) = scores.trained(&model.name, *layer).filter(|_| !columns.is_empty()) else {
                    continue;
                };
                let shares = shares(layout, scored, ceilings.kind(*kind));
                let row = |column: usize| {
                    (column, row((&model.name, *layer), layout.region_name(column), *kind, &shares[column]))
                };
                of_model.extend(columns.into_iter().map(row));
            }
        }
        of_model.sort_by_key(|(column, _)| *column);
        rows.extend(of_model.into_iter().map(|(_, row)| row));
    }
    rows
}

fn row(
    (language_model, layer): (&str, usize),
    region: Option<String>,
    kind: CeilingKind,
    share: &Share,
) -> NormalisedRow {
    let normalised = share.normalised();
    NormalisedRow {
        language_model: language_model.to_owned(),
        region,
        kind: kind.name().to_owned(),
        bound: kind.bound().name().to_owned(),
        layer,
        score: share.score,
        ceiling: share.ceiling,
        normalised: normalised.unwrap_or(f64::NAN),
        cells: share.cells,
        left_out: share.left_out,
        reason: normalised.err().map(|reason| reason.code().to_owned()),
    }
}

/// Every region and their mean, averaged as scores are: over targets, participants and regions.
fn shares(layout: &Layout, scored: &Array2<f64>, ceiling: &Array2<f64>) -> Vec<Share> {
    let where_both = |values: &Array2<f64>| {
        Array2::from_shape_fn(values.raw_dim(), |place| {
            let has_both = scored[place].is_finite() && ceiling[place].is_finite();
            if has_both { values[place] } else { f64::NAN }
        })
    };
    let means = |values: &Array2<f64>| group_means(&layout.by_region(&where_both(values)));
    let (scores, ceilings) = (means(scored), means(ceiling));
    let mut counts = vec![(0, 0); layout.regions.len() + 1];
    for ((place, score), ceiling) in scored.indexed_iter().zip(ceiling) {
        for column in [layout.region_of[place.1], layout.regions.len()] {
            counts[column].0 += usize::from(score.is_finite() && ceiling.is_finite());
            counts[column].1 += usize::from(score.is_finite() && !ceiling.is_finite());
        }
    }
    let share = |(column, (cells, left_out)): (usize, (usize, usize))| Share {
        score: scores[column],
        ceiling: ceilings[column],
        cells,
        left_out,
    };
    counts.into_iter().enumerate().map(share).collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn both_means_are_over_the_same_cells_and_the_rest_is_counted() {
        let layout = Layout {
            participants: vec!["a".to_owned(), "b".to_owned()],
            first: vec![0],
            regions: vec!["V1".to_owned(), "STS".to_owned()],
            members: vec![vec![0, 1], vec![2]],
            region_of: vec![0, 0, 1],
            n_targets: 3,
        };
        let scored = array![[0.1, 0.3, 0.2], [0.5, f64::NAN, 0.4]];
        let ceiling = array![[0.4, f64::NAN, 0.5], [0.6, 0.9, f64::NAN]];
        let found = shares(&layout, &scored, &ceiling);
        let expect = |column: usize, score: f64, ceiling: f64, counts: (usize, usize)| {
            let share = found[column];
            assert!(
                (share.score - score).abs() < 1e-12 && (share.ceiling - ceiling).abs() < 1e-12,
                "{share:?}"
            );
            assert_eq!((share.cells, share.left_out), counts);
        };
        expect(0, 0.3, 0.5, (2, 1));
        expect(1, 0.2, 0.5, (1, 1));
        // Participant a has both regions, b only the first.
        expect(2, (0.15 + 0.5) / 2.0, (0.45 + 0.6) / 2.0, (3, 2));
    }
}
