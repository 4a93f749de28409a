//! Does depth in the language model follow depth in the brain: layer profiles, their centre of mass, and its order over regions.

mod centre_of_mass;
mod differences;
mod index;
mod layer_choice;
mod reliability;

pub use centre_of_mass::{Floor, centre_of_mass, inverted_u};
pub use differences::{Profiles, RegionsDiffer, regions_differ};
pub use index::{HierarchyIndex, Regions, RegionsP, hierarchy_index};
pub use layer_choice::{NestedChoice, best_layer, nested_best_layer};
pub use reliability::{Reliability, split_half_reliability};
