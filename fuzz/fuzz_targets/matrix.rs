//! Tables of numbers as text.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::table::{MatrixOptions, read_matrix, read_text_columns};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for name in ["a.txt", "a.tsv", "a.csv"] {
        let read = on_file(name, data, |path| read_matrix(path, &MatrixOptions::responses()));
        assert!(read.is_none_or(|matrix| matrix.values.nrows() > 0));
    }
    on_file("a.tsv", data, |path| read_text_columns(path, &["target", "region"]));
});
