//! A score is held-out only: training rows have none.

use gyrus_core::Folds;
use gyrus_encoding::{Test, Train, scores};
use ndarray::Array2;

fn score(predictions: Train<Array2<f32>>, responses: Test<Array2<f32>>, folds: &Folds) {
    let _ = scores::correlation(&predictions, &responses, folds);
}

fn main() {}
