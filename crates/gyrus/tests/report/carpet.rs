//! The carpet: a planted one, and that its pictures show what its table says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use gyrus::Packed;
use gyrus::report::{self, PageContext};
use gyrus::results::{Carpet, Results, Target, Trace, TraceKind};
use scraper::{Html, Selector};

use crate::study::{self, Shape};

const COLUMNS: usize = 5;

/// Every region is a target; values from −3 to 3 standard deviations, one of them missing.
pub fn planted(shape: &Shape) -> Carpet {
    let count = shape.regions.len() * COLUMNS;
    let values = |turn: usize| {
        let value = |place: usize| (place != 3).then(|| ((place * 37 + turn) % 601) as i32 - 300);
        Packed::of(&(0..count).map(value).collect::<Vec<_>>())
    };
    let trace = |source: &str, kind| Trace {
        source: source.to_owned(),
        kind,
        values: Packed::of(&[Some(0), Some(12), Some(31), None, Some(8)]),
    };
    Carpet {
        participant: shape.participants[0].clone(),
        run: "alice".to_owned(),
        interval: 2.04,
        step: 2,
        n_columns: COLUMNS,
        targets: shape
            .regions
            .iter()
            .map(|name| Target { name: name.clone(), region: name.clone() })
            .collect(),
        before: values(0),
        after: values(290),
        traces: vec![trace("motion", TraceKind::Displacement), trace("confounds", TraceKind::Regressors)],
    }
}

/// The cells of a table below its header.
fn cells(results: &Results, file: &str) -> Vec<Vec<String>> {
    gyrus::tables::cells(file, results).unwrap()
}

#[test]
fn pixels_are_the_levels_of_the_table() {
    let results = study::results(&Shape::small());
    let page = Html::parse_document(&report::page(&results, &PageContext::default()));
    let images = Selector::parse("#quality image").unwrap();
    let rows = cells(&results, "carpet.tsv");
    assert_eq!(rows.len(), 3 * COLUMNS);
    for (image, column) in page.select(&images).zip([2, 3]) {
        let data = image.attr("href").unwrap().strip_prefix("data:image/png;base64,").unwrap();
        let mut decoder = png::Decoder::new(std::io::Cursor::new(STANDARD.decode(data).unwrap()));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let frame = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((frame.width, frame.height), (COLUMNS as u32, 3));
        for (row, pixel) in rows.iter().zip(pixels.chunks(3)) {
            match row[column].parse::<f64>() {
                // Sixteen steps of a quarter from −2 to 2.
                Ok(value) => {
                    let grey = 255.0 * (value.clamp(-2.0, 2.0) + 2.0) / 4.0;
                    let far = (f64::from(pixel[0]) - grey).abs();
                    assert!(far <= 255.0 / 32.0 + 1.0, "{row:?} is {pixel:?}");
                    assert!(pixel[0] == pixel[1] && pixel[1] == pixel[2], "{pixel:?} is no grey");
                }
                Err(_) => assert!(pixel[0] < pixel[2], "missing is blue, not {pixel:?}"),
            }
        }
    }
    assert_eq!(page.select(&images).count(), 3, "before, after, and what the greys mean");
    assert_eq!(rows[0][1], "1.02", "the middle of two volumes");
    assert_eq!(cells(&results, "carpet_traces.tsv")[1], ["motion", "5.1", "0.12", "mm"]);
}

#[test]
fn results_without_a_carpet_have_a_page_without_one() {
    let results = Results { carpet: None, ..study::results(&Shape::small()) };
    assert!(!report::page(&results, &PageContext::default()).contains("about-carpet"));
    assert!(cells(&results, "carpet.tsv").is_empty());
}
