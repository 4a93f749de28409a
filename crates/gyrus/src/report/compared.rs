//! The page and the figures of studies side by side.

use super::figures::{self, Figure};
use super::markup::{Element, Markup};
use super::palette;
use crate::compare::{Comparison, INTRODUCTION, SCHEMA};

/// Figures by their file name.
pub(crate) fn compared(found: &Comparison) -> Vec<(String, String)> {
    drawings(found).iter().map(|figure| (format!("{}.svg", figure.name), figure.file())).collect()
}

fn drawings(found: &Comparison) -> Vec<Figure> {
    let growth = found.growth.iter().enumerate();
    let growth =
        growth.map(|(index, growth)| figures::growth(format!("scaling-{}", index + 1), found, growth));
    [figures::models(found)].into_iter().chain(figures::differences(found)).chain(growth).collect()
}

/// Nothing is fetched and no script runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// One page: what the command prints, the figures, and the tables below them.
pub(crate) fn compared_page(found: &Comparison) -> String {
    let light = format!("{}{}", palette::SHAPES, palette::style(&palette::LIGHT));
    let dark = format!("@media screen and (prefers-color-scheme:dark){{{}}}", palette::style(&palette::DARK));
    let meta = |name, value| Element::new("meta").with("name", name).with("content", value);
    let head = Element::new("head")
        .child(Element::new("meta").with("charset", "utf-8"))
        .child(Element::new("meta").with("http-equiv", "Content-Security-Policy").with("content", POLICY))
        .child(meta("viewport", "width=device-width, initial-scale=1"))
        .child(meta("color-scheme", "light dark"))
        .child(Element::new("title").text("Studies side by side · gyrus"))
        .child(Element::new("style").child(Markup::trusted(super::STYLE)))
        .child(Element::new("style").child(Markup::style(light)))
        .child(Element::new("style").child(Markup::style(dark)));
    let notes = ("Notes", found.notes.clone());
    let said = found.said().into_iter().chain([notes]).filter(|(_, lines)| !lines.is_empty());
    let lists = said.map(|(heading, lines)| {
        let items = lines.iter().map(|line| Element::new("li").text(line));
        let list = Element::new("ul").children(items);
        Markup::from_iter([Element::new("h3").text(heading), list])
    });
    let answer = Element::new("section")
        .with("id", "answer")
        .child(Element::classed("p", "eyebrow").text("gyrus compare"))
        .child(Element::new("h1").text("Studies side by side"))
        .child(Element::classed("p", "facts").text(INTRODUCTION))
        .children(lists);
    let figures = drawings(found);
    let figures = figures.iter().map(|figure| {
        Element::new("section")
            .child(Element::new("h2").text(&figure.title.plain()))
            .child(Element::new("figure").child(Element::classed("div", "drawing").child(figure.inline())))
    });
    let tables = found.tables();
    let tables =
        tables.iter().filter(|(_, text)| text.lines().count() > 1).map(|(file, text)| table(file, text));
    let main = Element::new("main")
        .child(answer)
        .children(figures)
        .child(Element::new("section").child(Element::new("h2").text("Tables")).children(tables));
    let body = Element::new("body").child(main);
    format!("<!DOCTYPE html>\n{}\n", Element::new("html").with("lang", "en").child(head).child(body))
}

/// More rows than this stay in the file beside the page.
const MOST_ROWS: usize = 300;

fn table(file: &str, text: &str) -> Element {
    let meaning = SCHEMA.iter().find(|table| table.file == file).map_or("", |table| table.row);
    let mut lines = text.lines().map(|line| line.split('\t'));
    let head =
        lines.next().into_iter().flatten().map(|name| Element::new("th").with("scope", "col").text(name));
    let cell = |(place, cell): (usize, &str)| {
        let shown = match cell.parse::<f64>() {
            Ok(value) if cell.contains('.') => format!("{value:.4}"),
            _ => cell.to_owned(),
        };
        let is_number = cell.parse::<f64>().is_ok();
        let element = match (place, is_number) {
            (0, _) => Element::new("th").with("scope", "row"),
            (_, true) => Element::classed("td", "number"),
            (_, false) => Element::new("td"),
        };
        element.text(&shown)
    };
    let rows =
        lines.by_ref().take(MOST_ROWS).map(|row| Element::new("tr").children(row.enumerate().map(cell)));
    let rows: Vec<Element> = rows.collect();
    let table = Element::new("table")
        .child(Element::new("caption").text(meaning))
        .child(Element::new("thead").child(Element::new("tr").children(head)))
        .child(Element::new("tbody").children(rows));
    let scroll =
        Element::classed("div", "scroll").with("role", "region").with("tabindex", 0).with("aria-label", file);
    let more = if lines.next().is_some() { " (the first rows; all of them are in the file)" } else { "" };
    Element::new("details")
        .child(Element::new("summary").text(&format!("{file}{more}")))
        .child(scroll.child(table))
}
