//! The sentences of the methods paragraph about heart, breath, eyes and voice.

use super::book::Book;
use super::number::Format;
use super::prose::{Prose, prose};
use crate::results::Results;

/// What was recorded, how good it was and what was made of it; nothing where a study uses none of it.
pub(super) fn words(book: &Book, results: &Results) -> Prose {
    let methods = &results.methods;
    let mut words = Prose::default();
    if methods.retroicor.is_none() && methods.rates.is_none() && methods.behaviour.is_none() {
        return words;
    }
    words.add(prose![" Among the confounds were regressors from recordings of the body"]);
    let recorded = [("cardiac", "heart", "beats"), ("respiratory", "breath", "breaths")];
    let has = |signal: &str| results.physiology.iter().any(|row| row.signal == signal);
    let recorded = recorded.into_iter().filter(|(signal, ..)| has(signal));
    let recorded: Vec<Prose> = recorded.map(|names| of_signal(book, names)).collect();
    if !recorded.is_empty() {
        words.add(prose![" ("]);
        words.add(Prose::list(recorded, "; "));
        words.add(prose![")"]);
    }
    let mut made = Vec::new();
    if methods.retroicor.is_some() {
        let order = |of: &str| book.used(&format!("retroicor_{of}"), Format::Count);
        made.push(prose![
            "Fourier series of cardiac and respiratory phase (RETROICOR; Glover et al., 2000; order ",
            order("cardiac"),
            " cardiac, ",
            order("respiratory"),
            " respiratory, ",
            order("interaction"),
            " of their sum and difference; Harvey et al., 2008)"
        ]);
    }
    if let Some((_, lags)) = &methods.rates {
        let mut rates = prose![book.row("methods.tsv", &["rates"]).quoted("value")];
        rates.add(prose![" convolved with their response functions (Birn et al., 2006, 2008; Chang et al., 2009), delayed by "]);
        let lag = |index: usize| prose![book.used(&format!("rate_lag_{}", index + 1), Format::Plain)];
        rates.add(Prose::list((0..lags.len()).map(lag).collect(), " and "));
        rates.add(prose![" s"]);
        made.push(rates);
    }
    if methods.behaviour.is_some() {
        let mut used = prose![book.row("methods.tsv", &["behaviour"]).quoted("value")];
        used.add(prose![", speeds, shut eyes and loudness also convolved with the haemodynamic response"]);
        made.push(used);
    }
    words.add(prose![": "]);
    words.add(Prose::list(made, ", and "));
    words.add(prose![
        "; each volume had one phase and one rate, at the moment that it stands for, whatever its slices."
    ]);
    words
}

/// "heart in 9 runs at 50 Hz, 58.1 to 71.3 beats per minute, of the intervals at least 98 % plausible, …".
fn of_signal(book: &Book, (signal, name, cycles): (&str, &'static str, &'static str)) -> Prose {
    let used = |item: &str, format| book.used(&format!("{signal}_{item}"), format);
    let mut words = prose![
        name,
        " in ",
        used("recordings", Format::Count),
        " runs at ",
        used("rate_lowest", Format::Plain)
    ];
    let (lowest, highest) = (used("rate_lowest", Format::Plain), used("rate_highest", Format::Plain));
    if lowest.value < highest.value {
        words.add(prose![" to ", highest]);
    }
    words.add(prose![
        " Hz, ",
        used("per_minute_lowest", Format::Seconds),
        " to ",
        used("per_minute_highest", Format::Seconds),
        " ",
        cycles,
        " per minute, at least ",
        used("plausible_lowest", Format::Percent),
        " of the intervals plausible, at least ",
        used("explained_lowest", Format::Percent),
        " of the variance explained by a mean cycle"
    ]);
    words
}
