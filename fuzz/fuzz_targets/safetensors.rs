//! Safetensors files.
#![no_main]

use gyrus_fuzz::{check, on_file};
use gyrus_io::safetensors;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    on_file("a.safetensors", data, |path| {
        let mut file = safetensors::open(path)?;
        let names: Vec<String> = file.names().map(str::to_owned).collect();
        for name in names {
            check(path, file.read(&name));
        }
        Ok(())
    });
});
