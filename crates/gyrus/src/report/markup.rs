//! HTML and SVG as escaped text: whatever comes from a file can become words of the page, never markup.

use std::fmt::{self, Display, Write};

/// An element. Names of tags and attributes are written in the program; values and texts are escaped.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    tag: &'static str,
    attributes: String,
    content: Markup,
}

/// Escaped text and elements.
#[derive(Debug, Clone, Default)]
pub(crate) struct Markup(String);

/// Elements of HTML without an end tag.
const VOID: [&str; 3] = ["meta", "br", "hr"];

impl Element {
    pub(crate) fn new(tag: &'static str) -> Self {
        Self { tag, attributes: String::new(), content: Markup::default() }
    }

    /// An element with a class.
    pub(crate) fn classed(tag: &'static str, class: &'static str) -> Self {
        Self::new(tag).with("class", class)
    }

    /// Sets an attribute.
    pub(crate) fn with(mut self, name: &'static str, value: impl Display) -> Self {
        let _ = write!(self.attributes, " {name}=\"{}\"", Escaped(&value.to_string()));
        self
    }

    /// Appends content.
    pub(crate) fn child(mut self, child: impl Into<Markup>) -> Self {
        self.content.push(child);
        self
    }

    /// Appends words.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.content.text(text);
        self
    }

    /// Appends several contents.
    pub(crate) fn children<M: Into<Markup>>(mut self, children: impl IntoIterator<Item = M>) -> Self {
        for child in children {
            self.content.push(child);
        }
        self
    }
}

impl Markup {
    /// Style or script that the program brought along.
    pub(crate) fn trusted(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Style made from the program's own colours; refused where it could end its element.
    pub(crate) fn style(text: String) -> Self {
        Self(if text.contains('<') { String::new() } else { text })
    }

    /// JSON inside a script element: no text of it can end the element or begin a comment.
    pub(crate) fn data(json: &str) -> Self {
        Self(json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
    }

    pub(crate) fn text(&mut self, text: &str) {
        let _ = write!(self.0, "{}", Escaped(text));
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn push(&mut self, markup: impl Into<Self>) {
        self.0.push_str(&markup.into().0);
    }
}

impl Display for Element {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tag, attributes) = (self.tag, &self.attributes);
        if VOID.contains(&tag) {
            return write!(formatter, "<{tag}{attributes}>");
        }
        write!(formatter, "<{tag}{attributes}>{}</{tag}>", self.content.0)
    }
}

impl From<&'static str> for Markup {
    fn from(text: &'static str) -> Self {
        let mut markup = Self::default();
        markup.text(text);
        markup
    }
}

impl From<Element> for Markup {
    fn from(element: Element) -> Self {
        Self(element.to_string())
    }
}

impl<M: Into<Self>> FromIterator<M> for Markup {
    fn from_iter<I: IntoIterator<Item = M>>(parts: I) -> Self {
        let mut markup = Self::default();
        for part in parts {
            markup.push(part);
        }
        markup
    }
}

/// Text that means itself in HTML and in XML, in content and in quoted attributes.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                '`' => formatter.write_str("&#96;")?,
                other if is_hidden(other) => formatter.write_char('\u{FFFD}')?,
                other => formatter.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// Controls that XML 1.0 forbids (section 2.2), and marks that turn the direction of the text around them.
pub(super) fn is_hidden(character: char) -> bool {
    let is_control = character.is_control() && !matches!(character, '\t' | '\n' | '\r');
    let turns = matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    is_control || turns || matches!(character, '\u{FFFE}' | '\u{FFFF}')
}

/// The same words with hidden characters shown as such.
pub(super) fn visible(words: &str) -> String {
    words.chars().map(|character| if is_hidden(character) { '\u{FFFD}' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_end_its_element_and_reads_back_the_same() {
        let hostile = "</script><!--<script>\"\\ & > \u{2028}";
        let json = serde_json::to_string(hostile).unwrap();
        let data = Markup::data(&json);
        assert!(!data.0.contains(['<', '>', '&']), "{}", data.0);
        assert_eq!(serde_json::from_str::<String>(&data.0).unwrap(), hostile);
    }

    #[test]
    fn nothing_from_a_file_becomes_markup() {
        let hostile = "</title><script>alert('x')</script>\" onload=`y` & \u{0} \u{202E}";
        let element = Element::new("p").with("title", hostile).text(hostile).to_string();
        assert_eq!(element.matches('<').count(), 2);
        assert_eq!(element.matches('"').count(), 2);
        assert!(!element.contains(['\u{0}', '\u{202E}', '`', '\'']));
    }

    #[test]
    fn style_cannot_end_its_element() {
        assert_eq!(Markup::style("a{}</style><script>".to_owned()).0, "");
    }
}
