//! A penalty is chosen on training rows only.

use gyrus_core::{Fold, TargetBlocks};
use gyrus_encoding::Split;
use gyrus_encoding::backend::Backend;
use gyrus_encoding::ridge::{Prepared, RidgeSettings, choose_penalties};

fn choose(
    backend: &Backend,
    bands: &[Prepared],
    (split, inner): (Split<'_>, &[Fold]),
    settings: (&RidgeSettings, &[Vec<f64>]),
    targets: &dyn TargetBlocks,
) {
    let _ = choose_penalties(backend, bands, (&split.test, inner), settings, targets);
}

fn main() {}
