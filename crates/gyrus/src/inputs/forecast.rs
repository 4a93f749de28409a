//! The layer that a forecast is about, found among those that are fitted.

use super::OpenLanguageModel;
use crate::Error;
use crate::study::Resolved;

/// The layer of each language model; empty where the study asks for no forecast.
pub(super) fn layers(resolved: &Resolved, models: &[OpenLanguageModel]) -> Result<Vec<usize>, Error> {
    let Some(section) = &resolved.study.forecast else { return Ok(Vec::new()) };
    let layer = |open: &OpenLanguageModel| {
        let fitted = open.fitted_layers();
        match section.layer {
            None => Ok(nearest(&fitted, open.layers().last().copied().unwrap_or(0))),
            Some(layer) if fitted.contains(&layer) => Ok(layer),
            Some(layer) => {
                let known = fitted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let expected = format!("a layer that is fitted in {}: {known}", open.name);
                Err(resolved.setting("forecast.layer", format!("layer {layer}"), expected))
            }
        }
    };
    models.iter().map(layer).collect()
}

/// The layer nearest to two thirds of the depth, the shallower of two.
fn nearest(fitted: &[usize], last: usize) -> usize {
    fitted.iter().copied().min_by_key(|layer| (3 * layer).abs_diff(2 * last)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn two_thirds_of_the_depth() {
        assert_eq!(nearest(&(0..=12).collect::<Vec<_>>(), 12), 8);
        assert_eq!(nearest(&[0, 1, 2], 2), 1);
        assert_eq!(nearest(&[3, 11], 12), 11);
        assert_eq!(nearest(&[6, 10], 12), 6);
    }
}
