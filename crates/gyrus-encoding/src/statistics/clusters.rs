//! Cluster mass and threshold-free cluster enhancement of a map, both with the sign of the map.

use ndarray::{Array1, Array2};

use super::{Neighbours, Tail};
use crate::EncodingError;
use crate::backend::Backend;

/// What a map becomes before its maximum is taken over targets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Enhancement {
    /// Every target of a cluster gets Σ (|x| − threshold) over the cluster; outside clusters it is 0.
    ClusterMass {
        /// |x| above this makes clusters.
        threshold: f64,
    },
    /// ∫₀^|x| e(h)^extent h^height dh, with e(h) the number of targets of the connected set above h that holds the target.
    /// The integral is exact: programs that sum over steps approach it.
    ThresholdFree {
        /// Power of the extent: 0.5 in volumes, 1 on meshes.
        extent: f64,
        /// Power of the height: 2.
        height: f64,
    },
}

impl Enhancement {
    /// In volumes, as Smith & Nichols (2009) chose.
    pub const VOLUME: Self = Self::ThresholdFree { extent: 0.5, height: 2.0 };

    /// The enhanced map: positive and negative targets apart, the sign kept; with [`Tail::Greater`] negative ones are 0. NaN stays NaN and
    /// joins nothing.
    ///
    /// # References
    /// Bullmore et al. (1999), IEEE Trans Med Imaging 18:32 (mass); Smith & Nichols (2009), NeuroImage 44:83.
    #[must_use]
    pub fn apply(&self, map: &[f64], neighbours: &Neighbours, tail: Tail) -> Vec<f64> {
        let mut out: Vec<f64> = map.iter().map(|value| if value.is_nan() { f64::NAN } else { 0.0 }).collect();
        let signs: &[f64] = if tail == Tail::TwoSided { &[1.0, -1.0] } else { &[1.0] };
        for sign in signs {
            let above = self.descending(map, *sign);
            let mut forest = Forest::new(map.len(), *self);
            forest.flood(&above, neighbours);
            for (_, target) in above {
                out[target as usize] = sign * forest.nodes[target as usize].gained;
            }
        }
        out
    }

    /// Targets of one sign that are high enough to count, the highest first; ties in the order of targets.
    fn descending(&self, map: &[f64], sign: f64) -> Vec<(f64, u32)> {
        let floor = match self {
            Self::ClusterMass { threshold } if threshold.is_nan() || *threshold > 0.0 => *threshold,
            _ => 0.0,
        };
        // The bits of positive numbers are ordered as they are, and integers are sorted faster.
        let mut above: Vec<(u64, u32)> = (0..)
            .zip(map)
            .map(|(target, value)| (sign * value, target))
            .filter(|(value, _)| *value > floor && value.is_finite())
            .map(|(value, target)| (!value.to_bits(), target))
            .collect();
        above.sort_unstable();
        above.into_iter().map(|(bits, target)| (f64::from_bits(!bits), target)).collect()
    }
}

/// Several maps, enhanced in parallel.
///
/// # Shapes
/// `maps`: (n_maps, n_targets); returns one enhanced map per row.
///
/// # Errors
/// - [`EncodingError::TargetMismatch`] if neighbours are of other targets.
pub fn enhance(
    backend: &Backend,
    maps: &Array2<f64>,
    (enhancement, neighbours, tail): (Enhancement, &Neighbours, Tail),
) -> Result<Vec<Array1<f64>>, EncodingError> {
    let (found, expected) = (neighbours.len(), maps.ncols());
    if found != expected {
        return Err(EncodingError::TargetMismatch { found, expected });
    }
    backend.map(maps.nrows(), |row| {
        Ok(Array1::from(enhancement.apply(&maps.row(row).to_vec(), neighbours, tail)))
    })
}

/// Connected sets above a falling level, joined as it falls.
struct Forest {
    enhancement: Enhancement,
    /// A way from every target to the root of its set, shortened whenever it is walked.
    leaders: Vec<u32>,
    nodes: Vec<Node>,
    /// Sets that went under others, and those, in the order in which they did.
    joined: Vec<(u32, u32)>,
}

#[derive(Clone, Copy)]
struct Node {
    /// Of a root: what all its members have gained. Of what has gone under another: that of its own set less that of the other.
    gained: f64,
    extent: u32,
    /// Integral of h^height from 0 to the level to which gains are counted.
    level: f64,
}

const OUTSIDE: u32 = u32::MAX;

impl Forest {
    fn new(targets: usize, enhancement: Enhancement) -> Self {
        let node = Node { gained: 0.0, extent: 1, level: 0.0 };
        Self { enhancement, leaders: vec![OUTSIDE; targets], nodes: vec![node; targets], joined: Vec::new() }
    }

    /// Afterwards `gained` is what every target has.
    fn flood(&mut self, above: &[(f64, u32)], neighbours: &Neighbours) {
        for (value, target) in above {
            let level = self.level(*value);
            self.leaders[*target as usize] = *target;
            self.nodes[*target as usize] = Node { gained: self.own(*value), extent: 1, level };
            let mut own = *target;
            for other in neighbours.of(*target as usize) {
                if self.leaders[*other] == OUTSIDE {
                    continue;
                }
                let other = self.root(*other);
                if own != other {
                    self.sink(own, level);
                    self.sink(other, level);
                    own = self.join(own, other);
                }
            }
        }
        for (_, target) in above {
            if self.leaders[*target as usize] == *target {
                self.sink(*target, 0.0);
            }
        }
        // What a set went under has joined later, or never.
        for (small, large) in self.joined.iter().rev() {
            let of_large = self.nodes[*large as usize].gained;
            self.nodes[*small as usize].gained += of_large;
        }
    }

    /// What a new target brings along.
    fn own(&self, value: f64) -> f64 {
        match self.enhancement {
            Enhancement::ClusterMass { threshold } => value - threshold,
            Enhancement::ThresholdFree { .. } => 0.0,
        }
    }

    fn level(&self, value: f64) -> f64 {
        match self.enhancement {
            Enhancement::ClusterMass { .. } => 0.0,
            Enhancement::ThresholdFree { height, .. } => power(value, height + 1.0) / (height + 1.0),
        }
    }

    /// Counts the gains of a set down to a level.
    fn sink(&mut self, root: u32, level: f64) {
        if let Enhancement::ThresholdFree { extent, .. } = self.enhancement {
            let node = &mut self.nodes[root as usize];
            node.gained += power(f64::from(node.extent), extent) * (node.level - level);
            node.level = level;
        }
    }

    /// The smaller set goes under the larger one, which is returned.
    fn join(&mut self, a: u32, b: u32) -> u32 {
        let is_smaller = self.nodes[a as usize].extent < self.nodes[b as usize].extent;
        let (small, large) = if is_smaller { (a, b) } else { (b, a) };
        let under = self.nodes[small as usize];
        self.nodes[large as usize].extent += under.extent;
        self.leaders[small as usize] = large;
        self.joined.push((small, large));
        match self.enhancement {
            // Masses add up: every member has the mass of the whole.
            Enhancement::ClusterMass { .. } => {
                self.nodes[large as usize].gained += under.gained;
                self.nodes[small as usize].gained = 0.0;
            }
            Enhancement::ThresholdFree { .. } => {
                self.nodes[small as usize].gained -= self.nodes[large as usize].gained;
            }
        }
        large
    }

    fn root(&mut self, target: usize) -> u32 {
        let mut at = target as u32;
        loop {
            let leader = self.leaders[at as usize];
            let next = self.leaders[leader as usize];
            if next == leader {
                return leader;
            }
            self.leaders[at as usize] = next;
            at = next;
        }
    }
}

/// xʸ; the usual powers are those of extents and integrated heights by Smith & Nichols.
fn power(x: f64, y: f64) -> f64 {
    match y {
        0.5 => x.sqrt(),
        3.0 => x * x * x,
        _ => libm::pow(x, y),
    }
}
