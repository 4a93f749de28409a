//! What is known of public data sets beside their names: clocks, trims, the order of runs, exclusions, and where words are.

mod alice;
#[cfg(feature = "download")]
mod bring;
mod fetch;
mod lebel;
mod little_prince;
mod narratives;
mod tree;

use std::path::Path;

#[cfg(feature = "download")]
pub use bring::bring;
pub use fetch::{Missing, Wanted, missing};

use crate::Error;
use crate::init::{Draft, Request};

/// A public data set whose files need more than their names to be read rightly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipe {
    /// Nastase et al. (2021), OpenNeuro ds002345.
    Narratives,
    /// LeBel et al. (2023), OpenNeuro ds003020.
    Lebel,
    /// Li et al. (2022), OpenNeuro ds003643.
    LittlePrince,
    /// Bhattasali et al. (2020), OpenNeuro ds002322.
    Alice,
}

impl Recipe {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Narratives, Self::Lebel, Self::LittlePrince, Self::Alice];

    /// The word for it on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Narratives => "narratives",
            Self::Lebel => "lebel",
            Self::LittlePrince => "little-prince",
            Self::Alice => "alice",
        }
    }

    /// Its name at OpenNeuro.
    #[must_use]
    pub fn accession(self) -> &'static str {
        match self {
            Self::Narratives => "ds002345",
            Self::Lebel => "ds003020",
            Self::LittlePrince => "ds003643",
            Self::Alice => "ds002322",
        }
    }

    /// The recipe of a folder, by the DOI in its dataset_description.json.
    #[must_use]
    pub fn of(folder: &Path) -> Option<Self> {
        let text = std::fs::read_to_string(folder.join("dataset_description.json")).ok()?;
        let described: serde_json::Value = serde_json::from_str(&text).ok()?;
        let doi = described.get("DatasetDOI")?.as_str()?;
        Self::ALL.into_iter().find(|recipe| doi.contains(recipe.accession()))
    }

    pub(crate) fn draft(self, request: &Request) -> Result<Draft, Error> {
        match self {
            Self::Narratives => narratives::draft(request),
            Self::Lebel => lebel::draft(request),
            Self::LittlePrince => little_prince::draft(request),
            Self::Alice => alice::draft(request),
        }
    }

    /// Files that studies of a data set need, below its folder.
    fn files(self, folder: &Path) -> Result<Vec<tree::File>, Error> {
        match self {
            Self::Narratives => narratives::files(folder),
            Self::Lebel => lebel::files(folder),
            Self::LittlePrince => little_prince::files(folder),
            Self::Alice => alice::files(folder),
        }
    }

    /// What has to be known of files that lie elsewhere.
    fn elsewhere(self) -> &'static [&'static str] {
        match self {
            Self::Narratives => narratives::ELSEWHERE,
            Self::Lebel | Self::LittlePrince | Self::Alice => &[],
        }
    }
}

/// Lines of `[bids]` where a data set has no brain mask.
const WITHOUT_MASK: &str = "\
# mask = \"mask.nii.gz\"           # of the brain, in MNI space; or:
# atlas = \"atlas.nii.gz\"         # regions; with targets = \"parcels\" their means are predicted
# atlas_labels = \"atlas.tsv\"
resample = true                 # the mask or the atlas may have another grid
";

/// An error about the folder of a data set that is not as its recipe knows it.
fn other(path: &Path, found: String, expected: &str) -> Error {
    Error::Unusable { path: path.to_owned(), found, expected: expected.to_owned() }
}
