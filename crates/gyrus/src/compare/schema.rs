//! The columns of what `gyrus compare` writes: docs/reference/compare.md is written from here.

use crate::tables::{Column, TableSchema, column, page};

const REGION: Column = column("region", "region; `mean` is the mean over regions");

/// Every table, by its file below the folder that `-o` names.
pub const SCHEMA: &[TableSchema] = &[
    TableSchema {
        file: "models.tsv",
        row: "study × language model × region, at the layer that inner folds choose",
        keys: 3,
        columns: &[
            column("study", "name of the study; its folder where two have one name"),
            column("language_model", "name of the language model"),
            REGION,
            column("n_parameters", "parameters of the language model"),
            column("layer", "the layer that inner folds choose most often"),
            column("share", "share of the folds that choose it"),
            column("n_participants", "participants with a score"),
            column("score", "held-out correlation r"),
            column("score_low", "95 % interval over participants, lower end"),
            column("score_high", "upper end"),
            column("score_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("score_story_high", "upper end"),
            column("story_reliable", "false where the recording is too short for that interval"),
            column("excess", "score less the mean over each person's surrogates"),
            column("excess_low", "95 % interval over participants, lower end"),
            column("excess_high", "upper end"),
            column("unique_gain", "gain over the low-level baseline"),
            column("unique_gain_low", "95 % interval over participants, lower end"),
            column("unique_gain_high", "upper end"),
            column("unique_gain_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("unique_gain_story_high", "upper end"),
            column("beyond_untrained", "score minus the mean over untrained copies"),
            column("beyond_untrained_low", "95 % interval over participants, lower end"),
            column("beyond_untrained_high", "upper end"),
            column("beyond_untrained_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("beyond_untrained_story_high", "upper end"),
            column("ceiling_kind", "which noise ceiling"),
            column("ceiling", "its value, on the same folds"),
            column("normalised", "score / ceiling, unclamped, of that layer in all folds"),
            column("folds", "what is held out"),
            column("baseline", "bands of the low-level baseline"),
        ],
    },
    TableSchema {
        file: "differences.tsv",
        row: "pair of language models × region × quantity: difference paired over participants",
        keys: 6,
        columns: &[
            column("of_study", "study of what is compared"),
            column("of", "its language model"),
            column("minus_study", "study of what is taken away"),
            column("minus", "its language model"),
            REGION,
            column(
                "quantity",
                "score; excess (less the mean over each person's surrogates); unique_gain (over the low-level baseline)",
            ),
            column("n_participants", "participants with both, from the same recordings, in the same folds"),
            column("n_left_out", "participants of either study who are not paired"),
            column("difference", "mean over participants"),
            column("difference_low", "95 % interval over participants, lower end"),
            column("difference_high", "upper end"),
            column("difference_story_low", "95 % interval over blocks of the stimulus, lower end"),
            column("difference_story_high", "upper end"),
            column(
                "p_wilcoxon",
                "two-sided signed-rank test over participants, for this stimulus; uncorrected",
            ),
            column("q_wilcoxon", "the same adjusted over all rows of the quantity by Benjamini and Hochberg"),
            column("p_t", "two-sided t test over participants, uncorrected"),
            column("settings", "settings that differ beside the language model"),
            column(
                "story_reason",
                "why there is no interval over the story, or why to distrust it: participants_differ, not_by_block, few_blocks, no_scores",
            ),
            column(
                "reason",
                "why there is no difference, or no interval: targets_differ, no_common_participants, recordings_differ, folds_differ, baselines_differ, older_version, no_scores, one_participant",
            ),
        ],
    },
    TableSchema {
        file: "scaling.tsv",
        row: "property × quantity × region × statistic, over language models (`--against`)",
        keys: 4,
        columns: &[
            column("property", "column of the table of properties"),
            column("quantity", "score, excess or unique_gain"),
            REGION,
            column(
                "statistic",
                "slope_per_decade, intercept and residual_of_line of score = a + b log10 n; percent_per_decade, of the score at the smallest property; saturation_limit, saturation_scale and residual_of_curve of score = v0 (1 - exp(-n / tau)); pearson and spearman of the group's score with the property; pearson_by_person, mean of everybody's own",
            ),
            column("value", "the number"),
            column("low", "95 % interval over participants, lower end"),
            column("high", "upper end"),
            column("n_points", "language models with the property"),
            column("n_participants", "participants, by name, with a score of all of them"),
            column(
                "differ",
                "in what the studies differ beside the property: recordings, cleaning, folds, settings",
            ),
            column(
                "reason",
                "why there is no number: property_not_positive, reference_not_positive, too_few_points, does_not_grow, does_not_bend, limit_not_positive, targets_differ, no_common_participants, older_version",
            ),
        ],
    },
];

/// The page docs/reference/compare.md.
#[must_use]
pub fn markdown() -> String {
    let beginning = "# Files of `gyrus compare`\n\nIn the folder that `-o` names. Tab-separated, one header line, `n/a` where there is no number. \
                     `scaling.tsv` has rows with `--against` only.\n\n\
                     `--against` takes a table with the columns `study`, `language_model` and one or more properties \
                     (`parameters`, `hours`, `training_steps`, `next_word_accuracy`, any name). `study` is as in `models.tsv`, or the folder as \
                     it is given; a cell that is empty or `n/a` leaves the language model out of that property.\n\n\
                     `models.svg` and `differences.svg` draw the mean over regions; `scaling-1.svg`, … each property. `index.html` shows \
                     all of it on one page.\n";
    page(beginning, SCHEMA)
}
