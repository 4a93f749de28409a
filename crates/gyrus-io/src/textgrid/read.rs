//! From the tokens of a Praat text file to tiers.

use std::iter::Peekable;
use std::path::Path;

use super::tokens::{Token, Tokens, Value};
use super::{Interval, Marks, Point, TextGrid, Tier};
use crate::error::{place_number, shown};
use crate::{IoError, Place, Read, Warning};

/// Reads a TextGrid from its text; errors name `path`.
///
/// # Errors
/// - as [`super::read`].
pub fn parse(path: &Path, text: &str) -> Result<Read<TextGrid>, IoError> {
    let mut reader = Reader { path, tokens: Tokens::new(text).peekable(), line: 1, warnings: Vec::new() };
    reader.header(text)?;
    let start = reader.number("the start time of the file (xmin)")?;
    let end = reader.number("the end time of the file (xmax)")?;
    if !reader.has_tiers()? {
        return Ok(Read { value: TextGrid { start, end, tiers: Vec::new() }, warnings: Vec::new() });
    }
    let count = reader.count("the number of tiers")?;
    let mut tiers = Vec::new();
    for index in 0..count {
        tiers.push(reader.tier(index + 1 == count)?);
    }
    Ok(Read { value: TextGrid { start, end, tiers }, warnings: reader.warnings })
}

const REMEDY: &str = "open the file in Praat and save it again as a text file";

struct Reader<'a> {
    path: &'a Path,
    tokens: Peekable<Tokens<'a>>,
    line: usize,
    warnings: Vec<Warning>,
}

impl<'a> Reader<'a> {
    fn header(&mut self, text: &str) -> Result<(), IoError> {
        let expected = "a TextGrid in Praat's text format, which starts with File type = \"ooTextFile\"";
        if text.starts_with("ooBinaryFile") || text.starts_with("\"Praat chronological TextGrid") {
            return Err(self.wrong("another format of Praat", expected));
        }
        let is_text_file = self.text(expected)?.starts_with("ooTextFile");
        if !is_text_file {
            return Err(self.wrong("another kind of file", expected));
        }
        let class = self.text("Object class = \"TextGrid\"")?;
        if class.trim() != "TextGrid" {
            return Err(self.wrong(&format!("the object class `{}`", shown(&class)), "\"TextGrid\""));
        }
        Ok(())
    }

    fn has_tiers(&mut self) -> Result<bool, IoError> {
        let expected = "<exists> or <absent>";
        match self.next(expected)?.value {
            Value::Flag("exists") => Ok(true),
            Value::Flag("absent") => Ok(false),
            other => Err(self.wrong(&describe(&other), expected)),
        }
    }

    fn tier(&mut self, is_last: bool) -> Result<Tier, IoError> {
        let class = self.text("the class of a tier")?;
        let holds_points = match class.as_str() {
            "IntervalTier" => false,
            "TextTier" => true,
            _ => {
                let found = format!("a tier of class `{}`", shown(&class));
                return Err(self.wrong(&found, "\"IntervalTier\" or \"TextTier\""));
            }
        };
        let name = self.text("the name of a tier")?;
        self.number("the start time of a tier (xmin)")?;
        self.number("the end time of a tier (xmax)")?;
        let count = self.count("the number of intervals or points")?;
        let (found, until, marks) = if holds_points {
            let points = self.many(count, is_last, Self::point)?;
            (points.len(), points.last().map(|point| point.time), Marks::Points(points))
        } else {
            let intervals = self.many(count, is_last, Self::interval)?;
            (intervals.len(), intervals.last().map(|interval| interval.end), Marks::Intervals(intervals))
        };
        if let (true, Some(until)) = (found < count, until) {
            self.warnings.push(Warning::CutShort { tier: name.clone(), found, expected: count, until });
        }
        Ok(Tier { name, marks })
    }

    /// The count comes from the file: nothing is reserved for it.
    fn many<T>(
        &mut self,
        count: usize,
        may_break_off: bool,
        read: fn(&mut Self) -> Result<T, IoError>,
    ) -> Result<Vec<T>, IoError> {
        let mut all = Vec::new();
        for _ in 0..count {
            if may_break_off && !all.is_empty() && self.tokens.peek().is_none() {
                break;
            }
            all.push(read(self)?);
        }
        Ok(all)
    }

    fn interval(&mut self) -> Result<Interval, IoError> {
        let start = self.number("the start time of an interval (xmin)")?;
        let end = self.number("the end time of an interval (xmax)")?;
        if end < start {
            return Err(self.wrong(
                &format!("an interval from {start} to {end}"),
                "an end that is not before the start",
            ));
        }
        Ok(Interval { start, end, label: self.text("the label of an interval")? })
    }

    fn point(&mut self) -> Result<Point, IoError> {
        let time = self.number("the time of a point")?;
        Ok(Point { time, label: self.text("the label of a point")? })
    }

    fn count(&mut self, expected: &str) -> Result<usize, IoError> {
        let number = self.number(expected)?;
        if number >= 0.0 && number.fract() == 0.0 && number < 1e9 {
            return Ok(number as usize);
        }
        Err(self.wrong(&format!("{number}"), expected))
    }

    fn number(&mut self, expected: &str) -> Result<f64, IoError> {
        match self.next(expected)?.value {
            Value::Number(number) if number.is_finite() => Ok(number),
            other => Err(self.wrong(&describe(&other), expected)),
        }
    }

    fn text(&mut self, expected: &str) -> Result<String, IoError> {
        match self.next(expected)?.value {
            Value::Text(text) => Ok(text.into_owned()),
            other => Err(self.wrong(&describe(&other), expected)),
        }
    }

    fn next(&mut self, expected: &str) -> Result<Token<'a>, IoError> {
        match self.tokens.next() {
            Some(token) => {
                self.line = token.line;
                Ok(token)
            }
            None => Err(self.wrong("the end of the file", expected)),
        }
    }

    fn wrong(&self, found: &str, expected: &str) -> IoError {
        IoError::malformed(self.path, Place::Line(place_number(self.line)), found, expected, REMEDY)
    }
}

fn describe(value: &Value<'_>) -> String {
    match value {
        Value::Number(number) => format!("the number {number}"),
        Value::Text(text) => format!("the text `{}`", shown(text)),
        Value::Flag(flag) => format!("the flag <{}>", shown(flag)),
        Value::Unclosed => "a text without its closing quote".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = r#"File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "word 1"
        xmin = 0
        xmax = 2
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 1.5
            text = "say ""hi"""
        intervals [2]:
            xmin = 1.5
            xmax = 2
            text = ""
    item [2]:
        class = "TextTier"
        name = "events"
        xmin = 0
        xmax = 2
        points: size = 1
        points [1]:
            number = 0.5
            mark = "two
lines"
"#;
    const SHORT: &str = "File type = \"ooTextFile\"\r\nObject class = \"TextGrid\"\r\n\r\n0\r\n2\r\n<exists>\r\n2\r\n\"IntervalTier\"\r\n\
        \"word 1\"\r\n0\r\n2\r\n2\r\n0\r\n1.5\r\n\"say \"\"hi\"\"\"\r\n1.5\r\n2\r\n\"\"\r\n\"TextTier\"\r\n\"events\"\r\n0\r\n2\r\n1\r\n0.5\r\n\"two\nlines\"";

    fn expected() -> TextGrid {
        let interval = |start, end, label: &str| Interval { start, end, label: label.to_owned() };
        let words = vec![interval(0.0, 1.5, "say \"hi\""), interval(1.5, 2.0, "")];
        let events = vec![Point { time: 0.5, label: "two\nlines".to_owned() }];
        let tiers = vec![
            Tier { name: "word 1".to_owned(), marks: Marks::Intervals(words) },
            Tier { name: "events".to_owned(), marks: Marks::Points(events) },
        ];
        TextGrid { start: 0.0, end: 2.0, tiers }
    }

    #[test]
    fn long_and_short_format_say_the_same() {
        let read = |text: &str| parse(Path::new("a"), text).unwrap();
        assert_eq!(read(LONG), Read { value: expected(), warnings: vec![] });
        assert_eq!(read(SHORT).value, expected());
        let old_header = SHORT.replace("ooTextFile", "ooTextFile short").replace("Object class = ", "");
        assert_eq!(read(&old_header).value, expected());
    }

    #[test]
    fn a_last_tier_that_breaks_off_between_labels_is_a_warning() {
        let broken = LONG.replace("points: size = 1", "points: size = 5");
        let read = parse(Path::new("a"), &broken).unwrap();
        assert_eq!(read.value, expected());
        let warning = Warning::CutShort { tier: "events".to_owned(), found: 1, expected: 5, until: 0.5 };
        assert_eq!(read.warnings, [warning]);
        check(
            &LONG[..LONG.find("item [2]").unwrap()],
            "line 22: found the end of the file, expected the class",
        );
    }

    fn check(text: &str, message: &str) {
        let error = parse(Path::new("a.TextGrid"), text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("a.TextGrid: {message}")), "{error}");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        check("hello", "line 1: found the end of the file, expected a TextGrid in Praat's text format");
        check(&LONG.replace("IntervalTier", "Tier"), "line 10: found a tier of class `Tier`");
        check(&LONG.replace("xmax = 1.5", "xmax = -1.5"), "line 17: found an interval from 0 to -1.5");
        check(&LONG.replace("intervals: size = 2", "intervals: size = 1e300"), "line 14: found 1000");
        check(
            &LONG.replace("intervals: size = 2", "intervals: size = 3"),
            "line 24: found the text `TextTier`",
        );
        check(&LONG[..LONG.len() - 9], "line 31: found a text without its closing quote");
        check(&LONG.replace("TextGrid", "Pitch"), "line 2: found the object class `Pitch`");
    }
}
