//! What readers noticed, once for each thing: the first file that it is true of, and how many more.

/// Messages about files.
#[derive(Debug, Clone, Default)]
pub struct Noted(Vec<(String, String, usize)>);

impl Noted {
    /// Notes something about a file.
    pub fn add(&mut self, file: &str, message: &str) {
        match self.0.iter_mut().find(|(_, known, _)| known == message) {
            Some((_, _, more)) => *more += 1,
            None => self.0.push((file.to_owned(), message.to_owned(), 0)),
        }
    }

    /// One line per message.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(|(file, message, more)| match more {
            0 => format!("{file}: {message}"),
            more => format!("{file} and {more} more: {message}"),
        })
    }
}
