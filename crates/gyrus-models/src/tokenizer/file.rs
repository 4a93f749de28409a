//! tokenizer.json as untrusted input: what the tokenizers crate would panic on is refused before it sees it, and what it
//! panics on nevertheless becomes an error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;
use tokenizers::Tokenizer;

/// A tokenizer without the part that turns tokens to text: nothing here needs it, and reading a damaged one panics
/// (tokenizers 0.23).
pub(super) fn parse(bytes: &[u8]) -> Result<Tokenizer, String> {
    let mut json: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    match json.as_object_mut() {
        Some(keys) => keys.insert("decoder".to_owned(), Value::Null),
        None => return Err("found no object, expected keys such as model and pre_tokenizer".to_owned()),
    };
    if let Some(processor) = json.get("post_processor") {
        check_template(processor)?;
    }
    guarded(|| Tokenizer::from_bytes(json.to_string()).map_err(|error| error.to_string()))
}

/// The result of foreign code that may panic on what it did not expect.
pub(super) fn guarded<R>(work: impl FnOnce() -> Result<R, String>) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("the tokenizers library failed on it".to_owned()))
}

/// Every special token that a template names must be described in it.
fn check_template(processor: &Value) -> Result<(), String> {
    for inner in processor.get("processors").and_then(Value::as_array).into_iter().flatten() {
        check_template(inner)?;
    }
    let described = processor.get("special_tokens").and_then(Value::as_object);
    for piece in ["single", "pair"].iter().filter_map(|key| processor.get(key)?.as_array()).flatten() {
        let Some(name) = piece.pointer("/SpecialToken/id").and_then(Value::as_str) else { continue };
        if described.is_some_and(|described| !described.contains_key(name)) {
            return Err(format!(
                "post_processor: found the special token `{name}`, expected it under special_tokens"
            ));
        }
    }
    Ok(())
}
