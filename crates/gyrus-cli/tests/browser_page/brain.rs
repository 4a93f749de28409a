//! The brain of a study of volumes: every voxel and every control, by mouse and by keyboard.

use serde_json::Value;

use super::accessible::broken;
use super::chromium::{DESKTOP, Look, Page};
use super::controls::{OF_VOXELS, use_all};
use super::dataset::{Dataset, VOXELS, mask_image};
use super::printed::{Table, fixed, map, probability};

/// The lowest slice is one region, the second another, the third lies in none.
pub fn atlas(voxel: usize) -> i16 {
    [300, 2, 0][voxel / 12]
}

/// A study of voxels with regions of these names, analysed.
pub fn analysed(names: [&str; 2], language_model: &str) -> Dataset {
    let data = Dataset::new();
    let values = (0..VOXELS).map(atlas).collect();
    data.write("atlas.nii", &super::image::Image { values, ..mask_image(|_| true) }.bytes());
    data.write("atlas.tsv", format!("index\tname\n300\t{}\n2\t{}\n", names[0], names[1]).as_bytes());
    data.set("folder = \"bids\"", "folder = \"bids\"\natlas = \"atlas.nii\"\natlas_labels = \"atlas.tsv\"");
    data.set("path = \"model\"", &format!("path = \"model\"\nname = '{language_model}'"));
    data.analyze("out", &[]).succeeded();
    data
}

/// What the page says of the voxel below the crosshair.
pub fn fact(page: &mut Page, key: &str) -> String {
    page.text(&format!("[data-fact='{key}']"))
}

/// Left, top, width and height of the drawing from above, brought into view.
fn drawing(page: &mut Page) -> [f64; 4] {
    page.value("document.querySelector('.slice canvas').scrollIntoView({ block: 'center' })");
    let sides = page.value(
        "(() => { const box = document.querySelector('.slice canvas').getBoundingClientRect(); return [box.left, box.top, box.width, box.height]; })()",
    );
    let side = |index: usize| sides[index].as_f64().unwrap();
    [side(0), side(1), side(2), side(3)]
}

/// Clicks the voxel at these indices of the slice that is shown from above.
pub fn click(page: &mut Page, x: usize, y: usize) {
    let [left, top, width, height] = drawing(page);
    page.click((left + width * (x as f64 + 0.5) / 4.0, top + height * (2.5 - y as f64) / 3.0));
}

/// Every map of the study beside the words of the page for the voxel `x-y-z`.
pub struct Maps {
    score: Vec<f64>,
    gain: Vec<f64>,
    p: Vec<f64>,
    depth: Vec<f64>,
}

impl Maps {
    pub fn of(data: &Dataset) -> Self {
        Self {
            score: map(data, "mean", "Score"),
            gain: map(data, "mean", "UniqueGain"),
            p: map(data, "pcorrected", "Score"),
            depth: map(data, "centreofmass", "Depth"),
        }
    }

    /// As [`Self::compare`], for the voxel that the page names.
    pub fn compare_where_it_stands(&self, page: &mut Page) {
        page.value("document.querySelector(\"[data-viewer='brain'] [value='voxel']\").click()");
        let name = fact(page, "name");
        let indices: Vec<usize> = name.split('-').map(|index| index.parse().unwrap()).collect();
        self.compare(page, [indices[0], indices[1], indices[2]]);
    }

    /// The page says what the maps hold at a voxel, for the layer that is shown and for all layers.
    pub fn compare(&self, page: &mut Page, [x, y, z]: [usize; 3]) {
        let voxel = x + 4 * (y + 3 * z);
        assert_eq!(fact(page, "name"), format!("{x}-{y}-{z}"));
        let place = [(x, -4.5), (y, -3.0), (z, -3.0)].map(|(index, first)| 3.0 * index as f64 + first);
        let millimetres = place.map(|along| fixed(along, 1).trim_end_matches(".0").to_owned());
        assert_eq!(fact(page, "position"), format!("{} mm", millimetres.join(", ")));
        let layer: usize = fact(page, "layer").parse().unwrap();
        let at = |values: &[f64], layer: usize| values[layer * VOXELS + voxel];
        assert_eq!(fact(page, "score"), fixed(at(&self.score, layer), 3));
        assert_eq!(fact(page, "gain"), fixed(at(&self.gain, layer), 3));
        assert_eq!(fact(page, "p"), probability(at(&self.p, layer)));
        let is_significant = (0..3).any(|layer| at(&self.p, layer) < 0.05);
        let depth = if is_significant { self.depth[voxel] } else { f64::NAN };
        assert_eq!(fact(page, "depth"), fixed(depth, 1));
        for layer in 0..3 {
            let shown = row(page, "brain", layer);
            let expected = [
                layer.to_string(),
                fixed(at(&self.score, layer), 3),
                probability(at(&self.p, layer)),
                fixed(at(&self.gain, layer), 3),
            ];
            assert_eq!(shown, expected, "{x}-{y}-{z}");
        }
    }
}

/// The cells of a layer in the table of a viewer.
pub fn row(page: &mut Page, viewer: &str, layer: usize) -> Vec<String> {
    let cells = page.value(&format!(
        "[...document.querySelectorAll(\"[data-viewer='{viewer}'] .profile tbody tr\")[{layer}].children].map((cell) => cell.textContent)"
    ));
    cells.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_voxel_says_what_the_maps_hold_and_every_control_works() {
    let data = analysed(["bottom", "middle"], "model");
    let maps = Maps::of(&data);
    let mut page = Page::open(&data.path("out/report/index.html"), DESKTOP);
    used(&mut page, &data, &maps);
    page.look(Look { width: 390, height: 800, is_dark: true, ..DESKTOP });
    let wide = page.value("document.documentElement.scrollWidth");
    assert!(wide.as_f64().unwrap() <= 390.0, "the page is {wide} wide on a phone");
    click(&mut page, 1, 1);
    assert_eq!(broken(&mut page), [""; 0]);
    assert_eq!(page.value("document.querySelector('.solid')"), Value::Null, "without WebGL slices alone");
    assert_eq!(page.complaints(), [""; 0]);
    assert_eq!(page.asked_for().len(), 1);
    super::pictures::are_as_known(&data.path("out/report/index.html"));
    super::solid::voxels(&data, &maps);
    super::served::the_same_page(&data, &maps);
}

/// Everything that a page without WebGL offers, wherever it comes from.
pub fn used(page: &mut Page, data: &Dataset, maps: &Maps) {
    by_mouse_and_keys(page, maps);
    controls(page, maps);
    regions(page, data);
    saved(page, data);
    assert_eq!(use_all(page), OF_VOXELS);
    maps.compare_where_it_stands(page);
    assert_eq!(broken(page), [""; 0]);
}

/// From the lowest slice upwards, each voxel of it is clicked; then the crosshair is moved by keys.
fn by_mouse_and_keys(page: &mut Page, maps: &Maps) {
    page.choose("[data-viewer='brain'] [data-control='shown']", "score");
    page.value("document.querySelector('.slice canvas').focus()");
    for _ in 0..3 {
        page.press("PageDown", 34);
    }
    for (z, key) in [(0, "PageUp"), (1, "PageUp")] {
        for y in 0..3 {
            for x in 0..4 {
                click(page, x, y);
                maps.compare(page, [x, y, z]);
            }
        }
        page.press(key, 33);
    }
    assert_eq!(fact(page, "name"), "", "the third slice lies in no region");
    page.press("PageDown", 34);
    maps.compare(page, [3, 2, 1]);
    page.press("ArrowLeft", 37);
    maps.compare(page, [2, 2, 1]);
    page.press("ArrowDown", 40);
    maps.compare(page, [2, 1, 1]);
    page.press("ArrowRight", 39);
    page.press("ArrowUp", 38);
    page.press("ArrowUp", 38);
    maps.compare(page, [3, 2, 1]);
    // In the other drawings the same keys move other indices: from behind, and from the left with the front to the left.
    page.value("document.querySelectorAll('.slice canvas')[1].focus()");
    page.press("ArrowDown", 40);
    maps.compare(page, [3, 2, 0]);
    page.value("document.querySelectorAll('.slice canvas')[2].focus()");
    page.press("ArrowRight", 39);
    maps.compare(page, [3, 1, 0]);
    page.press("ArrowLeft", 37);
    page.press("PageDown", 34);
    maps.compare(page, [2, 2, 0]);
}

/// Statistics, layers, threshold and the significant alone.
fn controls(page: &mut Page, maps: &Maps) {
    let select = |label: &str| format!("[data-viewer='brain'] [data-control='{label}']");
    for layer in ["0", "1", "2", "best"] {
        page.choose(&select("layer"), layer);
        if layer != "best" {
            assert_eq!(fact(page, "layer"), layer);
        }
        maps.compare(page, [2, 2, 0]);
    }
    // All pixels of a drawing.
    let painted = "document.querySelectorAll('.slice canvas')[0].toDataURL()";
    let mut seen: Vec<Value> = Vec::new();
    for statistic in ["p", "gain", "score"] {
        page.choose(&select("shown"), statistic);
        seen.push(page.value(painted));
    }
    assert!(seen[0] != seen[1] && seen[1] != seen[2], "each statistic has a picture of its own");
    page.choose(&select("threshold"), "100");
    let bare = page.value(painted);
    assert_ne!(bare, seen[2], "a threshold hides");
    assert!(page.text("[data-viewer='brain'] output").starts_with("at least "));
    page.choose(&select("threshold"), "0");
    assert_eq!(page.value(painted), seen[2], "without it all is back");
    page.value("document.querySelector(\"[data-viewer='brain'] [type='checkbox']\").click()");
    page.value("document.querySelector(\"[data-viewer='brain'] [type='checkbox']\").click()");
    assert_eq!(page.value(painted), seen[2]);
    page.value("document.querySelector(\"[data-viewer='brain'] .controls button\").click()");
    let layer: usize = fact(page, "layer").parse().unwrap();
    let own = &maps.score[layer * VOXELS..][..24];
    let largest = own.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert_eq!(fact(page, "score"), fixed(largest, 3), "the largest value of the map");
}

/// A region that is chosen has the numbers of the table of layers.
fn regions(page: &mut Page, data: &Dataset) {
    let layers = Table::read(&data.path("out/tables/layers.tsv"));
    let group = Table::read(&data.path("out/tables/group.tsv"));
    for (index, name) in ["middle", "bottom"].into_iter().enumerate() {
        page.choose("[data-viewer='brain'] [data-control='region']", &index.to_string());
        assert_eq!(fact(page, "region"), name);
        for layer in 0..3 {
            let key = layer.to_string();
            let key = ["model", &key, name];
            let number = |column: &str| fixed(layers.number(&key, column), 3);
            let tests = [key[0], key[1], key[2], "score"];
            let expected = [
                layer.to_string(),
                number("score"),
                format!("[{},\u{A0}{}]", number("score_low"), number("score_high")),
                format!("[{},\u{A0}{}]", number("score_story_low"), number("score_story_high")),
                fixed(group.number(&tests, "null_95"), 3),
                probability(group.number(&tests, "p_stimulus_corrected")),
            ];
            assert_eq!(row(page, "brain", layer), expected, "{name}");
        }
    }
    page.value("document.querySelector(\"[data-viewer='brain'] [value='voxel']\").click()");
    assert_eq!(row(page, "brain", 0).len(), 4, "the voxel again");
}

/// The figure of the answer as SVG, PNG and TSV, the last with the numbers of the tables that it names.
fn saved(page: &mut Page, data: &Dataset) {
    for place in 0..3 {
        page.value(&format!("document.querySelectorAll('#answer .downloads button')[{place}].click()"));
    }
    let svg = String::from_utf8(page.downloaded("answer.svg")).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>") && svg.contains(".s-score{"), "{svg}");
    assert_eq!(&page.downloaded("answer.png")[..8], b"\x89PNG\r\n\x1a\n");
    let text = String::from_utf8(page.downloaded("answer.tsv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("table\tline\trow\tcolumn\tvalue"));
    let mut count = 0;
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let table = Table::read(&data.path("out/tables").join(cells[0]));
        let line: usize = cells[1].parse().unwrap();
        for part in cells[2].split("; ") {
            let (column, words) = part.split_once('=').unwrap();
            assert_eq!(table.at(line, column), words, "{part}");
        }
        let value: f64 = table.at(line, cells[3]).parse().unwrap_or(f64::NAN);
        let is_p = cells[3].starts_with("p_");
        assert_eq!(cells[4], if is_p { probability(value) } else { fixed(value, 3) }, "{cells:?}");
        count += 1;
    }
    assert!(count > 20, "{count} numbers");
}
