//! When the volumes of an image were taken: the sidecar before the header, and an error where they disagree.

use std::path::Path;

use gyrus_core::{RepetitionTime, Seconds};

use super::Sidecar;
use crate::scan::About;
use crate::{IoError, Place};

/// The times of an image's volumes on its own clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VolumeTiming {
    /// Time between volumes.
    pub repetition_time: RepetitionTime,
    /// Time of the first volume after slice-time correction (`StartTime`); 0 where the sidecar has none.
    pub start: Seconds,
}

/// Times differ if they differ by more than this many seconds.
const TOLERANCE: f64 = 1e-3;

/// The times of a recording: what the study declares, else the sidecar's `RepetitionTime`, else that of the header.
///
/// # Errors
/// - sidecar and header differ by more than 1 ms and nothing is declared, or what is declared differs from the sidecar,
/// - none of them has a time, or the sidecar has something else than a number.
pub fn volume_timing(
    path: &Path,
    header: &About,
    sidecar: &Sidecar,
    declared: Option<RepetitionTime>,
) -> Result<VolumeTiming, IoError> {
    let from_sidecar = sidecar.number("RepetitionTime")?;
    let from_header = header.repetition_time;
    let shown = |time: Option<f64>| time.map_or("none".to_owned(), |time| format!("{time} s"));
    let wrong = |expected: &str, remedy: &'static str| {
        let found = format!(
            "repetition times of {} in the sidecar and {} in the header ({})",
            shown(from_sidecar),
            shown(from_header),
            header.time
        );
        IoError::malformed(path, Place::File, found, expected, remedy)
    };
    let differ = |left: Option<f64>, right: Option<f64>| {
        left.zip(right).is_some_and(|(left, right)| (left - right).abs() > TOLERANCE)
    };
    let declared = declared.map(RepetitionTime::get);
    if differ(declared, from_sidecar) {
        let expected = format!("{} as the study declares", shown(declared));
        return Err(wrong(&expected, "correct responses.repetition_time or the sidecar"));
    }
    if declared.is_none() && differ(from_sidecar, from_header) {
        let remedy = "find out which is right and declare responses.repetition_time";
        return Err(wrong("times that agree to 1 ms", remedy));
    }
    let seconds = declared.or(from_sidecar).or(from_header);
    let repetition_time = seconds.and_then(|seconds| RepetitionTime::new(Seconds::new(seconds).ok()?).ok());
    let repetition_time = repetition_time.ok_or_else(|| {
        wrong("a positive one", "declare responses.repetition_time, or add RepetitionTime to the sidecar")
    })?;
    let start = Seconds::new(sidecar.number("StartTime")?.unwrap_or(0.0)).unwrap_or(Seconds::ZERO);
    Ok(VolumeTiming { repetition_time, start })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nifti::{Affine, DataType, NewImage, write};
    use crate::scan::Scan;

    fn header(time: Option<f64>) -> About {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.nii");
        let affine = Affine([[2.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]]);
        let image = NewImage {
            shape: &[1, 1, 1, 2],
            affine,
            space_code: 1,
            datatype: DataType::F32,
            repetition_time: time,
            intent: 0,
            description: "",
        };
        write(&path, &image, [0.0, 1.0]).unwrap();
        Scan::of(&path).about().unwrap()
    }

    fn timing(in_header: Option<f64>, in_sidecar: &str, declared: Option<f64>) -> Result<(f64, f64), String> {
        let sidecar =
            Sidecar { values: serde_json::from_str(in_sidecar).unwrap(), sources: vec!["a.json".into()] };
        let declared = declared.map(|time| RepetitionTime::new(Seconds::new(time).unwrap()).unwrap());
        let timing = volume_timing(Path::new("a.nii"), &header(in_header), &sidecar, declared);
        timing
            .map(|timing| (timing.repetition_time.get(), timing.start.get()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_sidecar_comes_before_the_header() {
        assert_eq!(timing(Some(1.5), r#"{"RepetitionTime": 1.5, "StartTime": 0.75}"#, None), Ok((1.5, 0.75)));
        assert_eq!(timing(None, r#"{"RepetitionTime": 1.49}"#, None), Ok((1.49, 0.0)));
        assert_eq!(timing(Some(2.0), "{}", None), Ok((2.0, 0.0)));
        assert_eq!(timing(Some(1.0), r#"{"RepetitionTime": 1.52}"#, Some(1.52)), Ok((1.52, 0.0)));
        assert_eq!(timing(Some(1.0), "{}", Some(1.52)), Ok((1.52, 0.0)));
    }

    #[test]
    fn times_that_disagree_are_all_shown() {
        assert_eq!(
            timing(Some(1.0), r#"{"RepetitionTime": 1.52}"#, None).unwrap_err(),
            "a.nii: found repetition times of 1.52 s in the sidecar and 1 s in the header (pixdim[4] = 1 Second), expected times \
             that agree to 1 ms; find out which is right and declare responses.repetition_time"
        );
        let declared = timing(None, r#"{"RepetitionTime": 1.52}"#, Some(1.5)).unwrap_err();
        assert!(declared.contains("expected 1.5 s as the study declares"), "{declared}");
        assert!(timing(None, "{}", None).unwrap_err().contains("expected a positive one"));
        assert!(timing(Some(2.0), r#"{"RepetitionTime": "2"}"#, None).is_err());
    }
}
