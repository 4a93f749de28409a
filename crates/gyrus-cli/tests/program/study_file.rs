//! Study files that are not TOML, or hold keys and values of another kind.

use super::program::Says;
use super::study::Study;

/// Replaces a text of the study file and asserts the parts of the error: place, found, expected, remedy.
fn refused(from: &str, to: &str, [place, found, expected, remedy]: [&str; 4]) {
    let study = Study::new();
    study.set(from, to);
    study.check().refused(&Says { file: "/study.toml:", place, found, expected, remedy });
}

#[test]
fn an_unknown_key_or_section() {
    let one_of = "expected one of `method`, `delays`";
    refused("delays =", "delay =", ["toml:26:1: delay: ", "found `delay`", one_of, "did you mean `delays`?"]);
    let section =
        ["toml:24:2: ", "found `alinment`", "expected one of `preset`, `study`", "did you mean `alignment`?"];
    refused("[alignment]", "[alinment]", section);
    let remedy = ["toml:38:1: zzz: ", "found `zzz`", "expected one of `surrogates`", "correct or remove it"];
    refused("seed = 3", "zzz = 3", remedy);
}

#[test]
fn a_file_that_is_not_toml() {
    let line = "expected lines such as `name = \"alice\"`";
    refused(
        "[study]",
        "[study",
        ["toml:1:7: ", "found text that is not TOML (unclosed table", line, "correct this line"],
    );
    refused(
        "seed = 3",
        "seed = three",
        ["toml:38:8: seed: ", "found text that is not TOML", line, "correct this line"],
    );
    let twice = [
        "toml:39:1: seed: ",
        "found the same key a second time",
        "expected it once",
        "remove one of the two",
    ];
    refused("seed = 3", "seed = 3\nseed = 4", twice);
}

#[test]
fn a_value_of_the_wrong_type() {
    let number = [
        "toml:36:14: surrogates: ",
        "found the text \"many\"",
        "expected a whole number",
        "write it without quotes",
    ];
    refused("surrogates = 19", "surrogates = \"many\"", number);
    let negative = [
        "toml:41:11: threads: ",
        "found the number -1",
        "expected a whole number, not negative",
        "write it without quotes",
    ];
    refused("threads = 1", "threads = -1", negative);
    let list = [
        "toml:4:1: ",
        "found a section",
        "expected a list",
        "write values in brackets, and sections as [[stimulus]]",
    ];
    refused("[[stimulus]]", "[stimulus]", list);
    let word = [
        "toml:20:10: layers: ",
        "found layers = \"last\"",
        "expected \"all\" or a list",
        "correct the value",
    ];
    refused("layers = \"all\"", "layers = \"last\"", word);
    let memory = [
        "toml:42:10: memory: ",
        "found `1 Gb`",
        "expected an amount of memory with its unit",
        "correct the value",
    ];
    refused("\"1 GiB\"", "\"1 Gb\"", memory);
}

#[test]
fn a_time_without_its_unit() {
    let key = "repetition_time = \"2 s\"";
    let place = "toml:10:19: repetition_time: ";
    refused(
        key,
        "repetition_time = 2",
        [place, "found the number 2", "expected text in quotes", "a time needs its unit"],
    );
    refused(
        key,
        "repetition_time = \"2\"",
        [place, "found `2`", "expected a time with its unit, such as \"2 s\"", "correct the value"],
    );
    refused(
        key,
        "repetition_time = \"2 sec\"",
        [place, "found `2 sec`", "expected a time with its unit", "correct the value"],
    );
    refused(
        key,
        "repetition_time = \"0 s\"",
        [place, "found a repetition time of 0 s", "expected a positive one", "correct the value"],
    );
}

#[test]
fn folds_that_are_none() {
    let place = "toml:30:9: folds: ";
    let folds = "{ blocks = 3, gap = \"24 s\" }";
    refused(
        folds,
        "\"shuffled\"",
        [
            place,
            "found folds = \"shuffled\"",
            "expected \"runs\", { blocks = 5 } or { test",
            "correct the value",
        ],
    );
    refused(
        "blocks = 3",
        "blocks = 1",
        [place, "found 1 blocks", "expected at least 2", "correct the value"],
    );
    refused(
        "blocks = 3",
        "blocks = -1",
        [place, "found something else", "expected \"runs\" or a table", "correct the value"],
    );
}

#[test]
fn a_key_that_is_missing() {
    refused("name = \"small\"", "", ["toml:1:1: ", "found no `name`", "expected one", "add it"]);
    let stimulus = "[[stimulus]]\nname = \"story\"\nwords = \"words.tsv\"\n";
    refused(stimulus, "", ["toml:1:1: ", "found no `stimulus`", "expected one", "add it"]);
}

#[test]
fn a_study_file_that_is_not_there() {
    let study = Study::new();
    study.remove("study.toml");
    study.check().refused(&Says {
        file: "/study.toml: ",
        place: "No such file",
        found: "found nothing that can be read",
        expected: "expected a readable file",
        remedy: "check the path",
    });
}
