//! Alice (Bhattasali et al. 2020, ds002322): volumes that SPM preprocessed, ten volumes shorter than those that the events speak of.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use gyrus_io::{bids, pattern};

use super::tree::{File, Images, Natural, list, usable};
use super::{WITHOUT_MASK, other};
use crate::Error;
use crate::init::{self, Draft, MapRow, Paths, Request, Stimulus, is_asked, quoted};

/// Where the preprocessed images are.
const IMAGES: &str = "derivatives/sub-{participant}/sub-{participant}_task-{task}_bold_preprocessed.nii.gz";
/// Ten volumes of 2 s were removed from the preprocessed images, by the README; events are of the raw ones.
const REMOVED: f64 = 20.0;
const TASK: &str = "alice";
/// What the events call the story begins with this.
const STIMULUS: &str = "DownTheRabbitHole";

const NOTES: [&str; 3] = [
    "the first 10 volumes (20 s) are not in the preprocessed images: onsets of the events, which are of the raw images, are 20 s earlier in \
     the table of runs",
    "there are no confounds beside the images, and the images were high-pass filtered at 128 s by SPM: nothing is removed of head motion",
    "there is no brain mask: set bids.mask (in MNI space, as the images are), or an atlas",
];

pub(super) fn draft(request: &Request) -> Result<Draft, Error> {
    let mut notes: Vec<String> = NOTES.map(str::to_owned).to_vec();
    let files = files(&request.folder)?;
    let events = pattern::list("sub-{participant}/sub-{participant}_task-alice_events.tsv", &request.folder)?;
    let people: Vec<&str> =
        events.iter().filter_map(|events| events.fields.get("participant")).map(String::as_str).collect();
    let raw = people.iter().map(|who| (Some(*who), Some(TASK)));
    request.part.require_known(&request.folder, files.iter().map(File::labels).chain(raw))?;
    let images = images(&request.folder, &request.part.participants)?;
    let without: Vec<String> = people
        .into_iter()
        .filter(|who| {
            is_asked(&request.part.participants, who) && !images.contains_key(&Natural((*who).to_owned()))
        })
        .map(|who| format!("sub-{who}"))
        .collect();
    if !without.is_empty() {
        notes.push(format!("there is no preprocessed image of {}", without.join(", ")));
    }
    let mut rows = Vec::new();
    for (who, files) in usable(images, &mut notes) {
        let Some((name, _)) = files.first() else { continue };
        match start(request, name)? {
            Ok(start) => {
                let labels = [Some(who.0), None, Some(TASK.to_owned()), None];
                rows.push(MapRow { labels, stimulus: STIMULUS.to_owned(), onset: start - REMOVED });
            }
            Err(reason) => notes.push(format!("sub-{} is left out: {reason}", who.0)),
        }
    }
    if rows.is_empty() {
        let expected = "at least one; what was left out is said in these notes";
        return Err(other(&request.folder, format!("nobody to analyse ({})", notes.join("; ")), expected));
    }
    let columns = ["Words", "Word Onset", "Word Offset"].map(|name| Some(name.to_owned()));
    let words = Some(request.folder.join("code/annotations.tsv"));
    Ok(Draft {
        name: init::name_of(&request.folder),
        notes,
        stimuli: vec![Stimulus { name: STIMULUS.to_owned(), words, columns, ..Stimulus::default() }],
        recordings: recordings(request, &rows),
        encoding: String::new(),
        found: (rows.len(), rows.len()),
        map: Some(rows),
    })
}

/// When the story began in a raw image; or why that is not known.
fn start(request: &Request, name: &bids::Name) -> Result<Result<f64, String>, Error> {
    let Some(path) = bids::find_raw(&request.folder, name, "events", ".tsv")? else {
        return Ok(Err("no events file says when the story began".to_owned()));
    };
    // Two of the published files have n/a for the start.
    let events = match bids::read_events(&path) {
        Ok(events) => events,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let is_story =
        |event: &&bids::Event| event.stimulus_file.as_ref().is_some_and(|file| file.starts_with(STIMULUS));
    let story = events.iter().find(is_story).map(|event| event.onset.get());
    Ok(story.ok_or_else(|| format!("{} has no event of {STIMULUS}", path.display())))
}

fn recordings(request: &Request, rows: &[MapRow]) -> String {
    let paths = Paths::of(request);
    let images = request.folder.join(IMAGES);
    let mut text =
        format!("\n[bids]\nfolder = {}\nimages = {}\n", paths.path(&request.folder), paths.path(&images));
    let _ = writeln!(text, "tasks = [{}]", quoted(TASK));
    let _ = writeln!(text, "participants = {}", list(rows.iter().filter_map(|row| row.labels[0].as_deref())));
    text.push_str(&paths.map(request));
    text.push_str(WITHOUT_MASK);
    text.push_str("\n[responses]\nrepetition_time = \"2 s\"\n");
    text.push_str(
        "trim_start = \"0 s\"              # the 20 s that are not language are not in the images\n",
    );
    text + "\n[denoise]\nhigh_pass = \"128 s\"\n"
}

fn images(folder: &Path, participants: &[String]) -> Result<Images, Error> {
    let mut found = Images::new();
    for image in pattern::list(IMAGES, folder)? {
        let [Some(who), Some(task)] = ["participant", "task"].map(|field| image.fields.get(field)) else {
            continue;
        };
        let name = bids::Name::parse(&format!("sub-{who}_task-{task}_bold.nii.gz"));
        if let Some(name) = name.filter(|_| task == TASK && is_asked(participants, who)) {
            found.entry(Natural(who.clone())).or_default().push((name, image.path));
        }
    }
    Ok(found)
}

/// Images of everybody; words and events are in the repository itself.
pub(super) fn files(folder: &Path) -> Result<Vec<File>, Error> {
    let of_one = |(who, files): (Natural, Vec<(bids::Name, PathBuf)>)| {
        files.into_iter().map(move |(_, path)| File::of(Some(who.0.clone()), Some(TASK.to_owned()), path))
    };
    Ok(images(folder, &[])?.into_iter().flat_map(of_one).collect())
}
