//! `gyrus extract`: words and a language model, to activations of every word.

use std::fmt::Write;
use std::path::PathBuf;

use gyrus::extract::{ExtractRequest, Extracted};
use gyrus::study::{
    Device, HistorySection, LanguageModelSection, LayersSection, PoolingChoice, ScrambleSection, SitesChoice,
    StimulusSection,
};
use gyrus::tasks::Training;

use super::ThreadsFlag;
use crate::Failure;
use crate::printer::{Printer, print, remarks, say};

/// Arguments of `gyrus extract`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Words: a running text (.txt), a TextGrid, a table (.tsv, .csv) or JSON, as in a study
    words: PathBuf,
    /// A folder in Hugging Face layout, or a name of the hub: from the local cache, or fetched by a gyrus with
    /// the feature `download`
    #[arg(long, short, value_name = "MODEL")]
    model: PathBuf,
    /// Branch, tag or commit of a name of the hub
    #[arg(long)]
    revision: Option<String>,
    /// Activations: .npy, .npz or .safetensors; a table of the words is written beside it
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Layers by number, such as 0,4,8 [default: all]
    #[arg(long, value_delimiter = ',')]
    layers: Vec<usize>,
    /// Tokens that are read at a time [default: the language model's own limit]
    #[arg(long, value_name = "TOKENS")]
    context: Option<usize>,
    /// History of a word: half, exact, at_least=256 (tokens), words=20 or sentences=3
    #[arg(long, default_value = "half")]
    history: HistorySection,
    /// Random order in that history: words, sentences or paragraphs=5 (sentences each)
    #[arg(long)]
    scramble: Option<ScrambleSection>,
    /// Seed of that order
    #[arg(long, default_value_t = 0, value_name = "SEED")]
    scramble_seed: u64,
    /// How the vectors of a word's tokens become one: last, mean or sum
    #[arg(long, default_value = "last", value_parser = pooling)]
    pooling: PoolingChoice,
    /// What layers are from 1 on: hidden_states, blocks, attention or mlp
    #[arg(long, default_value = "hidden_states", value_parser = sites)]
    sites: SitesChoice,
    /// Take each token's own vector, without its place, as layer 0
    #[arg(long)]
    static_layer_0: bool,
    /// Read with an untrained copy from this seed
    #[arg(long, value_name = "SEED", conflicts_with = "shuffled")]
    untrained: Option<u64>,
    /// Read with the trained weights in another order, from this seed
    #[arg(long, value_name = "SEED")]
    shuffled: Option<u64>,
    /// Add surprisal and entropy in bits to the table of words
    #[arg(long)]
    surprisal: bool,
    /// Where it reads: cpu, cuda, cuda:N, metal or candle, as far as this gyrus was built with them
    #[arg(long, default_value = "cpu")]
    device: Device,
    /// The tier of a TextGrid that holds the words
    #[arg(long, default_value = "word")]
    tier: String,
    /// The column of a table that holds the words
    #[arg(long, default_value = "word", value_name = "COLUMN")]
    word_column: String,
    /// The column of a table that holds their onsets in seconds
    #[arg(long, default_value = "onset", value_name = "COLUMN")]
    onset_column: String,
    #[command(flatten)]
    execution: ThreadsFlag,
}

/// Runs the command.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    let training = match (arguments.untrained, arguments.shuffled) {
        (Some(seed), _) => Training::Untrained(seed),
        (None, Some(seed)) => Training::Shuffled(seed),
        (None, None) => Training::Trained,
    };
    let request = ExtractRequest {
        words: stimulus(&arguments),
        language_model: language_model(&arguments),
        training,
        has_predictions: arguments.surprisal,
        device: arguments.device,
        output: arguments.output,
    };
    let printer = Printer::new();
    let extracted = gyrus::extract::extract(&request, &arguments.execution.into_execution(), &printer);
    printer.finish();
    let extracted = extracted?;
    remarks(&[], &extracted.warnings);
    say(format_args!("{} and {}", request.output.display(), extracted.table.display()));
    print(text(&extracted))
}

fn stimulus(arguments: &Arguments) -> StimulusSection {
    let name = arguments.words.file_stem().map(|name| name.to_string_lossy().into_owned());
    StimulusSection {
        tier: arguments.tier.clone(),
        word_column: arguments.word_column.clone(),
        onset_column: arguments.onset_column.clone(),
        ..StimulusSection::new(name.unwrap_or_default(), arguments.words.clone())
    }
}

fn language_model(arguments: &Arguments) -> LanguageModelSection {
    let layers = match arguments.layers.as_slice() {
        [] => LayersSection::All,
        listed => LayersSection::Listed(listed.to_vec()),
    };
    LanguageModelSection {
        revision: arguments.revision.clone(),
        layers,
        context: arguments.context,
        pooling: arguments.pooling,
        history: arguments.history,
        scramble: arguments.scramble,
        scramble_seed: arguments.scramble_seed,
        sites: arguments.sites,
        layer_0: if arguments.static_layer_0 {
            gyrus::study::Layer0Choice::Static
        } else {
            gyrus::study::Layer0Choice::Embed
        },
        ..LanguageModelSection::at(arguments.model.clone())
    }
}

fn pooling(text: &str) -> Result<PoolingChoice, String> {
    match text {
        "last" => Ok(PoolingChoice::Last),
        "mean" => Ok(PoolingChoice::Mean),
        "sum" => Ok(PoolingChoice::Sum),
        _ => Err("expected last, mean or sum".to_owned()),
    }
}

fn sites(text: &str) -> Result<SitesChoice, String> {
    match text {
        "hidden_states" => Ok(SitesChoice::HiddenStates),
        "blocks" => Ok(SitesChoice::Blocks),
        "attention" => Ok(SitesChoice::Attention),
        "mlp" => Ok(SitesChoice::Mlp),
        _ => Err("expected hidden_states, blocks, attention or mlp".to_owned()),
    }
}

fn text(extracted: &Extracted) -> String {
    let mut text = "layer\twords\tunits\n".to_owned();
    for (layer, (words, units)) in &extracted.layers {
        let _ = writeln!(text, "{layer}\t{words}\t{units}");
    }
    text
}
