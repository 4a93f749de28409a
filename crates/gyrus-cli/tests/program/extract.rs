//! `gyrus extract`: a text and a language model in, vectors and a table of words out.

use std::path::Path;

use super::program::{Ran, gyrus};
use super::study::Study;

fn extract(study: &Study, words: &str, output: &str, further: &[&str]) -> Ran {
    let (words, model, output) = (study.path(words), study.path("model"), study.path(output));
    let first = [Path::new("extract"), &words, Path::new("--model"), &model, Path::new("-o"), &output];
    let arguments: Vec<&Path> = first.into_iter().chain(further.iter().map(Path::new)).collect();
    gyrus(&arguments)
}

/// Numbers of an array file of single precision, and its shape as the header says it.
fn npy(bytes: &[u8]) -> (String, Vec<f32>) {
    let size = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8(bytes[10..10 + size].to_vec()).unwrap();
    let shape = header.split("'shape': ").nth(1).unwrap().split(')').next().unwrap().to_owned() + ")";
    let numbers = bytes[10 + size..].as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    (shape, numbers.collect())
}

#[test]
fn all_formats_hold_the_same_numbers() {
    let study = Study::new();
    study.write("story.txt", "the rabbit ran down\n a hole   and Alice fell\n\nafter it slowly");
    let ran = extract(&study, "story.txt", "a.npy", &[]).succeeded();
    assert_eq!(ran.stdout, "layer\twords\tunits\n0\t12\t8\n1\t12\t8\n2\t12\t8\n");
    let (shape, all) = npy(&std::fs::read(study.path("a.npy")).unwrap());
    assert_eq!(shape, "(3, 12, 8)");
    extract(&study, "story.txt", "one.npy", &["--layers", "2"]).succeeded();
    let (shape, one) = npy(&std::fs::read(study.path("one.npy")).unwrap());
    assert_eq!((shape.as_str(), one.as_slice()), ("(12, 8)", &all[2 * 96..]));
    extract(&study, "story.txt", "a.safetensors", &["--threads", "2"]).succeeded();
    let bytes = std::fs::read(study.path("a.safetensors")).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    extract(&study, "story.txt", "a.npz", &["--layers", "0,2"]).succeeded();
    let archive = std::fs::read(study.path("a.npz")).unwrap();
    for layer in 0..3 {
        let expected = &all[layer * 96..][..96];
        let view = tensors.tensor(&format!("layer_{layer}")).unwrap();
        let found: Vec<f32> =
            view.data().as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        assert_eq!(found, expected);
        let raw: Vec<u8> = expected.iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(archive.windows(raw.len()).any(|window| window == raw), layer != 1);
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_word() {
    let study = Study::new();
    study.write("story.txt", "the rabbit ran down");
    study.write("marked.txt", "\u{feff}the rabbit ran down");
    let read = |words: &str| {
        extract(&study, words, "a.npy", &[]).succeeded();
        std::fs::read(study.path("a.npy")).unwrap()
    };
    assert_eq!(read("marked.txt"), read("story.txt"));
}

#[test]
fn what_is_read_is_never_written_over() {
    let study = Study::new();
    let before = std::fs::read(study.path("model/model.safetensors")).unwrap();
    let error = extract(&study, "words.tsv", "model/model.safetensors", &[]).error();
    for part in ["model.safetensors: found a file that is read, expected another place", "choose one with -o"]
    {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(std::fs::read(study.path("model/model.safetensors")).unwrap(), before);
}

#[test]
fn the_table_of_words_stands_beside_it() {
    let study = Study::new();
    let ran = extract(&study, "words.tsv", "a.npz", &["--surprisal", "--layers", "1"]).succeeded();
    assert!(ran.stderr.contains("reading") && ran.stderr.contains("a.words.tsv"), "{}", ran.stderr);
    let table = study.read("a.words.tsv");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows[0], ["index", "word", "onset", "offset", "n_tokens", "surprisal", "entropy"]);
    assert_eq!(rows.len(), 621);
    let words = study.read("words.tsv");
    for (index, line) in words.lines().skip(1).enumerate() {
        let (onset, word) = line.split_once('\t').unwrap();
        let row = &rows[index + 1];
        assert_eq!((row[0], row[1], row[3], row[4]), (&*index.to_string(), word, "n/a", "1"));
        assert_eq!(row[2].parse::<f64>().unwrap(), onset.parse::<f64>().unwrap());
        // Fifteen tokens: no more than log2 of that.
        assert!(row[5].parse::<f64>().unwrap() > 0.0, "{row:?}");
        assert!((0.0..=3.91).contains(&row[6].parse::<f64>().unwrap()), "{row:?}");
    }
}

#[test]
fn flags_are_those_of_a_study() {
    let study = Study::new();
    study.write("story.txt", "the rabbit ran. down a hole and Alice fell after it. slowly the hole fell");
    study.edit("model/tokenizer.json", "\"ran\"", "\"ran.\"");
    study.edit("model/tokenizer.json", "\"it\"", "\"it.\"");
    let read = |flags: &[&str]| {
        let ran = extract(&study, "story.txt", "a.npy", &[&["--layers", "2"], flags].concat());
        ran.succeeded();
        npy(&std::fs::read(study.path("a.npy")).unwrap()).1
    };
    let usual = read(&[]);
    assert_eq!(read(&["--history", "half", "--pooling", "last", "--sites", "hidden_states"]), usual);
    for flags in [
        &["--history", "words=2"][..],
        &["--history", "sentences=1"],
        &["--scramble", "words", "--history", "exact"],
        &["--sites", "attention"],
        &["--sites", "mlp"],
        &["--sites", "blocks"],
        &["--untrained", "1"],
        &["--shuffled", "1"],
    ] {
        assert_ne!(read(flags), usual, "{flags:?}");
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let study = Study::new();
    study.write("story.txt", "the rabbit");
    let error = extract(&study, "story.txt", "a.csv", &[]).error();
    assert!(error.contains("/a.csv: ") && error.contains("write .npy, .npz or .safetensors"), "{error}");
    let error = extract(&study, "story.txt", "a.npy", &["--layers", "0,1"]).error();
    assert!(error.contains("write .npz or .safetensors"), "{error}");
    let error = extract(&study, "story.txt", "a.npz", &["--layers", "9"]).error();
    assert!(error.contains("/model: found layer 9 in --layers, expected 0 to 2"), "{error}");
    let error = extract(&study, "story.txt", "a.npz", &["--context", "2"]).error();
    assert!(error.contains("/story.txt: found a context of 2 tokens, expected from 3 to 64"), "{error}");
    study.write("empty.txt", " \n");
    let error = extract(&study, "empty.txt", "a.npz", &[]).error();
    assert!(error.contains("/empty.txt: ") && error.contains("found no word"), "{error}");
    let error = extract(&study, "nowhere.txt", "a.npz", &[]).error();
    assert!(error.contains("/nowhere.txt: "), "{error}");
    study.remove("model/tokenizer.json");
    let error = extract(&study, "story.txt", "a.npz", &[]).error();
    assert!(error.contains("/model/tokenizer.json: "), "{error}");
    assert!(!study.path("a.npz").exists() && !study.path("a.words.tsv").exists());
}
