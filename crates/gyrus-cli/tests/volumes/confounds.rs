//! Confounds that are missing, do not fit the volumes, or leave nothing to predict.

use super::dataset::{Dataset, bold, confounds, table};
use super::program::Says;

fn refused(make: impl FnOnce(&Dataset), says: &Says<'_>) {
    let data = Dataset::new();
    make(&data);
    data.check().refused(says);
}

#[test]
fn a_row_more_than_there_are_volumes() {
    refused(
        |data| data.write(&confounds("02", 1), table(1, 71).as_bytes()),
        &Says {
            file: "/sub-02_task-story_run-1_desc-confounds_timeseries.tsv: ",
            place: "expected 70 as in ",
            found: "found 71 rows",
            expected: &bold("02", 1),
            remedy: "compute it again, or leave the participant out with responses.exclude",
        },
    );
}

#[test]
fn no_table_at_all() {
    refused(
        |data| data.remove(&confounds("02", 1)),
        &Says {
            file: "/study.toml: ",
            place: "denoise: ",
            found: "found no confounds table beside bids/derivatives/fmriprep/sub-02/func/sub-02_task-story_run-1_",
            expected: "expected a file that ends in _desc-confounds_timeseries.tsv",
            remedy: "leave the participant out with responses.exclude, or ask for no confounds",
        },
    );
}

#[test]
fn a_column_that_the_table_lacks() {
    refused(
        |data| data.set("motion = 12", "motion = 24"),
        &Says {
            file: "/sub-01_task-story_run-1_desc-confounds_timeseries.tsv: ",
            place: "_desc-confounds_timeseries.tsv: ",
            found: "found no column `trans_x_power2`",
            expected: "expected one of: trans_x, trans_x_derivative1",
            remedy: "correct the name in denoise.confound_columns",
        },
    );
}

#[test]
fn components_without_the_file_that_tells_their_mask() {
    refused(
        |data| data.set("motion = 12", "motion = 12\nacompcor = { csf = 5 }"),
        &Says {
            file: "/sub-01_task-story_run-1_desc-confounds_timeseries.json: ",
            place: "func holds ",
            found: "found no such file",
            expected: "expected one",
            remedy: "correct the path",
        },
    );
}

#[test]
fn a_missing_value_in_the_middle() {
    refused(
        |data| {
            let text = table(1, 70);
            let row = text.lines().nth(30).unwrap();
            let cells: Vec<&str> = row.split('\t').collect();
            let broken = row.replacen(cells[0], "n/a", 1);
            data.write(&confounds("02", 1), text.replace(row, &broken).as_bytes());
        },
        &Says {
            file: "/sub-02_task-story_run-1_desc-confounds_timeseries.tsv: ",
            place: "line 31: ",
            found: "found n/a in the column `trans_x`",
            expected: "expected a number",
            remedy: "leave the column out, or fill the cell",
        },
    );
}

/// fMRIPrep has no difference for the first volume; a failed decomposition leaves a column without a number.
#[test]
fn a_first_row_without_values_is_filled_and_said_and_a_whole_column_is_refused() {
    let data = Dataset::new();
    let said = data.analyze("out", &[]).succeeded().stderr;
    let note = format!(
        "{} and 8 more: the first row of trans_x_derivative1, trans_y_derivative1, trans_z_derivative1, rot_x_derivative1, \
         rot_y_derivative1, rot_z_derivative1 is n/a; filled with the value of the second row",
        confounds("01", 1)
    );
    assert!(said.contains(&note), "{note}\n{said}");
    assert!(data.read("out/tables/notes.tsv").contains(&note));
    let text = table(1, 70);
    let row = |line: &str| match line.strip_prefix("trans_x\t") {
        Some(_) => format!("{line}\n"),
        None => format!("n/a\t{}\n", line.split_once('\t').unwrap().1),
    };
    data.write(&confounds("02", 1), text.lines().map(row).collect::<String>().as_bytes());
    data.check().refused(&Says {
        file: "/sub-02_task-story_run-1_desc-confounds_timeseries.tsv: ",
        place: "every row of `trans_x`",
        found: "found n/a in every row",
        expected: "expected numbers",
        remedy: "leave the column out; the program that wrote it could not compute it",
    });
}

#[test]
fn volumes_that_move_are_censored_and_their_number_is_reported() {
    let data = Dataset::new();
    data.set("motion = 12", "motion = \"friston_24\"\ncensor = { framewise_displacement = 0.5 }");
    data.analyze("out", &[]).succeeded();
    let sources: Vec<String> = data
        .rows("out/tables/variance_removed.tsv")
        .iter()
        .filter(|row| row[0] == "sub-01")
        .map(|row| row[1].clone())
        .collect();
    assert_eq!(sources, ["drift", "motion", "censored volumes"]);
    // Three runs: constant, one cosine, 24 of motion and one volume each, less what repeats.
    let regressors: usize = data.rows("out/tables/participants.tsv")[0][2].parse().unwrap();
    assert_eq!(regressors, 3 * (1 + 1 + 24 + 1));
}

#[test]
fn too_few_degrees_of_freedom_are_an_error_with_the_numbers() {
    let data = Dataset::new();
    data.set("motion = 12", "motion = 12\ncensor = { framewise_displacement = 0.05 }");
    let says = Says {
        file: "/sub-01_task-story_run-1_space-",
        place: "_desc-preproc_bold.nii: ",
        found: "0 degrees of freedom",
        expected: "30",
        remedy: "regressors",
    };
    data.check().refused(&says);
    data.analyze("out", &[]).refused(&says);
}
