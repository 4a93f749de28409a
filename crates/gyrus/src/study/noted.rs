//! What readers noticed, once for each thing: the first file that it is true of, and how many more.

/// Messages about files: warnings, which ask for a look, and notes, which say what was done as it should be.
#[derive(Debug, Clone, Default)]
pub struct Noted {
    warnings: Vec<Message>,
    notes: Vec<Message>,
}

#[derive(Debug, Clone)]
struct Message {
    /// The first file.
    file: String,
    text: String,
    /// How many files beside it.
    more: usize,
}

impl Noted {
    /// Warns of something about a file.
    pub fn warn(&mut self, file: &str, text: &str) {
        add(&mut self.warnings, file, text);
    }

    /// Notes something about a file that nobody has to look at.
    pub fn note(&mut self, file: &str, text: &str) {
        add(&mut self.notes, file, text);
    }

    /// Warns of something that is about no file alone.
    pub fn warn_of_all(&mut self, text: String) {
        add(&mut self.warnings, "", &text);
    }

    /// Notes something that is about no file alone.
    pub fn note_of_all(&mut self, text: String) {
        add(&mut self.notes, "", &text);
    }

    /// One line per warning.
    pub fn warnings(&self) -> impl Iterator<Item = String> + '_ {
        self.warnings.iter().map(Message::line)
    }

    /// One line per note.
    pub fn notes(&self) -> impl Iterator<Item = String> + '_ {
        self.notes.iter().map(Message::line)
    }
}

fn add(messages: &mut Vec<Message>, file: &str, text: &str) {
    match messages.iter_mut().find(|known| known.text == text) {
        Some(known) => known.more += 1,
        None => messages.push(Message { file: file.to_owned(), text: text.to_owned(), more: 0 }),
    }
}

impl Message {
    fn line(&self) -> String {
        match self.more {
            0 if self.file.is_empty() => self.text.clone(),
            0 => format!("{}: {}", self.file, self.text),
            more => format!("{} and {more} more: {}", self.file, self.text),
        }
    }
}
