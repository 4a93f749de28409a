//! Data quality: what cleaning took, whether timing fits, and whether anything leaks.

use super::super::book::{Book, Row};
use super::super::figure_name;
use super::super::figures;
use super::super::markup::{Element, Markup};
use super::super::number::Format;
use super::super::prose::{Prose, interval, prose, with_people};
use super::table::{Cell, every_region, folded, table};
use super::{Section, downloads, figure, note, paragraph};
use crate::results::Results;

pub(super) fn section(book: &Book, results: &Results) -> Option<Section> {
    let mut content = Markup::default();
    let cards = [
        card("Degrees of freedom", degrees(book)),
        card("Penalties at the edges of the grid", penalties(book)),
        card("Autocorrelation tripwire", tripwire(book)),
    ];
    content.push(Element::classed("dl", "cards").children(cards));
    content.push(Element::classed("div", "pair").children(drawings(book, results)));
    content.push(noise(book, results));
    content.push(folded("Every participant", participants(book, results)));
    content
        .push(note(Markup::from(downloads(None, &["participants.tsv", "data_quality.tsv", "checks.tsv"]))));
    Some(Section { id: "quality", title: "Data quality", short: "Quality", content })
}

fn card(title: &'static str, words: Prose) -> Element {
    let title = Element::new("dt").text(title);
    Element::new("div").child(title).child(Element::new("dd").child(words))
}

fn degrees(book: &Book) -> Prose {
    let of = |quantity: &str, column: &str| {
        book.row("data_quality.tsv", &[quantity]).number(column, Format::Count)
    };
    let [lowest, median, highest] =
        ["lowest", "median", "highest"].map(|column| of("degrees_of_freedom", column));
    let mut words = match lowest.value < highest.value {
        true => prose![median, " per participant (median; ", lowest, " to ", highest, ")"],
        false => prose![median, " for every participant"],
    };
    words.add(prose![
        ", from ",
        of("n_samples", "median"),
        " volumes and ",
        of("n_regressors", "median"),
        " regressors of drift and confounds."
    ]);
    words
}

fn penalties(book: &Book) -> Prose {
    let check = |name: &str, format| book.row("checks.tsv", &[name]).number("value", format);
    prose![
        check("penalties_edge_share", Format::Percent),
        " of ",
        check("penalties_chosen", Format::Count),
        " choices: ",
        check("penalties_low_edge", Format::Count),
        " at the smallest and ",
        check("penalties_high_edge", Format::Count),
        " at the largest. Many at the largest are usual where a layer predicts little; many at the smallest ask for smaller penalties."
    ]
}

fn tripwire(book: &Book) -> Prose {
    let value = book.row("checks.tsv", &["autocorrelation_tripwire"]).number("value", Format::Correlation);
    let about = "Features that know when a volume was taken and nothing of language must not predict held-out volumes. ";
    if !value.value.is_finite() {
        return prose![about, "As it should be, no r is defined (", value, ")."];
    }
    let outcome = match value.value.abs() <= 0.05 {
        true => " over regions): within ±0.05, as it should be.",
        false => " over regions): outside ±0.05, the folds leak; trust no score of this page.",
    };
    let end = |item| book.row("checks.tsv", &[item]).number("value", Format::Correlation);
    let (lowest, highest) = (end("autocorrelation_lowest"), end("autocorrelation_highest"));
    prose![about, "They reach r = ", value, " (", lowest, " to ", highest, outcome]
}

fn drawings(book: &Book, results: &Results) -> Vec<Element> {
    let mut drawings = Vec::new();
    if let Some(lags) = figures::lags(book) {
        let at = |item| book.used(item, Format::Seconds);
        let caption = prose![
            "Shaded: ",
            at("lag_earliest"),
            " to ",
            at("lag_latest"),
            " s, where a haemodynamic response peaks. A peak elsewhere points at a wrong start time. "
        ];
        drawings.push(figure(&lags, caption, &["lag_scan.tsv"]));
    }
    for (index, model) in results.language_models.iter().enumerate() {
        if let Some(rates) = figures::rates(figure_name("rate", index), book, model) {
            let caption = prose![
                "How much of ",
                model.name.clone(),
                " a count of words would replace: a high bar means that a raw score of this layer says little. "
            ];
            drawings.push(figure(&rates, caption, &["rate_in_layers.tsv"]));
        }
    }
    if let Some(cleaning) = figures::cleaning(book, results) {
        let caption = prose!["One ring per participant, bar at the median. "];
        drawings.push(figure(&cleaning, caption, &["variance_removed.tsv"]));
    }
    if let Some((drawing, carpet)) = figures::carpet(book, results).zip(results.carpet.as_ref()) {
        let caption = prose![
            carpet.participant.clone(),
            ", ",
            carpet.run.clone(),
            ": the recording from which cleaning took most. Each row a target, some through all regions. Both pictures have the same unit, so that where the lower one is greyer, something was taken out; stripes from top to bottom are what all targets do at once. Blue: no value. "
        ];
        drawings.push(figure(&drawing, caption, &["carpet.tsv", "carpet_traces.tsv"]));
    }
    drawings
}

/// What taking out each source of noise does to the scores; nothing where the study did not compare.
fn noise(book: &Book, results: &Results) -> Markup {
    let mut content = Markup::default();
    if results.noise.is_empty() {
        return content;
    }
    content.push(Element::new("h3").text("With and without each source of noise"));
    content.push(paragraph(prose![
        "The responses were cleaned once more with one source left in, and once with all of them, and every layer fitted again; features, folds and the grid of penalties are those of the study. What a source adds is the score of the study minus that, both at the layer that inner folds choose. Below zero, taking it out costs more than it brings: it shares something with the story, or takes degrees of freedom for nothing."
    ]));
    let mut drawings = Vec::new();
    for (index, model) in results.language_models.iter().enumerate() {
        if let Some(drawing) = figures::noise(figure_name("noise", index), book, results, model) {
            let caption = prose![
                "Mean over regions. Thick bars: 95 % interval over participants; thin dashed bars: over the story. "
            ];
            drawings.push(figure(&drawing, caption, &["noise.tsv"]));
        }
    }
    content.push(Element::classed("div", "pair").children(drawings));
    let several = results.language_models.len() > 1;
    let model = several.then_some("language model");
    let header = model.into_iter().chain([
        "source",
        "region",
        "variance it takes",
        "r of the study",
        "r with it left in",
        "difference [participants]",
        "[story]",
    ]);
    let rows = book.rows("noise.tsv").map(|row| noise_cells(&row, several)).collect();
    let about = ("Every region, with and without", "Scores with and without", "noise.tsv");
    content.push(every_region(about, header, rows));
    content
}

fn noise_cells(row: &Row<'_>, several: bool) -> Vec<Cell> {
    let difference = row.estimate("difference");
    let model = several.then(|| Cell::Prose(prose![row.quoted("language_model")]));
    let cells = [
        Cell::Prose(prose![row.quoted("source")]),
        Cell::Prose(prose![row.quoted("region")]),
        Cell::Number(row.number("variance_removed", Format::Percent)),
        Cell::Number(row.number("cleaned", Format::Correlation)),
        Cell::Number(row.number("left_in", Format::Correlation)),
        Cell::Prose(with_people(&difference)),
        Cell::Prose(interval(&difference.story)),
    ];
    model.into_iter().chain(cells).collect()
}

fn participants(book: &Book, results: &Results) -> Element {
    let row = |person: &crate::results::ParticipantResults| {
        let key = crate::tables::words(&person.name);
        let row = book.row("participants.tsv", &[&key]);
        let count = |column: &str| Cell::Number(row.number(column, Format::Count));
        let removed = person.variance_removed.iter().map(|(source, _)| {
            let share = book.row("variance_removed.tsv", &[&key, &crate::tables::words(source)]);
            prose![source.clone(), " ", share.number("share", Format::Percent)]
        });
        let excluded = match person.excluded {
            Some(_) => prose![row.quoted("excluded")],
            None => prose!["–"],
        };
        vec![
            Cell::Name(person.name.clone()),
            count("n_samples"),
            count("n_regressors"),
            count("degrees_of_freedom"),
            Cell::Prose(Prose::list(removed.collect(), ", ")),
            Cell::Words(excluded),
        ]
    };
    let header =
        ["participant", "volumes", "regressors", "degrees of freedom", "variance removed", "excluded"];
    table("Participants", header, results.participants.iter().map(row).collect())
}
