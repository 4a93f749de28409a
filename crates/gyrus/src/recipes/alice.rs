//! Alice (Bhattasali et al. 2020, ds002322): volumes that SPM preprocessed, ten volumes shorter than those that the events speak of.

use std::fmt::Write;
use std::path::PathBuf;

use gyrus_io::{bids, pattern};

use super::WITHOUT_MASK;
use super::fetch::Wanted;
use super::tree::{Images, Natural, is_asked, list, usable};
use crate::Error;
use crate::init::{self, Draft, MapRow, Paths, Request, Stimulus, quoted};

/// Where the preprocessed images are.
const IMAGES: &str = "derivatives/sub-{participant}/sub-{participant}_task-{task}_bold_preprocessed.nii.gz";
/// Ten volumes of 2 s were removed from the preprocessed images, by the README; events are of the raw ones.
const REMOVED: f64 = 20.0;
const STIMULUS: &str = "DownTheRabbitHole";

const NOTES: [&str; 3] = [
    "the first 10 volumes (20 s) are not in the preprocessed images: onsets of the events, which are of the raw images, are 20 s earlier in \
     the table of runs",
    "there are no confounds beside the images, and the images were high-pass filtered at 128 s by SPM: nothing is removed of head motion",
    "there is no brain mask: set bids.mask (in MNI space, as the images are), or an atlas",
];

pub(super) fn draft(request: &Request) -> Result<Draft, Error> {
    let mut notes: Vec<String> = NOTES.map(str::to_owned).to_vec();
    let images = images(&request.folder, &request.participants)?;
    let raw = pattern::list("sub-{participant}/sub-{participant}_task-alice_events.tsv", &request.folder)?;
    let without: Vec<String> = raw
        .iter()
        .filter_map(|events| events.fields.get("participant").cloned())
        .filter(|who| is_asked(&request.participants, who) && !images.contains_key(&Natural(who.clone())))
        .map(|who| format!("sub-{who}"))
        .collect();
    if !without.is_empty() {
        notes.push(format!("there is no preprocessed image of {}", without.join(", ")));
    }
    let chosen = usable(images, &mut notes);
    let mut rows = Vec::new();
    for (who, files) in &chosen {
        let Some((name, _)) = files.first() else { continue };
        let Some(path) = bids::find_raw(&request.folder, name, "events", ".tsv")? else {
            notes.push(format!("sub-{} has no events file and is left out", who.0));
            continue;
        };
        let events = bids::read_events(&path)?;
        let onset = events.first().map_or(0.0, |event| event.onset.get()) - REMOVED;
        let labels = [Some(who.0.clone()), None, Some("alice".to_owned()), None];
        rows.push(MapRow { labels, stimulus: STIMULUS.to_owned(), onset });
    }
    let columns = ["Words", "Word Onset", "Word Offset"].map(|name| Some(name.to_owned()));
    let words = Some(request.folder.join("code/annotations.tsv"));
    Ok(Draft {
        name: init::name_of(&request.folder),
        notes,
        stimuli: vec![Stimulus { name: STIMULUS.to_owned(), words, columns, ..Stimulus::default() }],
        recordings: recordings(request, &chosen),
        encoding: String::new(),
        found: (chosen.len(), rows.len()),
        map: Some(rows),
    })
}

fn recordings(request: &Request, chosen: &Images) -> String {
    let paths = Paths::of(request);
    let images = request.folder.join(IMAGES);
    let mut text =
        format!("\n[bids]\nfolder = {}\nimages = {}\n", paths.path(&request.folder), paths.path(&images));
    let _ = writeln!(text, "tasks = [{}]", quoted("alice"));
    let _ = writeln!(text, "participants = {}", list(chosen.keys().map(|who| who.0.as_str())));
    text.push_str(&paths.map(request));
    text.push_str(WITHOUT_MASK);
    text.push_str("\n[responses]\nrepetition_time = \"2 s\"\n");
    text.push_str(
        "trim_start = \"0 s\"              # the 20 s that are not language are not in the images\n",
    );
    text + "\n[denoise]\nhigh_pass = \"128 s\"\n"
}

fn images(folder: &std::path::Path, participants: &[String]) -> Result<Images, Error> {
    let mut found = Images::new();
    for image in pattern::list(IMAGES, folder)? {
        let Some(who) = image.fields.get("participant").filter(|who| is_asked(participants, who)) else {
            continue;
        };
        let label = format!("sub-{who}_task-alice_bold.nii.gz");
        let Some(name) = bids::Name::parse(&label) else { continue };
        found.entry(Natural(who.clone())).or_default().push((name, image.path));
    }
    Ok(found)
}

/// Images of the participants; words and events are in the repository itself.
pub(super) fn needs(wanted: &Wanted) -> Result<Vec<PathBuf>, Error> {
    let images = images(&wanted.folder, &wanted.participants)?;
    Ok(images.into_values().flatten().map(|(_, path)| path).collect())
}
