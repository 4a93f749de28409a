//! Answers in plain words: beyond, not beyond with the margin, or cannot tell.

use gyrus_encoding::diagnostics::PLAUSIBLE_LAGS;

use super::language_model::ContextualChoice;
use crate::results::{BestLayer, Estimate, LanguageModelResults, Outcome, ProfileRow, Verdict};

/// Differences of correlation smaller than this are called no effect.
pub(super) const EQUIVALENCE_MARGIN: f64 = 0.02;

/// The verdicts of one language model. Every p is corrected over layers, because a choice among layers came before it.
pub(super) fn verdicts(
    results: &LanguageModelResults,
    contextual: Option<&ContextualChoice>,
    lag: Option<f64>,
) -> Vec<Verdict> {
    let Some(best) = results.best_layer.iter().find(|best| best.region.is_none()) else { return Vec::new() };
    let row_of = |layer: usize| results.profile.iter().find(|row| row.region.is_none() && row.layer == layer);
    let gain_p = row_of(best.layer).map(|row| row.unique_gain_tests.p_stimulus_corrected);
    let verdict = |question: &str, (outcome, sentence): (Outcome, String)| Verdict {
        language_model: results.name.clone(),
        question: question.to_owned(),
        outcome,
        sentence,
    };
    let mut verdicts =
        vec![verdict("word rate", compare(&best.unique_gain, gain_p, "the low-level baseline"))];
    if let Some(beyond) = &best.beyond_untrained {
        verdicts.push(verdict("untrained", compare(beyond, None, "its untrained copies")));
    }
    if let Some(contextual) = contextual {
        let tests = row_of(contextual.layer).and_then(|row| row.contextual_gain_tests);
        let p = tests.map(|tests| tests.p_stimulus_corrected);
        verdicts.push(verdict("layer 0", compare(&contextual.gain, p, "its own embedding (layer 0)")));
    }
    if let Some(lag) = lag {
        verdicts.push(verdict("alignment", alignment(lag)));
    }
    verdicts
}

fn compare(estimate: &Estimate, p: Option<f64>, control: &str) -> (Outcome, String) {
    let (people, story) = (&estimate.over_participants, &estimate.over_stimulus);
    let surprising = p.is_none_or(|p| p < 0.05);
    let outcome = if !estimate.stimulus_interval_reliable {
        Outcome::CannotTell
    } else if people.low > 0.0 && story.low > 0.0 && surprising {
        Outcome::Beyond
    } else if people.high < EQUIVALENCE_MARGIN && story.high < EQUIVALENCE_MARGIN {
        Outcome::NotBeyond
    } else {
        Outcome::CannotTell
    };
    let numbers = format!(
        "difference {:.3}, interval over participants {} and over the stimulus {}{}{}",
        estimate.value,
        interval(people),
        interval(story),
        if estimate.stimulus_interval_reliable { "" } else { " (unreliable: too short a recording)" },
        p.map(|p| format!(", stimulus null p = {p:.3} corrected over layers")).unwrap_or_default(),
    );
    let sentence = match outcome {
        Outcome::Beyond => format!("Beyond {control}: {numbers}."),
        Outcome::NotBeyond => format!("Not beyond {control} by more than {EQUIVALENCE_MARGIN}: {numbers}."),
        Outcome::CannotTell => format!("Cannot tell whether it goes beyond {control}: {numbers}."),
    };
    (outcome, sentence)
}

pub(super) fn interval(interval: &crate::results::Interval) -> String {
    if !(interval.low.is_finite() && interval.high.is_finite()) {
        return "undefined".to_owned();
    }
    format!("[{:.3}, {:.3}]", interval.low, interval.high)
}

/// Word rate must lead the responses by a haemodynamic delay.
fn alignment(lag: f64) -> (Outcome, String) {
    if PLAUSIBLE_LAGS.contains(&lag) {
        let sentence =
            format!("Responses follow the word rate by {lag:.1} s, as a haemodynamic response does.");
        return (Outcome::Beyond, sentence);
    }
    let sentence = format!(
        "Responses correlate most with the word rate at a lag of {lag:.1} s, where a haemodynamic response lags by {:.0} to {:.0} s: check stimulus_time_of_first_volume.",
        PLAUSIBLE_LAGS.start(),
        PLAUSIBLE_LAGS.end(),
    );
    (Outcome::CannotTell, sentence)
}

/// The answer in one sentence. `last` is the index of the last layer that each language model has.
pub(super) fn answer(models: &[LanguageModelResults], last: &[usize], verdicts: &[Verdict]) -> String {
    let best_of = |results: &LanguageModelResults| {
        results.best_layer.iter().find(|best| best.region.is_none()).cloned()
    };
    let candidates =
        models.iter().zip(last).filter_map(|(results, last)| Some((results, last, best_of(results)?)));
    let candidates = candidates.filter(|(.., best)| best.score.value.is_finite());
    let best = candidates.max_by(|a, b| a.2.score.value.total_cmp(&b.2.score.value));
    let Some((results, last, best)) = best else { return "No layer could be scored.".to_owned() };
    let row = results.profile.iter().find(|row| row.region.is_none() && row.layer == best.layer);
    let p = row.map_or(f64::NAN, |row| row.score_tests.p_stimulus_corrected);
    let region = best_region(results, &best);
    let beyond = verdicts.iter().filter(|verdict| verdict.language_model == results.name).filter_map(phrase);
    let beyond: Vec<&str> = beyond.collect();
    let beyond = if beyond.is_empty() { String::new() } else { format!(" It is {}.", beyond.join("; ")) };
    format!(
        "Layer {} of {} (0 = embedding, {last} = last) predicts the responses best: held-out r = {:.3}, interval over participants {} and over the stimulus {}, corrected p = {p:.3}{region}.{beyond}",
        best.layer,
        results.name,
        best.score.value,
        interval(&best.score.over_participants),
        interval(&best.score.over_stimulus),
    )
}

fn best_region(results: &LanguageModelResults, best: &BestLayer) -> String {
    let rows = results.profile.iter().filter(|row| row.region.is_some() && row.layer == best.layer);
    let rows = rows.filter(|row| row.score.value.is_finite());
    let top = rows.max_by(|a: &&ProfileRow, b: &&ProfileRow| a.score.value.total_cmp(&b.score.value));
    match top {
        Some(row) => {
            format!(", most in {} ({:.3})", row.region.as_deref().unwrap_or_default(), row.score.value)
        }
        None => String::new(),
    }
}

fn phrase(verdict: &Verdict) -> Option<&'static str> {
    match (verdict.question.as_str(), verdict.outcome) {
        ("word rate", Outcome::Beyond) => Some("beyond the low-level baseline"),
        ("word rate", Outcome::NotBeyond) => Some("not beyond the low-level baseline"),
        ("word rate", Outcome::CannotTell) => Some("undecided whether beyond the low-level baseline"),
        ("untrained", Outcome::Beyond) => Some("beyond untrained copies"),
        ("untrained", Outcome::NotBeyond) => Some("not beyond untrained copies"),
        ("untrained", Outcome::CannotTell) => Some("undecided whether beyond untrained copies"),
        ("layer 0", Outcome::Beyond) => Some("beyond layer 0"),
        ("layer 0", Outcome::NotBeyond) => Some("not beyond layer 0"),
        ("layer 0", Outcome::CannotTell) => Some("undecided whether beyond layer 0"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Interval;

    fn estimate(low: f64, high: f64) -> Estimate {
        let interval = Interval { low, high };
        let value = f64::midpoint(low, high);
        Estimate {
            value,
            over_participants: interval,
            over_stimulus: interval,
            stimulus_interval_reliable: true,
        }
    }

    #[test]
    fn each_outcome_has_its_intervals() {
        assert_eq!(compare(&estimate(0.01, 0.05), Some(0.01), "x").0, Outcome::Beyond);
        assert_eq!(compare(&estimate(0.01, 0.05), Some(0.2), "x").0, Outcome::CannotTell);
        assert_eq!(compare(&estimate(-0.01, 0.05), Some(0.01), "x").0, Outcome::CannotTell);
        assert_eq!(compare(&estimate(-0.01, 0.015), Some(0.5), "x").0, Outcome::NotBeyond);
        assert_eq!(compare(&estimate(f64::NAN, f64::NAN), None, "x").0, Outcome::CannotTell);
    }

    #[test]
    fn a_lag_that_no_haemodynamic_response_has_is_reported() {
        assert_eq!(alignment(5.0).0, Outcome::Beyond);
        assert_eq!(alignment(-4.0).0, Outcome::CannotTell);
    }
}
