//! Parquet tables.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::parquet::read_parquet;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    on_file("a.parquet", data, read_parquet);
});
