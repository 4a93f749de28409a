//! The kinds of noise ceilings, on which side of the truth each lies, and why there may be none.

/// Which estimate a ceiling is. Kinds are never mixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CeilingKind {
    /// Correlation with the mean of the others.
    LeaveOneOutIsc,
    /// Ridge from the others' mean responses.
    SharedResponse,
    /// Root of the mean correlation between two participants.
    RootPairwiseIsc,
    /// Root of one participant's reliability, from halves of the participants.
    SplitHalf,
    /// Correlation with the mean of endlessly many others, from a growing number of them.
    ExtrapolatedIsc,
    /// Root of the signal's share of the power of one repeat.
    SignalPower,
    /// Root of the signal's share of variance, from the variance between repeats.
    SignalToNoise,
}

/// On which side of the best reachable score an estimate lies, as the number of participants or repeats is finite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Too low on average: what it compares with is noisy itself.
    Lower,
    /// The limit itself where noise is independent, and too high where noise is shared.
    Upper,
}

/// Why there is no ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoCeiling {
    /// Fewer participants or repeats than the estimate needs.
    TooFew,
    /// A value is missing.
    Missing,
    /// Responses are constant in some fold.
    Constant,
    /// Participants, halves or repeats do not agree: no shared signal was found.
    NoSharedSignal,
    /// The curve over participants does not bend within those that there are.
    NoLimit,
}

impl CeilingKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::LeaveOneOutIsc,
        Self::SharedResponse,
        Self::RootPairwiseIsc,
        Self::SplitHalf,
        Self::ExtrapolatedIsc,
        Self::SignalPower,
        Self::SignalToNoise,
    ];

    /// The name that stands in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LeaveOneOutIsc => "leave_one_out_isc",
            Self::SharedResponse => "shared_response",
            Self::RootPairwiseIsc => "root_pairwise_isc",
            Self::SplitHalf => "split_half",
            Self::ExtrapolatedIsc => "extrapolated_isc",
            Self::SignalPower => "signal_power",
            Self::SignalToNoise => "signal_to_noise",
        }
    }

    /// Whether it is a lower or an upper estimate.
    #[must_use]
    pub fn bound(self) -> Bound {
        match self {
            Self::LeaveOneOutIsc | Self::SharedResponse => Bound::Lower,
            _ => Bound::Upper,
        }
    }

    /// Whether it comes from repeats of a stimulus by one participant; the others come from several participants.
    #[must_use]
    pub fn is_from_repeats(self) -> bool {
        matches!(self, Self::SignalPower | Self::SignalToNoise)
    }
}

impl Bound {
    /// The name that stands in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lower => "lower",
            Self::Upper => "upper",
        }
    }
}

impl NoCeiling {
    /// The code that stands in tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooFew => "too_few",
            Self::Missing => "missing",
            Self::Constant => "constant_in_fold",
            Self::NoSharedSignal => "no_shared_signal",
            Self::NoLimit => "no_limit",
        }
    }
}
