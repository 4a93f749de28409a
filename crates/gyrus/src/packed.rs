//! Whole numbers as short text, for pages that hold many of them.

use serde::{Deserialize, Serialize};

/// Numbers of one kind, each in as few bits as their range needs, six bits a character.
///
/// The code of a number is `value − least + 1`, that of a missing one 0. The highest bit of a code comes first; characters are
/// those of base64 (RFC 4648, table 1) without padding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// The smallest number.
    pub least: i32,
    /// Bits of a code; 0 where every number is missing.
    pub bits: u32,
    /// The codes.
    pub data: String,
}

const CHARACTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Packed {
    /// Packs numbers whose range is below 2²⁴: what a reader with whole numbers of 32 bits can take apart.
    #[must_use]
    pub fn of(values: &[Option<i32>]) -> Self {
        let known = || values.iter().flatten().copied();
        let (Some(least), Some(largest)) = (known().min(), known().max()) else { return Self::default() };
        let bits = u32::BITS - (largest.abs_diff(least) + 1).leading_zeros();
        let mut data = String::with_capacity(values.len() * bits as usize / 6 + 1);
        let (mut word, mut filled) = (0_u64, 0);
        for value in values {
            let code = value.map_or(0, |value| value.abs_diff(least) + 1);
            word = (word << bits) | u64::from(code);
            filled += bits;
            while filled >= 6 {
                filled -= 6;
                data.push(char::from(CHARACTERS[(word >> filled) as usize & 63]));
                word &= (1 << filled) - 1;
            }
        }
        if filled > 0 {
            data.push(char::from(CHARACTERS[(word << (6 - filled)) as usize & 63]));
        }
        Self { least, bits, data }
    }

    /// The first `count` numbers.
    #[must_use]
    pub fn values(&self, count: usize) -> Vec<Option<i32>> {
        if self.bits == 0 {
            return vec![None; count];
        }
        let place = |byte: u8| CHARACTERS.iter().position(|known| *known == byte).unwrap_or(0) as u64;
        let mut characters = self.data.bytes();
        let (mut word, mut filled) = (0_u64, 0);
        let next = |_| {
            while filled < self.bits {
                word = (word << 6) | place(characters.next()?);
                filled += 6;
            }
            filled -= self.bits;
            let code = (word >> filled) as u32;
            word &= (1 << filled) - 1;
            code.checked_sub(1).map(|above| self.least.wrapping_add_unsigned(above))
        };
        (0..count).map(next).collect()
    }

    /// Packs numbers as they are printed with so many decimals; what is not finite is missing.
    #[must_use]
    pub fn rounded(values: impl IntoIterator<Item = f64>, decimals: usize) -> Self {
        let digits = |value: f64| {
            // The digits that are printed, without the point.
            let printed = format!("{value:.decimals$}").replace('.', "");
            if value.is_finite() { printed.parse().ok() } else { None }
        };
        Self::of(&values.into_iter().map(digits).collect::<Vec<Option<i32>>>())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Takes numbers apart bit by bit, as written above.
    pub(crate) fn unpacked(packed: &Packed, count: usize) -> Vec<Option<i32>> {
        let bits: Vec<bool> = packed
            .data
            .bytes()
            .map(|byte| CHARACTERS.iter().position(|known| *known == byte).unwrap())
            .flat_map(|code| (0..6).rev().map(move |bit| code >> bit & 1 == 1))
            .collect();
        let code = |index: usize| {
            let start = index * packed.bits as usize;
            let own = &bits[start..start + packed.bits as usize];
            own.iter().fold(0, |code, bit| 2 * code + i32::from(*bit))
        };
        (0..count).map(|index| Some(code(index)).filter(|c| *c > 0).map(|c| packed.least + c - 1)).collect()
    }

    proptest! {
        #[test]
        fn numbers_come_back(values in prop::collection::vec(prop::option::of(-3000..9000_i32), 0..60)) {
            let packed = Packed::of(&values);
            prop_assert_eq!(&packed.values(values.len()), &values);
            prop_assert_eq!(unpacked(&packed, values.len()), values);
        }
    }

    #[test]
    fn numbers_are_rounded_as_they_are_printed() {
        let values = [0.1234, -0.1236, f64::NAN, -0.0001, 1.0];
        let expected = [Some(123), Some(-124), None, Some(0), Some(1000)];
        assert_eq!(unpacked(&Packed::rounded(values, 3), 5), expected);
        assert_eq!(Packed::rounded([f64::NAN; 3], 3), Packed::default());
    }

    #[test]
    fn a_known_text() {
        // Codes 1, 0, 4 in three bits: 001 000 100, filled up with zeros.
        let packed = Packed::of(&[Some(7), None, Some(10)]);
        assert_eq!(packed, Packed { least: 7, bits: 3, data: "Ig".to_owned() });
    }
}
