//! Which targets touch: cells of a grid by faces, edges or corners, vertices of a mesh by its triangles.

use std::collections::BTreeMap;

use crate::EncodingError;

/// Neighbours of every target, each pair in both directions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbours {
    /// Neighbours of target t are `members[starts[t]..starts[t + 1]]`, ascending.
    starts: Vec<usize>,
    members: Vec<usize>,
}

/// Which cells of the 26 around one are its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connectivity {
    /// The 6 that share a face.
    Faces,
    /// The 18 that share a face or an edge.
    Edges,
    /// All 26.
    Corners,
}

impl Neighbours {
    /// Targets by their cells on a grid, in the order of the targets.
    #[must_use]
    pub fn of_grid(cells: &[[i32; 3]], connectivity: Connectivity) -> Self {
        let at: BTreeMap<[i32; 3], usize> =
            cells.iter().enumerate().map(|(target, cell)| (*cell, target)).collect();
        let steps = connectivity.steps();
        let of = |cell: &[i32; 3]| -> Vec<usize> {
            let next = steps.iter().map(|step| [0, 1, 2].map(|axis| cell[axis].wrapping_add(step[axis])));
            next.filter_map(|next| at.get(&next).copied()).collect()
        };
        Self::of_lists(cells.iter().map(of))
    }

    /// Vertices of a mesh, joined by the sides of its triangles.
    ///
    /// # Errors
    /// - [`EncodingError::Vertex`] if a triangle names a vertex that does not exist.
    pub fn of_mesh(vertices: usize, triangles: &[[usize; 3]]) -> Result<Self, EncodingError> {
        for (triangle, corners) in triangles.iter().enumerate() {
            if let Some(found) = corners.iter().copied().find(|vertex| *vertex >= vertices) {
                return Err(EncodingError::Vertex { triangle, found, vertices });
            }
        }
        let sides = triangles.iter().flat_map(|[a, b, c]| [(*a, *b), (*b, *c), (*c, *a)]);
        Ok(Self::of_pairs(vertices, sides))
    }

    /// Targets that are joined in pairs, named in any direction; a pair with a target that does not exist joins nothing.
    #[must_use]
    pub fn of_pairs(targets: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut lists = vec![Vec::new(); targets];
        for (one, other) in pairs.into_iter().filter(|(one, other)| one.max(other) < &targets && one != other)
        {
            lists[one].push(other);
            lists[other].push(one);
        }
        Self::of_lists(lists.into_iter())
    }

    /// Some of the targets, numbered anew in their order: a cortex without its medial wall.
    #[must_use]
    pub fn among(&self, keep: &[bool]) -> Self {
        let mut number = vec![None; self.len()];
        let kept = (0..self.len()).filter(|target| keep.get(*target).copied().unwrap_or(false));
        kept.enumerate().for_each(|(new, old)| number[old] = Some(new));
        let kept = (0..self.len()).filter(|target| number[*target].is_some());
        Self::of_lists(kept.map(|old| self.of(old).iter().filter_map(|other| number[*other]).collect()))
    }

    /// Connected sets of the targets that `keep` marks, each ascending, in the order of their first targets.
    #[must_use]
    pub fn connected(&self, keep: &[bool]) -> Vec<Vec<usize>> {
        let mut left: Vec<bool> = (0..self.len()).map(|target| keep.get(target) == Some(&true)).collect();
        let mut sets = Vec::new();
        for start in 0..self.len() {
            if !std::mem::take(&mut left[start]) {
                continue;
            }
            let (mut set, mut next) = (Vec::new(), vec![start]);
            while let Some(target) = next.pop() {
                set.push(target);
                for other in self.of(target) {
                    if std::mem::take(&mut left[*other]) {
                        next.push(*other);
                    }
                }
            }
            set.sort_unstable();
            sets.push(set);
        }
        sets
    }

    fn of_lists(lists: impl Iterator<Item = Vec<usize>>) -> Self {
        let mut found = Self { starts: vec![0], members: Vec::new() };
        for mut list in lists {
            list.sort_unstable();
            list.dedup();
            found.members.extend(list);
            found.starts.push(found.members.len());
        }
        found
    }

    /// Number of targets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no target.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Neighbours of a target.
    #[must_use]
    pub fn of(&self, target: usize) -> &[usize] {
        &self.members[self.starts[target]..self.starts[target + 1]]
    }
}

impl Connectivity {
    fn steps(self) -> Vec<[i32; 3]> {
        let most = match self {
            Self::Faces => 1,
            Self::Edges => 2,
            Self::Corners => 3,
        };
        let sides = || -1..=1_i32;
        let all = sides().flat_map(|i| sides().flat_map(move |j| sides().map(move |k| [i, j, k])));
        all.filter(|step| (1..=most).contains(&step.iter().map(|side| side.abs()).sum::<i32>())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_six_eighteen_or_twenty_six_neighbours() {
        let cube: Vec<[i32; 3]> = (0..27).map(|index| [index / 9, index / 3 % 3, index % 3]).collect();
        for (connectivity, expected) in
            [(Connectivity::Faces, 6), (Connectivity::Edges, 18), (Connectivity::Corners, 26)]
        {
            let found = Neighbours::of_grid(&cube, connectivity);
            assert_eq!(found.of(13).len(), expected);
            let mutual = (0..27).all(|a| found.of(a).iter().all(|b| found.of(*b).contains(&a)));
            assert!(mutual, "{connectivity:?}");
        }
    }

    #[test]
    fn sets_are_connected_through_kept_targets_only() {
        let line: Vec<[i32; 3]> = (0..6).map(|x| [x, 0, 0]).collect();
        let found = Neighbours::of_grid(&line, Connectivity::Faces);
        assert_eq!(found.connected(&[true, true, false, true, false, true]), [vec![0, 1], vec![3], vec![5]]);
        assert!(found.connected(&[false; 6]).is_empty());
    }

    #[test]
    fn vertices_touch_along_the_sides_of_triangles_and_the_wall_can_be_left_out() {
        let found = Neighbours::of_mesh(5, &[[0, 1, 2], [2, 1, 3]]).unwrap();
        assert_eq!(found.of(1), [0, 2, 3]);
        assert!(found.of(4).is_empty());
        let without = found.among(&[true, false, true, true, true]);
        assert_eq!(without.len(), 4);
        assert_eq!((without.of(0), without.of(1), without.of(2)), (&[1][..], &[0, 2][..], &[1][..]));
        let sides = [(0, 1), (1, 2), (2, 0), (1, 3), (3, 2), (2, 3), (4, 4), (4, 9)];
        assert_eq!(Neighbours::of_pairs(5, sides), found);
        let wrong = Neighbours::of_mesh(3, &[[0, 1, 2], [1, 2, 3]]);
        assert_eq!(wrong, Err(EncodingError::Vertex { triangle: 1, found: 3, vertices: 3 }));
    }
}
