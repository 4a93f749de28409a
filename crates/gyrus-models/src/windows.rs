//! Which tokens are read together, and from which reading each token's vector is kept.

use std::ops::Range;

use crate::tokenizer::Tokens;
use crate::{Extraction, LanguageModel, ModelError};

/// One reading: indices into the tokens of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Span {
    /// Tokens that are read.
    pub seen: Range<usize>,
    /// Tokens whose vectors are kept.
    pub kept: Range<usize>,
}

/// The readings of a text.
pub(crate) fn spans(
    language_model: &LanguageModel,
    extraction: &Extraction,
    tokens: &Tokens,
) -> Result<Vec<Span>, ModelError> {
    let words = &language_model.words;
    let special = words.prefix.len() + words.suffix.len();
    let longest = tokens.words.iter().map(Range::len).max().unwrap_or(1);
    let (least, most) = (special + (2 * longest).max(2), language_model.context_limit());
    if !(least..=most).contains(&extraction.context) {
        return Err(ModelError::Context { found: extraction.context, least, most });
    }
    Ok(halved(tokens.ids.len(), extraction.context - special, language_model.is_causal()))
}

/// Windows of `room` tokens that advance by half of one.
fn halved(tokens: usize, room: usize, is_causal: bool) -> Vec<Span> {
    let advance = room / 2;
    // Tokens at the start of a later window that keep their vectors from the window before.
    let stale = if is_causal { room - advance } else { (room - advance) / 2 };
    let mut spans = Vec::new();
    let mut start = 0;
    while start < tokens {
        let end = (start + room).min(tokens);
        let fresh = if start == 0 { 0 } else { start + stale };
        // What the next window keeps is not kept here.
        let last = if end == tokens { end } else { start + advance + stale };
        spans.push(Span { seen: start..end, kept: fresh..last });
        if end == tokens {
            break;
        }
        start += advance;
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_kept_once_and_sees_half_a_window() {
        for room in [2, 3, 7, 8, 64] {
            for tokens in [1, 2, 5, 8, 9, 63, 64, 65, 300] {
                for is_causal in [true, false] {
                    let spans = halved(tokens, room, is_causal);
                    let kept: Vec<usize> = spans.iter().flat_map(|span| span.kept.clone()).collect();
                    assert_eq!(kept, (0..tokens).collect::<Vec<_>>(), "{room} {tokens}");
                    for span in &spans {
                        assert!(span.seen.len() <= room && span.seen.end <= tokens);
                        for token in span.kept.clone() {
                            assert!(span.seen.contains(&token));
                            let before = token + 1 - span.seen.start;
                            let all = is_causal && before > token.min(room / 2);
                            let around = !is_causal && span.seen.len() >= room.min(tokens) / 2;
                            assert!(all || around, "{room} {tokens} {token} {span:?}");
                        }
                    }
                }
            }
        }
    }
}
