//! Confounds tables.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::confounds;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let names = ["trans_*".to_owned(), "cosine00".to_owned()];
    let read = on_file("a.tsv", data, |path| confounds::read(path, &names));
    assert!(read.is_none_or(|read| read.value.values.iter().all(|value| value.is_finite())));
});
