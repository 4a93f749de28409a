//! The brain in three dimensions, by NiiVue: what is clicked has the numbers of the maps; without WebGL the pictures stay.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use gyrus_io::gifti::{self, Array, Encoding, Gifti, intent};
use gyrus_io::nifti::DataType;
use serde_json::Value;

use super::accessible::broken;
use super::brain::{Maps, fact, row};
use super::chromium::{DESKTOP, Look, Page};
use super::controls::{OF_VOXELS, use_all};
use super::cortex::{LEFT, in_space, recorded};
use super::dataset::{Dataset, VOXELS};
use super::printed::{fixed, probability};

pub const SOLID: Look = Look { has_webgl: true, ..DESKTOP };
const PATIENCE: Duration = Duration::from_secs(60);

/// The program has to be built after `cargo xtask web`, as `cargo xtask test` does.
pub fn require_viewer() {
    let viewer = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/web/viewer.js");
    let is_made = std::fs::metadata(viewer).is_ok_and(|viewer| viewer.len() > 0);
    assert!(is_made, "there is no viewer: run `cargo xtask web`, then build");
}

/// Waits until the brain is drawn, turned so that a side is seen.
fn seen_from(page: &mut Page, side: &str) {
    page.value("document.querySelector('.scene').scrollIntoView({ block: 'center' })");
    let start = Instant::now();
    while page.value("document.querySelector('.solid').dataset.state") != "drawn" {
        assert!(start.elapsed() < PATIENCE, "the brain was not drawn");
        std::thread::sleep(Duration::from_millis(50));
    }
    page.value(&format!(
        "[...document.querySelectorAll('.sides button')].find((button) => button.textContent === '{side}').click()"
    ));
}

/// Clicks all over the brain; by what was found, the words of the page's table of layers.
fn found(page: &mut Page, side: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    seen_from(page, side);
    let mut found = BTreeMap::new();
    for (across, down) in (2..9).flat_map(|across| (2..7).map(move |down| (across, down))) {
        let at = page.value(&format!(
            "(() => {{ const box = document.querySelector('.scene canvas').getBoundingClientRect(); return [box.left + box.width * {across} / 10, box.top + box.height * {down} / 8]; }})()"
        ));
        page.click((at[0].as_f64().unwrap(), at[1].as_f64().unwrap()));
        // Looking up takes a frame.
        page.value("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 5)))");
        let name = fact(page, "name");
        found.entry(name).or_insert_with(|| (0..3).map(|layer| row(page, "brain", layer)).collect());
    }
    found
}

/// A study of voxels: boxes that are clicked are the voxels that the maps have there.
pub fn voxels(data: &Dataset, maps: &Maps) {
    require_viewer();
    clicked(&mut Page::open(&data.path("out/report/index.html"), SOLID), maps);
}

/// What is clicked in a page of voxels, wherever it comes from.
pub fn clicked(page: &mut Page, maps: &Maps) {
    page.choose("[data-viewer='brain'] [data-control='shown']", "score");
    // From above only the upper voxels can be hit, those of the second slice: the third lies in no region and is grey.
    let names: Vec<String> = found(page, "left").into_keys().collect();
    assert!(names.len() > 3, "{names:?}");
    for name in &names {
        let indices: Vec<usize> = name.split('-').map(|index| index.parse().unwrap()).collect();
        assert!(indices[2] < 2, "{name}: only voxels with a value are boxes that can be clicked");
    }
    maps.compare_where_it_stands(page);
    assert_eq!(use_all(page), OF_VOXELS);
    maps.compare_where_it_stands(page);
    assert_eq!(page.complaints(), [""; 0]);
    assert_eq!(page.asked_for().len(), 1);
}

/// A sheet of squares with four vertices upwards, which is seen from its own side of the brain.
fn sheet(data: &Dataset, name: &str, vertices: usize, x: f64) {
    let points: Vec<f64> =
        (0..vertices).flat_map(|at| [x, 12.0 * (at / 4) as f64, 12.0 * (at % 4) as f64]).collect();
    let squares = (0..vertices - 4).filter(|at| at % 4 < 3);
    let halves = squares.flat_map(|at| [[at, at + 4, at + 5], [at, at + 5, at + 1]]);
    // Against the clock from where they are seen.
    let turned = |[a, b, c]: [usize; 3]| if x < 0.0 { [a, c, b] } else { [a, b, c] };
    let corners: Vec<f64> = halves.flat_map(turned).map(|corner| corner as f64).collect();
    let arrays = vec![
        Array::new(intent::POINT_SET, &[vertices, 3], DataType::F32, &points).unwrap(),
        Array::new(intent::TRIANGLE, &[corners.len() / 3, 3], DataType::I32, &corners).unwrap(),
    ];
    gifti::write(&data.path(name), &Gifti { arrays, ..Gifti::default() }, Encoding::Base64).unwrap();
}

/// Values of a map of the group on both hemispheres, left before right: layer by layer.
fn map(data: &Dataset, statistic: &str, quantity: &str) -> Vec<Vec<f64>> {
    let of = |side: &str| {
        let name =
            format!("hemi-{side}_space-fsaverage6_stat-{statistic}_desc-model{quantity}_statmap.func.gii");
        gifti::read_series(&data.path("out/maps/group").join(name)).unwrap().values
    };
    let [left, right] = ["L", "R"].map(of);
    let layers = left.outer_iter().zip(right.outer_iter());
    layers
        .map(|(left, right)| left.iter().chain(right.iter()).map(|value| f64::from(*value)).collect())
        .collect()
}

#[test]
fn vertices_say_what_the_maps_hold_and_without_webgl_the_pictures_stay() {
    let data = recorded();
    in_space(&data, "fsaverage6");
    sheet(&data, "lh.surf.gii", LEFT, -6.0);
    sheet(&data, "rh.surf.gii", VOXELS - LEFT, 6.0);
    data.set("folder = \"bids\"", "folder = \"bids\"\nmesh = [\"lh.surf.gii\", \"rh.surf.gii\"]");
    data.analyze("out", &[]).succeeded();
    let file = data.path("out/report/index.html");
    let mut page = Page::open(&file, DESKTOP);
    assert_eq!(page.value("document.querySelector('.solid')"), Value::Null);
    let height = page.value("document.querySelector('#brain svg').getBoundingClientRect().height");
    assert!(height.as_f64().unwrap() > 50.0, "the pictures are {height} high");
    assert_eq!(page.complaints(), [""; 0]);
    require_viewer();
    let mut page = Page::open(&file, SOLID);
    let [score, gain] = ["Score", "UniqueGain"].map(|quantity| map(&data, "mean", quantity));
    let p = map(&data, "pcorrected", "Score");
    for (side, letter, first) in [("left", "L-", 0), ("right", "R-", LEFT)] {
        let seen = found(&mut page, side);
        let own: Vec<_> = seen.iter().filter(|(name, _)| name.starts_with(letter)).collect();
        assert!(own.len() > 4, "{side}: {:?}", seen.keys());
        for (name, rows) in own {
            let vertex = first + name[2..].parse::<usize>().unwrap();
            for (layer, cells) in rows.iter().enumerate() {
                let [r, p, gain] = [&score, &p, &gain].map(|map| map[layer][vertex]);
                let expected = [layer.to_string(), fixed(r, 3), probability(p), fixed(gain, 3)];
                assert_eq!(*cells, expected, "{name}");
            }
        }
    }
    page.choose("[data-viewer='brain'] [data-control='shown']", "gain");
    page.choose("[data-viewer='brain'] [data-control='layer']", "1");
    assert_eq!(fact(&mut page, "layer"), "1");
    assert_eq!(broken(&mut page), [""; 0]);
    assert_eq!(page.complaints(), [""; 0]);
    assert_eq!(page.asked_for().len(), 1);
}
