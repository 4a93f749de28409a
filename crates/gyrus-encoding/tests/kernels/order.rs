//! The order of regions, its p and its reliability, and the choice of layers, against closed forms and naive loops.

use gyrus_core::LayerIndex;
use gyrus_encoding::EncodingError;
use gyrus_encoding::hierarchy::{
    Regions, RegionsNull, RegionsP, best_layer, distance_to_primary, geodesic_to_primary,
    group_hierarchy_index, hierarchy_correlation, hierarchy_index, nested_best_layer, own_depths,
    split_half_reliability, surrogate_maps,
};
use gyrus_encoding::statistics::{ranks, spearman};
use ndarray::{Array1, Array2, Array3, array, s};

use crate::simulate::{normal, random};

fn numbers(seed: u64, count: usize) -> Vec<f64> {
    let mut random = random(seed);
    (0..count).map(|_| normal(&mut random)).collect()
}

/// (r_xy − r_xz r_yz) / √((1 − r_xz²)(1 − r_yz²)).
#[test]
fn with_a_ceiling_the_index_is_the_partial_rank_correlation() {
    for seed in 0..5 {
        let noise = |which: u64| numbers(10 * seed + which, 26);
        let ceiling = noise(0);
        let mixed =
            |which: u64| -> Vec<f64> { ceiling.iter().zip(noise(which)).map(|(z, e)| z + e).collect() };
        let (depth, reference) = (mixed(1), mixed(2));
        let r = |x: &[f64], y: &[f64]| spearman(x, y).unwrap();
        let (xy, xz, yz) = (r(&depth, &reference), r(&depth, &ceiling), r(&reference, &ceiling));
        let expected = (xy - xz * yz) / ((1.0 - xz * xz) * (1.0 - yz * yz)).sqrt();
        let regions = Regions { depth: &depth, reference: &reference, ceiling: Some(&ceiling) };
        let found = hierarchy_correlation(regions).unwrap().unwrap();
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
}

#[test]
fn a_ceiling_takes_all_of_what_it_orders_and_nothing_where_it_is_constant() {
    let (depth, reference) = (numbers(1, 24), numbers(2, 24));
    let of = |ceiling: &[f64]| {
        let regions = Regions { depth: &depth, reference: &reference, ceiling: Some(ceiling) };
        hierarchy_index(regions, RegionsNull::Exchangeable, (19, 1)).unwrap()
    };
    let plain = spearman(&depth, &reference).unwrap();
    let constant = of(&[0.3; 24]);
    assert!((constant.rho - plain).abs() < 1e-12 && constant.p.value().is_some());
    let bent: Vec<f64> = depth.iter().map(|x| x.exp()).collect();
    let turned: Vec<f64> = reference.iter().map(|x| -x).collect();
    for ceiling in [bent, turned] {
        let found = of(&ceiling);
        assert!(found.rho.is_nan() && found.p == RegionsP::Constant, "{found:?}");
    }
}

/// The reference has one region on top, and the correlation is largest where that region is first or last.
#[test]
fn surrogates_as_large_as_the_index_count() {
    let depth: Vec<f64> = (0..24).map(f64::from).collect();
    let mut reference = vec![0.1; 24];
    reference[23] = 0.7;
    let draws = (299, 5);
    let regions = Regions { depth: &depth, reference: &reference, ceiling: None };
    let found = hierarchy_index(regions, RegionsNull::Exchangeable, draws).unwrap();
    let maps = surrogate_maps(&ranks(&reference), RegionsNull::Exchangeable, draws).unwrap();
    let top = |map: ndarray::ArrayView1<'_, f64>| map.iter().position(|rank| *rank == 24.0).unwrap();
    let reached = maps.rows().into_iter().filter(|map| [0, 23].contains(&top(map.view()))).count();
    assert!(reached >= 10, "{reached} of 299, about a twelfth");
    assert_eq!(found.p.value(), Some((1.0 + reached as f64) / 300.0));
}

/// Of 199 surrogates, four lie below the middle 95 % and four above.
#[test]
fn the_middle_of_the_surrogates_leaves_as_many_below_as_above() {
    let (depth, reference) = (numbers(3, 20), numbers(4, 20));
    let (draws, null) = ((199, 2), RegionsNull::Exchangeable);
    let regions = Regions { depth: &depth, reference: &reference, ceiling: None };
    let found = hierarchy_index(regions, null, draws).unwrap();
    let maps = surrogate_maps(&ranks(&reference), null, draws).unwrap();
    let all: Vec<f64> = maps.rows().into_iter().map(|map| spearman(&depth, &map.to_vec()).unwrap()).collect();
    let middle = found.p.middle().unwrap();
    let below = all.iter().filter(|rho| **rho < middle.low - 1e-12).count();
    let above = all.iter().filter(|rho| **rho > middle.high + 1e-12).count();
    assert_eq!((below, above), (4, 4), "{middle:?}");
    let reached = all.iter().filter(|rho| rho.abs() >= found.rho.abs() - 1e-9).count();
    assert_eq!(found.p.value(), Some((1.0 + reached as f64) / 200.0));
    let constant = Regions { depth: &[1.0; 20], reference: &reference, ceiling: None };
    assert_eq!(hierarchy_index(constant, null, draws).unwrap().p.middle(), None);
}

#[test]
fn two_people_and_twenty_regions_are_enough() {
    let group = |people: usize, regions: usize| {
        let depths = Array2::from_shape_vec((people, regions), numbers(7, people * regions)).unwrap();
        let null = RegionsNull::Exchangeable;
        group_hierarchy_index(depths.view(), (&numbers(8, regions), None), null, (19, 1))
    };
    assert_eq!(group(1, 24).unwrap_err(), EncodingError::TooFewParticipants { found: 1, needed: 2 });
    assert_eq!(group(2, 24).unwrap().rho.len(), 2);
    let (few, enough, more) = (group(6, 19).unwrap(), group(6, 20).unwrap(), group(6, 21).unwrap());
    assert!(few.p_participants.is_nan() && few.mean.is_finite());
    assert_eq!(few.p, RegionsP::TooFewRegions { regions: 19, needed: 20 });
    for found in [enough, more] {
        assert!(found.p_participants <= 1.0 && found.p.value().is_some(), "{found:?}");
    }
}

#[test]
fn places_and_sides_of_too_few_regions_are_refused() {
    let (depth, reference) = (numbers(1, 24), numbers(2, 24));
    let all = Array2::from_shape_vec((24, 3), numbers(3, 72)).unwrap();
    let index = |null: RegionsNull<'_>| {
        hierarchy_index(Regions { depth: &depth, reference: &reference, ceiling: None }, null, (19, 1))
    };
    let mismatch = |found: (usize, usize)| EncodingError::PlaceMismatch { found, expected: 24 };
    let short = all.slice(s![..23, ..]);
    assert_eq!(index(RegionsNull::Variogram(short)).unwrap_err(), mismatch((23, 3)));
    let long = Array2::from_shape_vec((30, 3), numbers(4, 90)).unwrap();
    assert_eq!(index(RegionsNull::Variogram(long.view())).unwrap_err(), mismatch((30, 3)));
    let spins = |positions, is_right| RegionsNull::Spins { positions, is_right };
    assert_eq!(index(spins(all.view(), &[false; 23])).unwrap_err(), mismatch((23, 3)));
    assert_eq!(index(spins(all.view(), &[false; 25])).unwrap_err(), mismatch((25, 3)));
    assert!(index(spins(all.view(), &[false; 24])).unwrap().p.value().is_some());
    let maps = |null: RegionsNull<'_>| surrogate_maps(&depth, null, (3, 1)).map(|maps| maps.dim());
    for found in [all.slice(s![.., ..2]), all.slice(s![..23, ..])] {
        assert_eq!(maps(RegionsNull::Variogram(found)), Err(mismatch(found.dim())));
        assert_eq!(maps(spins(found, &[false; 24])), Err(mismatch(found.dim())));
    }
    let mut holed = all.clone();
    holed[(5, 1)] = f64::NAN;
    let nowhere = EncodingError::NoPlace { region: 5 };
    assert_eq!(maps(RegionsNull::Variogram(holed.view())), Err(nowhere.clone()));
    assert_eq!(maps(spins(holed.view(), &[false; 24])), Err(nowhere.clone()));
    assert_eq!(distance_to_primary(holed.view(), &[0]), Err(nowhere));
    assert_eq!(maps(spins(all.view(), &[false; 24])), Ok((3, 24)));
}

#[test]
fn nulls_have_the_names_of_their_tables() {
    let places = Array2::zeros((0, 3));
    let spins = RegionsNull::Spins { positions: places.view(), is_right: &[] };
    let names =
        [RegionsNull::Exchangeable, RegionsNull::Variogram(places.view()), spins].map(|null| null.name());
    assert_eq!(names, ["exchangeable", "variogram", "spins"]);
}

#[test]
fn the_best_layer_is_the_first_of_the_largest_finite_scores() {
    let best = |scores: &[f64]| best_layer(Array1::from(scores.to_vec()).view());
    assert_eq!(best(&[f64::NAN, 0.1, 0.4, 0.4, 0.2]), Some(LayerIndex(2)));
    assert_eq!(best(&[0.3, f64::INFINITY, 0.2]), Some(LayerIndex(0)));
    assert_eq!(best(&[-0.3, -0.1]), Some(LayerIndex(1)));
    assert_eq!(best(&[f64::NAN; 3]), None);
    assert_eq!(best(&[]), None);
}

#[test]
fn a_layer_is_chosen_on_inner_and_scored_on_outer_folds() {
    let inner = array![[0.1, 0.5, 0.2], [0.6, 0.5, 0.2], [0.1, 0.2, 0.3], [0.0, 0.4, 0.3]];
    let outer = array![[9.0, 1.0, 9.0], [2.0, 9.0, 9.0], [9.0, 9.0, 4.0], [9.0, 8.0, 9.0]];
    let found = nested_best_layer(inner.view(), outer.view());
    assert_eq!(found.layers, [1, 0, 2, 1].map(|layer| Some(LayerIndex(layer))));
    assert_eq!(found.score, 3.75);
    let mut none = inner;
    none.row_mut(2).fill(f64::NAN);
    let found = nested_best_layer(none.view(), outer.view());
    assert!(found.layers[2].is_none() && found.score.is_nan());
}

/// Two people whose regions peak at these layers, with nothing elsewhere.
fn peaks(one: &[usize], other: &[usize]) -> Array3<f64> {
    Array3::from_shape_fn((2, one.len(), 6), |(person, region, layer)| {
        f64::from(u8::from([one, other][person][region] == layer))
    })
}

const DEPTHS: [f64; 6] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];

#[test]
fn the_reliability_of_two_people_is_the_correlation_of_their_depths() {
    let of = |one: &[usize], other: &[usize]| split_half_reliability(&DEPTHS, peaks(one, other).view(), 7, 1);
    // Ranks 1, 2, 3 and 1, 3, 2.
    let half = of(&[1, 2, 3], &[2, 5, 3]);
    assert!((half.halves - 0.5).abs() < 1e-12 && (half.whole - 2.0 / 3.0).abs() < 1e-12, "{half:?}");
    assert_eq!(half.divisions, 7);
    let equal = of(&[1, 2, 3, 5], &[2, 3, 4, 5]);
    assert!((equal.halves - 1.0).abs() < 1e-12 && (equal.whole - 1.0).abs() < 1e-12, "{equal:?}");
    let reversed = of(&[1, 1, 3, 3], &[4, 4, 2, 2]);
    assert!(reversed.halves == -1.0 && reversed.whole.is_nan(), "{reversed:?}");
    let few = of(&[1, 2], &[1, 2]);
    assert!(few.divisions == 0 && few.halves.is_nan() && few.whole.is_nan(), "{few:?}");
    let alone = peaks(&[1, 2, 3], &[1, 2, 3]).slice_move(s![..1, .., ..]);
    assert_eq!(split_half_reliability(&DEPTHS, alone.view(), 7, 1).divisions, 0);
}

/// Depth of every region over some people, above the score at the layer that is worst over the others.
fn depths_of(scores: &Array3<f64>, own: [usize; 2], others: [usize; 2]) -> Vec<f64> {
    let mean = |people: [usize; 2], region: usize, layer: usize| {
        let given: Vec<f64> = people.iter().map(|one| scores[(*one, region, layer)]).collect();
        let finite: Vec<f64> = given.into_iter().filter(|score| score.is_finite()).collect();
        finite.iter().sum::<f64>() / finite.len() as f64
    };
    let depth = |region: usize| {
        let [own, others] =
            [own, others].map(|people| [0, 1, 2, 3, 4, 5].map(|layer| mean(people, region, layer)));
        let lowest = others.iter().copied().fold(f64::INFINITY, f64::min);
        let floor = own[others.iter().position(|score| *score == lowest).unwrap()];
        let mass: [f64; 6] = own.map(|score| (score - floor).max(0.0));
        DEPTHS.iter().zip(mass).map(|(depth, mass)| depth * mass).sum::<f64>() / mass.iter().sum::<f64>()
    };
    (0..scores.dim().1).map(depth).collect()
}

/// Scores of four people, some missing.
fn four_people(seed: u64) -> Array3<f64> {
    let mut random = random(seed);
    let mut scores = Array3::from_shape_fn((4, 12, 6), |(_, region, layer)| {
        let away = layer as f64 - region as f64 / 3.0;
        0.3 / (1.0 + away * away) + 0.1 * normal(&mut random)
    });
    for (person, region, layer) in [(0, 1, 2), (1, 4, 4), (2, 7, 0), (3, 9, 3), (0, 6, 1), (1, 10, 5)] {
        scores[(person, region, layer)] = f64::NAN;
    }
    scores
}

#[test]
fn halves_of_four_people_are_one_of_three_divisions_whose_means_are_compared() {
    let of = |scores: &Array3<f64>| {
        [([0, 1], [2, 3]), ([0, 2], [1, 3]), ([0, 3], [1, 2])].map(|(one, other)| {
            spearman(&depths_of(scores, one, other), &depths_of(scores, other, one)).unwrap()
        })
    };
    let is_apart = |[a, b, c]: [f64; 3]| (a - b).abs().min((a - c).abs()).min((b - c).abs()) > 0.01;
    let scores = (6..).map(four_people).find(|scores| is_apart(of(scores))).unwrap();
    let expected = of(&scores);
    let mut met = [false; 3];
    for seed in 0..30 {
        let found = split_half_reliability(&DEPTHS, scores.view(), 1, seed);
        let which = expected.iter().position(|one| (one - found.halves).abs() < 1e-12);
        met[which.unwrap_or_else(|| panic!("{found:?} is none of {expected:?}"))] = true;
    }
    assert_eq!(met, [true; 3], "{expected:?}");
    let many = split_half_reliability(&DEPTHS, scores.view(), 1000, 1);
    assert!((many.halves - expected.iter().sum::<f64>() / 3.0).abs() < 0.03, "{many:?} of {expected:?}");
}

/// The others are equal at all layers: they say nothing of how far a layer is.
#[test]
fn a_depth_against_others_without_a_profile_is_missing() {
    let scores =
        Array3::from_shape_fn((5, 1, 4), |(person, _, layer)| if person == 0 { layer as f64 } else { 0.5 });
    let found = own_depths(&[0.0, 1.0, 2.0, 3.0], scores.view());
    assert!(found[(0, 0)].is_nan(), "{found}");
}

#[test]
fn two_paths_of_equal_length_give_one_distance() {
    // A square, whose far corner is two sides away by either, and a vertex above that corner.
    let places = [[0.0_f32, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 2.0]];
    let found = geodesic_to_primary(&places, &[[0, 1, 2], [1, 2, 3], [1, 3, 4]], &[0]).unwrap();
    assert_eq!(found, [0.0, 1.0, 1.0, 2.0, 1.0 + 5.0_f64.sqrt()]);
}
