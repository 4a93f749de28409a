//! Layers of one region at a time, in a study of tables: every choice, by pointer and by keyboard.

use super::accessible::broken;
use super::brain::row;
use super::chromium::{DESKTOP, Look, Page};
use super::printed::{Table, fixed, probability};
use super::study::{PARTICIPANTS, Study};

#[test]
fn every_region_and_quantity_shows_the_numbers_of_the_tables() {
    let study = Study::new();
    study.analyze("out", &[]).succeeded();
    let (layers, group) =
        (Table::read(&study.path("out/tables/layers.tsv")), Table::read(&study.path("out/tables/group.tsv")));
    let mut page = Page::open(&study.path("out/report/index.html"), Look { is_dark: true, ..DESKTOP });
    assert_eq!(page.value("document.querySelector(\"[data-viewer='brain']\")"), serde_json::Value::Null);
    let list = |page: &mut Page, control: &str| -> Vec<(String, String)> {
        let found = page.value(&format!(
            "[...document.querySelectorAll(\"[data-viewer='layers'] [data-control='{control}'] option\")].map((option) => [option.value, option.textContent])"
        ));
        let pair = |one: &serde_json::Value| {
            (one[0].as_str().unwrap().to_owned(), one[1].as_str().unwrap().to_owned())
        };
        found.as_array().unwrap().iter().map(pair).collect()
    };
    let (places, quantities) = (list(&mut page, "region"), list(&mut page, "quantity"));
    assert!(places.len() > 1 && quantities.len() == 3, "{places:?} {quantities:?}");
    let model = layers.at(2, "language_model").to_owned();
    for (place, words) in &places {
        let region = if words == "mean over regions" { "mean" } else { words.as_str() };
        for (quantity, _) in &quantities {
            page.choose("[data-viewer='layers'] [data-control='region']", place);
            page.choose("[data-viewer='layers'] [data-control='quantity']", quantity);
            for layer in 0..3 {
                let index = layer.to_string();
                let key = [model.as_str(), index.as_str(), region];
                let number = |ending: &str| fixed(layers.number(&key, &format!("{quantity}{ending}")), 3);
                let shown = row(&mut page, "layers", layer);
                assert_eq!(shown[1], number(""), "{region} {quantity} {layer}");
                assert_eq!(shown[2], format!("[{},\u{A0}{}]", number("_low"), number("_high")));
                assert_eq!(shown[3], format!("[{},\u{A0}{}]", number("_story_low"), number("_story_high")));
                if quantity == "contextual_gain" && layer == 0 {
                    assert_eq!(shown[5], "n/a");
                    continue;
                }
                let tests = [key[0], key[1], key[2], quantity.as_str()];
                assert_eq!(shown[4], fixed(group.number(&tests, "null_95"), 3));
                assert_eq!(shown[5], probability(group.number(&tests, "p_stimulus_corrected")));
            }
        }
    }
    by_keyboard(&mut page);
    assert_eq!(broken(&mut page), [""; 0]);
    page.look(Look { width: 390, height: 800, ..DESKTOP });
    assert_eq!(broken(&mut page), [""; 0]);
    assert_eq!(page.complaints(), [""; 0]);
    assert_eq!(page.asked_for().len(), 1);
    another_recording_another_sentence(&study, &page.text(".lead"));
}

/// One region of one person that says nothing is enough.
fn another_recording_another_sentence(study: &Study, sentence: &str) {
    study.set_column(PARTICIPANTS[0], 0, "0.5");
    study.analyze("changed", &[]).succeeded();
    let mut page = Page::open(&study.path("changed/report/index.html"), DESKTOP);
    assert_ne!(page.text(".lead"), sentence);
    assert_eq!(page.complaints(), [""; 0]);
}

/// A layer that is focused says its numbers; arrow keys go from layer to layer.
fn by_keyboard(page: &mut Page) {
    page.choose("[data-viewer='layers'] [data-control='quantity']", "score");
    page.value("document.querySelector(\"[data-viewer='layers'] [data-layer='0']\").focus()");
    for layer in 0..3 {
        let said = page.text("[data-viewer='layers'] .said");
        let shown = row(page, "layers", layer);
        assert!(
            said.starts_with(&format!("layer {layer}: r = {}, participants {}", shown[1], shown[2])),
            "{said}"
        );
        assert!(said.ends_with(&format!("corrected p =\u{A0}{}", shown[5])), "{said}");
        page.press("ArrowRight", 39);
    }
}
