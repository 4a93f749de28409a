//! One name of a pattern: text with fields in it.

use std::collections::BTreeMap;

/// A name between two slashes.
pub(super) struct Segment {
    parts: Vec<Part>,
}

enum Part {
    Text(String),
    Field(String),
}

impl Segment {
    /// # Errors
    /// - what is wrong with the braces.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let Some(field) = rest[at..].strip_prefix('{') else {
                return Err("a `}` without its `{`".to_owned());
            };
            let Some(end) = field.find(['{', '}']).filter(|end| field[*end..].starts_with('}')) else {
                return Err("a `{` without its `}`".to_owned());
            };
            let name = &field[..end];
            if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                return Err(format!("the field `{{{name}}}`, which is not a name"));
            }
            if at > 0 {
                parts.push(Part::Text(rest[..at].to_owned()));
            } else if matches!(parts.last(), Some(Part::Field(_))) {
                return Err(format!("the field `{{{name}}}` directly behind another"));
            }
            parts.push(Part::Field(name.to_owned()));
            rest = &field[end + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The text, if there is no field in it.
    pub(super) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    pub(super) fn shows_hidden(&self) -> bool {
        matches!(self.parts.first(), Some(Part::Text(text)) if text.starts_with('.'))
    }

    /// The fields with which a name fits, given those that are known already.
    ///
    /// # Errors
    /// - the name fits in more than one way.
    pub(super) fn fit(
        &self,
        name: &str,
        known: &BTreeMap<String, String>,
    ) -> Result<Option<BTreeMap<String, String>>, String> {
        let mut found = Vec::new();
        search(&self.parts, name, known.clone(), &mut found);
        if let [first, second, ..] = found.as_slice() {
            let differing = first.iter().find(|(field, text)| second.get(*field) != Some(*text));
            let (field, text) =
                differing.map(|(field, text)| (field.as_str(), text.as_str())).unwrap_or_default();
            let other = second.get(field).map(String::as_str).unwrap_or_default();
            return Err(format!("`{name}`, which fits in two ways ({{{field}}} is `{text}` or `{other}`)"));
        }
        Ok(found.pop())
    }
}

/// Collects up to two ways in which the parts fit a name, shortest fields first.
fn search(
    parts: &[Part],
    name: &str,
    fields: BTreeMap<String, String>,
    found: &mut Vec<BTreeMap<String, String>>,
) {
    if found.len() > 1 {
        return;
    }
    let Some((part, later)) = parts.split_first() else {
        if name.is_empty() && !found.contains(&fields) {
            found.push(fields);
        }
        return;
    };
    let fixed = match part {
        Part::Text(text) => Some(text),
        Part::Field(field) => fields.get(field),
    };
    if let Some(text) = fixed {
        if let Some(rest) = name.strip_prefix(text.as_str()) {
            search(later, rest, fields, found);
        }
        return;
    }
    let Part::Field(field) = part else { return };
    // Where a field is followed by text, only places before that text can end it.
    let ends = name.char_indices().map(|(at, c)| at + c.len_utf8());
    for end in ends.filter(|end| may_end(later, &name[*end..])) {
        let mut fields = fields.clone();
        fields.insert(field.clone(), name[..end].to_owned());
        search(later, &name[end..], fields, found);
    }
}

fn may_end(later: &[Part], rest: &str) -> bool {
    match later {
        [] => rest.is_empty(),
        [Part::Text(text)] => rest == text,
        [Part::Text(text), ..] => rest.starts_with(text.as_str()),
        [Part::Field(_), ..] => true,
    }
}
