//! Spheres of triangles: an icosahedron whose sides are cut into equal parts, as fsaverage and fsLR are made.

use std::collections::BTreeMap;

/// The golden ratio.
const GOLDEN: f64 = 1.618_033_988_749_895;

const CORNERS: [[f64; 3]; 12] = [
    [-1.0, GOLDEN, 0.0],
    [1.0, GOLDEN, 0.0],
    [-1.0, -GOLDEN, 0.0],
    [1.0, -GOLDEN, 0.0],
    [0.0, -1.0, GOLDEN],
    [0.0, 1.0, GOLDEN],
    [0.0, -1.0, -GOLDEN],
    [0.0, 1.0, -GOLDEN],
    [GOLDEN, 0.0, -1.0],
    [GOLDEN, 0.0, 1.0],
    [-GOLDEN, 0.0, -1.0],
    [-GOLDEN, 0.0, 1.0],
];

const FACES: [[usize; 3]; 20] = [
    [0, 11, 5],
    [0, 5, 1],
    [0, 1, 7],
    [0, 7, 10],
    [0, 10, 11],
    [1, 5, 9],
    [5, 11, 4],
    [11, 10, 2],
    [10, 7, 6],
    [7, 1, 8],
    [3, 9, 4],
    [3, 4, 2],
    [3, 2, 6],
    [3, 6, 8],
    [3, 8, 9],
    [4, 9, 5],
    [2, 4, 11],
    [6, 2, 10],
    [8, 6, 7],
    [9, 8, 1],
];

/// Points of length 1 and the triangles between them, seen from outside against the clock.
pub(super) struct Sphere {
    pub points: Vec<[f64; 3]>,
    pub triangles: Vec<[u32; 3]>,
}

impl Sphere {
    /// With every side of the icosahedron in `parts`: 10 parts² + 2 points, 20 parts² triangles.
    pub(super) fn new(parts: usize) -> Self {
        let mut sphere = Self { points: Vec::new(), triangles: Vec::new() };
        let mut known = BTreeMap::new();
        for face in FACES {
            let mut at = |i: usize, j: usize| {
                let mut key: Vec<(usize, usize)> =
                    face.into_iter().zip([parts - i - j, i, j]).filter(|(_, weight)| *weight > 0).collect();
                key.sort_unstable();
                *known.entry(key).or_insert_with_key(|key| {
                    sphere.points.push(point(key));
                    sphere.points.len() as u32 - 1
                })
            };
            for i in 0..parts {
                for j in 0..parts - i {
                    let (a, b, c) = (at(i, j), at(i + 1, j), at(i, j + 1));
                    sphere.triangles.push([a, b, c]);
                    if i + j + 1 < parts {
                        sphere.triangles.push([b, at(i + 1, j + 1), c]);
                    }
                }
            }
        }
        sphere
    }
}

/// Corners with their weights, brought to length 1.
fn point(weighted: &[(usize, usize)]) -> [f64; 3] {
    let sum =
        |axis: usize| weighted.iter().map(|(corner, weight)| CORNERS[*corner][axis] * *weight as f64).sum();
    let place: [f64; 3] = [sum(0), sum(1), sum(2)];
    let length = place.iter().map(|along| along * along).sum::<f64>().sqrt();
    place.map(|along| along / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fsaverage_and_fslr_have_so_many_vertices() {
        for (parts, vertices) in [(1, 12), (32, 10_242), (57, 32_492), (64, 40_962)] {
            let sphere = Sphere::new(parts);
            assert_eq!((sphere.points.len(), sphere.triangles.len()), (vertices, 20 * parts * parts));
        }
    }

    #[test]
    fn it_is_closed_and_its_triangles_face_outwards() {
        let sphere = Sphere::new(5);
        let mut sides = BTreeMap::new();
        for corners in &sphere.triangles {
            for (from, to) in [(0, 1), (1, 2), (2, 0)] {
                *sides.entry((corners[from], corners[to])).or_insert(0) += 1;
            }
            let [a, b, c] = corners.map(|corner| sphere.points[corner as usize]);
            let cross = |u: [f64; 3], v: [f64; 3]| {
                [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
            };
            let less = |u: [f64; 3], v: [f64; 3]| [0, 1, 2].map(|axis| u[axis] - v[axis]);
            let normal = cross(less(b, a), less(c, a));
            assert!((0..3).map(|axis| normal[axis] * a[axis]).sum::<f64>() > 0.0);
        }
        assert!(sides.iter().all(|((from, to), count)| *count == 1 && sides.contains_key(&(*to, *from))));
    }
}
