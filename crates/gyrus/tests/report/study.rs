//! Results built by hand: every number planted and different, so that a swapped cell cannot go unnoticed.

use gyrus::brain::{Brain, BrainMap, NO_VALUE, NOTHING, Quantity, Side, View};
use gyrus::results::*;

/// What a study looks like.
#[derive(Debug, Clone)]
pub struct Shape {
    pub regions: Vec<String>,
    pub participants: Vec<String>,
    pub language_model: String,
    pub layers: usize,
    pub untrained: bool,
    pub ceilings: bool,
    /// Whether voxels were corrected with their neighbours.
    pub clusters: bool,
    /// Every third number is undefined.
    pub holes: bool,
}

impl Shape {
    pub fn small() -> Self {
        Self {
            regions: ["LATL", "LPTL", "V1"].map(String::from).to_vec(),
            participants: ["s18", "s22", "s33"].map(String::from).to_vec(),
            language_model: "stories260k".to_owned(),
            layers: 4,
            untrained: true,
            ceilings: true,
            clusters: true,
            holes: false,
        }
    }

    pub fn thirty_regions() -> Self {
        let regions = (1..=30).map(|index| format!("region {index}")).collect();
        Self { regions, layers: 6, ..Self::small() }
    }
}

/// Deals numbers that all differ.
pub struct Planter {
    count: u64,
    holes: bool,
}

impl Planter {
    pub fn next(&mut self) -> f64 {
        self.count += 1;
        if self.holes && self.count.is_multiple_of(3) {
            return f64::NAN;
        }
        // Steps of the golden ratio spread evenly and never repeat.
        (self.count as f64 * 0.618_033_988_749_895).fract() * 0.9 - 0.25
    }

    fn p(&mut self) -> f64 {
        self.next().abs()
    }

    fn interval(&mut self) -> Interval {
        let (a, b) = (self.next(), self.next());
        Interval { low: a.min(b), high: a.max(b) }
    }

    fn estimate(&mut self) -> Estimate {
        Estimate {
            value: self.next(),
            over_participants: self.interval(),
            over_stimulus: self.interval(),
            stimulus_interval_reliable: true,
        }
    }

    fn tests(&mut self) -> GroupTests {
        GroupTests {
            p_stimulus: self.p(),
            p_stimulus_corrected: self.p(),
            null_mean: self.next(),
            null_95: self.next(),
            p_sign_flip_corrected: self.p(),
            p_wilcoxon: self.p(),
            p_t: self.p(),
            q_stimulus: self.p(),
            q_stimulus_any: self.p(),
            p_stimulus_tail: self.p(),
            p_stimulus_corrected_tail: self.p(),
            people_and_stories: Some(PeopleAndStories {
                value: self.next(),
                interval: self.interval(),
                p: self.p(),
                sd_people: self.next(),
                sd_stories: self.next(),
                n_stories: 9,
            }),
        }
    }
}

pub fn results(shape: &Shape) -> Results {
    let mut plant = Planter { count: 0, holes: shape.holes };
    let model = language_model(shape, &mut plant);
    let alignments = alignments(shape, &mut plant);
    Results {
        study: "planted study 7".to_owned(),
        participants: participants(shape, &mut plant),
        targets: shape
            .regions
            .iter()
            .map(|region| Target { name: region.clone(), region: region.clone() })
            .collect(),
        regions: shape.regions.clone(),
        baseline: baseline(shape, &mut plant),
        ceilings: ceilings(shape, &mut plant),
        normalised: normalised(shape, &mut plant),
        exclusions: exclusions(shape),
        cleaning: cleaning(shape, &mut plant),
        carpet: Some(crate::carpet::planted(shape)),
        alignments,
        noise: noise(shape, &mut plant),
        physiology: physiology(shape),
        forecast: forecast(shape, &mut plant),
        diagnostics: diagnostics(shape, &mut plant),
        clusters: clusters(shape, &mut plant),
        verdicts: verdicts(shape, &mut plant),
        methods: methods(shape),
        notes: vec!["sub-01.tsv: the first row is n/a".to_owned()],
        warnings: vec!["alice.TextGrid: announces 2423 labels and holds 2395".to_owned()],
        answer: String::new(),
        language_models: vec![model],
        contrasts: contrasts(shape, &mut plant),
        sweeps: sweeps(shape, &mut plant),
        covariates: covariates(shape, &mut plant),
        pilot: Vec::new(),
        side_by_side: None,
    }
}

/// Every region, then their mean.
fn places(shape: &Shape) -> Vec<Option<String>> {
    shape.regions.iter().cloned().map(Some).chain([None]).collect()
}

fn language_model(shape: &Shape, plant: &mut Planter) -> LanguageModelResults {
    let layers: Vec<usize> = (0..shape.layers).collect();
    let each = layers.iter().flat_map(|layer| places(shape).into_iter().map(|region| (*layer, region)));
    let each: Vec<(usize, Option<String>)> = each.collect();
    let mut profile = Vec::new();
    let (mut untrained, mut random_embeddings) = (Vec::new(), Vec::new());
    for (layer, region) in each {
        profile.push(profile_row(layer, region.clone(), plant));
        if shape.untrained {
            untrained.extend((0..3).map(|seed| ControlRow {
                seed,
                layer,
                region: region.clone(),
                score: plant.next(),
            }));
        }
        if layer == 0 {
            random_embeddings.push(ControlRow { seed: 0, layer, region, score: plant.next() });
        }
    }
    let best = places(shape).into_iter().enumerate().map(|(index, region)| BestLayer {
        region,
        layer: index % shape.layers,
        share: 0.2 * (index % 5 + 1) as f64,
        // The layer of the mean over regions must have a score, or there is no answer.
        score: Estimate { value: 0.101 + 0.001 * index as f64, ..plant.estimate() },
        unique_gain: plant.estimate(),
        beyond_untrained: shape.untrained.then(|| plant.estimate()),
    });
    LanguageModelResults {
        name: shape.language_model.clone(),
        n_parameters: 260_032,
        width: 64,
        last_layer: shape.layers - 1,
        best_layer: best.collect(),
        hierarchy: hierarchy(shape, plant),
        layers,
        profile,
        untrained,
        random_embeddings,
        shuffled: Vec::new(),
    }
}

fn profile_row(layer: usize, region: Option<String>, plant: &mut Planter) -> ProfileRow {
    ProfileRow {
        layer,
        region,
        n_participants: 2,
        score: plant.estimate(),
        score_tests: plant.tests(),
        unique_gain: plant.estimate(),
        unique_gain_tests: plant.tests(),
        contextual_gain: (layer > 0).then(|| plant.estimate()),
        contextual_gain_tests: (layer > 0).then(|| plant.tests()),
        baseline_score: plant.next(),
    }
}

fn hierarchy(shape: &Shape, plant: &mut Planter) -> Hierarchy {
    let rows = [None, Some(0), Some(1)].map(|seed| index_row(shape, seed, plant)).to_vec();
    let participants = shape.participants.iter();
    let participants =
        participants.map(|name| ParticipantIndex { participant: name.clone(), rho: plant.next() });
    let participants = participants.collect();
    let depth = |(index, region): (usize, &String)| RegionDepth {
        region: region.clone(),
        centre_of_mass: (index != 1).then(|| 1.0 + plant.next()),
        interval: (index != 1).then(|| plant.interval()),
        significant: index % 2 == 0,
        reference: (index != 2).then(|| 40.0 * plant.next()),
        ceiling: Some(plant.next()),
    };
    Hierarchy {
        regions: shape.regions.iter().enumerate().map(depth).collect(),
        split_half_reliability: Some(0.6161),
        note: "2 regions have a significant layer; below 20 there is no p.".to_owned(),
        p: None,
        index: Some(IndexResults {
            reference: "distance to A1, 2 along the cortex".to_owned(),
            null: "variogram".to_owned(),
            has_ceiling: true,
            rows,
            participants,
        }),
    }
}

fn index_row(shape: &Shape, seed: Option<u64>, plant: &mut Planter) -> IndexRow {
    IndexRow {
        seed,
        n_regions: shape.regions.len(),
        rho: plant.next(),
        over_participants: plant.interval(),
        over_stimulus: plant.interval(),
        null: seed.is_none().then(|| plant.interval()),
        p: seed.is_none().then(|| plant.next()),
        reason: seed.map(|_| "constant".to_owned()),
        participants: Some(ParticipantsIndex {
            mean: plant.next(),
            interval: plant.interval(),
            p: plant.next(),
            n_regions: shape.regions.len(),
        }),
    }
}

fn participants(shape: &Shape, plant: &mut Planter) -> Vec<ParticipantResults> {
    let last = shape.participants.len() - 1;
    let participant = |(index, name): (usize, &String)| ParticipantResults {
        name: name.clone(),
        excluded: (index == last).then(|| "all_zero".to_owned()),
        n_samples: 362 + index,
        n_regressors: 18 + index,
        degrees_of_freedom: 344 - 3 * index,
        variance_removed: match index == last {
            true => Vec::new(),
            false => ["drift", "confounds"].map(|name| (name.to_owned(), plant.p())).to_vec(),
        },
    };
    shape.participants.iter().enumerate().map(participant).collect()
}

fn cleaning(shape: &Shape, plant: &mut Planter) -> Vec<CleaningRow> {
    let row = |(index, name): (usize, &String)| CleaningRow {
        participant: name.clone(),
        run: "alice".to_owned(),
        n_samples: 362 + index,
        n_regressors: 18 + index,
        rank: 17,
        degrees_of_freedom: 345 + index,
        condition: 3.5,
        dropped: vec!["rot_z".to_owned(); index % 2],
        variance_by_region: vec![(
            "drift".to_owned(),
            shape.regions.iter().map(|_| Some(plant.p())).collect(),
        )],
    };
    shape.participants.iter().enumerate().map(row).collect()
}

fn baseline(shape: &Shape, plant: &mut Planter) -> BaselineResults {
    let bands = ["word_rate", "word_length"].map(String::from).to_vec();
    let mut rows = Vec::new();
    for band in ["word_rate", "word_length", "baseline"] {
        let row = |region| BaselineRow { band: band.to_owned(), region, score: plant.estimate() };
        rows.extend(places(shape).into_iter().map(row));
    }
    let note = Some("word_rate alone in 5 of 5 folds".to_owned());
    BaselineResults { bands, with_layer_0: true, rows, note }
}

fn ceilings(shape: &Shape, plant: &mut Planter) -> Vec<CeilingRow> {
    let mut number = || if shape.ceilings { plant.next() } else { f64::NAN };
    let row = |region| CeilingRow {
        region,
        leave_one_out_isc: number(),
        root_pairwise_isc: number(),
        shared_response: number(),
        split_half: number(),
        extrapolated_isc: number(),
        signal_power: number(),
        signal_to_noise: number(),
        explainable_variance: number(),
    };
    places(shape).into_iter().map(row).collect()
}

/// Two kinds, one of them undefined in the first region and above 1 in the second.
fn normalised(shape: &Shape, plant: &mut Planter) -> Vec<NormalisedRow> {
    let kinds =
        if shape.ceilings { &[("leave_one_out_isc", "lower"), ("split_half", "upper")][..] } else { &[] };
    let mut rows = Vec::new();
    for (place, region) in places(shape).into_iter().enumerate() {
        for (kind, bound) in kinds {
            let normalised = match (*bound, place) {
                ("lower", 0) => f64::NAN,
                ("lower", 1) => 1.25,
                _ => plant.next(),
            };
            rows.push(NormalisedRow {
                language_model: shape.language_model.clone(),
                region: region.clone(),
                kind: (*kind).to_owned(),
                bound: (*bound).to_owned(),
                layer: place % shape.layers,
                score: plant.next(),
                ceiling: plant.next(),
                normalised,
                cells: 51 + rows.len(),
                left_out: 7 + rows.len(),
                reason: normalised.is_nan().then(|| "ceiling_too_small".to_owned()),
            });
        }
    }
    rows
}

fn exclusions(shape: &Shape) -> Vec<Exclusion> {
    let exclusion = |target: Option<String>, reason: &str| Exclusion {
        participant: shape.participants[shape.participants.len() - 1].clone(),
        run: Some("alice".to_owned()),
        target,
        reason: reason.to_owned(),
    };
    vec![exclusion(None, "all_zero"), exclusion(Some(shape.regions[0].clone()), "moved by 7 mm")]
}

fn contrasts(shape: &Shape, plant: &mut Planter) -> Vec<ContrastRow> {
    let side = |layer: usize, share: f64| ContrastSide {
        language_model: Some(shape.language_model.clone()),
        features: "layer".to_owned(),
        layer: Some(layer),
        share,
    };
    let row = |region| ContrastRow {
        contrast: "deep over shallow".to_owned(),
        region,
        of: side(1, 0.75),
        minus: side(0, 1.0),
        difference: plant.estimate(),
        p_sign_flip_corrected: plant.p(),
        p_wilcoxon: plant.p(),
        p_t: plant.p(),
    };
    places(shape).into_iter().map(row).collect()
}

fn covariates(shape: &Shape, plant: &mut Planter) -> Vec<CovariateRow> {
    let mut rows = Vec::new();
    for (covariate, compared) in [("age", None), ("group", Some("patients − controls"))] {
        rows.extend(places(shape).into_iter().map(|region| CovariateRow {
            language_model: shape.language_model.clone(),
            quantity: "score".to_owned(),
            region,
            covariate: covariate.to_owned(),
            compared: compared.map(str::to_owned),
            n_participants: 11,
            slope: plant.next() / 100.0,
            interval: plant.interval(),
            t: plant.next(),
            p_t: plant.p(),
            p_permutation_corrected: plant.p(),
        }));
    }
    rows
}

fn alignments(shape: &Shape, plant: &mut Planter) -> Vec<AlignmentRow> {
    let mut rows = Vec::new();
    for alignment in ["centred Lanczos", "sum", "centred sum", "mean"] {
        rows.extend((0..shape.layers).map(|layer| AlignmentRow {
            language_model: shape.language_model.clone(),
            alignment: alignment.to_owned(),
            layer,
            score: plant.estimate(),
        }));
    }
    rows
}

fn physiology(shape: &Shape) -> Vec<PhysiologyRow> {
    let row = |(index, participant): (usize, &String), signal: &str, per_minute: f64| PhysiologyRow {
        participant: participant.clone(),
        run: "alice".to_owned(),
        signal: signal.to_owned(),
        sampling_rate: [49.9, 401.3][index % 2],
        start: -7.61,
        peaks: 901 + index,
        per_minute: per_minute + 3.17 * index as f64,
        plausible: 0.991 - 0.013 * index as f64,
        explained: 0.871 - 0.011 * index as f64,
    };
    let people = || shape.participants.iter().enumerate();
    let hearts = people().map(|person| row(person, "cardiac", 61.33));
    hearts.chain(people().map(|person| row(person, "respiratory", 14.71))).collect()
}

/// Sources of noise as participants have them, and all of them together.
fn noise(shape: &Shape, plant: &mut Planter) -> Vec<NoiseRow> {
    let mut rows = Vec::new();
    for source in ["drift", "all sources"] {
        rows.extend(places(shape).into_iter().map(|region| NoiseRow {
            language_model: shape.language_model.clone(),
            source: source.to_owned(),
            region,
            variance_removed: plant.p(),
            cleaned: plant.next(),
            left_in: plant.next(),
            difference: plant.estimate(),
        }));
    }
    rows
}

/// Three orders of the text, each but the first compared with the one before.
fn sweeps(shape: &Shape, plant: &mut Planter) -> Vec<SweepRow> {
    let mut rows = Vec::new();
    let levels = ["words scrambled", "paragraphs of 5 sentences scrambled", "intact"];
    for (place, level) in levels.into_iter().enumerate() {
        let finer = place.checked_sub(1).map(|place| levels[place].to_owned());
        rows.extend(places(shape).into_iter().map(|region| SweepRow {
            language_model: shape.language_model.clone(),
            sweep: "scramble".to_owned(),
            level: level.to_owned(),
            region,
            layer: 1 + place,
            score: plant.estimate(),
            unique_gain: plant.estimate(),
            difference: finer.as_ref().map(|_| plant.estimate()),
            finer: finer.clone(),
            p_sign_flip_corrected: plant.p(),
            p_wilcoxon: plant.p(),
        }));
    }
    rows
}

/// A window before each word, one behind it, and one from random places.
fn forecast(shape: &Shape, plant: &mut Planter) -> Vec<ForecastRow> {
    let mut rows = Vec::new();
    for (window, distance) in [("-8", Some(-8)), ("4", Some(4)), ("random 0", None)] {
        rows.extend(places(shape).into_iter().map(|region| ForecastRow {
            language_model: shape.language_model.clone(),
            layer: 0,
            window: window.to_owned(),
            distance,
            region,
            alone: plant.next(),
            with_window: plant.next(),
            forecast: plant.estimate(),
            beyond_random: distance.map(|_| plant.estimate()),
            p_sign_flip_corrected: plant.p(),
            p_wilcoxon: plant.p(),
        }));
    }
    rows
}

fn diagnostics(shape: &Shape, plant: &mut Planter) -> Diagnostics {
    let rate = |layer| (shape.language_model.clone(), layer, plant.p());
    Diagnostics {
        autocorrelation_tripwire: Some(0.0123),
        autocorrelation_range: Some((-0.0321, 0.0432)),
        penalties_at_edges: (12, 2671, 13_770),
        rate_in_layers: (0..shape.layers).map(rate).collect(),
        lag_scan: [-4.0, 0.0, 4.0, 8.0].map(|lag| (lag, plant.next())).to_vec(),
    }
}

fn verdicts(shape: &Shape, plant: &mut Planter) -> Vec<Verdict> {
    let mut verdict = |question: &str, outcome, p| Verdict {
        language_model: shape.language_model.clone(),
        question: question.to_owned(),
        outcome,
        difference: (question != "alignment").then(|| plant.estimate()),
        p,
        lag: (question == "alignment").then_some(4.0),
        sentence: String::new(),
    };
    vec![
        verdict("word rate", Outcome::CannotTell, Some(0.0123)),
        verdict("untrained", Outcome::Beyond, None),
        verdict("layer 0", Outcome::NotBeyond, Some(0.4321)),
        verdict("alignment", Outcome::Beyond, None),
    ]
}

fn clusters(shape: &Shape, plant: &mut Planter) -> Vec<ClusterRow> {
    if !shape.clusters {
        return Vec::new();
    }
    let mut rows = Vec::new();
    for layer in 0..shape.layers {
        for (index, null) in ["stimulus", "sign_flip"].into_iter().enumerate() {
            let count = 41 + 10 * layer + index;
            rows.push(ClusterRow {
                language_model: shape.language_model.clone(),
                layer,
                quantity: ["score", "unique_gain", "contextual_gain"][layer % 3].to_owned(),
                null: null.to_owned(),
                n_targets: 1000 + count,
                n_significant: 200 + count,
                n_clusters: 3 + count,
                largest: 100 + count,
                smallest_p: plant.p(),
                peak: Some(Target { name: format!("1-2-{count}"), region: shape.regions[0].clone() }),
                peak_value: plant.next(),
            });
        }
    }
    rows
}

fn methods(shape: &Shape) -> Methods {
    let language_model = LanguageModelMethods {
        name: shape.language_model.clone(),
        family: "llama".to_owned(),
        n_parameters: 260_032,
        n_layers: shape.layers,
        context: 511,
        pooling: "last".to_owned(),
        reading: "each word was read as the last of 20 words".to_owned(),
        untrained_seeds: if shape.untrained { 3 } else { 0 },
    };
    Methods {
        shuffled: false,
        components: Some(23),
        version: "0.1.0".to_owned(),
        preset: Some(PresetMethods {
            name: "caucheteux-2023".to_owned(),
            reference: "Caucheteux et al., 2023".to_owned(),
            entry: "caucheteux2023evidence".to_owned(),
            set: vec!["alignment.method = \"sum\"".to_owned(), "alignment.centre = false".to_owned()],
            own: vec!["alignment.delays".to_owned()],
        }),
        n_participants: shape.participants.len() - 1,
        stimuli: vec![("alice".to_owned(), 2077, 735.014), ("second story".to_owned(), 1033, 402.26)],
        repetition_times: (1.9, 2.04),
        n_samples: (361, 363),
        high_pass: Some(127.0),
        drift_by_block: true,
        confounds: (1..=6).map(|index| format!("confound {index}")).collect(),
        retroicor: Some((3, 4, 2)),
        rates: Some((
            vec!["respiratory volume per time".to_owned(), "heart rate".to_owned()],
            vec![0.0, 4.5],
        )),
        behaviour: Some(vec!["where the eye looked in each volume".to_owned()]),
        project_features: true,
        alignment: "Lanczos interpolation with three lobes".to_owned(),
        centred: true,
        delays: vec![2.2, 4.4, 6.6],
        folds: "9 contiguous blocks with a gap of 28 s on each side".to_owned(),
        inner_folds: (3, 4),
        alphas: (0.3, 1e7, 11),
        language_models: vec![language_model],
        baseline: vec!["word_rate".to_owned(), "word_length".to_owned(), "layer_0".to_owned()],
        surrogates: (999, "phase-randomised features".to_owned()),
        bootstraps: 2001,
        stimulus_block: 31.0,
        equivalence_margin: 0.021,
        seed: 17,
        clusters: shape.clusters.then(|| "threshold-free cluster enhancement".to_owned()),
        forecast: Some("layer 0, windows of 3 words, the last of them -8, 4 words further on".to_owned()),
        population: "The stimulus null treats the words of these 2 stories as a sample.".to_owned(),
    }
}

/// A brain of two by three pixels, seen from everywhere.
pub fn brain() -> Brain {
    let view =
        |side| View { side, width: 3, pixel: (3.0, 4.0), levels: vec![NOTHING, NO_VALUE, 0, -37, 100, 55] };
    let sides = [Side::Left, Side::Right, Side::Behind, Side::Above, Side::Slice(-12.4), Side::Slice(31.0)];
    let map = |quantity, largest| BrainMap { quantity, largest, views: sides.map(view).to_vec() };
    Brain {
        layer: 3,
        maps: vec![map(Quantity::Score, 0.271), map(Quantity::Gain, 0.0431), map(Quantity::Depth, 5.0)],
    }
}
