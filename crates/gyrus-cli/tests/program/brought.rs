//! Activations of another program: the same numbers give the same answer, and what does not fit is said.

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::Array2;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::folds::two_stories;
use super::program::{Says, gyrus};
use super::study::Study;

type Layers = BTreeMap<String, Array2<f32>>;

fn write(path: &Path, layers: &Layers) {
    let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = layers
        .iter()
        .map(|(name, values)| {
            (
                name.clone(),
                vec![values.nrows(), values.ncols()],
                values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            )
        })
        .collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize_to_file(views, None, path).unwrap();
}

fn read(path: &Path) -> Layers {
    let bytes = std::fs::read(path).unwrap();
    let layer = |(name, view): (String, TensorView<'_>)| {
        let values = view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        (name, Array2::from_shape_vec((view.shape()[0], view.shape()[1]), values).unwrap())
    };
    SafeTensors::deserialize(&bytes).unwrap().tensors().into_iter().map(layer).collect()
}

/// A study whose language model has been read to a file, and is replaced by it.
fn study() -> (Study, Layers) {
    let study = Study::new();
    let file = study.path("story.safetensors");
    let (words, model) = (study.path("words.tsv"), study.path("model"));
    let arguments = [Path::new("extract"), &words, Path::new("--model"), &model, Path::new("-o"), &file];
    gyrus(&arguments).succeeded();
    study.set("path = \"model\"\n", "activations = \"{stimulus}.safetensors\"\n");
    study.set("context = 64\nuntrained_seeds = 1", "");
    let layers = read(&file);
    (study, layers)
}

#[test]
fn the_same_activations_give_the_same_scores() {
    let (study, layers) = study();
    assert_eq!(layers.keys().collect::<Vec<_>>(), ["layer_0", "layer_1", "layer_2"]);
    let ran = study.analyze("out", &[]).succeeded();
    assert!(ran.stderr.contains("no untrained copies"), "{}", ran.stderr);
    let own = Study::new();
    own.analyze("out", &[]).succeeded();
    let cut = |text: String| -> Vec<Vec<String>> {
        text.lines().map(|line| line.split('\t').skip(1).map(str::to_owned).collect()).collect()
    };
    let table = "out/tables/layers.tsv";
    assert_eq!(cut(study.read(table)), cut(own.read(table)), "all but the name");
    let methods = study.read("out/methods.md");
    assert!(methods.contains("computed by another program"), "{methods}");
}

/// The same as a Zarr folder of version 3, one chunk per array, as zarr-python writes it without compression.
fn write_zarr(root: &Path, layers: &Layers) {
    let group = serde_json::json!({"zarr_format": 3, "node_type": "group", "attributes": {}});
    std::fs::create_dir_all(root).unwrap();
    std::fs::write(root.join("zarr.json"), group.to_string()).unwrap();
    for (name, values) in layers {
        let shape = [values.nrows(), values.ncols()];
        let array = serde_json::json!({
            "zarr_format": 3, "node_type": "array", "shape": shape, "data_type": "float32", "fill_value": 0.0,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": shape}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
            "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}], "attributes": {},
        });
        let chunk = root.join(name).join("c/0/0");
        std::fs::create_dir_all(chunk.parent().unwrap()).unwrap();
        std::fs::write(root.join(name).join("zarr.json"), array.to_string()).unwrap();
        std::fs::write(chunk, values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
    }
}

#[test]
fn a_zarr_folder_gives_the_scores_of_a_file_and_is_read_again_where_it_changes() {
    let (study, mut layers) = study();
    study.analyze("out", &[]).succeeded();
    let of_file = study.read("out/tables/layers.tsv");
    study.set("{stimulus}.safetensors", "{stimulus}.zarr");
    write_zarr(&study.path("story.zarr"), &layers);
    study.analyze("out", &[]).succeeded();
    assert_eq!(study.read("out/tables/layers.tsv"), of_file);
    layers.get_mut("layer_2").unwrap().mapv_inplace(|value| value.sin());
    write_zarr(&study.path("story.zarr"), &layers);
    study.analyze("out", &[]).succeeded();
    assert_ne!(study.read("out/tables/layers.tsv"), of_file);
    std::fs::write(study.path("story.zarr/layer_1/c/0/0"), [0; 7]).unwrap();
    let error = study.check().error();
    assert!(error.contains("story.zarr: found array `layer_1`: "), "{error}");
    let features = format!("{}:layer_2", study.path("story.zarr").display());
    let scored = ["score", &features, "--responses", &features, "--blocks", "5", "--gap", "5"];
    let table = gyrus(&scored.map(Path::new)).succeeded().stdout;
    assert!(table.lines().count() > layers["layer_2"].ncols(), "{table}");
}

/// Two recordings of one text have the same words at the same times.
#[test]
fn each_stimulus_has_its_own_activations_whatever_its_words_are() {
    let (_, layers) = study();
    let study = two_stories("folds = { blocks = 3, gap = \"24 s\" }");
    study.set("path = \"model\"\n", "activations = \"{stimulus}.safetensors\"\n");
    study.set("context = 64\nuntrained_seeds = 1", "");
    let analysed = |other: &Layers| {
        write(&study.path("story.safetensors"), &layers);
        write(&study.path("other.safetensors"), other);
        study.analyze("out", &[]).succeeded();
        study.read("out/tables/layers.tsv")
    };
    let alike = analysed(&layers);
    let other = layers.iter().map(|(name, values)| (name.clone(), values.mapv(f32::sin))).collect();
    assert_ne!(analysed(&other), alike);
}

#[test]
fn layers_are_those_of_the_names_and_of_any_width() {
    let (study, mut layers) = study();
    let wide = layers["layer_2"].clone();
    layers.clear();
    layers.insert("conv_3".to_owned(), ndarray::concatenate![ndarray::Axis(1), wide, wide]);
    layers.insert("transformer.11".to_owned(), wide);
    write(&study.path("story.safetensors"), &layers);
    let ran = study.analyze("out", &[]).succeeded();
    assert!(ran.stderr.contains("brought has no layer 0: there is no contextual gain"), "{}", ran.stderr);
    let text = study.read("out/tables/layers.tsv");
    let found: Vec<&str> = text.lines().skip(1).map(|line| line.split('\t').nth(1).unwrap()).collect();
    assert!(found.iter().all(|layer| ["3", "11"].contains(layer)) && found.len() == 8, "{text}");
    study.set("layers = \"all\"", "layers = [3, 4]");
    let error = study.check().error();
    assert!(
        error.contains("language_model.layers: found 4, expected some of 3, 11 in {stimulus}"),
        "{error}"
    );
}

#[test]
fn files_that_do_not_fit_are_named_with_what_was_expected() {
    let refused = |change: &dyn Fn(&mut Layers), [place, found, expected, remedy]: [&str; 4]| {
        let (study, mut layers) = study();
        change(&mut layers);
        write(&study.path("story.safetensors"), &layers);
        study.check().refused(&Says { file: "/story.safetensors: ", place, found, expected, remedy });
    };
    refused(
        &|layers| {
            let short = layers["layer_1"].slice(ndarray::s![..619, ..]).to_owned();
            layers.insert("layer_1".to_owned(), short);
        },
        ["layer 1: ", "found 619 rows", "expected 620", "`gyrus extract` writes the table of words"],
    );
    refused(
        &|layers| layers.get_mut("layer_2").unwrap()[(7, 3)] = f32::NAN,
        ["layer 2: ", "found NaN at word 7, unit 3", "expected a finite number", "compute it again"],
    );
    refused(
        &|layers| {
            let values = layers["layer_1"].clone();
            layers.insert("last".to_owned(), values);
        },
        ["arrays ", "found arrays last", "expected names that end in the number", "rename `last`"],
    );
    refused(
        &|layers| {
            let values = layers["layer_1"].clone();
            layers.insert("other_1".to_owned(), values);
        },
        ["arrays ", "found arrays layer_0", "each number once", "rename `other_1`"],
    );
    let (study, _) = study();
    study.set("{stimulus}.safetensors", "{stimulus}.pt");
    std::fs::rename(study.path("story.safetensors"), study.path("story.pt")).unwrap();
    let error = study.check().error();
    assert!(
        error.contains(
            "/story.pt: found the ending `.pt`, expected .npy, .npz, .safetensors, .h5, .hdf5, .hf5, .mat or .zarr"
        ),
        "{error}"
    );
    study.remove("story.pt");
    assert!(study.check().error().contains("/story.pt: found nothing that can be read"));
}

#[test]
fn an_hdf5_file_that_was_not_closed_is_refused_in_clear_text() {
    let (study, _) = study();
    study.set("{stimulus}.safetensors", "{stimulus}.h5");
    let unclosed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/io/hdf5/unclosed.h5");
    std::fs::copy(unclosed, study.path("story.h5")).unwrap();
    study.check().refused(&Says {
        file: "/story.h5: ",
        place: "story.h5: ",
        found: "found a file that some program has open for writing, or did not close",
        expected: "expected a file that was closed",
        remedy: "wait until that program ends; if none runs, run `h5clear -s` on a copy of the file",
    });
}

#[test]
fn a_language_model_has_one_source() {
    let study = Study::new();
    study.set("path = \"model\"", "path = \"model\"\nactivations = \"a.npz\"");
    let error = study.check().error();
    assert!(
        error.contains("language_model.path: found path and activations, expected one of the two"),
        "{error}"
    );
    study.set("path = \"model\"\nactivations = \"a.npz\"", "");
    assert!(study.check().error().contains("language_model.path: found no path, expected a folder"));
}
