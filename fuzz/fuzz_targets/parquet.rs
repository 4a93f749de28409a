//! Parquet tables.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::parquet::read_parquet;

// The reader turns panics of the parquet package into errors; libFuzzer's hook would end the run before that. A panic that
// is not turned into one still ends it.
libfuzzer_sys::fuzz_target!(
    init: std::panic::set_hook(Box::new(|_| {})),
    |data: &[u8]| {
        on_file("a.parquet", data, read_parquet);
    }
);
