//! What the demo brings along: a story written for it and the language model that the project trained itself.

/// The story.
pub(crate) const STORY: &str = include_str!("../../../../assets/demo/story.txt");

/// Files of the language model by name.
pub(crate) const LANGUAGE_MODEL: [(&str, &[u8]); 3] = [
    ("config.json", include_bytes!("../../../../assets/demo/language-model/config.json")),
    ("model.safetensors", include_bytes!("../../../../assets/demo/language-model/model.safetensors")),
    ("tokenizer.json", include_bytes!("../../../../assets/demo/language-model/tokenizer.json")),
];
