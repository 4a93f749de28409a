//! `preset`: the settings of a published recipe, which stand in for the defaults. What the study file says wins.

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::noted::Noted;
use super::schema::Study;

/// A published recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Preset {
    /// Caucheteux and King (2022).
    #[serde(rename = "caucheteux-2022")]
    Caucheteux2022,
    /// Caucheteux, Gramfort and King (2023).
    #[serde(rename = "caucheteux-2023")]
    Caucheteux2023,
    /// Antonello, Vaidya and Huth (2023).
    #[serde(rename = "huth-2023")]
    Huth2023,
    /// Schrimpf et al. (2021).
    #[serde(rename = "schrimpf-2021")]
    Schrimpf2021,
}

/// What a preset and a study file have to do with each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FromPreset {
    /// Keys that the preset set, with their values, such as `alignment.method = "sum"`.
    pub set: Vec<String>,
    /// Keys of the preset that the study file sets itself.
    pub own: Vec<String>,
}

/// The file of a preset.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    /// What to know before believing the numbers.
    warnings: Vec<String>,
    /// Sections of a study file; `language_model` is that of every language model that is read.
    settings: Table,
    /// Further ones where responses are volumes, surfaces or dense files.
    #[serde(default)]
    of_volumes: Table,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 4] =
        [Self::Caucheteux2022, Self::Caucheteux2023, Self::Huth2023, Self::Schrimpf2021];

    /// How a study file calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Caucheteux2022 => "caucheteux-2022",
            Self::Caucheteux2023 => "caucheteux-2023",
            Self::Huth2023 => "huth-2023",
            Self::Schrimpf2021 => "schrimpf-2021",
        }
    }

    /// Authors and year, and the key of the entry in `CITATION.bib`.
    #[must_use]
    pub fn reference(self) -> (&'static str, &'static str) {
        match self {
            Self::Caucheteux2022 => ("Caucheteux and King, 2022", "caucheteux2022brains"),
            Self::Caucheteux2023 => ("Caucheteux et al., 2023", "caucheteux2023evidence"),
            Self::Huth2023 => ("Antonello et al., 2023", "antonello2023scaling"),
            Self::Schrimpf2021 => ("Schrimpf et al., 2021", "schrimpf2021neural"),
        }
    }

    /// A study file, which is known to be understood by itself, with the settings of the preset below its own.
    ///
    /// # Errors
    /// - the parser's, if the two make no study together.
    pub(super) fn below(self, text: &str) -> Result<Study, toml::de::Error> {
        let mut file: Table = toml::from_str(text)?;
        let mut from_preset = FromPreset::default();
        let is_of_volumes = file.contains_key("bids");
        let recipe = self.recipe();
        let sections =
            recipe.settings.into_iter().chain(recipe.of_volumes.into_iter().filter(|_| is_of_volumes));
        for (section, settings) in sections {
            let Value::Table(settings) = settings else { continue };
            for (key, value) in settings {
                put(&mut file, (&section, &key), value, &mut from_preset);
            }
        }
        let mut study: Study = file.try_into()?;
        study.from_preset = from_preset;
        Ok(study)
    }

    /// Says what the preset set, what the study file set itself, and what to know of the recipe.
    pub(super) fn tell(self, from_preset: &FromPreset, noted: &mut Noted) {
        let (name, (reference, _)) = (self.name(), self.reference());
        let set = match from_preset.set.is_empty() {
            true => "nothing that the study file does not set otherwise".to_owned(),
            false => from_preset.set.join(", "),
        };
        noted.note_of_all(format!("preset {name} ({reference}) sets {set}"));
        if !from_preset.own.is_empty() {
            let own = from_preset.own.join(", ");
            noted.note_of_all(format!("preset {name}: the study file has its own {own}"));
        }
        for warning in self.recipe().warnings {
            noted.warn_of_all(format!("preset {name}: {warning}"));
        }
    }

    /// A test reads each of them.
    fn recipe(self) -> Recipe {
        toml::from_str(self.text()).unwrap_or_default()
    }

    fn text(self) -> &'static str {
        match self {
            Self::Caucheteux2022 => include_str!("caucheteux-2022.toml"),
            Self::Caucheteux2023 => include_str!("caucheteux-2023.toml"),
            Self::Huth2023 => include_str!("huth-2023.toml"),
            Self::Schrimpf2021 => include_str!("schrimpf-2021.toml"),
        }
    }
}

/// Sets a key where the file does not; of every language model that gyrus reads itself.
fn put(file: &mut Table, (section, key): (&str, &str), value: Value, from_preset: &mut FromPreset) {
    let name = format!("{section}.{key}");
    let mut is_set = false;
    let mut is_own = false;
    let mut set = |table: &mut Table| {
        if table.get(key) == Some(&value) {
            is_set = true;
        } else if excluding(key).iter().any(|other| table.contains_key(*other)) {
            is_own = true;
        } else {
            table.insert(key.to_owned(), value.clone());
            is_set = true;
        }
    };
    match file.entry(section).or_insert_with(|| Value::Table(Table::new())) {
        Value::Table(table) => set(table),
        Value::Array(sections) => {
            let read = sections.iter_mut().filter_map(Value::as_table_mut);
            read.filter(|table| !table.contains_key("activations")).for_each(set);
        }
        _ => {}
    }
    if is_set {
        from_preset.set.push(format!("{name} = {}", shown(&value)));
    }
    if is_own {
        from_preset.own.push(name);
    }
}

/// Keys that say the same as a key, itself first: a file that has one of them has its own.
fn excluding(key: &str) -> Vec<&str> {
    match key {
        "context" => vec![key, "contexts"],
        _ => vec![key],
    }
}

/// A value as a study file would have it; of long lists, both ends.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(list) if list.len() > 10 => {
            let of = |index: usize| shown(&list[index]);
            format!("[{}, {}, …, {}]", of(0), of(1), of(list.len() - 1))
        }
        Value::Table(table) => {
            let keys: Vec<String> =
                table.iter().map(|(key, value)| format!("{key} = {}", shown(value))).collect();
            format!("{{ {} }}", keys.join(", "))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Float(number) => format!("{number}"),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &str = "[study]\nname = \"a\"\n[[stimulus]]\nname = \"b\"\nwords = \"w.tsv\"\n[[language_model]]\npath = \"m\"\n";

    fn study(preset: Preset, further: &str) -> Study {
        preset.below(&format!("preset = \"{}\"\n{TABLES}{further}", preset.name())).unwrap()
    }

    #[test]
    fn every_preset_holds_keys_that_there_are() {
        for preset in Preset::ALL {
            let recipe: Recipe = toml::from_str(preset.text()).unwrap();
            let written = toml::to_string(&preset_of(preset)).unwrap();
            assert_eq!(written.trim(), format!("preset = \"{}\"", preset.name()));
            let count = |table: &Table| {
                table.values().map(|section| section.as_table().unwrap().len()).sum::<usize>()
            };
            let (of_all, of_volumes) = (count(&recipe.settings), count(&recipe.of_volumes));
            let tables = study(preset, "");
            assert_eq!((tables.from_preset.set.len(), tables.from_preset.own.len()), (of_all, 0));
            let volumes = study(preset, "[bids]\nfolder = \"d\"\n");
            assert_eq!(volumes.from_preset.set.len(), of_all + of_volumes);
            assert!(of_volumes == 0 || volumes.denoise.motion.is_some() && tables.denoise.motion.is_none());
        }
    }

    #[derive(Serialize)]
    struct Key {
        preset: Preset,
    }

    fn preset_of(preset: Preset) -> Key {
        Key { preset }
    }

    #[test]
    fn what_the_file_says_wins_key_by_key() {
        let of = |further: &str| study(Preset::Caucheteux2023, further);
        let silent = of("");
        assert_eq!((silent.alignment.centre, silent.encoding.components), (false, Some(20)));
        assert_eq!(silent.forecast.as_ref().unwrap().distances.len(), 41);
        let own =
            of("[alignment]\ncentre = true\n[encoding]\nfolds = \"runs\"\n[forecast]\ndistances = [8]\n");
        assert!(own.alignment.centre && own.alignment.method == silent.alignment.method);
        assert_eq!(own.encoding.folds, Some(crate::study::FoldsSection::Runs));
        assert_eq!(own.forecast.unwrap().distances, [8]);
        assert_eq!(own.from_preset.own, ["alignment.centre", "encoding.folds", "forecast.distances"]);
        assert!(!own.from_preset.set.iter().any(|set| set.starts_with("encoding.folds")));
    }

    #[test]
    fn language_models_have_it_each_unless_they_say_otherwise() {
        let more = "[[language_model]]\npath = \"n\"\ncontexts = [8, 16]\n[[language_model]]\nactivations = \"x.npz\"\n";
        let found = study(Preset::Huth2023, more).language_model;
        let contexts: Vec<_> = found.iter().map(|model| model.context).collect();
        assert_eq!(contexts, [Some(512), None, None]);
        let usual = crate::study::HistorySection::default();
        let histories: Vec<_> = found.iter().map(|model| model.history == usual).collect();
        assert_eq!(histories, [false, false, true]);
    }

    #[test]
    fn values_are_shown_as_they_would_be_written() {
        let set = study(Preset::Caucheteux2023, "").from_preset.set;
        for expected in [
            "alignment.method = \"sum\"",
            "forecast.distances = [-10, -9, …, 30]",
            "encoding.folds = { blocks = 5, gap = \"0 s\" }",
            "encoding.alphas = { count = 10, from = 0.1, to = 100000000 }",
        ] {
            assert!(set.iter().any(|shown| shown == expected), "{expected} is not in {set:?}");
        }
    }
}
