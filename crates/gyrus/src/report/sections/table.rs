//! Tables in the page.

use super::super::markup::{Element, Markup};
use super::super::number::Number;
use super::super::prose::{Prose, name, prose};

/// A cell.
pub(super) enum Cell {
    Name(String),
    Words(Prose),
    Number(Number),
    Prose(Prose),
}

/// A table with a caption for those who hear it.
pub(super) fn table<M: Into<Markup>>(
    caption: &'static str,
    header: impl IntoIterator<Item = M>,
    rows: Vec<Vec<Cell>>,
) -> Element {
    let head = header.into_iter().map(|column| Element::new("th").with("scope", "col").child(column));
    let body = rows.into_iter().map(row);
    let table = Element::new("table")
        .child(Element::new("caption").text(caption))
        .child(Element::new("thead").child(Element::new("tr").children(head)))
        .child(Element::new("tbody").children(body));
    Element::classed("div", "scroll")
        .with("role", "region")
        .with("aria-label", caption)
        .with("tabindex", 0)
        .child(table)
}

fn row(cells: Vec<Cell>) -> Element {
    let cell = |(place, cell): (usize, Cell)| -> Element {
        let element = match (place, &cell) {
            (0, _) => Element::new("th").with("scope", "row"),
            (_, Cell::Number(_) | Cell::Prose(_)) => Element::classed("td", "number"),
            _ => Element::new("td"),
        };
        let content = match &cell {
            Cell::Name(words) => Markup::from(name(words)),
            Cell::Words(prose) | Cell::Prose(prose) => prose.into(),
            Cell::Number(number) => number.into(),
        };
        element.child(content)
    };
    Element::new("tr").children(cells.into_iter().enumerate().map(cell))
}

/// More rows than this stay in the tables beside the page.
const MOST_ROWS: usize = 300;

/// A table of every region that opens on demand, or where else its rows stand.
pub(super) fn every_region<M: Into<Markup>>(
    (summary, caption, file): (&'static str, &'static str, &'static str),
    header: impl IntoIterator<Item = M>,
    rows: Vec<Vec<Cell>>,
) -> Element {
    if rows.len() > MOST_ROWS {
        return super::note(prose![
            summary,
            ": in the table ",
            file,
            ", for here they would be too many rows."
        ]);
    }
    folded(summary, table(caption, header, rows))
}

/// A long table that opens on demand.
pub(super) fn folded(summary: &'static str, content: impl Into<Markup>) -> Element {
    Element::new("details").child(Element::new("summary").text(summary)).child(content)
}
