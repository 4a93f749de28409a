//! The works of `cargo xtask bench models`: `forward WORK FOLDER THREADS [DEVICE]`, one line of JSON with wall and processor
//! seconds, peak memory, and a number of the last hidden state that the peer computes too.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use gyrus_core::{Stimulus, Word};
use gyrus_models::{Device, Extraction, History, LanguageModel, extract};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Tokens of the window of `llama` and `gpt2`.
const WINDOW: u32 = 1024;
/// Words of the story, of which each has one token.
const STORY: usize = 10_000;
/// Tokens of history of a word.
const HISTORY: usize = 512;
/// Words of the sample that is read with exact windows; the time is scaled to the story.
const SAMPLE: usize = 40;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let ([work, folder, threads], device) = (match arguments.as_slice() {
        [of @ .., device] if of.len() == 3 => (of, device.parse()?),
        of => (of, Device::Cpu),
    }) else {
        return Err("usage: forward WORK FOLDER THREADS [DEVICE]".into());
    };
    let language_model = LanguageModel::open(Path::new(folder))?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build()?;
    language_model.offload(device)?;
    // Caches are warm and pages of weights touched; graphics cards choose kernels by shape.
    let warm = match (device, work.as_str()) {
        (Device::Cpu, _) => 32,
        (_, "llama" | "gpt2") => WINDOW,
        _ => HISTORY as u32,
    };
    for _ in 0..3 {
        language_model.hidden_states(&ids(0, warm), &pool)?;
    }
    let started = (Instant::now(), processor()?);
    let (share, check) = match work.as_str() {
        "llama" | "gpt2" => {
            let states = language_model.hidden_states(&ids(0, WINDOW), &pool)?;
            (1.0, states[states.len() - 1][(WINDOW as usize - 1, 0)])
        }
        "bert" => (1.0, sentences(&language_model, &pool)?),
        "exact" => (SAMPLE as f64 / STORY as f64, exact(&language_model, &pool)?),
        "strided" => (1.0, strided(&language_model, &pool)?),
        other => return Err(format!("found `{other}`, expected llama, gpt2, bert, exact or strided").into()),
    };
    let (wall, processor) = (started.0.elapsed().as_secs_f64() / share, (processor()? - started.1) / share);
    println!("{{\"wall\": {wall}, \"processor\": {processor}, \"peak\": {}, \"check\": {check}}}", peak()?);
    Ok(())
}

/// Token numbers that the peer's script uses too.
fn ids(start: u32, count: u32) -> Vec<u32> {
    (start..start + count).map(|index| 5 + (index * 7919) % 20_000).collect()
}

/// 64 sentences of 20 to 60 tokens.
fn sentences(language_model: &LanguageModel, pool: &rayon::ThreadPool) -> Outcome<f32> {
    let sentences: Vec<Vec<u32>> =
        (0..64).map(|sentence| ids(100 * sentence, 20 + sentence * 13 % 41)).collect();
    let states = language_model.hidden_states_of_each(&sentences, pool)?;
    let last = &states[63];
    let last = &last[last.len() - 1];
    Ok(last[(last.nrows() - 1, 0)])
}

/// A window of its own for some words of a story.
fn exact(language_model: &LanguageModel, pool: &rayon::ThreadPool) -> Outcome<f32> {
    let mut check = 0.0;
    for word in 0..SAMPLE {
        let states = language_model.hidden_states(&ids(100 * word as u32, HISTORY as u32), pool)?;
        check = states[states.len() - 1][(HISTORY - 1, 0)];
    }
    Ok(check)
}

/// The whole story in windows that give every word at least as much history.
fn strided(language_model: &LanguageModel, pool: &rayon::ThreadPool) -> Outcome<f32> {
    let words = ["so", "the", "and"].into_iter().cycle().take(STORY);
    let word = |text: &str| Word { text: text.to_owned(), onset: None, offset: None };
    let stimulus = Stimulus::new("story", words.map(word).collect())?;
    let limit = language_model.context_limit();
    let extraction = Extraction { history: History::AtLeast(HISTORY), ..Extraction::new(limit) };
    let layers = extract(language_model, &stimulus, &extraction, pool, &|_| {})?;
    Ok(layers[layers.len() - 1].values[(STORY - 1, 0)])
}

/// Seconds of processor time so far, over all threads.
fn processor() -> Outcome<f64> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> =
        text.rsplit_once(')').ok_or("a strange /proc/self/stat")?.1.split_whitespace().collect();
    let ticks =
        |index: usize| -> Outcome<f64> { Ok(fields.get(index).ok_or("a short /proc/self/stat")?.parse()?) };
    // Clock ticks of user and system time; Linux has a hundred of them in a second.
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}

/// Most bytes that were resident.
fn peak() -> Outcome<u64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number in VmHWM")?.parse::<u64>()? * 1024)
}
