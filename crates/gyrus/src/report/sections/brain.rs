//! Where in the brain: pictures of the best layer's score and gain, and of the depth of every voxel.

use super::super::book::Book;
use super::super::figures;
use super::super::markup::Markup;
use super::super::number::Format;
use super::super::prose::prose;
use super::super::{PageContext, answer, figure_name};
use super::{Section, figure, model_heading, note, viewer};
use crate::brain::Quantity;
use crate::results::Results;
use crate::tables;

pub(super) fn section(book: &Book, results: &Results, context: &PageContext) -> Option<Section> {
    let mut content = Markup::default();
    if context.volume.is_some() || context.surface.is_some() {
        content.push(viewer("brain"));
    }
    for (index, (model, brain)) in results.language_models.iter().zip(&context.brains).enumerate() {
        let Some(brain) = brain else { continue };
        content.push(model_heading(results, model));
        let drawing =
            figures::brain(figure_name("brain", index), brain, &model.name, answer::where_best(book, model));
        let best = book.row("best_layer.tsv", &[&tables::words(&model.name), "mean"]);
        let mut caption = prose!["Layer ", best.number("layer", Format::Count), ", mean over participants"];
        if brain.is_volume() {
            caption.add(prose![
                ". Views of the whole brain show the voxel with the largest score along each line of sight"
            ]);
        }
        if brain.maps.iter().any(|map| map.quantity == Quantity::Depth) {
            caption.add(prose![
                "; the layer centre of mass only where some layer is significant (corrected p below 0.05)"
            ]);
        }
        caption.add(prose![
            ". Grey: no value. ",
            if brain.is_volume() { "L and R: left and right of the person; the" } else { "The" },
            " images themselves are in maps/. "
        ]);
        content.push(figure(&drawing, caption, &["layers.tsv", "hierarchy.tsv"]));
    }
    if context.brains.iter().all(Option::is_none) {
        return None;
    }
    content.push(note(prose!["Colours are scaled to the largest value of each map."]));
    Some(Section { id: "brain", title: "Where in the brain", short: "Brain", content })
}
