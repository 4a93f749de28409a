//! The methods paragraph: as in a paper, with every number that was used.

use super::book::{Book, Row};
use super::number::Format;
use super::prose::{Prose, prose};
use super::sections::plural;
use crate::results::{IndexResults, Results};
use crate::tables;

/// One paragraph each: data, features, encoding, statistics.
pub(super) fn paragraphs(book: &Book, results: &Results) -> Vec<Prose> {
    vec![data(book, results), features(book, results), encoding(book, results), statistics(book, results)]
}

/// The paragraphs as Markdown.
pub(super) fn markdown(book: &Book, results: &Results) -> String {
    let paragraphs: Vec<String> = paragraphs(book, results).iter().map(Prose::markdown).collect();
    format!("# Methods\n\n{}\n", paragraphs.join("\n\n"))
}

fn data(book: &Book, results: &Results) -> Prose {
    let methods = &results.methods;
    let mut words = prose![
        "Responses of ",
        book.used("n_participants", Format::Count),
        plural(methods.n_participants, " participant", " participants"),
        plural(methods.stimuli.len(), " to the stimulus ", " to the stimuli ")
    ];
    let stimuli = book.rows("stimuli.tsv").map(|row| {
        prose![
            row.cell("stimulus").to_owned(),
            " (",
            row.number("words", Format::Count),
            " words, ",
            row.number("seconds", Format::Seconds),
            " s)"
        ]
    });
    words.add(Prose::list(stimuli.collect(), " and "));
    words.add(prose![
        " were analysed with gyrus ",
        book.row("methods.tsv", &["version"]).quoted("value"),
        ". "
    ]);
    let excluded = book.used("n_participants_excluded", Format::Count);
    if excluded.value > 0.0 {
        let people = plural(excluded.value as usize, " participant was", " participants were");
        words.add(prose![
            "Of ",
            book.used("n_participants_found", Format::Count),
            " recorded, ",
            excluded,
            people,
            " excluded for reasons listed in excluded.tsv. "
        ]);
    }
    words.add(volumes(book, results));
    words.add(cleaning(book, results));
    words
}

fn volumes(book: &Book, results: &Results) -> Prose {
    let (fewest, most) = results.methods.n_samples;
    let mut words = prose!["Each participant contributed ", book.used("n_samples_fewest", Format::Count)];
    if fewest != most {
        words.add(prose![" to ", book.used("n_samples_most", Format::Count)]);
    }
    words.add(prose![
        " volumes with a repetition time of ",
        book.used("repetition_time_shortest", Format::Plain),
    ]);
    let (shortest, longest) = results.methods.repetition_times;
    if shortest < longest {
        words.add(prose![" to ", book.used("repetition_time_longest", Format::Plain)]);
    }
    words.add(prose![
        " s, in ",
        book.used("n_targets", Format::Count),
        plural(results.targets.len(), " target", " targets"),
        " of ",
        book.used("n_regions", Format::Count),
        plural(results.regions.len(), " region. ", " regions. ")
    ]);
    words
}

fn cleaning(book: &Book, results: &Results) -> Prose {
    let methods = &results.methods;
    let mut regressors = Vec::new();
    if methods.high_pass.is_some() {
        regressors.push(prose![
            "slow drifts (discrete cosines with a cut-off of ",
            book.used("high_pass", Format::Plain),
            if methods.drift_by_block { " s, in every block that is held out by itself)" } else { " s)" }
        ]);
    }
    if !methods.confounds.is_empty() {
        let many = plural(methods.confounds.len(), " confound regressor", " confound regressors");
        regressors.push(prose![book.used("n_confounds", Format::Count), many]);
    }
    if regressors.is_empty() {
        return prose!["No confounds were removed; the responses were z-scored within each run."];
    }
    let mut words = prose!["Within each run, "];
    words.add(Prose::list(regressors, " and "));
    words.add(prose![
        " were removed from the responses in a single projection, and the responses were z-scored"
    ]);
    words.add(match methods.project_features && methods.high_pass.is_some() {
        true => prose!["; the same drifts were projected out of the features."],
        false => prose!["; the features were not filtered."],
    });
    words.add(super::physiology::words(book, results));
    words
}

fn features(book: &Book, results: &Results) -> Prose {
    let mut words = Prose::default();
    for row in book.rows("language_models.tsv") {
        let pooled = match row.cell("pooling") {
            "last" => "the last of its tokens",
            "mean" => "the mean over its tokens",
            "sum" => "the sum over its tokens",
            _ => "its tokens",
        };
        if row.cell("family") == "brought" {
            words.add(brought(&row));
            continue;
        }
        words.add(prose![
            "The words were presented to ",
            row.cell("language_model").to_owned(),
            " (",
            row.cell("family").to_owned(),
            " family, ",
            row.number("n_parameters", Format::Count),
            " parameters, ",
            row.number("width", Format::Count),
            " units per layer) with a context of at most ",
            row.number("context", Format::Count),
            " tokens, and the hidden states of ",
            row.number("n_layers", Format::Count),
            " layers (",
            row.number("first_layer", Format::Count),
            " to ",
            row.number("last_layer", Format::Count),
            ", 0 being the embedding) were taken for each word from ",
            pooled,
            ". "
        ]);
        if !row.cell("reading").is_empty() {
            words.add(prose!["As to how it read: ", row.quoted("reading"), ". "]);
        }
        if row.cell("untrained_seeds") != "0" {
            words.add(prose![
                "As a control for architecture, the same was done with ",
                row.number("untrained_seeds", Format::Count),
                " copies with random parameters. "
            ]);
        }
    }
    if results.methods.centred {
        words.add(prose!["Vectors were centred on the mean over the words of the training samples and "]);
    } else {
        words.add(prose!["Vectors, uncentred, were "]);
    }
    words
        .add(prose!["brought onto the volumes by ", book.row("methods.tsv", &["alignment"]).quoted("value")]);
    words.add(delays(book, results));
    words
}

/// Activations of another program.
fn brought(row: &Row<'_>) -> Prose {
    prose![
        "The activations of ",
        row.cell("language_model").to_owned(),
        " (",
        row.number("n_layers", Format::Count),
        " layers, ",
        row.number("width", Format::Count),
        " units at most) for each word were computed by another program and brought as files. "
    ]
}

fn delays(book: &Book, results: &Results) -> Prose {
    let count = results.methods.delays.len();
    if count == 0 {
        return prose!["."];
    }
    let delay = |index: usize| prose![book.used(&format!("delay_{}", index + 1), Format::Plain)];
    let mut words = prose![", with copies delayed by "];
    words.add(Prose::list((0..count).map(delay).collect(), " and "));
    words.add(prose![" s (finite impulse response model)."]);
    words
}

/// Which published recipe stands behind settings, and where the study differs from it.
fn preset(book: &Book, results: &Results) -> Prose {
    let Some(preset) = &results.methods.preset else { return Prose::default() };
    let quoted = |item: &str| book.row("methods.tsv", &[item]).quoted("value");
    let mut words = prose![
        "Settings follow the preset ",
        quoted("preset"),
        " of gyrus (after ",
        quoted("preset_reference"),
        ")"
    ];
    if !preset.set.is_empty() {
        words.add(prose![": ", quoted("preset_sets")]);
    }
    if !preset.own.is_empty() {
        words.add(prose!["; the study has its own ", quoted("preset_own")]);
    }
    words.add(prose![". "]);
    words
}

fn encoding(book: &Book, results: &Results) -> Prose {
    let mut words = preset(book, results);
    words.add(prose![
        "For every layer, participant and target, ridge regression (Hoerl and Kennard, 1970) was fitted from features to responses. "
    ]);
    if results.methods.components.is_some() {
        words.add(prose![
            "The units of a layer were reduced to ",
            book.used("components", Format::Count),
            " principal components of the training samples first. "
        ]);
    }
    words.add(prose![
        "Scores are Pearson correlations between predicted and measured held-out responses, averaged over folds. Folds were ",
        book.row("methods.tsv", &["folds"]).quoted("value"),
        ". Means, standard deviations and penalties were estimated within training samples; the penalty of each target was one of ",
        book.used("n_alphas", Format::Count),
        " values spaced logarithmically from ",
        book.used("alpha_smallest", Format::Plain),
        " to ",
        book.used("alpha_largest", Format::Plain),
        ", chosen on "
    ]);
    words.add(inner_folds(book, results));
    words.add(prose![" inner folds, and the best layer of a region was chosen on inner folds too. "]);
    if !results.baseline.bands.is_empty() {
        words.add(prose!["The unique gain of a layer is the increase of this correlation when the layer joins a baseline of "]);
        let band = |name: &String| prose![name.replace('_', " ")];
        words.add(Prose::list(results.baseline.bands.iter().map(band).collect(), " and "));
        words.add(prose![
            ", with separate penalties for baseline and layer (banded ridge regression; Nunez-Elizalde et al., 2019; Dupré la Tour et al., 2022)"
        ]);
        words.add(match results.baseline.with_layer_0 {
            true => prose!["; the contextual gain is the same over that baseline with the embedding layer. "],
            false => prose![". "],
        });
    }
    if results.methods.forecast.is_some() {
        words.add(prose![
            "Forecast scores are the increase of this correlation when a second band holds the same vectors of other words (",
            book.row("methods.tsv", &["forecast"]).quoted("value"),
            "; after Caucheteux et al., 2023), beside windows from random places of the story. "
        ]);
    }
    words.add(order(book, results));
    words.add(ceilings(results));
    words
}

/// Depth against an order of the brain, of the first language model; the others have the same order.
pub(super) fn index(results: &Results) -> Option<&IndexResults> {
    results.language_models.first()?.hierarchy.index.as_ref()
}

fn order(book: &Book, results: &Results) -> Prose {
    let Some(index) = index(results) else { return Prose::default() };
    let reference = book.rows("hierarchy_index.tsv").next().map(|row| row.quoted("reference"));
    let mut words = prose!["Regions were ranked by "];
    words.add(reference.map_or_else(Prose::default, |reference| prose![reference]));
    words.add(prose![", and the centres of mass of their layer profiles were correlated with that (Spearman) over regions with a significant layer"]);
    words.add(match index.has_ceiling {
        true => prose![", ranks of the noise ceiling regressed out, "],
        false => prose![", "],
    });
    words.add(match index.null.as_str() {
        "spins" => prose!["beside the same order turned on the sphere (Alexander-Bloch et al., 2018). "],
        "variogram" => prose!["beside maps with the variogram of that order (Burt et al., 2020). "],
        _ => prose!["beside regions in random order. "],
    });
    words
}

fn ceilings(results: &Results) -> Prose {
    let any = |value: fn(&crate::results::CeilingRow) -> f64| {
        results.ceilings.iter().any(|row| value(row).is_finite())
    };
    let (between, repeated) = (any(|row| row.leave_one_out_isc), any(|row| row.explainable_variance));
    if !between && !repeated {
        return prose!["Noise ceilings could not be estimated."];
    }
    let mut words = Prose::default();
    if between {
        words.add(prose![
            "Noise ceilings were estimated on the same folds from the correlation of each participant with the mean of the others (lower estimate) and from the root of the mean pairwise correlation (upper estimate; Nastase et al., 2019), and beside these by ridge regression from the others (lower), from halves of the participants and by extrapolation over their number (upper)."
        ]);
    }
    if repeated {
        let space = if between { " " } else { "" };
        words.add(prose![
            space,
            "From repeats of a stimulus, ceilings were estimated by signal power and by the variance between repeats (upper; Schoppe et al., 2016; Allen et al., 2022)."
        ]);
    }
    words
}

/// What group means were held against.
fn surrogates(book: &Book, results: &Results) -> Prose {
    if results.methods.surrogates.0 == 0 {
        return prose![
            "No surrogates (",
            book.used("surrogates", Format::Count),
            ") were fitted: no p value says what features without language would score. "
        ];
    }
    let reference =
        if is_phase(results) { " (Theiler et al., 1992; Prichard and Theiler, 1994)" } else { "" };
    prose![
        "Group means were compared with those of ",
        book.used("surrogates", Format::Count),
        " surrogates (",
        book.row("methods.tsv", &["surrogate_kind"]).quoted("value"),
        reference,
        "), the same for all participants and refitted through the same folds, so that the stimulus is treated as a sample; p values count the observed value as one of the surrogates (Phipson and Smyth, 2010), which makes ",
        book.used("smallest_p", Format::P),
        " the smallest possible one. They were corrected by the distribution of the maximum over regions and layers (Nichols and Holmes, 2002), and for the mean over regions over layers. "
    ]
}

fn statistics(book: &Book, results: &Results) -> Prose {
    let mut words = surrogates(book, results);
    if !results.baseline.bands.is_empty() && results.methods.surrogates.0 > 0 {
        words.add(prose![
            "For a gain, surrogates kept what ridge regression on the baseline makes of the layer, with penalties from held-out samples, and replaced the rest (Winkler et al., 2014), so that a layer that only repeats the baseline does no better than they do. "
        ]);
    }
    if results.methods.clusters.is_some() {
        words.add(prose![
            "Maps were corrected by neighbourhoods too: by ",
            book.row("methods.tsv", &["clusters"]).quoted("value"),
            match results.methods.surrogates.0 {
                0 => ", computed from Student's t over participants with flipped signs, with the maximum over the map and layers. ",
                _ => ", computed from group means standardised by their surrogates, and beside it from Student's t over participants, of what each has more than their own surrogates, with flipped signs, each with the maximum over the map and layers. ",
            }
        ]);
    }
    words.add(people(results));
    words.add(prose![
        "Intervals are 95 % bootstrap intervals with ",
        book.used("bootstraps", Format::Count),
        " draws, over participants and over stimulus blocks of ",
        book.used("stimulus_block", Format::Plain),
        " s (Künsch, 1989), the latter widened because training sets of folds share samples (Nadeau and Bengio, 2003). Differences of correlation whose intervals lie below ",
        book.used("equivalence_margin", Format::Plain),
        " were called no effect. Random numbers were drawn from seed ",
        book.used("seed", Format::Plain),
        ". "
    ]);
    words.add(prose![book.row("methods.tsv", &["population"]).quoted("value")]);
    words
}

/// What was tested of people, and of people with stories.
fn people(results: &Results) -> Prose {
    let mut words = match results.methods.surrogates.0 {
        0 => prose![
            "Tests over participants (signs, signed ranks, Student's t) are of scores and gains as they are. "
        ],
        _ => prose![
            "Tests over participants (signs, signed ranks, Student's t) are of what each participant has more than their own surrogates: the normal quantile of the rank among them (van der Waerden, 1952) times the standard deviation of score and surrogates together, plus, beyond the outermost surrogate, the distance to it, averaged over the targets of a region, because scores of features without language are neither zero on average nor symmetric. "
        ],
    };
    if !results.covariates.is_empty() {
        words.add(prose![
            "Slopes of scores over what is known of participants were estimated by least squares, with p values over orders of participants (Freedman and Lane, 1983) corrected by the maximum over regions. "
        ]);
    }
    if has_stories(results) {
        words.add(prose![
            "Means over participants and stories, both as random effects, were estimated by restricted maximum likelihood with Satterthwaite's degrees of freedom (Baayen et al., 2008). "
        ]);
    }
    words
}

/// Whether people and stories were random effects together.
pub(super) fn has_stories(results: &Results) -> bool {
    let mut rows = results.language_models.iter().flat_map(|model| &model.profile);
    rows.any(|row| row.score_tests.people_and_stories.is_some())
}

/// Whether surrogates keep the spectra.
pub(super) fn is_phase(results: &Results) -> bool {
    tables::words(&results.methods.surrogates.1).contains("phase")
}

fn inner_folds(book: &Book, results: &Results) -> Prose {
    let (fewest, most) = results.methods.inner_folds;
    let mut words = prose![book.used("inner_folds", Format::Count)];
    if most > fewest {
        words.add(prose![" to ", book.used("inner_folds_most", Format::Count)]);
    }
    words
}
