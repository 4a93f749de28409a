//! The study file as text, with its reasons as comments.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::Request;
use super::stimuli::{Stimuli, Stimulus};
use super::survey::Survey;
use super::templates::{self, Templates};
use crate::study::relative_to;

pub(super) fn study(
    request: &Request,
    derivative: &Path,
    (survey, stimuli): (&Survey, &Stimuli),
    notes: &[String],
) -> String {
    let file = File { folder: request.output.parent().unwrap_or(Path::new("")) };
    let name = request
        .folder
        .file_name()
        .map_or_else(|| "study".to_owned(), |name| name.to_string_lossy().into_owned());
    let mut text =
        "# Written by `gyrus init`. Read it before you run it: `gyrus check`, then `gyrus analyze`.\n"
            .to_owned();
    if !notes.is_empty() {
        text.push_str("#\n# What was noticed:\n");
        notes.iter().for_each(|note| line(&mut text, &format!("# - {}", note.replace('\n', " "))));
    }
    let _ = write!(text, "\n[study]\nname = {}\n", quoted(&name));
    stimuli.found.iter().for_each(|stimulus| text.push_str(&file.stimulus(stimulus)));
    text.push_str(&file.bids(request, derivative, survey));
    text.push_str(&responses(survey));
    text.push_str(&denoise(survey));
    let _ = write!(
        text,
        "\n[[language_model]]\npath = {}\nlayers = \"all\"\nuntrained_seeds = 5             # copies with random weights: what the architecture alone explains\n",
        file.path(&request.language_model)
    );
    text.push_str(REST);
    text
}

const REST: &str = "
[alignment]
method = \"lanczos\"              # sum, mean, last, lanczos, hrf
delays = [\"2 s\", \"4 s\", \"6 s\", \"8 s\"]
compare = false                 # true: other ways to bring words onto volumes beside it

[encoding]
baseline = [\"word_rate\", \"word_length\", \"layer_0\"]   # what the layers must explain beyond

# [hierarchy]                   # does depth follow an order of the brain? The distance from these regions, or a column of a table
# primary = [\"names of regions\"]

[statistics]
surrogates = 1000               # 39 are enough to try things out; with 19, no p is below .05
seed = 1
";

struct File<'a> {
    folder: &'a Path,
}

impl File<'_> {
    /// A path as the study file has it, in quotes.
    fn path(&self, path: &Path) -> String {
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
        line(
            &mut text,
            &format!(
                "event = {}   # what the events files call it: its onset is time 0 of the words",
                quoted(&stimulus.event)
            ),
        );
        text
    }

    fn bids(&self, request: &Request, derivative: &Path, survey: &Survey) -> String {
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
        let times: Vec<String> =
            survey.times.iter().map(|(time, runs)| format!("{time} in {runs} runs")).collect();
        line(
            &mut text,
            &format!(
                "# {} participants, {} runs; repetition times: {}",
                survey.participants().len(),
                survey.runs.len(),
                times.join(", ")
            ),
        );
        let templates = templates::find(&request.folder, survey.space.as_deref(), survey.is_surface());
        text.push_str(&self.templates(&templates));
        text
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
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
