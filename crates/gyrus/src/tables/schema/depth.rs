//! Tables of how depth in the network follows an order of the brain.

use super::{LANGUAGE_MODEL, TableSchema, column};

/// `hierarchy_index.tsv`
pub(super) const HIERARCHY_INDEX: TableSchema = TableSchema {
    file: "hierarchy_index.tsv",
    row: "language model × trained or untrained × seed: depth over regions against the order of the brain (`[hierarchy]`)",
    keys: 3,
    columns: &[
        LANGUAGE_MODEL,
        column("training", "trained or untrained"),
        column("seed", "seed of the untrained copy; `n/a` for the trained network"),
        column("reference", "what regions are ranked by"),
        column(
            "n_regions",
            "regions with a significant layer in the trained network, a depth and a reference value",
        ),
        column(
            "rho",
            "Spearman's correlation over regions of the depth of the group profile with the reference",
        ),
        column("rho_low", "95 % interval over participants, lower end"),
        column("rho_high", "upper end"),
        column("rho_story_low", "95 % interval over blocks of the stimulus, lower end"),
        column("rho_story_high", "upper end"),
        column("ceiling_regressed", "whether ranks of the ceiling are regressed out of both"),
        column("null", "maps that the index is compared with: spins, variogram or exchangeable"),
        column("null_low", "lower end of the middle 95 % of their correlations"),
        column("null_high", "upper end"),
        column("p", "two-sided, against the maps"),
        column(
            "reason",
            "why there is no p: `too_few_regions` (below 20; below 5 no rho either) or `constant`",
        ),
        column("participants_mean", "mean of the participants' own indices"),
        column("participants_low", "its 95 % interval over participants, lower end"),
        column("participants_high", "upper end"),
        column(
            "p_participants",
            "two-sided signed ranks of the participants' indices, these regions and this story taken for given; never below 20 regions",
        ),
        column("participants_n_regions", "regions in which every participant has a depth"),
    ],
};

/// `hierarchy_participants.tsv`
pub(super) const HIERARCHY_PARTICIPANTS: TableSchema = TableSchema {
    file: "hierarchy_participants.tsv",
    row: "language model × participant: index of that participant's own depths",
    keys: 2,
    columns: &[
        LANGUAGE_MODEL,
        column("participant", "name"),
        column("rho", "Spearman's correlation over regions, as in `hierarchy_index.tsv`"),
    ],
};
