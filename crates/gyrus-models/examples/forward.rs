//! Seconds of one window through every layer: `forward FOLDER TOKENS THREADS REPEATS`, one line per repeat.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use gyrus_models::LanguageModel;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, tokens, threads, repeats] = arguments.as_slice() else {
        return Err("usage: forward FOLDER TOKENS THREADS REPEATS".into());
    };
    let language_model = LanguageModel::open(Path::new(folder))?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.parse()?).build()?;
    // Token numbers that the peer's script uses too.
    let ids: Vec<u32> = (0..tokens.parse::<u32>()?).map(|index| 5 + (index * 7919) % 20_000).collect();
    for _ in 0..repeats.parse()? {
        let start = Instant::now();
        let states = language_model.hidden_states(&ids, &pool)?;
        let last = &states[states.len() - 1];
        println!("{:.4} {:.6}", start.elapsed().as_secs_f64(), last[(last.nrows() - 1, 0)]);
    }
    Ok(())
}
