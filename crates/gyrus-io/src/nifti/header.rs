//! What the header of a NIfTI file says, checked.

use std::path::Path;

use super::fields::Fields;
use super::{Affine, DataType, Grid, Orientation};
use crate::{IoError, Place, Warning};

/// The header of an image of three or four axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The voxels of each volume, and where they lie.
    pub grid: Grid,
    /// Number of volumes; 1 for an image of three axes.
    pub n_volumes: usize,
    /// How a voxel is stored.
    pub datatype: DataType,
    /// Slope and intercept that turn what is stored into values; None where the header has no scaling.
    pub scaling: Option<(f64, f64)>,
    /// Slope and intercept of a header whose slope means that there is no scaling: 0, or not finite.
    pub ignored_scaling: Option<(f64, f64)>,
    /// `pixdim[1..=4]` as stored: voxel sizes, and the time between volumes in `time_unit`.
    pub zooms: [f64; 4],
    /// Unit of the voxel sizes.
    pub space_unit: SpaceUnit,
    /// Unit of the fourth zoom.
    pub time_unit: TimeUnit,
    /// The `intent_code`.
    pub intent: i32,
    /// The `descrip` field.
    pub description: String,
    /// Byte at which the voxels start, after inflating.
    pub voxel_offset: u64,
    /// Whether numbers have their high byte first.
    pub big_endian: bool,
    /// Whether the file is NIfTI-2.
    pub is_second: bool,
    /// The largest distance in voxels between `sform` and `qform`, where a file has both.
    pub form_difference: Option<f64>,
}

/// A unit of length (`xyzt_units`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpaceUnit {
    /// Not said.
    Unknown,
    /// Metres.
    Metre,
    /// Millimetres.
    Millimetre,
    /// Micrometres.
    Micrometre,
}

/// A unit of the fourth axis (`xyzt_units`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Not said.
    Unknown,
    /// Seconds.
    Second,
    /// Milliseconds.
    Millisecond,
    /// Microseconds.
    Microsecond,
    /// Something that is not time.
    NotTime,
}

pub(super) const REMEDY: &str = "convert the image again, or copy or download it again";

impl Header {
    /// The time between volumes in seconds; None where the header has none, or not as a time.
    ///
    /// A time without a unit is taken as seconds, as the tools of the field do.
    #[must_use]
    pub fn repetition_time(&self) -> Option<f64> {
        let scale = match self.time_unit {
            TimeUnit::Second | TimeUnit::Unknown => 1.0,
            TimeUnit::Millisecond => 1e3,
            TimeUnit::Microsecond => 1e6,
            TimeUnit::NotTime => return None,
        };
        let seconds = self.zooms[3] / scale;
        (seconds > 0.0 && seconds.is_finite()).then_some(seconds)
    }

    /// The smallest difference between two values of the image; None where they are floating point.
    #[must_use]
    pub fn step(&self) -> Option<f64> {
        self.datatype.range().map(|_| self.scaling.map_or(1.0, |(slope, _)| slope.abs()))
    }

    /// What is odd about the header but can be lived with.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if self.grid.orientation == Orientation::Unknown {
            warnings.push(Warning::UnknownOrientation);
        }
        if let Some(voxels) = self.form_difference.filter(|voxels| *voxels > 0.1) {
            warnings.push(Warning::Forms { voxels });
        }
        let implausible = |seconds: &f64| self.n_volumes > 1 && !(0.05..=30.0).contains(seconds);
        if let Some(seconds) = self.repetition_time().filter(implausible) {
            warnings.push(Warning::ImplausibleTime { seconds, stored: self.zooms[3] });
        }
        warnings
    }

    /// What was done as the format has it, and is said all the same.
    #[must_use]
    pub fn notes(&self) -> Vec<Warning> {
        let unscaled = |(slope, intercept)| Warning::Unscaled { slope, intercept };
        self.ignored_scaling.map(unscaled).into_iter().collect()
    }

    /// Bytes up to the end of the last voxel, after inflating.
    #[must_use]
    pub fn expected_bytes(&self) -> u64 {
        let voxels = (self.grid.n_voxels() as u64).saturating_mul(self.n_volumes as u64);
        self.voxel_offset.saturating_add(voxels.saturating_mul(self.datatype.size() as u64))
    }

    /// Reads the fields; errors name `path`.
    pub(super) fn parse(path: &Path, fields: &Fields) -> Result<Self, IoError> {
        let wrong = |at: usize, found: String, expected: &str| {
            IoError::malformed(path, Place::Byte(at as u64), found, expected, REMEDY)
        };
        check_magic(path, fields)?;
        let (shape, n_volumes) = shape(path, fields)?;
        let datatype_at = fields.place(70, 12);
        let datatype = DataType::from_code(fields.i16(datatype_at));
        let datatype = datatype
            .map_err(|name| wrong(datatype_at, format!("voxels of {name}"), "one number in each voxel"))?;
        let pixdim: [f64; 8] = fields.numbers(76, 104);
        let (grid, form_difference) = grid(shape, &pixdim, fields);
        if !grid.affine.is_finite() {
            let found =
                "a position of the grid that is not finite, or a quaternion that is no rotation".to_owned();
            return Err(wrong(fields.place(252, 344), found, "a usable sform or qform"));
        }
        let units = if fields.is_second { fields.short(0, 500) } else { i32::from(fields.raw(123, 1)[0]) };
        let scaling = scaling(path, fields)?;
        let header = Self {
            grid,
            n_volumes,
            datatype,
            scaling: scaling.ok(),
            ignored_scaling: scaling.err().filter(|(slope, _)| *slope != 1.0),
            zooms: [pixdim[1], pixdim[2], pixdim[3], pixdim[4]],
            space_unit: space_unit(units),
            time_unit: time_unit(units),
            intent: fields.short(68, 504),
            description: fields.text(fields.place(148, 240), 80),
            voxel_offset: voxel_offset(path, fields)?,
            big_endian: fields.big_endian,
            is_second: fields.is_second,
            form_difference,
        };
        if (3000..3100).contains(&header.intent) {
            let found = "a CIFTI file".to_owned();
            return Err(wrong(fields.place(68, 504), found, "a volume image; CIFTI files are not read here"));
        }
        Ok(header)
    }
}

fn check_magic(path: &Path, fields: &Fields) -> Result<(), IoError> {
    let at = fields.place(344, 4);
    let (single, pair): (&[u8], &[u8]) =
        if fields.is_second { (b"n+2\0", b"ni2\0") } else { (b"n+1\0", b"ni1\0") };
    let found = fields.raw(at, 4);
    let (found, remedy) = if found == single {
        return Ok(());
    } else if found == pair {
        ("the header of a pair of files (.hdr and .img)", "convert the pair to one .nii.gz file")
    } else {
        ("a header without the mark of NIfTI (an ANALYZE file?)", "convert the image to NIfTI")
    };
    Err(IoError::malformed(path, Place::Byte(at as u64), found, "the mark of a single NIfTI file", remedy))
}

/// Voxels along three axes, and volumes.
fn shape(path: &Path, fields: &Fields) -> Result<([usize; 3], usize), IoError> {
    let at = fields.place(40, 16);
    let wrong = |found: String, expected: &str| {
        Err(IoError::malformed(path, Place::Byte(at as u64), found, expected, REMEDY))
    };
    let n_axes = fields.count(40, 16, 0);
    if !(1..=7).contains(&n_axes) {
        return wrong(format!("{n_axes} axes"), "1 to 7");
    }
    let mut axes = [1usize; 8];
    for (index, axis) in axes.iter_mut().enumerate().take(n_axes as usize + 1).skip(1) {
        let count = fields.count(40, 16, index);
        let Ok(positive @ 1..) = usize::try_from(count) else {
            return wrong(format!("{count} voxels along axis {index}"), "at least 1");
        };
        *axis = positive;
    }
    if axes[5..].iter().any(|axis| *axis != 1) {
        return wrong(format!("an image of shape {:?}", &axes[1..=n_axes as usize]), "three or four axes");
    }
    let in_all = axes.iter().skip(1).try_fold(8usize, |product, axis| product.checked_mul(*axis));
    if in_all.is_none_or(|bytes| bytes > isize::MAX as usize) {
        return wrong(format!("an image of shape {:?}", &axes[1..=4]), "one that a file can hold");
    }
    Ok(([axes[1], axes[2], axes[3]], axes[4]))
}

/// Where the voxels lie: by the sform if it has a code, else by the qform, as nifti1.h advises.
fn grid(shape: [usize; 3], pixdim: &[f64; 8], fields: &Fields) -> (Grid, Option<f64>) {
    let (qform_code, sform_code) = (fields.short(252, 344), fields.short(254, 348));
    let sizes = [pixdim[1], pixdim[2], pixdim[3]];
    let quaternion =
        || Affine::from_quaternion(fields.numbers(256, 352), fields.numbers(268, 376), sizes, pixdim[0]);
    let qform = (qform_code > 0).then(quaternion).flatten();
    let rows = || Affine([fields.numbers(280, 400), fields.numbers(296, 432), fields.numbers(312, 464)]);
    let sform = (sform_code > 0).then(rows);
    let difference = sform.zip(qform).map(|(sform, qform)| sform.difference(&qform, shape));
    let (affine, orientation) = match (sform, qform) {
        (Some(affine), _) => (affine, Orientation::Sform(sform_code)),
        (None, Some(affine)) => (affine, Orientation::Qform(qform_code)),
        (None, None) if qform_code > 0 => (Affine([[f64::NAN; 4]; 3]), Orientation::Unknown),
        (None, None) => (Affine::from_sizes(shape, sizes), Orientation::Unknown),
    };
    (Grid { shape, affine, orientation }, difference)
}

/// Slope and intercept.
type Scaling = (f64, f64);

/// The scaling, or what stands in its place: a slope of 0 or one that is not finite means that there is none (nifti1.h).
fn scaling(path: &Path, fields: &Fields) -> Result<Result<Scaling, Scaling>, IoError> {
    let (slope, inter) = (fields.number(112, 176, 0), fields.number(116, 184, 0));
    if slope == 0.0 || !slope.is_finite() || (slope, inter) == (1.0, 0.0) {
        return Ok(Err((slope, inter)));
    }
    if !inter.is_finite() {
        let place = Place::Byte(fields.place(116, 184) as u64);
        let found = format!("an intercept of {inter} beside a slope of {slope}");
        return Err(IoError::malformed(path, place, found, "a finite intercept", REMEDY));
    }
    Ok(Ok((slope, inter)))
}

fn voxel_offset(path: &Path, fields: &Fields) -> Result<u64, IoError> {
    let offset = fields.voxel_offset();
    let least = if fields.is_second { 544.0 } else { 352.0 };
    if offset == 0.0 {
        return Ok(least as u64);
    }
    if offset >= least && offset.fract() == 0.0 && offset < 1e15 {
        return Ok(offset as u64);
    }
    let place = Place::Byte(fields.place(108, 168) as u64);
    let expected = format!("0 or a whole number from {least}");
    Err(IoError::malformed(path, place, format!("voxels that start at byte {offset}"), expected, REMEDY))
}

fn space_unit(code: i32) -> SpaceUnit {
    match code & 7 {
        1 => SpaceUnit::Metre,
        2 => SpaceUnit::Millimetre,
        3 => SpaceUnit::Micrometre,
        _ => SpaceUnit::Unknown,
    }
}

fn time_unit(code: i32) -> TimeUnit {
    match code & 0x38 {
        8 => TimeUnit::Second,
        16 => TimeUnit::Millisecond,
        24 => TimeUnit::Microsecond,
        0 => TimeUnit::Unknown,
        _ => TimeUnit::NotTime,
    }
}
