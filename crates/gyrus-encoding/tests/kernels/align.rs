//! Alignment against a naive double loop, impulses at known lags, and nilearn's haemodynamic response.

use gyrus_core::Word;
use gyrus_encoding::EncodingError;
use gyrus_encoding::align::{
    Aligned, Alignment, FrequencyTable, Method, features, glover, lanczos, log_frequency, position, series,
    speech_on, speech_onset, word_length, word_rate,
};
use ndarray::{Array2, array, s};
use proptest::prelude::*;

use crate::golden;
use crate::simulate::{noise, random, sampling, seconds, uniform, word};

const METHODS: [Method; 5] =
    [Method::Sum, Method::Mean, Method::Last, Method::Lanczos { lobes: 3 }, Method::Hrf];

fn alignment(method: Method, delays: &[f64]) -> Alignment {
    Alignment { method, delays: delays.iter().map(|delay| seconds(*delay)).collect(), centre: true }
}

fn story(seed: u64, count: usize) -> Vec<Word> {
    let mut random = random(seed);
    let mut time = 0.0;
    let mut next = || {
        let onset = time + 0.6 * uniform(&mut random) * uniform(&mut random);
        time = onset + 0.05 + 0.4 * uniform(&mut random);
        word("word", onset, time)
    };
    (0..count).map(|_| next()).collect()
}

/// The definition, word by word and sample by sample.
fn naive(vectors: &Array2<f32>, words: &[Word], grid: &gyrus_core::Sampling, how: &Alignment) -> Array2<f64> {
    let units = vectors.ncols();
    let tr = grid.interval.get();
    let mut made = Array2::zeros((grid.count, how.delays.len() * units));
    for (k, t) in grid.times().enumerate() {
        for (d, delay) in how.delays.iter().enumerate() {
            let t = t - delay.get();
            let inside: Vec<usize> = (0..words.len())
                .filter(|w| words[*w].onset.is_some_and(|o| ((o.get() - t) / tr + 1e-6).floor() == 0.0))
                .collect();
            for w in 0..words.len() {
                let Some(onset) = words[w].onset.map(|o| o.get()) else { continue };
                let mid = (onset + words[w].offset.map_or(onset, |o| o.get())) / 2.0;
                let has = inside.contains(&w);
                let weight = match how.method {
                    Method::Sum => f64::from(has),
                    Method::Mean => {
                        if has {
                            1.0 / inside.len() as f64
                        } else {
                            0.0
                        }
                    }
                    Method::Last => f64::from(inside.last() == Some(&w)),
                    Method::Lanczos { lobes } => lanczos((t + tr / 2.0 - mid) / tr, lobes),
                    _ => tr * glover(t - onset),
                };
                for u in 0..units {
                    made[(k, d * units + u)] += weight * f64::from(vectors[(w, u)]);
                }
            }
        }
    }
    made
}

#[test]
fn every_method_is_its_definition() {
    let mut words = story(3, 120);
    words[17].onset = None;
    words[40].offset = None;
    let vectors = noise(&mut random(4), 120, 3);
    for (first, interval, delays) in [(5.0, 2.0, vec![2.0, 4.0, 6.0]), (-1.3, 1.49, vec![0.0, 2.2, -1.49])] {
        let grid = sampling(first, interval, 25);
        for method in METHODS {
            let how = alignment(method, &delays);
            let made = features(vectors.view(), &words, &grid, &how).unwrap();
            let expected = naive(&vectors, &words, &grid, &how);
            for (place, value) in expected.indexed_iter() {
                assert!((f64::from(made.values[place]) - value).abs() < 1e-5, "{method:?} {place:?}");
            }
            let ones = naive(&Array2::ones((120, 1)), &words, &grid, &how);
            assert!(
                ones.indexed_iter().all(|(p, v)| (f64::from(made.ones[p]) - v).abs() < 1e-5),
                "{method:?}"
            );
        }
    }
}

#[test]
fn an_impulse_comes_back_at_its_delay() {
    let words = [word("tick", 26.5, 26.9)];
    let grid = sampling(20.0, 2.0, 30);
    for method in [Method::Sum, Method::Mean, Method::Last, Method::Lanczos { lobes: 3 }] {
        let made =
            features(array![[7.0]].view(), &words, &grid, &alignment(method, &[0.0, 2.0, 8.0])).unwrap();
        for (column, lag) in [0, 1, 4].into_iter().enumerate() {
            let largest =
                (0..30).max_by(|a, b| made.values[(*a, column)].total_cmp(&made.values[(*b, column)]));
            assert_eq!(largest, Some(3 + lag), "{method:?}: bin [26, 28) is sample 3");
        }
    }
    let made = features(array![[7.0]].view(), &words, &grid, &alignment(Method::Hrf, &[0.0])).unwrap();
    let largest = (0..30).max_by(|a, b| made.values[(*a, 0)].total_cmp(&made.values[(*b, 0)])).unwrap();
    assert!((grid.time(largest) - 26.5 - 5.1).abs() <= 1.0, "the response peaks five seconds after the word");
}

#[test]
fn a_border_belongs_to_the_bin_that_it_opens() {
    let words = [word("a", 20.0, 20.1), word("b", 22.0, 22.1), word("c", 23.9999, 24.0)];
    let made = features(
        array![[1.0], [10.0], [100.0]].view(),
        &words,
        &sampling(20.0, 2.0, 3),
        &alignment(Method::Sum, &[0.0]),
    );
    assert_eq!(made.unwrap().values, array![[1.0], [110.0], [0.0]]);
    let tenths: Vec<Word> =
        (0..40).map(|k| word("x", 0.1 * f64::from(k), 0.1 * f64::from(k) + 0.05)).collect();
    let made = features(
        word_rate(&tenths).view(),
        &tenths,
        &sampling(0.0, 0.1, 40),
        &alignment(Method::Sum, &[0.3]),
    );
    let expected = Array2::from_shape_fn((40, 1), |(k, _)| f32::from(u8::from(k >= 3)));
    assert_eq!(made.unwrap().values, expected, "times that are no binary fractions fall into their own bins");
}

#[test]
fn what_was_heard_before_the_first_sample_counts() {
    let words = [word("early", 13.0, 13.2)];
    let made =
        features(array![[5.0]].view(), &words, &sampling(20.0, 2.0, 3), &alignment(Method::Sum, &[2.0, 8.0]));
    assert_eq!(made.unwrap().values, array![[0.0, 5.0], [0.0, 0.0], [0.0, 0.0]]);
}

#[test]
fn the_haemodynamic_response_is_that_of_nilearn() {
    let golden = golden::read("haemodynamics");
    for (time, value) in golden::list(&golden["response_times"]).iter().zip(golden::list(&golden["response"]))
    {
        assert!((glover(*time) - value).abs() < 2e-4, "{time}: {} {value}", glover(*time));
    }
    let words: Vec<Word> = golden::list(&golden["onsets"]).iter().map(|o| word("w", *o, o + 0.1)).collect();
    let interval = golden::number(&golden["interval"]);
    let made = features(
        word_rate(&words).view(),
        &words,
        &sampling(0.0, interval, 60),
        &alignment(Method::Hrf, &[0.0]),
    )
    .unwrap();
    for (value, expected) in made.values.iter().zip(golden::list(&golden["regressor"])) {
        // nilearn: impulse height per bin of TR/1000 and unit sum; ours: unit sum per repetition time.
        assert!((f64::from(*value) - expected).abs() < 2e-3, "{value} {expected}");
    }
}

#[test]
fn centring_after_alignment_is_centring_of_word_vectors() {
    let words = story(8, 200);
    let vectors = noise(&mut random(9), 200, 4) + 3.0;
    let grid = sampling(10.0, 2.0, 25);
    for method in METHODS {
        let how = alignment(method, &[2.0, 5.0]);
        let made = features(vectors.view(), &words, &grid, &how).unwrap();
        let mean = made.word_mean(&(0..20).collect::<Vec<_>>()).unwrap();
        let moved = Array2::from_shape_fn(vectors.dim(), |(w, u)| vectors[(w, u)] - mean.values()[u] as f32);
        let expected = features(moved.view(), &words, &grid, &how).unwrap().values;
        let difference = (&made.centred(&mean) - &expected).mapv(f32::abs).into_iter().fold(0.0, f32::max);
        assert!(difference < 1e-4, "{method:?} {difference}");
        let pooled = made.centred(&mean).slice(s![..20, ..]).sum();
        assert!(pooled.abs() < 1e-2, "what the training rows see has mean zero: {pooled}");
    }
}

#[test]
fn the_word_mean_knows_nothing_of_words_outside_its_rows() {
    let words = story(8, 200);
    let mut vectors = noise(&mut random(9), 200, 2);
    let grid = sampling(0.0, 2.0, 40);
    let how = alignment(Method::Sum, &[2.0, 4.0]);
    let rows: Vec<usize> = (0..15).collect();
    let before = features(vectors.view(), &words, &grid, &how).unwrap().word_mean(&rows).unwrap();
    for (index, word) in words.iter().enumerate() {
        if word.onset.unwrap().get() >= 30.0 {
            vectors.row_mut(index).fill(1e30);
        }
    }
    let after = features(vectors.view(), &words, &grid, &how).unwrap().word_mean(&rows).unwrap();
    assert_eq!(before, after);
}

#[test]
fn the_mean_of_a_sum_is_the_mean_over_words() {
    let words = story(2, 90);
    let vectors = noise(&mut random(1), 90, 3);
    let made =
        features(vectors.view(), &words, &sampling(0.0, 2.0, 60), &alignment(Method::Sum, &[0.0])).unwrap();
    let mean = made.word_mean(&(0..60).collect::<Vec<_>>()).unwrap();
    for unit in 0..3 {
        let expected = vectors.column(unit).iter().map(|v| f64::from(*v)).sum::<f64>() / 90.0;
        assert!((mean.values()[unit] - expected).abs() < 1e-6);
    }
    let silent =
        features(vectors.view(), &words, &sampling(500.0, 2.0, 5), &alignment(Method::Sum, &[0.0])).unwrap();
    assert!(matches!(silent.word_mean(&[0, 1]), Err(EncodingError::NoWords { samples: 2 })));
}

#[test]
fn runs_stack_without_touching_each_other() {
    let words = story(5, 80);
    let vectors = noise(&mut random(6), 80, 2);
    let how = alignment(Method::Sum, &[2.0, 4.0]);
    let [one, other] =
        [0.0, 4.0].map(|first| features(vectors.view(), &words, &sampling(first, 2.0, 10), &how).unwrap());
    let both = Aligned::stack(&[one.clone(), other.clone()]).unwrap();
    assert_eq!(both.values.slice(s![..10, ..]), one.values);
    assert_eq!(both.values.slice(s![10.., ..]), other.values);
    let narrow = features(vectors.slice(s![.., ..1]), &words, &sampling(0.0, 2.0, 10), &how).unwrap();
    let error = Aligned::stack(&[one, narrow]).unwrap_err();
    assert!(
        matches!(error, EncodingError::RunMismatch { run: 1, found: (2, 1), expected: (2, 2) }),
        "{error}"
    );
    assert!(Aligned::stack(&[]).is_err());
}

#[test]
fn wrong_input_is_an_error_that_names_it() {
    let words = story(1, 4);
    let grid = sampling(0.0, 2.0, 5);
    let how = alignment(Method::Sum, &[2.0]);
    let mut vectors = Array2::zeros((4, 2));
    let error = features(vectors.slice(s![..3, ..]), &words, &grid, &how).unwrap_err();
    assert_eq!(error, EncodingError::WordMismatch { vectors: 3, words: 4 });
    assert_eq!(
        features(vectors.view(), &words, &grid, &alignment(Method::Sum, &[])),
        Err(EncodingError::NoDelay)
    );
    let flat = alignment(Method::Lanczos { lobes: 0 }, &[2.0]);
    assert_eq!(features(vectors.view(), &words, &grid, &flat), Err(EncodingError::NoLobe));
    vectors[(2, 1)] = f32::NAN;
    let error = features(vectors.view(), &words, &grid, &how).unwrap_err();
    assert!(matches!(error, EncodingError::NonFiniteVector { index: 2, .. }), "{error}");
}

#[test]
fn words_have_lengths_frequencies_and_onsets() {
    let mut words = vec![word("Alice's", 0.0, 0.5), word("don't", 0.5, 0.9), word("“Hm,”", 3.0, 3.2)];
    words.push(word("xyzzy", 3.2, 3.4));
    assert_eq!(word_length(&words), array![[6.0], [4.0], [2.0], [5.0]]);
    let table =
        FrequencyTable::new([("alice", 100.0), ("Don't", 60.0), ("don't", 40.0), ("hm", 8.0), ("bad", 0.0)]);
    assert_eq!(table.len(), 3);
    let logs = log_frequency(&words, &table);
    let expected = [100.0_f64, 100.0, 8.0, 4.0].map(|count| count.ln() as f32);
    assert_eq!(logs.values.column(0).to_vec(), expected);
    assert_eq!((logs.absent, logs.absent_value), (vec![3], 4.0_f64.ln()));
    assert_eq!(speech_onset(&words, seconds(1.0)), array![[1.0], [0.0], [1.0], [0.0]]);
}

#[test]
fn speech_fills_its_share_of_a_repetition_time() {
    let words = [word("a", 1.0, 1.5), word("b", 1.25, 2.5), word("c", 2.5, 3.0), word("d", 7.0, 9.0)];
    let on = speech_on(&words, &sampling(0.0, 2.0, 5), &[seconds(0.0), seconds(2.0)]);
    assert_eq!(on.column(0).to_vec(), [0.5, 0.5, 0.0, 0.5, 0.5]);
    assert_eq!(on.column(1).to_vec(), [0.0, 0.5, 0.5, 0.0, 0.5]);
    assert_eq!(position(5).column(0).to_vec(), [-1.0, -0.5, 0.0, 0.5, 1.0]);
}

#[test]
fn a_series_is_read_between_its_samples_and_says_where_it_ends() {
    let table = array![[0.0, 10.0], [1.0, 20.0], [2.0, 30.0]];
    let clock = sampling(20.0, 2.0, 3);
    let made = series(table.view(), &clock, &sampling(20.0, 1.0, 4), &[seconds(0.0), seconds(2.0)]).unwrap();
    assert_eq!(made.values.row(1).to_vec(), [0.5, 15.0, 0.0, 10.0]);
    assert_eq!(made.values.row(3).to_vec(), [1.5, 25.0, 0.5, 15.0]);
    assert_eq!(made.outside, 2);
    assert!(series(table.view(), &sampling(20.0, 2.0, 4), &clock, &[seconds(0.0)]).is_err());
}

#[test]
fn the_lanczos_window_has_its_closed_form() {
    let pi2 = std::f64::consts::PI.powi(2);
    // a sin(πu) sin(πu/a) / (π²u²), by hand.
    for (u, lobes, expected) in [
        (0.0, 3, 1.0),
        (0.5, 3, 6.0 / pi2),
        (-1.5, 3, -4.0 / (3.0 * pi2)),
        (2.5, 3, 0.24 / pi2),
        (0.5, 2, 4.0 * 2.0_f64.sqrt() / pi2),
        (0.25, 1, 8.0 / pi2),
        (2.0, 3, 0.0),
        (3.0, 3, 0.0),
        (3.5, 3, 0.0),
    ] {
        let found = lanczos(u, lobes);
        assert!((found - expected).abs() < 1e-15, "{u} {lobes}: {found} {expected}");
    }
}

#[test]
fn an_onset_within_a_millionth_of_a_repetition_time_of_a_border_is_on_it() {
    for (interval, first) in [(2.0, 20.0), (0.5, 20.0)] {
        for (short_of, sample) in [(0.75e-6, 1), (1.25e-6, 0)] {
            let onset = first + interval - short_of * interval;
            let words = [word("a", onset, onset + 0.1)];
            let grid = sampling(first, interval, 2);
            let made =
                features(array![[1.0]].view(), &words, &grid, &alignment(Method::Sum, &[0.0])).unwrap();
            let expected = Array2::from_shape_fn((2, 1), |(row, _)| f32::from(u8::from(row == sample)));
            assert_eq!(made.values, expected, "{interval} {short_of}");
        }
    }
}

#[test]
fn one_word_in_many_samples_has_a_mean_and_less_than_a_millionth_of_one_per_sample_has_none() {
    let words = [word("alone", 7.0, 7.5)];
    let made = features(
        array![[4.0, -2.0]].view(),
        &words,
        &sampling(0.0, 2.0, 30),
        &alignment(Method::Sum, &[0.0]),
    )
    .unwrap();
    let mean = made.word_mean(&(0..30).collect::<Vec<_>>()).unwrap();
    assert_eq!(mean.values(), &array![4.0, -2.0]);
    let faint = Aligned { values: Array2::from_elem((4, 1), 5e-7), ones: Array2::from_elem((4, 1), 5e-7) };
    assert!(matches!(faint.word_mean(&[0, 1, 2, 3]), Err(EncodingError::NoWords { samples: 4 })));
}

#[test]
fn an_empty_table_gives_every_word_zero_and_knows_none() {
    let table = FrequencyTable::new([("nought", 0.0)]);
    assert!(table.is_empty() && !FrequencyTable::new([("one", 1.0)]).is_empty());
    let logs = log_frequency(&[word("a", 0.0, 0.5), word("b", 0.5, 0.9)], &table);
    assert_eq!(logs.values, array![[0.0], [0.0]]);
    assert_eq!((logs.absent, logs.absent_value), (vec![0, 1], 0.0));
}

#[test]
fn a_word_that_ends_before_it_starts_is_not_heard() {
    let words = [word("a", 1.0, 1.5), word("b", 3.0, 2.5), word("c", 5.0, 5.0), word("d", 6.0, 7.0)];
    let on = speech_on(&words, &sampling(0.0, 2.0, 4), &[seconds(0.0)]);
    assert_eq!(on.column(0).to_vec(), [0.25, 0.0, 0.0, 0.5]);
}

#[test]
fn beyond_its_end_a_series_keeps_its_last_value() {
    let table = array![[0.0], [1.0], [2.0]];
    let clock = sampling(20.0, 2.0, 3);
    let made = series(table.view(), &clock, &sampling(20.0, 2.0, 5), &[seconds(0.0), seconds(2.0)]).unwrap();
    assert_eq!(made.values, array![[0.0, 0.0], [1.0, 0.0], [2.0, 1.0], [2.0, 2.0], [2.0, 2.0]]);
    // Samples 3 and 4 without delay, and samples 0 and 4 two seconds later.
    assert_eq!(made.outside, 4);
}

proptest! {
    #[test]
    fn moving_the_clock_moves_nothing(shift in -50.0..50.0_f64, seed in 0..50_u64) {
        let words = story(seed, 60);
        let moved: Vec<Word> = words
            .iter()
            .map(|w| word("word", w.onset.unwrap().get() + shift, w.offset.unwrap().get() + shift))
            .collect();
        let vectors = noise(&mut random(seed), 60, 2);
        for method in METHODS {
            let how = alignment(method, &[2.0, 4.0]);
            let here = features(vectors.view(), &words, &sampling(4.0, 2.0, 12), &how).unwrap().values;
            let there = features(vectors.view(), &moved, &sampling(4.0 + shift, 2.0, 12), &how).unwrap().values;
            prop_assert!((&here - &there).iter().all(|difference| difference.abs() < 1e-4), "{method:?}");
        }
    }

    #[test]
    fn a_delay_of_one_repetition_is_a_shift_of_one_sample(seed in 0..50_u64, interval in 0.4..3.0_f64) {
        let words = story(seed, 60);
        let vectors = noise(&mut random(seed), 60, 2);
        for method in METHODS {
            let how = alignment(method, &[0.0, interval]);
            let made = features(vectors.view(), &words, &sampling(0.0, interval, 15), &how).unwrap().values;
            prop_assert_eq!(made.slice(s![..14, ..2]), made.slice(s![1.., 2..]), "{:?}", method);
        }
    }

    #[test]
    fn alignment_is_linear(seed in 0..50_u64) {
        let words = story(seed, 40);
        let [a, b] = [1, 2].map(|k| noise(&mut random(seed * 10 + k), 40, 2));
        for method in METHODS {
            let how = alignment(method, &[2.0]);
            let align = |v: &Array2<f32>| features(v.view(), &words, &sampling(0.0, 1.7, 12), &how).unwrap().values;
            let difference = align(&(&a * 2.0 + &b)) - (align(&a) * 2.0 + align(&b));
            prop_assert!(difference.iter().all(|d| d.abs() < 1e-4), "{method:?}");
        }
    }
}
