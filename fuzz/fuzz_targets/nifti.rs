//! NIfTI images, plain and compressed.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::nifti;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    on_file("a.nii", data, |path| nifti::read_masked(path, &[0, 1, 5]));
    on_file("a.nii", data, nifti::read_mask);
});
