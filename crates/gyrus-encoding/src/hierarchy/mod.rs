//! Does depth in the language model follow depth in the brain: layer profiles, their centre of mass, and its order over regions.

mod centre_of_mass;
mod differences;
mod distance;
mod index;
mod layer_choice;
mod own_depth;
mod reliability;
mod surrogate_maps;
mod variogram;

pub use centre_of_mass::{Floor, centre_of_mass, inverted_u};
pub use differences::{Profiles, RegionsDiffer, regions_differ};
pub use distance::{distance_to_primary, geodesic_to_primary};
pub use index::{
    FEWEST_REGIONS, GroupIndex, HierarchyIndex, Regions, RegionsP, group_hierarchy_index,
    hierarchy_correlation, hierarchy_index,
};
pub use layer_choice::{NestedChoice, best_layer, nested_best_layer};
pub use own_depth::own_depths;
pub use reliability::{Reliability, split_half_reliability};
pub use surrogate_maps::{RegionsNull, surrogate_maps};
pub use variogram::Variogram;
