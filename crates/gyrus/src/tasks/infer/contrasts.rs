//! Differences between two layers or language models: paired, in every participant and in every block of the story.
//!
//! There is no p against surrogate features: they show what features without language would score, and both sides of
//! a contrast may carry language. Whether the difference holds for other words is for the interval over the story.

use gyrus_encoding::statistics::{self, Tail};
use ndarray::{Array2, s};

use super::super::extract::Training;
use super::super::fit::FitKind;
use super::gather::Gathered;
use super::language_model::Work;
use super::paired::{Side, SideScores, family_wise_p};
use crate::Error;
use crate::inputs::{Contrast, Side as Wanted};
use crate::results::{ContrastRow, ContrastSide};

/// Every contrast, by region and, last, for the mean over regions.
///
/// # Errors
/// - a fit is not in the store.
pub(super) fn rows(work: &Work<'_>) -> Result<Vec<ContrastRow>, Error> {
    let mut rows = Vec::new();
    for contrast in &work.inputs.contrasts {
        let (of, minus) = (Sides::of(work, &contrast.of)?, Sides::of(work, &contrast.minus)?);
        rows.extend(contrasted(work, contrast, [&of, &minus])?);
    }
    Ok(rows)
}

/// What one side of a contrast is made of.
enum Sides {
    /// A layer, or the one that inner folds choose; of copies, the mean over seeds, each at its own.
    Layers(Vec<Side>),
    /// The baseline, or one of its features.
    Baseline(Gathered),
}

impl Sides {
    fn of(work: &Work<'_>, wanted: &Wanted) -> Result<Self, Error> {
        let side = |language_model: usize, layer: Option<usize>, training: Option<Training>| {
            let kind = if training.is_some() { FitKind::Control } else { FitKind::Main };
            Side::of(work, |fit| {
                fit.language_model == language_model
                    && fit.kind == kind
                    && layer.is_none_or(|layer| layer == fit.layer)
                    && training.is_none_or(|training| training == fit.training)
            })
        };
        match wanted {
            Wanted::Layer { language_model, layer } => {
                Ok(Self::Layers(vec![side(*language_model, *layer, None)?]))
            }
            Wanted::Copies { language_model, layer, kind } => {
                let mut copies: Vec<Training> = work
                    .plan
                    .fits
                    .iter()
                    .filter(|fit| fit.language_model == *language_model && fit.kind == FitKind::Control)
                    .map(|fit| fit.training)
                    .filter(|training| training.name() == *kind)
                    .collect();
                copies.sort();
                copies.dedup();
                let of_copy = |copy: &Training| side(*language_model, *layer, Some(*copy));
                Ok(Self::Layers(copies.iter().map(of_copy).collect::<Result<_, _>>()?))
            }
            Wanted::Baseline(band) => {
                let tasks = work.plan.baselines.iter().filter(|task| task.language_model.is_none());
                Ok(Self::Baseline(Gathered::of_baseline(tasks, band.as_deref(), work.layout, work.store)?))
            }
        }
    }

    /// A region or, for the column after the last one, the mean over regions.
    fn at(&self, work: &Work<'_>, column: usize) -> SideScores {
        match self {
            Self::Layers(sides) => {
                let scores = sides.iter().map(|side| side.at(work, column)).collect();
                SideScores::mean(scores).unwrap_or_else(SideScores::none)
            }
            Self::Baseline(gathered) => SideScores::of_gathered(work.layout, gathered, column),
        }
    }
}

fn contrasted(
    work: &Work<'_>,
    contrast: &Contrast,
    [of, minus]: [&Sides; 2],
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
            of: shown(work, &contrast.of, &of),
            minus: shown(work, &contrast.minus, &minus),
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

fn shown(work: &Work<'_>, side: &Wanted, scores: &SideScores) -> ContrastSide {
    let name = |language_model: &usize| Some(work.inputs.language_models[*language_model].name.clone());
    let (language_model, features) = match side {
        Wanted::Layer { language_model, .. } => (name(language_model), "layer".to_owned()),
        Wanted::Copies { language_model, kind, .. } => (name(language_model), (*kind).to_owned()),
        Wanted::Baseline(band) => (None, band.clone().unwrap_or_else(|| "baseline".to_owned())),
    };
    ContrastSide { language_model, features, layer: scores.layer, share: scores.share }
}
