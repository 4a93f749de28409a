//! Rotary positions: pairs of units turn with the place of their token (Su et al. 2021).

use ndarray::Array2;

/// Cosines and sines per place and pair of units.
pub(crate) struct Rotary {
    cosines: Vec<f32>,
    sines: Vec<f32>,
    half: usize,
}

impl Rotary {
    /// Angles of `places` places for heads of `width` units.
    pub(crate) fn new(places: usize, width: usize, theta: f64) -> Self {
        let half = width / 2;
        let angle = |index: usize| {
            let (place, pair) = (index / half, index % half);
            // Single precision, as the language models were trained with.
            let inverse = (1.0 / libm::pow(theta, 2.0 * pair as f64 / width as f64)) as f32;
            f64::from(place as f32 * inverse)
        };
        let cosines = (0..places * half).map(|index| libm::cos(angle(index)) as f32).collect();
        let sines = (0..places * half).map(|index| libm::sin(angle(index)) as f32).collect();
        Self { cosines, sines, half }
    }

    /// Turns every head of every row; unit i pairs with unit i + half of the same head.
    pub(crate) fn turn(&self, states: &mut Array2<f32>) {
        for (place, mut row) in states.rows_mut().into_iter().enumerate() {
            let angles = place * self.half..(place + 1) * self.half;
            let (cosines, sines) = (&self.cosines[angles.clone()], &self.sines[angles]);
            let Some(row) = row.as_slice_mut() else { continue };
            for head in row.chunks_mut(2 * self.half) {
                let (first, second) = head.split_at_mut(self.half);
                for pair in 0..self.half {
                    let (a, b) = (first[pair], second[pair]);
                    first[pair] = a * cosines[pair] - b * sines[pair];
                    second[pair] = b * cosines[pair] + a * sines[pair];
                }
            }
        }
    }
}
