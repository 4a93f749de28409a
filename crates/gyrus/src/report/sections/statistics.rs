//! What the p values, intervals and ceilings mean, and whom they reach.

use super::super::book::Book;
use super::super::markup::{Element, Markup};
use super::super::number::Format;
use super::super::prose::{Prose, prose};
use super::{Section, paragraph};
use crate::results::Results;

pub(super) fn section(book: &Book, results: &Results) -> Option<Section> {
    let mut content = Markup::default();
    let population = Element::new("p").child(Element::new("strong").text("Whom the inference reaches. "));
    content.push(population.child(&book.row("methods.tsv", &["population"]).quoted("value")));
    let terms = [
        ("p under the stimulus null", null(book)),
        (
            "Corrected p",
            prose![
                "The same against the maximum over regions and layers; for the mean over regions, over layers. A layer is called significant below 0.05."
            ],
        ),
        (
            "Interval over participants",
            prose![
                "Would other listeners give it? Participants are drawn with replacement, ",
                book.used("bootstraps", Format::Count),
                " times."
            ],
        ),
        (
            "Interval over the story",
            prose![
                "Would another story give it? Blocks of ",
                book.used("stimulus_block", Format::Seconds),
                " s are drawn with replacement. One story is one sample of stories: this interval knows only the variation within it."
            ],
        ),
        (
            "Verdicts",
            prose![
                "Beyond: both intervals above zero, and p, corrected over layers, below 0.05 where there is one. Not beyond: both intervals below ",
                book.used("equivalence_margin", Format::Plain),
                ". Otherwise, and wherever the recording is too short for its interval over the story, these data cannot tell; silence is no evidence of absence."
            ],
        ),
        (
            "Noise ceilings",
            prose![
                "Estimates of the best reachable r, on the folds of the scores. Lower: correlation of a participant with the mean of the others, and ridge from their responses. Upper, too high where noise is shared: root of the mean correlation between pairs, reliability from halves, extrapolation to endlessly many others, and, where a participant heard a stimulus again, what repeats share. Scores are divided by each, never clamped, and not where the ceiling is too small."
            ],
        ),
    ];
    let term = |(term, meaning): (&'static str, Prose)| {
        [Element::new("dt").text(term), Element::new("dd").child(meaning)]
    };
    content.push(Element::classed("dl", "terms").children(terms.into_iter().flat_map(term)));
    let tested = match results.methods.surrogates.0 {
        0 => "scores and gains as they are",
        _ => "what each person has more than their own surrogates",
    };
    content.push(paragraph(prose![
        "Tests over participants alone (signs, signed ranks, Student's t, all of ",
        tested,
        ") stand in group.tsv beside the stimulus null: people heard the same words, so these tests generalise to listeners, not to stories."
    ]));
    Some(Section { id: "statistics", title: "How sure", short: "How sure", content })
}

fn null(book: &Book) -> Prose {
    prose![
        "How often surrogates (",
        book.row("methods.tsv", &["surrogate_kind"]).quoted("value"),
        ", refitted through the same folds, the same for everybody) do as well. With ",
        book.used("surrogates", Format::Count),
        " surrogates the smallest possible p is ",
        book.used("smallest_p", Format::P),
        "."
    ]
}
