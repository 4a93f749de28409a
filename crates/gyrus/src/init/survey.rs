//! What a derivative holds: spaces, participants, runs, times, and who cannot be used as things are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gyrus_io::bids::{self, Name, Query, Run, VolumeTiming};
use gyrus_io::scan::{About, Layout};
use gyrus_io::{annex, natural_order, table};

use super::Request;
use crate::{Error, counted};

/// Spaces in which a group can be compared, the best first.
const PREFERRED: [&str; 6] =
    ["MNI152NLin2009cAsym", "MNI152NLin6Asym", "MNI", "fsLR", "fsaverage6", "fsaverage"];

/// What was found.
pub(crate) struct Survey {
    /// The space that is proposed, and the others.
    pub space: Option<String>,
    pub other_spaces: Vec<String>,
    /// The resolution that is proposed where there are several, and the others.
    pub resolution: Option<String>,
    pub other_resolutions: Vec<String>,
    /// Usable or not.
    pub runs: Vec<Run>,
    /// Labels of those all of whose files are here, where somebody's are not.
    pub here: Option<Vec<String>>,
    pub tasks: Vec<String>,
    /// Repetition times and how many runs have each.
    pub times: Vec<(String, usize)>,
    /// Participants that cannot be used, with the reason.
    pub excluded: BTreeMap<String, String>,
    /// Confounds that every usable run has.
    pub has_24: bool,
    pub has_6: bool,
    /// Components of cerebrospinal fluid, of white matter, of both: as many as every usable run has, at most five.
    pub components: [usize; 3],
    pub notes: Vec<String>,
}

impl Survey {
    pub(super) fn of(request: &Request, derivative: &Path) -> Result<Self, Error> {
        let folder = &request.folder;
        let images = bids::list_images(derivative);
        let labels = images.iter().map(|(name, _)| (name.get("sub"), name.get("task")));
        request.part.require_known(derivative, labels)?;
        let label = |name: &Name, key: &str| name.get(key).map(str::to_owned);
        let spaces: BTreeSet<_> = images.iter().map(|(name, _)| label(name, "space")).collect();
        let spaces: Vec<Option<String>> = spaces.into_iter().collect();
        let space = preferred(&spaces);
        let in_space = images.iter().filter(|(name, _)| name.get("space") == space.as_deref());
        // Surfaces have a density in place of a resolution.
        let resolutions = in_space.map(|(name, _)| label(name, "res").or(label(name, "den")));
        let resolutions: Vec<Option<String>> = resolutions.collect::<BTreeSet<_>>().into_iter().collect();
        let resolution = preferred_resolution(&resolutions);
        let other_spaces: Vec<String> =
            spaces.into_iter().filter(|other| *other != space).map(shown_space).collect();
        let others = resolutions.into_iter().filter(|other| resolution.is_some() && *other != resolution);
        let other_resolutions: Vec<String> =
            others.map(|label| label.unwrap_or_else(|| "none".to_owned())).collect();
        let mut notes = Vec::new();
        for (key, chosen, others) in
            [("space", &space, &other_spaces), ("resolution", &resolution, &other_resolutions)]
        {
            if let (Some(chosen), false) = (chosen, others.is_empty()) {
                notes.push(format!("bids.{key} is {chosen}; images are there in {} too", others.join(", ")));
            }
        }
        let query = Query {
            space: space.clone(),
            resolution: resolution.clone(),
            tasks: request.part.tasks.clone(),
            participants: request.part.participants.clone(),
            ..Query::default()
        };
        let found = bids::find_runs(derivative, &query)?;
        let mut survey = Self {
            other_spaces,
            space,
            other_resolutions,
            resolution,
            tasks: tasks(&found.value),
            runs: found.value,
            here: None,
            times: Vec::new(),
            excluded: BTreeMap::new(),
            has_24: true,
            has_6: true,
            components: [5; 3],
            notes: notes.into_iter().chain(found.warnings.iter().map(ToString::to_string)).collect(),
        };
        survey.leave_out_who_is_away();
        survey.look_at_runs(folder, derivative)?;
        survey.look_for_missing_runs();
        survey.require_somebody(derivative)?;
        Ok(survey)
    }

    /// Whether the recordings are surfaces or dense files.
    pub(super) fn is_surface(&self) -> bool {
        self.runs.iter().any(|run| run.scan.right.is_some() || gyrus_io::cifti::is_cifti(&run.scan.image))
    }

    /// Leaves out whose files git-annex has elsewhere, unless nobody's are here: then opening the first one says so.
    fn leave_out_who_is_away(&mut self) {
        let is_here = |run: &Run| {
            let images =
                [Some(&run.scan.image), run.scan.right.as_ref(), run.mask.as_ref(), run.confounds.as_ref()];
            images.into_iter().flatten().all(|path| annex::is_here(path))
        };
        let away: BTreeSet<String> = self.runs.iter().filter(|run| !is_here(run)).map(participant).collect();
        if away.is_empty() || self.runs.iter().all(|run| away.contains(&participant(run))) {
            return;
        }
        self.runs.retain(|run| !away.contains(&participant(run)));
        let people = counted(away.len(), "participant is", "participants are");
        self.notes
            .push(format!("{people} left out whose files are not all here: bring them with `gyrus fetch`"));
        let here = self.participants();
        self.here = Some(here.iter().map(|name| name.trim_start_matches("sub-").to_owned()).collect());
    }

    fn look_at_runs(&mut self, folder: &Path, derivative: &Path) -> Result<(), Error> {
        let mut times = BTreeMap::<String, usize>::new();
        let mut usable = Vec::new();
        for run in &self.runs {
            let about = run.scan.about()?;
            if let Ok(timing) = timing(run, &about, (folder, derivative)) {
                *times.entry(timing.repetition_time.to_string()).or_default() += 1;
            }
            match problem(run, &about) {
                Some(reason) => {
                    let person = participant(run);
                    self.excluded.entry(person).or_insert_with(|| format!("{}: {reason}", label(&run.name)));
                }
                None => usable.extend(run.confounds.clone()),
            }
        }
        self.times = times.into_iter().collect();
        for table in usable {
            self.look_at_confounds(&table)?;
        }
        let excluded =
            self.excluded.iter().map(|(person, reason)| format!("{person} was excluded ({reason})"));
        self.notes.extend(excluded.collect::<Vec<_>>());
        Ok(())
    }

    fn look_at_confounds(&mut self, path: &Path) -> Result<(), Error> {
        let header: BTreeSet<String> = table::read_header(path)?.into_iter().collect();
        let has = |ending: &str| {
            ["trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"]
                .iter()
                .all(|name| header.contains(&format!("{name}{ending}")))
        };
        self.has_6 &= has("");
        self.has_24 &=
            ["", "_derivative1", "_power2", "_derivative1_power2"].iter().all(|ending| has(ending));
        for (count, mask) in self.components.iter_mut().zip(["CSF", "WM", "combined"]) {
            while *count > 0 && bids::acompcor_columns(path, mask, *count).is_err() {
                *count -= 1;
            }
        }
        Ok(())
    }

    fn look_for_missing_runs(&mut self) {
        let all: BTreeSet<String> = self.runs.iter().map(|run| label(&run.name)).collect();
        let mut of_person = BTreeMap::<String, BTreeSet<String>>::new();
        for run in &self.runs {
            of_person.entry(participant(run)).or_default().insert(label(&run.name));
        }
        for (person, runs) in of_person {
            let missing: Vec<&String> = all.difference(&runs).collect();
            if !missing.is_empty() {
                let list = missing.into_iter().cloned().collect::<Vec<_>>().join(", ");
                self.notes
                    .push(format!("{person} has no image of {list}: the runs that are there are analysed"));
            }
        }
    }

    fn require_somebody(&self, derivative: &Path) -> Result<(), Error> {
        if self.participants().iter().any(|person| !self.excluded.contains_key(person)) {
            return Ok(());
        }
        let reasons: Vec<String> =
            self.excluded.iter().map(|(person, reason)| format!("{person} {reason}")).collect();
        Err(Error::Unusable {
            path: derivative.to_owned(),
            found: format!("nobody whose images, masks and confounds go together ({})", reasons.join("; ")),
            expected: "at least one participant; compute or copy what is missing".to_owned(),
        })
    }

    /// Names of all participants, in natural order.
    pub(super) fn participants(&self) -> Vec<String> {
        let mut people: Vec<String> = self.runs.iter().map(participant).collect();
        people.sort_by(|left, right| natural_order(left, right));
        people.dedup();
        people
    }

    /// Runs of participants that can be used.
    pub(crate) fn used(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().filter(|run| self.is_used(run))
    }

    pub(super) fn is_used(&self, run: &Run) -> bool {
        !self.excluded.contains_key(&participant(run))
    }
}

/// The resolution of 2 mm, where there are several, or the first.
fn preferred_resolution(labels: &[Option<String>]) -> Option<String> {
    let mut known = labels.iter().flatten();
    let two = known.clone().find(|label| *label == "2");
    two.or(known.next()).filter(|_| labels.len() > 1).cloned()
}

pub(crate) fn preferred(spaces: &[Option<String>]) -> Option<String> {
    let known = |wanted: &&str| spaces.iter().flatten().find(|space| space.starts_with(*wanted)).cloned();
    PREFERRED.iter().find_map(known).or_else(|| spaces.iter().flatten().next().cloned())
}

fn shown_space(space: Option<String>) -> String {
    space.unwrap_or_else(|| "the recording's own".to_owned())
}

fn tasks(runs: &[Run]) -> Vec<String> {
    let labels = runs.iter().filter_map(|run| run.name.get("task")).map(str::to_owned);
    labels.collect::<BTreeSet<_>>().into_iter().collect()
}

fn participant(run: &Run) -> String {
    format!("sub-{}", run.name.get("sub").unwrap_or_default())
}

fn label(name: &Name) -> String {
    let parts = ["ses", "task", "run"].iter().filter_map(|key| Some(format!("{key}-{}", name.get(key)?)));
    parts.collect::<Vec<_>>().join(" ")
}

fn timing(run: &Run, about: &About, (folder, derivative): (&Path, &Path)) -> Result<VolumeTiming, Error> {
    let sidecar = bids::read_timing_sidecar(&run.scan.image, &run.name, (derivative, folder))?.value;
    Ok(bids::volume_timing(&run.scan.image, about, &sidecar, None)?)
}

/// Why a run cannot be used as it is.
fn problem(run: &Run, about: &About) -> Option<String> {
    let n_volumes = about.n_volumes;
    if run.mask.is_none() && matches!(about.layout, Layout::Grid(_)) {
        return Some("no brain mask beside the image".to_owned());
    }
    let Some(confounds) = &run.confounds else {
        return Some("no confounds table beside the image".to_owned());
    };
    let header = match table::read_header(confounds) {
        Ok(header) => header,
        Err(error) => return Some(error.to_string()),
    };
    let first = header.first().map(String::as_str).unwrap_or_default();
    let rows = table::read_text_columns(confounds, &[first]).map_or(0, |rows| rows.len());
    (rows != n_volumes).then(|| format!("{rows} rows of confounds for {n_volumes} volumes"))
}
