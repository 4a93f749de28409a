//! The answer first: one sentence, verdicts, one figure.

use super::super::answer::{self, headline};
use super::super::book::Book;
use super::super::figures::{self, Figure, Profile};
use super::super::markup::{Element, Markup};
use super::super::number::Format;
use super::super::prose::{Prose, interval, prose};
use super::{downloads, scroll};
use crate::results::{LanguageModelResults, Outcome, Results, Verdict};

/// Everything above the contents.
pub(in crate::report) fn answer(book: &Book, results: &Results) -> Element {
    let title = Element::new("h1").with("id", "answer-title").child(super::name(&results.study));
    let lead = Element::classed("p", "lead").child(answer::answer(book, results));
    let section = Element::new("section")
        .with("id", "answer")
        .with("aria-labelledby", "answer-title")
        .child(Element::classed("p", "eyebrow").text("Layers of a language model on cortex"))
        .child(title)
        .child(Element::classed("p", "facts").child(facts(book, results)))
        .child(lead)
        .child(warned(book, results));
    match headline(results) {
        Some(model) => section.child(verdicts(book, results, model)).child(figure(book, model)),
        None => section,
    }
}

/// Who, what and how much.
fn facts(book: &Book, results: &Results) -> Prose {
    let count = |item| book.used(item, Format::Count);
    let mut facts = prose![
        count("n_participants"),
        plural(results.methods.n_participants, " participant", " participants"),
        " · ",
        count("n_regions"),
        plural(results.regions.len(), " region", " regions"),
        " · ",
        count("n_stimuli"),
        plural(results.methods.stimuli.len(), " stimulus of ", " stimuli of "),
        count("n_words"),
        " words"
    ];
    for row in book.rows("language_models.tsv") {
        facts.add(prose![
            " · ",
            row.cell("language_model").to_owned(),
            ", ",
            row.number("n_layers", Format::Count),
            " layers"
        ]);
    }
    facts
}

pub(in crate::report) fn plural(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}

fn warned(book: &Book, results: &Results) -> Markup {
    let Some(last) = book.rows("warnings.tsv").last() else { return Markup::default() };
    let words = plural(results.warnings.len(), " warning to read first", " warnings to read first");
    let link =
        Element::new("a").with("href", "#warnings").child(&last.number("number", Format::Count)).text(words);
    Element::classed("p", "alert").child(link).into()
}

/// The verdicts of a language model, others follow with their names.
fn verdicts(book: &Book, results: &Results, first: &LanguageModelResults) -> Element {
    let is_first = |verdict: &&Verdict| verdict.language_model == first.name;
    let others = results.verdicts.iter().filter(|verdict| !is_first(verdict));
    let row = |verdict: &Verdict| {
        let (class, mark, word) = badge(verdict);
        let badge = Element::new("span")
            .with("class", format!("badge {class}"))
            .child(Element::classed("span", "sign").with("aria-hidden", "true").text(mark))
            .text(word);
        let mut sentence = Prose::default();
        if verdict.language_model != first.name {
            sentence.add(prose![verdict.language_model.clone(), ": "]);
        }
        sentence.add(answer::verdict(book, verdict));
        Element::new("li").child(badge).child(Element::new("span").child(sentence))
    };
    let rows = results.verdicts.iter().filter(is_first).chain(others).map(row);
    Element::classed("ul", "verdicts").with("aria-label", "Verdicts").children(rows)
}

/// Class and sign of the outcome, words of the question; the sentence beside says the outcome in words.
fn badge(verdict: &Verdict) -> (&'static str, &'static str, &'static str) {
    let (class, sign) = match verdict.outcome {
        Outcome::Beyond => ("yes", "✓"),
        Outcome::NotBeyond => ("no", "✕"),
        Outcome::CannotTell => ("open", "?"),
    };
    let words = match verdict.question.as_str() {
        "word rate" => "Beyond the baseline?",
        "untrained" => "Beyond untrained?",
        "layer 0" => "Beyond its embedding?",
        _ => "Does timing fit?",
    };
    (class, sign, words)
}

fn figure(book: &Book, model: &LanguageModelResults) -> Element {
    let profile = Profile::of(book, model, None);
    let caption = Element::new("figcaption")
        .child(caption(&profile))
        .child(downloads(Some("answer"), &["layers.tsv", "group.tsv", "ceilings.tsv"]));
    let [wide, narrow] = drawings(&profile);
    Element::classed("figure", "hero")
        .child(scroll(&wide).with("data-size", "wide"))
        .child(scroll(&narrow).with("data-size", "narrow"))
        .child(super::layers::legend("narrow"))
        .child(caption)
}

/// The same figure for wide and for narrow screens.
pub(in crate::report) fn drawings(profile: &Profile) -> [Figure; 2] {
    [figures::answer("answer", profile, true), figures::answer("answer-narrow", profile, false)]
}

fn caption(profile: &Profile) -> Prose {
    let mut caption = prose![
        "Mean over participants and regions. Thick bars: 95 % interval over participants; thin dashed bars: over blocks of the story. The large point is the layer that inner folds choose"
    ];
    if let Some(best) = profile.layers.iter().find(|layer| profile.is_best(layer)) {
        caption.add(prose![", layer ", profile.best.clone(), ": r = ", best.score.value.clone(), " "]);
        caption.add(interval(&best.score.people));
        caption.add(prose![" over participants, "]);
        caption.add(interval(&best.score.story));
        caption.add(prose![
            " over the story; untrained copies reach ",
            best.untrained[0].clone(),
            " to ",
            best.untrained[2].clone()
        ]);
        caption.add(prose!["; 95th percentile of the null ", best.null_95.clone()]);
    }
    let ceilings = &profile.ceilings;
    caption.add(prose![
        ". Baseline: r = ",
        profile.baseline.clone(),
        ". Noise ceiling: at least ",
        ceilings.lower.clone(),
        " (correlation with the mean of the others), at most ",
        ceilings.upper.clone(),
        " (root of the mean pairwise correlation); a ridge from the others' responses reaches ",
        ceilings.shared.clone(),
        ". "
    ]);
    caption
}
