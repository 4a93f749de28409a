//! What can be wrong with numbers that are handed to this crate.

/// A request that cannot be computed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodingError {
    /// Word vectors that do not stand for the words.
    #[error("{vectors} word vectors for {words} words, expected one vector per word")]
    WordMismatch {
        /// Vectors found.
        vectors: usize,
        /// Words of the stimulus.
        words: usize,
    },
    /// A word vector with a value that is not a number.
    #[error("the vector of word {index} (`{text}`) holds NaN or infinity, expected finite activations")]
    NonFiniteVector {
        /// Index of the word, from 0.
        index: usize,
        /// Its text.
        text: String,
    },
    /// An alignment without delays.
    #[error("found no delay, expected at least one, such as \"4 s\"")]
    NoDelay,
    /// A Lanczos window without lobes.
    #[error("found a Lanczos window of 0 lobes, expected at least 1; 3 is usual")]
    NoLobe,
    /// Rows in which no word is heard.
    #[error(
        "no word is heard in any of {samples} samples: check the stimulus time of the first volume, or do not centre"
    )]
    NoWords {
        /// Samples looked at.
        samples: usize,
    },
    /// Runs that cannot stand under each other.
    #[error(
        "run {run} has {} delays of {} units, expected {} of {} as in the first run",
        found.0, found.1, expected.0, expected.1
    )]
    RunMismatch {
        /// Index of the run, from 0.
        run: usize,
        /// Its delays and units.
        found: (usize, usize),
        /// Those of the first run.
        expected: (usize, usize),
    },
    /// Two things that should have the same samples.
    #[error("found {found} samples, expected {expected}")]
    SampleMismatch {
        /// Samples found.
        found: usize,
        /// Samples expected.
        expected: usize,
    },
    /// A triangle with a corner that is no vertex.
    #[error("triangle {triangle} has vertex {found}, expected one of {vertices} vertices, numbered from 0")]
    Vertex {
        /// Index of the triangle, from 0.
        triangle: usize,
        /// The vertex it names.
        found: usize,
        /// Number of vertices.
        vertices: usize,
    },
    /// Two things that should have the same targets.
    #[error("found {found} targets, expected {expected}")]
    TargetMismatch {
        /// Targets found.
        found: usize,
        /// Targets expected.
        expected: usize,
    },
    /// Features of other columns than those that were fitted.
    #[error("found {found} columns of features, expected {expected} as in the fit")]
    ColumnMismatch {
        /// Columns found.
        found: usize,
        /// Columns of the fit.
        expected: usize,
    },
    /// Scores of other participants than the signs.
    #[error("found scores of {found} participants, expected {expected}, one per sign")]
    ParticipantMismatch {
        /// Participants found.
        found: usize,
        /// Participants expected.
        expected: usize,
    },
    /// A value that is NaN or infinite.
    #[error("the value in row {row}, column {column} is NaN or infinite, expected a finite number")]
    NonFinite {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
    },
    /// Counts of different permutations.
    #[error(
        "counts of {found} permutations cannot join counts of {expected}: use the same permutations for every block of targets"
    )]
    PermutationMismatch {
        /// Permutations of the block that was to join.
        found: usize,
        /// Permutations of the first.
        expected: usize,
    },
    /// A probability outside 0 to 1.
    #[error("p value {index} is {found}, expected a number from 0 to 1, or NaN where there was no test")]
    Probability {
        /// Index, from 0.
        index: usize,
        /// Value found.
        found: f64,
    },
    /// Too many regressors for the samples of a run.
    #[error(
        "{samples} samples less {rank} regressors (constant included) leave {left} degrees of freedom, expected at least {needed}: use fewer confounds, a longer high-pass period or a longer run"
    )]
    DegreesOfFreedom {
        /// Samples of the run.
        samples: usize,
        /// Dimensions projected out.
        rank: usize,
        /// What is left.
        left: usize,
        /// What is needed.
        needed: usize,
    },
    /// Regressors of another shape than the run's.
    #[error(
        "regressors `{group}` have {} rows and {} columns, expected {} and {}",
        found.0, found.1, expected.0, expected.1
    )]
    RegressorShape {
        /// Name of the group.
        group: String,
        /// Rows and columns found.
        found: (usize, usize),
        /// Rows of the run, and names of columns.
        expected: (usize, usize),
    },
    /// A regressor that is not a number somewhere.
    #[error(
        "regressor `{column}` of `{group}` is NaN or infinite in row {row}, expected finite numbers: leave it out or fill it in"
    )]
    RegressorNonFinite {
        /// Name of the group.
        group: String,
        /// Name of the column.
        column: String,
        /// Row, from 0.
        row: usize,
    },
    /// Motion parameters that are not six.
    #[error("found {found} motion parameters, expected 6: three translations and three rotations")]
    MotionColumns {
        /// Columns found.
        found: usize,
    },
    /// A recording of heart or breath from which nothing can be computed.
    #[error("found {found}, expected {expected}")]
    Recording {
        /// What is there.
        found: String,
        /// What should be.
        expected: &'static str,
    },
    /// Too few people for something between people.
    #[error("found {found} participants, expected at least {needed}")]
    TooFewParticipants {
        /// Participants found.
        found: usize,
        /// Participants needed.
        needed: usize,
    },
    /// Participants whose responses cannot be compared.
    #[error(
        "participant {participant} has {} samples of {} targets, expected {} of {} as the first has",
        found.0, found.1, expected.0, expected.1
    )]
    ParticipantShape {
        /// Index, from 0.
        participant: usize,
        /// Samples and targets found.
        found: (usize, usize),
        /// Those of the first participant.
        expected: (usize, usize),
    },
    /// Fewer repeats of a stimulus than two.
    #[error("found {found} repeats of a stimulus, expected at least 2: noise is what differs between them")]
    TooFewRepeats {
        /// Repeats found.
        found: usize,
    },
    /// Repeats whose responses cannot be compared.
    #[error(
        "repeat {repeat} has {} samples of {} targets, expected {} of {}: repeats are of the same samples",
        found.0, found.1, expected.0, expected.1
    )]
    RepeatShape {
        /// Index, from 0.
        repeat: usize,
        /// Samples and targets found.
        found: (usize, usize),
        /// Those of the first repeat, at least two samples.
        expected: (usize, usize),
    },
    /// A list that is not of the regions.
    #[error("found values of {found} regions, expected {expected}: one per region, NaN where there is none")]
    RegionMismatch {
        /// Regions found.
        found: usize,
        /// Regions expected.
        expected: usize,
    },
    /// Positions that are not those of the regions.
    #[error(
        "found positions of {} regions with {} coordinates, expected {expected} regions with 3: x, y, z", found.0, found.1
    )]
    PlaceMismatch {
        /// Rows and columns found.
        found: (usize, usize),
        /// Regions expected.
        expected: usize,
    },
    /// A region whose position says nothing.
    #[error(
        "the position of region {region} is NaN, infinite, or the centre of the sphere, expected finite coordinates: leave the region out (NaN as its reference)"
    )]
    NoPlace {
        /// Index of the region, from 0.
        region: usize,
    },
    /// Regions without nearer and further ones.
    #[error(
        "the nearest pairs of {regions} regions are all equally far from each other, expected nearer and further ones: check the coordinates"
    )]
    EqualPlaces {
        /// Number of regions.
        regions: usize,
    },
    /// No region to measure distances from.
    #[error(
        "found {}, expected at least one primary region, numbered from 0 to {}",
        found.map_or("no primary region".to_owned(), |found| format!("primary region {found}")), regions.saturating_sub(1)
    )]
    NoPrimary {
        /// An index that is no region.
        found: Option<usize>,
        /// Number of regions.
        regions: usize,
    },
    /// Fewer conditions or samples than a comparison of patterns needs.
    #[error("found {found} {what}, expected at least {needed}")]
    TooFewPatterns {
        /// What there is too little of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are needed.
        needed: usize,
    },
    /// Patterns of other conditions.
    #[error("{what} {index} has shape {found:?}, expected {expected:?} as the first has")]
    PatternShape {
        /// What was compared.
        what: &'static str,
        /// Which of them, from 0.
        index: usize,
        /// Its shape.
        found: (usize, usize),
        /// The shape of the first.
        expected: (usize, usize),
    },
    /// A row or column without variance.
    #[error("{what} {index} is the same everywhere, expected values that differ: leave it out")]
    ConstantPattern {
        /// Whether a condition or a column.
        what: &'static str,
        /// Which, from 0.
        index: usize,
    },
    /// A penalty that is not positive.
    #[error("found a penalty of {found}, expected positive and finite ones")]
    Penalty {
        /// The penalty.
        found: f64,
    },
    /// Mixtures that do not fit the bands.
    #[error(
        "the mixtures of fold {fold} do not fit {bands} bands: expected one weight per band, at least 0, with sum 1"
    )]
    Mixture {
        /// Index of the outer fold.
        fold: usize,
        /// Number of bands.
        bands: usize,
    },
    /// A row that would be fitted to and judged.
    #[error("row {row} is held out of this fold but stands on its other side too: rows must be on one side")]
    Leak {
        /// Row, from 0.
        row: usize,
    },
    /// A band without columns.
    #[error("band `{band}` has no columns, expected at least one feature")]
    NoFeatures {
        /// Its name.
        band: String,
    },
    /// A decomposition that does not reconstruct its matrix.
    #[error(
        "the eigendecomposition of a {size} × {size} matrix leaves a relative residual of {residual:.1e}, expected less than {tolerance:.1e}: look for NaN, infinite or extremely scaled features"
    )]
    Decomposition {
        /// Rows of the matrix.
        size: usize,
        /// Residual of the fallback.
        residual: f64,
        /// What is allowed.
        tolerance: f64,
    },
    /// A kernel that is not positive definite even with its penalty.
    #[error("a kernel with penalty {alpha} is not positive definite: use larger penalties")]
    NotPositive {
        /// The penalty.
        alpha: f64,
    },
    /// A planted layer that is not among those given.
    #[error("layer {layer} drives a region, but its word vectors were not given")]
    NoLayer {
        /// Index of the layer.
        layer: usize,
    },
    /// A model of all rows of a band that folds would reduce.
    #[error(
        "band `{band}` asks for principal components, which every fold has its own of; expected none in a model of all rows: reduce the features first"
    )]
    Components {
        /// Name of the band.
        band: String,
    },
    /// The user asked to stop.
    #[error("interrupted before the work was done: nothing was kept")]
    Interrupted,
    /// A value that the vocabulary does not allow.
    #[error(transparent)]
    Value(#[from] gyrus_core::CoreError),
}
