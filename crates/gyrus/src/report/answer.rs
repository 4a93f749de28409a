//! The answer in one sentence, and the verdicts in plain words.

use super::book::{Book, Printed, Row};
use super::number::{Format, Number};
use super::prose::{Prose, interval, prose};
use crate::results::{LanguageModelResults, Outcome, Results, Verdict};
use crate::tables;

/// Writes the answer and the sentence of every verdict into the results.
pub(crate) fn put_into_words(results: &mut Results) {
    let book = Book::of(results);
    let sentences: Vec<String> =
        results.verdicts.iter().map(|verdict| self::verdict(&book, verdict).plain()).collect();
    let answer = answer(&book, results).plain();
    for (verdict, sentence) in results.verdicts.iter_mut().zip(sentences) {
        verdict.sentence = sentence;
    }
    results.answer = answer;
}

/// The language model that the answer is about: the one with the best layer.
pub(crate) fn headline(results: &Results) -> Option<&LanguageModelResults> {
    let score = |model: &LanguageModelResults| {
        let best = model.best_layer.iter().find(|best| best.region.is_none())?;
        best.score.value.is_finite().then_some(best.score.value)
    };
    let scored = results.language_models.iter().filter_map(|model| Some((model, score(model)?)));
    scored.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(model, _)| model)
}

/// Corrected p below which a layer counts as predicting anything.
const SIGNIFICANT: f64 = 0.05;

/// The answer in one sentence.
pub(crate) fn answer(book: &Book, results: &Results) -> Prose {
    let mut sentence = Prose::default();
    if results.methods.shuffled {
        sentence.add(prose![
            "Samples were shuffled between folds, so that slow noise scores too and nothing here is about language. "
        ]);
    }
    let Some(model) = headline(results) else {
        sentence.add(prose!["No layer could be scored."]);
        return sentence;
    };
    let key = tables::words(&model.name);
    let best = book.row("best_layer.tsv", &[&key, "mean"]);
    let layer = best.cell("layer");
    let score = best.estimate("score");
    let p = book
        .row("group.tsv", &[&key, layer, "mean", "score"])
        .number("p_stimulus_corrected", Format::Probability);
    let is_significant = p.value < SIGNIFICANT;
    let is_any = model
        .profile
        .iter()
        .any(|row| row.region.is_none() && row.score_tests.p_stimulus_corrected < SIGNIFICANT);
    let last = book.row("language_models.tsv", &[&key]).number("last_of_network", Format::Count);
    sentence.add(opening(model, [best.number("layer", Format::Count), last], (is_significant, is_any)));
    sentence.add(prose![score.value.clone(), " (95 % interval over participants "]);
    sentence.add(intervals(&score, is_reliable(model)));
    sentence.add(prose!["; corrected p ", p]);
    if results.language_models.len() > 1 {
        sentence.add(prose![
            " over the layers of this language model, the one of those compared that scores highest"
        ]);
    }
    sentence.add(prose![")"]);
    sentence.add(top_region(book, model, layer));
    sentence.add(beyond(results, model));
    sentence.add(prose!["."]);
    sentence
}

/// Up to the score: whether that layer, the one that inner folds choose most often, is shown to predict anything, or else another one.
fn opening(model: &LanguageModelResults, [layer, last]: [Number; 2], shown: (bool, bool)) -> Prose {
    let name = model.name.clone();
    let (before, behind) = match shown {
        (true, _) => (
            prose!["Layer ", layer, " of ", name],
            " = last) predicts the responses best: chosen on inner folds, it has a held-out r of ",
        ),
        (false, true) => (
            prose![
                "Some layer of ",
                name,
                " is shown to predict the responses, but not the one that inner folds choose: layer ",
                layer
            ],
            " = last), with a held-out r of ",
        ),
        (false, false) => (
            prose!["No layer of ", name, " is shown to predict the responses: the best, layer ", layer],
            " = last) by inner folds, has a held-out r of ",
        ),
    };
    let mut words = before;
    words.add(prose![" (0 = embedding, ", last, behind]);
    words
}

/// Over participants and over the story, without the opening words.
fn intervals(printed: &Printed, reliable: bool) -> Prose {
    let mut words = interval(&printed.people);
    words.add(prose![", over the story "]);
    words.add(interval(&printed.story));
    if !reliable {
        words.add(prose![", unreliable because the recording is short"]);
    }
    words
}

fn is_reliable(model: &LanguageModelResults) -> bool {
    let best = model.best_layer.iter().find(|best| best.region.is_none());
    best.is_some_and(|best| best.score.stimulus_interval_reliable)
}

/// The region where that layer scores highest, if there are several.
fn top_region(book: &Book, model: &LanguageModelResults, layer: &str) -> Prose {
    let key = tables::words(&model.name);
    let regions = model.profile.iter().filter(|row| row.layer.to_string() == layer).filter_map(|row| {
        let region = row.region.as_ref()?;
        row.score.value.is_finite().then_some((region, row.score.value))
    });
    let regions: Vec<_> = regions.collect();
    let top = regions.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let Some((region, _)) = top.filter(|_| regions.len() > 1) else { return Prose::default() };
    let row = book.row("layers.tsv", &[&key, layer, &tables::region(Some(region))]);
    prose![", most in ", (*region).clone(), " (r = ", row.number("score", Format::Correlation), ")"]
}

/// Where the best layer scores highest, as a sentence.
pub(crate) fn where_best(book: &Book, model: &LanguageModelResults) -> Prose {
    let best = book.row("best_layer.tsv", &[&tables::words(&model.name), "mean"]);
    let mut sentence = prose!["Layer ", best.number("layer", Format::Count), " predicts the responses best"];
    sentence.add(top_region(book, model, best.cell("layer")));
    sentence.add(prose!["."]);
    sentence
}

/// "; it goes beyond A, not beyond B, and whether it goes beyond C remains open".
fn beyond(results: &Results, model: &LanguageModelResults) -> Prose {
    let of = |outcome: Outcome| {
        let about = results.verdicts.iter().filter(|verdict| verdict.language_model == model.name);
        let controls = about.filter(|verdict| verdict.outcome == outcome).filter_map(control);
        controls.map(|control| prose![control]).collect::<Vec<_>>()
    };
    let clauses = [
        ("it goes beyond ", of(Outcome::Beyond), ""),
        ("it does not go beyond ", of(Outcome::NotBeyond), ""),
        ("whether it goes beyond ", of(Outcome::CannotTell), " remains open"),
    ];
    let clauses = clauses.into_iter().filter(|(_, controls, _)| !controls.is_empty());
    let clauses: Vec<Prose> = clauses
        .map(|(before, controls, after)| {
            let last = if before.starts_with("it goes") { " and " } else { " or " };
            let mut clause = prose![before];
            clause.add(Prose::list(controls, last));
            clause.add(prose![after]);
            clause
        })
        .collect();
    if clauses.is_empty() {
        return Prose::default();
    }
    let mut all = prose!["; "];
    all.add(Prose::list(clauses, ", but "));
    all
}

/// What a verdict compares with; None for the check of alignment.
fn control(verdict: &Verdict) -> Option<&'static str> {
    match verdict.question.as_str() {
        "word rate" => Some("the low-level baseline"),
        "untrained" => Some("its untrained copies"),
        "layer 0" => Some("its own embedding (layer 0)"),
        _ => None,
    }
}

/// The sentence of a verdict.
pub(crate) fn verdict(book: &Book, verdict: &Verdict) -> Prose {
    let key = tables::words(&verdict.language_model);
    let row = book.row("verdicts.tsv", &[&key, &tables::words(&verdict.question)]);
    match control(verdict) {
        None => lag(book, row, verdict.outcome),
        Some(control) => comparison(book, row, (verdict.outcome, control)),
    }
}

fn comparison(book: &Book, row: Row<'_>, (outcome, control): (Outcome, &'static str)) -> Prose {
    let margin = book.used("equivalence_margin", Format::Plain);
    let mut sentence = match outcome {
        Outcome::Beyond => prose!["Beyond ", control],
        Outcome::NotBeyond => prose!["Not beyond ", control, " by more than ", margin],
        Outcome::CannotTell => prose!["Cannot tell whether it goes beyond ", control],
    };
    let difference = row.estimate("difference");
    sentence.add(prose![
        ": difference of r ",
        difference.value.clone(),
        ", 95 % interval over participants "
    ]);
    sentence.add(intervals(&difference, row.cell("story_reliable") == "true"));
    let p = row.number("p", Format::Probability);
    if p.value.is_finite() {
        sentence.add(prose!["; stimulus null p ", p, " corrected over layers"]);
    }
    sentence.add(prose!["."]);
    sentence
}

fn lag(book: &Book, row: Row<'_>, outcome: Outcome) -> Prose {
    let lag = row.number("lag", Format::Seconds);
    match outcome {
        Outcome::Beyond => {
            prose!["Responses follow the word rate by ", lag, " s, as a haemodynamic response does."]
        }
        Outcome::NotBeyond | Outcome::CannotTell => prose![
            "Responses correlate most with the word rate at a lag of ",
            lag,
            " s, where a haemodynamic response lags by ",
            book.used("lag_earliest", Format::Seconds),
            " to ",
            book.used("lag_latest", Format::Seconds),
            " s: check stimulus_time_of_first_volume.",
        ],
    }
}
