//! Distances from primary cortex: a reference order from places alone.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use ndarray::ArrayView2;

use super::surrogate_maps::require_places;
use crate::EncodingError;

/// Distance of every place to the nearest of some, in the unit of the positions. Straight through the volume, not along the
/// cortex.
///
/// # Shapes
/// `positions` is (n_places, 3), `primary` holds indices of places; the result has n_places, 0 at the primary ones.
///
/// # Errors
/// - [`EncodingError::PlaceMismatch`], [`EncodingError::NoPlace`]: as [`surrogate_maps`](super::surrogate_maps).
/// - [`EncodingError::NoPrimary`]: no primary place, or an index that is none.
pub fn distance_to_primary(
    positions: ArrayView2<'_, f64>,
    primary: &[usize],
) -> Result<Vec<f64>, EncodingError> {
    let count = positions.nrows();
    require_places(positions, count)?;
    require_primary(primary, count)?;
    let squared = |place: usize, other: usize| {
        let along = |axis: usize| positions[(place, axis)] - positions[(other, axis)];
        (0..3).map(|axis| along(axis) * along(axis)).sum::<f64>()
    };
    let nearest =
        |place: usize| primary.iter().map(|other| squared(place, *other)).fold(f64::INFINITY, f64::min);
    Ok((0..count).map(|place| nearest(place).sqrt()).collect())
}

/// Length of the shortest path over the sides of the triangles from every vertex to the nearest of some, in the unit of the
/// positions (Dijkstra 1959). A path over sides is longer than one across triangles, on triangles of equal sides by up to 15 %
/// (2/√3).
///
/// # Shapes
/// `positions` has n_vertices, `triangles` their indices; the result has n_vertices, 0 at the primary ones and NaN where no
/// side leads to one.
///
/// # Errors
/// - [`EncodingError::NoPrimary`]: no primary vertex, or an index that is none.
/// - [`EncodingError::NoPlace`]: a vertex that is not finite; the first triangle with a vertex that there is not is named so too.
pub fn geodesic_to_primary(
    positions: &[[f32; 3]],
    triangles: &[[u32; 3]],
    primary: &[usize],
) -> Result<Vec<f64>, EncodingError> {
    require_primary(primary, positions.len())?;
    let sides = sides(positions, triangles)?;
    let mut distance = vec![f64::INFINITY; positions.len()];
    primary.iter().for_each(|vertex| distance[*vertex] = 0.0);
    let mut open: BinaryHeap<Reached> =
        primary.iter().map(|vertex| Reached { distance: 0.0, vertex: *vertex }).collect();
    while let Some(Reached { distance: so_far, vertex }) = open.pop() {
        if so_far > distance[vertex] {
            continue;
        }
        for (next, length) in &sides[vertex] {
            let found = so_far + length;
            if found < distance[*next] {
                distance[*next] = found;
                open.push(Reached { distance: found, vertex: *next });
            }
        }
    }
    Ok(distance.into_iter().map(|found| if found.is_finite() { found } else { f64::NAN }).collect())
}

/// The neighbours of every vertex with the lengths of the sides to them.
fn sides(positions: &[[f32; 3]], triangles: &[[u32; 3]]) -> Result<Vec<Vec<(usize, f64)>>, EncodingError> {
    let at = |vertex: usize| {
        let place = positions.get(vertex).filter(|place| place.iter().all(|x| x.is_finite()));
        place.ok_or(EncodingError::NoPlace { region: vertex })
    };
    let mut sides: Vec<Vec<(usize, f64)>> = vec![Vec::new(); positions.len()];
    for triangle in triangles {
        for (from, to) in [(0, 1), (1, 2), (2, 0)] {
            let (from, to) = (triangle[from] as usize, triangle[to] as usize);
            let (a, b) = (at(from)?, at(to)?);
            let along = |axis: usize| f64::from(a[axis] - b[axis]);
            let length = (0..3).map(|axis| along(axis) * along(axis)).sum::<f64>().sqrt();
            sides[from].push((to, length));
            sides[to].push((from, length));
        }
    }
    Ok(sides)
}

fn require_primary(primary: &[usize], count: usize) -> Result<(), EncodingError> {
    let found = primary.iter().copied().find(|place| *place >= count);
    match found.is_some() || primary.is_empty() {
        true => Err(EncodingError::NoPrimary { found, regions: count }),
        false => Ok(()),
    }
}

/// A vertex and how far it is, nearest first.
#[derive(PartialEq)]
struct Reached {
    distance: f64,
    vertex: usize,
}

impl Ord for Reached {
    fn cmp(&self, other: &Self) -> Ordering {
        other.distance.total_cmp(&self.distance).then_with(|| other.vertex.cmp(&self.vertex))
    }
}

impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Reached {}
