//! A part of a data set: whose recordings, and of which tasks.

use std::path::Path;

use gyrus_io::bids::same_label;
use gyrus_io::natural_order;

use crate::Error;

/// Labels that errors list at most.
const LISTED: usize = 12;

/// Labels of participants and tasks that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Labels of participants, without `sub-`; all when empty.
    pub participants: Vec<String>,
    /// Labels of tasks, or names of stories; all when empty.
    pub tasks: Vec<String>,
}

/// The participant and the task of a file, where it is of one.
pub(crate) type Labels<'l> = (Option<&'l str>, Option<&'l str>);

impl Part {
    /// Whether recordings of this participant and task are asked for. What is of nobody, or of no task, is everybody's.
    pub(crate) fn has(&self, (participant, task): Labels<'_>) -> bool {
        participant.is_none_or(|own| is_asked(&self.participants, own))
            && task.is_none_or(|own| is_asked(&self.tasks, own))
    }

    /// An error for a label that nothing in the folder has, and for participants and tasks that have nothing in common.
    pub(crate) fn require_known<'l>(
        &self,
        folder: &Path,
        labels: impl Iterator<Item = Labels<'l>> + Clone,
    ) -> Result<(), Error> {
        let people: Vec<(&str, Option<&str>)> =
            labels.clone().filter_map(|(participant, task)| Some((participant?, task))).collect();
        require_each(folder, ("participant", &self.participants), people.iter().map(|(own, _)| *own))?;
        let of_these = people.iter().filter(|(own, _)| is_asked(&self.participants, own));
        let tasks: Vec<&str> = match people.is_empty() {
            true => labels.filter_map(|(_, task)| task).collect(),
            false => of_these.clone().filter_map(|(_, task)| *task).collect(),
        };
        require_each(folder, ("task", &self.tasks), tasks.into_iter())?;
        let has_some = |label: &&String| {
            let mut own = of_these.clone().filter(|(own, _)| same_label(own, label));
            own.any(|(_, task)| task.is_none_or(|task| is_asked(&self.tasks, task)))
        };
        match self.participants.iter().find(|label| !has_some(label)) {
            None => Ok(()),
            Some(label) => Err(Error::Unusable {
                path: folder.to_owned(),
                found: format!(
                    "nothing of the participant `{label}` and the tasks {}",
                    self.tasks.join(", ")
                ),
                expected: "participants who have them; leave out who has not".to_owned(),
            }),
        }
    }
}

fn require_each<'l>(
    folder: &Path,
    (kind, asked): (&str, &[String]),
    known: impl Iterator<Item = &'l str>,
) -> Result<(), Error> {
    let mut known: Vec<&str> = known.collect();
    known.sort_by(|left, right| natural_order(left, right));
    known.dedup();
    let Some(stranger) = asked.iter().find(|label| !known.iter().any(|own| same_label(label, own))) else {
        return Ok(());
    };
    let listed = known.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    let expected = match known.len() {
        0 => format!("a data set with a {kind}"),
        1..=LISTED => format!("one of {listed}"),
        count => format!("one of {listed} and {} more", count - LISTED),
    };
    let found = format!("no {kind} `{stranger}`");
    Err(Error::Unusable { path: folder.to_owned(), found, expected })
}

/// Whether a label is among those that were asked for; all are when none was.
pub(crate) fn is_asked(labels: &[String], label: &str) -> bool {
    labels.is_empty() || labels.iter().any(|asked| same_label(asked, label))
}
