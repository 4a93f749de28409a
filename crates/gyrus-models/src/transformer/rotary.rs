//! Rotary positions: pairs of units turn with the place of their token (Su et al. 2021).

/// How fast each pair of units turns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Frequencies {
    /// The same for texts of any length.
    Fixed(Vec<f32>),
    /// One set up to a length in tokens, another beyond (Ding et al. 2024).
    ByLength {
        /// The last length of the first set.
        limit: usize,
        /// Up to it.
        short: Vec<f32>,
        /// Beyond it.
        long: Vec<f32>,
    },
}

/// Rotary positions of some blocks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rotary {
    /// Radians per token for each pair of units; units of a head behind the pairs do not turn.
    pub frequencies: Frequencies,
    /// What cosines and sines are multiplied with.
    pub scale: f32,
}

/// Cosines and sines per place and pair of units.
pub(crate) struct Turns {
    cosines: Vec<f32>,
    sines: Vec<f32>,
    pairs: usize,
}

impl Rotary {
    /// Turns of the first `places` places in a text that may hold `length` tokens.
    pub(crate) fn turns(&self, places: usize, length: usize) -> Turns {
        let frequencies = match &self.frequencies {
            Frequencies::Fixed(frequencies) => frequencies,
            Frequencies::ByLength { limit, short, .. } if length <= *limit => short,
            Frequencies::ByLength { long, .. } => long,
        };
        let pairs = frequencies.len();
        // Products in single precision, as language models were trained with.
        let angle = |index: usize| f64::from((index / pairs) as f32 * frequencies[index % pairs]);
        let scaled = |value: f64| value as f32 * self.scale;
        Turns {
            cosines: (0..places * pairs).map(|index| scaled(libm::cos(angle(index)))).collect(),
            sines: (0..places * pairs).map(|index| scaled(libm::sin(angle(index)))).collect(),
            pairs,
        }
    }
}

impl Turns {
    /// Cosines and sines, each of shape (places, pairs), and the number of pairs.
    #[cfg(feature = "candle")]
    pub(super) fn parts(&self) -> (&[f32], &[f32], usize) {
        (&self.cosines, &self.sines, self.pairs)
    }

    /// Turns one head at one place; unit i pairs with unit i + pairs.
    #[inline(always)]
    pub(super) fn turn(&self, place: usize, head: &mut [f32]) {
        let angles = place * self.pairs..(place + 1) * self.pairs;
        let (cosines, sines) = (&self.cosines[angles.clone()], &self.sines[angles]);
        let (first, rest) = head.split_at_mut(self.pairs);
        let pairs = first.iter_mut().zip(rest).zip(cosines.iter().zip(sines));
        for ((first, second), (cosine, sine)) in pairs {
            let (a, b) = (*first, *second);
            *first = a * cosine - b * sine;
            *second = b * cosine + a * sine;
        }
    }
}
