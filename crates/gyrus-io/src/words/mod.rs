//! Words with their times, from the files that aligners and people write.

mod counts;
mod gentle;
mod json;
mod order;
mod table;
mod textgrid;

pub use counts::{counts, parse_counts};
pub use gentle::{from_gentle, parse_gentle};
pub use json::{from_json, parse_json};
pub use table::{WordColumns, from_table, parse_table};
pub use textgrid::{from_textgrid, words_of_tier};
