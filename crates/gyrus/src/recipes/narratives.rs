//! Narratives (Nastase et al. 2021, ds002345): audio that begins with music, and scans that its authors leave out.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gyrus_io::bids;

use super::other;
use super::tree::{self, File};
use crate::Error;
use crate::init::{self, Draft, MapRow, Request, Survey};

/// Scans that the authors leave out (`code/scan_exclude.json` of github.com/snastase/narratives): participant, task, run.
const EXCLUDED: [(&str, &str, &str); 27] = [
    ("053", "lucy", ""),
    ("065", "lucy", ""),
    ("158", "merlin", ""),
    ("038", "milkyway", ""),
    ("105", "milkyway", ""),
    ("123", "milkyway", ""),
    ("317", "notthefallintact", ""),
    ("335", "notthefallintact", ""),
    ("066", "notthefalllongscram", ""),
    ("335", "notthefalllongscram", ""),
    ("333", "notthefallshortscram", ""),
    ("001", "pieman", "1"),
    ("001", "pieman", "2"),
    ("013", "pieman", "2"),
    ("014", "pieman", "2"),
    ("021", "pieman", ""),
    ("022", "pieman", ""),
    ("038", "pieman", ""),
    ("056", "pieman", ""),
    ("068", "pieman", ""),
    ("069", "pieman", ""),
    ("038", "prettymouth", ""),
    ("105", "prettymouth", ""),
    ("238", "shapessocial", ""),
    ("139", "slumlordreach", ""),
    ("004", "tunnel", ""),
    ("013", "tunnel", ""),
];

/// Seconds from the start of an audio file to its story. The files are as long as music, pause and story together (and a tail of
/// 0 to 15 s), by their bytes; where there is no music they are as long as the story.
const LEADS: [(&str, f64); 12] = [
    ("pieman", 15.0),
    ("milkyway", 21.0),
    ("prettymouth", 21.0),
    ("21styear", 21.0),
    ("merlin", 29.0),
    ("sherlock", 29.0),
    ("notthefallintact", 25.0),
    ("notthefalllongscram", 25.0),
    ("notthefallshortscram", 25.0),
    ("shapesphysical", 45.0),
    ("shapessocial", 45.0),
    ("slumlordreach", 25.0),
];

/// Audio files that are longer than their story although the events have no music before it.
const UNCLEAR: [&str; 2] = ["bronx", "piemanpni"];

/// What lies in other data sets.
pub(super) const ELSEWHERE: &[&str] = &[
    "preprocessed volumes and transcripts are not in ds002345: the authors' are at https://datasets.datalad.org/?dir=/labs/hasson/narratives \
     (datalad install -r ///labs/hasson/narratives), derivatives/fmriprep and stimuli/gentle/STORY/align.csv; not verified",
    "github.com/OpenNeuroDerivatives/ds002345-fmriprep has masks and transforms, and no preprocessed volumes",
];

pub(super) fn draft(request: &Request) -> Result<Draft, Error> {
    let mut draft = init::of_fmriprep(request, |survey, notes| Ok(Some(map(request, survey, notes)?)))?;
    draft.notes.push(
        "participants.tsv has several values in one cell (`22,23`): ages and sexes are not read from it"
            .to_owned(),
    );
    Ok(draft)
}

/// What was heard in each run that is not left out.
fn map(request: &Request, survey: &Survey, notes: &mut Vec<String>) -> Result<Vec<MapRow>, Error> {
    let mut rows = Vec::new();
    let (mut left_out, mut unclear) = (Vec::new(), false);
    for run in survey.used() {
        let label = |key: &str| run.name.get(key).map(str::to_owned);
        let (participant, task) = (label("sub").unwrap_or_default(), label("task").unwrap_or_default());
        let number = label("run").unwrap_or_default();
        if is_excluded(&participant, &task, &number) {
            left_out.push(format!("sub-{participant} {task} {number}").trim_end().to_owned());
            continue;
        }
        let Some(path) = bids::find_raw(&request.folder, &run.name, "events", ".tsv")? else { continue };
        unclear |= UNCLEAR.contains(&task.as_str());
        for (stimulus, onset) in starts(&task, &bids::read_events(&path)?) {
            let labels = [Some(participant.clone()), None, Some(task.clone()), label("run")];
            rows.push(MapRow { labels, stimulus, onset });
        }
    }
    if !left_out.is_empty() {
        notes.push(format!(
            "scans that the authors exclude (code/scan_exclude.json of snastase/narratives) are not in the table of runs: {}",
            left_out.join(", ")
        ));
    }
    notes.push("time 0 of a story's words is the start of its audio file, which begins with the music before it where there is some; derived from the files' lengths, not documented: look at the lag curve".to_owned());
    if unclear {
        notes.push("the audio of bronx and piemanpni is 25 and 15 s longer than the story: whether that is before it is not known".to_owned());
    }
    Ok(rows)
}

/// When audio files began, by the first story that the events have of each.
fn starts(task: &str, events: &[bids::Event]) -> Vec<(String, f64)> {
    let mut found: Vec<(String, f64)> = Vec::new();
    for event in events.iter().filter(|event| event.trial_type.as_deref() == Some("story")) {
        let Some(file) = &event.stimulus_file else { continue };
        let stimulus = file.strip_suffix(".wav").unwrap_or(file);
        let stimulus = stimulus.strip_suffix("_audio").unwrap_or(stimulus).to_owned();
        if !found.iter().any(|(known, _)| *known == stimulus) {
            found.push((stimulus, event.onset.get() - lead(task)));
        }
    }
    found
}

fn lead(task: &str) -> f64 {
    LEADS.iter().find(|(known, _)| *known == task).map_or(0.0, |(_, lead)| *lead)
}

fn is_excluded(participant: &str, task: &str, run: &str) -> bool {
    EXCLUDED
        .iter()
        .any(|(own, of, number)| *own == participant && *of == task && bids::same_label(number, run))
}

/// Preprocessed volumes with masks and confounds, where they are a clone whose content is elsewhere, and transcripts.
pub(super) fn files(folder: &Path) -> Result<Vec<File>, Error> {
    let derivative = folder.join("derivatives/fmriprep");
    let derivative = if derivative.is_dir() { derivative } else { folder.to_owned() };
    let kinds =
        ["_desc-preproc_bold.", "_desc-brain_mask.", "_desc-confounds_", "_bold.func.gii", ".dtseries."];
    let is_needed = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        kinds.iter().any(|kind| name.contains(kind))
    };
    let images: Vec<PathBuf> = tree::below(&derivative).into_iter().filter(is_needed).collect();
    if images.is_empty() {
        let found = "no preprocessed image".to_owned();
        let expected = format!("those of fMRIPrep; {}", ELSEWHERE[0]);
        return Err(other(&derivative, found, &expected));
    }
    // A study is of one space; masks and images have its name, confounds have none.
    let named: Vec<File> = images.into_iter().map(File::named).collect();
    let spaces: BTreeSet<Option<String>> =
        named.iter().filter(|file| file.is_image()).map(|file| file.space.clone()).collect();
    let chosen = init::preferred(&spaces.into_iter().collect::<Vec<_>>());
    let of_space = named.into_iter().filter(|file| !file.is_image() || file.space == chosen);
    // One transcript may be of several tasks, and a task of several stories.
    let aligned = tree::below(&folder.join("stimuli/gentle"));
    let transcripts = aligned.into_iter().filter(|path| path.ends_with("align.csv"));
    Ok(of_space.chain(transcripts.map(File::of_all)).collect())
}

#[cfg(test)]
mod tests {
    use gyrus_core::Seconds;

    use super::*;

    fn event(onset: f64, kind: &str, file: &str) -> bids::Event {
        let [kind, file] = [kind, file].map(|text| Some(text.to_owned()));
        bids::Event {
            onset: Seconds::new(onset).unwrap(),
            duration: None,
            trial_type: kind,
            stimulus_file: file,
        }
    }

    #[test]
    fn words_start_with_the_audio_and_not_with_the_music_that_the_events_have() {
        let file = "milkywayvodka_audio.wav";
        let late = [event(0.0, "music", file), event(15.0, "story", file)];
        assert_eq!(starts("milkyway", &late), [("milkywayvodka".to_owned(), -6.0)]);
        let both = "slumlordreach_audio.wav";
        let times = [(4.5, "music"), (29.5, "story"), (944.5, "music"), (969.5, "story")];
        let events = times.map(|(onset, kind)| event(onset, kind, both));
        assert_eq!(starts("slumlordreach", &events), [("slumlordreach".to_owned(), 4.5)]);
        let clips = [
            event(5.0, "movie", "n/a"),
            event(199.93, "story", "friends_audio.wav"),
            event(558.61, "story", "bigbang_audio.wav"),
        ];
        assert_eq!(starts("schema", &clips).len(), 2);
    }

    #[test]
    fn scans_are_left_out_by_run() {
        assert!(is_excluded("013", "pieman", "2") && is_excluded("013", "pieman", "02"));
        assert!(!is_excluded("013", "pieman", "1") && !is_excluded("021", "tunnel", ""));
        assert!(is_excluded("021", "pieman", ""));
    }
}
