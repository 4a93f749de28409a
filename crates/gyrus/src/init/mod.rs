//! Init: a study file for a data set, from what is there; what a person has to decide stands beside it as a comment.

mod stimuli;
mod survey;
mod templates;
mod text;

use std::path::{Path, PathBuf};

use gyrus_io::{atomic, bids};

use crate::Error;
use survey::Survey;

/// What a study file is written for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The data set.
    pub folder: PathBuf,
    /// What fMRIPrep wrote; looked for below `folder/derivatives` when absent.
    pub derivatives: Option<PathBuf>,
    /// Folder of the language model.
    pub language_model: PathBuf,
    /// The study file to write.
    pub output: PathBuf,
}

/// A study file that was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// Participants, runs and stimuli that were found.
    pub found: (usize, usize, usize),
    /// What was found wrong or missing, and what was done about it; it stands in the file too.
    pub notes: Vec<String>,
}

/// Writes a study file. A file that is there is left alone.
///
/// # Errors
/// - there is a study file already, or no such folder,
/// - the data set has no preprocessed images, or their content is not here (git-annex),
/// - no participant is left whose images, masks and confounds go together,
/// - the file cannot be written.
pub fn init(request: &Request) -> Result<Written, Error> {
    if request.output.exists() {
        return Err(Error::Unusable {
            path: request.output.clone(),
            found: "a file that is there already".to_owned(),
            expected: "none, for it would be lost; remove it, or choose another name with -o".to_owned(),
        });
    }
    if !request.folder.is_dir() {
        return Err(Error::Unusable {
            path: request.folder.clone(),
            found: "no such folder".to_owned(),
            expected: "the folder of a BIDS data set; check the path".to_owned(),
        });
    }
    let derivative = match &request.derivatives {
        Some(folder) => folder.clone(),
        None => find_derivative(&request.folder)?,
    };
    let survey = Survey::of(&request.folder, &derivative)?;
    let stimuli = stimuli::find(&request.folder, &survey)?;
    let mut notes: Vec<String> = survey.notes.iter().chain(&stimuli.notes).cloned().collect();
    if !request.language_model.is_dir() {
        notes.push(format!(
            "{} is no folder: it is taken for a name of the hub, and looked for in its cache",
            request.language_model.display()
        ));
    }
    if stimuli.found.is_empty() {
        notes.push(format!(
            "no run says what was heard: is {} the data set itself, with events, and not its derivatives?",
            request.folder.display()
        ));
    }
    let written = text::study(request, &derivative, (&survey, &stimuli), &notes);
    atomic::write(&request.output, written.as_bytes())?;
    let found = (survey.participants().len(), survey.runs.len(), stimuli.found.len());
    Ok(Written { path: request.output.clone(), found, notes })
}

/// The folder that fMRIPrep wrote, among the derivatives of a data set or the folder itself.
fn find_derivative(folder: &Path) -> Result<PathBuf, Error> {
    let is_fmriprep = |path: &PathBuf| {
        let makers = bids::known_problems(path).map(|read| read.value).unwrap_or_default();
        makers.iter().any(|maker| maker.to_lowercase().starts_with("fmriprep"))
    };
    let derivatives = folder.join("derivatives");
    let entries = std::fs::read_dir(&derivatives).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).filter(is_fmriprep).collect();
    if is_fmriprep(&folder.to_owned()) {
        found.push(folder.to_owned());
    }
    found.sort();
    let usual = derivatives.join("fmriprep");
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] if usual.is_dir() => Ok(usual),
        [] => Err(Error::Unusable {
            path: derivatives,
            found: "no folder that says that fMRIPrep made it".to_owned(),
            expected: "one with a dataset_description.json that says so; name the folder with --derivatives"
                .to_owned(),
        }),
        several => {
            let names: Vec<String> = several.iter().map(|path| path.display().to_string()).collect();
            let found = format!("several folders of fMRIPrep's ({})", names.join(", "));
            let expected = "one; name it with --derivatives".to_owned();
            Err(Error::Unusable { path: derivatives, found, expected })
        }
    }
}
