//! Does depth in the network follow depth in the brain?

use super::super::book::Book;
use super::super::figure_name;
use super::super::figures;
use super::super::markup::Markup;
use super::super::number::Format;
use super::super::prose::prose;
use super::{Section, figure, model_heading, note, paragraph};
use crate::results::Results;
use crate::tables;

pub(super) fn section(book: &Book, results: &Results) -> Option<Section> {
    let mut content = Markup::default();
    content.push(paragraph(prose![
        "A region is as deep as the centre of mass of its scores over layers. Regions whose intervals overlap have no order that these data can show."
    ]));
    for (index, model) in results.language_models.iter().enumerate() {
        content.push(model_heading(results, model));
        let summary = book.row("hierarchy_summary.tsv", &[&tables::words(&model.name)]);
        match figures::depth(figure_name("hierarchy", index), book, model) {
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
    }
    Some(Section { id: "hierarchy", title: "Hierarchy", short: "Hierarchy", content })
}
