//! Recordings and words that are missing, damaged, or do not fit each other.

use super::program::Says;
use super::study::{Study, VOLUMES, motion, words};

fn refused(make: impl FnOnce(&Study), says: &Says<'_>) {
    let study = Study::new();
    make(&study);
    study.check().refused(says);
    study.analyze("out", &[]).refused(says);
    assert!(!study.path("out/tables").exists(), "nothing is written of a study that cannot be analysed");
}

#[test]
fn a_missing_file() {
    refused(
        |study| study.remove("words.tsv"),
        &Says {
            file: "/words.tsv: ",
            place: "holds model, motion, responses, study.toml",
            found: "found no such file",
            expected: "expected one",
            remedy: "correct the path",
        },
    );
}

#[test]
fn a_pattern_without_files() {
    refused(
        |study| study.remove("responses"),
        &Says {
            file: "/study.toml: ",
            place: "responses.table: pattern `responses/{participant}.tsv`",
            found: "found no file that fits in ",
            expected: "expected at least one",
            remedy: "correct the pattern or the folder",
        },
    );
}

#[test]
fn a_ragged_table() {
    refused(
        |study| study.edit("responses/ann.tsv", "front\tmiddle\tback\n", "front\tmiddle\tback\n1\t2\n"),
        &Says {
            file: "/responses/ann.tsv: ",
            place: "line 2: ",
            found: "found 2 columns",
            expected: "expected 3 as in line 1",
            remedy: "add the missing cells or remove the surplus ones",
        },
    );
}

#[test]
fn a_cell_that_is_no_number() {
    refused(
        |study| study.set_column("ben", 1, "12,5"),
        &Says {
            file: "/responses/ben.tsv: ",
            place: "line 2, column 2 (`middle`): ",
            found: "found `12,5`",
            expected: "expected a number",
            remedy: "correct the cell",
        },
    );
}

#[test]
fn a_textgrid_without_the_tier() {
    let grid = include_str!("../../../../fixtures/io/long_utf8.TextGrid");
    refused(
        |study| {
            study.write("words.TextGrid", grid);
            study.set("words = \"words.tsv\"", "words = \"words.TextGrid\"\ntier = \"phones\"");
        },
        &Says {
            file: "/words.TextGrid: ",
            place: "tier `phones`",
            found: "found no tier",
            expected: "expected one of: word, events",
            remedy: "set the stimulus's key `tier` to one of these",
        },
    );
}

#[test]
fn words_past_the_end_of_the_recording() {
    refused(
        |study| study.write("words.tsv", &words(1000)),
        &Says {
            file: "/words.tsv: ",
            place: " at 543.01 s",
            found: "found the word `a`",
            expected: "expected no word after the last volume of ",
            remedy: "check responses.stimulus_time_of_first_volume and responses.repetition_time",
        },
    );
}

#[test]
fn words_that_nobody_heard_in_the_scanner() {
    let first = "stimulus = \"story\"\nstimulus_time_of_first_volume = \"10000 s\"";
    refused(
        |study| study.set("stimulus = \"story\"", first),
        &Says {
            file: "/words.tsv: ",
            place: "between 10000.00 s and 10540.00 s",
            found: "found no word",
            expected: "expected some while ",
            remedy: "check responses.stimulus_time_of_first_volume",
        },
    );
}

#[test]
fn confounds_of_another_length() {
    refused(
        |study| study.write("motion/ben.txt", &motion(1, VOLUMES + 10)),
        &Says {
            file: "/motion/ben.txt: ",
            place: "as in ",
            found: "found 280 rows",
            expected: "expected 270",
            remedy: "set denoise.confounds_skip_rows = 10 if the first rows",
        },
    );
    refused(
        |study| study.write("motion/ben.txt", &motion(1, 200)),
        &Says {
            file: "/motion/ben.txt: ",
            place: "/responses/ben.tsv; ",
            found: "found 200 rows",
            expected: "expected 270",
            remedy: "copy it again",
        },
    );
}

#[test]
fn too_many_rows_skipped() {
    refused(
        |study| study.set("[[language_model]]", "confounds_skip_rows = 500\n\n[[language_model]]"),
        &Says {
            file: "/motion/ann.txt: ",
            place: "after the 270 of denoise.confounds_skip_rows",
            found: "found 0 rows",
            expected: "expected 270",
            remedy: "set denoise.confounds_skip_rows = 0",
        },
    );
}

#[test]
fn a_participant_without_confounds() {
    refused(
        |study| study.remove("motion/ben.txt"),
        &Says {
            file: "/study.toml: ",
            place: "denoise.confounds: ",
            found: "found no file for participant `ben`",
            expected: "expected one confounds table for each recording",
            remedy: "leave the participant out with responses.exclude",
        },
    );
}

#[test]
fn a_run_too_short_for_its_folds() {
    refused(
        |study| study.set("blocks = 3, gap = \"24 s\"", "blocks = 5, gap = \"60 s\""),
        &Says {
            file: "/responses/ann.tsv: ",
            place: "inner folds of fold 1: fold 1 of 2: ",
            found: "found 63 training samples",
            expected: "expected at least 93",
            remedy: "use more folds or a shorter gap, or a longer recording (encoding.folds, encoding.inner_folds), or leave it out",
        },
    );
}

#[test]
fn folds_of_runs_with_one_run() {
    refused(
        |study| study.set("{ blocks = 3, gap = \"24 s\" }", "\"runs\""),
        &Says {
            file: "/responses/ann.tsv: ",
            place: "groups of runs",
            found: "found 1 groups",
            expected: "expected at least 2",
            remedy: "hold out blocks in place of runs, or add runs (encoding.folds",
        },
    );
}

#[test]
fn tables_with_other_columns() {
    refused(
        |study| study.edit("responses/ann.tsv", "front\tmiddle\tback\n", "front\tmid\tback\n"),
        &Says {
            file: "/study.toml: ",
            place: "responses.table: ",
            found: "found other column names in ",
            expected: "expected the same as in ",
            remedy: "change it in the study file",
        },
    );
}

#[test]
fn words_without_the_column_empty_and_in_no_encoding() {
    refused(
        |study| study.edit("words.tsv", "onset\tword\n", "start\ttoken\n"),
        &Says {
            file: "/words.tsv: ",
            place: "column `word`",
            found: "found no column",
            expected: "expected one of: start, token",
            remedy: "name one of these columns in the study file",
        },
    );
    refused(
        |study| study.write("words.tsv", ""),
        &Says {
            file: "/words.tsv: ",
            place: "bytes",
            found: "found 0 bytes",
            expected: "expected data",
            remedy: "copy or download the file again",
        },
    );
    refused(
        |study| std::fs::write(study.path("words.tsv"), [0_u8, 159, 146, 150]).unwrap(),
        &Says {
            file: "/words.tsv: ",
            place: "line 1: ",
            found: "found the byte 0x9F at offset 1",
            expected: "expected text in UTF-8 or UTF-16",
            remedy: "save the file as UTF-8",
        },
    );
    refused(
        |study| study.write("words.tsv", "onset\tword\n"),
        &Says {
            file: "/words.tsv",
            place: "stimulus.words: ",
            found: "found no word with a time",
            expected: "expected at least one",
            remedy: "check the columns of the words file",
        },
    );
}

#[test]
fn a_folder_in_place_of_a_file_and_a_table_of_names_only() {
    refused(
        |study| study.set("words = \"words.tsv\"", "words = \"responses\""),
        &Says {
            file: "/responses: ",
            place: "it is a folder",
            found: "found something that cannot be read",
            expected: "expected a readable file",
            remedy: "check its permissions and the disk",
        },
    );
    refused(
        |study| study.write("responses/ann.tsv", "front\tmiddle\tback\n"),
        &Says {
            file: "/responses/ann.tsv: ",
            place: "row",
            found: "found no row",
            expected: "expected at least one row of numbers",
            remedy: "check that this is the file you mean",
        },
    );
}

#[test]
fn regions_without_a_target() {
    refused(
        |study| {
            study.write("regions.tsv", "target\tregion\nfront\tF\nback\tB\n");
            study.set("trim_start = \"0 s\"", "trim_start = \"0 s\"\nregions = \"regions.tsv\"");
        },
        &Says {
            file: "/study.toml: ",
            place: "responses.regions: ",
            found: "found no row for target `middle`",
            expected: "expected a row for every target",
            remedy: "change it in the study file",
        },
    );
}
