//! Recordings that last longer than their stimulus, stories that began before them, and one story in two runs.

use super::dataset::{Dataset, PARTICIPANTS, VOXELS, bold, confounds, events_file, image, table, words};
use super::image::Image;
use super::numbers::Numbers;

/// Lengthens the second run of the second participant to so many volumes; returns the last onset of its words.
fn lengthened(data: &Dataset, volumes: usize) -> f64 {
    let mut long = image(12);
    let again = long.values.clone();
    long.values.extend(again);
    long.values.truncate(volumes * VOXELS);
    long.shape[3] = volumes;
    data.write(&bold("02", 2), &long.bytes());
    data.write(&confounds("02", 2), table(2, volumes).as_bytes());
    onsets(&data.read("bids/stimuli/story-2_words.tsv")).last().copied().unwrap()
}

fn onsets(words: &str) -> Vec<f64> {
    words.lines().skip(1).map(|line| line.split('\t').next().unwrap().parse().unwrap()).collect()
}

/// Volume k is acquired at -2 s + k · 2 s of stimulus time, so that n volumes end at 2 n - 2 s.
#[test]
fn volumes_long_after_the_last_word_are_warned_of_with_the_seconds() {
    let data = Dataset::new();
    let last = lengthened(&data, 70);
    let within = ((last + 32.0 + 2.0) / 2.0) as usize;
    lengthened(&data, within);
    let said = data.check().succeeded().stderr;
    assert!(!said.contains("after the last word"), "{said}");
    lengthened(&data, within + 1);
    let warning = format!(
        "warning: volumes more than 32 s after the last word are analysed in {} (until {:.1} s): responses.after_last_word leaves \
         such volumes out",
        bold("02", 2),
        2.0 * (within + 1) as f64 - 2.0 - last
    );
    let said = data.check().succeeded().stderr;
    assert!(said.contains(&warning), "{warning}\n{said}");
    data.analyze("out", &[]).succeeded();
    assert!(data.read("out/tables/warnings.tsv").contains(&warning["warning: ".len()..]));
}

/// Leaving out volumes gives the same numbers as an image that ends there.
#[test]
fn after_last_word_leaves_the_end_of_recordings_out() {
    let data = Dataset::new();
    let last = lengthened(&data, 100);
    data.set("[denoise]", "[responses]\nafter_last_word = \"12 s\"\n\n[denoise]");
    let said = data.check().succeeded().stderr;
    assert!(!said.contains("after the last word"), "{said}");
    data.analyze("long", &[]).succeeded();
    let kept = ((last + 12.0 + 2.0) / 2.0) as usize + 1;
    assert!(kept < 100);
    let samples = data.rows("long/tables/cleaning.tsv");
    let of_run = samples.iter().find(|row| row[0] == "sub-02" && row[1] == "story-2").unwrap();
    assert_eq!(of_run[2], (kept - 10).to_string());
    lengthened(&data, kept);
    data.set("after_last_word = \"12 s\"\n", "");
    data.analyze("cut", &[]).succeeded();
    for table in ["layers.tsv", "baseline.tsv", "cleaning.tsv"] {
        assert_eq!(
            data.read(&format!("long/tables/{table}")),
            data.read(&format!("cut/tables/{table}")),
            "{table}"
        );
    }
}

#[test]
fn words_long_before_the_first_volume_are_warned_of() {
    let data = Dataset::new();
    let early = |seconds: f64| {
        let words = format!("onset\tword\n{seconds}\trabbit\n") + &words(2)["onset\tword\n".len()..];
        data.write("bids/stimuli/story-2_words.tsv", words.as_bytes());
        data.check().succeeded().stderr
    };
    // The first volume is that of -2 s.
    let said = early(-33.9);
    assert!(!said.contains("words"), "negative onsets are no fault: {said}");
    let warning =
        "warning: words more than 32 s before the first volume are aligned to none in 3 recordings (most in ";
    let said = early(-34.5);
    assert!(
        said.contains(warning) && said.contains(", 32.5 s): check the times of words, events and bids.map"),
        "{said}"
    );
}

#[test]
fn words_that_overlap_stay_as_they_are() {
    let data = Dataset::new();
    let mut text = "onset\toffset\tword\n".to_owned();
    for line in words(2).lines().skip(1) {
        let (onset, word) = line.split_once('\t').unwrap();
        text += &format!("{onset}\t{}\t{word}\n", onset.parse::<f64>().unwrap() + 1.5);
    }
    data.write("bids/stimuli/story-2_words.tsv", text.as_bytes());
    data.set("event = \"story-2.wav\"", "event = \"story-2.wav\"\noffset_column = \"offset\"");
    let said = data.check().succeeded();
    assert!(!said.stderr.contains("words"), "{}", said.stderr);
}

/// Voxels that follow the number of words 4 s before, in an image whose first volume was acquired at `first`.
fn following(words: &[f64], first: f64, seed: u64) -> Image {
    let mut numbers = Numbers::new(500 + seed);
    let mut image = image(seed);
    for (index, value) in image.values.iter_mut().enumerate() {
        let time = first + 2.0 * (index / VOXELS) as f64 - 4.0;
        let heard = words.iter().filter(|onset| (time - 1.0..time + 1.0).contains(*onset)).count();
        *value = (1000.0 + 40.0 * heard as f64 + 20.0 * numbers.next()) as i16;
    }
    image
}

/// The score of word rate over three stories, the first of which goes on in a fourth run from 138 s on; the events of that run say
/// that the story began `onset` seconds after its first volume.
fn score_with_a_second_part(onset: f64) -> f64 {
    let data = Dataset::new();
    let mut story = words(1);
    let rest = onsets(&words(5));
    rest.iter().for_each(|onset| story += &format!("{:.3}\trabbit\n", onset + 132.0));
    data.write("bids/stimuli/story-1_words.tsv", story.as_bytes());
    for (person, participant) in PARTICIPANTS.iter().enumerate() {
        for run in 1..=4 {
            let (heard, first) = if run == 4 { (1, 138.0) } else { (run, -2.0) };
            let heard = onsets(&data.read(&format!("bids/stimuli/story-{heard}_words.tsv")));
            data.write_run(participant, run, &following(&heard, first, (10 * person + run) as u64));
        }
        let events = format!("onset\tduration\tstim_file\n{onset}\t130\tstory-1.wav\n");
        data.write(&events_file(participant, 4), events.as_bytes());
    }
    let inputs = gyrus::inputs::open(&data.path("study.toml"), &gyrus::Silent).unwrap();
    let firsts: Vec<f64> = inputs.recordings[..4].iter().map(|one| one.sampling.time(0)).collect();
    assert_eq!(firsts, [18.0, 1.0 - onset + 20.0, 18.0, 18.0], "ten volumes of each part are left out");
    data.analyze("out", &[]).succeeded();
    let rows = data.rows("out/tables/cleaning.tsv");
    let runs: Vec<&str> = rows.iter().filter(|row| row[0] == "sub-02").map(|row| &*row[1]).collect();
    assert_eq!(runs, ["story-1", "story-1", "story-2", "story-3"]);
    let header = data.read("out/tables/baseline.tsv");
    let score = header.lines().next().unwrap().split('\t').position(|name| name == "score").unwrap();
    let baseline = data.rows("out/tables/baseline.tsv");
    let scores: Vec<f64> = baseline
        .iter()
        .filter(|row| row.contains(&"baseline".to_owned()))
        .map(|row| row[score].parse().unwrap())
        .collect();
    scores.iter().sum::<f64>() / scores.len() as f64
}

/// The first volume of the second part was acquired 1 s after its clock began, at 138 s of the story.
#[test]
fn both_parts_of_a_story_in_two_runs_are_aligned_to_their_own_words() {
    let (right, wrong) = (score_with_a_second_part(-137.0), score_with_a_second_part(-107.0));
    assert!(right > 0.6 && wrong < right - 0.1, "{right} {wrong}");
}
