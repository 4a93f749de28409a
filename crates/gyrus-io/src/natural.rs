//! The order in which people number things: ses-2 comes before ses-10.

use std::cmp::Ordering;

/// Compares two names, runs of digits by their value; equal values (`run-1`, `run-01`) by their text.
#[must_use]
pub fn natural_order(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left, right);
    loop {
        let (Some(first), Some(second)) = (a.chars().next(), b.chars().next()) else {
            return a.len().cmp(&b.len()).then_with(|| left.cmp(right));
        };
        let order = if first.is_ascii_digit() && second.is_ascii_digit() {
            let (number, rest) = split_digits(a);
            let (other, other_rest) = split_digits(b);
            (a, b) = (rest, other_rest);
            number.len().cmp(&other.len()).then_with(|| number.cmp(other))
        } else {
            (a, b) = (&a[first.len_utf8()..], &b[second.len_utf8()..]);
            first.cmp(&second)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The leading digits without their zeros, and what follows.
fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_compare_by_value() {
        let mut names =
            vec!["ses-10", "ses-2", "ses-1", "run-01", "run-1", "a_comp_cor_100", "a_comp_cor_11"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["a_comp_cor_11", "a_comp_cor_100", "run-01", "run-1", "ses-1", "ses-2", "ses-10"]);
    }

    proptest! {
        #[test]
        fn it_is_a_total_order(names in proptest::collection::vec("[a0-1é]{0,4}", 3)) {
            let [a, b, c] = [&names[0], &names[1], &names[2]];
            prop_assert_eq!(natural_order(a, b), natural_order(b, a).reverse());
            prop_assert_eq!(natural_order(a, b) == Ordering::Equal, a == b);
            if natural_order(a, b).is_le() && natural_order(b, c).is_le() {
                prop_assert!(natural_order(a, c).is_le());
            }
        }
    }
}
