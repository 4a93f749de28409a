//! Long work without the interpreter's lock: on a thread of its own, while the caller's thread looks out for signals.

use std::collections::VecDeque;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gyrus::plan::Machine;
use gyrus::{Execution, Progress};
use gyrus_encoding::backend::Backend;
use pyo3::prelude::*;

use crate::errors::Failure;

/// How often signals are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// What work tells the caller's thread.
#[derive(Debug, Clone)]
enum Said {
    Begin(String),
    Advance(f64),
    Note(String),
}

/// The link between work and the thread that waits for it.
#[derive(Debug, Default)]
pub struct Watch {
    stop: Arc<AtomicBool>,
    said: Mutex<VecDeque<Said>>,
}

impl Watch {
    fn say(&self, said: Said) {
        let Ok(mut all) = self.said.lock() else { return };
        // Only the last share of a stage is of interest.
        if matches!((all.back(), &said), (Some(Said::Advance(_)), Said::Advance(_))) {
            all.pop_back();
        }
        all.push_back(said);
    }

    /// Ends work that asks nobody whether to go on: it unwinds to [`run`], which raises what the signal raised.
    pub fn go_on(&self) {
        if self.stop.load(Ordering::Relaxed) {
            panic::resume_unwind(Box::new("interrupted"));
        }
    }

    fn take(&self) -> Vec<Said> {
        self.said.lock().map(|mut all| all.drain(..).collect()).unwrap_or_default()
    }
}

impl Progress for Watch {
    fn begin(&self, stage: &str) {
        self.say(Said::Begin(stage.to_owned()));
    }

    fn advance(&self, share: f64) {
        self.say(Said::Advance(share));
    }

    fn note(&self, sentence: &str) {
        self.say(Said::Note(sentence.to_owned()));
    }

    fn is_interrupted(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn stop(&self) -> Option<Arc<AtomicBool>> {
        Some(self.stop.clone())
    }
}

/// The same for work that tells how far it is and asks nobody whether to go on: it ends where it tells.
pub struct Telling<'a>(pub &'a Watch);

impl Progress for Telling<'_> {
    fn begin(&self, stage: &str) {
        self.0.go_on();
        self.0.begin(stage);
    }

    fn advance(&self, share: f64) {
        self.0.go_on();
        self.0.advance(share);
    }

    fn note(&self, sentence: &str) {
        self.0.note(sentence);
    }

    fn is_interrupted(&self) -> bool {
        self.0.is_interrupted()
    }

    fn stop(&self) -> Option<Arc<AtomicBool>> {
        self.0.stop()
    }
}

/// A backend with threads of its own, made anew for every call: a process that was forked has no threads to inherit.
///
/// # Errors
/// - none or too many threads are asked for, or the system starts no more.
pub fn backend(threads: Option<usize>, watch: &Watch) -> Result<Backend, Failure> {
    let execution = Execution { threads, ..Execution::default() };
    Ok(Machine::new(&execution, watch)?.backend)
}

/// Runs `work` without the interpreter's lock. A signal such as Ctrl-C stops it before its next piece, and what the
/// signal raised is raised.
///
/// # Errors
/// - those of the work, what a signal handler or `progress` raised, or a panic as an internal failure.
pub fn run<T: Send>(
    py: Python<'_>,
    progress: Option<&Py<PyAny>>,
    work: impl FnOnce(&Watch) -> Result<T, Failure> + Send,
) -> PyResult<T> {
    let watch = Watch::default();
    let (raised, ended) = py.detach(|| {
        std::thread::scope(|scope| {
            let (done, waiting) = mpsc::channel::<()>();
            let watch = &watch;
            let worker = scope.spawn(move || {
                // Dropped at the end of the work, whatever the end is.
                let _done = done;
                panic::catch_unwind(AssertUnwindSafe(|| work(watch)))
            });
            let mut raised = None;
            while matches!(waiting.recv_timeout(LOOK), Err(RecvTimeoutError::Timeout)) {
                if raised.is_none() {
                    raised = Python::attach(|py| attend(py, watch, progress)).err();
                    watch.stop.store(raised.is_some(), Ordering::Relaxed);
                }
            }
            (raised, worker.join())
        })
    });
    if let Some(raised) = raised {
        return Err(raised);
    }
    match ended {
        Ok(Ok(Ok(value))) => {
            tell(py, &watch, progress)?;
            Ok(value)
        }
        Ok(Ok(Err(failure))) => Err(failure.raised(py)),
        Ok(Err(panic)) | Err(panic) => Err(Failure::Internal(text(&*panic)).raised(py)),
    }
}

fn attend(py: Python<'_>, watch: &Watch, progress: Option<&Py<PyAny>>) -> PyResult<()> {
    py.check_signals()?;
    tell(py, watch, progress)
}

fn tell(py: Python<'_>, watch: &Watch, progress: Option<&Py<PyAny>>) -> PyResult<()> {
    let Some(progress) = progress else { return Ok(()) };
    for said in watch.take() {
        match said {
            Said::Begin(stage) => progress.call_method1(py, "begin", (stage,))?,
            Said::Advance(share) => progress.call_method1(py, "advance", (share,))?,
            Said::Note(sentence) => progress.call_method1(py, "note", (sentence,))?,
        };
    }
    Ok(())
}

fn text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "it stopped in the middle of its work".to_owned())
}
