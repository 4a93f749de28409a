//! Centres of mass and the hierarchy index against goldens, planted truth and their nominal rates.

use gyrus_encoding::calibration::{PlantedProfile, simulate_depth};
use gyrus_encoding::hierarchy::{
    Floor, Regions, RegionsNull, RegionsP, Variogram, centre_of_mass, distance_to_primary,
    group_hierarchy_index, hierarchy_index, inverted_u, surrogate_maps,
};
use gyrus_encoding::statistics::spearman;
use ndarray::{Array1, Array2, Axis, array};

use crate::golden::{list, number, read_from, table};
use crate::simulate::{normal, random};

/// Group profile of the left anterior temporal lobe in the Alice recordings.
const ALICE: [f64; 6] = [0.043, 0.051, 0.058, 0.089, 0.120, 0.130];
const SHAPES: [[f64; 6]; 3] = [ALICE, [0.2, 0.5, 1.0, 0.7, 0.4, 0.3], [1.0, 0.8, 0.6, 0.4, 0.3, 0.2]];

/// Mean error of the crossed floor and of the smallest score, and share of intervals that hold the planted centre.
fn bias(profile: &[f64], signal_to_noise: f64, draws: usize) -> (f64, f64, f64) {
    let planted = PlantedProfile { profile, participants: 27, signal_to_noise, likeness: 0.84 };
    let found: Vec<_> = (0..200).map(|index| simulate_depth(&planted, draws, (3, index))).collect();
    let truth = found[0].planted.unwrap();
    let error = |of: &dyn Fn(usize) -> Option<f64>| {
        let errors: Vec<f64> = (0..found.len()).filter_map(of).map(|centre| centre - truth).collect();
        errors.iter().sum::<f64>() / errors.len() as f64
    };
    let holds = found.iter().filter(|one| one.interval.low <= truth && truth <= one.interval.high).count();
    (error(&|i| found[i].crossed), error(&|i| found[i].smallest), holds as f64 / found.len() as f64)
}

#[test]
fn the_bias_of_the_centre_of_mass_is_small_from_the_noise_of_alice_on() {
    for (shape, profile) in SHAPES.iter().enumerate() {
        for signal_to_noise in [1.0, 2.0, 3.7, 8.0, 16.0] {
            let (crossed, smallest, holds) = bias(profile, signal_to_noise, 100);
            println!("{shape}\t{signal_to_noise}\t{crossed:.2}\t{smallest:.2}\t{holds:.2}");
            // The regions of Alice have 1.8 to 4.7, their median 3.7.
            if signal_to_noise >= 3.7 {
                assert!(crossed.abs() < 0.25, "shape {shape} at {signal_to_noise}: {crossed}");
            }
            if signal_to_noise >= 8.0 {
                assert!(holds > 0.85, "shape {shape} at {signal_to_noise}: interval holds in {holds}");
            }
        }
    }
}

/// Profiles of one shape in regions of unequal signal, the reference ordered as the signal is with some noise.
fn equal_profiles(seed: u64, has_ceiling: bool, flat: bool) -> f64 {
    let regions = 40;
    let mut random = random(seed);
    let signal: Vec<f64> = (0..regions).map(|region| 2.0 + 10.0 * region as f64 / regions as f64).collect();
    let of_region = |region: usize| {
        let profile: &[f64] = if flat { &[1.0; 6] } else { &SHAPES[2] };
        let planted =
            PlantedProfile { profile, participants: 12, signal_to_noise: signal[region], likeness: 0.84 };
        simulate_depth(&planted, 0, (seed, region)).crossed.unwrap_or(f64::NAN)
    };
    let depth: Vec<f64> = (0..regions).map(of_region).collect();
    let reference: Vec<f64> = signal.iter().map(|signal| signal + 2.0 * normal(&mut random)).collect();
    // Ceilings are measured, with an error.
    let ceiling: Vec<f64> = signal.iter().map(|signal| signal + 0.5 * normal(&mut random)).collect();
    let regions =
        Regions { depth: &depth, reference: &reference, ceiling: has_ceiling.then_some(&ceiling[..]) };
    hierarchy_index(regions, RegionsNull::Exchangeable, (99, seed)).unwrap().p.value().unwrap()
}

#[test]
fn equal_profiles_with_unequal_signal_and_flat_ones_are_no_hierarchy() {
    for flat in [false, true] {
        let hits = (0..200).filter(|seed| equal_profiles(*seed, true, flat) <= 0.05).count();
        println!("flat {flat}: {hits} of 200");
        // 0.05 and 2.6 standard errors.
        assert!(hits <= 18, "flat {flat}: {hits} of 200");
    }
}

#[test]
fn middle_layers_are_set_against_both_ends() {
    let (first, last) = inverted_u(Array1::from(vec![0.1, 0.2, 0.5, 0.3, 0.2]).view()).unwrap();
    assert!((first - 0.3).abs() < 1e-12 && (last - 0.2).abs() < 1e-12);
    assert_eq!(inverted_u(Array1::from(vec![0.1, 0.2]).view()), None);
    // Of nine layers the middle ones are 4, 5 and 6; of six, 3.
    let nine = Array1::from(vec![1.0, 9.0, 9.0, 9.0, 4.0, 5.0, 9.0, 20.0, 2.0]);
    assert_eq!(inverted_u(nine.view()), Some((5.0, 4.0)));
    let six = Array1::from(vec![1.0, 9.0, 9.0, 4.0, 9.0, 2.0]);
    assert_eq!(inverted_u(six.view()), Some((3.0, 2.0)));
    let one = Array2::from_elem((5, 1), 0.3);
    assert_eq!(centre_of_mass(&[0.0], one.view(), Floor::Minimum), None, "one layer has no floor below it");
}

#[test]
fn scores_are_weighed_above_the_floor() {
    let depths = [1.0, 3.0, 7.0];
    let one = array![[1.0, 2.0, 4.0]];
    // Masses 0, 1 and 3; without a floor 1, 2 and 4.
    assert_eq!(centre_of_mass(&depths, one.view(), Floor::Minimum), Some(6.0));
    assert_eq!(centre_of_mass(&depths, one.view(), Floor::Zero), Some(5.0));
    // The first of the two worst layers of one fold is at 0.25 in the other, whose own worst layer is at 0 in the first.
    let two = array![[0.0, 0.0, 1.0], [0.25, 0.5, 1.0]];
    let masses = [0.0, 0.125, 0.875];
    let expected = depths.iter().zip(masses).map(|(depth, mass)| depth * mass).sum::<f64>();
    assert_eq!(centre_of_mass(&depths, two.view(), Floor::Minimum), Some(expected));
}

#[test]
fn a_variogram_is_fitted_by_least_squares() {
    // Residuals 1/6, −1/3 and 1/6.
    let (constant, slope, error) = Variogram::fit(&[1.0, 2.0, 4.0], &[5.0, 6.0, 7.0]);
    assert!((slope - 1.5).abs() < 1e-12 && (constant - (7.0 / 3.0 - 9.0)).abs() < 1e-12);
    assert!((error - 1.0 / 6.0).abs() < 1e-12, "{error}");
    assert_eq!(Variogram::fit(&[1.0, 2.0, 6.0], &[0.5; 3]), (3.0, 0.0, 14.0));
}

#[test]
fn spins_ask_for_directions_only() {
    let world = World::new(3, 25);
    let map = world.smooth(1);
    let mut longer = world.places.clone();
    for (region, mut place) in longer.rows_mut().into_iter().enumerate() {
        place *= 0.01 + region as f64;
    }
    let spins = |positions: &Array2<f64>| {
        let null = RegionsNull::Spins { positions: positions.view(), is_right: &world.is_right };
        surrogate_maps(&map, null, (20, 1)).unwrap()
    };
    let found = spins(&world.places);
    assert_eq!(found, spins(&longer));
    assert!(found.iter().all(|value| map.contains(value)), "every value is one of the map");
}

#[test]
fn variograms_and_smoothed_maps_are_those_of_brainsmash() {
    let golden = &read_from("similarity", "similarity")["variograms"];
    let variogram = Variogram::new(table(&golden["positions"]).view()).unwrap();
    let near = |found: Vec<f64>, expected: Vec<f64>| {
        assert_eq!(found.len(), expected.len());
        found
            .iter()
            .zip(&expected)
            .for_each(|(one, other)| assert!((one - other).abs() < 1e-9, "{one} {other}"));
    };
    near(variogram.of(&list(&golden["map"])), list(&golden["variogram"]));
    let nearest = number(&golden["nearest"]) as usize;
    near(variogram.smoothed(&list(&golden["permuted"]), nearest), list(&golden["smoothed"]));
    let line: Vec<f64> = (0..9).map(f64::from).collect();
    let (constant, slope, error) =
        Variogram::fit(&line.iter().map(|x| 2.0 + 3.0 * x).collect::<Vec<_>>(), &line);
    assert!((constant - 2.0).abs() < 1e-9 && (slope - 3.0).abs() < 1e-9 && error < 1e-9);
}

/// Places on a sphere, and maps over them as smooth as the width says.
struct World {
    places: Array2<f64>,
    is_right: Vec<bool>,
    seed: u64,
}

impl World {
    fn new(seed: u64, count: usize) -> Self {
        let mut random = random(seed);
        let mut places = Array2::from_shape_simple_fn((count, 3), || normal(&mut random));
        for mut place in places.rows_mut() {
            let length = place.dot(&place).sqrt();
            place *= 50.0 / length;
        }
        Self { places, is_right: vec![false; count], seed }
    }

    fn smooth(&self, purpose: u64) -> Vec<f64> {
        let count = self.places.nrows();
        let mut random = random(self.seed.wrapping_mul(31).wrapping_add(purpose + 1_000_000));
        let rough: Vec<f64> = (0..count).map(|_| normal(&mut random)).collect();
        let weight = |one: usize, other: usize| {
            let between = &self.places.row(one) - &self.places.row(other);
            (-between.dot(&between) / (2.0 * 25.0 * 25.0)).exp()
        };
        (0..count).map(|one| (0..count).map(|other| weight(one, other) * rough[other]).sum()).collect()
    }

    fn p(&self, name: &str, depth: &[f64], reference: &[f64]) -> f64 {
        let null = match name {
            "variogram" => RegionsNull::Variogram(self.places.view()),
            "spins" => RegionsNull::Spins { positions: self.places.view(), is_right: &self.is_right },
            _ => RegionsNull::Exchangeable,
        };
        let regions = Regions { depth, reference, ceiling: None };
        hierarchy_index(regions, null, (99, self.seed)).unwrap().p.value().unwrap()
    }
}

#[test]
fn smooth_maps_that_know_nothing_of_each_other_deceive_the_order_of_regions_only() {
    let worlds: Vec<World> = (0..100).map(|seed| World::new(seed, 40)).collect();
    let rate =
        |name: &str| worlds.iter().filter(|one| one.p(name, &one.smooth(1), &one.smooth(2)) <= 0.05).count();
    let (orders, variogram, spins) = (rate("exchangeable"), rate("variogram"), rate("spins"));
    println!("orders {orders}, variogram {variogram}, spins {spins} of 100");
    assert!(orders >= 20, "orders of regions: {orders} of 100");
    assert!(variogram <= 14 && spins <= 14, "variogram {variogram}, spins {spins} of 100");
}

#[test]
fn a_planted_order_is_found_by_every_null() {
    let world = World::new(5, 40);
    let reference = world.smooth(1);
    let mut random = random(9);
    let size = reference.iter().map(|x| x * x).sum::<f64>() / 40.0;
    let depth: Vec<f64> = reference.iter().map(|x| x + 0.3 * size.sqrt() * normal(&mut random)).collect();
    for name in ["exchangeable", "variogram", "spins"] {
        assert!(world.p(name, &depth, &reference) <= 0.05, "{name}");
    }
    let people =
        Array2::from_shape_fn((6, 40), |(_, region)| depth[region] + size.sqrt() * normal(&mut random));
    let null = RegionsNull::Variogram(world.places.view());
    let found = group_hierarchy_index(people.view(), (&reference, None), null, (199, 1)).unwrap();
    let own = |row: ndarray::ArrayView1<'_, f64>| spearman(&row.to_vec(), &reference).unwrap();
    let plain: Vec<f64> = people.rows().into_iter().map(own).collect();
    assert!(plain.iter().zip(&found.rho).all(|(one, other)| (one - other).abs() < 1e-12));
    assert!(found.p.value().unwrap() <= 0.05 && found.p_participants <= 0.05, "{found:?}");
    assert!(found.interval.low < found.mean && found.mean < found.interval.high);
}

#[test]
fn surrogates_keep_values_and_turn_both_hemispheres() {
    let world = World::new(1, 30);
    let map = world.smooth(1);
    let sorted = |map: Vec<f64>| {
        let mut map = map;
        map.sort_by(f64::total_cmp);
        map
    };
    for null in [RegionsNull::Exchangeable, RegionsNull::Variogram(world.places.view())] {
        let maps = surrogate_maps(&map, null, (5, 1)).unwrap();
        for row in maps.rows() {
            assert_eq!(sorted(row.to_vec()), sorted(map.clone()), "{}", null.name());
            assert_ne!(row.to_vec(), map);
        }
    }
    // Two mirrored hemispheres: whatever one does the other does too.
    let mut places = Array2::zeros((60, 3));
    let mut both = vec![0.0; 60];
    for region in 0..30 {
        places.row_mut(region).assign(&world.places.row(region));
        places
            .row_mut(30 + region)
            .assign(&(&world.places.row(region) * &Array1::from(vec![-1.0, 1.0, 1.0])));
        (both[region], both[30 + region]) = (map[region], map[region]);
    }
    let is_right: Vec<bool> = (0..60).map(|region| region >= 30).collect();
    let maps =
        surrogate_maps(&both, RegionsNull::Spins { positions: places.view(), is_right: &is_right }, (5, 1))
            .unwrap();
    for row in maps.rows() {
        assert_eq!(row.to_vec()[..30], row.to_vec()[30..]);
        assert_ne!(row.to_vec(), both);
    }
}

#[test]
fn few_regions_ties_and_wrong_places_are_said() {
    let world = World::new(2, 24);
    let (map, mut depth) = (world.smooth(1), world.smooth(2));
    let index = |depth: &[f64], null: RegionsNull<'_>| {
        hierarchy_index(Regions { depth, reference: &map, ceiling: None }, null, (19, 1))
    };
    let tied = index(&[3.0; 24], RegionsNull::Exchangeable).unwrap();
    assert!(tied.rho.is_nan() && tied.p == RegionsP::Constant && tied.p.reason() == Some("constant"));
    depth[..5].fill(f64::NAN);
    let few = index(&depth, RegionsNull::Variogram(world.places.view())).unwrap();
    assert_eq!(few.p, RegionsP::TooFewRegions { regions: 19, needed: 20 });
    assert!(few.ranks[4].is_nan() && few.ranks[5] >= 1.0);
    let text = |null: RegionsNull<'_>| index(&map, null).unwrap_err().to_string();
    let flat = Array2::zeros((24, 3));
    assert!(text(RegionsNull::Variogram(flat.view())).contains("all equally far"));
    assert!(text(RegionsNull::Spins { positions: flat.view(), is_right: &[false; 24] }).contains("region 0"));
    assert!(
        text(RegionsNull::Variogram(flat.select(Axis(0), &[0, 1]).view())).contains("positions of 2 regions")
    );
    let short = hierarchy_index(
        Regions { depth: &map, reference: &map[..3], ceiling: None },
        RegionsNull::Exchangeable,
        (19, 1),
    );
    assert!(short.unwrap_err().to_string().contains("values of 3 regions, expected 24"));
    assert!(
        distance_to_primary(world.places.view(), &[]).unwrap_err().to_string().contains("no primary region")
    );
    assert!(
        distance_to_primary(world.places.view(), &[24])
            .unwrap_err()
            .to_string()
            .contains("primary region 24")
    );
    let found = distance_to_primary(world.places.view(), &[0, 7]).unwrap();
    assert!(found[0] == 0.0 && found[7] == 0.0 && found[1] > 0.0);
}
