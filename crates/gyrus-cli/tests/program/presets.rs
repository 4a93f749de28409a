//! `preset`: a published recipe in place of the defaults, said wherever results are, and never in place of what the file says.

use super::program::Says;
use super::study::Study;

fn with(preset: &str) -> Study {
    let study = Study::new();
    study.set("[study]\n", &format!("preset = \"{preset}\"\n\n[study]\n"));
    study
}

#[test]
fn what_a_preset_sets_and_warns_of_is_said_wherever_results_are() {
    let study = with("schrimpf-2021");
    study.set("folds = { blocks = 3, gap = \"24 s\" }\n", "");
    study.set("method = \"lanczos\"\n", "");
    let said = study.check().succeeded().stderr;
    let set = "alignment.method = \"last\", denoise.drift_by = \"run\", denoise.project_features = false, \
               encoding.folds = { shuffled = 5 }\n";
    for part in [
        "note: preset schrimpf-2021 (Schrimpf et al., 2021) sets ",
        set,
        "note: preset schrimpf-2021: the study file has its own alignment.delays, encoding.alphas\n",
        "warning: preset schrimpf-2021: untrained networks scored more",
        "warning: preset schrimpf-2021: published scores are divided by a ceiling",
        "warning: shuffled folds put neighbouring volumes on both sides",
    ] {
        assert!(said.contains(part), "`{part}` is not in\n{said}");
    }
    study.analyze("out", &[]).succeeded();
    let methods = study.read("out/methods.md");
    let words = "Settings follow the preset schrimpf-2021 of gyrus (after Schrimpf et al., 2021): ";
    assert!(
        methods.contains(words) && methods.contains("has its own alignment.delays, encoding.alphas"),
        "{methods}"
    );
    assert!(study.read("out/CITATION.bib").contains("@article{schrimpf2021neural,"));
    assert!(
        study.read("out/report/index.html").contains("preset schrimpf-2021: untrained networks scored more")
    );
    let resolved = study.read("out/study.resolved.toml");
    for line in ["preset = \"schrimpf-2021\"\n", "centre = false\n", "method = \"last\"\n", "shuffled = 5"] {
        assert!(resolved.contains(line), "`{line}` is not in\n{resolved}");
    }
    let before = study.read("out/tables/layers.tsv");
    study.write("study.toml", &resolved);
    study.analyze("again", &[]).succeeded();
    assert_eq!(study.read("again/tables/layers.tsv"), before, "the resolved study is the study");
}

#[test]
fn a_preset_that_is_none_is_refused_with_the_nearest() {
    with("schrimpf-2022").check().refused(&Says {
        file: "/study.toml:",
        place: "toml:1:10: preset: ",
        found: "found `schrimpf-2022`",
        expected: "expected one of `caucheteux-2022`, `caucheteux-2023`, `huth-2023`, `schrimpf-2021`",
        remedy: "did you mean `schrimpf-2021`?",
    });
}
