//! What words further on add to a layer.

use super::super::book::{Book, Row};
use super::super::figure_name;
use super::super::figures;
use super::super::markup::{Element, Markup};
use super::super::number::Format;
use super::super::prose::{interval, prose, with_people};
use super::table::{Cell, every_region, table};
use super::{Section, figure, paragraph};
use crate::results::Results;

pub(super) fn section(book: &Book, results: &Results) -> Option<Section> {
    if results.forecast.is_empty() {
        return None;
    }
    let mut content = Markup::default();
    content.push(paragraph(prose![
        "A further band beside the layer holds its vectors of several words, the last of which stands so many words further on; each target mixes the two as inner folds choose. What the band adds to held-out r is the forecast score. Where responses are slow and neighbours alike, any window adds a little; where nothing is to be found, a further band costs a little. Windows before the word and windows from random places show both. Only a score above zero and above theirs speaks of words to come."
    ]));
    let mut drawings = Vec::new();
    for (index, model) in results.language_models.iter().enumerate() {
        if let Some(drawing) = figures::forecast(figure_name("forecast", index), book, results, model) {
            let row = book
                .rows("forecast.tsv")
                .find(|row| row.cell("language_model") == crate::tables::words(&model.name));
            let mut caption = prose!["Mean over regions"];
            if let Some(row) = row {
                caption.add(prose![", layer ", row.number("layer", Format::Count)]);
            }
            caption.add(prose![
                ". Thick bars: 95 % interval over participants; thin dashed bars: over the story. "
            ]);
            drawings.push(figure(&drawing, caption, &["forecast.tsv"]));
        }
    }
    content.push(Element::classed("div", "pair").children(drawings));
    let several = results.language_models.len() > 1;
    let model = several.then_some("language model");
    let header = model.into_iter().chain([
        "words further on",
        "region",
        "r alone",
        "r with the window",
        "forecast score [participants]",
        "[story]",
        "beyond random windows [participants]",
        "p corrected",
    ]);
    let is_mean = |row: &Row<'_>| row.cell("region") == "mean";
    let rows = |of_mean: bool| -> Vec<Vec<Cell>> {
        book.rows("forecast.tsv")
            .filter(|row| is_mean(row) == of_mean)
            .map(|row| cells(&row, several))
            .collect()
    };
    content.push(table("Forecast scores, mean over regions", header.clone(), rows(true)));
    let about = ("Every region", "Forecast scores by region", "forecast.tsv");
    content.push(every_region(about, header, rows(false)));
    Some(Section { id: "forecast", title: "Words to come", short: "Words to come", content })
}

fn cells(row: &Row<'_>, several: bool) -> Vec<Cell> {
    let forecast = row.estimate("forecast");
    let is_random = row.cell("distance") == "n/a";
    let model = several.then(|| Cell::Prose(prose![row.quoted("language_model")]));
    let cells = [
        Cell::Prose(prose![row.quoted("window")]),
        Cell::Prose(prose![row.quoted("region")]),
        Cell::Number(row.number("alone", Format::Correlation)),
        Cell::Number(row.number("with_window", Format::Correlation)),
        Cell::Prose(with_people(&forecast)),
        Cell::Prose(interval(&forecast.story)),
        Cell::Prose(if is_random { prose!["–"] } else { with_people(&row.estimate("beyond_random")) }),
        Cell::Number(row.number("p_sign_flip_corrected", Format::P)),
    ];
    model.into_iter().chain(cells).collect()
}
