//! What one language model explains: profile, gains, controls, best layer, depth.

use gyrus_encoding::backend::Backend;
use ndarray::Array2;

use super::super::extract::Training;
use super::super::fit::{Fit, FitKind, Quantity};
use super::controls::{self, Copy, group_means};
use super::estimate::Estimator;
use super::gather::{Gathered, LayerFits, Layout, WithNull};
use super::nested::Chosen;
use super::scores::Scores;
use super::{clusters, depth, hierarchy_index, maps, pilot, side_by_side, significance, verdicts};
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::results::{
    BestLayer, ClusterRow, ComparedScores, Estimate, GroupTests, LanguageModelResults, PilotScores,
    ProfileRow, Verdict,
};
use crate::store::{Arrays, Store};

/// What this part of the work shares.
pub(super) struct Work<'a> {
    pub backend: &'a Backend,
    pub inputs: &'a Inputs,
    pub plan: &'a Plan,
    pub layout: &'a Layout,
    pub store: &'a Store,
    pub estimator: &'a Estimator<'a>,
    /// Leave-one-out ceiling of every region, mean over participants.
    pub ceilings: &'a [f64],
}

/// What was found of one language model.
struct Found {
    results: LanguageModelResults,
    /// None without a layer above 0, or when the baseline has no layer 0.
    contextual: Option<ContextualChoice>,
    /// What maps show, where targets are voxels or made of them.
    maps: Option<Arrays>,
    /// What neighbouring voxels show together.
    clusters: Vec<ClusterRow>,
    /// What a later study is planned from.
    pilot: Vec<PilotScores>,
    /// Scores for comparisons with other studies.
    compared: Vec<ComparedScores>,
}

/// The gain over the baseline with layer 0 where inner folds choose among the layers above 0.
pub(super) struct ContextualChoice {
    /// The layer chosen most often.
    pub layer: usize,
    /// Mean over regions, each outer fold at its own choice.
    pub gain: Estimate,
}

/// Scores and gains of every layer.
struct Layers {
    indices: Vec<usize>,
    score: Vec<WithNull>,
    gain: Vec<WithNull>,
    /// None for layer 0, or when the baseline has no layer 0.
    contextual: Vec<Option<WithNull>>,
}

/// What all language models show, in the order of the study.
#[derive(Default)]
pub(super) struct All {
    pub language_models: Vec<LanguageModelResults>,
    pub verdicts: Vec<Verdict>,
    pub maps: Vec<Arrays>,
    pub clusters: Vec<ClusterRow>,
    pub pilot: Vec<PilotScores>,
    pub compared: Vec<ComparedScores>,
}

impl Work<'_> {
    /// Every language model; `lag` is where the word rate correlates most with the responses, in seconds.
    pub(super) fn run_all(&self, lag: Option<f64>, rows: &mut Scores) -> Result<All, Error> {
        let mut all = All::default();
        for index in 0..self.inputs.language_models.len() {
            let found = self.run(index, rows)?;
            all.verdicts.extend(verdicts::verdicts(&found.results, found.contextual.as_ref(), lag));
            all.language_models.push(found.results);
            all.maps.extend(found.maps);
            all.clusters.extend(found.clusters);
            all.pilot.extend(found.pilot);
            all.compared.extend(found.compared);
        }
        Ok(all)
    }

    fn run(&self, language_model: usize, rows: &mut Scores) -> Result<Found, Error> {
        let open = &self.inputs.language_models[language_model];
        let layers = self.layers(language_model)?;
        let copies = controls::copies(self.plan, (self.layout, self.store), language_model, &layers.indices)?;
        for (position, layer) in layers.indices.iter().enumerate() {
            rows.add_trained((&open.name, *layer), layers.of(position));
        }
        for copy in &copies {
            rows.add_copy((&open.name, &layers.indices), copy);
        }
        let profile = self.profile(&layers)?;
        let of = |kind: &str| {
            let chosen = copies.iter().filter(|copy| copy.training.name() == kind);
            chosen.flat_map(|copy| controls::rows(copy, self.layout, &layers.indices)).collect()
        };
        let is_untrained = |copy: &&Copy| matches!(copy.training, Training::Untrained(_));
        let untrained: Vec<&Copy> = copies.iter().filter(is_untrained).collect();
        let (best_layer, contextual) = self.best_layers(&layers, &untrained)?;
        let values: Vec<&Gathered> = layers.score.iter().map(|layer| &layer.observed).collect();
        let mut hierarchy = depth::hierarchy(self, &layers.indices, &values, &profile);
        let beside = (&untrained[..], self.ceilings);
        hierarchy_index::add(self, &mut hierarchy, (&layers.indices, &values), beside)?;
        let results = LanguageModelResults {
            name: open.name.clone(),
            n_parameters: open.n_parameters() as u64,
            width: open.width(),
            last_layer: open.layers().last().copied().unwrap_or(0),
            layers: layers.indices.clone(),
            profile,
            untrained: of("untrained"),
            random_embeddings: of("random_embedding"),
            shuffled: of("shuffled"),
            best_layer,
            hierarchy,
        };
        let maps = match self.inputs.voxels {
            Some(_) => Some(self.maps(&layers, &values)?),
            None => None,
        };
        let mut clusters = Vec::new();
        let maps = match maps {
            Some(maps) => Some(self.clusters((language_model, &open.name), &layers, maps, &mut clusters)?),
            None => None,
        };
        let pilot = pilot::rows(self, &open.name, [&layers.score, &layers.gain]);
        let compared = side_by_side::rows(self, &open.name, [&layers.score, &layers.gain]);
        Ok(Found { results, contextual, maps, clusters, pilot, compared })
    }

    fn clusters(
        &self,
        language_model: (usize, &str),
        layers: &Layers,
        mut arrays: Arrays,
        rows: &mut Vec<ClusterRow>,
    ) -> Result<Arrays, Error> {
        let of = |taken: fn(&Layers, usize) -> Option<&WithNull>| {
            let positions = layers.indices.iter().enumerate();
            positions.filter_map(|(position, layer)| Some((*layer, taken(layers, position)?))).collect()
        };
        let families: [(_, Vec<(usize, &WithNull)>); 3] = [
            ((Quantity::Score, "score", "score"), of(|layers, position| layers.score.get(position))),
            ((Quantity::Gain, "gain", "unique_gain"), of(|layers, position| layers.gain.get(position))),
            (
                (Quantity::Contextual, "contextual", "contextual_gain"),
                of(|layers, position| layers.contextual[position].as_ref()),
            ),
        ];
        for (quantity, layers) in families.into_iter().filter(|(_, layers)| !layers.is_empty()) {
            let family = clusters::Family { language_model, quantity, layers };
            arrays = clusters::add(self, arrays, &family, rows)?;
        }
        Ok(arrays)
    }

    fn maps(&self, layers: &Layers, scored: &[&Gathered]) -> Result<Arrays, Error> {
        let mut arrays = Arrays::new().single("depth", maps::depth(&layers.indices, scored));
        arrays = maps::quantity(arrays, "score", &layers.score.iter().collect::<Vec<_>>())?;
        arrays = maps::quantity(arrays, "gain", &layers.gain.iter().collect::<Vec<_>>())?;
        maps::quantity(arrays, "contextual", &layers.contextual.iter().flatten().collect::<Vec<_>>())
    }

    fn layers(&self, language_model: usize) -> Result<Layers, Error> {
        let is_main = |fit: &&Fit| fit.language_model == language_model && fit.kind == FitKind::Main;
        let mut indices: Vec<usize> = self.plan.fits.iter().filter(is_main).map(|fit| fit.layer).collect();
        indices.sort_unstable();
        indices.dedup();
        let mut layers = Layers { indices, score: Vec::new(), gain: Vec::new(), contextual: Vec::new() };
        for layer in &layers.indices {
            let of_layer = |fit: &&Fit| is_main(fit) && fit.layer == *layer;
            let fits = LayerFits::open(self.plan.fits.iter().filter(of_layer), self.store)?;
            let at = (self.layout, self.plan);
            layers.score.push(fits.take_with_null(Quantity::Score, at, self.store)?);
            layers.gain.push(fits.take_with_null(Quantity::Gain, at, self.store)?);
            let contextual = match fits.has(Quantity::Contextual) {
                true => Some(fits.take_with_null(Quantity::Contextual, at, self.store)?),
                false => None,
            };
            layers.contextual.push(contextual);
        }
        Ok(layers)
    }

    fn profile(&self, layers: &Layers) -> Result<Vec<ProfileRow>, Error> {
        let seed = self.inputs.resolved.study.statistics.seed;
        let tests = |layers: &[&WithNull]| {
            significance::tests(layers, (self.layout, self.plan), (self.backend, seed))
        };
        let score_tests = tests(&layers.score.iter().collect::<Vec<_>>())?;
        let gain_tests = tests(&layers.gain.iter().collect::<Vec<_>>())?;
        let mut contextual_tests =
            tests(&layers.contextual.iter().flatten().collect::<Vec<_>>())?.into_iter();
        let mut rows = Vec::new();
        for (position, layer) in layers.indices.iter().enumerate() {
            let contextual = match &layers.contextual[position] {
                Some(with_null) => {
                    let estimates = self.estimator.by_region(&with_null.observed)?;
                    Some((estimates, contextual_tests.next().unwrap_or_default()))
                }
                None => None,
            };
            let found = LayerRows {
                layer: *layer,
                scored: self.layout.by_region(&layers.score[position].observed.values),
                score: (self.estimator.by_region(&layers.score[position].observed)?, &score_tests[position]),
                gain: (self.estimator.by_region(&layers.gain[position].observed)?, &gain_tests[position]),
                contextual,
                baseline: group_means(&self.layout.by_region(&layers.gain[position].baseline)),
            };
            rows.extend((0..=self.layout.regions.len()).map(|column| found.row(self.layout, column)));
        }
        Ok(rows)
    }

    fn best_layers(
        &self,
        layers: &Layers,
        untrained: &[&Copy],
    ) -> Result<(Vec<BestLayer>, Option<ContextualChoice>), Error> {
        let mut best = Vec::new();
        for column in 0..=self.layout.regions.len() {
            best.push(self.best_layer(layers, untrained, column)?);
        }
        Ok((best, self.contextual_choice(layers)?))
    }

    fn contextual_choice(&self, layers: &Layers) -> Result<Option<ContextualChoice>, Error> {
        let above = layers.indices.iter().zip(&layers.contextual);
        let (indices, above): (Vec<usize>, Vec<&Gathered>) =
            above.filter_map(|(layer, found)| Some((*layer, &found.as_ref()?.observed))).unzip();
        if above.is_empty() {
            return Ok(None);
        }
        let chosen = Chosen::of((self.layout, self.plan), &above, (0..self.layout.regions.len()).collect());
        let layer = indices[chosen.most_frequent().0];
        Ok(Some(ContextualChoice { layer, gain: chosen.estimate(self.estimator, &above)? }))
    }

    fn best_layer(&self, layers: &Layers, untrained: &[&Copy], column: usize) -> Result<BestLayer, Error> {
        let all = self.layout.regions.len();
        let regions: Vec<usize> = if column < all { vec![column] } else { (0..all).collect() };
        let scored: Vec<&Gathered> = layers.score.iter().map(|layer| &layer.observed).collect();
        let gained: Vec<&Gathered> = layers.gain.iter().map(|layer| &layer.observed).collect();
        let chosen = Chosen::of((self.layout, self.plan), &scored, regions);
        let (position, share) = chosen.most_frequent();
        let others: Vec<Vec<&Gathered>> = untrained.iter().map(|copy| copy.layers.iter().collect()).collect();
        let beyond_untrained = match others.is_empty() {
            true => None,
            false => Some(chosen.beyond(self.estimator, &scored, &others)?),
        };
        Ok(BestLayer {
            region: self.layout.region_name(column),
            layer: layers.indices[position],
            share,
            score: chosen.estimate(self.estimator, &scored)?,
            unique_gain: chosen.estimate(self.estimator, &gained)?,
            beyond_untrained,
        })
    }
}

impl Layers {
    fn of(&self, position: usize) -> (&WithNull, &WithNull, Option<&WithNull>) {
        (&self.score[position], &self.gain[position], self.contextual[position].as_ref())
    }
}

/// The rows of one layer, by column of the layout.
struct LayerRows<'a> {
    layer: usize,
    scored: Array2<f64>,
    score: (Vec<Estimate>, &'a Vec<GroupTests>),
    gain: (Vec<Estimate>, &'a Vec<GroupTests>),
    contextual: Option<(Vec<Estimate>, Vec<GroupTests>)>,
    baseline: Vec<f64>,
}

impl LayerRows<'_> {
    fn row(&self, layout: &Layout, column: usize) -> ProfileRow {
        ProfileRow {
            layer: self.layer,
            region: layout.region_name(column),
            n_participants: self.scored.column(column).iter().filter(|value| value.is_finite()).count(),
            score: self.score.0[column],
            score_tests: self.score.1[column],
            unique_gain: self.gain.0[column],
            unique_gain_tests: self.gain.1[column],
            contextual_gain: self.contextual.as_ref().map(|(estimates, _)| estimates[column]),
            contextual_gain_tests: self.contextual.as_ref().map(|(_, tests)| tests[column]),
            baseline_score: self.baseline[column],
        }
    }
}
