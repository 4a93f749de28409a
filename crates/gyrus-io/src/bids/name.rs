//! File names as BIDS makes them: entities in any order, a suffix and an extension.

use std::collections::BTreeMap;

/// A file name taken apart. The order of entities means nothing: fMRIPrep has changed it between releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// Labels by key, such as `sub` or `space`.
    pub entities: BTreeMap<String, String>,
    /// What stands last, such as `bold`; empty where a file has none.
    pub suffix: String,
    /// From the first point on, such as `.nii.gz`.
    pub extension: String,
}

/// The entities that tell one recording from another; what is left tells files of one recording apart.
const RECORDING: [&str; 9] = ["sub", "ses", "task", "acq", "ce", "rec", "dir", "run", "part"];

impl Name {
    /// Takes a file name apart; None if it is not made as BIDS makes them.
    #[must_use]
    pub fn parse(file_name: &str) -> Option<Self> {
        // Labels stand in tables, where these would be other cells and lines.
        if file_name.contains(char::is_control) {
            return None;
        }
        let (stem, extension) = file_name.split_at(file_name.find('.')?);
        let mut entities = BTreeMap::new();
        let mut suffix = String::new();
        let mut parts = stem.split('_').peekable();
        while let Some(part) = parts.next() {
            match part.split_once('-') {
                Some((key, label)) if !key.is_empty() && !label.is_empty() => {
                    if entities.insert(key.to_owned(), label.to_owned()).is_some() {
                        return None;
                    }
                }
                None if parts.peek().is_none() => suffix = part.to_owned(),
                _ => return None,
            }
        }
        Some(Self { entities, suffix, extension: extension.to_owned() })
    }

    /// The label of an entity.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entities.get(key).map(String::as_str)
    }

    /// Whether two files belong to one recording: same participant, session, task, run and acquisition.
    #[must_use]
    pub fn same_recording(&self, other: &Self) -> bool {
        RECORDING.iter().all(|key| match (self.get(key), other.get(key)) {
            (Some(left), Some(right)) => same_label(left, right),
            (left, right) => left.is_none() && right.is_none(),
        })
    }
}

/// Whether two labels are the same; numbers are compared by value (`run-1`, `run-01`).
#[must_use]
pub fn same_label(left: &str, right: &str) -> bool {
    let number = |label: &str| {
        let digits = label.trim_start_matches('0');
        (!label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.to_owned())
    };
    left == right || number(left).is_some_and(|left| number(right) == Some(left))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_order_of_entities_means_nothing() {
        let new = Name::parse("sub-01_task-X_run-1_hemi-L_space-fsaverage5_bold.func.gii").unwrap();
        let old = Name::parse("sub-01_task-X_run-1_space-fsaverage5_hemi-L_bold.func.gii").unwrap();
        assert_eq!(new, old);
        assert_eq!(
            (new.get("hemi"), new.suffix.as_str(), new.extension.as_str()),
            (Some("L"), "bold", ".func.gii")
        );
        assert_eq!(Name::parse("sub-01_space-fsaverage6_hemi-L.func.gii").unwrap().suffix, "");
        for wrong in
            ["sub-01_bold", "sub-01_sub-02_bold.nii", "sub-_bold.nii", "a_sub-01_bold.nii", "sub-1__bold.nii"]
        {
            assert_eq!(Name::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn recordings_are_told_apart_by_their_own_entities() {
        let bold = Name::parse("sub-01_ses-2_task-a_run-01_space-T1w_desc-preproc_bold.nii.gz").unwrap();
        let same = |name: &str| bold.same_recording(&Name::parse(name).unwrap());
        assert!(same("sub-01_ses-2_task-a_run-1_desc-confounds_timeseries.tsv"));
        assert!(!same("sub-01_ses-2_task-a_run-10_desc-confounds_timeseries.tsv"));
        assert!(!same("sub-01_ses-2_task-a_desc-confounds_timeseries.tsv"));
        assert!(!same("sub-1a_ses-2_task-a_run-01_desc-confounds_timeseries.tsv"));
    }

    proptest! {
        #[test]
        fn any_text_is_a_name_or_not(text in "[a-c_.0-]{0,20}") {
            if let Some(name) = Name::parse(&text) {
                prop_assert!(name.same_recording(&name));
            }
        }
    }
}
