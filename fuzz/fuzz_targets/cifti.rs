//! CIFTI files, and what a study makes of them.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::cifti::{self, DenseFile};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    on_file("a.dtseries.nii", data, |path| DenseFile::open(path)?.each_row(|_, _| {}));
    on_file("a.dlabel.nii", data, cifti::read_labels);
});
