//! Which public data set a folder is, by a word on the command line or by what it says of itself.

use std::path::Path;

use gyrus::recipes::Recipe;

use crate::printer::say;

/// No recipe: names and folders of BIDS alone.
const NONE: &str = "none";

/// Words for recipes.
pub const NAMES: [&str; 5] = ["narratives", "lebel", "little-prince", "alice", NONE];

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

/// Labels with or without their prefix.
pub fn labels(given: Vec<String>, prefix: &str) -> Vec<String> {
    given.into_iter().map(|label| label.strip_prefix(prefix).unwrap_or(&label).to_owned()).collect()
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
