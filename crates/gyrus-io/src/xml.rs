//! XML documents: their elements, and errors that name a line.

use std::borrow::Cow;
use std::path::Path;

use roxmltree::{Document, Node, ParsingOptions};

use crate::error::{place_number, shown};
use crate::{IoError, Place};

/// Parses a document; errors name `path` and call it `what`, whose outermost element is `<root>`.
///
/// # Errors
/// - the text is not XML or ends early, or defines entities, which may stand for far more text than there is.
pub(crate) fn parse<'t>(
    path: &Path,
    text: &'t str,
    (what, root): (&str, &str),
) -> Result<Document<'t>, IoError> {
    if let Some(at) = text.find("<!ENTITY") {
        let line = 1 + text[..at].matches('\n').count();
        let place = Place::Line(place_number(line));
        let remedy = "remove the entities from the file's DOCTYPE";
        return Err(IoError::malformed(path, place, "a definition of an entity", "none", remedy));
    }
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        let remedy = "copy or download the file again";
        if error == roxmltree::Error::UnclosedRootNode {
            let found = format!("a file that ends before </{root}>");
            return IoError::malformed(path, Place::File, found, format!("a whole {what}"), remedy);
        }
        let place = Place::Line(place_number(error.pos().row as usize));
        let found = format!("text that is no XML ({})", shown(&error.to_string()));
        IoError::malformed(path, place, found, format!("a {what}"), remedy)
    })
}

/// An element of the file at `path`.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a, 'i> {
    pub(crate) path: &'a Path,
    pub(crate) node: Node<'a, 'i>,
}

impl<'a, 'i> Element<'a, 'i> {
    pub(crate) fn children(self, name: &'static str) -> impl Iterator<Item = Self> {
        let elements = self.node.children().filter(move |node| node.is_element());
        let named = elements.filter(move |node| node.tag_name().name() == name);
        named.map(move |node| Self { path: self.path, node })
    }

    /// The characters between its tags.
    pub(crate) fn text(self) -> Cow<'a, str> {
        let mut texts = self.node.children().filter(Node::is_text).filter_map(|node| node.text());
        match (texts.next(), texts.next()) {
            (None, _) => Cow::Borrowed(""),
            (Some(only), None) => Cow::Borrowed(only),
            (Some(first), Some(second)) => {
                let mut joined = [first, second].concat();
                joined.extend(texts);
                Cow::Owned(joined)
            }
        }
    }

    pub(crate) fn optional(self, name: &str) -> Option<&'a str> {
        self.node.attribute(name)
    }

    pub(crate) fn attribute(self, name: &str) -> Result<&'a str, IoError> {
        let tag = self.node.tag_name().name();
        self.optional(name).ok_or_else(|| {
            self.wrong(format!("a {} without {name}", shown(tag)), format!("the attribute {name}"))
        })
    }

    /// An attribute that is a number.
    pub(crate) fn number<T: std::str::FromStr>(self, name: &str) -> Result<T, IoError> {
        let value = self.attribute(name)?;
        value.trim().parse().map_err(|_| self.unexpected(name, value, "a whole number that fits"))
    }

    /// An attribute that is one of some words.
    pub(crate) fn choice<T: Copy>(self, name: &str, choices: &[(&str, T)]) -> Result<T, IoError> {
        let value = self.attribute(name)?;
        let found = choices.iter().find(|(known, _)| *known == value).map(|(_, choice)| *choice);
        found.ok_or_else(|| {
            let known: Vec<&str> = choices.iter().map(|(known, _)| *known).collect();
            self.unexpected(name, value, &format!("one of {}", known.join(", ")))
        })
    }

    pub(crate) fn unexpected(self, name: &str, value: &str, expected: &str) -> IoError {
        self.wrong(format!("{name}=\"{}\"", shown(value)), expected)
    }

    pub(crate) fn wrong(self, found: impl Into<String>, expected: impl Into<String>) -> IoError {
        let remedy = "write the file again, or copy or download it again";
        IoError::malformed(self.path, self.line(), found, expected, remedy)
    }

    pub(crate) fn line(self) -> Place {
        let start = self.node.document().text_pos_at(self.node.range().start);
        Place::Line(place_number(start.row as usize))
    }
}
