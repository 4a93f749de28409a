//! Fewer vertices of a mesh: some are kept, everything else belongs to the nearest of them.

use std::collections::VecDeque;

use gyrus_io::surface::Mesh;

/// Vertices of a mesh that are kept, and the triangles between them.
pub(super) struct Coarse {
    /// Ascending.
    pub(super) kept: Vec<usize>,
    /// By place in `kept`, each once, turned as those of the mesh.
    pub(super) triangles: Vec<[usize; 3]>,
}

/// No vertex has an owner yet.
const NOBODY: usize = usize::MAX;

impl Coarse {
    /// Keeps vertices in their order unless one that is kept already lies within so many sides of triangles. Where the
    /// territories of three of them meet in a triangle, they make one: the dual of the territories, as Delaunay's is that of
    /// Voronoi's. Meshes that were made by halving the sides of others (fsaverage) become these.
    pub(super) fn of(mesh: &Mesh, rings: usize) -> Self {
        let neighbours = neighbours(mesh);
        let kept = kept(&neighbours, rings);
        let owner = owners(&neighbours, &kept);
        let of_owners = |triangle: &[u32; 3]| triangle.map(|corner| owner[corner as usize]);
        let is_one = |[a, b, c]: &[usize; 3]| a != b && b != c && a != c;
        let mut triangles: Vec<[usize; 3]> =
            mesh.triangles.iter().map(of_owners).filter(is_one).map(from_lowest).collect();
        triangles.sort_unstable();
        triangles.dedup();
        Self { kept, triangles }
    }
}

/// The same triangle, told from its lowest corner on.
fn from_lowest([a, b, c]: [usize; 3]) -> [usize; 3] {
    if a < b && a < c {
        [a, b, c]
    } else if b < c {
        [b, c, a]
    } else {
        [c, a, b]
    }
}

fn neighbours(mesh: &Mesh) -> Vec<Vec<u32>> {
    let mut neighbours = vec![Vec::new(); mesh.coordinates.len()];
    for [a, b, c] in mesh.triangles.iter().copied() {
        for (one, other) in [(a, b), (b, c), (c, a)] {
            neighbours[one as usize].push(other);
            neighbours[other as usize].push(one);
        }
    }
    neighbours
}

fn kept(neighbours: &[Vec<u32>], rings: usize) -> Vec<usize> {
    let mut is_covered = vec![false; neighbours.len()];
    let mut seen_from = vec![NOBODY; neighbours.len()];
    let mut kept = Vec::new();
    for vertex in 0..neighbours.len() {
        if is_covered[vertex] {
            continue;
        }
        kept.push(vertex);
        let mut ring = vec![vertex];
        seen_from[vertex] = vertex;
        for _ in 0..rings {
            let mut next = Vec::new();
            for other in ring.iter().flat_map(|at| &neighbours[*at]).map(|other| *other as usize) {
                if seen_from[other] != vertex {
                    seen_from[other] = vertex;
                    is_covered[other] = true;
                    next.push(other);
                }
            }
            ring = next;
        }
    }
    kept
}

/// The place in `kept` of the nearest along sides; of two that are as near, the one whose territory came first.
fn owners(neighbours: &[Vec<u32>], kept: &[usize]) -> Vec<usize> {
    let mut owner = vec![NOBODY; neighbours.len()];
    kept.iter().enumerate().for_each(|(place, vertex)| owner[*vertex] = place);
    let mut waiting: VecDeque<usize> = kept.iter().copied().collect();
    while let Some(vertex) = waiting.pop_front() {
        for other in neighbours[vertex].iter().map(|other| *other as usize) {
            if owner[other] == NOBODY {
                owner[other] = owner[vertex];
                waiting.push_back(other);
            }
        }
    }
    owner
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// An octahedron whose sides are halved so often; the corners of each step keep their numbers.
    fn halved(times: usize) -> Mesh {
        let mut places: Vec<[f32; 3]> = vec![
            [1.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [0.0, 1.0, 0.0],
            [0.0, -1.0, 0.0],
            [0.0, 0.0, 1.0],
            [0.0, 0.0, -1.0],
        ];
        let mut triangles: Vec<[u32; 3]> = Vec::new();
        for (x, y, z) in
            [(0, 2, 4), (2, 1, 4), (1, 3, 4), (3, 0, 4), (2, 0, 5), (1, 2, 5), (3, 1, 5), (0, 3, 5)]
        {
            triangles.push([x, y, z]);
        }
        for _ in 0..times {
            let mut halves: HashMap<(u32, u32), u32> = HashMap::new();
            let mut finer = Vec::new();
            for [a, b, c] in triangles {
                let [d, e, f] = [(a, b), (b, c), (c, a)].map(|(one, other)| {
                    *halves.entry((one.min(other), one.max(other))).or_insert_with(|| {
                        let between =
                            |axis: usize| (places[one as usize][axis] + places[other as usize][axis]) / 2.0;
                        places.push([0, 1, 2].map(between));
                        places.len() as u32 - 1
                    })
                });
                finer.extend([[a, d, f], [d, b, e], [f, e, c], [d, e, f]]);
            }
            triangles = finer;
        }
        Mesh { coordinates: places, triangles }
    }

    fn sorted(mesh: &Mesh) -> Vec<[usize; 3]> {
        let mut triangles: Vec<[usize; 3]> =
            mesh.triangles.iter().map(|corners| from_lowest(corners.map(|corner| corner as usize))).collect();
        triangles.sort_unstable();
        triangles
    }

    #[test]
    fn a_mesh_of_halved_sides_becomes_the_one_before() {
        let whole = Coarse::of(&halved(3), 0);
        assert_eq!((whole.kept, whole.triangles), ((0..258).collect(), sorted(&halved(3))));
        for (rings, times) in [(1, 2), (2, 1)] {
            let coarse = Coarse::of(&halved(3), rings);
            let expected = halved(times);
            assert_eq!(coarse.kept, (0..expected.coordinates.len()).collect::<Vec<_>>(), "{rings} rings");
            assert_eq!(coarse.triangles.len(), expected.triangles.len());
        }
    }

    /// Euler's formula for a closed surface without holes: corners less sides plus triangles are two.
    #[test]
    fn what_is_kept_is_closed_again_whatever_the_order() {
        let mut mesh = halved(4);
        let count = mesh.coordinates.len() as u32;
        // Every number once, in another order: 401 and 1026 have no common divisor.
        let other = |vertex: u32| vertex * 401 % count;
        mesh.triangles.iter_mut().for_each(|corners| *corners = corners.map(other));
        let coarse = Coarse::of(&mesh, 1);
        assert!(coarse.kept.len() < 400, "{}", coarse.kept.len());
        let sides = coarse.triangles.iter().flat_map(|[a, b, c]| [(a, b), (b, c), (c, a)]);
        let mut seen: HashMap<(usize, usize), i32> = HashMap::new();
        for (one, other) in sides {
            let turned = if one < other { 1 } else { -1 };
            *seen.entry((*one.min(other), *one.max(other))).or_default() += turned;
        }
        assert!(
            seen.values().all(|turned| *turned == 0),
            "every side lies between two triangles, once each way"
        );
        let [corners, sides, triangles] = [coarse.kept.len(), seen.len(), coarse.triangles.len()];
        assert_eq!(corners + triangles, sides + 2);
    }
}
