//! Parts of the page beside pictures of them that somebody looked at: shapes, sides and colours, within a tolerance.
//!
//! Words are hidden, because every machine has letters of its own, and pictures are compared square by square, because edges are
//! smoothed differently. `GYRUS_UPDATE_PICTURES=1` writes the pictures anew.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::chromium::{DESKTOP, Look, Page};

/// Pixels along a side of a square.
const SQUARE: usize = 6;
/// Of 255: how far the mean of a square may be from the known one in any of red, green and blue.
const NEAR: u8 = 20;
/// Share of squares that may be further away.
const MOST: f64 = 0.015;

/// Means of squares.
pub struct Picture {
    columns: usize,
    rows: usize,
    colours: Vec<[u8; 3]>,
}

impl Picture {
    /// Of a PNG.
    fn read(bytes: &[u8], square: usize) -> Self {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        let (width, height, samples) =
            (frame.width as usize, frame.height as usize, frame.color_type.samples());
        assert!(samples >= 3, "{:?}", frame.color_type);
        let (columns, rows) = (width / square, height / square);
        let mean = |column: usize, row: usize, channel: usize| {
            let places = (0..square).flat_map(|down| (0..square).map(move |across| (across, down)));
            let at = |(across, down): (usize, usize)| {
                samples * (column * square + across + width * (row * square + down)) + channel
            };
            let sum: usize = places.map(|place| usize::from(pixels[at(place)])).sum();
            (sum / (square * square)) as u8
        };
        let squares = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
        let colours = squares.map(|(column, row)| [0, 1, 2].map(|channel| mean(column, row, channel)));
        Self { columns, rows, colours: colours.collect() }
    }

    /// Of the element that a selector finds, its words hidden.
    pub fn of(page: &mut Page, selector: &str) -> Self {
        let found = page.value(&format!(
            "(() => {{
                if (!document.getElementById('wordless')) {{
                    const style = document.createElement('style');
                    style.id = 'wordless';
                    style.textContent = 'svg text {{ visibility: hidden }} :focus-visible, .layer:focus-visible .field {{ outline: none !important; stroke: none !important }}';
                    document.head.append(style);
                }}
                const box = document.querySelector({}).getBoundingClientRect();
                return [box.left + scrollX, box.top + scrollY, box.width, box.height];
            }})()",
            json!(selector)
        ));
        let side = |index: usize| found[index].as_f64().unwrap();
        let clip = json!({ "x": side(0), "y": side(1), "width": side(2), "height": side(3), "scale": 1 });
        // Two frames: one may still be on its way.
        page.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
        let parameters = json!({ "format": "png", "clip": clip, "captureBeyondViewport": true });
        let taken = page.call("Page.captureScreenshot", &parameters);
        Self::read(&STANDARD.decode(taken["data"].as_str().unwrap()).unwrap(), SQUARE)
    }

    /// The share of squares that differ; all of them where the sizes do.
    pub fn difference(&self, other: &Self) -> f64 {
        if (self.columns, self.rows) != (other.columns, other.rows) {
            return 1.0;
        }
        let is_far =
            |(a, b): &(&[u8; 3], &[u8; 3])| (0..3).any(|channel| a[channel].abs_diff(b[channel]) > NEAR);
        let far = self.colours.iter().zip(&other.colours).filter(is_far).count();
        far as f64 / self.colours.len() as f64
    }

    /// With left and right exchanged.
    fn mirrored(&self) -> Self {
        let rows = self.colours.chunks(self.columns);
        let colours = rows.flat_map(|row| row.iter().rev().copied()).collect();
        Self { columns: self.columns, rows: self.rows, colours }
    }

    /// With red and blue exchanged, as another map of colours would.
    fn recoloured(&self) -> Self {
        let colours = self.colours.iter().map(|[red, green, blue]| [*blue, *green, *red]).collect();
        Self { columns: self.columns, rows: self.rows, colours }
    }

    fn write(&self, path: &Path) {
        let file = std::fs::File::create(path).unwrap();
        let mut encoder = png::Encoder::new(file, self.columns as u32, self.rows as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        encoder.write_header().unwrap().write_image_data(&self.colours.concat()).unwrap();
    }

    /// The picture that is checked in under a name shows the same; what a flipped brain or other colours would look like does not.
    fn is_as_known(&self, name: &str) {
        let path = folder().join(format!("{name}.png"));
        if std::env::var_os("GYRUS_UPDATE_PICTURES").is_some() {
            self.write(&path);
        }
        let bytes = std::fs::read(&path).unwrap_or_else(|error| {
            panic!("{}: {error}; GYRUS_UPDATE_PICTURES=1 writes it, then look at it", path.display())
        });
        let known = Self::read(&bytes, 1);
        let share = self.difference(&known);
        if share > MOST {
            let new = std::env::temp_dir().join(format!("gyrus-{name}.png"));
            self.write(&new);
            panic!(
                "{}: {:.1} % of the squares look different (at most {:.1} %; {} × {} known, {} × {} found); {} is what the page shows now: look at both, and write the pictures anew with GYRUS_UPDATE_PICTURES=1 if it is right",
                path.display(),
                100.0 * share,
                100.0 * MOST,
                known.columns,
                known.rows,
                self.columns,
                self.rows,
                new.display()
            );
        }
    }

    /// As [`Self::is_as_known`], of a drawing in which sides and colours matter.
    fn is_as_known_and_no_mirror_image(&self, name: &str) {
        self.is_as_known(name);
        assert!(
            self.difference(&self.mirrored()) > MOST,
            "{name}: left and right exchanged would not be seen"
        );
        assert!(self.difference(&self.recoloured()) > MOST, "{name}: other colours would not be seen");
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/page")
}

/// Slices, colours, profile and figures of a study of voxels that is analysed into `out`, on light and on dark paper.
pub fn are_as_known(report: &Path) {
    let mut page = Page::open(report, DESKTOP);
    let select = |label: &str| format!("[data-viewer='brain'] [data-control='{label}']");
    page.choose(&select("shown"), "score");
    page.choose(&select("layer"), "2");
    super::brain::click(&mut page, 2, 1);
    page.value("document.activeElement.blur()");
    for (place, name) in ["above", "behind", "left"].into_iter().enumerate() {
        let slice = format!(".slice:nth-child({}) canvas", place + 1);
        Picture::of(&mut page, &slice).is_as_known_and_no_mirror_image(&format!("slice-{name}"));
    }
    for (name, selector) in [
        ("legend", "[data-viewer='brain'] .legend-bar svg"),
        ("profile", "[data-viewer='brain'] .profile svg"),
        ("answer", "#answer .hero [data-size='wide'] svg"),
        ("brain", "[aria-describedby='about-brain']"),
        ("carpet", "[aria-describedby='about-carpet']"),
    ] {
        Picture::of(&mut page, selector).is_as_known(name);
    }
    page.look(Look { is_dark: true, ..DESKTOP });
    Picture::of(&mut page, ".slice:nth-child(1) canvas").is_as_known_and_no_mirror_image("dark-slice-above");
    Picture::of(&mut page, "#answer .hero [data-size='wide'] svg").is_as_known("dark-answer");
}
