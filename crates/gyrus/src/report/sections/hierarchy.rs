//! Does depth in the network follow depth in the brain?

use super::super::book::{Book, Row};
use super::super::figure_name;
use super::super::figures;
use super::super::markup::Markup;
use super::super::number::Format;
use super::super::prose::{Prose, interval, prose};
use super::{Section, figure, model_heading, note, paragraph};
use crate::results::{LanguageModelResults, Results};
use crate::tables;

pub(super) fn section(book: &Book, results: &Results) -> Option<Section> {
    let mut content = Markup::default();
    content.push(paragraph(prose![
        "A region is as deep as the centre of mass of its scores over layers. Regions whose intervals overlap have no order that these data can show."
    ]));
    for (index_of, model) in results.language_models.iter().enumerate() {
        content.push(model_heading(results, model));
        let summary = book.row("hierarchy_summary.tsv", &[&tables::words(&model.name)]);
        match figures::depth(figure_name("hierarchy", index_of), book, model) {
            Some(drawing) => {
                let caption = prose![
                    "Bars: 95 % interval over participants. Filled: some layer is significant there (corrected); hollow: none is. "
                ];
                content.push(figure(&drawing, caption, &["hierarchy.tsv", "hierarchy_summary.tsv"]));
            }
            None => {
                content.push(paragraph(prose!["No layer stands out in any region, so none has a depth."]))
            }
        }
        let reliability = summary.number("split_half_reliability", Format::Correlation);
        let mut words = prose![
            summary.number("n_significant", Format::Count),
            " of ",
            summary.number("n_regions", Format::Count),
            " regions have a significant layer. Split-half reliability of the order, between random halves of the participants: "
        ];
        words.add(match reliability.value.is_finite() {
            true => prose!["Spearman correlation ", reliability, "."],
            false => prose!["undefined."],
        });
        let p = summary.number("p", Format::Probability);
        if p.value.is_finite() {
            words.add(prose![" Regions differ in depth: p ", p, "."]);
        }
        content.push(paragraph(words));
        content.push(note(&summary.quoted("note")));
        content.push(index(book, model, index_of));
    }
    Some(Section { id: "hierarchy", title: "Hierarchy", short: "Hierarchy", content })
}

/// How depth goes with the order of the brain that the study names; nothing where it names none.
fn index(book: &Book, model: &LanguageModelResults, position: usize) -> Markup {
    let mut content = Markup::default();
    let rows: Vec<Row<'_>> = figures::index_rows(book, model).collect();
    let Some((trained, untrained)) = rows.split_first() else { return content };
    let mut words = prose!["Does depth follow ", trained.quoted("reference"), "? "];
    words.add(figures::in_words(trained));
    words.add(prose![". "]);
    words.add(beside(trained));
    if let Some(found) = lowest_and_highest(untrained) {
        words.add(prose![
            "Untrained copies in the same regions, which are those that the trained network predicts: "
        ]);
        words.add(found);
        words.add(prose![". "]);
    }
    content.push(paragraph(words));
    content.push(note(prose![reason(trained)]));
    let caption = prose!["A point per region, filled where some layer is significant. "];
    if let Some(drawing) = figures::order(figure_name("hierarchy-index", position), book, model) {
        content.push(figure(&drawing, caption, &["hierarchy.tsv"]));
    }
    let caption = prose![
        "Bars: 95 % interval over participants (thick) and over the story (thin, dashed). The band holds the middle of the correlations of maps that know nothing of the network; hollow: untrained copies. "
    ];
    if let Some(drawing) = figures::agreement(figure_name("hierarchy-null", position), book, model) {
        let tables = ["hierarchy_index.tsv", "hierarchy_participants.tsv"];
        content.push(figure(&drawing, caption, &tables));
    }
    content
}

/// What participants show by themselves, and what was regressed out.
fn beside(row: &Row<'_>) -> Prose {
    let number = |column| row.number(column, Format::Correlation);
    let mut words = Prose::default();
    let mean = number("participants_mean");
    if mean.value.is_finite() {
        words.add(prose!["Each participant by itself: mean ", mean, " "]);
        words.add(interval(&[number("participants_low"), number("participants_high")]));
        let p = row.number("p_participants", Format::Probability);
        if p.value.is_finite() {
            words.add(prose![", p ", p, " by signed ranks over participants, this story taken for given"]);
        }
        words.add(prose![". "]);
    }
    words.add(match row.cell("ceiling_regressed") {
        "true" => prose!["Ranks of the noise ceiling are regressed out. "],
        _ => prose!["Not every region has a noise ceiling, so none is regressed out: strong regions may look deeper or shallower than they are. "],
    });
    words
}

fn lowest_and_highest(rows: &[Row<'_>]) -> Option<Prose> {
    let mut found: Vec<_> = rows.iter().map(|row| row.number("rho", Format::Correlation)).collect();
    found.retain(|rho| rho.value.is_finite());
    found.sort_by(|a, b| a.value.total_cmp(&b.value));
    let (lowest, highest) = (found.first()?.clone(), found.last()?.clone());
    Some(if found.len() < 2 { prose![lowest] } else { prose![lowest, " to ", highest] })
}

/// What the p means, or why there is none.
fn reason(row: &Row<'_>) -> &'static str {
    match (row.cell("reason"), row.cell("null")) {
        ("too_few_regions", _) => {
            "Too few regions for a p over maps: with so few, orders that know nothing of the brain agree as well."
        }
        ("constant", _) => "Depth or the order says no more than the ceiling, so nothing can be compared.",
        (_, "spins") => "p against the order turned on the sphere: would a map as smooth show it?",
        (_, "variogram") => {
            "p against maps with the variogram of the order: would a map as smooth show it? It is somewhat too small for very smooth maps."
        }
        _ => {
            "p against regions in random order, which supposes that neighbours are not alike; where they are, it is too small. Places of the regions give a better one."
        }
    }
}
