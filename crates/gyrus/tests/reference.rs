//! The pages of docs/reference say what the program does: every key, every default, every column.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use gyrus::study::{
    AlignmentSection, AlphaGrid, BidsSection, ContrastSection, DenoiseSection, EncodingSection,
    ExecutionSection, ForecastSection, LanguageModelSection, ResponsesSection, StatisticsSection,
    StimulusSection, StudySection,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Set to write docs/reference/tables.md and compare.md anew instead of comparing them.
const UPDATE: &str = "GYRUS_UPDATE_REFERENCE";

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(name)
}

fn read(name: &str) -> String {
    let path = page(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn tables_are_as_the_schema_says() {
    let expected = gyrus::tables::markdown();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(page("tables.md"), &expected).unwrap();
    }
    assert!(
        read("tables.md") == expected,
        "docs/reference/tables.md differs from crates/gyrus/src/tables/schema.rs: run this test with {UPDATE}=1"
    );
}

#[test]
fn tables_of_comparisons_are_as_their_schema_says() {
    let expected = gyrus::compare::markdown();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(page("compare.md"), &expected).unwrap();
    }
    assert!(
        read("compare.md") == expected,
        "docs/reference/compare.md differs from crates/gyrus/src/compare/schema.rs: run this test with {UPDATE}=1"
    );
}

#[test]
fn every_section_has_its_keys_and_defaults() {
    check::<StudySection>("[study]", &["name = \"a\""]);
    check::<StimulusSection>("[[stimulus]]", &["name = \"a\"", "words = \"b\""]);
    check::<ResponsesSection>("[responses]", &[]);
    check::<BidsSection>("[bids]", &["folder = \"a\""]);
    check::<DenoiseSection>("[denoise]", &[]);
    check::<LanguageModelSection>("[[language_model]]", &[]);
    check::<AlignmentSection>("[alignment]", &[]);
    check::<EncodingSection>("[encoding]", &[]);
    check::<ContrastSection>(
        "[[contrast]]",
        &["name = \"a\"", "of = { layer = 1 }", "minus = { layer = 0 }"],
    );
    check::<ForecastSection>("[forecast]", &[]);
    check::<StatisticsSection>("[statistics]", &[]);
    check::<ExecutionSection>("[execution]", &[]);
    let grid = keys_of::<AlphaGrid>();
    assert_eq!(grid, BTreeSet::from(["count", "from", "to"].map(str::to_owned)));
}

/// Compares the rows of a section with the structure that the program reads it into.
fn check<T: DeserializeOwned + Serialize + PartialEq + Debug>(heading: &str, required: &[&str]) {
    let rows = rows(&read("study.md"), heading);
    let documented: BTreeSet<String> = rows.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(documented, keys_of::<T>(), "keys of {heading} in docs/reference/study.md");
    assert_eq!(documented.len(), rows.len(), "{heading} has a key twice");
    let least = required.join("\n");
    let silent: T = toml::from_str(&least).unwrap_or_else(|error| panic!("{heading}: {error}"));
    let written = toml::Table::try_from(&silent).unwrap();
    let mut stated = least.clone();
    for (key, default) in &rows {
        let is_required = required.iter().any(|line| line.starts_with(&format!("{key} = ")));
        match default.strip_prefix('`').and_then(|literal| literal.strip_suffix('`')) {
            Some(literal) => stated.push_str(&format!("\n{key} = {literal}")),
            None if is_required => assert_eq!(default, "required", "{heading} {key}"),
            None => {
                assert_eq!(default, "none", "{heading} {key}");
                assert!(!written.contains_key(key), "{heading} {key} has a default that is not on the page");
            }
        }
    }
    let stated: T = toml::from_str(&stated).unwrap_or_else(|error| panic!("{heading}: {error}"));
    assert_eq!(stated, silent, "defaults of {heading}");
    for left_out in required {
        let rest: Vec<&str> = required.iter().copied().filter(|line| line != left_out).collect();
        assert!(toml::from_str::<T>(&rest.join("\n")).is_err(), "{heading}: {left_out} is not required");
    }
}

/// Key and default of every row of the table under a heading.
fn rows(page: &str, heading: &str) -> Vec<(String, String)> {
    let heading = format!("## {heading}");
    let section = page.lines().skip_while(|line| *line != heading).skip(1);
    let section: Vec<&str> = section.take_while(|line| !line.starts_with("## ")).collect();
    assert!(!section.is_empty(), "docs/reference/study.md has no heading `{heading}`");
    let row = |line: &&str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let key = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
        Some((key.to_owned(), (*cells.get(3)?).to_owned()))
    };
    section.iter().filter_map(row).collect()
}

/// The keys that a section knows, from what it says of one that it does not know.
fn keys_of<T: DeserializeOwned + Debug>() -> BTreeSet<String> {
    let error = toml::from_str::<T>("no_such_key = 0").unwrap_err();
    let message = error.message().to_owned();
    let (_, expected) = message.split_once("expected").unwrap_or_else(|| panic!("{message}"));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
