//! Elementwise arithmetic on the widest registers of this machine, with the same bits on every one of them.

/// Numbers that are summed side by side; the order of every sum is fixed by this, not by the machine.
const LANES: usize = 16;

/// Compiles `work` for the instruction set of this machine. Products and sums are never fused, so that bits do not
/// depend on it.
#[inline(always)]
pub(super) fn wide<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// eˣ to two units in the last place, by a polynomial after Cody and Waite's reduction (coefficients: Cephes `expf`).
///
/// Exponents are held to −87 and 88, so that neither zero nor infinity comes out; not a number stays that.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    // Added and taken away again, this rounds to a whole number and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let whole = shifted - ROUND;
    let r = x - whole * 0.693_359_4;
    let r = r + whole * 2.121_944_4e-4;
    let series = 1.987_569_1e-4_f32;
    let series = series * r + 1.398_199_9e-3;
    let series = series * r + 8.333_452e-3;
    let series = series * r + 4.166_579_6e-2;
    let series = series * r + 1.666_666_5e-1;
    let series = series * r + 0.5;
    let value = series * (r * r) + r + 1.0;
    f32::from_bits(value.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// tanh x to 1.2e-7.
#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (exp(2.0 * x) + 1.0)
}

/// erf x to 6e-7 (Abramowitz and Stegun 7.1.26).
#[inline(always)]
pub(super) fn erf(x: f32) -> f32 {
    let size = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * size);
    let series = 1.061_405_4_f32;
    let series = series * t - 1.453_152;
    let series = series * t + 1.421_413_8;
    let series = series * t - 0.284_496_74;
    let series = series * t + 0.254_829_6;
    let value = 1.0 - series * t * exp(-size * size);
    if x < 0.0 { -value } else { value }
}

/// Σ f(x).
#[inline(always)]
pub(super) fn sum(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            sums[lane] += f(chunk[lane]);
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|value| f(*value)).sum::<f32>()
}

/// The largest number.
#[inline(always)]
pub(super) fn largest(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut largest = [f32::NEG_INFINITY; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            largest[lane] = if chunk[lane] > largest[lane] { chunk[lane] } else { largest[lane] };
        }
    }
    largest.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_equal_those_of_libm() {
        for step in -160_000..160_000_i32 {
            let x = step as f32 / 2000.0;
            let relative = (f64::from(exp(x)) / libm::exp(f64::from(x)) - 1.0).abs();
            assert!(relative < 3e-7, "exp {x}: {relative}");
            assert!((f64::from(tanh(x)) - libm::tanh(f64::from(x))).abs() < 2e-7, "tanh {x}");
            assert!((f64::from(erf(x)) - libm::erf(f64::from(x))).abs() < 6e-7, "erf {x}");
        }
        assert!(exp(f32::NAN).is_nan() && tanh(f32::NAN).is_nan() && erf(f32::NAN).is_nan());
    }

    #[test]
    fn sums_and_maxima_hold_at_every_length() {
        for length in 0..70_u16 {
            let values: Vec<f32> = (0..length).map(|index| f32::from((index * 37) % 101)).collect();
            assert_eq!(sum(&values, |value| value), values.iter().sum::<f32>());
            assert_eq!(largest(&values), values.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        }
    }
}
