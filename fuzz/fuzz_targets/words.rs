//! Words from tables, align.csv, JSON and lists of counts.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::words::{self, WordColumns};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let columns = WordColumns::new("word", "onset", Some("offset"));
    for name in ["a.tsv", "a.csv"] {
        on_file(name, data, |path| words::from_table(path, &columns));
    }
    on_file("align.csv", data, words::from_gentle);
    on_file("a.json", data, words::from_json);
    on_file("a.txt", data, words::counts);
});
