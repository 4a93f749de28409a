//! Numbers of things, in words.

/// A number with its noun: 1 participant, 2 participants.
#[must_use]
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
