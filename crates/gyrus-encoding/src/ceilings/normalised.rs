//! Scores as shares of a noise ceiling: ratios of means over the same cells, never clamped.

/// Ceilings below this divide nothing: noise in so small a number would decide the ratio.
pub const LEAST_CEILING: f64 = 0.05;

/// Why a score is not divided by a ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotNormalised {
    /// No cell has both a score and a ceiling.
    NoCeiling,
    /// Fewer than half of the cells with a score have a ceiling: the rest says nothing about the mean.
    FewCeilings,
    /// The mean ceiling is below [`LEAST_CEILING`].
    TooSmall,
}

impl NotNormalised {
    /// The code that stands in tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoCeiling => "no_ceiling",
            Self::FewCeilings => "few_ceilings",
            Self::TooSmall => "ceiling_too_small",
        }
    }
}

/// A mean score and a mean ceiling over the same cells: those of participants and targets that have both.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Mean score over the cells with both; NaN without one.
    pub score: f64,
    /// Mean ceiling over the same cells.
    pub ceiling: f64,
    /// Number of cells with both.
    pub cells: usize,
    /// Number of cells with a score and no ceiling.
    pub left_out: usize,
}

impl Share {
    /// score / ceiling, unclamped.
    ///
    /// It may be negative, and above 1: a ceiling is an estimate, and a lower one is meant to be exceeded. It is not the
    /// mean of ratios, in which cells with small ceilings would decide.
    ///
    /// # Errors
    /// - [`NotNormalised`]: what is missing.
    pub fn normalised(&self) -> Result<f64, NotNormalised> {
        match self.ceiling {
            _ if self.cells == 0 => Err(NotNormalised::NoCeiling),
            _ if self.cells < self.left_out => Err(NotNormalised::FewCeilings),
            ceiling if ceiling < LEAST_CEILING => Err(NotNormalised::TooSmall),
            ceiling => Ok(self.score / ceiling),
        }
    }
}
