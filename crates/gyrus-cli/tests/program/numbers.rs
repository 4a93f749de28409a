//! Numbers that look random, the same in every run.

/// Numbers between -1 and 1 that look random (Knuth's linear congruential generator).
pub struct Numbers(u64);

impl Numbers {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        let mut numbers = Self(seed);
        for _ in 0..4 {
            numbers.next();
        }
        numbers
    }

    /// The next number.
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 30) as f64 - 1.0
    }
}
