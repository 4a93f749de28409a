//! Recordings of the body: their description before the first zero byte, their samples behind it.
#![no_main]

use std::path::Path;

use gyrus_fuzz::on_folder;
use gyrus_io::bids;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let at = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (json, samples) = (&data[..at], data.get(at + 1..).unwrap_or_default());
    let files = [("sub-1_physio.json", json), ("sub-1_physio.tsv", samples)];
    let read = on_folder("physio", &files, |root: &Path| bids::read_physio(&root.join("sub-1_physio.tsv"), root));
    for read in read {
        for (name, _) in &read.value.columns {
            let _ = read.value.coarse(name);
        }
    }
});
