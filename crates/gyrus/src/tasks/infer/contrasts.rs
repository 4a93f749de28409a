//! Differences between two layers or language models: paired, in every participant and in every block of the story.
//!
//! There is no p against surrogate features: they show what features without language would score, and both sides of
//! a contrast may carry language. Whether the difference holds for other words is for the interval over the story.

use gyrus_encoding::statistics::{self, Tail};
use ndarray::{Array2, s};

use super::super::fit::FitKind;
use super::language_model::Work;
use super::paired::{Side, SideScores, family_wise_p};
use crate::Error;
use crate::inputs::Contrast;
use crate::results::{ContrastRow, ContrastSide};

/// Every contrast, by region and, last, for the mean over regions.
///
/// # Errors
/// - a fit is not in the store.
pub(super) fn rows(work: &Work<'_>) -> Result<Vec<ContrastRow>, Error> {
    let mut rows = Vec::new();
    for contrast in &work.inputs.contrasts {
        let (of, minus) = (side(work, contrast.of)?, side(work, contrast.minus)?);
        rows.extend(contrasted(work, contrast, [&of, &minus])?);
    }
    Ok(rows)
}

fn side(work: &Work<'_>, wanted: crate::inputs::Side) -> Result<Side, Error> {
    Side::of(work, |fit| {
        fit.language_model == wanted.language_model
            && fit.kind == FitKind::Main
            && wanted.layer.is_none_or(|layer| layer == fit.layer)
    })
}

fn contrasted(
    work: &Work<'_>,
    contrast: &Contrast,
    [of, minus]: [&Side; 2],
) -> Result<Vec<ContrastRow>, Error> {
    let n_regions = work.layout.regions.len();
    let mut differences = Array2::zeros((work.layout.participants.len(), n_regions + 1));
    let mut rows = Vec::with_capacity(n_regions + 1);
    for column in 0..=n_regions {
        let (of, minus) = (of.at(work, column), minus.at(work, column));
        let (values, products) = of.minus(&minus);
        values.iter().enumerate().for_each(|(person, value)| differences[(person, column)] = *value);
        rows.push(ContrastRow {
            contrast: contrast.name.clone(),
            region: work.layout.regions.get(column).cloned(),
            of: shown(work, contrast.of, &of),
            minus: shown(work, contrast.minus, &minus),
            difference: work.estimator.of_values(&values, &products)?,
            p_sign_flip_corrected: f64::NAN,
            p_wilcoxon: statistics::signed_rank(&values, Tail::TwoSided).p,
            p_t: statistics::one_sample(&values, Tail::TwoSided).p,
        });
    }
    // The maximum runs over regions; their mean is a question of its own.
    for columns in [0..n_regions, n_regions..n_regions + 1] {
        let p = family_wise_p(work, differences.slice(s![.., columns.clone()]))?;
        for (row, p) in rows[columns].iter_mut().zip(p) {
            row.p_sign_flip_corrected = p;
        }
    }
    Ok(rows)
}

fn shown(work: &Work<'_>, side: crate::inputs::Side, scores: &SideScores) -> ContrastSide {
    let language_model = work.inputs.language_models[side.language_model].name.clone();
    ContrastSide { language_model, layer: scores.layer, share: scores.share }
}
