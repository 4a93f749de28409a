//! A scaler is fitted to training rows only.

use gyrus_encoding::Split;
use gyrus_encoding::ridge::{Prepared, Scaler};

fn fit(band: &Prepared, split: Split<'_>) {
    let _ = Scaler::fit(band, &split.test);
}

fn main() {}
