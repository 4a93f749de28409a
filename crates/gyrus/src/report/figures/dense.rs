//! Layer × region for studies of many regions: small squares side by side in columns, coloured by held-out correlation.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::super::markup::{Element, Markup};
use super::super::palette;
use super::axes::{px, tick, words};
use super::heatmap::Cell;

/// More regions than this are drawn densely, and have no panel each.
pub(in crate::report) const MANY: usize = 60;

const ROW: f64 = 12.0;
const TOP: f64 = 22.0;
const NAMES: f64 = 116.0;
const GAP: f64 = 18.0;
const WIDEST: f64 = 960.0;

/// Squares, names and layers of all rows, and how large they are together.
pub(super) fn squares(rows: &[(String, Vec<Cell>)], largest: f64) -> (Markup, (f64, f64)) {
    let layers = rows.first().map_or(0, |(_, cells)| cells.len());
    let width = if layers > 14 { 8.0 } else { 12.0 };
    let block = NAMES + width * layers as f64 + GAP;
    let columns = ((WIDEST / block) as usize).clamp(1, 4);
    let height = rows.len().div_ceil(columns);
    let mut content = Markup::default();
    let mut shapes: BTreeMap<String, String> = BTreeMap::new();
    for (index, (region, cells)) in rows.iter().enumerate() {
        let (left, y) = (NAMES + (index / height) as f64 * block, TOP + ROW * (index % height) as f64);
        content.push(words((left - 5.0, y + 9.5), "small end f-ink", &ending(region)));
        for (place, cell) in cells.iter().enumerate() {
            let x = left + width * place as f64;
            if index % height == 0 && (width > 10.0 || place % 2 == 0) {
                content.push(tick((x + width / 2.0, TOP - 6.0), "middle", &cell.layer.to_string()));
            }
            let share = if largest > 0.0 { cell.score.value / largest } else { 0.0 };
            if share.is_finite() {
                square(&mut shapes, palette::class(palette::step(share)), (x, y), (width - 1.0, ROW - 1.0));
            }
            if cell.p.value < 0.05 {
                let middle = (x + width / 2.0 - 1.5, y + ROW / 2.0 - 1.5);
                square(
                    &mut shapes,
                    format!("on-{}", palette::class(palette::step(share))),
                    middle,
                    (2.0, 2.0),
                );
            }
        }
    }
    // Dots lie on squares: their classes begin with `on`, those of squares with `below` or `step`.
    let (dots, squares): (Vec<_>, Vec<_>) =
        shapes.into_iter().partition(|(class, _)| class.starts_with("on-"));
    let path = |(class, d): (String, String)| Element::new("path").with("class", class).with("d", d);
    let shapes: Markup = squares.into_iter().chain(dots).map(path).collect();
    content.push(shapes);
    (content, (block * columns as f64, TOP + ROW * height as f64))
}

/// Letters of a name that fit.
const LETTERS: usize = 17;

/// A name cut to its end: names of the many parcels of an atlas begin alike.
fn ending(name: &str) -> String {
    let n_letters = name.chars().count();
    if n_letters <= LETTERS {
        return name.to_owned();
    }
    ['…'].into_iter().chain(name.chars().skip(n_letters + 1 - LETTERS)).collect()
}

fn square(shapes: &mut BTreeMap<String, String>, class: String, at: (f64, f64), (width, height): (f64, f64)) {
    let _ = write!(shapes.entry(class).or_default(), "M{} {}h{width}v{height}h-{width}z", px(at.0), px(at.1));
}

#[cfg(test)]
mod tests {
    use super::ending;

    #[test]
    fn long_names_keep_their_ends() {
        assert_eq!(ending("7Networks_LH_Area_123"), "…orks_LH_Area_123");
        assert_eq!(ending("R posterior STG a"), "R posterior STG a");
    }
}
