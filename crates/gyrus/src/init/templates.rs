//! What the folder `atlas` of a data set has for the space of its recordings: parcels, their names, shapes of hemispheres.

use std::path::{Path, PathBuf};

/// Files for the space of the recordings, each where there is exactly one.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Templates {
    /// An image of parcels with the table of their names.
    Image(PathBuf, PathBuf),
    /// Parcels (one file, or one for each hemisphere) and shapes of both hemispheres.
    Surface { atlas: Vec<PathBuf>, mesh: Option<[PathBuf; 2]> },
    /// Nothing that can be told.
    #[default]
    None,
}

/// What there is for recordings of this space; `is_surface` where they are surfaces or dense files.
pub(super) fn find(folder: &Path, space: Option<&str>, is_surface: bool) -> Templates {
    let Some(space) = space else { return Templates::None };
    let entries = std::fs::read_dir(folder.join("atlas")).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    let starts = format!("tpl-{space}_");
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files.retain(|path| name(path).starts_with(&starts));
    let only = |ending: &str, part: &str| {
        let mut found = files.iter().filter(|path| name(path).ends_with(ending) && name(path).contains(part));
        found.next().filter(|_| found.next().is_none()).cloned()
    };
    let both = |ending: &str| Some([only(ending, "_hemi-L_")?, only(ending, "_hemi-R_")?]);
    if is_surface {
        let dense = || only(".dlabel.nii", "").map(|path| vec![path]);
        let atlas = both(".label.gii").map(Vec::from).or_else(dense).unwrap_or_default();
        return Templates::Surface { atlas, mesh: both(".surf.gii") };
    }
    let Some(image) = only("_dseg.nii.gz", "") else { return Templates::None };
    let labels = image.with_file_name(name(&image).replace("_dseg.nii.gz", "_dseg.tsv"));
    if labels.is_file() { Templates::Image(image, labels) } else { Templates::None }
}
