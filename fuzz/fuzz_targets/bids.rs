//! Events and file names of BIDS.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::bids::{Name, read_events};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    on_file("a_events.tsv", data, read_events);
    if let Some(name) = std::str::from_utf8(data).ok().and_then(Name::parse) {
        assert!(name.same_recording(&name));
    }
});
