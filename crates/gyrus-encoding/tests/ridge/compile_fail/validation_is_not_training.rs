//! Validation rows divide no further and fit nothing.

use gyrus_encoding::InnerSplit;
use gyrus_encoding::ridge::{Prepared, Scaler};

fn fit(band: &Prepared, inner: InnerSplit<'_>) {
    let _ = Scaler::fit(band, &inner.validation);
}

fn main() {}
