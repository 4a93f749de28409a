//! The study file as text, with its reasons as comments.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::Request;
use super::stimuli::Stimulus;
use super::survey::Survey;
use super::templates::{self, Templates};
use crate::counted;
use crate::study::relative_to;

/// What a study file says, before it is text.
pub(crate) struct Draft {
    /// What the study is called.
    pub name: String,
    /// What was noticed.
    pub notes: Vec<String>,
    pub stimuli: Vec<Stimulus>,
    /// The sections `[bids]`, `[responses]` and `[denoise]`.
    pub recordings: String,
    /// Lines of `[encoding]` beside the usual ones.
    pub encoding: String,
    /// Rows of a table beside the study file: what was heard in each run.
    pub map: Option<Vec<MapRow>>,
    /// Participants and runs.
    pub found: (usize, usize),
}

/// What was heard in a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MapRow {
    /// Labels of participant, session, task and run.
    pub labels: [Option<String>; 4],
    pub stimulus: String,
    /// Seconds from the first volume of the image to the stimulus time 0.
    pub onset: f64,
}

impl Draft {
    pub(super) fn text(&self, request: &Request) -> String {
        let paths = Paths::of(request);
        let mut text =
            "# Written by `gyrus init`. Read it before you run it: `gyrus check`, then `gyrus analyze`.\n"
                .to_owned();
        if !self.notes.is_empty() {
            text.push_str("#\n# What was noticed:\n");
            self.notes.iter().for_each(|note| line(&mut text, &format!("# - {}", note.replace('\n', " "))));
        }
        let _ = write!(text, "\n[study]\nname = {}\n", quoted(&self.name));
        self.stimuli.iter().for_each(|stimulus| text.push_str(&paths.stimulus(stimulus)));
        text.push_str(&self.recordings);
        let _ = write!(
            text,
            "\n[[language_model]]\npath = {}\nlayers = \"all\"\nuntrained_seeds = 5             # copies with random weights: what the architecture alone explains\n",
            paths.path(&request.language_model)
        );
        text.push_str(FEATURES);
        text.push_str(&self.encoding);
        text.push_str(STATISTICS);
        text
    }

    /// The table of the map.
    pub(super) fn table(&self) -> Option<String> {
        let mut text = "participant\tsession\ttask\trun\tstimulus\tonset\n".to_owned();
        for row in self.map.as_ref()? {
            let label = |label: &Option<String>| label.clone().unwrap_or_else(|| "n/a".to_owned());
            let labels = row.labels.each_ref().map(label).join("\t");
            let _ = writeln!(text, "{labels}\t{}\t{}", row.stimulus, row.onset);
        }
        Some(text)
    }
}

/// Where the table of a map is written.
pub(crate) fn map_path(request: &Request) -> PathBuf {
    let stem = request.output.file_stem().unwrap_or_default().to_string_lossy();
    request.output.with_file_name(format!("{stem}_runs.tsv"))
}

/// The sections of recordings that fMRIPrep has preprocessed.
pub(super) fn recordings(request: &Request, derivative: &Path, survey: &Survey, has_map: bool) -> String {
    let paths = Paths::of(request);
    paths.bids(request, derivative, (survey, has_map)) + &responses(survey) + &denoise(survey)
}

const FEATURES: &str = "
[alignment]
method = \"lanczos\"              # sum, mean, last, lanczos, hrf
delays = [\"2 s\", \"4 s\", \"6 s\", \"8 s\"]
compare = false                 # true: other ways to bring words onto volumes beside it

[encoding]
baseline = [\"word_rate\", \"word_length\", \"layer_0\"]   # what the layers must explain beyond
";

const STATISTICS: &str = "
# [hierarchy]                   # does depth follow an order of the brain? The distance from these regions, or a column of a table
# primary = [\"names of regions\"]

[statistics]
surrogates = 1000               # 39 are enough to try things out; with 19, no p is below .05
seed = 1
";

/// Paths as a study file has them.
pub(crate) struct Paths<'a> {
    folder: &'a Path,
}

impl<'a> Paths<'a> {
    pub(crate) fn of(request: &'a Request) -> Self {
        Self { folder: request.output.parent().unwrap_or(Path::new("")) }
    }

    /// A path as the study file has it, in quotes.
    pub(crate) fn path(&self, path: &Path) -> String {
        quoted(&relative_to(self.folder, path).display().to_string())
    }

    fn stimulus(&self, stimulus: &Stimulus) -> String {
        let mut text = format!("\n[[stimulus]]\nname = {}\n", quoted(&stimulus.name));
        match &stimulus.words {
            Some(words) => line(&mut text, &format!("words = {}", self.path(words))),
            None => text.push_str(
                "words = \"TODO\"                  # words and their times: TextGrid, tsv, csv or json\n",
            ),
        }
        for (key, column) in ["word_column", "onset_column", "offset_column"].iter().zip(&stimulus.columns) {
            if let Some(column) = column {
                line(&mut text, &format!("{key} = {}", quoted(column)));
            }
        }
        stimulus.further.iter().for_each(|further| line(&mut text, further));
        if let Some(event) = &stimulus.event {
            let event = quoted(event);
            line(
                &mut text,
                &format!(
                    "event = {event}   # what the events files call it: its onset is time 0 of the words"
                ),
            );
        }
        if !stimulus.kinds.is_empty() {
            let kinds: Vec<String> = stimulus.kinds.iter().map(|kind| quoted(kind)).collect();
            let kinds = kinds.join(" or ");
            line(
                &mut text,
                &format!("event_type = \"TODO\"             # {kinds}: whose onset is time 0 of the words"),
            );
        }
        text
    }

    fn bids(&self, request: &Request, derivative: &Path, (survey, has_map): (&Survey, bool)) -> String {
        let mut text = format!(
            "\n[bids]\nfolder = {}\nderivatives = {}\n",
            self.path(&request.folder),
            self.path(derivative)
        );
        if let Some(space) = &survey.space {
            line(&mut text, &format!("space = {}{}", quoted(space), also(&survey.other_spaces)));
        }
        if let Some(resolution) = &survey.resolution {
            let others = also(&survey.other_resolutions);
            line(&mut text, &format!("resolution = {}{others}", quoted(resolution)));
        }
        let tasks: Vec<String> = survey.tasks.iter().map(|task| quoted(task)).collect();
        line(&mut text, &format!("tasks = [{}]", tasks.join(", ")));
        let chosen = survey.here.as_ref().unwrap_or(&request.part.participants);
        if !chosen.is_empty() {
            let labels: Vec<String> = chosen.iter().map(|label| quoted(label)).collect();
            line(&mut text, &format!("participants = [{}]", labels.join(", ")));
        }
        if has_map {
            text.push_str(&self.map(request));
        }
        let times: Vec<String> = survey
            .times
            .iter()
            .map(|(time, runs)| format!("{time} in {}", counted(*runs, "run", "runs")))
            .collect();
        line(
            &mut text,
            &format!(
                "# {}, {}; repetition times: {}",
                counted(survey.participants().len(), "participant", "participants"),
                counted(survey.runs.len(), "run", "runs"),
                times.join(", ")
            ),
        );
        let templates = templates::find(&request.folder, survey.space.as_deref(), survey.is_surface());
        text.push_str(&self.templates(&templates));
        text
    }

    /// The line that names the table of a map.
    pub(crate) fn map(&self, request: &Request) -> String {
        format!("map = {}   # what was heard in each run, and when\n", self.path(&map_path(request)))
    }

    fn templates(&self, found: &Templates) -> String {
        let regions = "# regions; with targets = \"parcels\" their means are predicted";
        let list = |paths: &[PathBuf]| {
            let paths: Vec<String> = paths.iter().map(|path| self.path(path)).collect();
            if let [one] = &paths[..] { one.clone() } else { format!("[{}]", paths.join(", ")) }
        };
        match found {
            Templates::Image(image, labels) => {
                let (image, labels) = (self.path(image), self.path(labels));
                format!("atlas = {image}   {regions}\natlas_labels = {labels}\n")
            }
            Templates::None => {
                format!("# atlas = \"atlas.nii.gz\"         {regions}\n# atlas_labels = \"atlas.tsv\"\n")
            }
            Templates::Surface { atlas, mesh } => {
                let atlas = match atlas.is_empty() {
                    true => format!(
                        "# atlas = [\"lh.annot\", \"rh.annot\"]   {regions}; of dense files one .dlabel.nii\n"
                    ),
                    false => format!("atlas = {}   {regions}\n", list(atlas)),
                };
                let shapes = "# shapes of both hemispheres, for pictures";
                let mesh = match mesh {
                    None => format!("# mesh = [\"lh.inflated\", \"rh.inflated\"]   {shapes}\n"),
                    Some(mesh) => format!("mesh = {}   {shapes}\n", list(mesh)),
                };
                atlas + &mesh
            }
        }
    }
}

fn also(others: &[String]) -> String {
    if others.is_empty() { String::new() } else { format!("   # also there: {}", others.join(", ")) }
}

fn responses(survey: &Survey) -> String {
    let mut text = "\n[responses]\ntrim_start = \"20 s\"             # what begins with the scanner and the story is not language\n".to_owned();
    if !survey.excluded.is_empty() {
        text.push_str("\n[responses.exclude]\n");
        for (person, reason) in &survey.excluded {
            line(&mut text, &format!("{person} = {}", quoted(reason)));
        }
    }
    text
}

fn denoise(survey: &Survey) -> String {
    let mut text = "\n[denoise]\nhigh_pass = \"128 s\"\n".to_owned();
    match (survey.has_24, survey.has_6) {
        (true, _) => {
            text.push_str("motion = 24                     # parameters, differences, squares of both\n")
        }
        (false, true) => {
            text.push_str("motion = 6                      # the tables have no differences and squares\n")
        }
        _ => text.push_str("# motion = 24                   # the tables have no columns trans_x … rot_z\n"),
    }
    let [csf, white_matter, combined] = survey.components;
    match (csf, white_matter, combined) {
        (1.., 1.., _) => {
            line(&mut text, &format!("acompcor = {{ csf = {csf}, white_matter = {white_matter} }}"))
        }
        (.., 1..) => line(&mut text, &format!("acompcor = {{ combined = {combined} }}")),
        _ => text.push_str("# acompcor = { csf = 5, white_matter = 5 }   # not in all tables\n"),
    }
    text.push_str(
        "# tissue = [\"csf\", \"white_matter\"]\n# censor = { framewise_displacement = 0.5, dvars = 1.5 }\n",
    );
    text
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// A text as TOML writes it.
pub(crate) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
