//! Progress on stderr: a bar on a terminal, one line per tenth in a log.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use gyrus::Progress;
use indicatif::{ProgressBar, ProgressStyle};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Prints how far the work is.
pub struct Printer {
    bar: Option<ProgressBar>,
    last: Mutex<(String, u32)>,
}

const STEPS: u64 = 1000;

impl Printer {
    /// A printer for this process; Ctrl-C asks the work to stop at the next safe place.
    pub fn new() -> Self {
        // A second handler can only mean a second printer, which serves as well.
        let _ = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::SeqCst) {
                std::process::exit(130);
            }
        });
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(STEPS);
            let style =
                ProgressStyle::with_template("{msg:28} {wide_bar:.cyan/blue} {percent:>3} % {elapsed}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, last: Mutex::new((String::new(), 0)) }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Printer {
    fn begin(&self, stage: &str) {
        if let Ok(mut last) = self.last.lock() {
            *last = (stage.to_owned(), 0);
        }
        match &self.bar {
            Some(bar) => {
                bar.set_message(stage.to_owned());
                bar.set_position(0);
            }
            None => eprintln!("{stage}"),
        }
    }

    fn advance(&self, share: f64) {
        if let Some(bar) = &self.bar {
            bar.set_position((share.clamp(0.0, 1.0) * STEPS as f64) as u64);
            return;
        }
        let tenth = (share.clamp(0.0, 1.0) * 10.0 + 1e-9) as u32;
        let Ok(mut last) = self.last.lock() else { return };
        if tenth > last.1 && tenth < 10 {
            last.1 = tenth;
            eprintln!("{}: {} %", last.0, tenth * 10);
        }
    }

    fn is_interrupted(&self) -> bool {
        INTERRUPTED.load(Ordering::SeqCst)
    }
}
