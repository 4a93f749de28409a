//! The shapes of both hemispheres that a study names, for pictures and neighbours.

use gyrus_io::scan::Layout;
use gyrus_io::surface::{Mesh, read_mesh};

use crate::Error;
use crate::study::{BidsSection, Noted, Resolved};

/// Left and right; None where the study names none.
///
/// # Errors
/// - a file cannot be read, or the recordings are voxels, or have other numbers of vertices,
/// - clusters are asked for on surfaces whose shape is not known.
pub(super) fn of_study(
    resolved: &Resolved,
    section: &BidsSection,
    layout: &Layout,
    noted: &mut Noted,
) -> Result<Option<[Mesh; 2]>, Error> {
    let wanted = match layout {
        Layout::Grid(_) if section.mesh.is_some() => {
            let (found, expected) = ("meshes for images of voxels", "no such key; remove it");
            return Err(resolved.setting("bids.mesh", found.to_owned(), expected.to_owned()));
        }
        Layout::Grid(_) => return Ok(None),
        Layout::Surface(vertices) => vertices.map(Some),
        Layout::Dense(dense) => ["LEFT", "RIGHT"].map(|side| dense.cortex(side).map(|(_, of, _)| of)),
    };
    let Some(files) = &section.mesh else {
        if resolved.study.statistics.clusters.is_some() {
            let expected = "bids.mesh = [\"left surface\", \"right surface\"] with the shape of the cortex, which says who is \
                            whose neighbour; add it, or leave statistics.clusters out";
            let found = "clusters on surfaces without their shape".to_owned();
            return Err(resolved.setting("statistics.clusters", found, expected.to_owned()));
        }
        noted.note_of_all("no pictures of surfaces: bids.mesh does not name their shape".to_owned());
        return Ok(None);
    };
    let [left, right] = files;
    let mut meshes = Vec::with_capacity(2);
    for (file, wanted) in [left, right].into_iter().zip(wanted) {
        let mesh = read_mesh(&resolved.absolute(file))?;
        let found = mesh.coordinates.len();
        if let Some(wanted) = wanted.filter(|wanted| *wanted != found) {
            let (found, expected) = (
                format!("{found} vertices in {}", file.display()),
                format!("{wanted}, as the recordings have; name the surface of their space"),
            );
            return Err(resolved.setting("bids.mesh", found, expected));
        }
        meshes.push(mesh);
    }
    Ok(meshes.try_into().ok())
}
