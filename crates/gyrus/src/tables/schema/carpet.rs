//! Tables behind the carpet: responses of one recording over time, and what sources of noise did.

use super::{TableSchema, column};

/// `carpet.tsv`
pub(super) const CARPET: TableSchema = TableSchema {
    file: "carpet.tsv",
    row: "target × time of the recording from which cleaning took most: some targets through all regions",
    keys: 2,
    columns: &[
        column("target", "name of the target, region by region"),
        column(
            "time",
            "seconds from the first volume that is used; of a long recording the middle of several volumes",
        ),
        column(
            "before",
            "the response before cleaning, from the target's mean, in its standard deviations before cleaning",
        ),
        column("after", "the response after cleaning, in the same units"),
    ],
};

/// `carpet_traces.tsv`
pub(super) const TRACES: TableSchema = TableSchema {
    file: "carpet_traces.tsv",
    row: "source of noise × time of the same recording",
    keys: 2,
    columns: &[
        column("source", "motion, confounds, …"),
        column("time", "as in carpet.tsv"),
        column("value", "what it did, in units of the next column"),
        column(
            "unit",
            "`mm` of framewise displacement, or `sd`: root mean square of the source's regressors, each in its own standard deviations",
        ),
    ],
};
