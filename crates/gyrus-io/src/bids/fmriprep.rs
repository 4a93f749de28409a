//! The runs of a folder of fMRIPrep derivatives, of releases 20 to 25.

use std::path::{Path, PathBuf};

use super::{Name, known_problems, same_label};
use crate::error::few;
use crate::natural::natural_order;
use crate::scan::Scan;
use crate::{IoError, Place, Read, source};

/// Which images to look for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// Label of the space; None for the images in the space of the recording itself.
    pub space: Option<String>,
    /// Label of the resolution (`res`) or density (`den`), where there are several.
    pub resolution: Option<String>,
    /// Label of the echo (`echo`); None for images of all echoes, combined.
    pub echo: Option<String>,
    /// Labels of tasks; empty for all.
    pub tasks: Vec<String>,
    /// Labels of participants without `sub-`; empty for all.
    pub participants: Vec<String>,
}

/// The files of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The name of the image, taken apart.
    pub name: Name,
    /// The preprocessed image, or images of both hemispheres.
    pub scan: Scan,
    /// The mask of the brain on its grid; surfaces have none.
    pub mask: Option<PathBuf>,
    /// The table of confounds.
    pub confounds: Option<PathBuf>,
}

/// Finds the preprocessed runs of a derivative, by participant, session, task and run in natural order.
///
/// # Errors
/// - no image fits; the error lists the spaces there are, or says that the derivative holds no images at all,
/// - several images of one run fit (resolutions, echoes): the error lists them,
/// - a run has images of single echoes only, and none was asked for.
pub fn find_runs(derivative: &Path, query: &Query) -> Result<Read<Vec<Run>>, IoError> {
    let root = root_of(derivative);
    let warnings = known_problems(&root)?.warnings;
    let files = functional_files(&root, query);
    let images: Vec<&File> = files.iter().filter(|file| is_image(&file.name, query)).collect();
    if images.is_empty() {
        return Err(nothing_found(&root, query, &files));
    }
    let mut runs: Vec<Run> = Vec::new();
    for image in &images {
        let of_run = images.iter().filter(|other| other.name.same_recording(&image.name));
        let rivals: Vec<&&File> =
            of_run.filter(|other| query.echo.is_some() || !is_beside(other, &images)).collect();
        require_one(&image.path, &rivals, query)?;
        if std::ptr::eq(*rivals[0], *image) {
            runs.push(run(image, &files)?);
        }
    }
    Ok(Read { value: runs, warnings })
}

/// Whether an image of one echo stands beside that of all echoes, combined.
fn is_beside(image: &File, images: &[&File]) -> bool {
    let combined = |other: &&File| other.name.get("echo").is_none() && other.name.same_recording(&image.name);
    image.name.get("echo").is_some() && images.iter().any(combined)
}

fn require_one(path: &Path, rivals: &[&&File], query: &Query) -> Result<(), IoError> {
    let file_name = |file: &&&File| file.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let names: Vec<String> = rivals.iter().map(file_name).collect();
    let has_echoes = rivals.iter().any(|file| file.name.get("echo").is_some());
    let (found, expected, remedy) = match names.len() {
        1 if has_echoes && query.echo.is_none() => {
            (format!("an image of one echo: {}", names[0]), "an image of all echoes, combined", ECHOES)
        }
        1 => return Ok(()),
        count => {
            let remedy = if has_echoes { ECHOES } else { "state the resolution in bids.resolution" };
            (format!("{count} images of one run: {}", listed(&names, 6)), "one image for each run", remedy)
        }
    };
    Err(IoError::malformed(path, Place::File, found, expected, remedy))
}

const ECHOES: &str = "combine the echoes (fMRIPrep writes an image without echo-), or name one in bids.echo";

/// The first few file names, whole: they differ where a shortened text would end.
fn listed(names: &[String], most: usize) -> String {
    let more = names.len().saturating_sub(most);
    let shown = names[..names.len() - more].join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// The preprocessed images of a derivative, of every space and resolution, in natural order.
#[must_use]
pub fn list_images(derivative: &Path) -> Vec<(Name, PathBuf)> {
    let files = functional_files(&root_of(derivative), &Query::default());
    files.into_iter().filter(|file| is_bold(&file.name)).map(|file| (file.name, file.path)).collect()
}

/// A file with its name taken apart.
struct File {
    path: PathBuf,
    name: Name,
}

/// Before release 21 the derivative lay in a folder `fmriprep` beside `freesurfer`.
fn root_of(derivative: &Path) -> PathBuf {
    let has_participants = source::names_in(derivative).iter().any(|name| name.starts_with("sub-"));
    let legacy = derivative.join("fmriprep");
    if !has_participants && legacy.is_dir() { legacy } else { derivative.to_owned() }
}

fn functional_files(root: &Path, query: &Query) -> Vec<File> {
    let wanted = |folder: &PathBuf| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let label = name.strip_prefix("sub-").unwrap_or_default();
        query.participants.is_empty() || query.participants.iter().any(|known| same_label(known, label))
    };
    let mut files = Vec::new();
    for participant in folders(root, "sub-").iter().filter(|folder| wanted(folder)) {
        let mut sessions = folders(participant, "ses-");
        sessions.push(participant.clone());
        for session in sessions {
            let func = session.join("func");
            let named =
                source::names_in(&func).into_iter().filter_map(|name| Some((Name::parse(&name)?, name)));
            files.extend(named.map(|(name, file_name)| File { path: func.join(file_name), name }));
        }
    }
    files.sort_by(|left, right| natural_order(&left.path.to_string_lossy(), &right.path.to_string_lossy()));
    files
}

fn folders(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let names = source::names_in(folder).into_iter().filter(|name| name.starts_with(prefix));
    names.map(|name| folder.join(name)).filter(|path| path.is_dir()).collect()
}

/// Where volumes are: a grid, the surface of one hemisphere, or both with what lies below.
fn is_bold(name: &Name) -> bool {
    let is_volume =
        matches!(name.extension.as_str(), ".nii.gz" | ".nii") && name.get("desc") == Some("preproc");
    let is_surface = name.extension == ".func.gii" && matches!(name.get("hemi"), Some("L" | "R"));
    name.suffix == "bold" && (is_volume || is_surface || name.extension == ".dtseries.nii")
}

fn is_image(name: &Name, query: &Query) -> bool {
    let task = name.get("task").unwrap_or_default();
    let asked = query.resolution.as_deref();
    let has_resolution = asked.is_none() || [name.get("res"), name.get("den")].contains(&asked);
    let has_echo =
        name.get("echo").zip(query.echo.as_deref()).is_some_and(|(own, asked)| same_label(own, asked));
    is_bold(name)
        // The right hemisphere goes with the left.
        && name.get("hemi") != Some("R")
        && name.get("space") == query.space.as_deref()
        && has_resolution
        && (query.echo.is_none() || has_echo)
        && (query.tasks.is_empty() || query.tasks.iter().any(|known| known == task))
}

fn run(image: &File, files: &[File]) -> Result<Run, IoError> {
    let mut of_run = files.iter().filter(|file| file.name.same_recording(&image.name));
    let is_mask = |name: &Name| {
        let same_grid = ["space", "res"].iter().all(|key| name.get(key) == image.name.get(key))
            && [None, image.name.get("echo")].contains(&name.get("echo"));
        name.suffix == "mask"
            && name.get("desc") == Some("brain")
            && same_grid
            && name.extension.starts_with(".nii")
    };
    let is_confounds = |name: &Name| {
        // `_regressors` until release 20.0, `_timeseries` since.
        let has_suffix = matches!(name.suffix.as_str(), "timeseries" | "regressors");
        has_suffix && name.get("desc") == Some("confounds") && name.extension == ".tsv"
    };
    let is_volume = image.name.extension.starts_with(".nii");
    let mask = of_run.clone().find(|file| is_volume && is_mask(&file.name)).map(|file| file.path.clone());
    let right = image.name.get("hemi").map(|_| right_of(image, files)).transpose()?;
    let confounds = of_run.find(|file| is_confounds(&file.name)).map(|file| file.path.clone());
    Ok(Run { name: image.name.clone(), scan: Scan { image: image.path.clone(), right }, mask, confounds })
}

/// The image of the right hemisphere that goes with one of the left.
fn right_of(left: &File, files: &[File]) -> Result<PathBuf, IoError> {
    let mut name = left.name.clone();
    name.entities.insert("hemi".to_owned(), "R".to_owned());
    let found = files.iter().find(|file| file.name == name).map(|file| file.path.clone());
    found.ok_or_else(|| {
        let (found, expected) = ("the image of one hemisphere", "that of the right one (hemi-R) beside it");
        IoError::malformed(&left.path, Place::File, found, expected, "copy or download it too")
    })
}

fn nothing_found(root: &Path, query: &Query, files: &[File]) -> IoError {
    let space = query.space.as_ref().map(|space| format!("_space-{space}")).unwrap_or_default();
    let resolution = query.resolution.as_ref().map(|label| format!("_res-{label}")).unwrap_or_default();
    let echo = query.echo.as_ref().map(|label| format!("_echo-{label}")).unwrap_or_default();
    let pattern = format!("sub-*/func/*{echo}{space}{resolution}_desc-preproc_bold.nii.gz");
    let bold: Vec<&Name> = files.iter().map(|file| &file.name).filter(|name| is_bold(name)).collect();
    let labels = |key: &str| -> Vec<String> {
        let mut found: Vec<String> =
            bold.iter().map(|name| name.get(key).unwrap_or("the recording's own").to_owned()).collect();
        found.sort();
        found.dedup();
        found
    };
    let listing = match (files.len(), bold.len()) {
        (0, _) => format!("it holds {}", few(&source::names_in(root), 5)),
        (_, 0) => "it holds functional files but no preprocessed images: fMRIPrep run with --level minimal or resampling \
                   writes none; run it with --level full"
            .to_owned(),
        _ => format!("it has the spaces {} and the tasks {}", few(&labels("space"), 8), few(&labels("task"), 8)),
    };
    IoError::NoMatch { pattern, folder: root.to_owned(), listing }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn derivative(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        folder
    }

    const NEW: [&str; 9] = [
        "sub-01/ses-2/func/sub-01_ses-2_task-a_run-2_space-MNI_res-2_desc-preproc_bold.nii.gz",
        "sub-01/ses-10/func/sub-01_ses-10_task-a_run-1_space-MNI_res-2_desc-preproc_bold.nii.gz",
        "sub-01/ses-2/func/sub-01_ses-2_task-a_run-2_space-MNI_res-2_desc-brain_mask.nii.gz",
        "sub-01/ses-2/func/sub-01_ses-2_task-a_run-2_desc-brain_mask.nii.gz",
        "sub-01/ses-2/func/sub-01_ses-2_task-a_run-2_desc-confounds_timeseries.tsv",
        "sub-01/ses-2/func/sub-01_ses-2_task-a_run-2_desc-confounds_timeseries.json",
        "sub-01/ses-2/func/sub-01_ses-2_task-a_run-2_desc-preproc_bold.nii.gz",
        "sub-01/anat/sub-01_desc-preproc_T1w.nii.gz",
        "sub-02/func/sub-02_task-b_space-MNI_res-2_desc-preproc_bold.nii.gz",
    ];

    fn standard() -> Query {
        Query { space: Some("MNI".to_owned()), ..Query::default() }
    }

    #[test]
    fn runs_come_in_natural_order_with_their_files() {
        let folder = derivative(&NEW);
        let runs = find_runs(folder.path(), &standard()).unwrap().value;
        let sessions: Vec<Option<&str>> = runs.iter().map(|run| run.name.get("ses")).collect();
        assert_eq!(sessions, [Some("2"), Some("10"), None]);
        assert_eq!(runs[0].mask, Some(folder.path().join(NEW[2])));
        assert_eq!(runs[0].confounds, Some(folder.path().join(NEW[4])));
        assert_eq!((&runs[1].mask, &runs[1].confounds), (&None, &None));
        let own = find_runs(folder.path(), &Query::default()).unwrap().value;
        assert_eq!((own.len(), &own[0].mask), (1, &Some(folder.path().join(NEW[3]))));
        let chosen = Query { tasks: vec!["b".to_owned()], participants: vec!["2".to_owned()], ..standard() };
        assert_eq!(find_runs(folder.path(), &chosen).unwrap().value.len(), 1);
    }

    #[test]
    fn the_older_layout_is_found() {
        let folder = derivative(&[
            "fmriprep/sub-1/func/sub-1_task-a_space-MNI_desc-preproc_bold.nii.gz",
            "fmriprep/sub-1/func/sub-1_task-a_desc-confounds_regressors.tsv",
            "freesurfer/x",
        ]);
        let runs = find_runs(folder.path(), &standard()).unwrap().value;
        assert!(runs[0].confounds.as_ref().unwrap().ends_with("sub-1_task-a_desc-confounds_regressors.tsv"));
    }

    fn error(files: &[&str], query: &Query) -> String {
        let folder = derivative(files);
        let error = find_runs(folder.path(), query).unwrap_err().to_string();
        error.replace(&folder.path().display().to_string(), "HERE")
    }

    #[test]
    fn what_is_missing_is_said() {
        let other = Query { space: Some("T1w".to_owned()), ..Query::default() };
        assert_eq!(
            error(&NEW, &other),
            "pattern `sub-*/func/*_space-T1w_desc-preproc_bold.nii.gz`: found no file that fits in HERE, expected at least one; \
             it has the spaces MNI, the recording's own and the tasks a, b: correct the pattern or the folder"
        );
        assert!(error(&[NEW[2]], &standard()).contains("--level minimal"));
        assert!(error(&["x"], &standard()).contains("it holds x"));
        let resolutions = [NEW[0].to_owned(), NEW[0].replace("res-2", "res-1")];
        let resolutions: Vec<&str> = resolutions.iter().map(String::as_str).collect();
        let file =
            "HERE/sub-01/ses-2/func/sub-01_ses-2_task-a_run-2_space-MNI_res-1_desc-preproc_bold.nii.gz";
        let start = format!(
            "{file}: found 2 images of one run: sub-01_ses-2_task-a_run-2_space-MNI_res-1_desc-preproc_bold.nii.gz, \
             sub-01_ses-2_task-a_run-2_space-MNI_res-2_desc-preproc_bold.nii.gz, expected one image for each run; \
             state the resolution in bids.resolution"
        );
        assert_eq!(error(&resolutions, &standard()), start);
    }

    const ECHO: [&str; 4] = [
        "sub-1/func/sub-1_task-a_echo-1_desc-preproc_bold.nii.gz",
        "sub-1/func/sub-1_task-a_echo-2_desc-preproc_bold.nii.gz",
        "sub-1/func/sub-1_task-a_desc-brain_mask.nii.gz",
        "sub-1/func/sub-1_task-a_desc-preproc_bold.nii.gz",
    ];

    #[test]
    fn an_echo_is_taken_where_it_is_asked_for_only() {
        let chosen = Query { echo: Some("02".to_owned()), ..Query::default() };
        let folder = derivative(&ECHO);
        let of = |query: &Query| find_runs(folder.path(), query).unwrap().value;
        let (combined, second) = (of(&Query::default()), of(&chosen));
        assert_eq!((combined.len(), second.len()), (1, 1));
        assert_eq!(combined[0].scan.image, folder.path().join(ECHO[3]));
        assert_eq!(second[0].scan.image, folder.path().join(ECHO[1]));
        assert_eq!(second[0].mask, Some(folder.path().join(ECHO[2])));
        let remedy = "combine the echoes (fMRIPrep writes an image without echo-), or name one in bids.echo";
        let (first, other) =
            ("sub-1_task-a_echo-1_desc-preproc_bold.nii.gz", "sub-1_task-a_echo-2_desc-preproc_bold.nii.gz");
        assert_eq!(
            error(&ECHO[..3], &Query::default()),
            format!(
                "HERE/sub-1/func/{first}: found 2 images of one run: {first}, {other}, expected one image for each run; {remedy}"
            )
        );
        assert_eq!(
            error(&ECHO[..1], &Query::default()),
            format!(
                "HERE/sub-1/func/{first}: found an image of one echo: {first}, expected an image of all echoes, combined; {remedy}"
            )
        );
        let third = Query { echo: Some("3".to_owned()), ..Query::default() };
        assert!(error(&ECHO, &third).contains("sub-*/func/*_echo-3_desc-preproc_bold.nii.gz"));
    }
}
