//! The outcomes, question by question.

use std::sync::LazyLock;

use super::planted::{Truth, Verdicts, brought, read};

static RATE: LazyLock<Verdicts> = LazyLock::new(|| brought(Truth::Rate, |text| text));
static WORD: LazyLock<Verdicts> = LazyLock::new(|| brought(Truth::Word, |text| text));
static CONTEXT: LazyLock<Verdicts> = LazyLock::new(|| brought(Truth::Context, |text| text));

fn assert_outcome(verdicts: &Verdicts, question: &str, outcome: &str) {
    assert_eq!(verdicts.outcome(question), outcome, "{question}: {:?}", verdicts.difference(question));
}

#[test]
fn word_rate_is_surpassed_where_words_count() {
    assert_outcome(&WORD, "word rate", "beyond");
    assert_outcome(&CONTEXT, "word rate", "beyond");
}

#[test]
fn word_rate_is_not_surpassed_where_it_is_all_there_is() {
    assert_outcome(&RATE, "word rate", "not_beyond");
}

#[test]
fn layer_0_is_surpassed_where_context_counts() {
    assert_outcome(&CONTEXT, "layer 0", "beyond");
}

#[test]
fn layer_0_is_not_surpassed_where_words_alone_count() {
    assert_outcome(&WORD, "layer 0", "not_beyond");
}

#[test]
fn untrained_copies_are_surpassed_where_responses_follow_the_model() {
    assert_outcome(&read(true, |text| text), "untrained", "beyond");
}

/// Vectors that are not centred hold the word rate, in trained and untrained copies alike.
#[test]
fn untrained_copies_are_not_surpassed_where_word_rate_is_all_there_is() {
    let verdicts = read(false, |text| text.replace("compare = false", "compare = false\ncentre = false"));
    assert_outcome(&verdicts, "untrained", "not_beyond");
}

#[test]
fn the_alignment_is_plausible_where_responses_follow_by_four_seconds() {
    assert_eq!((RATE.outcome("alignment"), RATE.lag()), ("beyond", 4.0));
}

#[test]
fn an_alignment_that_is_ten_seconds_off_is_not_vouched_for() {
    let line = "trim_start = \"0 s\"";
    let shifted = format!("{line}\nstimulus_time_of_first_volume = \"-8 s\"");
    let verdicts = brought(Truth::Rate, |text| text.replace(line, &shifted));
    assert_eq!((verdicts.outcome("alignment"), verdicts.lag()), ("cannot_tell", -4.0));
}

/// Two volumes too many left out put the peak at 0 s; two too few put it at 8 s, where a slow response may have it.
#[test]
fn an_alignment_that_is_two_volumes_off_is_noticed_on_one_side_only() {
    let line = "trim_start = \"0 s\"";
    let verdict = |first: &str| {
        let shifted = format!("{line}\nstimulus_time_of_first_volume = \"{first}\"");
        let verdicts = brought(Truth::Rate, |text| text.replace(line, &shifted));
        (verdicts.outcome("alignment").to_owned(), verdicts.lag())
    };
    assert_eq!(verdict("-4 s"), ("cannot_tell".to_owned(), 0.0));
    assert_eq!(verdict("4 s"), ("beyond".to_owned(), 8.0));
}

#[test]
fn held_out_stretches_too_short_for_their_interval_leave_every_question_open() {
    let gap = "folds = { blocks = 3, gap = \"26 s\" }";
    let verdicts =
        brought(Truth::Context, |text| text.replace(gap, "folds = { blocks = 15, gap = \"26 s\" }"));
    for question in ["word rate", "layer 0"] {
        assert!(verdicts.difference(question)[0] > 0.1, "{:?}", verdicts.difference(question));
        assert_outcome(&verdicts, question, "cannot_tell");
    }
}

/// Layer 1 holds layer 0 and a property of words in their context.
fn layer_1_over_layer_0(truth: Truth) -> Vec<f64> {
    let contrast = "\n[[contrast]]\nname = \"1 over 0\"\nof = { layer = 1 }\nminus = { layer = 0 }\n";
    brought(truth, |text| text.replace("\n[statistics]", &format!("{contrast}\n[statistics]")))
        .contrast("1 over 0")
}

#[test]
fn a_contrast_is_found_where_it_is_planted_and_only_there() {
    let planted = layer_1_over_layer_0(Truth::Context);
    assert!(planted[0] > 0.1 && planted[1] > 0.0 && planted[3] > 0.0, "{planted:?}");
    // All of 2⁶ patterns of signs: the smallest two-sided p.
    assert_eq!(planted[5], 2.0 / 64.0);
    let absent = layer_1_over_layer_0(Truth::Word);
    assert!(absent[0] < 0.02 && absent[1] < 0.02, "{absent:?}");
}
