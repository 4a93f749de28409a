//! The plan in words: who and what is analysed, and per kind of task how many, how much memory, disk and time.

use std::fmt::Write;

use gyrus_core::ByteSize;

use super::{Plan, TaskSummary};
use crate::counted::counted;
use crate::inputs::Inputs;
use crate::store::Store;

/// Describes a plan that would run on some threads, each of which does so many operations in a second.
pub(crate) fn describe(
    inputs: &Inputs,
    plan: &Plan,
    store: Option<&Store>,
    (threads, speed): (usize, f64),
) -> String {
    let speed = speed * threads as f64;
    let mut text = head(inputs, plan);
    for recording in &inputs.recordings {
        if let Some(reason) = &recording.exclusion {
            let path = recording.run.responses.display();
            let _ = writeln!(text, "excluded: {} ({reason}) {path}", recording.run.participant);
        }
    }
    let _ = writeln!(
        text,
        "\n{:10}{:>8}{:>8}{:>14}{:>14}{:>14}",
        "task", "all", "done", "memory", "disk", "time"
    );
    let summaries = plan.summaries(inputs);
    for kind in ["prepare", "extract", "baseline", "fit", "infer"] {
        let of_kind: Vec<_> = summaries.iter().filter(|task| task.kind == kind).collect();
        text.push_str(&row(kind, &of_kind, store, (threads, speed)));
    }
    text.push_str(&row("all", &summaries.iter().collect::<Vec<_>>(), store, (threads, speed)));
    let plural = if threads == 1 { "" } else { "s" };
    let _ = writeln!(
        text,
        "\nThe open files hold {} beside. Memory is the most that one task holds, disk what all of them write, time a rough guess for {threads} thread{plural}.",
        ByteSize::new(inputs.memory())
    );
    text
}

fn head(inputs: &Inputs, plan: &Plan) -> String {
    let usable: usize = plan.designs.iter().map(|design| design.participants.len()).sum();
    let words: usize = inputs.stimuli.iter().map(|open| open.stimulus.words().len()).sum();
    format!(
        "{}: {}, {}, {} of {}, {}, {}\n",
        inputs.resolved.study.study.name,
        counted(usable, "participant", "participants"),
        counted(inputs.targets.len(), "target", "targets"),
        counted(inputs.stimuli.len(), "stimulus", "stimuli"),
        counted(words, "word", "words"),
        counted(inputs.language_models.len(), "language model", "language models"),
        counted(plan.designs.len(), "design", "designs"),
    )
}

fn row(kind: &str, tasks: &[&TaskSummary], store: Option<&Store>, (threads, speed): (usize, f64)) -> String {
    let is_done = |task: &&&TaskSummary| store.is_some_and(|store| store.has(&task.key));
    let done = tasks.iter().filter(is_done).count();
    let memory = tasks.iter().map(|task| task.memory_on(threads)).max().unwrap_or(0);
    let disk = tasks.iter().map(|task| task.disk).sum();
    let left = tasks.iter().filter(|task| !is_done(task)).map(|task| task.operations).sum::<f64>();
    let (memory, disk) = (ByteSize::new(memory).to_string(), ByteSize::new(disk).to_string());
    let time = rough(left / speed);
    format!("{kind:10}{:>8}{done:>8}{memory:>14}{disk:>14}{time:>14}\n", tasks.len())
}

fn rough(seconds: f64) -> String {
    match seconds {
        0.0 => "none left".to_owned(),
        seconds if seconds < 1.0 => "under 1 s".to_owned(),
        seconds if seconds < 90.0 => format!("{seconds:.0} s"),
        seconds if seconds < 5400.0 => format!("{:.0} min", seconds / 60.0),
        seconds => format!("{:.0} h", seconds / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rough_time_has_one_unit() {
        assert_eq!(rough(0.2), "under 1 s");
        assert_eq!(rough(61.0), "61 s");
        assert_eq!(rough(600.0), "10 min");
        assert_eq!(rough(7200.0), "2 h");
    }
}
