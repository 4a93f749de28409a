//! LeBel et al. (2023, ds003020): one person's stories as matrices of voxels, trimmed at both ends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gyrus_io::{annex, hdf5, natural_order, pattern};

use super::other;
use super::tree::{File, list};
use crate::init::{self, Draft, Paths, Request, Stimulus, is_asked, quoted};
use crate::{Error, counted};

const RESPONSES: &str = "derivative/preprocessed_data/{participant}/{stimulus}.hf5";
/// The story that was heard several times and is held out in the publication.
const HELD_OUT: &str = "wheretheressmoke";
/// Volumes that the published matrices have less than a run: five of padding, ten at the start and five at the end.
const TRIMMED: usize = 20;

const NOTES: [&str; 4] = [
    "row 0 is taken to be acquired 10 s after the story began: the published analysis starts sounds 10 s after the first volume and leaves out \
     10 volumes of 2 s (load_simulated_trfiles, start_time = 10, pad = 5, then [10:-5]) and samples features in the middle of each volume, 1 s later; not documented with the data",
    "the matrices were detrended and standardised before publication, and there are no confounds: nothing can be removed again",
    "voxels are those of one person's own cortex: people cannot be averaged over voxels",
    "the transcripts' marks of breath, laughter, lips, noise and pauses are left out; words are in the tier `word`",
];

/// What the transcripts have for sounds that are no words.
const SOUNDS: [&str; 7] = ["sentence_start", "sentence_end", "br", "lg", "ls", "ns", "sp"];

pub(super) fn draft(request: &Request) -> Result<Draft, Error> {
    let files = files(&request.folder)?;
    request.part.require_known(&request.folder, files.iter().map(File::labels))?;
    let (participant, stories) = one(&request.folder, &request.part.participants)?;
    let mut notes: Vec<String> = NOTES.map(str::to_owned).to_vec();
    let transcript = |story: &str| transcript(&request.folder, story);
    let asked = stories.into_iter().filter(|(story, _)| is_asked(&request.part.tasks, story));
    let (here, away): (Vec<_>, Vec<_>) =
        asked.partition(|(story, path)| annex::is_here(path) && annex::is_here(&transcript(story)));
    let chosen = if here.is_empty() {
        let stories = counted(away.len(), "story is", "stories are");
        notes.push(format!("nothing is here: {stories} listed all the same; bring them with `gyrus fetch`"));
        away
    } else {
        if !away.is_empty() {
            let stories = counted(away.len(), "story is", "stories are");
            notes.push(format!(
                "{stories} left out that are not here, or without a transcript: bring them with `gyrus fetch`"
            ));
        }
        look_at_lengths(&request.folder, &here, &mut notes)?;
        here
    };
    let silence: Vec<String> = SOUNDS
        .iter()
        .flat_map(|sound| {
            [(*sound).to_owned(), format!("{{{sound}}}"), format!("{{{}}}", sound.to_uppercase())]
        })
        .collect();
    let further = vec![format!("silence = {}", list(silence.iter().map(String::as_str)))];
    let stimulus = |(story, _): &(String, PathBuf)| Stimulus {
        name: story.clone(),
        words: Some(transcript(story)),
        further: further.clone(),
        ..Stimulus::default()
    };
    let has_test = chosen.len() > 2 && chosen.iter().any(|(story, _)| story == HELD_OUT);
    Ok(Draft {
        name: format!("{} {participant}", init::name_of(&request.folder)),
        notes,
        stimuli: chosen.iter().map(stimulus).collect(),
        recordings: recordings(request, &participant),
        encoding: if has_test {
            format!("folds = {{ test = [{}] }}\n", quoted(HELD_OUT))
        } else {
            String::new()
        },
        map: None,
        found: (1, chosen.len()),
    })
}

fn transcript(folder: &Path, story: &str) -> PathBuf {
    folder.join(format!("derivative/TextGrids/{story}.TextGrid"))
}

fn recordings(request: &Request, participant: &str) -> String {
    let table = Paths::of(request).path(&request.folder.join(RESPONSES));
    format!(
        "\n[responses]\ntable = {table}\nparticipants = [{}]\nrepetition_time = \"2 s\"\n\
         stimulus_time_of_first_volume = \"10 s\"\ntrim_start = \"0 s\"              # trimmed before publication\n\
         \n[denoise]\nhigh_pass = \"128 s\"\n",
        quoted(participant)
    )
}

/// The person, and their stories with the matrices; an error that lists people where it is not clear who is meant.
fn one(folder: &Path, asked: &[String]) -> Result<(String, Vec<(String, PathBuf)>), Error> {
    let people = people(folder, asked)?;
    let names: Vec<String> =
        people.iter().map(|(who, stories)| format!("{who} ({} stories)", stories.len())).collect();
    let mut each = people.into_iter();
    if let (Some(one), 1) = (each.next(), names.len()) {
        return Ok(one);
    }
    let found = format!("the participants {}", names.join(", "));
    let expected = "one, for their voxels are not the same; choose with --participants";
    Err(other(&folder.join("derivative/preprocessed_data"), found, expected))
}

fn people(folder: &Path, asked: &[String]) -> Result<BTreeMap<String, Vec<(String, PathBuf)>>, Error> {
    let mut people = BTreeMap::<String, Vec<(String, PathBuf)>>::new();
    for file in pattern::list(RESPONSES, folder)? {
        let [Some(who), Some(story)] =
            ["participant", "stimulus"].map(|field| file.fields.get(field).cloned())
        else {
            continue;
        };
        if is_asked(asked, &who) {
            people.entry(who).or_default().push((story, file.path));
        }
    }
    people.values_mut().for_each(|stories| stories.sort_by(|left, right| natural_order(&left.0, &right.0)));
    Ok(people)
}

/// Says which matrices have other lengths than the list of runs makes one expect.
fn look_at_lengths(
    folder: &Path,
    stories: &[(String, PathBuf)],
    notes: &mut Vec<String>,
) -> Result<(), Error> {
    let path = folder.join("derivative/respdict.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        notes.push(
            "there is no derivative/respdict.json: the lengths of the matrices were not compared".to_owned(),
        );
        return Ok(());
    };
    let volumes: BTreeMap<String, usize> = serde_json::from_str(&text).map_err(|error| {
        other(&path, format!("something else ({error})"), "a table of stories and their numbers of volumes")
    })?;
    for (story, path) in stories {
        let file = hdf5::open(path)?;
        let Some(name) = file.names().next() else {
            return Err(other(
                path,
                "no array".to_owned(),
                "responses, a row for each volume; bring the file again",
            ));
        };
        let rows = file.shape_of(name)?.first().copied().unwrap_or_default();
        match volumes.get(story) {
            Some(expected) if rows + TRIMMED == *expected => {}
            Some(expected) => notes.push(format!(
                "{story} has {rows} rows, where {expected} volumes less {TRIMMED} were expected: its first row may be another one"
            )),
            None => notes.push(format!("derivative/respdict.json has no {story}: its length was not compared")),
        }
    }
    Ok(())
}

/// Matrices of everybody, and the transcripts of their stories.
pub(super) fn files(folder: &Path) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    let mut heard = BTreeSet::new();
    for (participant, stories) in people(folder, &[])? {
        for (story, path) in stories {
            files.push(File::of(Some(participant.clone()), Some(story.clone()), path));
            heard.insert(story);
        }
    }
    let transcript = |story: String| {
        let path = transcript(folder, &story);
        File::of(None, Some(story), path)
    };
    files.extend(heard.into_iter().map(transcript));
    Ok(files)
}
