//! Which words belong to a repetition time: those whose onset lies in [t, t + TR).

/// A fraction of the repetition time: an onset that misses a border by rounding is on it.
const ROUNDING: f64 = 1e-6;

pub(super) fn sum(words: &[(f64, usize)], time: f64, repetition: f64) -> Vec<(usize, f64)> {
    inside(words, time, repetition).iter().map(|(_, word)| (*word, 1.0)).collect()
}

pub(super) fn mean(words: &[(f64, usize)], time: f64, repetition: f64) -> Vec<(usize, f64)> {
    let inside = inside(words, time, repetition);
    inside.iter().map(|(_, word)| (*word, 1.0 / inside.len() as f64)).collect()
}

pub(super) fn last(words: &[(f64, usize)], time: f64, repetition: f64) -> Vec<(usize, f64)> {
    inside(words, time, repetition).last().map(|(_, word)| (*word, 1.0)).into_iter().collect()
}

fn inside(words: &[(f64, usize)], time: f64, repetition: f64) -> &[(f64, usize)] {
    let from = words.partition_point(|(onset, _)| (onset - time) / repetition < -ROUNDING);
    let to = words.partition_point(|(onset, _)| (onset - time) / repetition < 1.0 - ROUNDING);
    &words[from..to]
}
