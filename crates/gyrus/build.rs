//! Puts the viewer in three dimensions into the program where `cargo xtask web` has made it, and nothing where it has not.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use base64::Engine;
use sha2::{Digest, Sha256};

fn main() -> std::io::Result<()> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/web/viewer.js");
    // A file that is not there would count as changed in every build: an old, empty one stands in for it.
    if !source.exists() {
        let _ = source.parent().map(fs::create_dir_all);
        let empty = fs::File::create(&source).and_then(|file| file.set_modified(SystemTime::UNIX_EPOCH));
        // Without a place for it (sources that cannot be written) there is no viewer either.
        let _ = empty;
    }
    println!("cargo::rerun-if-changed={}", source.display());
    let mut script = fs::read_to_string(&source).unwrap_or_default();
    // Neither may stand inside an element of a page.
    let ends_early = ["</script", "<!--", "\r"].iter().any(|words| script.contains(words));
    if ends_early {
        println!("cargo::warning={} cannot stand in a page and is left out", source.display());
        script.clear();
    }
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script.as_bytes()));
    println!("cargo::rustc-env=GYRUS_VIEWER_DIGEST={digest}");
    let output = std::env::var("OUT_DIR").map_err(std::io::Error::other)?;
    fs::write(Path::new(&output).join("viewer.js"), script)
}
