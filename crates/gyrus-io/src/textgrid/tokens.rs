//! What counts in a Praat text file: free-standing numbers, quoted texts and flags. All else is commentary.

use std::borrow::Cow;

/// Something that counts, with the line on which it starts, from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) line: usize,
    pub(super) value: Value<'a>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Number(f64),
    Text(Cow<'a, str>),
    Flag(&'a str),
    /// A text whose closing quote is missing.
    Unclosed,
}

/// The tokens of a text. A `!` starts a comment that lasts to the end of its line.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, line: 1 }
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.line += taken.bytes().filter(|byte| *byte == b'\n').count();
        self.rest = rest;
        taken
    }

    fn quoted(&mut self) -> Value<'a> {
        self.take(1);
        let bytes = self.rest.as_bytes();
        let mut end = 0;
        let mut has_escape = false;
        while end < bytes.len() {
            match (bytes[end], bytes.get(end + 1)) {
                (b'"', Some(b'"')) => {
                    has_escape = true;
                    end += 2;
                }
                (b'"', _) => {
                    let inside = self.take(end);
                    self.take(1);
                    let text = if has_escape {
                        Cow::Owned(inside.replace("\"\"", "\""))
                    } else {
                        Cow::Borrowed(inside)
                    };
                    return Value::Text(text);
                }
                _ => end += 1,
            }
        }
        self.take(end);
        Value::Unclosed
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let blank = self.rest.len() - self.rest.trim_start().len();
            self.take(blank);
            let line = self.line;
            let first = self.rest.chars().next()?;
            let value = match first {
                '"' => Some(self.quoted()),
                '!' => {
                    self.take(self.rest.find(['\n', '\r']).unwrap_or(self.rest.len()));
                    None
                }
                _ => {
                    let word = self.take(self.rest.find(char::is_whitespace).unwrap_or(self.rest.len()));
                    counting(word)
                }
            };
            if let Some(value) = value {
                return Some(Token { line, value });
            }
        }
    }
}

fn counting(word: &str) -> Option<Value<'_>> {
    if word.len() > 2 && word.starts_with('<') && word.ends_with('>') {
        return Some(Value::Flag(&word[1..word.len() - 1]));
    }
    let starts_number = word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    if starts_number { word.parse().ok().map(Value::Number) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[Value<'_>]) {
        let found: Vec<Value<'_>> = Tokens::new(text).map(|token| token.value).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn only_what_stands_free_counts() {
        check("xmin = 1.5 ! 7\nintervals [2]: size = -3", &[Value::Number(1.5), Value::Number(-3.0)]);
        check("tiers? <exists>", &[Value::Flag("exists")]);
        check(r#"text = "say ""hi"" !""#, &[Value::Text("say \"hi\" !".into())]);
        check("\"two\nlines\" \"\"", &[Value::Text("two\nlines".into()), Value::Text("".into())]);
        check("\"open", &[Value::Unclosed]);
    }

    #[test]
    fn lines_are_counted_through_labels() {
        let lines: Vec<usize> = Tokens::new("1\n\"a\nb\"\n2").map(|token| token.line).collect();
        assert_eq!(lines, [1, 2, 4]);
    }
}
