//! Init: a study file for a data set, from what is there; what a person has to decide stands beside it as a comment.

mod part;
mod stimuli;
mod survey;
mod templates;
mod text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gyrus_io::{annex, atomic, bids};

use crate::Error;
use crate::recipes::Recipe;
pub use part::Part;
pub(crate) use part::{Labels, is_asked};
pub(crate) use stimuli::Stimulus;
pub(crate) use survey::{Survey, preferred};
pub(crate) use text::{Draft, MapRow, Paths, quoted};

/// What a study file is written for.
#[derive(Debug, Clone)]
pub struct Request {
    /// The data set.
    pub folder: PathBuf,
    /// What fMRIPrep wrote; looked for below `folder/derivatives` when absent.
    pub derivatives: Option<PathBuf>,
    /// Which of its recordings.
    pub part: Part,
    /// What is known of a public data set; the names and folders of BIDS alone when absent.
    pub recipe: Option<Recipe>,
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

/// Writes a study file, and beside it the table of its runs where a recipe says what was heard in each. A file that is there
/// is left alone.
///
/// # Errors
/// - there is a study file already, or no such folder,
/// - the data set has no preprocessed images, or their content is not here (git-annex),
/// - no participant is left whose images, masks and confounds go together,
/// - a participant or a task that is asked for is nowhere in it,
/// - a recipe does not find what it knows of the data set, or has to be told which part is meant,
/// - the file cannot be written.
pub fn init(request: &Request) -> Result<Written, Error> {
    require_none(&request.output)?;
    if !request.folder.is_dir() {
        return Err(Error::Unusable {
            path: request.folder.clone(),
            found: "no such folder".to_owned(),
            expected: "the folder of a BIDS data set; check the path".to_owned(),
        });
    }
    let mut draft = match request.recipe {
        Some(recipe) => recipe.draft(request)?,
        None => of_fmriprep(request, |_, _| Ok(None))?,
    };
    let words: BTreeSet<&PathBuf> =
        draft.stimuli.iter().filter_map(|stimulus| stimulus.words.as_ref()).collect();
    let away = words.into_iter().filter(|path| !annex::is_here(path));
    let away = away.map(|path| format!("{} is not here: bring it with `gyrus fetch`", path.display()));
    draft.notes.extend(away.collect::<Vec<_>>());
    if !request.language_model.is_dir() {
        draft.notes.push(format!(
            "{} is no folder: it is taken for a name of the hub, and looked for in its cache",
            request.language_model.display()
        ));
    }
    write(request, &draft)?;
    let found = (draft.found.0, draft.found.1, draft.stimuli.len());
    Ok(Written { path: request.output.clone(), found, notes: draft.notes })
}

/// The table of runs first, which the study file names; neither where the other cannot be written.
fn write(request: &Request, draft: &Draft) -> Result<(), Error> {
    let table = draft.table().map(|text| (text::map_path(request), text));
    if let Some((path, text)) = &table {
        require_none(path)?;
        atomic::write(path, text.as_bytes())?;
    }
    atomic::write(&request.output, draft.text(request).as_bytes()).map_err(|error| {
        if let Some((path, _)) = &table {
            // It was written a moment ago, and would be in the way of the next attempt.
            let _ = std::fs::remove_file(path);
        }
        error.into()
    })
}

fn require_none(path: &Path) -> Result<(), Error> {
    if !path.exists() {
        return Ok(());
    }
    Err(Error::Unusable {
        path: path.to_owned(),
        found: "a file that is there already".to_owned(),
        expected: "none, for it would be lost; remove it, or choose another name with -o".to_owned(),
    })
}

/// The study of recordings that fMRIPrep has preprocessed. `map` may say what was heard in each run, and add notes.
pub(crate) fn of_fmriprep(
    request: &Request,
    map: impl Fn(&Survey, &mut Vec<String>) -> Result<Option<Vec<MapRow>>, Error>,
) -> Result<Draft, Error> {
    let derivative = match &request.derivatives {
        Some(folder) => folder.clone(),
        None => find_derivative(&request.folder)?,
    };
    let survey = Survey::of(request, &derivative)?;
    let mut stimuli = stimuli::find(&request.folder, &survey)?;
    let mut notes: Vec<String> = survey.notes.iter().chain(&stimuli.notes).cloned().collect();
    if stimuli.found.is_empty() {
        notes.push(format!(
            "no run says what was heard: is {} the data set itself, with events, and not its derivatives?",
            request.folder.display()
        ));
    }
    let map = map(&survey, &mut notes)?;
    for stimulus in stimuli.found.iter_mut().filter(|_| map.is_some()) {
        (stimulus.event, stimulus.kinds) = (None, Vec::new());
    }
    let found = match &map {
        Some(rows) => found_in(rows),
        None => (survey.participants().len(), survey.runs.len()),
    };
    Ok(Draft {
        name: name_of(&request.folder),
        notes,
        recordings: text::recordings(request, &derivative, &survey, map.is_some()),
        encoding: String::new(),
        map,
        found,
        stimuli: stimuli.found,
    })
}

/// Participants and runs of a table of what was heard.
fn found_in(rows: &[MapRow]) -> (usize, usize) {
    let runs: BTreeSet<_> = rows.iter().map(|row| &row.labels).collect();
    let people: BTreeSet<_> = runs.iter().map(|[participant, ..]| participant).collect();
    (people.len(), runs.len())
}

/// What a study of a data set is called.
pub(crate) fn name_of(folder: &Path) -> String {
    folder.file_name().map_or_else(|| "study".to_owned(), |name| name.to_string_lossy().into_owned())
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
