//! Sentences made of our words, words from files, and numbers with their cells.

use super::book::Printed;
use super::markup::{Element, Markup, is_hidden};
use super::number::{Number, Origin};

/// A sentence or more.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prose(Vec<Piece>);

/// A part of a sentence.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// Words of the program.
    Text(&'static str),
    /// A name from a file.
    Name(String),
    /// The words of a cell of a table.
    Quoted(Quoted),
    Number(Number),
}

/// The words of a cell.
#[derive(Debug, Clone)]
pub(crate) struct Quoted {
    pub(crate) words: String,
    pub(crate) origin: Option<Origin>,
}

/// Pieces, each of any kind, in order.
macro_rules! prose {
    ($($piece:expr),* $(,)?) => {
        $crate::report::prose::Prose::of(vec![$($crate::report::prose::Piece::from($piece)),*])
    };
}
pub(crate) use prose;

impl Prose {
    pub(crate) fn of(pieces: Vec<Piece>) -> Self {
        Self(pieces)
    }

    pub(crate) fn add(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Without markup: for methods.md and the terminal.
    pub(crate) fn plain(&self) -> String {
        let words = |piece: &Piece| match piece {
            // A terminal needs no unbreakable spaces, and whoever searches the text does not type them.
            Piece::Text(text) => text.replace('\u{A0}', " "),
            Piece::Name(name) => one_line(name),
            Piece::Quoted(quoted) => one_line(&quoted.words),
            Piece::Number(number) => number.printed(),
        };
        self.0.iter().map(words).collect()
    }

    /// As Markdown in which names from files stay words.
    pub(crate) fn markdown(&self) -> String {
        let words = |piece: &Piece| match piece {
            Piece::Text(text) => (*text).to_owned(),
            Piece::Name(words) | Piece::Quoted(Quoted { words, .. }) => literal(&one_line(words)),
            Piece::Number(number) => number.printed(),
        };
        self.0.iter().map(words).collect()
    }

    /// Items joined as in a list: a, b and c.
    pub(crate) fn list(items: Vec<Self>, last: &'static str) -> Self {
        let mut joined = Self::default();
        let count = items.len();
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                joined.0.push(Piece::Text(if index + 1 == count { last } else { ", " }));
            }
            joined.add(item);
        }
        joined
    }
}

/// A name in a file for people or on a terminal stays on its line and leaves the terminal alone.
fn one_line(name: &str) -> String {
    name.chars()
        .map(|character| if character.is_control() || is_hidden(character) { ' ' } else { character })
        .collect()
}

/// Any ASCII punctuation may be escaped by a backslash (CommonMark 0.31, section 2.4).
fn literal(words: &str) -> String {
    let mut text = String::new();
    for character in words.chars() {
        if "\\`*_[]<>#|&!~$".contains(character) {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

/// "0.105 [0.079, 0.138]": a value with its interval over participants.
pub(crate) fn with_people(printed: &Printed) -> Prose {
    let mut prose = prose![printed.value.clone(), " "];
    prose.add(interval(&printed.people));
    prose
}

/// "[0.079, 0.138]".
pub(crate) fn interval([low, high]: &[Number; 2]) -> Prose {
    prose!["[", low.clone(), ",\u{A0}", high.clone(), "]"]
}

impl From<&Prose> for Markup {
    fn from(prose: &Prose) -> Self {
        let mut markup = Self::default();
        for piece in &prose.0 {
            match piece {
                Piece::Text(text) => markup.text(text),
                Piece::Name(name) => markup.push(self::name(name)),
                Piece::Quoted(quoted) => markup.push(quoted),
                Piece::Number(number) => markup.push(number),
            }
        }
        markup
    }
}

impl From<Prose> for Markup {
    fn from(prose: Prose) -> Self {
        Self::from(&prose)
    }
}

impl From<&Quoted> for Markup {
    fn from(quoted: &Quoted) -> Self {
        let element = Element::new("span");
        let element = match &quoted.origin {
            Some(origin) => origin.place(element),
            None => element,
        };
        element.text(&quoted.words).into()
    }
}

/// A name from a file.
pub(crate) fn name(name: &str) -> Element {
    Element::classed("span", "name").text(name)
}

impl From<&'static str> for Piece {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

impl From<String> for Piece {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<Number> for Piece {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

impl From<Quoted> for Piece {
    fn from(quoted: Quoted) -> Self {
        Self::Quoted(quoted)
    }
}
