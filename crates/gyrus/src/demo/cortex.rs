//! The regions of the demo's cohort, in the order in which language is often said to run through them.

/// A region in both hemispheres.
pub(super) struct Area {
    pub name: &'static str,
    /// Step of the planted gradient; None where the story does nothing.
    pub step: Option<usize>,
}

const fn area(name: &'static str, step: usize) -> Area {
    Area { name, step: Some(step) }
}

/// From sounds to stories: two areas per step. Names are those of anatomy; the values are simulated.
pub(super) const AREAS: [Area; 14] = [
    area("Heschl", 0),
    area("planum temporale", 0),
    area("posterior STG", 1),
    area("anterior STG", 1),
    area("posterior STS", 2),
    area("anterior STS", 2),
    area("middle temporal", 3),
    area("temporal pole", 3),
    area("pars opercularis", 4),
    area("pars triangularis", 4),
    area("pars orbitalis", 5),
    area("angular", 5),
    area("precuneus", 6),
    area("medial prefrontal", 6),
];

/// The area without effect: what an honest analysis must leave alone.
pub(super) const SILENT: Area = Area { name: "calcarine", step: None };

/// A region of the cohort and its targets.
pub(super) struct Region {
    pub name: String,
    pub step: Option<usize>,
    pub targets: Vec<String>,
}

/// Both hemispheres of every area with `targets` targets each (one more on the left), and the silent area once.
pub(super) fn regions(targets: usize) -> Vec<Region> {
    let mut regions = Vec::new();
    for area in &AREAS {
        for (side, more) in [("L", 1), ("R", 0)] {
            regions.push(region(format!("{side} {}", area.name), area.step, targets + more));
        }
    }
    regions.push(region(SILENT.name.to_owned(), SILENT.step, targets));
    regions
}

fn region(name: String, step: Option<usize>, targets: usize) -> Region {
    let targets = (1..=targets).map(|number| format!("{name} {number}")).collect();
    Region { name, step, targets }
}
