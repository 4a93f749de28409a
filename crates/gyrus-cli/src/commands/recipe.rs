//! Which public data set a folder is, by a word on the command line or by what it says of itself.

use std::path::Path;

use gyrus::recipes::Recipe;

use crate::printer::say;

/// No recipe: names and folders of BIDS alone.
const NONE: &str = "none";

/// Words for recipes.
const NAMES: [&str; 5] = ["narratives", "lebel", "little-prince", "alice", NONE];

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
    #[arg(long, value_name = "NAME", value_parser = NAMES)]
    recipe: Option<String>,
}

impl Part {
    /// Labels of participants without `sub-`.
    pub fn participants(&self) -> Vec<String> {
        labels(&self.participants, "sub-")
    }

    /// Labels of tasks without `task-`.
    pub fn tasks(&self) -> Vec<String> {
        labels(&self.tasks, "task-")
    }

    /// The recipe that was named, else that of the folder.
    pub fn recipe(&self, folder: &Path) -> Option<Recipe> {
        choose(self.recipe.as_deref(), folder)
    }
}

fn labels(given: &[String], prefix: &str) -> Vec<String> {
    given.iter().map(|label| label.strip_prefix(prefix).unwrap_or(label).to_owned()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipe_has_its_word() {
        let names = Recipe::ALL.map(Recipe::name);
        assert_eq!(NAMES[..4], names);
    }
}
