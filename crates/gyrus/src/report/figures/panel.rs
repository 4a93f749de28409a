//! What a panel of layers shows: score with both intervals, controls, null and ceilings of one region.

use super::super::book::{Book, Printed};
use super::super::number::{Format, Number};
use super::super::prose::{Prose, interval, prose};
use crate::results::LanguageModelResults;
use crate::tables;

/// A language model in one region.
pub(in crate::report) struct Profile {
    /// None is the mean over regions.
    pub region: Option<String>,
    pub layers: Vec<Layer>,
    pub baseline: Number,
    pub ceilings: Ceilings,
    /// The layer that inner folds choose.
    pub best: Number,
}

/// One layer of it.
pub(in crate::report) struct Layer {
    pub layer: usize,
    pub score: Printed,
    pub null_mean: Number,
    pub null_95: Number,
    pub p_corrected: Number,
    /// Lowest, mean and highest of the untrained copies.
    pub untrained: [Number; 3],
}

/// Estimates of the best reachable score.
pub(in crate::report) struct Ceilings {
    pub lower: Number,
    pub upper: Number,
    pub shared: Number,
}

/// A region's panel beside others: all share the vertical range.
pub(in crate::report) struct Panel {
    pub profiles: Vec<Profile>,
    pub y: (f64, f64),
}

impl Panel {
    /// Every region of a language model, the mean over regions last.
    pub(in crate::report) fn of(book: &Book, model: &LanguageModelResults, regions: &[String]) -> Self {
        let names = regions.iter().cloned().map(Some).chain([None]);
        let profiles: Vec<Profile> = names.map(|region| Profile::of(book, model, region)).collect();
        let y = super::axes::range(profiles.iter().flat_map(Profile::values));
        Self { profiles, y }
    }
}

impl Profile {
    pub(in crate::report) fn of(book: &Book, model: &LanguageModelResults, region: Option<String>) -> Self {
        let key = tables::words(&model.name);
        let place = tables::region(region.as_ref());
        let ceilings = book.row("ceilings.tsv", &[&place]);
        let ceiling = |column: &str| ceilings.number(column, Format::Correlation);
        let layers: Vec<Layer> =
            model.layers.iter().map(|layer| Layer::of(book, (&key, &place), *layer)).collect();
        let first = model.layers.first().map(ToString::to_string).unwrap_or_default();
        Self {
            baseline: book
                .row("layers.tsv", &[&key, &first, &place])
                .number("baseline_score", Format::Correlation),
            best: book.row("best_layer.tsv", &[&key, &place]).number("layer", Format::Count),
            ceilings: Ceilings {
                lower: ceiling("leave_one_out_isc"),
                upper: ceiling("root_pairwise_isc"),
                shared: ceiling("shared_response"),
            },
            layers,
            region,
        }
    }

    /// Everything that must fit on the paper.
    pub(in crate::report) fn values(&self) -> Vec<f64> {
        let of_layer = |layer: &Layer| {
            let ends = layer.score.people.iter().chain(&layer.score.story).chain(&layer.untrained);
            let ends = ends.chain([&layer.score.value, &layer.null_mean, &layer.null_95]);
            ends.map(|number| number.value).collect::<Vec<_>>()
        };
        let alone = [&self.baseline, &self.ceilings.lower, &self.ceilings.upper];
        let alone = alone.map(|number| number.value);
        self.layers.iter().flat_map(of_layer).chain(alone).collect()
    }

    pub(in crate::report) fn is_best(&self, layer: &Layer) -> bool {
        self.best.value == layer.layer as f64
    }

    /// In words, with the numbers.
    pub(in crate::report) fn description(&self) -> Prose {
        let layers = self.layers.iter().map(|layer| {
            let score = &layer.score;
            let mut words = prose!["layer ", layer.layer.to_string(), " r = ", score.value.clone(), " "];
            words.add(interval(&score.people));
            words
        });
        let mut words = prose!["Held-out correlation with its interval over participants: "];
        words.add(Prose::list(layers.collect(), "; "));
        words.add(prose![". Baseline ", self.baseline.clone()]);
        words.add(prose![
            "; noise ceiling ",
            self.ceilings.lower.clone(),
            " (lower estimate) to ",
            self.ceilings.upper.clone(),
            " (upper estimate)."
        ]);
        words
    }
}

impl Layer {
    fn of(book: &Book, (model, place): (&str, &str), layer: usize) -> Self {
        let index = layer.to_string();
        let tests = book.row("group.tsv", &[model, &index, place, "score"]);
        let copies = book.row("untrained_range.tsv", &[model, &index, place]);
        Self {
            layer,
            score: book.row("layers.tsv", &[model, &index, place]).estimate("score"),
            null_mean: tests.number("null_mean", Format::Correlation),
            null_95: tests.number("null_95", Format::Correlation),
            p_corrected: tests.number("p_stimulus_corrected", Format::Probability),
            untrained: ["lowest", "mean", "highest"].map(|column| copies.number(column, Format::Correlation)),
        }
    }

    /// What stands beside the mark.
    pub(in crate::report) fn hint(&self) -> Prose {
        let mut words =
            prose!["layer ", self.layer.to_string(), ": r = ", self.score.value.clone(), ", participants "];
        words.add(interval(&self.score.people));
        words.add(prose![", story "]);
        words.add(interval(&self.score.story));
        words.add(prose![", corrected p ", self.p_corrected.clone()]);
        words
    }
}
