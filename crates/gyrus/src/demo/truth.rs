//! How much of what was planted the tables give back.

use std::path::Path;

use gyrus_encoding::statistics::spearman;
use gyrus_io::table;

use crate::Error;

/// Planted against recovered depth.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovered {
    /// Region, planted layer, recovered depth in layers (`centre_of_mass` of hierarchy.tsv); a region with a planted layer
    /// may have no recovered one.
    pub regions: Vec<(String, f64, Option<f64>)>,
    /// Spearman's correlation over the regions that have both; None where one side is constant or fewer than three have both.
    pub correlation: Option<f64>,
    /// Regions without effect in which a layer was called significant.
    pub false_alarms: Vec<String>,
}

/// Reads both tables and compares them.
///
/// # Errors
/// - [`Error::Input`] if a table is not there or lacks a column.
pub(super) fn compare(planted: &Path, hierarchy: &Path) -> Result<Recovered, Error> {
    let planted = table::read_text_columns(planted, &["region", "layer"])?;
    let found = table::read_text_columns(hierarchy, &["region", "centre_of_mass", "significant"])?;
    let of = |region: &str| found.iter().find(|row| row[0] == region);
    let (mut regions, mut false_alarms) = (Vec::new(), Vec::new());
    for row in &planted {
        let found = of(&row[0]);
        match row[1].parse::<f64>() {
            Ok(layer) => {
                let depth = found.and_then(|found| found[1].parse::<f64>().ok());
                regions.push((row[0].clone(), layer, depth));
            }
            Err(_) if found.is_some_and(|found| found[2] == "true") => false_alarms.push(row[0].clone()),
            Err(_) => {}
        }
    }
    let (layers, depths): (Vec<f64>, Vec<f64>) =
        regions.iter().filter_map(|(_, layer, depth)| Some((*layer, (*depth)?))).unzip();
    let correlation = if layers.len() < 3 { None } else { spearman(&layers, &depths) };
    Ok(Recovered { regions, correlation: correlation.filter(|r| r.is_finite()), false_alarms })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recovered(planted: &str, hierarchy: &str) -> Recovered {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("planted.tsv"), folder.path().join("hierarchy.tsv"));
        std::fs::write(&one, planted).unwrap();
        std::fs::write(&other, hierarchy).unwrap();
        compare(&one, &other).unwrap()
    }

    #[test]
    fn ranks_of_regions_with_both_are_compared() {
        let hierarchy = "language_model\tregion\tcentre_of_mass\tcentre_low\tcentre_high\tsignificant\n\
                         m\tb\t4.5\t4\t5\ttrue\nm\ta\t2.5\t2\t3\ttrue\nm\tc\t4.6\t4\t5\ttrue\nm\tsilent\t1\t0\t2\ttrue\n";
        let found = recovered("region\tlayer\na\t1\nb\t5\nc\t7\nd\t8\nsilent\tn/a\n", hierarchy);
        let is = |found: &Recovered, expected: f64| {
            found.correlation.is_some_and(|r| (r - expected).abs() < 1e-12)
        };
        assert!(is(&found, 1.0), "{:?}", found.correlation);
        assert_eq!(found.regions[3], ("d".to_owned(), 8.0, None));
        assert_eq!(found.false_alarms, ["silent"]);
        let reversed = recovered("region\tlayer\na\t7\nb\t5\nc\t1\n", hierarchy);
        assert!(is(&reversed, -1.0), "{:?}", reversed.correlation);
        assert_eq!(recovered("region\tlayer\na\t4\nb\t4\nc\t4\n", hierarchy).correlation, None);
    }
}
