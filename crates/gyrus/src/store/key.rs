//! The name of a task's result: a digest of everything that decides its bytes.

use serde::Serialize;

/// The content digest of a file or of another task's key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(blake3::hash(bytes).to_hex().to_string())
    }

    /// Its hexadecimal spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Kind, numerics version, canonical parameters and inputs of a task, as one digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    kind: &'static str,
    digest: Digest,
}

impl Key {
    /// The key of a task. `numerics_version` rises whenever the same inputs would give other bytes.
    #[must_use]
    pub fn new(
        kind: &'static str,
        numerics_version: u32,
        parameters: &impl Serialize,
        inputs: &[Digest],
    ) -> Self {
        let canonical = serde_json::json!([kind, numerics_version, parameters, inputs]);
        Self { kind, digest: Digest::of(canonical.to_string().as_bytes()) }
    }

    /// The kind of task.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The digest in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        self.digest.as_str()
    }

    /// The key as an input of another task: it stands for the content, which it decides.
    #[must_use]
    pub fn as_input(&self) -> Digest {
        self.digest.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_key_changes_it() {
        let base = Key::new("fit", 1, &("a", 1.0), &[Digest::of(b"x")]);
        assert_eq!(base, Key::new("fit", 1, &("a", 1.0), &[Digest::of(b"x")]));
        for other in [
            Key::new("extract", 1, &("a", 1.0), &[Digest::of(b"x")]),
            Key::new("fit", 2, &("a", 1.0), &[Digest::of(b"x")]),
            Key::new("fit", 1, &("a", 2.0), &[Digest::of(b"x")]),
            Key::new("fit", 1, &("a", 1.0), &[Digest::of(b"y")]),
        ] {
            assert_ne!(base.digest(), other.digest());
        }
    }
}
