//! GIFTI files, and what a study makes of them.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::gifti;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    on_file("a.gii", data, gifti::read);
    on_file("a.gii", data, gifti::read_series);
    on_file("a.gii", data, gifti::read_parcellation);
    on_file("a.gii", data, gifti::read_mesh);
});
