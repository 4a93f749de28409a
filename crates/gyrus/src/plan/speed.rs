//! How fast this machine fits, by timing a few blocks: what the times of a plan are reckoned with.

use std::time::Instant;

use gyrus_encoding::backend;

use crate::Error;

/// Samples, columns and targets of a block: a tenth of a second or less.
const BLOCK: [usize; 3] = [320, 640, 640];
/// The fastest of them counts; others had to share the machine.
const BLOCKS: usize = 3;

/// Operations that one thread does in a second of fitting, counted as tasks count theirs.
///
/// # Errors
/// - the machine cannot decompose a matrix.
pub(crate) fn speed() -> Result<f64, Error> {
    let [rows, columns, targets] = BLOCK;
    let mut fastest: f64 = 0.0;
    for _ in 0..BLOCKS {
        let start = Instant::now();
        let operations = backend::trial(rows, columns, targets)?;
        fastest = fastest.max(operations / start.elapsed().as_secs_f64());
    }
    Ok(fastest)
}
