//! Results on stdout, progress on stderr: a bar on a terminal, sparse lines in a log.

use std::fmt::Display;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gyrus::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use crate::Failure;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Exit code of a process that Ctrl-C ended: 128 and the number of the signal, as shells have it.
pub const INTERRUPTED_CODE: u8 = 130;

/// Work that is between two tasks stops by itself; a task in the middle is given up after this time.
const PATIENCE: Duration = Duration::from_secs(2);

/// A log says nothing about a stage that is done sooner.
const SILENCE: Duration = Duration::from_secs(10);

const STEPS: u64 = 1000;

/// Prints how far the work is.
pub struct Printer {
    bar: Option<ProgressBar>,
    stage: Mutex<Stage>,
}

struct Stage {
    name: String,
    said: Instant,
}

impl Printer {
    /// A printer for this process; Ctrl-C asks the work to stop, and ends the process if it does not stop soon.
    pub fn new() -> Self {
        // A second handler can only mean a second printer, which serves as well.
        let _ = ctrlc::set_handler(|| {
            if !INTERRUPTED.swap(true, Ordering::SeqCst) {
                std::thread::sleep(PATIENCE);
            }
            // The store holds whole tasks only, so there is no wrong moment to leave.
            say(format_args!("{}", gyrus::Error::Interrupted));
            std::process::exit(i32::from(INTERRUPTED_CODE));
        });
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(STEPS);
            let style =
                ProgressStyle::with_template("{msg:32} {wide_bar:.cyan/blue} {percent:>3} % {elapsed}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, stage: Mutex::new(Stage { name: String::new(), said: Instant::now() }) }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Says a line on stderr.
pub fn say(line: impl Display) {
    // Nobody is left to be told if stderr cannot be written.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Says what was noticed: notes first, so that what asks for a look stands last, above the answer.
pub fn remarks(notes: &[String], warnings: &[String]) {
    notes.iter().for_each(|note| say(format_args!("note: {note}")));
    warnings.iter().for_each(|warning| say(format_args!("warning: {warning}")));
}

/// Prints a result on stdout. A reader that has seen enough (`gyrus check … | head`) is no failure.
pub fn print(text: impl Display) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match write!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Input(format!(
            "stdout: found no way to write it ({error}), expected an open file or terminal; direct the output elsewhere"
        ))),
        _ => Ok(()),
    }
}

impl Progress for Printer {
    fn begin(&self, stage: &str) {
        if let Ok(mut current) = self.stage.lock() {
            *current = Stage { name: stage.to_owned(), said: Instant::now() };
        }
        match &self.bar {
            Some(bar) => {
                bar.set_message(stage.to_owned());
                bar.set_position(0);
            }
            None => say(stage),
        }
    }

    fn advance(&self, share: f64) {
        let share = share.clamp(0.0, 1.0);
        if let Some(bar) = &self.bar {
            bar.set_position((share * STEPS as f64) as u64);
            return;
        }
        let Ok(mut stage) = self.stage.lock() else { return };
        if share < 1.0 && stage.said.elapsed() >= SILENCE {
            stage.said = Instant::now();
            say(format_args!("{}: {:.0} %", stage.name, 100.0 * share));
        }
    }

    fn note(&self, sentence: &str) {
        match &self.bar {
            Some(bar) => bar.println(format!("note: {sentence}")),
            None => say(format_args!("note: {sentence}")),
        }
    }

    fn is_interrupted(&self) -> bool {
        INTERRUPTED.load(Ordering::SeqCst)
    }
}
