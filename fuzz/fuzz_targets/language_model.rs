//! Folders of language models: the first byte says which file of a good one the input replaces.
#![no_main]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use gyrus_core::{Stimulus, Word};
use gyrus_models::{LanguageModel, ModelError};

/// Good folders of four families, in a place where files may be replaced.
static FOLDERS: LazyLock<Vec<PathBuf>> = LazyLock::new(|| ["llama", "gpt2", "bert", "gemma2"].map(copied).to_vec());
static POOL: LazyLock<rayon::ThreadPool> =
    LazyLock::new(|| rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread"));

const FILES: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((which, data)) = data.split_first() else { return };
    let folder = &FOLDERS[*which as usize / FILES.len() % FOLDERS.len()];
    let file = FILES[*which as usize % FILES.len()];
    let good = fs::read(folder.join(file)).expect("it was copied");
    fs::write(folder.join(file), data).expect("it can be replaced");
    let opened = LanguageModel::open(folder);
    fs::write(folder.join(file), good).expect("it can be put back");
    match opened {
        Ok(language_model) => read(&language_model),
        Err(error) => {
            let message = error.to_string();
            assert!(message.contains(&folder.display().to_string()), "{message}");
        }
    }
});

/// What opens can be read with, or says why not.
fn read(language_model: &LanguageModel) {
    let word = |text: &str| Word { text: text.to_owned(), onset: None, offset: None };
    let words = ["The", "otter", "'s", "ça", "漢字", "😀"].map(word).to_vec();
    let Ok(tokens) = language_model.tokenize(&Stimulus::new("story", words).expect("words without times")) else { return };
    let ids: Vec<u32> = tokens.ids.into_iter().take(12).collect();
    match language_model.hidden_states(&ids, &POOL) {
        Ok(states) => assert_eq!(states.len(), language_model.n_layers()),
        Err(ModelError::Context { .. } | ModelError::Token { .. } | ModelError::NonFinite { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

fn copied(name: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/models").join(name);
    let root = if Path::new("/dev/shm").is_dir() { PathBuf::from("/dev/shm") } else { std::env::temp_dir() };
    let to = root.join(format!("gyrus-fuzz-{}", std::process::id())).join(name);
    fs::create_dir_all(&to).expect("a folder for temporary files can be made");
    for file in FILES {
        fs::copy(from.join(file), to.join(file)).expect("fixtures are there");
    }
    to
}
