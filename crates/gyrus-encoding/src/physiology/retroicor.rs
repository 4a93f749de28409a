//! RETROICOR: Fourier series of the phases of heart and breath.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::EncodingError;
use crate::denoise::Regressors;

/// Orders of the Fourier series; 0 leaves a series out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orders {
    /// Of the heart.
    pub cardiac: usize,
    /// Of the breath.
    pub respiratory: usize,
    /// Of the sum and of the difference of both phases.
    pub interaction: usize,
}

impl Default for Orders {
    fn default() -> Self {
        Self { cardiac: 3, respiratory: 4, interaction: 1 }
    }
}

impl Orders {
    /// Columns: 2 cardiac + 2 respiratory + 4 interaction.
    #[must_use]
    pub fn columns(&self) -> usize {
        2 * self.cardiac + 2 * self.respiratory + 4 * self.interaction
    }
}

/// cos mφ and sin mφ of the cardiac phase (m = 1 … `cardiac`), of the respiratory phase (m = 1 … `respiratory`), and of their sum and
/// difference (m = 1 … `interaction`), in this order.
///
/// # Shapes
/// `phases`: cardiac and respiratory, one per sample in radians; a list that no order asks for may be empty. Returns
/// (n_samples, 2 cardiac + 2 respiratory + 4 interaction); 18 columns with the default orders.
///
/// # Errors
/// - [`EncodingError::SampleMismatch`] if a phase that is asked for has not `n_samples` values.
///
/// # References
/// Glover et al. (2000), Magn Reson Med 44:162; interaction: Harvey et al. (2008), J Magn Reson Imaging 28:1337.
pub fn retroicor(
    n_samples: usize,
    (cardiac, respiratory): (&[f64], &[f64]),
    orders: Orders,
) -> Result<Regressors, EncodingError> {
    let needs = [
        (cardiac, orders.cardiac + orders.interaction > 0),
        (respiratory, orders.respiratory + orders.interaction > 0),
    ];
    for (phases, is_needed) in needs {
        if is_needed && phases.len() != n_samples {
            return Err(EncodingError::SampleMismatch { found: phases.len(), expected: n_samples });
        }
    }
    let both = |sign: f64| -> Vec<f64> {
        cardiac.iter().zip(respiratory).map(|(heart, breath)| heart + sign * breath).collect()
    };
    let series = [
        ("cardiac", cardiac.to_vec(), orders.cardiac),
        ("respiratory", respiratory.to_vec(), orders.respiratory),
        ("sum", both(1.0), orders.interaction),
        ("difference", both(-1.0), orders.interaction),
    ];
    let mut columns = Vec::with_capacity(orders.columns());
    let mut values = Array2::zeros((n_samples, orders.columns()));
    for (name, phases, order) in &series {
        for (wave, of) in (1..=*order).flat_map(|m| [(m, "cos"), (m, "sin")]) {
            for (sample, phase) in phases.iter().enumerate() {
                let angle = wave as f64 * phase;
                values[(sample, columns.len())] =
                    if of == "cos" { libm::cos(angle) } else { libm::sin(angle) };
            }
            columns.push(format!("{name}_{of}_{wave}"));
        }
    }
    Ok(Regressors { name: "RETROICOR".to_owned(), columns, values })
}
