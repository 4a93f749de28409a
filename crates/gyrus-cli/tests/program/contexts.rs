//! Several lengths of the context in one study: as if each were a study of its own.

use super::program::Says;
use super::study::Study;

const ONE: &str = "context = 64\nuntrained_seeds = 1";

fn sweep(keys: &str) -> Study {
    let study = Study::new();
    study.set(ONE, &format!("{keys}\nhistory = \"exact\"\nuntrained_seeds = 1"));
    study
}

/// Rows of a table that are about a language model, without its name.
fn rows(study: &Study, name: &str) -> Vec<String> {
    let text = study.read("out/tables/layers.tsv");
    let rows = text.lines().filter_map(|line| line.split_once('\t'));
    rows.filter(|(model, _)| *model == name).map(|(_, rest)| rest.to_owned()).collect()
}

#[test]
fn every_context_scores_as_it_does_alone() {
    let study = sweep("contexts = [4, 12]");
    study.analyze("out", &[]).succeeded();
    for context in [4, 12] {
        let alone = sweep(&format!("context = {context}"));
        alone.analyze("out", &[]).succeeded();
        let expected = rows(&alone, "model");
        assert!(!expected.is_empty());
        assert_eq!(rows(&study, &format!("model ({context} tokens)")), expected, "{context}");
    }
    assert_ne!(rows(&study, "model (4 tokens)"), rows(&study, "model (12 tokens)"));
    let written = study.read("out/study.resolved.toml");
    assert!(
        written.contains("context = 4\n") && written.contains("name = \"model (12 tokens)\""),
        "{written}"
    );
    assert!(!written.contains("contexts"), "what is written out is one section each: {written}");
}

#[test]
fn weights_are_held_once_and_finished_contexts_are_kept() {
    let beside = |study: &Study| {
        let plan = study.check().succeeded().stdout;
        let line = plan.lines().find(|line| line.starts_with("The open files hold")).unwrap().to_owned();
        line.split(" beside").next().unwrap().to_owned()
    };
    assert_eq!(beside(&sweep("contexts = [4, 8, 12]")), beside(&sweep("context = 12")));
    let study = sweep("contexts = [4]");
    study.analyze("out", &[]).succeeded();
    study.set("contexts = [4]", "contexts = [4, 12]");
    let plan = study.check().succeeded().stdout;
    let extract = plan.lines().find(|line| line.starts_with("extract")).unwrap().to_owned();
    assert_eq!(extract.split_whitespace().nth(1), Some("6"), "{plan}");
    let again = study.analyze("out", &[]).succeeded();
    assert!(!again.stderr.contains("damaged"), "{}", again.stderr);
}

#[test]
fn contexts_that_cannot_be_are_refused() {
    let refused = |keys: &str, found: &str, expected: &str, remedy: &str| {
        sweep(keys).check().refused(&Says {
            file: "/study.toml: ",
            place: "language_model.contexts: ",
            found,
            expected,
            remedy,
        });
    };
    let change = "change it in the study file";
    refused("contexts = [4, 4096]", "found 4096", "expected at most 64 tokens", change);
    refused("contexts = [4, 8, 4]", "found 4 twice", "each number of tokens once", change);
    refused(
        "context = 8\ncontexts = [4]",
        "found context and contexts",
        "one of the two",
        "remove the other",
    );
}
