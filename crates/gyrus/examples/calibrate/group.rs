//! Groups: family-wise rates over voxels × layers where there is nothing to find, by every correction and null.

use std::error::Error;
use std::sync::Arc;

use gyrus_encoding::backend::Backend;
use gyrus_encoding::calibration::{Found, Group, GroupOutcome, Noise, simulate_group, summarise};

use super::alice::Recordings;
use super::judge::{Judgement, rate, shown};

/// Half of every response is the story's, so that people are not independent.
const SHARED: f64 = 0.5;

/// Noise that falls off as that of one sample on the next.
pub fn autoregressive(_: &Backend, count: usize) -> Result<(), Box<dyn Error>> {
    let slow = || Noise::Autoregressive(0.8);
    run(count, ("AR(1), rho .8", 200, [slow(), slow()]))
}

/// Noise as slow as the rate of words and the responses of the Alice recordings are.
pub fn like_alice(_: &Backend, count: usize) -> Result<(), Box<dyn Error>> {
    let recordings = Recordings::read()?;
    run(count, ("spectra of Alice", 362, [recordings.word_rate(), recordings.responses()]))
}

fn run(count: usize, (name, samples, noise): (&str, usize, [Noise; 2])) -> Result<(), Box<dyn Error>> {
    println!(
        "noise\tshared\tnull\tdata_sets\tuncorrected\tmaximum\tmass\tenhancement\tstudent\tranks\tregion\tagainst_zero"
    );
    let mut judgement = Judgement::default();
    let group = |shared: f64| Group {
        participants: 12,
        sides: [4, 4, 3],
        shared,
        samples,
        noise: noise.clone(),
        surrogates: 99,
        seed: 7,
    };
    let shared = outcomes(&group(SHARED), count)?;
    let found = print(name, SHARED, ("surrogates", &shared));
    judge(&mut judgement, &format!("{name}, surrogates of people who share half"), found);
    print(name, SHARED, ("signs", &shared));
    judgement.above(&format!("{name}, Student's t"), summarise(&shared, |one| one.student), 0.07);
    let alone = outcomes(&group(0.0), count)?;
    let found = print(name, 0.0, ("surrogates", &alone));
    judge(&mut judgement, &format!("{name}, surrogates of people who share nothing"), found);
    judge(&mut judgement, &format!("{name}, signs"), print(name, 0.0, ("signs", &alone)));
    judgement.within(&format!("{name}, a region"), summarise(&alone, |one| one.region), [0.03, 0.07]);
    judgement.end()
}

/// Data sets are small: several at a time, each on one thread.
fn outcomes(group: &Group, count: usize) -> Result<Vec<GroupOutcome>, Box<dyn Error>> {
    let workers = std::thread::available_parallelism()?.get();
    let some = |worker: usize| -> Result<Vec<GroupOutcome>, String> {
        let pool =
            rayon::ThreadPoolBuilder::new().num_threads(1).build().map_err(|error| error.to_string())?;
        let backend = Backend::cpu(Arc::new(pool));
        let one = |index| simulate_group(&backend, group, index).map_err(|error| error.to_string());
        (worker..count).step_by(workers).map(one).collect()
    };
    let found: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|worker| scope.spawn(move || some(worker))).collect();
        running.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let found = found.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    if found.len() == count { Ok(found) } else { Err("a worker ended early".into()) }
}

fn print(name: &str, shared: f64, (null, outcomes): (&str, &[GroupOutcome])) -> Vec<Found> {
    let of = |one: &GroupOutcome| if null == "signs" { one.signs } else { one.stimulus };
    let found: Vec<Found> = outcomes.iter().map(of).collect();
    let any = |by: fn(&Found) -> bool| shown(rate(found.iter().map(by)));
    println!(
        "{name}\t{shared}\t{null}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        found.len(),
        shown(summarise(&found, |one| one.uncorrected)),
        any(|one| one.by_maximum),
        any(|one| one.by_mass),
        any(|one| one.by_enhancement),
        shown(summarise(outcomes, |one| one.student)),
        shown(summarise(outcomes, |one| one.ranks)),
        shown(summarise(outcomes, |one| one.region)),
        shown(summarise(outcomes, |one| one.against_zero)),
    );
    found
}

fn judge(judgement: &mut Judgement, name: &str, found: Vec<Found>) {
    let any = |by: fn(&Found) -> bool| rate(found.iter().map(by));
    judgement.within(&format!("{name}, uncorrected"), summarise(&found, |one| one.uncorrected), [0.04, 0.06]);
    judgement.within(&format!("{name}, maximum"), any(|one| one.by_maximum), [0.03, 0.07]);
    judgement.within(&format!("{name}, mass"), any(|one| one.by_mass), [0.03, 0.07]);
    judgement.within(&format!("{name}, enhancement"), any(|one| one.by_enhancement), [0.03, 0.07]);
}
