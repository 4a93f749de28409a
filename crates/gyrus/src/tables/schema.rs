//! The columns of every table, in one place: docs/reference/tables.md is written from here.

mod carpet;
mod depth;
mod people;

use std::fmt::Write;

/// A table.
#[derive(Debug, Clone, Copy)]
pub struct TableSchema {
    /// Its file below `tables/`.
    pub file: &'static str,
    /// What a row is.
    pub row: &'static str,
    /// How many of the first columns name a row.
    pub keys: usize,
    /// Its columns, in order.
    pub columns: &'static [Column],
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// What it holds, with its unit.
    pub meaning: &'static str,
}

pub(crate) const fn column(name: &'static str, meaning: &'static str) -> Column {
    Column { name, meaning }
}

const LANGUAGE_MODEL: Column = column("language_model", "name of the language model");
const LAYER: Column = column("layer", "index of hidden_states: 0 = embedding");
const REGION: Column = column(
    "region",
    "region; `mean` is the mean over regions (a region of that name is written `region mean`)",
);

/// Every table that is written as text. `scores.parquet` has one row per participant, language model, copy, layer and target.
pub const SCHEMA: &[TableSchema] = &[
    TableSchema {
        file: "layers.tsv",
        row: "language model × layer × region: held-out correlation and gains, mean over participants",
        keys: 3,
        columns: &[
            LANGUAGE_MODEL,
            LAYER,
            REGION,
            column("n_participants", "participants behind the mean"),
            column("score", "held-out correlation r, mean over folds"),
            column("score_low", "95 % interval over participants, lower end"),
            column("score_high", "upper end"),
            column("score_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("score_story_high", "upper end"),
            column("story_reliable", "false where the recording is too short for that interval"),
            column("baseline_score", "r of the low-level baseline"),
            column("unique_gain", "r of baseline and layer minus r of the baseline, banded"),
            column("unique_gain_low", "95 % interval over participants, lower end"),
            column("unique_gain_high", "upper end"),
            column("unique_gain_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("unique_gain_story_high", "upper end"),
            column("contextual_gain", "the same over the baseline with layer 0"),
            column("contextual_gain_low", "95 % interval over participants, lower end"),
            column("contextual_gain_high", "upper end"),
            column("contextual_gain_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("contextual_gain_story_high", "upper end"),
        ],
    },
    TableSchema {
        file: "group.tsv",
        row: "language model × layer × region × quantity: tests of the group mean",
        keys: 4,
        columns: &[
            LANGUAGE_MODEL,
            LAYER,
            REGION,
            column("quantity", "score, unique_gain or contextual_gain"),
            column("value", "group mean"),
            column("null_mean", "mean of the surrogates' group means"),
            column("null_95", "their 95th percentile"),
            column("excess", "value minus null_mean"),
            column("p_stimulus", "surrogate features, refitted, the same for everybody"),
            column("p_stimulus_corrected", "the same against the maximum over regions × layers"),
            column(
                "p_sign_flip_corrected",
                "signs of participants, of the normal excess of each over their own surrogates (without surrogates, of the value), maximum over regions × layers: listeners like these, this stimulus",
            ),
            column("p_wilcoxon", "signed ranks of the same, uncorrected"),
            column("p_t", "Student's t of the same, uncorrected"),
            column(
                "q_stimulus",
                "p_stimulus adjusted for the false discovery rate over regions × layers (Benjamini and Hochberg)",
            ),
            column("q_stimulus_any", "the same for any dependence between tests (Benjamini and Yekutieli)"),
            column(
                "p_stimulus_tail",
                "p_stimulus by a distribution fitted to the largest tenth of the surrogates where fewer than ten reach the value: may be below 1 / (surrogates + 1); n/a where fewer than ten of fewer than 200 reach it",
            ),
            column(
                "p_stimulus_corrected_tail",
                "p_stimulus_corrected in the same way, by the largest maxima",
            ),
        ],
    },
    TableSchema {
        file: "best_layer.tsv",
        row: "language model × region: the layer that inner folds choose",
        keys: 2,
        columns: &[
            LANGUAGE_MODEL,
            REGION,
            column("layer", "layer chosen most often over outer folds, by the inner-fold score of the group"),
            column("share", "share of the outer folds that chose it"),
            column("score", "held-out r, each outer fold at its choice"),
            column("score_low", "95 % interval over participants, lower end"),
            column("score_high", "upper end"),
            column("score_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("score_story_high", "upper end"),
            column("unique_gain", "gain over the low-level baseline at the same choices"),
            column("unique_gain_low", "95 % interval over participants, lower end"),
            column("unique_gain_high", "upper end"),
            column("unique_gain_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("unique_gain_story_high", "upper end"),
            column("beyond_untrained", "score minus the mean over untrained copies at their own choices"),
            column("beyond_untrained_low", "95 % interval over participants, lower end"),
            column("beyond_untrained_high", "upper end"),
            column("beyond_untrained_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("beyond_untrained_story_high", "upper end"),
        ],
    },
    TableSchema {
        file: "untrained.tsv",
        row: "language model × control × seed × layer × region",
        keys: 5,
        columns: &[
            LANGUAGE_MODEL,
            column("training", "untrained, random_embedding or shuffled"),
            column("seed", "seed of the copy"),
            LAYER,
            REGION,
            column("score", "held-out r, mean over participants"),
        ],
    },
    TableSchema {
        file: "baseline.tsv",
        row: "band × region: what is explained without the language model",
        keys: 2,
        columns: &[
            column("band", "a feature, or `baseline` for what gains are taken over"),
            REGION,
            column("score", "held-out r"),
            column("score_low", "95 % interval over participants, lower end"),
            column("score_high", "upper end"),
            column("score_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("score_story_high", "upper end"),
        ],
    },
    TableSchema {
        file: "ceilings.tsv",
        row: "region: estimates of the best reachable r, on the folds of the scores",
        keys: 1,
        columns: &[
            REGION,
            column("leave_one_out_isc", "r with the mean of the others: a lower estimate"),
            column("root_pairwise_isc", "root of the mean pairwise r: an upper estimate"),
            column("shared_response", "ridge from the others' mean responses: a lower estimate"),
            column("split_half", "root of one participant's reliability, from halves: an upper estimate"),
            column("extrapolated_isc", "r with the mean of endlessly many others: an upper estimate"),
            column("signal_power", "root of the signal's share of power, from repeats: an upper estimate"),
            column("signal_to_noise", "the same from the variance between repeats: an upper estimate"),
            column(
                "explainable_variance",
                "unbiased share of variance that repeats explain: no ceiling of r",
            ),
        ],
    },
    TableSchema {
        file: "normalised.tsv",
        row: "language model × region × kind of ceiling: the score of the layer that inner folds choose as a share of it",
        keys: 3,
        columns: &[
            LANGUAGE_MODEL,
            REGION,
            column("ceiling_kind", "a column of ceilings.tsv; kinds of which there is none are left out"),
            column("bound", "`lower` or `upper` estimate"),
            LAYER,
            column(
                "score",
                "held-out r of the layer, mean over cells (participant, target) with score and ceiling",
            ),
            column("ceiling", "mean over the same cells"),
            column("normalised", "score / ceiling, unclamped; n/a with a reason"),
            column("above_ceiling", "true where it is above 1"),
            column("n_cells", "cells with score and ceiling"),
            column("n_left_out", "cells with a score and no ceiling"),
            column(
                "reason",
                "`no_ceiling`, `few_ceilings` (in fewer than half of the cells), `ceiling_too_small` (below .05)",
            ),
        ],
    },
    TableSchema {
        file: "hierarchy.tsv",
        row: "language model × region, from shallow to deep",
        keys: 2,
        columns: &[
            LANGUAGE_MODEL,
            REGION,
            column("centre_of_mass", "layer centre of mass of the group profile, in layers"),
            column("centre_low", "95 % interval over participants, lower end"),
            column("centre_high", "upper end"),
            column("significant", "whether some layer is significant, corrected"),
            column("reference", "value in the order of the brain that `[hierarchy]` names"),
            column("ceiling", "leave-one-out ceiling, mean over participants, where there is a reference"),
        ],
    },
    TableSchema {
        file: "alignments.tsv",
        row: "language model × way to bring words onto volumes × layer: mean over regions",
        keys: 3,
        columns: &[
            LANGUAGE_MODEL,
            column("alignment", "sum, centred sum, mean, or the study's own"),
            LAYER,
            column("score", "held-out r"),
            column("score_low", "95 % interval over participants, lower end"),
            column("score_high", "upper end"),
            column("score_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("score_story_high", "upper end"),
        ],
    },
    TableSchema {
        file: "participants.tsv",
        row: "participant: what cleaning did",
        keys: 1,
        columns: &[
            column("participant", "name"),
            column("n_samples", "volumes analysed"),
            column("n_regressors", "regressors of the one projection"),
            column("degrees_of_freedom", "volumes minus rank"),
            column("variance_removed", "share of variance per source, `name=share` joined by semicolons"),
            column("excluded", "reason code"),
        ],
    },
    TableSchema {
        file: "excluded.tsv",
        row: "what was left out",
        keys: 3,
        columns: &[
            column("participant", "name"),
            column("run", "stimulus"),
            column("target", "target; n/a for the whole recording"),
            column(
                "reason",
                "reason code: all_zero, constant, non_finite, constant_in_fold, or what the study says",
            ),
        ],
    },
    TableSchema {
        file: "verdicts.tsv",
        row: "language model × question",
        keys: 2,
        columns: &[
            LANGUAGE_MODEL,
            column("question", "word rate, untrained, layer 0 or alignment"),
            column("outcome", "beyond, not_beyond or cannot_tell"),
            column("difference", "difference of held-out r that the answer is about"),
            column("difference_low", "95 % interval over participants, lower end"),
            column("difference_high", "upper end"),
            column("difference_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("difference_story_high", "upper end"),
            column("story_reliable", "false where the recording is too short for that interval"),
            column("p", "uncorrected p of the difference under the stimulus null"),
            column("lag", "lag of the largest correlation with the word rate, in seconds"),
            column("sentence", "the answer with its numbers"),
        ],
    },
    TableSchema {
        file: "language_models.tsv",
        row: "language model",
        keys: 1,
        columns: &[
            LANGUAGE_MODEL,
            column("family", "family of architectures"),
            column("n_parameters", "number of parameters"),
            column("width", "units per layer"),
            column("n_layers", "layers that were scored"),
            column("first_layer", "lowest layer that was scored"),
            column("last_layer", "highest layer that was scored"),
            column("last_of_network", "index of the last layer that the language model has"),
            column("context", "most tokens that a token sees"),
            column("pooling", "how a word's tokens become one vector"),
            column("reading", "history, order and sites where they are not the usual ones; empty otherwise"),
            column("untrained_seeds", "untrained copies"),
        ],
    },
    TableSchema {
        file: "stimuli.tsv",
        row: "stimulus",
        keys: 1,
        columns: &[
            column("stimulus", "name"),
            column("words", "number of words"),
            column("seconds", "length in seconds"),
        ],
    },
    TableSchema {
        file: "untrained_range.tsv",
        row: "language model × layer × region: untrained copies together",
        keys: 3,
        columns: &[
            LANGUAGE_MODEL,
            LAYER,
            REGION,
            column("n_seeds", "untrained copies with a score"),
            column("lowest", "lowest held-out r over copies"),
            column("mean", "mean over copies"),
            column("highest", "highest"),
        ],
    },
    TableSchema {
        file: "hierarchy_summary.tsv",
        row: "language model: the order of regions as a whole",
        keys: 1,
        columns: &[
            LANGUAGE_MODEL,
            column("n_regions", "regions"),
            column("n_significant", "regions with a significant layer"),
            column(
                "split_half_reliability",
                "Spearman correlation of depths between halves of the participants",
            ),
            column("p", "p that regions differ in depth"),
            column("note", "what the p means, or why there is none"),
        ],
    },
    depth::HIERARCHY_INDEX,
    depth::HIERARCHY_PARTICIPANTS,
    TableSchema {
        file: "lag_scan.tsv",
        row: "lag: how well word rate predicts responses that many seconds later",
        keys: 1,
        columns: &[
            column("lag", "seconds from word to response"),
            column("correlation", "r of word rate and responses, mean over participants and regions"),
        ],
    },
    TableSchema {
        file: "rate_in_layers.tsv",
        row: "language model × layer",
        keys: 2,
        columns: &[
            LANGUAGE_MODEL,
            LAYER,
            column("share", "share of the features' variance that word rate explains, 0 to 1"),
        ],
    },
    TableSchema {
        file: "variance_removed.tsv",
        row: "participant × source of noise",
        keys: 2,
        columns: &[
            column("participant", "name"),
            column("source", "drift, confounds, …, in the order they were taken out"),
            column("share", "share of the responses' variance, mean over targets, 0 to 1"),
        ],
    },
    TableSchema {
        file: "cleaning.tsv",
        row: "participant × run",
        keys: 2,
        columns: &[
            column("participant", "name"),
            column("run", "stimulus"),
            column("n_samples", "volumes"),
            column("n_regressors", "regressors of the one projection, the constant included"),
            column("rank", "dimensions that were projected out"),
            column("degrees_of_freedom", "volumes minus rank"),
            column(
                "condition",
                "largest over smallest singular value of the regressors, each scaled to unit length",
            ),
            column("dropped", "regressors that repeat others, joined by semicolons"),
        ],
    },
    TableSchema {
        file: "variance_by_region.tsv",
        row: "participant × run × source of noise × region",
        keys: 4,
        columns: &[
            column("participant", "name"),
            column("run", "stimulus"),
            column("source", "drift, motion, …, in the order they were taken out"),
            column("region", "region"),
            column("share", "share of the responses' variance, mean over the region's targets, 0 to 1"),
        ],
    },
    carpet::CARPET,
    carpet::TRACES,
    TableSchema {
        file: "physiology.tsv",
        row: "participant × run × signal of the body (`denoise.physiology`)",
        keys: 3,
        columns: &[
            column("participant", "name"),
            column("run", "stimulus"),
            column("signal", "cardiac, respiratory or eye"),
            column("sampling_rate", "samples per second"),
            column("start", "seconds from the first volume to the first sample"),
            column("peaks", "beats, breaths or blinks that were found"),
            column("per_minute", "cycles per minute, mean over the recording"),
            column(
                "plausible",
                "share of the intervals between peaks that are plausible, 0 to 1; of the eye: of the samples in which it was found",
            ),
            column("explained", "share of the variance of the filtered trace that a mean cycle explains"),
        ],
    },
    TableSchema {
        file: "noise.tsv",
        row: "language model × source of noise × region: what taking the source out does to the score (`denoise.compare`)",
        keys: 3,
        columns: &[
            LANGUAGE_MODEL,
            column("source", "what was left in the responses: drift, motion, …, or all sources"),
            REGION,
            column(
                "variance_removed",
                "share of the variance of the responses that it takes out, mean over runs",
            ),
            column("cleaned", "held-out r of the study, at the layer that inner folds choose"),
            column("left_in", "the same with the source left in, at the layer that inner folds choose then"),
            column("difference", "what its removal adds to r, mean over participants"),
            column("difference_low", "95 % interval over participants, lower end"),
            column("difference_high", "upper end"),
            column("difference_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("difference_story_high", "upper end"),
        ],
    },
    TableSchema {
        file: "forecast.tsv",
        row: "language model × window × region: what a window of words adds to a layer (`[forecast]`)",
        keys: 3,
        columns: &[
            LANGUAGE_MODEL,
            column("window", "words from each word to the last of its window, or `random` and a seed"),
            REGION,
            column("layer", "layer of which both bands hold vectors"),
            column("distance", "the window as a number; `n/a` for windows from random places"),
            column("alone", "held-out r of the layer alone"),
            column("with_window", "held-out r with the window as a further band"),
            column("forecast", "what the window adds to r, mean over participants: the forecast score"),
            column("forecast_low", "95 % interval over participants, lower end"),
            column("forecast_high", "upper end"),
            column("forecast_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("forecast_story_high", "upper end"),
            column(
                "beyond_random",
                "r with the window minus r with windows from random places, mean over seeds; `n/a` for these",
            ),
            column("beyond_random_low", "95 % interval over participants, lower end"),
            column("beyond_random_high", "upper end"),
            column("beyond_random_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("beyond_random_story_high", "upper end"),
            column(
                "p_sign_flip_corrected",
                "two-sided p of the forecast score over signs of participants, against the maximum over distances and regions (of the mean: over distances)",
            ),
            column("p_wilcoxon", "two-sided p of the signed-rank test, uncorrected"),
        ],
    },
    TableSchema {
        file: "data_quality.tsv",
        row: "quantity, over the participants that were analysed",
        keys: 1,
        columns: &[
            column(
                "quantity",
                "n_samples, n_regressors, degrees_of_freedom, or a source of noise whose share of variance was removed",
            ),
            column("lowest", "over participants"),
            column("median", "over participants"),
            column("highest", "over participants"),
        ],
    },
    TableSchema {
        file: "checks.tsv",
        row: "tripwire or alarm",
        keys: 1,
        columns: &[
            column(
                "check",
                "autocorrelation_tripwire: r of a design that knows no language; autocorrelation_lowest, autocorrelation_highest: the same in the regions where it is lowest and highest; penalties_low_edge, penalties_high_edge, penalties_chosen: counts; penalties_edge_share: 0 to 1",
            ),
            column("value", "its value"),
        ],
    },
    people::CONTRASTS,
    people::SWEEPS,
    people::COVARIATES,
    people::PEOPLE_AND_STORIES,
    people::CLUSTERS,
    TableSchema {
        file: "methods.tsv",
        row: "number or choice of the methods paragraph",
        keys: 1,
        columns: &[column("item", "what it is"), column("value", "number or words"), column("unit", "unit")],
    },
    TableSchema {
        file: "warnings.tsv",
        row: "warning",
        keys: 1,
        columns: &[
            column("number", "counted from 1"),
            column("warning", "what to know before believing the numbers"),
        ],
    },
    TableSchema {
        file: "notes.tsv",
        row: "note",
        keys: 1,
        columns: &[
            column("number", "counted from 1"),
            column("note", "what was done as it should be, and is worth a line"),
        ],
    },
];

/// The reference page.
#[must_use]
pub fn markdown() -> String {
    page("# Tables\n\nTab-separated, one header line, `n/a` where there is no number.\n", SCHEMA)
}

/// A page of the reference: how it begins, and some tables.
pub(crate) fn page(beginning: &str, tables: &[TableSchema]) -> String {
    let mut text = beginning.to_owned();
    for table in tables {
        let _ = write!(
            text,
            "\n## {}\n\nOne row per {}.\n\n| column | meaning |\n|---|---|\n",
            table.file, table.row
        );
        for column in table.columns {
            let _ = writeln!(text, "| `{}` | {} |", column.name, column.meaning);
        }
    }
    text
}
