//! The columns of every table, in one place: docs/reference/tables.md is written from here.

use std::fmt::Write;

/// A table.
#[derive(Debug, Clone, Copy)]
pub struct TableSchema {
    /// Its file below `tables/`.
    pub file: &'static str,
    /// What a row is.
    pub row: &'static str,
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

const fn column(name: &'static str, meaning: &'static str) -> Column {
    Column { name, meaning }
}

const LANGUAGE_MODEL: Column = column("language_model", "name of the language model");
const LAYER: Column = column("layer", "index of hidden_states: 0 = embedding");
const REGION: Column = column("region", "region; `mean` is the mean over regions");

/// Every table that is written as text. `scores.parquet` has one row per participant, language model, copy, layer and target.
pub const SCHEMA: &[TableSchema] = &[
    TableSchema {
        file: "layers.tsv",
        row: "language model × layer × region: held-out correlation and gains, mean over participants",
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
                "signs of participants, maximum over regions × layers: listeners like these, this stimulus",
            ),
            column("p_wilcoxon", "signed ranks of participants, uncorrected"),
            column("p_t", "Student's t over participants, uncorrected"),
        ],
    },
    TableSchema {
        file: "best_layer.tsv",
        row: "language model × region: the layer that inner folds choose",
        columns: &[
            LANGUAGE_MODEL,
            REGION,
            column("layer", "layer chosen most often over outer folds, by the inner-fold score of the group"),
            column("share", "share of the outer folds that chose it"),
            column("score", "held-out r, each outer fold at its choice"),
            column("score_low", "95 % interval over participants, lower end"),
            column("score_high", "upper end"),
            column("unique_gain", "gain over the low-level baseline at the same choices"),
            column("unique_gain_low", "95 % interval over participants, lower end"),
            column("unique_gain_high", "upper end"),
            column("beyond_untrained", "score minus the mean over untrained copies at their own choices"),
            column("beyond_untrained_low", "95 % interval over participants, lower end"),
            column("beyond_untrained_high", "upper end"),
        ],
    },
    TableSchema {
        file: "untrained.tsv",
        row: "language model × control × seed × layer × region",
        columns: &[
            LANGUAGE_MODEL,
            column("training", "untrained or random_embedding"),
            column("seed", "seed of the copy"),
            LAYER,
            REGION,
            column("score", "held-out r, mean over participants"),
        ],
    },
    TableSchema {
        file: "baseline.tsv",
        row: "band × region: what is explained without the language model",
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
        columns: &[
            REGION,
            column("leave_one_out_isc", "r with the mean of the others: a lower estimate"),
            column("root_pairwise_isc", "root of the mean pairwise r: an upper estimate"),
            column("shared_response", "ridge from the others' mean responses: a lower estimate"),
        ],
    },
    TableSchema {
        file: "hierarchy.tsv",
        row: "language model × region, from shallow to deep",
        columns: &[
            LANGUAGE_MODEL,
            REGION,
            column("centre_of_mass", "layer centre of mass of the group profile, in layers"),
            column("centre_low", "95 % interval over participants, lower end"),
            column("centre_high", "upper end"),
            column("significant", "whether some layer is significant, corrected"),
        ],
    },
    TableSchema {
        file: "alignments.tsv",
        row: "language model × way to bring words onto volumes × layer: mean over regions",
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
        columns: &[
            LANGUAGE_MODEL,
            column("question", "word rate, untrained, layer 0 or alignment"),
            column("outcome", "beyond, not_beyond or cannot_tell"),
            column("sentence", "the answer with its numbers"),
        ],
    },
];

/// The reference page.
#[must_use]
pub fn markdown() -> String {
    let mut text = "# Tables\n\nTab-separated, one header line, `n/a` where there is no number.\n".to_owned();
    for table in SCHEMA {
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
