//! Le Petit Prince (Li et al. 2022, ds003643): runs in the order of the sections, no events, one table of words for all sections.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use gyrus_io::{bids, pattern};

use super::WITHOUT_MASK;
use super::other;
use super::tree::{File, Images, Natural, list, usable};
use crate::Error;
use crate::init::{self, Draft, MapRow, Paths, Request, Stimulus, is_asked, quoted};

/// Sections of the book, one for each run.
const SECTIONS: usize = 9;
/// The only space of the derivatives.
const SPACE: &str = "MNIColin27";
/// Rows of the English table that three published analyses leave out, counted from 0: 3919, 6775 and 6781; the header is line 1.
const WRONG_LINES: &str = "skip_lines = [3921, 6777, 6783]   # a repeated line and words that are not in the text, as published analyses have it";

const NOTES: [&str; 4] = [
    "run-NN is the scanner's count: the runs of each participant, in order, are sections 1 to 9",
    "section k is taken to begin with the first volume of the preprocessed image; its README has it so (English: 4 volumes before the \
     audio were removed; Chinese: as long as the audio; French: 2 volumes after it), but also that the first 4 volumes of each run were \
     excluded: not verified, look at the lag curve",
    "there are no confounds: head motion was removed by ME-ICA before publication, and nothing can be removed again",
    "there is no brain mask: set bids.mask (of Colin 27, in MNI space), or an atlas",
];

pub(super) fn draft(request: &Request) -> Result<Draft, Error> {
    let files = files(&request.folder)?;
    request.part.require_known(&request.folder, files.iter().map(File::labels))?;
    let all = images(&request.folder, &request.part.participants)?;
    let task = the_task(request, &all)?;
    let language = task.trim_start_matches("lpp").to_owned();
    let mut notes: Vec<String> = NOTES.map(str::to_owned).to_vec();
    let of_task: Images = all.into_iter().map(|(who, files)| (who, of_task(files, &task))).collect();
    let (whole, odd): (Images, Images) = of_task
        .into_iter()
        .filter(|(_, files)| !files.is_empty())
        .partition(|(_, files)| files.len() == SECTIONS);
    notes.extend(odd.iter().map(|(who, files)| {
        format!(
            "sub-{} is left out: {} runs cannot be told to be which of {SECTIONS} sections",
            who.0,
            files.len()
        )
    }));
    if whole.is_empty() {
        let found = format!("nobody with {SECTIONS} images of {task}");
        return Err(other(&request.folder.join("derivatives"), found, "one for each section"));
    }
    let chosen = usable(whole, &mut notes);
    let words = request.folder.join(format!("annotation/{language}/lpp{language}_word_information.csv"));
    let mut rows = Vec::new();
    for (who, files) in &chosen {
        for (section, (name, _)) in files.iter().enumerate() {
            let run = name.get("run").map(str::to_owned);
            let labels = [Some(who.0.clone()), None, Some(task.clone()), run];
            rows.push(MapRow { labels, stimulus: stimulus_name(section + 1), onset: 0.0 });
        }
    }
    let stimulus = |section: usize| Stimulus {
        name: stimulus_name(section),
        words: Some(words.clone()),
        columns: [None, None, Some("offset".to_owned())],
        further: further(section, &language),
        ..Stimulus::default()
    };
    Ok(Draft {
        name: format!("{} {language}", init::name_of(&request.folder)),
        notes,
        stimuli: (1..=SECTIONS).map(stimulus).collect(),
        recordings: recordings(request, &task, &chosen),
        encoding: String::new(),
        found: (chosen.len(), rows.len()),
        map: Some(rows),
    })
}

fn stimulus_name(section: usize) -> String {
    format!("section {section}")
}

fn further(section: usize, language: &str) -> Vec<String> {
    let mut lines = vec![format!("rows = {{ section = \"{section}\" }}")];
    if language == "EN" {
        lines.push(WRONG_LINES.to_owned());
    }
    lines
}

fn recordings(request: &Request, task: &str, chosen: &Images) -> String {
    let paths = Paths::of(request);
    let mut text = format!(
        "\n[bids]\nfolder = {}\nderivatives = {}\nspace = {}\ntasks = [{}]\n",
        paths.path(&request.folder),
        paths.path(&request.folder.join("derivatives")),
        quoted(SPACE),
        quoted(task)
    );
    let _ = writeln!(text, "participants = {}", list(chosen.keys().map(|who| who.0.as_str())));
    text.push_str(&paths.map(request));
    text.push_str(WITHOUT_MASK);
    text.push_str(
        "\n[responses]\nrepetition_time = \"2 s\"         # the preprocessed images have no sidecars\n",
    );
    text.push_str(
        "trim_start = \"20 s\"             # what begins with the scanner and the story is not language\n",
    );
    text + "\n[denoise]\nhigh_pass = \"128 s\"\n"
}

fn images(folder: &Path, participants: &[String]) -> Result<Images, Error> {
    let derivatives = folder.join("derivatives");
    let mut found = Images::new();
    for (name, path) in bids::list_images(&derivatives) {
        let who = name.get("sub").unwrap_or_default().to_owned();
        if name.get("space") == Some(SPACE) && is_asked(participants, &who) {
            found.entry(Natural(who)).or_default().push((name, path));
        }
    }
    if found.is_empty() {
        let expected = "images named sub-*_space-MNIColin27_desc-preproc_bold.nii.gz of the participants that are asked for";
        return Err(other(&derivatives, "none".to_owned(), expected));
    }
    Ok(found)
}

fn of_task(files: Vec<(bids::Name, PathBuf)>, task: &str) -> Vec<(bids::Name, PathBuf)> {
    files.into_iter().filter(|(name, _)| name.get("task") == Some(task)).collect()
}

/// The task, which is a language: people of one study heard the same words.
fn the_task(request: &Request, images: &Images) -> Result<String, Error> {
    let names = images.values().flatten().filter_map(|(name, _)| name.get("task"));
    let mut tasks: Vec<String> = names.map(str::to_owned).collect();
    tasks.sort();
    tasks.dedup();
    tasks.retain(|task| is_asked(&request.part.tasks, task));
    match tasks.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(other(
            &request.folder,
            "no task in the names of its images".to_owned(),
            "lppEN, lppFR or lppCN",
        )),
        several => {
            let found = format!("the tasks {}", several.join(", "));
            Err(other(&request.folder, found, "one of them, for each is a language; choose it with --tasks"))
        }
    }
}

/// Images of everybody, and the tables of words of their languages.
pub(super) fn files(folder: &Path) -> Result<Vec<File>, Error> {
    let images = images(folder, &[])?;
    let mut files: Vec<File> = images.into_values().flatten().map(|(_, path)| File::named(path)).collect();
    for table in pattern::list("annotation/{language}/lpp{language}_word_information.csv", folder)? {
        let task = table.fields.get("language").map(|language| format!("lpp{language}"));
        files.push(File::of(None, task, table.path));
    }
    Ok(files)
}
