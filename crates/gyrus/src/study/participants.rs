//! `[participants]`: what is known of people, and what of it scores are compared with.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[participants]`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParticipantsSection {
    /// A table with a row per participant, such as `participants.tsv` of a BIDS data set.
    pub table: PathBuf,
    /// The column with their names, with or without `sub-`.
    #[serde(default = "id_column")]
    pub id_column: String,
    /// Columns whose slopes are estimated together: numbers, or labels of groups.
    pub covariates: Vec<String>,
}

fn id_column() -> String {
    "participant_id".to_owned()
}
