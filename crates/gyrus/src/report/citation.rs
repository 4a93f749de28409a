//! What to cite: gyrus, and the methods that this study used.

use crate::results::Results;

/// Entries are divided by empty lines.
const REFERENCES: &str = include_str!("references.bib");

/// BibTeX entries.
pub(super) fn citation(results: &Results) -> String {
    let mut keys = vec!["hoerl1970ridge"];
    if !results.baseline.bands.is_empty() {
        keys.extend(["nunezelizalde2019voxelwise", "duprelatour2022feature"]);
    }
    let has_surrogates = results.methods.surrogates.0 > 0;
    if has_surrogates {
        keys.push("vanderwaerden1952order");
    }
    if has_surrogates && !results.baseline.bands.is_empty() {
        keys.push("winkler2014permutation");
    }
    if results.ceilings.iter().any(|row| row.leave_one_out_isc.is_finite()) {
        keys.push("nastase2019measuring");
    }
    if results.ceilings.iter().any(|row| row.explainable_variance.is_finite()) {
        keys.extend(["schoppe2016measuring", "allen2022massive"]);
    }
    if results.methods.retroicor.is_some() {
        keys.extend(["glover2000image", "harvey2008brainstem"]);
    }
    if results.methods.rates.is_some() {
        keys.extend(["birn2006separating", "birn2008respiration", "chang2009influence"]);
    }
    if has_surrogates && super::methods::is_phase(results) {
        keys.extend(["theiler1992testing", "prichard1994generating"]);
    }
    if results.methods.clusters.is_some() {
        keys.extend(["bullmore1999global", "smith2009threshold"]);
    }
    if !results.covariates.is_empty() {
        keys.push("freedman1983nonstochastic");
    }
    if super::methods::has_stories(results) {
        keys.push("baayen2008mixed");
    }
    if results.methods.forecast.is_some() {
        keys.push("caucheteux2023evidence");
    }
    match super::methods::index(results).map(|index| index.null.as_str()) {
        Some("variogram") => keys.push("burt2020generative"),
        Some("spins") => keys.push("alexanderbloch2018testing"),
        _ => {}
    }
    let preset = results.methods.preset.as_ref().map(|preset| preset.entry.as_str());
    keys.extend(preset.filter(|entry| !keys.contains(entry)));
    keys.extend([
        "phipson2010permutation",
        "nichols2002nonparametric",
        "kunsch1989jackknife",
        "nadeau2003inference",
    ]);
    let cited = keys.iter().filter_map(|key| entry(key)).map(|entry| format!("{}\n", entry.trim()));
    [software(&results.methods.version)].into_iter().chain(cited).collect::<Vec<_>>().join("\n")
}

fn entry(key: &str) -> Option<&'static str> {
    let start = format!("@article{{{key},");
    REFERENCES.split("\n\n").find(|entry| entry.trim_start().starts_with(&start))
}

fn software(version: &str) -> String {
    // A version holds no braces, but results are read from a file.
    let version: String = version
        .chars()
        .filter(|character| character.is_alphanumeric() || ".-+".contains(*character))
        .collect();
    format!(
        "@software{{gyrus,\n  title = {{gyrus: which layer of a language model carries what each piece of cortex carries}},\n  version = {{{version}}},\n  url = {{{}}}\n}}\n",
        env!("CARGO_PKG_REPOSITORY")
    )
}
