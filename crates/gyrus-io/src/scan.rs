//! A recording of any format: an image of voxels, a pair of surfaces, or vertices and voxels in one dense file.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::cifti::{self, Columns, Dense, DenseFile};
use crate::gifti;
use crate::nifti::{Grid, Volumes};
use crate::{IoError, Place, Warning};

/// The file or files of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The image, or that of the left hemisphere.
    pub image: PathBuf,
    /// That of the right hemisphere, where there is one for each.
    pub right: Option<PathBuf>,
}

/// What the values of a volume belong to, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Layout {
    /// Voxels of a grid, the first axis fastest.
    Grid(Grid),
    /// So many vertices of the left hemisphere, then so many of the right.
    Surface([usize; 2]),
    /// Vertices and voxels as the file lists them.
    Dense(Dense),
}

/// What a recording is, by its header.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// What the values belong to.
    pub layout: Layout,
    /// Number of volumes.
    pub n_volumes: usize,
    /// Seconds between volumes by the header; None where it has none.
    pub repetition_time: Option<f64>,
    /// What stands there, in words.
    pub time: String,
    /// The smallest difference between two values; None where they are floating point.
    pub step: Option<f64>,
    /// What is odd about the header but can be lived with.
    pub warnings: Vec<Warning>,
    /// What was done as the format has it, and is said all the same.
    pub notes: Vec<Warning>,
}

impl Layout {
    /// Values of a volume.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Grid(grid) => grid.n_voxels(),
            Self::Surface([left, right]) => left + right,
            Self::Dense(dense) => dense.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Scan {
    /// A recording in one file.
    #[must_use]
    pub fn of(image: &Path) -> Self {
        Self { image: image.to_owned(), right: None }
    }

    /// Its files.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&*self.image).chain(self.right.as_deref())
    }

    /// Reads what its headers say.
    ///
    /// # Errors
    /// - a file is missing, empty, a git-annex pointer, cut short or of another format,
    /// - the hemispheres have different numbers of volumes.
    pub fn about(&self) -> Result<About, IoError> {
        match &self.right {
            Some(right) => self.about_surface(right),
            None if cifti::is_cifti(&self.image) => about_dense(&self.image),
            None => about_image(&self.image),
        }
    }

    fn about_surface(&self, right: &Path) -> Result<About, IoError> {
        let [first, second] = [gifti::read_head(&self.image)?, gifti::read_head(right)?];
        if first.n_volumes != second.n_volumes {
            let found = format!("{} volumes", second.n_volumes);
            let expected = format!("the {} of {}", first.n_volumes, self.image.display());
            return Err(IoError::malformed(right, Place::File, found, expected, "export both again"));
        }
        Ok(About {
            layout: Layout::Surface([first.n_vertices, second.n_vertices]),
            n_volumes: first.n_volumes,
            repetition_time: None,
            time: "GIFTI has none".to_owned(),
            step: None,
            warnings: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// Checks that its files end where they should; headers alone were read before.
    ///
    /// # Errors
    /// - a file ends early.
    pub fn require_whole(&self) -> Result<(), IoError> {
        match &self.right {
            Some(right) => [&self.image, right].into_iter().try_for_each(|path| gifti::require_end(path)),
            // Opening compared it with the size of the file.
            None if cifti::is_cifti(&self.image) => Ok(()),
            None => Volumes::open(&self.image)?.require_whole(),
        }
    }

    /// Bytes that [`Scan::read`] holds at its peak, beside what `visit` keeps.
    #[must_use]
    pub fn memory_of_reading(&self, about: &About) -> u64 {
        match about.layout {
            Layout::Grid(_) => 4 << 20,
            Layout::Surface([left, right]) => {
                let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
                let text = self.files().map(size).max().unwrap_or(0);
                // The text and its nodes, the bytes of its arrays, and their values.
                2 * text + 2 * 4 * (left.max(right) * about.n_volumes) as u64 + (4 << 20)
            }
            Layout::Dense(_) => (4 << 20) + 16 * about.n_volumes as u64,
        }
    }

    /// Hands on the values of some points (indices into a volume, ascending) in some volumes: the row among the volumes, the
    /// position among the points, and the value. Volumes of a point come in order of time, points of a volume in ascending
    /// order; which of both changes faster depends on the format.
    ///
    /// # Errors
    /// - as [`Scan::about`], a file ends early, or one is of the other hemisphere.
    pub fn read(
        &self,
        (rows, points): (&Range<usize>, &[usize]),
        mut visit: impl FnMut(usize, usize, f64),
    ) -> Result<(), IoError> {
        match &self.right {
            Some(right) => {
                let n_left = self.read_hemisphere((&self.image, "Left"), (rows, points, 0, 0), &mut visit)?;
                let (start, first) = (points.partition_point(|point| *point < n_left), n_left);
                self.read_hemisphere((right, "Right"), (rows, points, start, first), &mut visit)?;
                Ok(())
            }
            None if cifti::is_cifti(&self.image) => self.read_dense((rows, points), visit),
            None => self.read_image((rows, points), visit),
        }
    }

    fn read_image(
        &self,
        (rows, points): (&Range<usize>, &[usize]),
        mut visit: impl FnMut(usize, usize, f64),
    ) -> Result<(), IoError> {
        let mut volumes = Volumes::open(&self.image)?;
        for volume in 0..rows.end {
            if volume < rows.start {
                volumes.next_volume(&[], |_| {})?;
                continue;
            }
            let mut at = 0;
            volumes.next_volume(points, |value| {
                visit(volume - rows.start, at, value);
                at += 1;
            })?;
        }
        // A damaged end is noticed even where it is not needed.
        while volumes.next_volume(&[], |_| {})? {}
        Ok(())
    }

    fn read_dense(
        &self,
        (rows, points): (&Range<usize>, &[usize]),
        mut visit: impl FnMut(usize, usize, f64),
    ) -> Result<(), IoError> {
        let file = DenseFile::open(&self.image)?;
        let mut at = 0;
        file.each_row(|point, values| {
            if points.get(at) == Some(&point) {
                let some = values.get(rows.clone()).unwrap_or_default();
                some.iter().enumerate().for_each(|(row, value)| visit(row, at, *value));
                at += 1;
            }
        })
    }

    /// Hands on the points from `start` on that lie in one hemisphere, whose first vertex is point `first`; returns how many
    /// vertices it has.
    fn read_hemisphere(
        &self,
        (path, side): (&Path, &str),
        (rows, points, start, first): (&Range<usize>, &[usize], usize, usize),
        visit: &mut impl FnMut(usize, usize, f64),
    ) -> Result<usize, IoError> {
        let series = gifti::read_series(path)?;
        let other = if side == "Left" { "Right" } else { "Left" };
        if let Some(structure) = series.structure.filter(|structure| structure.contains(other)) {
            let expected = format!("Cortex{side}, as the name of the file says");
            let remedy = "find out which is right, and rename or export the file again";
            return Err(IoError::malformed(path, Place::File, structure, expected, remedy));
        }
        let n_vertices = series.values.ncols();
        let end = points.partition_point(|point| *point < first + n_vertices);
        let volumes = rows.clone().zip(series.values.outer_iter().skip(rows.start));
        for (row, (_, values)) in volumes.enumerate() {
            for position in start..end {
                visit(row, position, f64::from(values[points[position] - first]));
            }
        }
        Ok(n_vertices)
    }
}

fn about_image(path: &Path) -> Result<About, IoError> {
    let volumes = Volumes::open(path)?;
    let header = volumes.header();
    Ok(About {
        layout: Layout::Grid(header.grid),
        n_volumes: header.n_volumes,
        repetition_time: header.repetition_time(),
        time: format!("pixdim[4] = {} {:?}", header.zooms[3], header.time_unit),
        step: header.step(),
        warnings: header.warnings(),
        notes: header.notes(),
    })
}

fn about_dense(path: &Path) -> Result<About, IoError> {
    let file = DenseFile::open(path)?;
    let Columns::Series { step } = file.columns else {
        let remedy = "name a recording (.dtseries.nii)";
        return Err(IoError::malformed(
            path,
            Place::File,
            "columns that are no volumes",
            "a recording",
            remedy,
        ));
    };
    Ok(About {
        n_volumes: file.n_columns(),
        repetition_time: step,
        time: step.map_or("no time in SeriesStep".to_owned(), |step| format!("SeriesStep = {step} s")),
        step: file.step(),
        layout: Layout::Dense(file.dense),
        warnings: Vec::new(),
        notes: Vec::new(),
    })
}
