//! Elements of an XML document, and errors that name their line.

use std::borrow::Cow;
use std::path::Path;

use roxmltree::Node;

use crate::error::{place_number, shown};
use crate::{IoError, Place};

/// An element of the file at `path`.
#[derive(Clone, Copy)]
pub(super) struct Element<'a, 'i> {
    pub(super) path: &'a Path,
    pub(super) node: Node<'a, 'i>,
}

impl<'a, 'i> Element<'a, 'i> {
    pub(super) fn children(self, name: &'static str) -> impl Iterator<Item = Self> {
        let elements = self.node.children().filter(move |node| node.is_element());
        let named = elements.filter(move |node| node.tag_name().name() == name);
        named.map(move |node| Self { path: self.path, node })
    }

    /// The characters between its tags.
    pub(super) fn text(self) -> Cow<'a, str> {
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

    pub(super) fn optional(self, name: &str) -> Option<&'a str> {
        self.node.attribute(name)
    }

    pub(super) fn attribute(self, name: &str) -> Result<&'a str, IoError> {
        let tag = self.node.tag_name().name();
        self.optional(name).ok_or_else(|| {
            self.wrong(format!("a {} without {name}", shown(tag)), format!("the attribute {name}"))
        })
    }

    /// An attribute that is a number.
    pub(super) fn number<T: std::str::FromStr>(self, name: &str) -> Result<T, IoError> {
        let value = self.attribute(name)?;
        value.trim().parse().map_err(|_| self.unexpected(name, value, "a whole number that fits"))
    }

    /// An attribute that is one of some words.
    pub(super) fn choice<T: Copy>(self, name: &str, choices: &[(&str, T)]) -> Result<T, IoError> {
        let value = self.attribute(name)?;
        let found = choices.iter().find(|(known, _)| *known == value).map(|(_, choice)| *choice);
        found.ok_or_else(|| {
            let known: Vec<&str> = choices.iter().map(|(known, _)| *known).collect();
            self.unexpected(name, value, &format!("one of {}", known.join(", ")))
        })
    }

    pub(super) fn unexpected(self, name: &str, value: &str, expected: &str) -> IoError {
        self.wrong(format!("{name}=\"{}\"", shown(value)), expected)
    }

    pub(super) fn wrong(self, found: impl Into<String>, expected: impl Into<String>) -> IoError {
        let remedy = "write the file again, or copy or download it again";
        IoError::malformed(self.path, self.line(), found, expected, remedy)
    }

    pub(super) fn line(self) -> Place {
        let start = self.node.document().text_pos_at(self.node.range().start);
        Place::Line(place_number(start.row as usize))
    }
}
