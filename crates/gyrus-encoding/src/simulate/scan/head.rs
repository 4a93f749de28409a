//! A head as nested ellipsoids: which targets are grey matter, white matter, fluid and scalp, and where areas lie.

/// Where the middle of the head lies in mm of the standard space, x to the right, y forward, z up.
const CENTRE: [f64; 3] = [0.0, -18.0, 10.0];
/// Half axes of the brain in mm.
const AXES: [f64; 3] = [70.0, 88.0, 65.0];
/// Where the scalp begins and ends, as a share of the half axes.
const SCALP: (f64, f64) = (1.06, 1.13);
/// Half axes of a lateral ventricle and where the right one lies, in mm.
const VENTRICLE: ([f64; 3], [f64; 3]) = ([9.0, 28.0, 13.0], [12.0, -14.0, 16.0]);
/// The largest angle, in the coordinates of the ellipsoid, between an area's middle and its border: cos 16°.
const NEAR: f64 = 0.961_261_695_938_318_9;

/// A grid of places with equal distances.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lattice {
    /// Places along x, y and z.
    pub shape: [usize; 3],
    /// Distance of neighbours in mm.
    pub spacing: f64,
    /// Where the place of index (0, 0, 0) lies, in mm.
    pub first: [f64; 3],
}

impl Lattice {
    /// The smallest lattice that holds a whole head, with a margin of one place.
    #[must_use]
    pub fn around_head(spacing: f64) -> Self {
        let half = AXES.map(|axis| libm::ceil(axis * SCALP.1 / spacing) as usize + 1);
        let first = std::array::from_fn(|axis| CENTRE[axis] - half[axis] as f64 * spacing);
        Self { shape: half.map(|places| 2 * places + 1), spacing, first }
    }

    /// Places in all.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// Where a place lies; x is the fastest axis.
    #[must_use]
    pub fn position(&self, index: usize) -> [f64; 3] {
        let [x, y, _] = self.shape;
        let at = [index % x, index / x % y, index / (x * y)];
        std::array::from_fn(|axis| self.first[axis] + at[axis] as f64 * self.spacing)
    }

    /// The slice of a place.
    #[must_use]
    pub fn slice(&self, index: usize) -> usize {
        index / (self.shape[0] * self.shape[1])
    }
}

/// What a target is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tissue {
    /// Cortex.
    Grey,
    /// White matter.
    White,
    /// Cerebrospinal fluid of the ventricles and around the brain.
    Fluid,
    /// Outside the brain.
    Scalp,
}

/// A target of the head.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Index in the lattice.
    pub index: usize,
    /// Where it lies, in mm.
    pub position: [f64; 3],
    /// What it is made of.
    pub tissue: Tissue,
    /// Distance from the middle: 1 on the surface of the brain.
    pub radius: f64,
}

/// All targets inside the skin, in the order of the lattice.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// The lattice.
    pub lattice: Lattice,
    /// The targets.
    pub places: Vec<Place>,
}

impl Head {
    /// The volume of the brain in mm³.
    #[must_use]
    pub fn brain_volume() -> f64 {
        4.0 / 3.0 * std::f64::consts::PI * AXES[0] * AXES[1] * AXES[2]
    }

    /// Where a place lies, in mm, from its place in the coordinates of the ellipsoid: length 1 on the surface of the brain.
    #[must_use]
    pub fn at(place: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|axis| CENTRE[axis] + AXES[axis] * place[axis])
    }

    /// A head on a lattice.
    #[must_use]
    pub fn new(lattice: Lattice) -> Self {
        let place = |index: usize| {
            let position = lattice.position(index);
            let radius = norm(from_centre(position));
            tissue(position, radius).map(|tissue| Place { index, position, tissue, radius })
        };
        Self { lattice, places: (0..lattice.count()).filter_map(place).collect() }
    }

    /// Area by area, the nearest by angle among `directions`; None outside cortex and far from all. `shift` moves each
    /// area's middle, in mm.
    #[must_use]
    pub fn areas(&self, directions: &[[f64; 3]], shift: &[[f64; 3]]) -> Vec<Option<usize>> {
        let moved = |(direction, shift): (&[f64; 3], &[f64; 3])| {
            unit_length(std::array::from_fn(|axis| direction[axis] + shift[axis] / AXES[axis]))
        };
        let middles: Vec<[f64; 3]> = directions.iter().zip(shift).map(moved).collect();
        let nearest = |place: &Place| {
            if place.tissue != Tissue::Grey {
                return None;
            }
            let towards = unit_length(from_centre(place.position));
            let cosine = |middle: &[f64; 3]| (0..3).map(|axis| middle[axis] * towards[axis]).sum::<f64>();
            let best = middles.iter().map(cosine).enumerate().max_by(|one, other| one.1.total_cmp(&other.1));
            best.filter(|(_, cosine)| *cosine > NEAR).map(|(area, _)| area)
        };
        self.places.iter().map(nearest).collect()
    }
}

impl Place {
    /// Whether it is inside the brain.
    #[must_use]
    pub fn is_brain(&self) -> bool {
        self.tissue != Tissue::Scalp
    }

    /// From the middle of the head, in mm: rotations turn about it.
    pub(super) fn arm(&self) -> [f64; 3] {
        std::array::from_fn(|axis| self.position[axis] - CENTRE[axis])
    }
}

fn tissue(position: [f64; 3], radius: f64) -> Option<Tissue> {
    let (axes, middle) = VENTRICLE;
    let folded = [position[0].abs(), position[1], position[2]];
    let ventricle = norm(std::array::from_fn(|axis| (folded[axis] - middle[axis]) / axes[axis]));
    // Folds of the cortex: the border to white matter waves with a period of about 25 mm.
    let wave = |axis: usize| libm::sin(position[axis] / 4.0);
    let border = 0.78 + 0.05 * wave(0) * wave(1) + 0.05 * wave(2);
    match radius {
        _ if ventricle <= 1.0 => Some(Tissue::Fluid),
        radius if radius <= border => Some(Tissue::White),
        radius if radius <= 0.97 => Some(Tissue::Grey),
        radius if radius <= 1.0 => Some(Tissue::Fluid),
        radius if (SCALP.0..=SCALP.1).contains(&radius) => Some(Tissue::Scalp),
        _ => None,
    }
}

fn from_centre(position: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|axis| (position[axis] - CENTRE[axis]) / AXES[axis])
}

fn norm(vector: [f64; 3]) -> f64 {
    vector.iter().map(|value| value * value).sum::<f64>().sqrt()
}

fn unit_length(vector: [f64; 3]) -> [f64; 3] {
    let length = norm(vector).max(f64::MIN_POSITIVE);
    vector.map(|value| value / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brain_has_the_volume_of_its_ellipsoid_and_all_tissues() {
        let head = Head::new(Lattice::around_head(4.0));
        let brain = head.places.iter().filter(|place| place.is_brain()).count() as f64;
        assert!((brain * 64.0 / Head::brain_volume() - 1.0).abs() < 0.02, "{brain}");
        let share = |tissue| head.places.iter().filter(|place| place.tissue == tissue).count() as f64 / brain;
        assert!((0.35..0.55).contains(&share(Tissue::Grey)), "{}", share(Tissue::Grey));
        assert!((0.3..0.55).contains(&share(Tissue::White)) && share(Tissue::Fluid) > 0.05);
    }

    #[test]
    fn a_lattice_holds_the_scalp_and_one_place_more() {
        // 1.13 times 70, 88 and 65 mm end in the 20th, 25th and 19th place of 4 mm.
        let lattice = Lattice::around_head(4.0);
        assert_eq!((lattice.shape, lattice.first), ([43, 53, 41], [-84.0, -122.0, -70.0]));
        assert_eq!(lattice.position(0), lattice.first);
        let index = 7 + 43 * (11 + 53 * 5);
        assert_eq!((lattice.position(index), lattice.slice(index)), ([-56.0, -78.0, -50.0], 5));
        assert_eq!((lattice.slice(43 * 53 - 1), lattice.slice(43 * 53)), (0, 1));
        assert_eq!(Head::at([0.5, -1.0, 0.2]), [35.0, -106.0, 23.0]);
        let head = Head::new(lattice);
        let at = |wanted: usize| head.places.iter().find(|place| place.index == wanted).unwrap();
        let front = 21 + 43 * (46 + 53 * 20);
        assert_eq!((at(front).position, at(front).arm()), ([0.0, 62.0, 10.0], [0.0, 80.0, 0.0]));
    }

    #[test]
    fn tissues_end_where_their_ellipsoids_do() {
        for (away, expected) in [(0.99, Tissue::Fluid), (1.01, Tissue::White)] {
            for axis in 0..3 {
                for (sign, side) in [(1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)] {
                    let mut place = [12.0, -14.0, 16.0];
                    place[axis] += sign * away * [9.0, 28.0, 13.0][axis];
                    place[0] *= side;
                    assert_eq!(tissue(place, 0.3), Some(expected), "{place:?}");
                }
            }
        }
        // A quarter of a wave from the middle: all three waves are at their ends.
        let quarter = std::f64::consts::TAU;
        for (signs, border) in [([1.0, 1.0, 1.0], 0.88), ([1.0, -1.0, 1.0], 0.78), ([-1.0, 1.0, -1.0], 0.68)]
        {
            let place = signs.map(|sign: f64| sign * quarter);
            assert_eq!(tissue(place, border - 0.01), Some(Tissue::White), "{signs:?}");
            assert_eq!(tissue(place, border + 0.01), Some(Tissue::Grey), "{signs:?}");
        }
        let outside = [0.96, 0.98, 1.03, 1.07, 1.12, 1.14].map(|radius| tissue([0.0, -100.0, 0.0], radius));
        let [grey, fluid, scalp] = [Tissue::Grey, Tissue::Fluid, Tissue::Scalp].map(Some);
        assert_eq!(outside, [grey, fluid, None, scalp, scalp, None]);
    }

    #[test]
    fn a_shift_moves_an_area_in_millimetres_and_all_areas_are_cortex() {
        let head = Head::new(Lattice::around_head(5.0));
        let moved = head.areas(&[[1.0, 0.0, 0.0]], &[[0.0, 44.0, 65.0]]);
        assert_eq!(moved, head.areas(&[[1.0, 0.5, 1.0]], &[[0.0; 3]]));
        let inside: Vec<&Place> = head
            .places
            .iter()
            .zip(&moved)
            .filter(|(_, area)| area.is_some())
            .map(|(place, _)| place)
            .collect();
        assert!(inside.len() > 5 && inside.iter().all(|place| place.tissue == Tissue::Grey));
    }

    #[test]
    fn areas_are_where_they_point() {
        let head = Head::new(Lattice::around_head(5.0));
        let found = head.areas(&[[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]], &[[0.0; 3]; 2]);
        let of = |area: usize| head.places.iter().zip(&found).filter(move |(_, found)| **found == Some(area));
        assert!(of(0).count() > 5 && of(0).all(|(place, _)| place.position[0] > 0.0));
        assert!(of(1).count() > 5 && of(1).all(|(place, _)| place.position[0] < 0.0));
    }
}
