//! Every number that is printed: one rounding, and where in the tables it stands.

use super::markup::{Element, Markup};

/// A number with its cell in the tables.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    /// Not finite where undefined.
    pub(crate) value: f64,
    pub(crate) format: Format,
    /// None where the tables have no such row.
    pub(crate) origin: Option<Origin>,
}

/// A cell of a table.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) file: &'static str,
    /// Line in the file, the header being 1.
    pub(crate) line: usize,
    pub(crate) column: &'static str,
}

/// How a kind of number is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Three decimals.
    Correlation,
    /// Three significant digits, in fixed notation.
    Significant,
    /// Three decimals, or "< 0.001".
    P,
    /// The same with its sign of equality, for sentences.
    Probability,
    /// A whole number, in groups of three from 10 000 on.
    Count,
    /// A share as whole percent.
    Percent,
    /// One decimal.
    Layers,
    /// At most one decimal.
    Seconds,
    /// The shortest that reads back the same; powers of ten as such.
    Plain,
}

const MINUS: char = '\u{2212}';
const NARROW_SPACE: char = '\u{202F}';

impl Number {
    /// As it is printed.
    pub(crate) fn printed(&self) -> String {
        rounded(self.value, self.format)
    }

    /// As it is printed, with its origin.
    pub(crate) fn markup(&self, tag: &'static str) -> Element {
        self.place(Element::new(tag)).text(&self.printed())
    }

    /// Marks an element as showing this number.
    pub(crate) fn place(&self, element: Element) -> Element {
        match &self.origin {
            Some(origin) => origin.place(element),
            None => element,
        }
    }
}

impl Origin {
    pub(crate) fn place(&self, element: Element) -> Element {
        element.with("data-cell", format!("{} {} {}", self.file, self.line, self.column))
    }
}

impl From<&Number> for Markup {
    fn from(number: &Number) -> Self {
        number.markup("span").into()
    }
}

/// The one place where numbers become words.
fn rounded(value: f64, format: Format) -> String {
    if !value.is_finite() {
        return "n/a".to_owned();
    }
    match format {
        Format::Correlation => fixed(value, 3),
        Format::Significant => significant(value),
        Format::P => probability(value, ""),
        Format::Probability => probability(value, "=\u{A0}"),
        Format::Count => grouped(value),
        Format::Percent => format!("{}{NARROW_SPACE}%", fixed(100.0 * value, 0)),
        Format::Layers => fixed(value, 1),
        Format::Seconds if (value - value.round()).abs() < 0.05 => fixed(value, 0),
        Format::Seconds => fixed(value, 1),
        Format::Plain => plain(value),
    }
}

fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|digit| matches!(digit, '0' | '.')) => digits.to_owned(),
        Some(digits) => format!("{MINUS}{digits}"),
        None => text,
    }
}

/// At least three decimals, and as many more as a small number needs.
fn significant(value: f64) -> String {
    let lead = if value == 0.0 { 0 } else { -value.abs().log10().floor() as i32 };
    fixed(value, usize::try_from(lead + 2).unwrap_or(0).clamp(3, 12))
}

fn probability(value: f64, equals: &str) -> String {
    if value < 0.0005 { "<\u{A0}0.001".to_owned() } else { format!("{equals}{}", fixed(value, 3)) }
}

fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    if value.abs() < 10_000.0 {
        return digits.replace('-', &MINUS.to_string());
    }
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 && !text.ends_with('-') {
            text.push(NARROW_SPACE);
        }
        text.push(digit);
    }
    text.replace('-', &MINUS.to_string())
}

fn plain(value: f64) -> String {
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let is_far = value != 0.0 && !(1e-4..1e5).contains(&value.abs());
    let text = match (is_far, mantissa) {
        (false, _) => format!("{value}"),
        (true, "1") => format!("10{}", superscript(exponent)),
        (true, _) => format!("{mantissa} × 10{}", superscript(exponent)),
    };
    text.replace('-', &MINUS.to_string())
}

fn superscript(exponent: &str) -> String {
    let raised = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let of = |character: char| match character.to_digit(10) {
        Some(digit) => raised[digit as usize],
        None => '⁻',
    };
    exponent.chars().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_by_their_kind() {
        let cases = [
            (0.10511, Format::Correlation, "0.105"),
            (-0.0377, Format::Correlation, "−0.038"),
            (-0.0001, Format::Correlation, "0.000"),
            (f64::NAN, Format::Correlation, "n/a"),
            (1.0 / 1001.0, Format::P, "0.001"),
            (1e-7, Format::Probability, "<\u{A0}0.001"),
            (0.049, Format::Probability, "=\u{A0}0.049"),
            (2077.0, Format::Count, "2077"),
            (260_032.0, Format::Count, "260\u{202F}032"),
            (1_234_567.0, Format::Count, "1\u{202F}234\u{202F}567"),
            (0.194, Format::Percent, "19\u{202F}%"),
            (735.014, Format::Seconds, "735"),
            (1.49, Format::Seconds, "1.5"),
            (1e8, Format::Plain, "10⁸"),
            (2.5e-5, Format::Plain, "2.5 × 10⁻⁵"),
            (0.1, Format::Plain, "0.1"),
        ];
        for (value, format, expected) in cases {
            assert_eq!(rounded(value, format), expected, "{value} {format:?}");
        }
    }
}
