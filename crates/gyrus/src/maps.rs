//! Maps: statistics of voxels and vertices as images with JSON files beside them, laid out as a BIDS derivative.

mod files;
mod pictures;

use std::path::{Path, PathBuf};

use gyrus_io::scan::Layout;
use ndarray::s;

use crate::Error;
use crate::brain::Brain;
use crate::inputs::{Inputs, Voxels};
use crate::plan::Plan;
use crate::results::Results;
use crate::store::{Arrays, Store};
use crate::surface::Surface;
use crate::volume::Volume;
use pictures::Artist;

/// A statistic of a quantity: ending of its array, of its file name, its intent code (nifti1.h) and what it is.
type Statistic = (&'static str, &'static str, i16, &'static str);

const ESTIMATE: i16 = 1001;
const P_VALUE: i16 = 22;

const QUANTITIES: [(&str, &str, &str); 3] = [
    ("score", "Score", "held-out correlation of the layer's prediction with the responses, mean over folds"),
    (
        "gain",
        "UniqueGain",
        "difference of held-out correlations: low-level baseline with the layer, less the baseline alone",
    ),
    (
        "contextual",
        "ContextualGain",
        "difference of held-out correlations: baseline and layer 0 with the layer, less baseline and layer 0",
    ),
];

const STATISTICS: [Statistic; 5] = [
    ("_mean", "mean", ESTIMATE, "mean over participants"),
    ("_p", "p", P_VALUE, "p of the mean over participants against surrogate features, uncorrected"),
    ("_p_corrected", "pcorrected", P_VALUE, "p against the largest of all targets and layers (family-wise)"),
    (
        "_clusters_stimulus",
        "pclusters",
        P_VALUE,
        "p with neighbours against surrogate features (family-wise over the map and layers; methods.md says how)",
    ),
    (
        "_clusters_sign_flip",
        "pclusterssignflip",
        P_VALUE,
        "p with neighbours against signs of participants (family-wise over the map and layers; methods.md says how)",
    ),
];

/// What the page shows of maps; nothing where targets are not voxels, or nobody knows where the voxels lie.
#[derive(Default)]
pub(crate) struct Pictures {
    /// From all sides, one per language model.
    pub(crate) brains: Vec<Option<Brain>>,
    /// Voxel by voxel.
    pub(crate) volume: Option<Volume>,
    /// Vertex by vertex.
    pub(crate) surface: Option<Surface>,
    /// All voxels or vertices, where the page has room for some only.
    pub(crate) everything: Option<crate::report::Everything>,
}

/// Writes the maps of all language models, and returns their pictures.
///
/// # Errors
/// - a map cannot be written, or the store has no results.
pub(crate) fn write(
    inputs: &Inputs,
    plan: &Plan,
    (store, results): (&Store, &Results),
    output: &Path,
) -> Result<Pictures, Error> {
    let Some(voxels) = inputs.voxels.as_ref().filter(|voxels| voxels.has_place()) else {
        return Ok(Pictures::default());
    };
    let participants: Vec<&String> =
        plan.designs.iter().flat_map(|design| design.participants.iter().map(|(name, _)| name)).collect();
    let mut artist = Artist::of(voxels, results);
    for (index, open) in inputs.language_models.iter().enumerate() {
        let maps = Maps { inputs, voxels, output, name: &open.name, layers: layers(plan, index) };
        artist.draw(results.language_models.get(index), &maps.layers, &mut plan.infer.maps(store, index)?);
        maps.write_model(&mut plan.infer.maps(store, index)?, &participants)?;
    }
    Ok(artist.pictures())
}

fn layers(plan: &Plan, language_model: usize) -> Vec<usize> {
    let is_main = |fit: &&crate::tasks::Fit| {
        fit.language_model == language_model && fit.kind == crate::tasks::FitKind::Main
    };
    let mut layers: Vec<usize> = plan.fits.iter().filter(is_main).map(|fit| fit.layer).collect();
    layers.sort_unstable();
    layers.dedup();
    layers
}

struct Maps<'a> {
    inputs: &'a Inputs,
    voxels: &'a Voxels,
    output: &'a Path,
    name: &'a str,
    layers: Vec<usize>,
}

/// A file name around the entities of the space.
struct Stem {
    participant: Option<String>,
    rest: String,
}

/// One image: its file name without ending, what it shows, layer by layer.
struct Map<'a> {
    folder: PathBuf,
    stem: Stem,
    intent: i16,
    layers: &'a [usize],
    description: String,
    sources: Vec<String>,
}

impl Maps<'_> {
    fn write_model(&self, arrays: &mut Arrays, participants: &[&String]) -> Result<(), Error> {
        let damaged = |reason: String| Error::Store { path: "maps".into(), reason };
        for (key, label, meaning) in QUANTITIES {
            let Ok(people) = arrays.take_single(key) else { continue };
            // A contextual gain has no layer 0.
            let n_layers = people.nrows() / participants.len().max(1);
            let layers = &self.layers[self.layers.len() - n_layers..];
            for (position, participant) in participants.iter().enumerate() {
                let own = people.slice(s![position * n_layers..(position + 1) * n_layers, ..]);
                let map = Map {
                    folder: self.output.join("maps").join(participant).join("func"),
                    stem: self.stem(Some(participant), label, "r"),
                    intent: ESTIMATE,
                    layers,
                    description: meaning.to_owned(),
                    sources: self.sources(Some(participant)),
                };
                self.write_map(&map, own)?;
            }
            for (ending, statistic, intent, what) in STATISTICS {
                let Ok(values) = arrays.take_single(&format!("{key}{ending}")) else { continue };
                let map = Map {
                    folder: self.output.join("maps").join("group"),
                    stem: self.stem(None, label, statistic),
                    intent,
                    layers,
                    description: format!("{what}; of the {meaning}"),
                    sources: self.sources(None),
                };
                self.write_map(&map, values.view())?;
            }
        }
        let depth = arrays.take_single("depth").map_err(damaged)?;
        let map = Map {
            folder: self.output.join("maps").join("group"),
            stem: self.stem(None, "Depth", "centreofmass"),
            intent: ESTIMATE,
            layers: &[],
            description:
                "layer centre of mass of the mean profile of scores, in layers; a description, not a test"
                    .to_owned(),
            sources: self.sources(None),
        };
        self.write_map(&map, depth.view())
    }

    fn stem(&self, participant: Option<&str>, quantity: &str, statistic: &str) -> Stem {
        let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        Stem {
            participant: participant.map(str::to_owned),
            rest: format!("stat-{statistic}_desc-{}{quantity}_statmap", letters(self.name)),
        }
    }

    /// The images that a map was made from.
    fn sources(&self, participant: Option<&str>) -> Vec<String> {
        let of = |run: &&crate::study::ResolvedRun| participant.is_none_or(|name| name == run.participant);
        let used = self.inputs.recordings.iter().filter(|recording| recording.exclusion.is_none());
        let mut sources: Vec<String> = used
            .map(|recording| &recording.run)
            .filter(of)
            .flat_map(|run| {
                run.scan().files().map(|file| self.inputs.resolved.named(file)).collect::<Vec<_>>()
            })
            .collect();
        sources.dedup();
        sources
    }

    fn sidecar(&self, map: &Map<'_>) -> serde_json::Value {
        let units = if map.stem.rest.contains("centreofmass") { "layers" } else { "arbitrary" };
        serde_json::json!({
            "Description": map.description,
            "LanguageModel": self.name,
            "Volumes": map.layers.iter().map(|layer| format!("layer {layer}")).collect::<Vec<_>>(),
            "Layers": map.layers,
            "Units": units,
            "Missing": "NaN: no score; tables/excluded.tsv has the reasons",
            "Targets": match (self.voxels.has_parcels, &self.voxels.layout) {
                (true, _) => "parcels",
                (false, Layout::Grid(_)) => "voxels",
                (false, Layout::Surface(_)) => "vertices",
                (false, Layout::Dense(_)) => "vertices and voxels",
            },
            "Method": "methods.md",
            "Sources": map.sources,
        })
    }
}
