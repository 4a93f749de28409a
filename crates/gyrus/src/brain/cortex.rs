//! Pictures of surfaces: each hemisphere from outside and from the middle, as grids of the vertices that are seen.

use gyrus_io::surface::Mesh;

use super::{NO_VALUE, NOTHING, Side, Values, View, level};
use crate::inputs::Voxels;

/// Pixels of the longest side.
const LONGEST: usize = 110;

/// Which vertex each pixel of each picture shows.
pub(crate) struct Cortex {
    pictures: Vec<Picture>,
}

struct Picture {
    side: Side,
    width: usize,
    /// Millimetres of a pixel.
    pixel: f64,
    /// Row by row from the top: nothing, or a vertex with its target, if it has one.
    seen: Vec<Option<Option<usize>>>,
}

/// How a hemisphere is looked at: which side is nearer, and whether the front is to the left.
#[derive(Clone, Copy)]
struct Look {
    side: Side,
    /// Factor of x that grows towards the eye.
    nearer: f64,
    /// Factor of y that grows to the right.
    across: f64,
}

const LOOKS: [[Look; 2]; 2] = [
    [
        Look { side: Side::Left, nearer: -1.0, across: -1.0 },
        Look { side: Side::LeftMiddle, nearer: 1.0, across: 1.0 },
    ],
    [
        Look { side: Side::RightMiddle, nearer: -1.0, across: -1.0 },
        Look { side: Side::Right, nearer: 1.0, across: 1.0 },
    ],
];

impl Cortex {
    /// None where the study names no meshes.
    pub(super) fn of(voxels: &Voxels) -> Option<Self> {
        let meshes = voxels.meshes.as_ref()?;
        let target = voxels.target_at();
        let mut pictures = Vec::new();
        for ((mesh, places), looks) in meshes.iter().zip(voxels.cortex()).zip(LOOKS) {
            let own: Vec<Option<usize>> =
                places.iter().map(|place| place.and_then(|at| target[at])).collect();
            pictures.extend(looks.map(|look| Picture::of(mesh, &own, look)));
        }
        Some(Self { pictures })
    }

    /// The targets that some picture shows.
    pub(super) fn targets(&self) -> impl Iterator<Item = usize> {
        self.pictures.iter().flat_map(|picture| picture.seen.iter().copied().flatten().flatten())
    }

    pub(super) fn views(&self, largest: f64, values: Values<'_>) -> Vec<View> {
        let shown = |seen: &Option<Option<usize>>| match seen {
            None => NOTHING,
            Some(target) => target
                .map(|target| values.shown[target])
                .filter(|value| value.is_finite())
                .map_or(NO_VALUE, |value| level(value, largest)),
        };
        let view = |picture: &Picture| View {
            side: picture.side,
            width: picture.width,
            pixel: (picture.pixel, picture.pixel),
            levels: picture.seen.iter().map(shown).collect(),
        };
        self.pictures.iter().map(view).collect()
    }
}

impl Picture {
    /// Each pixel shows the nearest triangle through its middle, by the corner that lies closest to it.
    fn of(mesh: &Mesh, targets: &[Option<usize>], look: Look) -> Self {
        // Across, down, and towards the eye.
        let turned: Vec<[f64; 3]> = mesh
            .coordinates
            .iter()
            .map(|[x, y, z]| [look.across * f64::from(*y), -f64::from(*z), look.nearer * f64::from(*x)])
            .collect();
        let low = [0, 1].map(|axis| turned.iter().map(|at| at[axis]).fold(f64::INFINITY, f64::min));
        let high = [0, 1].map(|axis| turned.iter().map(|at| at[axis]).fold(f64::NEG_INFINITY, f64::max));
        let extent = [high[0] - low[0], high[1] - low[1]];
        let pixel = (extent[0].max(extent[1]) / LONGEST as f64).max(f64::MIN_POSITIVE);
        let [width, height] = extent.map(|length| ((length / pixel).ceil() as usize).clamp(1, LONGEST));
        let mut seen = vec![None; width * height];
        let mut nearest = vec![f64::NEG_INFINITY; width * height];
        for corners in &mesh.triangles {
            let corners = corners.map(|corner| corner as usize);
            let at = corners.map(|corner| {
                let [across, down, near] = turned[corner];
                [(across - low[0]) / pixel, (down - low[1]) / pixel, near]
            });
            for_each_pixel(&at, (width, height), |pixel, weights| {
                let near: f64 = (0..3).map(|corner| weights[corner] * at[corner][2]).sum();
                if near > nearest[pixel] {
                    nearest[pixel] = near;
                    let closest =
                        (0..3).max_by(|one, other| weights[*one].total_cmp(&weights[*other])).unwrap_or(0);
                    seen[pixel] = Some(targets.get(corners[closest]).copied().flatten());
                }
            });
        }
        Self { side: look.side, width, pixel, seen }
    }
}

/// Pixels whose middle lies in a triangle, with the weights of its corners there.
fn for_each_pixel(
    at: &[[f64; 3]; 3],
    (width, height): (usize, usize),
    mut visit: impl FnMut(usize, [f64; 3]),
) {
    let range = |axis: usize, count: usize| {
        let all = at.map(|corner| corner[axis]);
        let low = (all.iter().copied().fold(f64::INFINITY, f64::min) - 0.5).ceil().max(0.0) as usize;
        let high = (all.iter().copied().fold(f64::NEG_INFINITY, f64::max) - 0.5).floor();
        low..if high < 0.0 { 0 } else { (high as usize + 1).min(count) }
    };
    let [a, b, c] = at;
    let area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
    if area == 0.0 {
        return;
    }
    for row in range(1, height) {
        for column in range(0, width) {
            let (x, y) = (column as f64 + 0.5, row as f64 + 0.5);
            let of_b = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / area;
            let of_c = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / area;
            let weights = [1.0 - of_b - of_c, of_b, of_c];
            if weights.iter().all(|weight| *weight >= -1e-9) {
                visit(row * width + column, weights);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use gyrus_io::scan::Layout;

    use super::*;
    use crate::results::Target;
    use crate::store::Digest;

    /// A tetrahedron about the middle of a hemisphere: vertex 0 far left, 1 far right, 2 in front and above, 3 behind and below.
    fn mesh() -> Mesh {
        let coordinates = vec![
            [-10.0, 0.0, 0.0],
            [10.0, 0.0, 0.0],
            [0.0, 20.0, 10.0],
            [0.0, -20.0, -10.0],
            [0.0, 0.0, 12.0],
        ];
        let triangles = vec![[0, 2, 3], [1, 2, 3], [0, 2, 4], [0, 4, 3], [1, 2, 4], [1, 4, 3]];
        Mesh { coordinates, triangles }
    }

    fn cortex() -> Cortex {
        let target = |index: usize| Target { name: format!("v{index}"), region: "r".to_owned() };
        let voxels = Voxels {
            layout: Layout::Surface([5, 5]),
            meshes: Some([mesh(), mesh()]),
            // Vertex 1 of the left is in the medial wall.
            indices: vec![0, 2, 3, 4, 5, 6, 7, 8, 9],
            brain: Vec::new(),
            target_of: (0..9).collect(),
            regions: Vec::new(),
            targets: (0..9).map(target).collect(),
            has_parcels: false,
            digest: Digest::of(b""),
        };
        Cortex::of(&voxels).unwrap()
    }

    #[test]
    fn what_is_nearest_is_seen_and_the_front_is_where_it_should_be() {
        let cortex = cortex();
        let values: Vec<f32> = (1..=9).map(|value| value as f32).collect();
        let views = cortex.views(9.0, Values { shown: &values, by: &values });
        let at = |view: &View, across: f64, down: f64| {
            let rows = view.levels.len() / view.width;
            view.levels[(down * (rows - 1) as f64) as usize * view.width
                + (across * (view.width - 1) as f64) as usize]
        };
        let sides: Vec<Side> = views.iter().map(|view| view.side).collect();
        assert_eq!(sides, [Side::Left, Side::LeftMiddle, Side::RightMiddle, Side::Right]);
        let of = |value: f32| level(value, 9.0);
        // In the middle: the left vertex from the left, the wall from the right.
        assert_eq!(at(&views[0], 0.5, 0.5), of(1.0));
        assert_eq!(at(&views[1], 0.5, 0.5), NO_VALUE);
        assert_eq!(at(&views[2], 0.5, 0.5), of(5.0));
        assert_eq!(at(&views[3], 0.5, 0.5), of(6.0));
        // The front is up; left in a picture of the left half from outside, right in one from the middle.
        assert_eq!((at(&views[0], 0.05, 0.12), at(&views[0], 0.95, 0.93)), (of(2.0), of(3.0)));
        assert_eq!((at(&views[1], 0.95, 0.12), at(&views[1], 0.05, 0.93)), (of(2.0), of(3.0)));
        assert_eq!((at(&views[3], 0.95, 0.12), at(&views[3], 0.05, 0.93)), (of(7.0), of(8.0)));
        assert_eq!(at(&views[0], 0.0, 1.0), NOTHING);
    }
}
