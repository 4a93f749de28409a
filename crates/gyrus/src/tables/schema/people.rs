//! Tables of what holds over people: contrasts, covariates, people with stories, voxels with their neighbours.

use super::{LANGUAGE_MODEL, LAYER, REGION, TableSchema, column};

/// `sweeps.tsv`
pub(super) const SWEEPS: TableSchema = TableSchema {
    file: "sweeps.tsv",
    row: "sweep × level × region: what a language model scores that knows more or less of the text (`contexts`, `scrambles`)",
    keys: 4,
    columns: &[
        LANGUAGE_MODEL,
        column("sweep", "context or scramble"),
        column(
            "level",
            "tokens of context, or what is in random order; those that know less of the text first",
        ),
        REGION,
        column("layer", "the layer that inner folds choose most often"),
        column("score", "held-out r, each fold at the layer that its inner folds choose"),
        column("score_low", "95 % interval over participants, lower end"),
        column("score_high", "upper end"),
        column("score_story_low", "95 % interval over blocks of the stimulus, lower end"),
        column("score_story_high", "upper end"),
        column("unique_gain", "gain over the low-level baseline at the same layers"),
        column("unique_gain_low", "95 % interval over participants, lower end"),
        column("unique_gain_high", "upper end"),
        column("unique_gain_story_low", "95 % interval over blocks of the stimulus, lower end"),
        column("unique_gain_story_high", "upper end"),
        column("finer", "the next level that knows less of the text; `n/a` for the first"),
        column("difference", "score minus that of this level, mean over participants"),
        column("difference_low", "95 % interval over participants, lower end"),
        column("difference_high", "upper end"),
        column("difference_story_low", "95 % interval over blocks of the stimulus, lower end"),
        column("difference_story_high", "upper end"),
        column(
            "p_sign_flip_corrected",
            "two-sided p of the difference over signs of participants, against the maximum over levels and regions (of the mean: over levels)",
        ),
        column("p_wilcoxon", "two-sided signed-rank test over participants, uncorrected"),
    ],
};

/// `contrasts.tsv`
pub(super) const CONTRASTS: TableSchema = TableSchema {
    file: "contrasts.tsv",
    row: "contrast × region: paired difference between layers or language models (`[[contrast]]`)",
    keys: 2,
    columns: &[
        column("contrast", "name"),
        REGION,
        column("of", "language model that is expected to score more; `n/a` for features without one"),
        column(
            "of_layer",
            "its layer: the one that was named, or the one that inner folds choose most often",
        ),
        column("of_share", "share of the folds at that layer"),
        column("minus", "language model that is taken away"),
        column("minus_layer", "its layer"),
        column("minus_share", "share of the folds at that layer"),
        column("difference", "difference of held-out r, mean over participants"),
        column("difference_low", "95 % interval over participants, lower end"),
        column("difference_high", "upper end"),
        column("difference_story_low", "95 % interval over blocks of the stimulus, lower end"),
        column("difference_story_high", "upper end"),
        column(
            "p_sign_flip_corrected",
            "two-sided, over signs of participants and the maximum over regions: for listeners like these and this story",
        ),
        column("p_wilcoxon", "two-sided signed-rank test over participants, uncorrected"),
        column("p_t", "two-sided t test over participants, uncorrected"),
        column(
            "of_features",
            "layer; untrained, random_embedding or shuffled (mean over seeds); baseline, or a feature of it",
        ),
        column("minus_features", "the same of what is taken away"),
    ],
};

/// `covariates.tsv`
pub(super) const COVARIATES: TableSchema = TableSchema {
    file: "covariates.tsv",
    row: "language model × quantity × covariate × group × region: slope over what is known of people (`[participants]`)",
    keys: 5,
    columns: &[
        LANGUAGE_MODEL,
        column("quantity", "score or unique_gain, at the layer that inner folds choose"),
        column("covariate", "column of the table of participants"),
        column("compared", "of groups: which minus which; `n/a` for numbers"),
        REGION,
        column("n_participants", "participants with a score and every covariate"),
        column(
            "slope",
            "difference of r per unit of the covariate, or between groups, the other covariates held",
        ),
        column("slope_low", "95 % interval by Student's t, lower end"),
        column("slope_high", "upper end"),
        column("t", "slope / standard error"),
        column("p_t", "two-sided p of t, uncorrected"),
        column(
            "p_permutation_corrected",
            "two-sided, over orders of people (Freedman and Lane) and the maximum over regions: for listeners like these and this story",
        ),
    ],
};

/// `people_and_stories.tsv`
pub(super) const PEOPLE_AND_STORIES: TableSchema = TableSchema {
    file: "people_and_stories.tsv",
    row: "language model × layer × region × quantity: people and stories as random effects together, where six or more whole stories are held out",
    keys: 4,
    columns: &[
        LANGUAGE_MODEL,
        LAYER,
        REGION,
        column("quantity", "score, unique_gain or contextual_gain"),
        column("value", "mean over people and stories"),
        column("value_low", "95 % interval for other people who hear other stories, lower end"),
        column("value_high", "upper end"),
        column(
            "p",
            "one-sided, Satterthwaite's degrees of freedom, of scores less the mean of each person's surrogates; uncorrected",
        ),
        column("sd_people", "standard deviation of r between people"),
        column("sd_stories", "standard deviation of r between stories"),
        column("n_stories", "stories"),
    ],
};

/// `clusters.tsv`
pub(super) const CLUSTERS: TableSchema = TableSchema {
    file: "clusters.tsv",
    row: "language model × layer × quantity × null: voxels that are significant with their neighbours (statistics.clusters)",
    keys: 4,
    columns: &[
        LANGUAGE_MODEL,
        LAYER,
        column("quantity", "score, unique_gain or contextual_gain"),
        column("null", "stimulus: surrogate features; sign_flip: signs of participants"),
        column("n_voxels", "voxels with a statistic"),
        column("n_significant", "voxels with p < .05, corrected over voxels × layers"),
        column("n_clusters", "connected sets of them"),
        column("largest", "voxels of the largest set"),
        column("smallest_p", "smallest corrected p"),
        column("peak", "voxel with the largest enhanced statistic"),
        column("peak_region", "its region"),
        column("peak_value", "group mean there"),
    ],
};
