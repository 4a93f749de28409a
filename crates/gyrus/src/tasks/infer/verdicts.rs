//! Beyond, not beyond by the margin, or cannot tell; the report puts it into words.

use gyrus_encoding::diagnostics::PLAUSIBLE_LAGS;

use super::language_model::ContextualChoice;
use crate::results::{Estimate, LanguageModelResults, Outcome, Verdict};

/// Differences of correlation smaller than this are called no effect.
pub(super) const EQUIVALENCE_MARGIN: f64 = 0.02;

/// The verdicts of one language model, without their sentences. Every p is corrected over layers, because a choice
/// among layers came before it.
pub(super) fn verdicts(
    results: &LanguageModelResults,
    contextual: Option<&ContextualChoice>,
    lag: Option<f64>,
) -> Vec<Verdict> {
    let Some(best) = results.best_layer.iter().find(|best| best.region.is_none()) else { return Vec::new() };
    let row_of = |layer: usize| results.profile.iter().find(|row| row.region.is_none() && row.layer == layer);
    let gain_p = row_of(best.layer).map(|row| row.unique_gain_tests.p_stimulus_corrected);
    let judged = |question: &str, difference: Estimate, p: Option<f64>| Verdict {
        language_model: results.name.clone(),
        question: question.to_owned(),
        outcome: compare(&difference, p),
        difference: Some(difference),
        p: p.filter(|p| p.is_finite()),
        lag: None,
        sentence: String::new(),
    };
    let mut verdicts = vec![judged("word rate", best.unique_gain, gain_p)];
    if let Some(beyond) = best.beyond_untrained {
        verdicts.push(judged("untrained", beyond, None));
    }
    if let Some(contextual) = contextual {
        let tests = row_of(contextual.layer).and_then(|row| row.contextual_gain_tests);
        let p = tests.map(|tests| tests.p_stimulus_corrected);
        verdicts.push(judged("layer 0", contextual.gain, p));
    }
    if let Some(lag) = lag {
        verdicts.push(Verdict {
            language_model: results.name.clone(),
            question: "alignment".to_owned(),
            outcome: alignment(lag),
            difference: None,
            p: None,
            lag: Some(lag),
            sentence: String::new(),
        });
    }
    verdicts
}

fn compare(difference: &Estimate, p: Option<f64>) -> Outcome {
    let (people, story) = (&difference.over_participants, &difference.over_stimulus);
    // Without surrogates there is no p, and intervals decide.
    let surprising = p.is_none_or(|p| p.is_nan() || p < 0.05);
    let above_zero = people.low > 0.0 && story.low > 0.0;
    if !difference.stimulus_interval_reliable {
        Outcome::CannotTell
    } else if above_zero {
        // Intervals say beyond: a p that does not follow leaves it open, and never turns it around.
        if surprising { Outcome::Beyond } else { Outcome::CannotTell }
    } else if people.high < EQUIVALENCE_MARGIN && story.high < EQUIVALENCE_MARGIN {
        Outcome::NotBeyond
    } else {
        Outcome::CannotTell
    }
}

/// Word rate must lead the responses by a haemodynamic delay.
fn alignment(lag: f64) -> Outcome {
    if PLAUSIBLE_LAGS.contains(&lag) { Outcome::Beyond } else { Outcome::CannotTell }
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
        assert_eq!(compare(&estimate(0.01, 0.05), Some(0.01)), Outcome::Beyond);
        assert_eq!(compare(&estimate(0.01, 0.05), Some(0.2)), Outcome::CannotTell);
        assert_eq!(compare(&estimate(0.005, 0.015), Some(0.05)), Outcome::CannotTell);
        assert_eq!(compare(&estimate(0.005, 0.015), Some(0.04)), Outcome::Beyond);
        assert_eq!(compare(&estimate(0.01, 0.05), Some(f64::NAN)), Outcome::Beyond);
        assert_eq!(compare(&estimate(-0.01, 0.05), Some(0.01)), Outcome::CannotTell);
        assert_eq!(compare(&estimate(-0.01, 0.015), Some(0.5)), Outcome::NotBeyond);
        assert_eq!(compare(&estimate(f64::NAN, f64::NAN), None), Outcome::CannotTell);
    }

    #[test]
    fn a_lag_that_no_haemodynamic_response_has_is_reported() {
        assert_eq!(alignment(5.0), Outcome::Beyond);
        assert_eq!(alignment(-4.0), Outcome::CannotTell);
    }
}
