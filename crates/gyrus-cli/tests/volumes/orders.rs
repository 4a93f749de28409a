//! Depth against an order of the brain, in studies of volumes and of surfaces: what was planted is found, and what is no order
//! is refused.

use std::path::Path;

use super::cohorts::Cohort;
use super::cortex::{LEFT, in_space, recorded, strip};
use super::dataset::{Dataset, SPACE, VOXELS};
use super::program::{Ran, gyrus};
use super::surfaces::atlas;

/// The study of a cohort with a `[hierarchy]`, analysed into a folder of the same name from the tasks that `out` has.
fn ordered(cohort: &Cohort, name: &str, section: &str) -> Ran {
    let (study, out, store) =
        (cohort.path(&format!("{name}.toml")), cohort.path(name), cohort.path("out/store"));
    std::fs::write(&study, format!("{}\n[hierarchy]\n{section}\n", cohort.read("study.toml"))).unwrap();
    let arguments = [Path::new("analyze"), &study, Path::new("-o"), &out, Path::new("--store"), &store];
    gyrus(&arguments).succeeded()
}

fn numbers(cells: &[String]) -> Vec<f64> {
    cells.iter().map(|cell| cell.parse().unwrap_or(f64::NAN)).collect()
}

/// `cohort` has been analysed; its areas were planted from shallow to deep, away from Heschl's gyrus.
pub fn what_was_planted_is_found(cohort: &Cohort) {
    ordered(cohort, "planted", "table = \"data/truth/planted.tsv\"\ncolumn = \"layer\"");
    let index =
        |name: &str, column: &str| cohort.column(&format!("{name}/tables/hierarchy_index.tsv"), column);
    let rho = numbers(&index("planted", "rho"));
    assert_eq!(rho.len(), 1, "no untrained copies were asked for");
    assert!(rho[0] > 0.5, "{rho:?}");
    let within = ["rho_low", "rho_high", "rho_story_low", "rho_story_high"];
    let ends: Vec<f64> = within.iter().map(|column| numbers(&index("planted", column))[0]).collect();
    assert!(ends[0] < rho[0] && rho[0] <= ends[1] && ends[2] < ends[3], "{ends:?} about {rho:?}");
    assert_eq!(index("planted", "reference"), ["layer of planted.tsv"]);
    assert_eq!(index("planted", "ceiling_regressed"), ["true"]);
    let of = |column: &str| cohort.column("planted/tables/hierarchy.tsv", column);
    let cells = [of("significant"), of("centre_of_mass"), of("reference")];
    let is_counted =
        |row: &usize| cells[0][*row] == "true" && cells[1][*row] != "n/a" && cells[2][*row] != "n/a";
    let count = (0..cells[0].len()).filter(is_counted).count();
    assert_eq!(index("planted", "n_regions"), [count.to_string()]);
    let p = numbers(&index("planted", "p"))[0];
    assert!(count >= 20 && p <= 0.05 && index("planted", "reason") == ["n/a"], "{count} {p}");
    let people = numbers(&cohort.column("planted/tables/hierarchy_participants.tsv", "rho"));
    let mean = people.iter().sum::<f64>() / 4.0;
    assert!(people.len() == 4 && mean > 0.2, "{people:?}");
    assert!((numbers(&index("planted", "participants_mean"))[0] - mean).abs() < 1e-12, "{people:?}");
    let page = cohort.read("planted/report/index.html");
    assert!(page.contains("id=\"about-hierarchy-index\"") && page.contains("layer of planted.tsv"));
    ordered(cohort, "distance", "primary = [\"L Heschl\", \"R Heschl\"]");
    assert_eq!(index("distance", "reference"), ["distance to L Heschl, R Heschl"]);
    assert_eq!(index("distance", "null"), ["variogram"]);
    let names = cohort.column("distance/tables/hierarchy.tsv", "region");
    let distances = numbers(&cohort.column("distance/tables/hierarchy.tsv", "reference"));
    let of = |name: &str| distances[names.iter().position(|known| known == name).unwrap()];
    assert!(of("L Heschl") == 0.0 && of("R Heschl") == 0.0);
    assert!(of("L posterior STG") < of("L pars orbitalis") && of("L pars orbitalis") < of("L precuneus"));
}

/// Words of the error that `check` ends with.
fn refused(data: &Dataset, section: &str, message: &str) {
    let before = data.read("study.toml");
    data.write("study.toml", format!("{before}\n[hierarchy]\n{section}\n").as_bytes());
    let error = data.check().error();
    assert!(error.contains(message), "{error}\n{message}");
    data.write("study.toml", before.as_bytes());
}

#[test]
fn what_is_no_order_is_refused() {
    let data = recorded();
    atlas(&data);
    in_space(&data, "fsaverage6");
    data.set("folder = \"bids\"", "folder = \"bids\"\natlas = [\"lh.label.gii\", \"rh.label.gii\"]");
    data.write("order.tsv", b"region\tgradient\tword\nL A1\t1\tlow\nL STS\tn/a\thigh\n");
    data.write("twice.tsv", b"region\tgradient\nL A1\t1\nL A1\t2\n");
    data.write("others.tsv", b"region\tgradient\nA1\t1\n");
    refused(&data, "", "found nothing to rank regions by, expected hierarchy.column");
    refused(&data, "colum = \"a\"", "did you mean `column`?");
    refused(&data, "column = \"gradient\"", "found `gradient` of no table");
    refused(
        &data,
        "table = \"order.tsv\"\ncolumn = \"gradient\"\nprimary = [\"L A1\"]",
        "both column and primary",
    );
    refused(
        &data,
        "table = \"order.tsv\"\ncolumn = \"depth\"",
        "order.tsv: found no column `depth`, expected one of: region, gradient, word",
    );
    refused(&data, "table = \"order.tsv\"\ncolumn = \"word\"", "found `low` in column `word` for `L A1`");
    refused(&data, "table = \"twice.tsv\"\ncolumn = \"gradient\"", "found `L A1` twice in");
    refused(
        &data,
        "table = \"others.tsv\"\ncolumn = \"gradient\"",
        "(its first is `A1`), expected names of regions of the study: L A1, L STS, R A1, R STS",
    );
    refused(&data, "primary = [\"A1\"]", "found `A1`, expected names of regions of the study: L A1");
    refused(&data, "primary = [\"L A1\", \"L A1\"]", "found `L A1` twice");
    refused(
        &data,
        "primary = [\"L A1\"]",
        "found distances, and no places of the regions, expected hierarchy.table",
    );
    strip(&data, "short.gii", 7, -1.0);
    refused(
        &data,
        "table = \"order.tsv\"\ncolumn = \"gradient\"\nsphere = [\"short.gii\", \"short.gii\"]",
        "found 7 vertices in short.gii, expected 20",
    );
    data.write("some.tsv", b"region\tgradient\tx\ty\tz\nL A1\t1\t1\t2\t3\nL STS\t2\t1\t2\tn/a\n");
    refused(
        &data,
        "table = \"some.tsv\"\ncolumn = \"gradient\"",
        "found no place of `L STS`, expected x, y and z of every region",
    );
    data.set("space = \"fsaverage6\"", &format!("space = \"{SPACE}\""));
    data.set("atlas = [\"lh.label.gii\", \"rh.label.gii\"]\n", "");
    data.write("brain.tsv", b"region\tgradient\nbrain\t1\n");
    refused(
        &data,
        "table = \"brain.tsv\"\ncolumn = \"gradient\"\nsphere = [\"short.gii\", \"short.gii\"]",
        "found spheres for recordings that are no surfaces",
    );
}

/// The strip goes 2 mm to the vertex after the next, √10 mm to the next; A1 is every fifth vertex, the two after it are STS.
#[test]
fn distances_go_along_the_sides_of_the_mesh() {
    let data = recorded();
    atlas(&data);
    in_space(&data, "fsaverage6");
    strip(&data, "lh.surf.gii", LEFT, -20.0);
    strip(&data, "rh.surf.gii", VOXELS - LEFT, 20.0);
    let both = "atlas = [\"lh.label.gii\", \"rh.label.gii\"]\nmesh = [\"lh.surf.gii\", \"rh.surf.gii\"]";
    data.set("folder = \"bids\"", &format!("folder = \"bids\"\n{both}"));
    let study = data.read("study.toml");
    let section = "[hierarchy]\nprimary = [\"L A1\"]\nsphere = [\"lh.surf.gii\", \"rh.surf.gii\"]\n";
    data.write("study.toml", format!("{study}\n{section}").as_bytes());
    data.analyze("out", &[]).succeeded();
    let rows = data.rows("out/tables/hierarchy.tsv");
    let of = |name: &str| rows.iter().find(|row| row[1] == name).unwrap()[6].clone();
    assert_eq!(
        [of("L A1"), of("R A1"), of("R STS")],
        ["0", "n/a", "n/a"],
        "the right side has no primary region"
    );
    let expected = f64::midpoint(2.0, 10.0_f64.sqrt());
    assert!((of("L STS").parse::<f64>().unwrap() - expected).abs() < 1e-6, "{}", of("L STS"));
    let index = &data.rows("out/tables/hierarchy_index.tsv")[0];
    assert_eq!(index[3], "distance to L A1 along the cortex");
    assert!(
        index.contains(&"spins".to_owned()) && index.contains(&"too_few_regions".to_owned()),
        "{index:?}"
    );
}
