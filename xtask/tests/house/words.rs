//! One word, one meaning: what the glossary rules out is not written.

use super::{root, sources};

/// Words that the code does not use, where it does not use them, and what it says instead.
const RULED_OUT: [(&str, &str, &str); 6] = [
    ("subject", "crates/", "participant"),
    ("subjects", "crates/", "participants"),
    ("lambda", "crates/", "alpha"),
    ("nuisance", "crates/", "baseline or confounds"),
    ("voxel", "crates/gyrus-encoding/src/", "target"),
    ("voxels", "crates/gyrus-encoding/src/", "targets"),
];

#[test]
fn code_uses_the_words_of_the_glossary() {
    for (path, text) in sources() {
        for (word, folder, instead) in RULED_OUT {
            if !path.starts_with(folder) {
                continue;
            }
            let is_word = |part: &str| part.eq_ignore_ascii_case(word);
            let line = text.lines().position(|line| line.split(|c: char| !c.is_alphanumeric()).any(is_word));
            let place = line.map(|line| line + 1);
            assert!(place.is_none(), "{path}:{place:?} says `{word}`: write {instead}");
        }
    }
}

#[test]
fn the_glossary_explains_the_words_that_code_rules_out() {
    let glossary = std::fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    for (_, _, instead) in RULED_OUT {
        let word = instead.split(' ').next().unwrap_or(instead).trim_end_matches('s');
        assert!(glossary.contains(word), "docs/glossary.md does not explain `{word}`");
    }
}
