//! `gyrus fetch`: what a study needs of a public data set and is not here; how to bring it, or bringing it.

use std::path::{Path, PathBuf};

use gyrus::recipes::{Missing, Wanted, missing};

use super::recipe::Part;
use crate::Failure;
use crate::printer::{print, say};

/// Arguments of `gyrus fetch`.
#[derive(clap::Args)]
pub struct Arguments {
    /// A clone of the data set's repository, such as git clone https://github.com/OpenNeuroDatasets/ds003643.git makes
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    part: Part,
    /// Print the files alone, one on a line, for other programs
    #[arg(long, conflicts_with = "run")]
    list: bool,
    /// Bring them (a gyrus with the feature `download`)
    #[arg(long)]
    run: bool,
    /// Where the folder lies on a server [default: the data set's at OpenNeuro]
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let chosen = arguments.part.recipe(&arguments.folder);
    let wanted = Wanted { folder: arguments.folder.clone(), recipe: chosen, part: arguments.part.part() };
    let found = missing(&wanted)?;
    found.elsewhere.iter().for_each(|text| say(format_args!("note: {text}")));
    if arguments.list {
        return print(listed(&found));
    }
    if found.files.is_empty() {
        return print(match found.needed {
            1 => "the 1 file is here\n".to_owned(),
            files => format!("all {files} files are here\n"),
        });
    }
    let own = chosen.map(|recipe| format!("https://s3.amazonaws.com/openneuro.org/{}", recipe.accession()));
    if let Some(from) = arguments.from.as_ref().filter(|from| !is_address(from)) {
        let message =
            format!("--from: found `{from}`, expected an address that starts with https:// or http://");
        return Err(Failure::Input(message));
    }
    let address = arguments.from.clone().or(own);
    if arguments.run {
        bring(&found, &wanted, address)
    } else {
        print(how(&found, &arguments, address.is_some()))
    }
}

fn is_address(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
}

fn listed(found: &Missing) -> String {
    let line = |file: &Path| match file.display().to_string() {
        // Other programs would read it as an option.
        name if name.starts_with('-') => format!("./{name}\n"),
        name => format!("{name}\n"),
    };
    found.files.iter().map(|(file, _)| line(file)).collect()
}

/// What is missing, and commands that bring it.
fn how(found: &Missing, arguments: &Arguments, has_address: bool) -> String {
    let folder = in_shell(&arguments.folder.to_string_lossy());
    let options: String =
        arguments.part.options().iter().map(|option| format!(" {}", in_shell(option))).collect();
    let (same, size) = (format!("gyrus fetch {folder}{options}"), gyrus::ByteSize::new(found.bytes()));
    let mut text = format!(
        "{} of {} files that a study needs are not here, {size}. Any of these brings them:\n\n",
        found.files.len(),
        found.needed
    );
    if has_address {
        let from = arguments.from.as_ref().map(|from| format!(" --from {}", in_shell(from)));
        text.push_str(&format!("  {same}{} --run\n", from.unwrap_or_default()));
    }
    text.push_str(&format!(
        "  {same} --list | (cd {folder} && git annex get --batch)\n  {same} --list | (cd {folder} && tr '\\n' '\\0' | xargs -0 datalad get)\n"
    ));
    text
}

/// A word of a command as the shell of POSIX reads it.
fn in_shell(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:=,@+%".contains(letter);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(feature = "download")]
fn bring(found: &Missing, wanted: &Wanted, address: Option<String>) -> Result<(), Failure> {
    use gyrus::Progress;

    let Some(address) = address else {
        return Err(Failure::Input(
            "--run: found no address of the data set, expected one; name it with --from".to_owned(),
        ));
    };
    let printer = crate::printer::Printer::new();
    printer.begin("fetching");
    let done = gyrus::recipes::bring(found, (&wanted.folder, &address), &printer);
    printer.finish();
    let done = done?;
    let pointers = found.files.iter().any(|(file, content)| content.place == wanted.folder.join(file));
    say(format_args!("note: git-annex is told of them by {}", told(&wanted.folder, pointers)));
    print(format!("{} came\n", gyrus::counted(done, "file", "files")))
}

/// Commands that make git-annex look for content that others brought.
#[cfg(feature = "download")]
fn told(folder: &Path, pointers: bool) -> String {
    let folder = in_shell(&folder.to_string_lossy());
    let add = if pointers { " && git add -u" } else { "" };
    format!("cd {folder} && git annex init && git annex fsck --fast{add}")
}

#[cfg(not(feature = "download"))]
fn bring(_: &Missing, _: &Wanted, _: Option<String>) -> Result<(), Failure> {
    Err(Failure::Input(
        "--run: found a gyrus without the feature `download`, expected one with it; install it with \
         cargo install --path crates/gyrus-cli --features download, or use the commands that are printed without --run"
            .to_owned(),
    ))
}
