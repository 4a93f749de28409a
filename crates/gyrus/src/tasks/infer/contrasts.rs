//! Differences between two layers or language models: paired, in every participant and in every block of the story.
//!
//! There is no p against surrogate features: they show what features without language would score, and both sides of
//! a contrast may carry language. Whether the difference holds for other words is for the interval over the story.

use gyrus_encoding::statistics::{self, SignFlips, Statistic, Tail};
use ndarray::Array2;

use super::super::fit::{Fit, FitKind, Quantity};
use super::gather::{Gathered, LayerFits};
use super::language_model::Work;
use super::nested::Chosen;
use crate::Error;
use crate::inputs::{Contrast, Side};
use crate::results::{ContrastRow, ContrastSide};

/// Patterns of signs, where there are more than that.
const FLIPS: usize = 10_000;

/// Layers of one side, by their index, with their scores.
struct Scored {
    name: String,
    layers: Vec<usize>,
    scores: Vec<Gathered>,
}

/// Every contrast, by region and, last, for the mean over regions.
///
/// # Errors
/// - a fit is not in the store.
pub(super) fn rows(work: &Work<'_>) -> Result<Vec<ContrastRow>, Error> {
    let mut rows = Vec::new();
    for contrast in &work.inputs.contrasts {
        let (of, minus) = (scored(work, contrast.of)?, scored(work, contrast.minus)?);
        rows.extend(contrasted(work, contrast, [&of, &minus])?);
    }
    Ok(rows)
}

fn scored(work: &Work<'_>, side: Side) -> Result<Scored, Error> {
    let is_main = |fit: &&Fit| fit.language_model == side.language_model && fit.kind == FitKind::Main;
    let mut layers: Vec<usize> = work.plan.fits.iter().filter(is_main).map(|fit| fit.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    layers.retain(|layer| side.layer.is_none_or(|wanted| wanted == *layer));
    let of_layer = |layer: &usize| {
        let fits = work.plan.fits.iter().filter(|fit| is_main(fit) && fit.layer == *layer);
        LayerFits::open(fits, work.store)?.take(Quantity::Score, (work.layout, work.plan), work.store)
    };
    let scores = layers.iter().map(of_layer).collect::<Result<Vec<_>, Error>>()?;
    Ok(Scored { name: work.inputs.language_models[side.language_model].name.clone(), layers, scores })
}

fn contrasted(
    work: &Work<'_>,
    contrast: &Contrast,
    [of, minus]: [&Scored; 2],
) -> Result<Vec<ContrastRow>, Error> {
    let n_regions = work.layout.regions.len();
    let mut differences = Array2::zeros((work.layout.participants.len(), n_regions + 1));
    let mut rows = Vec::with_capacity(n_regions + 1);
    for column in 0..=n_regions {
        let regions = || if column < n_regions { vec![column] } else { (0..n_regions).collect() };
        let (of_values, of_products, of_side) = of.at(work, regions());
        let (minus_values, minus_products, minus_side) = minus.at(work, regions());
        let values: Vec<f64> = of_values.iter().zip(minus_values).map(|(of, minus)| of - minus).collect();
        let products: Vec<Array2<f64>> =
            of_products.into_iter().zip(minus_products).map(|(of, minus)| of - minus).collect();
        values.iter().enumerate().for_each(|(person, value)| differences[(person, column)] = *value);
        rows.push(ContrastRow {
            contrast: contrast.name.clone(),
            region: work.layout.regions.get(column).cloned(),
            of: of_side,
            minus: minus_side,
            difference: work.estimator.of_values(&values, &products)?,
            p_sign_flip_corrected: f64::NAN,
            p_wilcoxon: statistics::signed_rank(&values, Tail::TwoSided).p,
            p_t: statistics::one_sample(&values, Tail::TwoSided).p,
        });
    }
    // The maximum runs over regions; their mean is a question of its own.
    for columns in [0..n_regions, n_regions..n_regions + 1] {
        let seed = work.inputs.resolved.study.statistics.seed;
        let flips = SignFlips::new(differences.nrows(), FLIPS, seed);
        let scores = differences.slice(ndarray::s![.., columns.clone()]);
        let counts = flips.count(work.backend, scores, (Statistic::Mean, Tail::TwoSided))?;
        for (row, p) in rows[columns].iter_mut().zip(counts.family_wise_p()) {
            row.p_sign_flip_corrected = p;
        }
    }
    Ok(rows)
}

impl Scored {
    /// Scores of participants, held-out products of the group per design, and which layer that is, for some regions.
    fn at(&self, work: &Work<'_>, regions: Vec<usize>) -> (Vec<f64>, Vec<Array2<f64>>, ContrastSide) {
        let layers: Vec<&Gathered> = self.scores.iter().collect();
        let chosen = Chosen::of((work.layout, work.plan), &layers, regions);
        let (position, share) = chosen.most_frequent();
        let side = ContrastSide { language_model: self.name.clone(), layer: self.layers[position], share };
        (chosen.values(&layers), chosen.products(&layers), side)
    }
}
