//! Zarr folders of one array: its metadata (either version) and its first chunk, a zero byte between them.
#![no_main]

use gyrus_fuzz::{check, on_folder};
use gyrus_io::zarr;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let cut = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (metadata, chunk) = (&data[..cut], data.get(cut + 1..).unwrap_or_default());
    let old = metadata.windows(15).any(|part| part.starts_with(b"\"zarr_format\":2"));
    let files = if old { [(".zarray", metadata), ("0.0", chunk)] } else { [("zarr.json", metadata), ("c/0/0", chunk)] };
    on_folder("a.zarr", &files, |path| {
        let folder = zarr::open(path)?;
        let names: Vec<String> = folder.names().map(str::to_owned).collect();
        for name in names {
            check(path, folder.read(&name));
        }
        Ok(())
    });
});
