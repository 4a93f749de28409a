//! What can be wrong with a file: which one, where, what was found, what was expected, what to do.

use std::fmt;
use std::path::PathBuf;

/// A place inside a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The file as a whole.
    File,
    /// A line, from 1.
    Line(u32),
    /// A cell of a table: line and column, from 1.
    Cell(u32, u32),
    /// An offset in bytes, from 0.
    Byte(u64),
    /// An element of a list, from 0.
    Item(u32),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => Ok(()),
            Self::Line(line) => write!(f, "line {line}: "),
            Self::Cell(line, column) => write!(f, "line {line}, column {column}: "),
            Self::Byte(byte) => write!(f, "byte {byte}: "),
            Self::Item(index) => write!(f, "element {index}: "),
        }
    }
}

/// Why a file could not be read or written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IoError {
    /// A file that is not there.
    #[error("{}: found no such file, expected one; {nearby}: correct the path", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// What the folder holds instead.
        nearby: String,
    },
    /// A file that the system does not let gyrus read.
    #[error("{}: found something that cannot be read ({reason}), expected a readable file; check its permissions and the disk", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A file that the system does not let gyrus write.
    #[error("{}: found no way to write it ({reason}), expected a folder that can be written; check its permissions and the free space", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A git-annex pointer in place of the content.
    #[error("{}: found a git-annex pointer, expected the content it stands for; run `{command}`", path.display())]
    Annexed {
        /// The file.
        path: PathBuf,
        /// What to run.
        command: String,
    },
    /// A file of no bytes.
    #[error("{}: found 0 bytes, expected {expected}; copy or download the file again", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// What the reader wanted.
        expected: String,
    },
    /// A file that ends early.
    #[error("{}: found {found} bytes, expected {expected}; the file is cut short: copy or download it again", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes that are there.
        found: u64,
        /// Bytes that its header announces.
        expected: u64,
    },
    /// Content that its format does not allow.
    #[error("{}: {place}found {found}, expected {expected}; {remedy}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where in it.
        place: Place,
        /// What is there.
        found: String,
        /// What the format allows.
        expected: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A row with another number of cells than the first.
    #[error("{}: line {line}: found {found} columns, expected {expected} as in line {first}; add the missing cells or remove the surplus ones", path.display())]
    Ragged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
        /// Cells in it.
        found: usize,
        /// Cells in the first row.
        expected: usize,
        /// Line of the first row.
        first: u32,
    },
    /// A cell that should hold a number.
    #[error("{}: line {line}, column {column}: found `{found}`, expected {expected}; correct the cell", path.display())]
    NotANumber {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
        /// The column: its name, or its number from 1.
        column: String,
        /// What is in the cell.
        found: String,
        /// What may be.
        expected: &'static str,
    },
    /// Something asked for by name that the file does not have.
    #[error("{}: found no {kind} `{asked}`, expected one of: {available}; {remedy}", path.display())]
    NoSuch {
        /// The file.
        path: PathBuf,
        /// Tier, column or array.
        kind: &'static str,
        /// The name asked for.
        asked: String,
        /// The names there are.
        available: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A file-name pattern that cannot be understood.
    #[error(
        "pattern `{pattern}`: found {found}, expected fields such as {{participant}} between other characters; correct the pattern"
    )]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        found: String,
    },
    /// A file-name pattern that fits no file.
    #[error("pattern `{pattern}`: found no file that fits in {}, expected at least one; {listing}: correct the pattern or the folder", folder.display())]
    NoMatch {
        /// The pattern.
        pattern: String,
        /// The folder that was searched.
        folder: PathBuf,
        /// Some of what is there.
        listing: String,
    },
}

impl IoError {
    /// There is no array of a name in a file of several.
    pub(crate) fn no_array<T: AsRef<str>>(path: &std::path::Path, asked: &str, names: &[T]) -> Self {
        Self::NoSuch {
            path: path.to_owned(),
            kind: "array",
            asked: asked.to_owned(),
            available: few(names, 20),
            remedy: "name one of these arrays",
        }
    }

    pub(crate) fn malformed(
        path: &std::path::Path,
        place: Place,
        found: impl Into<String>,
        expected: impl Into<String>,
        remedy: &'static str,
    ) -> Self {
        Self::Malformed {
            path: path.to_owned(),
            place,
            found: found.into(),
            expected: expected.into(),
            remedy,
        }
    }

    /// The same with another way out, where whoever asked knows a better one than the reader.
    #[must_use]
    pub fn with_remedy(mut self, better: &'static str) -> Self {
        if let Self::Malformed { remedy, .. } = &mut self {
            *remedy = better;
        }
        self
    }
}

/// Something read, and what the reader noticed but could live with.
#[derive(Debug, Clone, PartialEq)]
pub struct Read<T> {
    /// What was read.
    pub value: T,
    /// What was noticed.
    pub warnings: Vec<Warning>,
}

/// Something in a file that the reader had to decide about.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// Onsets that go backwards: the words were sorted.
    #[error(
        "{count} words start before the word that precedes them (first: `{first}` at {onset} s); all words were sorted by onset"
    )]
    Backwards {
        /// How many words.
        count: usize,
        /// The first of them.
        first: String,
        /// Its onset in seconds.
        onset: f64,
    },
    /// Words that end before they start: their offsets were left out.
    #[error("{count} words end before they start (first: `{first}`); their offsets were left out")]
    EndsBeforeStart {
        /// How many words.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// Words without a time.
    #[error(
        "{count} words have no time (first: `{first}`); the language model reads them, but no volume is aligned to them"
    )]
    Untimed {
        /// How many words.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// A table without the asked-for header, in the form that the gentle aligner writes.
    #[error("there is no header line; read as the align.csv of gentle: word, aligned word, start, end")]
    Gentle,
    /// A clitic without a word before it.
    #[error("`{text}` at {onset} s has no word before it to be joined to; kept as a word")]
    LooseClitic {
        /// The label.
        text: String,
        /// Its onset in seconds.
        onset: f64,
    },
    /// A tier that ends before the count that the file announces.
    #[error(
        "the file is cut short: the tier `{tier}` announces {expected} labels and holds {found}, until {until:.2} s; what follows is missing"
    )]
    CutShort {
        /// The tier.
        tier: String,
        /// Labels that are there.
        found: usize,
        /// Labels announced.
        expected: usize,
        /// Time of the last one in seconds.
        until: f64,
    },
    /// An image that does not say where its voxels lie.
    #[error(
        "sform and qform both have code 0: which side is left is unknown, and no anatomical map can be made"
    )]
    UnknownOrientation,
    /// An image that says in two ways where its voxels lie.
    #[error("sform and qform put the grid up to {voxels:.2} voxels apart; the sform was used")]
    Forms {
        /// The largest distance of a corner, in voxels.
        voxels: f64,
    },
    /// A slope of 0, or one that is not finite: it means that there is no scaling.
    #[error(
        "the header has scl_slope {slope}, which means no scaling: values were taken as they are stored, and its scl_inter {intercept} was not added"
    )]
    Unscaled {
        /// `scl_slope` as stored.
        slope: f64,
        /// `scl_inter` as stored.
        intercept: f64,
    },
    /// A time between volumes that no scanner has.
    #[error(
        "the header gives {seconds} s between volumes (pixdim[4] = {stored}), which cannot be right; state the repetition time"
    )]
    ImplausibleTime {
        /// As the unit of the header has it.
        seconds: f64,
        /// As it is stored.
        stored: f64,
    },
    /// A release of a program that is known to have written wrong images.
    #[error("the images were made by {program} {version}, of which it is known that {problem}")]
    KnownProblem {
        /// The program.
        program: String,
        /// Its release.
        version: String,
        /// What was wrong with it.
        problem: &'static str,
    },
    /// A value that two JSON files give differently.
    #[error("`{key}` of {file} replaces another value of {other}")]
    Overridden {
        /// The key.
        key: String,
        /// The file that wins, nearer to the data.
        file: String,
        /// A file above it.
        other: String,
    },
    /// Missing values of the first row, filled from the second.
    #[error("the first row of {columns} is n/a; filled with the value of the second row")]
    BackFilled {
        /// Names of the columns.
        columns: String,
    },
}

/// Text of a user's file as an error shows it: short, on one line.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown = String::new();
    for character in text.chars().take(LONGEST) {
        match character {
            character if character.is_control() => shown.extend(character.escape_debug()),
            character => shown.push(character),
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

/// The first few of some names, and how many more there are.
pub(crate) fn few<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let listed: Vec<String> = names.iter().take(most).map(|name| shown(name.as_ref())).collect();
    match (names.len(), names.len().saturating_sub(most)) {
        (0, _) => "none".to_owned(),
        (_, 0) => listed.join(", "),
        (_, more) => format!("{} and {more} more", listed.join(", ")),
    }
}

/// A line or column number as a place holds it.
pub(crate) fn place_number(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
