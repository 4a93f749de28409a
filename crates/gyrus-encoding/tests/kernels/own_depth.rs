//! Depths of single participants and distances along a mesh, against goldens, naive loops and nominal rates.

use gyrus_encoding::hierarchy::{
    Regions, RegionsNull, geodesic_to_primary, group_hierarchy_index, hierarchy_correlation, hierarchy_index,
    own_depths,
};
use ndarray::{Array2, Array3};

use crate::golden::{list, read_from, table};
use crate::simulate::{normal, random};

const LAYERS: usize = 6;
const REGIONS: usize = 30;

fn depths() -> Vec<f64> {
    (0..LAYERS).map(|layer| layer as f64).collect()
}

#[test]
fn own_depths_are_those_of_the_formula() {
    let golden = &read_from("hierarchy", "hierarchy")["own_depths"];
    let people: Vec<_> = golden["scores"].as_array().unwrap().iter().map(table).collect();
    let scores = Array3::from_shape_fn((5, 4, 6), |(p, r, k)| people[p][(r, k)]);
    let (found, expected) = (own_depths(&list(&golden["depths"]), scores.view()), table(&golden["own"]));
    found
        .iter()
        .zip(&expected)
        .for_each(|(one, other)| assert!((one - other).abs() < 1e-10, "{one} {other}"));
}

#[test]
fn what_a_depth_cannot_be_taken_of_has_none() {
    let one = Array3::from_elem((1, 2, LAYERS), 0.1);
    assert!(own_depths(&depths(), one.view()).iter().all(|depth| depth.is_nan()), "one participant");
    let flat = Array3::from_elem((4, 2, LAYERS), 0.1);
    assert!(own_depths(&depths(), flat.view()).iter().all(|depth| depth.is_nan()), "no layer above a floor");
    let mut some = Array3::from_shape_fn((4, 1, LAYERS), |(_, _, k)| k as f64);
    some[(2, 0, 3)] = f64::NAN;
    let found = own_depths(&depths(), some.view());
    assert!(found[(2, 0)].is_nan() && found[(0, 0)].is_finite(), "{found}");
    let single = Array3::from_elem((4, 1, 1), 0.1);
    assert!(own_depths(&[0.0], single.view()).iter().all(|depth| depth.is_nan()), "one layer");
}

/// Scores of ten people in regions of unequal signal; `slope` moves the peak with the place in the order. The ceiling is
/// measured with an error.
fn cohort(seed: u64, slope: f64) -> (Array3<f64>, Vec<f64>, Vec<f64>) {
    let mut random = random(seed);
    let signal: Vec<f64> = (0..REGIONS).map(|region| 0.04 + 0.12 * region as f64 / REGIONS as f64).collect();
    let reference: Vec<f64> = (0..REGIONS).map(|region| region as f64 + 8.0 * normal(&mut random)).collect();
    let peak = |region: usize| 1.5 + slope * reference[region] / REGIONS as f64;
    let mut scores = Array3::zeros((10, REGIONS, LAYERS));
    for person in 0..10 {
        let strength = (0.3 * normal(&mut random)).exp();
        for region in 0..REGIONS {
            for layer in 0..LAYERS {
                let shape = (-(layer as f64 - peak(region)).powi(2) / 8.0).exp();
                scores[(person, region, layer)] =
                    strength * signal[region] * shape + 0.03 * normal(&mut random);
            }
        }
    }
    let ceiling = signal.iter().map(|signal| signal + 0.01 * normal(&mut random)).collect();
    (scores, reference, ceiling)
}

/// p over participants and over orders of regions.
fn p((scores, reference, ceiling): &(Array3<f64>, Vec<f64>, Vec<f64>), seed: u64) -> (f64, f64) {
    let own = own_depths(&depths(), scores.view());
    let null = RegionsNull::Exchangeable;
    let found = group_hierarchy_index(own.view(), (reference, Some(ceiling)), null, (99, seed)).unwrap();
    (found.p_participants, found.p.value().unwrap())
}

/// The reference follows the signal, and every region has one profile: p over people and p over regions keep to their level.
#[test]
fn one_profile_with_unequal_signal_is_no_order_for_single_participants() {
    let found: Vec<(f64, f64)> = (0..200).map(|seed| p(&cohort(seed, 0.0), seed)).collect();
    let people = found.iter().filter(|(people, _)| *people <= 0.05).count();
    let regions = found.iter().filter(|(_, regions)| *regions <= 0.05).count();
    println!("{people} and {regions} of 200");
    // 0.05 and 2.6 standard errors.
    assert!(people <= 18 && regions <= 18, "people {people}, regions {regions} of 200");
}

/// Places on a sphere, and a map over them that is smooth.
fn smooth(seed: u64, places: &Array2<f64>) -> Vec<f64> {
    let mut random = random(seed);
    let rough: Vec<f64> = (0..REGIONS).map(|_| normal(&mut random)).collect();
    let weight = |one: usize, other: usize| {
        let between = &places.row(one) - &places.row(other);
        (-between.dot(&between) / (2.0 * 20.0 * 20.0)).exp()
    };
    (0..REGIONS).map(|one| (0..REGIONS).map(|other| weight(one, other) * rough[other]).sum()).collect()
}

/// Three maps that know nothing of each other, one of them the ceiling: the rate of p over maps with its variogram is that
/// without a ceiling, because surrogates are as free of the ceiling as the order is.
#[test]
fn a_smooth_ceiling_makes_maps_no_more_alike() {
    let rate = |with: bool| {
        let hit = |seed: &u64| {
            let mut random = random(seed + 5000);
            let mut places = Array2::from_shape_simple_fn((REGIONS, 3), || normal(&mut random));
            for mut place in places.rows_mut() {
                let length = place.dot(&place).sqrt();
                place *= 50.0 / length;
            }
            let map = |which: u64| smooth(3 * seed + which, &places);
            let (depth, reference, ceiling) = (map(0), map(1), map(2));
            let regions =
                Regions { depth: &depth, reference: &reference, ceiling: with.then_some(&ceiling[..]) };
            let found = hierarchy_index(regions, RegionsNull::Variogram(places.view()), (99, *seed)).unwrap();
            assert_eq!(hierarchy_correlation(regions).unwrap(), Some(found.rho));
            found.p.value().unwrap() <= 0.05
        };
        (0..100_u64).filter(hit).count()
    };
    let (without, with) = (rate(false), rate(true));
    println!("{without} without, {with} with a ceiling, of 100");
    // Variograms are too liberal for maps as smooth as these (the method page says so); a ceiling adds nothing to it.
    assert!(without <= 20 && with <= without + 3, "{without} without, {with} with a ceiling");
}

#[test]
fn a_planted_order_is_found_in_single_participants() {
    let (people, regions) = p(&cohort(3, 3.0), 3);
    assert!(people <= 0.01 && regions <= 0.02, "{people} {regions}");
}

#[test]
fn distances_along_a_mesh_are_those_of_scipy() {
    let golden = &read_from("hierarchy", "hierarchy")["geodesics"];
    let places: Vec<[f32; 3]> = table(&golden["places"])
        .rows()
        .into_iter()
        .map(|row| [0, 1, 2].map(|axis| row[axis] as f32))
        .collect();
    let triangles: Vec<[u32; 3]> = table(&golden["triangles"])
        .rows()
        .into_iter()
        .map(|row| [0, 1, 2].map(|corner| row[corner] as u32))
        .collect();
    let primary: Vec<usize> = list(&golden["primary"]).into_iter().map(|vertex| vertex as usize).collect();
    let found = geodesic_to_primary(&places, &triangles, &primary).unwrap();
    let expected = golden["distance"].as_array().unwrap();
    for (one, other) in found.iter().zip(expected) {
        match other.as_f64() {
            Some(other) => assert!((one - other).abs() < 1e-5, "{one} {other}"),
            None => assert!(one.is_nan(), "{one}"),
        }
    }
    assert_eq!(found.into_iter().map(hole).collect::<Vec<_>>(), naive(&places, &triangles, &primary));
}

/// Every side shortens its ends until none does.
fn naive(places: &[[f32; 3]], triangles: &[[u32; 3]], primary: &[usize]) -> Vec<f64> {
    let mut distance = vec![f64::INFINITY; places.len()];
    primary.iter().for_each(|vertex| distance[*vertex] = 0.0);
    loop {
        let before = distance.clone();
        for triangle in triangles {
            for (from, to) in [(0, 1), (1, 2), (2, 0), (1, 0), (2, 1), (0, 2)] {
                let (from, to) = (triangle[from] as usize, triangle[to] as usize);
                let squared = (0..3).map(|x| f64::from(places[from][x] - places[to][x]).powi(2));
                distance[to] = distance[to].min(distance[from] + squared.sum::<f64>().sqrt());
            }
        }
        if before == distance {
            return distance.into_iter().map(hole).collect();
        }
    }
}

/// A number in place of none, which is not equal to itself.
fn hole(value: f64) -> f64 {
    if value.is_finite() { value } else { -1.0 }
}

#[test]
fn meshes_that_are_none_are_refused() {
    let places = [[0.0_f32, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, f32::NAN]];
    let text = |triangles: &[[u32; 3]], primary: &[usize]| {
        geodesic_to_primary(&places, triangles, primary).unwrap_err().to_string()
    };
    assert!(text(&[], &[]).contains("no primary region"));
    assert!(text(&[], &[3]).contains("primary region 3"));
    assert!(text(&[[0, 1, 2]], &[0]).contains("region 2"));
    assert!(text(&[[0, 1, 7]], &[0]).contains("region 7"));
}
