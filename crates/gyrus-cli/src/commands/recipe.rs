//! Which public data set a folder is, by a word on the command line or by what it says of itself.

use std::path::Path;

use clap::builder::PossibleValuesParser;
use gyrus::recipes::Recipe;

use crate::printer::say;

/// No recipe: names and folders of BIDS alone.
const NONE: &str = "none";

/// A part of a data set, and what is known of it.
#[derive(clap::Args)]
pub struct Part {
    /// Labels of participants, such as 01,02; all without it
    #[arg(long, value_name = "LABELS", value_delimiter = ',')]
    participants: Vec<String>,
    /// Labels of tasks (of `lebel`, stories); all without it
    #[arg(long, value_name = "LABELS", value_delimiter = ',')]
    tasks: Vec<String>,
    /// What is known of a public data set (docs/datasets.md) [default: by the DOI that it states, else none]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(names()))]
    recipe: Option<String>,
}

impl Part {
    /// The participants and tasks that are asked for.
    pub fn part(&self) -> gyrus::init::Part {
        let without = |given: &[String], prefix: &str| {
            given.iter().map(|label| label.strip_prefix(prefix).unwrap_or(label).to_owned()).collect()
        };
        gyrus::init::Part {
            participants: without(&self.participants, "sub-"),
            tasks: without(&self.tasks, "task-"),
        }
    }

    /// The recipe that was named, else that of the folder.
    pub fn recipe(&self, folder: &Path) -> Option<Recipe> {
        choose(self.recipe.as_deref(), folder)
    }

    /// The options that say the same again.
    pub fn options(&self) -> Vec<String> {
        let lists = [("--participants", &self.participants), ("--tasks", &self.tasks)];
        let lists = lists.into_iter().filter(|(_, labels)| !labels.is_empty());
        let mut options: Vec<String> =
            lists.flat_map(|(option, labels)| [option.to_owned(), labels.join(",")]).collect();
        options.extend(self.recipe.iter().flat_map(|name| ["--recipe".to_owned(), name.clone()]));
        options
    }
}

/// Words for recipes.
fn names() -> Vec<&'static str> {
    Recipe::ALL.into_iter().map(Recipe::name).chain([NONE]).collect()
}

/// The recipe of a word; without one that of the folder, which is said.
pub fn choose(named: Option<&str>, folder: &Path) -> Option<Recipe> {
    if let Some(name) = named {
        return Recipe::ALL.into_iter().find(|recipe| recipe.name() == name);
    }
    let found = Recipe::of(folder)?;
    say(format_args!(
        "note: the folder says that it is {}: read by the recipe `{}` (--recipe {NONE} for its names alone)",
        found.accession(),
        found.name()
    ));
    Some(found)
}
