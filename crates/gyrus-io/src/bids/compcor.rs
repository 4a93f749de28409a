//! Which columns of a confounds table are anatomical principal components, and of which mask.

use std::path::Path;

use serde_json::Value;

use crate::error::few;
use crate::natural::natural_order;
use crate::{IoError, Place};

/// Names of the first `count` components (aCompCor) of a mask (`CSF`, `WM` or `combined`), by the JSON beside a confounds
/// table: the names of the columns alone do not tell the masks apart. Components that were not retained have no column.
///
/// # Errors
/// - the JSON file is missing, a git-annex pointer or not a JSON object,
/// - it lists fewer retained components of the mask than asked for.
pub fn acompcor_columns(table: &Path, mask: &str, count: usize) -> Result<Vec<String>, IoError> {
    let path = table.with_extension("json");
    let json = super::sidecar::read_json(&path)?;
    let is_of_mask = |value: &Value| {
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        let retained = value.get("Retained").and_then(Value::as_bool).unwrap_or(true);
        text("Method") == "aCompCor" && text("Mask").eq_ignore_ascii_case(mask) && retained
    };
    let fitting = json.iter().filter(|(name, value)| is_of_mask(value) && !name.starts_with("dropped"));
    let mut names: Vec<String> = fitting.map(|(name, _)| name.clone()).collect();
    names.sort_by(|left, right| natural_order(left, right));
    if names.len() < count {
        let found = format!("{} components of the mask {mask} ({})", names.len(), few(&names, 5));
        let expected = format!("at least {count} with Method aCompCor and Mask {mask}");
        let remedy = "ask for fewer in denoise.acompcor, or leave that mask out";
        return Err(IoError::malformed(&path, Place::File, found, expected, remedy));
    }
    names.truncate(count);
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_told_apart_by_the_json() {
        let folder = tempfile::tempdir().unwrap();
        let table = folder.path().join("a_timeseries.tsv");
        let entry = |mask: &str| format!(r#"{{"Method": "aCompCor", "Mask": "{mask}", "Retained": true}}"#);
        let text = format!(
            r#"{{"a_comp_cor_10": {wm}, "a_comp_cor_9": {wm}, "a_comp_cor_00": {csf}, "t_comp_cor_00": {{"Method": "tCompCor"}},
               "dropped_0": {{"Method": "aCompCor", "Mask": "CSF", "Retained": false}}}}"#,
            wm = entry("WM"),
            csf = entry("CSF")
        );
        std::fs::write(table.with_extension("json"), text).unwrap();
        assert_eq!(acompcor_columns(&table, "WM", 2).unwrap(), ["a_comp_cor_9", "a_comp_cor_10"]);
        assert_eq!(acompcor_columns(&table, "csf", 1).unwrap(), ["a_comp_cor_00"]);
        let error = acompcor_columns(&table, "CSF", 2).unwrap_err().to_string();
        assert!(
            error.contains("found 1 components of the mask CSF (a_comp_cor_00), expected at least 2"),
            "{error}"
        );
        let error = acompcor_columns(&folder.path().join("b.tsv"), "CSF", 1).unwrap_err().to_string();
        assert!(error.contains("b.json: found no such file"), "{error}");
    }
}
