//! Held-out samples cannot reach anything that is fitted: not by type, and not by value.

use gyrus_core::{Fold, FoldRule, Folds, InMemory};
use gyrus_encoding::ridge::{self, FittedBlock};

use super::simulate::{Random, backend, design, folds, one_run, settings};

#[test]
fn what_would_leak_does_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ridge/compile_fail/*.rs");
}

/// Absurd held-out rows of one fold change neither its penalties nor what it predicts from sound features.
#[test]
fn absurd_held_out_rows_change_no_fitted_number() {
    for columns in [10, 80, 300] {
        let mut random = Random::new(21);
        let x = random.matrix(200, columns);
        let y = random.responses(&x, 5, 1.0);
        let folds = folds(200, 2);
        let (settings, backend) = (settings(&[0.1, 10.0, 1e3, 1e5]), backend(2));
        let fitted = |x: &ndarray::Array2<f32>, y: &ndarray::Array2<f32>, fold: usize| {
            let bands = design(&[x]).prepare();
            let split = gyrus_encoding::Split::of(&folds.as_slice()[fold]).unwrap();
            let inner = folds.inner(fold, 3).unwrap();
            let mixtures = vec![vec![1.0]];
            let judged = ridge::choose_penalties(
                &backend,
                &bands,
                (&split.train, &inner),
                (&settings, &mixtures),
                &InMemory(y.clone()),
            );
            let scaler = ridge::Scaler::fit(&bands[0], &split.train);
            (judged.unwrap(), format!("{scaler:?}"))
        };
        for (fold, division) in folds.as_slice().iter().enumerate() {
            let (mut absurd_x, mut absurd_y) = (x.clone(), y.clone());
            let gap = (0..200).filter(|row| !division.train.contains(row) && !division.test.contains(row));
            for row in division.test.iter().copied().chain(gap) {
                absurd_x.row_mut(row).fill(1e30);
                absurd_y.row_mut(row).fill(1e30);
            }
            let (sound, absurd) = (fitted(&x, &y, fold), fitted(&absurd_x, &absurd_y, fold));
            assert_eq!(sound.1, absurd.1, "{columns} columns, fold {fold}: the scaler");
            assert_eq!(sound.0.alpha, absurd.0.alpha, "{columns} columns, fold {fold}: penalties");
            let bits = |scores: &[f64]| scores.iter().map(|score| score.to_bits()).collect::<Vec<_>>();
            assert_eq!(
                bits(&sound.0.score),
                bits(&absurd.0.score),
                "{columns} columns, fold {fold}: inner scores"
            );
        }
    }
}

/// Predictions of a fold depend on its training responses only.
#[test]
fn absurd_held_out_responses_change_no_prediction() {
    let mut random = Random::new(22);
    let x = random.matrix(200, 60);
    let y = random.responses(&x, 5, 1.0);
    let folds = folds(200, 2);
    let last = folds.as_slice()[3].clone();
    let mut absurd = y.clone();
    last.test.iter().for_each(|row| absurd.row_mut(*row).fill(1e30));
    let predictions = |y: &ndarray::Array2<f32>| {
        let mut found = Vec::new();
        let mut sink = |block: FittedBlock| {
            found.extend(last.test.iter().flat_map(|row| block.predictions.get().row(*row).to_vec()));
            Ok(())
        };
        let targets = InMemory(y.clone());
        ridge::fit(&backend(1), &design(&[&x]), &folds, &settings(&[1.0, 100.0]), (&targets, &mut sink))
            .unwrap();
        found.iter().map(|p| p.to_bits()).collect::<Vec<u32>>()
    };
    assert_eq!(predictions(&y), predictions(&absurd));
}

#[test]
fn inner_folds_with_held_out_rows_are_refused() {
    let folds = Folds::new(&one_run(80), &FoldRule::Blocks { count: 4, gap: 2 }).unwrap();
    let split = gyrus_encoding::Split::of(&folds.as_slice()[0]).unwrap();
    let held_out = folds.as_slice()[0].test[0];
    let leaking = [Fold { train: folds.as_slice()[0].train.clone(), test: vec![held_out] }];
    let error = split.train.divide(&leaking).unwrap_err();
    assert!(error.to_string().contains("row 0"), "{error}");
}
