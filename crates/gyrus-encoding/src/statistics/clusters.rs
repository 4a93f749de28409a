//! Cluster mass and threshold-free cluster enhancement of a map, both with the sign of the map.

use ndarray::{Array1, Array2};

use super::Neighbours;
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

    /// The enhanced map: positive and negative targets apart, the sign kept. NaN stays NaN and joins nothing.
    ///
    /// # References
    /// Bullmore et al. (1999), IEEE Trans Med Imaging 18:32 (mass); Smith & Nichols (2009), NeuroImage 44:83.
    #[must_use]
    pub fn apply(&self, map: &[f64], neighbours: &Neighbours) -> Vec<f64> {
        let mut out: Vec<f64> = map.iter().map(|value| if value.is_nan() { f64::NAN } else { 0.0 }).collect();
        let floor = match self {
            Self::ClusterMass { threshold } => *threshold,
            Self::ThresholdFree { .. } => 0.0,
        };
        for sign in [1.0, -1.0] {
            let mut above: Vec<(f64, usize)> = map
                .iter()
                .enumerate()
                .map(|(target, value)| (sign * value, target))
                .filter(|(value, _)| *value > floor && value.is_finite())
                .collect();
            above.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let mut forest = Forest::new(map.len(), *self);
            forest.flood(&above, neighbours);
            for (_, target) in &above {
                out[*target] = sign * forest.value(*target);
            }
        }
        out
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
    (enhancement, neighbours): (Enhancement, &Neighbours),
) -> Result<Vec<Array1<f64>>, EncodingError> {
    let (found, expected) = (neighbours.len(), maps.ncols());
    if found != expected {
        return Err(EncodingError::TargetMismatch { found, expected });
    }
    backend.map(maps.nrows(), |row| Ok(Array1::from(enhancement.apply(&maps.row(row).to_vec(), neighbours))))
}

/// Connected sets above a falling level, joined as it falls. A target's value is the sum along its way to the root.
struct Forest {
    enhancement: Enhancement,
    parent: Vec<usize>,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy)]
struct Node {
    /// Of a root: what all its members have gained. Of another: that of its own set less its parent's.
    gained: f64,
    extent: usize,
    /// Integral of h^height from 0 to the level to which gains are counted.
    level: f64,
}

const OUTSIDE: usize = usize::MAX;

impl Forest {
    fn new(targets: usize, enhancement: Enhancement) -> Self {
        let node = Node { gained: 0.0, extent: 1, level: 0.0 };
        Self { enhancement, parent: vec![OUTSIDE; targets], nodes: vec![node; targets] }
    }

    fn flood(&mut self, above: &[(f64, usize)], neighbours: &Neighbours) {
        for (value, target) in above {
            let level = self.level(*value);
            self.parent[*target] = *target;
            self.nodes[*target] = Node { gained: self.own(*value), extent: 1, level };
            for other in neighbours.of(*target) {
                if self.parent[*other] == OUTSIDE {
                    continue;
                }
                let (a, b) = (self.root(*target), self.root(*other));
                if a != b {
                    self.sink(a, level);
                    self.sink(b, level);
                    self.join(a, b);
                }
            }
        }
        for (_, target) in above {
            let root = self.root(*target);
            self.sink(root, 0.0);
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
    fn sink(&mut self, root: usize, level: f64) {
        if let Enhancement::ThresholdFree { extent, .. } = self.enhancement {
            let node = &mut self.nodes[root];
            node.gained += power(node.extent as f64, extent) * (node.level - level);
            node.level = level;
        }
    }

    /// The smaller set goes under the larger one.
    fn join(&mut self, a: usize, b: usize) {
        let (small, large) = if self.nodes[a].extent < self.nodes[b].extent { (a, b) } else { (b, a) };
        self.nodes[large].extent += self.nodes[small].extent;
        self.parent[small] = large;
        match self.enhancement {
            // Masses add up: every member has the mass of the whole.
            Enhancement::ClusterMass { .. } => {
                self.nodes[large].gained += self.nodes[small].gained;
                self.nodes[small].gained = 0.0;
            }
            Enhancement::ThresholdFree { .. } => self.nodes[small].gained -= self.nodes[large].gained,
        }
    }

    fn root(&self, mut target: usize) -> usize {
        while self.parent[target] != target {
            target = self.parent[target];
        }
        target
    }

    fn value(&self, mut target: usize) -> f64 {
        let mut value = self.nodes[target].gained;
        while self.parent[target] != target {
            target = self.parent[target];
            value += self.nodes[target].gained;
        }
        value
    }
}

/// xʸ; powers in use are small multiples of a half.
fn power(x: f64, y: f64) -> f64 {
    match y {
        0.5 => x.sqrt(),
        1.0 => x,
        2.0 => x * x,
        3.0 => x * x * x,
        _ => libm::pow(x, y),
    }
}
