//! Arrays: npy and npz.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::{npy, npz};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    on_file("a.npy", data, npy::read::<f64>);
    on_file("a.npz", data, |path| npz::read::<f32>(path, None));
    on_file("a.npz", data, |path| npz::read::<f32>(path, Some("scores")));
});
