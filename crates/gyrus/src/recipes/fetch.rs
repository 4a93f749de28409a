//! What of a data set is not here that a study of it needs.

use std::path::{Path, PathBuf};

use gyrus_io::annex::{self, Content};

use super::Recipe;
use super::tree::{self, File};
use crate::Error;
use crate::init::Part;

/// A part of a data set.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its folder, a clone of its repository.
    pub folder: PathBuf,
    /// What is known of it; all links without content are wanted when absent.
    pub recipe: Option<Recipe>,
    /// Which of its recordings.
    pub part: Part,
}

/// Files whose content is elsewhere.
#[derive(Debug, Clone)]
pub struct Missing {
    /// The files below the folder, and what they stand for.
    pub files: Vec<(PathBuf, Content)>,
    /// How many files a study needs, here or not.
    pub needed: usize,
    /// What has to be known of files that lie in other data sets.
    pub elsewhere: Vec<String>,
}

impl Missing {
    /// Bytes of the files whose keys have them.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().filter_map(|(_, content)| content.bytes).fold(0, u64::saturating_add)
    }
}

/// Looks for what a study needs and is not here.
///
/// # Errors
/// - there is no such folder, or it is not as the recipe knows it,
/// - nothing in it is of a participant or a task that is asked for.
pub fn missing(wanted: &Wanted) -> Result<Missing, Error> {
    if !wanted.folder.is_dir() {
        let expected = match wanted.recipe {
            Some(recipe) => clone_of(recipe.accession(), &wanted.folder),
            None => "a clone of a data set's repository; check the path".to_owned(),
        };
        return Err(super::other(&wanted.folder, "no such folder".to_owned(), &expected));
    }
    require_clone(&wanted.folder)?;
    let files = match wanted.recipe {
        Some(recipe) => recipe.files(&wanted.folder)?,
        None => tree::below(&wanted.folder).into_iter().map(File::named).collect(),
    };
    wanted.part.require_known(&wanted.folder, files.iter().map(File::labels))?;
    let needed = tree::of_part(&files, &wanted.part);
    if needed.is_empty() {
        let expected = "at least one; check the labels of participants and tasks, they may not go together";
        return Err(super::other(&wanted.folder, "no file that a study of this needs".to_owned(), expected));
    }
    needed.iter().try_for_each(|file| require_plain(&file.path))?;
    let inside = |path: &Path| path.strip_prefix(&wanted.folder).unwrap_or(path).to_owned();
    let files =
        needed.iter().filter_map(|file| Some((inside(&file.path), annex::missing(&file.path)?))).collect();
    let elsewhere = wanted.recipe.map_or(&[][..], Recipe::elsewhere);
    Ok(Missing {
        files,
        needed: needed.len(),
        elsewhere: elsewhere.iter().map(|&text| text.to_owned()).collect(),
    })
}

/// Fails for submodules and linked worktrees as git makes them: links of git-annex lead nowhere there.
fn require_clone(folder: &Path) -> Result<(), Error> {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    match absolute.ancestors().map(|above| above.join(".git")).find(|git| git.exists()) {
        Some(git) if git.is_file() => {
            let found = "a file (a submodule or a linked worktree)".to_owned();
            let expected = "the folder of a clone; run `git annex init` there, which makes it one git-annex can use, or clone anew";
            Err(super::other(&git, found, expected))
        }
        _ => Ok(()),
    }
}

/// Fails for names that lists of files and addresses cannot hold.
fn require_plain(path: &Path) -> Result<(), Error> {
    match path.to_str() {
        Some(text) if !text.contains(char::is_control) => Ok(()),
        _ => {
            let found = format!("the name {path:?}");
            let expected =
                "names of UTF-8 without line breaks and other control characters; use datalad get for it";
            Err(super::other(path.parent().unwrap_or(path), found, expected))
        }
    }
}

fn clone_of(accession: &str, folder: &Path) -> String {
    format!(
        "a clone of its repository, which has all names and little content; run git clone https://github.com/OpenNeuroDatasets/{accession}.git {}",
        folder.display()
    )
}
