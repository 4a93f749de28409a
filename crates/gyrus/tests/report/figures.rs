//! Marks sit where the axes say that their values are, and every figure says its numbers to those who do not see it.

use gyrus::report::{self, PageContext};
use scraper::{ElementRef, Html, Selector};

use crate::numbers::Files;
use crate::study::{self, Shape};

/// From values to places, by the labels of an axis.
struct Axis {
    from: (f64, f64),
    to: (f64, f64),
}

impl Axis {
    /// Labels of one anchor: (value, place). All of them must lie on one line.
    fn of(labels: &[(f64, f64)]) -> Option<Self> {
        let axis = Self { from: *labels.first()?, to: *labels.last()? };
        if axis.from.0 == axis.to.0 {
            return None;
        }
        for (value, place) in labels {
            assert!((axis.at(*value) - place).abs() < 0.05, "label {value} is at {place}");
        }
        Some(axis)
    }

    fn at(&self, value: f64) -> f64 {
        let slope = (self.to.1 - self.from.1) / (self.to.0 - self.from.0);
        self.from.1 + slope * (value - self.from.0)
    }
}

fn labels(figure: &ElementRef<'_>, class: &str, place: &str) -> Vec<(f64, f64)> {
    let ticks = Selector::parse(&format!("text.tick.{class}")).unwrap();
    let label = |tick: ElementRef<'_>| {
        let text: String = tick.text().collect();
        (text.replace('\u{2212}', "-").parse().unwrap(), tick.attr(place).unwrap().parse().unwrap())
    };
    figure.select(&ticks).map(label).collect()
}

#[test]
fn marks_sit_at_their_values() {
    let results = study::results(&Shape::small());
    let files = Files::of(&results);
    let page = Html::parse_document(&report::page(&results, &PageContext::default()));
    let mut count = 0;
    let marks = Selector::parse("circle[data-cell]").unwrap();
    for figure in page.select(&Selector::parse("svg.figure").unwrap()) {
        if figure.select(&marks).next().is_none() {
            continue;
        }
        // A baseline of text sits four below the value that it names.
        let vertical: Vec<_> =
            labels(&figure, "end", "y").into_iter().map(|(value, y)| (value, y - 4.0)).collect();
        let vertical = Axis::of(&vertical);
        let horizontal = Axis::of(&labels(&figure, "middle", "x"));
        for mark in figure.select(&marks) {
            let value: f64 = files.cell(&mark).parse().unwrap();
            let value = if mark.attr("data-cell").is_some_and(|cell| cell.ends_with(" share")) {
                100.0 * value
            } else {
                value
            };
            let (axis, place) = match &vertical {
                Some(axis) => (axis, "cy"),
                None => (horizontal.as_ref().unwrap(), "cx"),
            };
            let place: f64 = mark.attr(place).unwrap().parse().unwrap();
            assert!((axis.at(value) - place).abs() < 0.1, "{value} is at {place}: {}", mark.html());
            count += 1;
        }
    }
    // Two of the answer and four panels of four layers, one alignment of four, gains of four and three layers, two
    // forests of four rows, two depths, four lags, two participants of two sources, two
    // sources with and without, three windows, one region with depth and reference, an index and two of copies, three
    // levels of a sweep and two differences.
    assert_eq!(count, 8 + 16 + 4 + 7 + 8 + 2 + 4 + 4 + 2 + 3 + 1 + 3 + 5);
}

#[test]
fn every_figure_has_a_name_and_its_numbers_in_words() {
    let results = study::results(&Shape::thirty_regions());
    let page = Html::parse_document(&report::page(&results, &PageContext::default()));
    let mut described = std::collections::HashSet::new();
    for figure in page.select(&Selector::parse("svg.figure").unwrap()) {
        assert_eq!(figure.attr("role"), Some("img"));
        assert!(!figure.attr("aria-label").unwrap().is_empty());
        let id = figure.attr("aria-describedby").unwrap();
        assert!(described.insert(id.to_owned()), "{id} twice");
        let description = figure.select(&Selector::parse("desc").unwrap()).next().unwrap();
        assert_eq!(description.attr("id"), Some(id));
        assert!(description.select(&Selector::parse("[data-cell]").unwrap()).next().is_some(), "{id}");
    }
    assert!(described.len() >= 38, "{}", described.len());
}

#[test]
fn every_link_of_the_page_leads_to_a_file_that_is_written() {
    let results = study::results(&Shape::small());
    let figures: Vec<String> =
        report::figures(&results, &PageContext::default()).into_iter().map(|(name, _)| name).collect();
    let tables: Vec<String> = gyrus::tables::all(&results).into_iter().map(|(name, _)| name).collect();
    let page = Html::parse_document(&report::page(&results, &PageContext::default()));
    for link in page.select(&Selector::parse("a[href]").unwrap()) {
        let target = link.attr("href").unwrap();
        let exists = match (target.strip_prefix('#'), target.strip_prefix("../tables/")) {
            (Some(id), _) => page.select(&Selector::parse(&format!("#{id}")).unwrap()).next().is_some(),
            (_, Some("scores.parquet")) => true,
            (_, Some(table)) => tables.iter().any(|name| name == table),
            _ => figures.iter().any(|name| name == target),
        };
        assert!(exists, "{target}");
    }
}

#[test]
fn headings_and_landmarks_come_in_order() {
    let results = study::results(&Shape::small());
    let page = Html::parse_document(&report::page(&results, &PageContext::default()));
    let count = |selector: &str| page.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!((count("main"), count("nav"), count("h1")), (1, 1, 1));
    assert_eq!(count("section"), count("section[aria-labelledby]"));
    assert_eq!(count("nav a"), count("section"));
    assert_eq!(count("table"), count("table caption"));
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let shape = Shape::thirty_regions();
    let page = || report::page(&study::results(&shape), &PageContext::default());
    assert_eq!(page(), page());
    let context = PageContext { brains: vec![Some(crate::study::brain())], ..PageContext::default() };
    let figures = || report::figures(&study::results(&shape), &context);
    assert_eq!(figures(), figures());
    assert!(figures().iter().any(|(name, _)| name == "brain.svg"));
}
