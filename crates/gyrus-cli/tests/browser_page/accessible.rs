//! What axe, a checker of rules for people who cannot see or point, finds in a page as it is shown.

use std::path::Path;

use serde_json::Value;

use super::chromium::Page;

/// Opens all that is folded away, then asks axe for what is broken: by rule, how grave it is and where.
///
/// The checker comes from npm (`web/package-lock.json`): `cargo xtask test` installs it and names it in `GYRUS_AXE`.
pub fn broken(page: &mut Page) -> Vec<String> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/node_modules/axe-core/axe.min.js");
    let file = std::env::var_os("GYRUS_AXE").map_or(installed, Into::into);
    let rules = std::fs::read_to_string(&file).unwrap_or_else(|error| {
        panic!("{}: {error}; `npm ci --ignore-scripts` in web/ brings it", file.display())
    });
    page.value("document.querySelectorAll('details').forEach((part) => { part.open = true; })");
    page.value(&format!("{rules};0"));
    let found = page.value(
        "axe.run(document, { preload: false, resultTypes: ['violations'] }).then(({ passes, violations }) => [passes.length, violations.map((rule) => `${rule.impact} ${rule.id}: ${rule.nodes.map((node) => node.target.join(' ')).join(', ')}`)])",
    );
    assert!(found[0].as_u64().unwrap() > 20, "axe looked at {} rules only", found[0]);
    found[1].as_array().unwrap().iter().filter_map(Value::as_str).map(str::to_owned).collect()
}
