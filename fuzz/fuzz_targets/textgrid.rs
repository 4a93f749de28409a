//! TextGrids in any encoding.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::words;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    on_file("a.TextGrid", data, |path| words::from_textgrid(path, "word", &["sp".to_owned()], true));
});
