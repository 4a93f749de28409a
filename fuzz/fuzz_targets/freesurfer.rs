//! FreeSurfer's files of surfaces.
#![no_main]

use gyrus_fuzz::on_file;
use gyrus_io::{freesurfer, surface};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    on_file("a.annot", data, freesurfer::read_annotation);
    on_file("lh.thickness", data, freesurfer::read_curvature);
    on_file("lh.white", data, freesurfer::read_mesh);
    on_file("a.mgh", data, freesurfer::read_mgh);
    on_file("a.mgh", data, surface::read_values);
});
