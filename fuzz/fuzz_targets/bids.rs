//! Events, file names and tables of parcels of BIDS.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::bids::{Name, read_events};
use gyrus_io::nifti::read_labels;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    on_file("a_events.tsv", data, read_events);
    on_file("atlas.tsv", data, read_labels);
    if let Some(name) = std::str::from_utf8(data).ok().and_then(Name::parse) {
        assert!(name.same_recording(&name));
    }
});
