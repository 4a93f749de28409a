//! HDF5 files.
#![no_main]

use gyrus_fuzz::{check, on_file};
use gyrus_io::hdf5;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    on_file("a.h5", data, |path| {
        let file = hdf5::open(path)?;
        let names: Vec<String> = file.names().map(str::to_owned).collect();
        for name in names {
            check(path, file.read(&name));
        }
        Ok(())
    });
});
