//! Every number of the page is the number of its cell, rounded, and no number stands without a cell.

use std::collections::{HashMap, HashSet};

use gyrus::report::{self, PageContext};
use gyrus::results::Results;
use gyrus::tables::{self, SCHEMA};
use scraper::{ElementRef, Html, Node, Selector};

use crate::study::{self, Shape};

/// The tables as a reader of the files sees them: file → lines of cells.
pub struct Files(HashMap<String, Vec<Vec<String>>>);

impl Files {
    pub fn of(results: &Results) -> Self {
        let lines =
            |text: &str| text.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
        Self(tables::all(results).iter().map(|(file, text)| (file.clone(), lines(text))).collect())
    }

    /// The cell that an element names.
    pub fn cell(&self, element: &ElementRef<'_>) -> String {
        let parts: Vec<&str> = element.attr("data-cell").unwrap().split(' ').collect();
        let lines = &self.0[parts[0]];
        let row = &lines[parts[1].parse::<usize>().unwrap() - 1];
        let place = lines[0].iter().position(|name| name == parts[2]).unwrap();
        row[place].clone()
    }
}

/// A printed number and how far the true one may be from it.
#[derive(Debug, PartialEq)]
enum Shown {
    Undefined,
    Below(f64),
    About(f64, f64),
}

fn parse(text: &str) -> Option<Shown> {
    let text = text
        .replace('\u{A0}', " ")
        .trim()
        .trim_start_matches("= ")
        .replace('\u{2212}', "-")
        .replace('\u{202F}', "");
    if text == "n/a" {
        return Some(Shown::Undefined);
    }
    if let Some(limit) = text.strip_prefix("< ") {
        return Some(Shown::Below(limit.parse().ok()?));
    }
    let (text, unit) = match text.strip_suffix('%') {
        Some(text) => (text.to_owned(), 0.01),
        None => (text, 1.0),
    };
    let (mantissa, power) = match text.split_once("10").filter(|(_, raised)| raised.contains(raised_digit)) {
        Some((mantissa, raised)) => (mantissa.trim_end_matches(" × ").to_owned(), exponent(raised)),
        None => (text, 0),
    };
    let mantissa = if mantissa.is_empty() { "1".to_owned() } else { mantissa };
    let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len() as i32);
    if power != 0 {
        // Powers are printed with all their digits.
        let value = mantissa.parse::<f64>().ok()? * 10_f64.powi(power);
        return Some(Shown::About(value, 1e-9 * value));
    }
    let tolerance = 0.5000001 * unit * 10_f64.powi(-decimals);
    Some(Shown::About(mantissa.parse::<f64>().ok()? * unit, tolerance))
}

const RAISED: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";

fn raised_digit(character: char) -> bool {
    RAISED.contains(character)
}

fn exponent(raised: &str) -> i32 {
    let digits = raised.chars().filter_map(|digit| RAISED.chars().position(|known| known == digit));
    let size = digits.fold(0, |number, digit| 10 * number + digit as i32);
    if raised.starts_with('⁻') { -size } else { size }
}

/// Compares every element that names a cell; returns how many were numbers.
fn compare(page: &Html, files: &Files) -> usize {
    let mut count = 0;
    for element in page.select(&Selector::parse("[data-cell]").unwrap()) {
        let cell = files.cell(&element);
        if !matches!(element.value().name(), "span" | "text" | "tspan") {
            continue;
        }
        let printed: String = element.text().collect();
        match (cell.parse::<f64>(), parse(&printed)) {
            (Ok(value), Some(Shown::About(shown, tolerance))) => {
                assert!((value - shown).abs() <= tolerance, "{printed} is not {value}: {}", element.html());
                count += 1;
            }
            (Ok(value), Some(Shown::Below(limit))) => assert!(value < limit, "{printed} is not {value}"),
            (Err(_), Some(Shown::Undefined)) => assert_eq!(cell, "n/a"),
            _ => assert_eq!(printed, cell, "{}", element.html()),
        }
    }
    count
}

/// Fixed words of the program that hold digits: conventions, never findings.
const FIXED: [&str; 36] = [
    "95 % interval",
    "95 % bootstrap intervals",
    "95 % intervals",
    "95th percentile",
    "0 = embedding",
    "0 being the embedding",
    "(layer 0)",
    "layer 0",
    "below 0.05",
    "counted as 0",
    "±0.05",
    "BLAKE3",
    "Kennard, 1970",
    "Waerden, 1952",
    "al., 1992",
    "Theiler, 1994",
    "al., 2018",
    "al., 2019",
    "al., 2014",
    "al., 2020",
    "al., 2022",
    "al., 2023",
    "al., 2000",
    "al., 2006",
    ", 2008;",
    "al., 2009",
    "Smyth, 2010",
    "al., 2016",
    "Holmes, 2002",
    "Lane, 1983",
    "al., 2008",
    "Künsch, 1989",
    "Bengio, 2003",
    "0 to 1",
    "p below 0.05",
    "± 0.05",
];

/// Words from files: everything with a class of its own must be one of them.
fn names(results: &Results, context: &PageContext) -> HashSet<String> {
    let mut names: HashSet<String> = results.regions.iter().cloned().collect();
    names.insert(results.study.clone());
    names.extend(results.participants.iter().map(|person| person.name.clone()));
    names.extend(results.language_models.iter().map(|model| model.name.clone()));
    names.extend(results.methods.language_models.iter().map(|model| model.family.clone()));
    names.extend(
        results.language_models.iter().flat_map(|model| model.layers.iter().map(ToString::to_string)),
    );
    names.extend(results.methods.stimuli.iter().map(|(name, _, _)| name.clone()));
    names.extend(results.alignments.iter().map(|row| row.alignment.clone()));
    names.extend(results.baseline.rows.iter().map(|row| row.band.clone()));
    names.extend(results.baseline.bands.iter().map(|band| band.replace('_', " ")));
    let sources = results.participants.iter().flat_map(|person| &person.variance_removed);
    names.extend(sources.map(|(source, _)| source.clone()));
    names.extend(results.noise.iter().map(|row| row.source.clone()));
    names.extend(results.forecast.iter().map(|row| row.window.clone()));
    names.extend(results.sweeps.iter().map(|row| row.level.clone()));
    names.extend(["words", "paragraphs of 5"].map(str::to_owned));
    names.extend(["8 words before", "4 words ahead"].map(str::to_owned));
    names.extend(results.methods.forecast.clone());
    let indices = results.language_models.iter().filter_map(|model| model.hierarchy.index.as_ref());
    names.extend(indices.map(|index| index.reference.clone()));
    names.extend(["mean over regions", "baseline that gains are taken over"].map(str::to_owned));
    names.extend(context.inputs.iter().flat_map(|(name, digest)| [name.clone(), digest.clone()]));
    names
}

/// Every text that holds a digit has a cell, is a name from a file, a value on an axis, or a fixed convention.
fn nothing_stands_alone(page: &Html, results: &Results, context: &PageContext) {
    let names = names(results, context);
    for node in page.tree.nodes() {
        let Node::Text(text) = node.value() else { continue };
        let around: Vec<ElementRef<'_>> = node.ancestors().filter_map(ElementRef::wrap).collect();
        let is_inside = |matches: &dyn Fn(&ElementRef<'_>) -> bool| around.iter().any(matches);
        let in_tag = |tag: &'static str| is_inside(&|element| element.value().name() == tag);
        let has_class =
            |class: &str| is_inside(&|element| element.value().classes().any(|found| found == class));
        let has_cell = is_inside(&|element| {
            element.attr("data-cell").is_some() && matches!(element.value().name(), "span" | "text" | "tspan")
        });
        if in_tag("style") || in_tag("script") || in_tag("pre") || has_cell || has_class("tick") {
            continue;
        }
        if has_class("name") {
            assert!(names.contains(&**text), "{text:?} is no name");
            continue;
        }
        let is_label =
            around.first().is_some_and(|element| matches!(element.value().name(), "text" | "title"));
        let is_name =
            names.contains(&**text) || names.iter().any(|name| text.strip_suffix(" · gyrus") == Some(name));
        if is_label && is_name {
            continue;
        }
        let rest = FIXED.iter().fold(text.to_string(), |rest, fixed| rest.replace(fixed, ""));
        assert!(!rest.contains(|character: char| character.is_ascii_digit()), "no cell: {text:?}");
    }
}

fn check(shape: &Shape, least: usize) {
    let results = study::results(shape);
    let context = PageContext {
        inputs: vec![("data/alice 7.TextGrid".to_owned(), "2c25".repeat(16))],
        brains: vec![Some(study::brain())],
        ..PageContext::default()
    };
    let page = Html::parse_document(&report::page(&results, &context));
    let count = compare(&page, &Files::of(&results));
    assert!(count >= least, "{count} numbers");
    nothing_stands_alone(&page, &results, &context);
}

#[test]
fn every_number_is_its_cell() {
    check(&Shape::small(), 600);
}

#[test]
fn every_number_is_its_cell_with_thirty_regions() {
    check(&Shape::thirty_regions(), 4500);
}

#[test]
fn a_study_of_four_hundred_regions_stays_small_and_every_number_is_its_cell() {
    let regions = (1..=400).map(|index| format!("region {index}")).collect();
    let shape = Shape { regions, layers: 13, ..Shape::small() };
    check(&shape, 3000);
    let page = report::page(&study::results(&shape), &PageContext::default());
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
}

#[test]
fn three_language_models_in_fifty_regions_stay_small() {
    let regions = (1..=50).map(|index| format!("region {index}")).collect();
    let mut results = study::results(&Shape { regions, layers: 13, ..Shape::small() });
    for name in ["second", "third"] {
        let first = results.language_models[0].clone();
        results.language_models.push(gyrus::results::LanguageModelResults { name: name.to_owned(), ..first });
    }
    let page = report::page(&results, &PageContext::default());
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
}

#[test]
fn every_number_is_its_cell_with_one_layer() {
    check(&Shape { layers: 1, ..Shape::small() }, 150);
}

#[test]
fn every_number_is_its_cell_without_controls() {
    check(&Shape { untrained: false, ceilings: false, ..Shape::small() }, 500);
}

#[test]
fn undefined_numbers_are_said_to_be_so() {
    let shape = Shape { holes: true, ..Shape::small() };
    check(&shape, 300);
    let page = report::page(&study::results(&shape), &PageContext::default());
    assert!(!page.contains("NaN") && !page.contains("inf<"));
    assert!(page.contains(">n/a<"));
}

#[test]
fn a_changed_number_changes_the_page() {
    let shape = Shape::small();
    let mut results = study::results(&shape);
    let before = report::page(&results, &PageContext::default());
    results.language_models[0].profile[1].unique_gain.over_stimulus.low -= 0.01;
    assert_ne!(before, report::page(&results, &PageContext::default()));
}

#[test]
fn rows_of_tables_are_named_once() {
    let results = study::results(&Shape::thirty_regions());
    for table in SCHEMA.iter().filter(|table| table.file != "excluded.tsv") {
        let rows = tables::cells(table.file, &results).unwrap();
        let keys: HashSet<Vec<String>> = rows.iter().map(|row| row[..table.keys].to_vec()).collect();
        assert_eq!(keys.len(), rows.len(), "{}", table.file);
        assert!(rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.file);
    }
}

#[test]
fn the_parser_of_this_test_reads_what_is_printed() {
    assert_eq!(parse("−0.038"), Some(Shown::About(-0.038, 0.5000001 * 0.001)));
    assert_eq!(parse("< 0.001"), Some(Shown::Below(0.001)));
    assert_eq!(parse("10⁷"), Some(Shown::About(1e7, 1e-9 * 1e7)));
    assert_eq!(parse("19\u{202F}%"), Some(Shown::About(19.0 * 0.01, 0.5000001 * 0.01)));
    assert_eq!(parse("LATL"), None);
}
