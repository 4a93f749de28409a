//! Vectors of the words to come: what a listener who looks ahead would have.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, concatenate, s};

use crate::checkpoint::{shuffle, stream};

/// Windows of word vectors, and for which words they lie within the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Windows {
    /// Shape (n_words, n_words of a window · n_units); words beyond either end of the text are zeros.
    pub values: Array2<f32>,
    /// Words whose window has no word beyond either end.
    pub whole: Range<usize>,
}

/// The window of `count` words that ends at a distance d from each word:
///
/// X̄_d(n) = [A(w_{n+d−count+1}), …, A(w_{n+d})]
///
/// Caucheteux, Gramfort & King (2023) take seven words and distances from −10 to 30, and compare the score of
/// \[X, X̄_d\] with that of X: word n + d is about d divided by the word rate seconds ahead.
///
/// # Shapes
/// `vectors` is (n_words, n_units), in the order of the text.
///
/// # References
/// - Caucheteux, Gramfort & King (2023), Nature Human Behaviour 7, 430-441, doi 10.1038/s41562-022-01516-2.
#[must_use]
pub fn forecast_windows(vectors: ArrayView2<'_, f32>, distance: i64, count: usize) -> Windows {
    let (words, count) = (vectors.nrows() as i64, count as i64);
    // Position p of a window holds word n + shift.
    let shifts = (0..count).map(|position| distance - count + 1 + position);
    let shifted: Vec<Array2<f32>> = shifts.map(|shift| moved(vectors, shift)).collect();
    let views: Vec<ArrayView2<'_, f32>> = shifted.iter().map(|part| part.view()).collect();
    let values = concatenate(Axis(1), &views).unwrap_or_else(|_| Array2::zeros((words as usize, 0)));
    let first = (count - 1 - distance).clamp(0, words);
    let end = (words - distance.max(0)).clamp(first, words);
    Windows { values, whole: first as usize..end as usize }
}

/// The same windows, each up to a word of the text, at random words: a control with the same units, spectrum of units and
/// number of words in which nothing stands where it was heard.
///
/// # Shapes
/// As [`forecast_windows`]; every word of the text has the window of one other word, or of itself.
#[must_use]
pub fn random_windows(vectors: ArrayView2<'_, f32>, count: usize, (seed, text): (u64, &str)) -> Array2<f32> {
    let mut order: Vec<usize> = (0..vectors.nrows()).collect();
    shuffle(&mut order, &mut stream(seed, "random windows", text));
    forecast_windows(vectors, 0, count).values.select(Axis(0), &order)
}

/// Row n is row n + shift of the vectors, or zeros.
fn moved(vectors: ArrayView2<'_, f32>, shift: i64) -> Array2<f32> {
    let words = vectors.nrows() as i64;
    let (from, until) = (shift.clamp(0, words), (words + shift).clamp(0, words));
    let mut rows = Array2::zeros(vectors.raw_dim());
    if from < until {
        let (from, until) = (from as usize, until as usize);
        let to = (from as i64 - shift) as usize;
        rows.slice_mut(s![to..to + until - from, ..]).assign(&vectors.slice(s![from..until, ..]));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Word by word, as the formula reads.
    fn plain(vectors: &Array2<f32>, distance: i64, count: i64) -> (Vec<Vec<f32>>, Vec<bool>) {
        let word =
            |word: i64| (0..vectors.nrows() as i64).contains(&word).then(|| vectors.row(word as usize));
        (0..vectors.nrows() as i64)
            .map(|n| {
                let window: Vec<_> = (n + distance - count + 1..=n + distance).map(word).collect();
                let whole = window.iter().all(Option::is_some);
                let zeros = vec![0.0; vectors.ncols()];
                let row = window.iter().flat_map(|word| word.map_or(zeros.clone(), |row| row.to_vec()));
                (row.collect(), whole)
            })
            .unzip()
    }

    #[test]
    fn random_windows_are_those_of_the_text_in_another_order() {
        let vectors = Array2::from_shape_fn((40, 2), |(word, unit)| (10 * word + unit) as f32 + 1.0);
        let rows = |values: &Array2<f32>| -> Vec<Vec<u32>> {
            values.rows().into_iter().map(|row| row.iter().map(|value| value.to_bits()).collect()).collect()
        };
        let random = |seed, text| rows(&random_windows(vectors.view(), 3, (seed, text)));
        let mut in_order = rows(&forecast_windows(vectors.view(), 0, 3).values);
        let mut found = random(1, "a");
        assert_eq!(found, random(1, "a"));
        assert!(found != random(2, "a") && found != random(1, "b") && found != in_order);
        found.sort();
        in_order.sort();
        assert_eq!(found, in_order);
    }

    #[test]
    fn windows_are_as_the_formula_reads() {
        let vectors = Array2::from_shape_fn((12, 3), |(word, unit)| (10 * word + unit) as f32 + 1.0);
        for count in [1, 2, 7, 15] {
            for distance in [-20, -10, -1, 0, 1, 3, 8, 12, 30] {
                let windows = forecast_windows(vectors.view(), distance, count);
                let (rows, whole) = plain(&vectors, distance, count as i64);
                for (word, row) in rows.iter().enumerate() {
                    assert_eq!(windows.values.row(word).to_vec(), *row, "{count} {distance} {word}");
                    assert_eq!(windows.whole.contains(&word), whole[word], "{count} {distance} {word}");
                }
            }
        }
    }
}
