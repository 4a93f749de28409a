//! Language models whose folder is not whole, or asked for what they do not have.

use super::program::{Ran, Says, command};
use super::study::Study;

fn refused(make: impl FnOnce(&Study), says: &Says<'_>) {
    let study = Study::new();
    make(&study);
    study.check().refused(says);
}

/// Windows are no longer than the text.
#[test]
fn a_limit_that_no_text_reaches_takes_no_memory() {
    let study = Study::new();
    study.edit("model/config.json", "\"max_position_embeddings\":64", "\"max_position_embeddings\":131072");
    study.set("context = 64\n", "");
    let words: String = study.read("words.tsv").lines().take(400).map(|line| format!("{line}\n")).collect();
    study.write("words.tsv", &words);
    study.set("memory = \"1 GiB\"", "memory = \"200 MiB\"");
    study.check().succeeded();
}

#[test]
fn a_folder_without_a_file() {
    for name in ["tokenizer.json", "config.json", "model.safetensors"] {
        let file = format!("/model/{name}: ");
        refused(
            |study| study.remove(&format!("model/{name}")),
            &Says {
                file: &file,
                place: "language model's folder",
                found: "found no such file",
                expected: "config.json, tokenizer.json and model.safetensors",
                remedy: "copy the whole checkpoint there or correct language_model.path",
            },
        );
    }
}

#[test]
fn a_name_of_a_hub_in_place_of_a_folder() {
    refused(
        |study| study.set("path = \"model\"", "path = \"somebody/gpt2\""),
        &Says {
            file: "/study.toml: ",
            place: "language_model.path: ",
            found: "`somebody/gpt2`: found no such folder and no such language model in the Hugging Face cache",
            expected: "expected one of the two",
            remedy: "run `hf download somebody/gpt2`",
        },
    );
}

#[test]
fn a_name_of_a_hub_that_the_cache_holds() {
    let study = Study::new();
    let commit = "607a30d783dfa663caf39e06633721c8d4cfcd7e";
    let repository = study.path("cache/models--somebody--little");
    let snapshot = repository.join("snapshots").join(commit);
    std::fs::create_dir_all(&snapshot).unwrap();
    std::fs::create_dir_all(repository.join("refs")).unwrap();
    std::fs::write(repository.join("refs/main"), commit).unwrap();
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
        std::fs::rename(study.path("model").join(name), snapshot.join(name)).unwrap();
    }
    study.set("path = \"model\"", "path = \"somebody/little\"");
    let check = |revision: &str| {
        study.set("path = \"somebody/little\"", &format!("path = \"somebody/little\"{revision}"));
        let mut check = command(&["check".as_ref(), study.path("study.toml").as_os_str()]);
        check.env("HF_HUB_CACHE", study.path("cache"));
        Ran::from(check.output().unwrap())
    };
    check("").succeeded();
    check(&format!("\nrevision = \"{commit}\"")).succeeded();
    study.set(commit, "v2");
    let error = check("").error();
    assert!(error.contains("revision `v2` was not fetched"), "{error}");
    assert!(error.contains("run `hf download somebody/little --revision v2`"), "{error}");
}

#[test]
fn a_layer_out_of_range() {
    refused(
        |study| study.set("layers = \"all\"", "layers = [0, 7]"),
        &Says {
            file: "/study.toml: ",
            place: "language_model.layers: ",
            found: "found 7",
            expected: "expected layers from 0 to 2",
            remedy: "change it in the study file",
        },
    );
}

#[test]
fn a_context_longer_than_the_language_model_has() {
    refused(
        |study| study.set("context = 64", "context = 4096"),
        &Says {
            file: "/study.toml: ",
            place: "language_model.context: ",
            found: "found 4096",
            expected: "expected at most 64 tokens",
            remedy: "change it in the study file",
        },
    );
}

#[test]
fn a_context_too_short_for_a_word() {
    refused(
        |study| study.set("context = 64", "context = 1"),
        &Says {
            file: "/study.toml: ",
            place: "language_model.context: ",
            found: "found 1",
            expected: "expected from 3 to 64 tokens",
            remedy: "change it in the study file",
        },
    );
}

#[test]
fn an_architecture_that_is_not_built_in() {
    refused(
        |study| study.edit("model/config.json", "\"llama\"", "\"mamba\""),
        &Says {
            file: "/model/config.json: ",
            place: "model_type",
            found: "found model_type `mamba`",
            expected: "expected one of: albert, bert, ",
            remedy: "check language_model in the study file",
        },
    );
}

#[test]
fn weights_of_another_configuration_and_cut_short() {
    refused(
        |study| study.edit("model/config.json", "\"intermediate_size\":16", "\"intermediate_size\":32"),
        &Says {
            file: "/model/model.safetensors: ",
            place: "tensor `model.layers.0.mlp.gate_proj.weight`: ",
            found: "found shape [16, 8]",
            expected: "expected [32, 8]",
            remedy: "check language_model in the study file",
        },
    );
    let study = Study::new();
    let weights = std::fs::read(study.path("model/model.safetensors")).unwrap();
    std::fs::write(study.path("model/model.safetensors"), &weights[..weights.len() - 5]).unwrap();
    let error = study.check().error();
    assert!(error.contains("/model/model.safetensors: "), "{error}");
    assert!(error.contains("its folder holds the whole checkpoint"), "{error}");
}

#[test]
fn two_language_models_of_one_name() {
    refused(
        |study| study.set("[alignment]", "[[language_model]]\npath = \"model\"\n\n[alignment]"),
        &Says {
            file: "/study.toml: ",
            place: "language_model.name: ",
            found: "found `model` twice",
            expected: "expected a name of its own for each",
            remedy: "add the key name",
        },
    );
}
