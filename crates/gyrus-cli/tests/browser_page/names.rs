//! Names that try to become markup, and a browser that runs no scripts.

use super::brain::analysed;
use super::chromium::{DESKTOP, Look, Page};

const REGIONS: [&str; 2] =
    ["\"><img src=x onerror=window.taken=1>", "</script><script>window.taken=1</script>"];
const LANGUAGE_MODEL: &str = "<svg onload=window.taken=1> {{x}}";

#[test]
fn hostile_names_stay_words_and_without_scripts_nothing_is_missing() {
    let data = analysed(REGIONS, LANGUAGE_MODEL);
    let file = data.path("out/report/index.html");
    let mut page = Page::open(&file, DESKTOP);
    for viewer in ["brain", "layers"] {
        let options = page.value(&format!(
            "[...document.querySelectorAll(\"[data-viewer='{viewer}'] [data-control='region'] option\")].map((option) => option.textContent)"
        ));
        for name in REGIONS {
            assert!(options.as_array().unwrap().iter().any(|option| option == name), "{name}: {options}");
        }
    }
    for place in ["0", "1"] {
        page.choose("[data-viewer='brain'] [data-control='region']", place);
        page.choose("[data-viewer='layers'] [data-control='region']", place);
        let shown = page.text("[data-viewer='layers'] .profile caption");
        assert_eq!(page.text("[data-fact='region']"), shown);
        assert!(REGIONS.contains(&shown.as_str()), "{shown}");
    }
    super::solid::require_viewer();
    assert_eq!(
        page.value("[document.images.length, document.scripts.length, typeof window.taken].join()"),
        "0,3,undefined"
    );
    assert_eq!(page.complaints(), [""; 0]);

    let mut page = Page::open(&file, Look { has_scripts: false, ..DESKTOP });
    let heights = page.value(
        "['.lead', '#answer svg', '#brain svg', '#layers svg', '#scores table', '#methods'].map((name) => document.querySelector(name).getBoundingClientRect().height)",
    );
    for height in heights.as_array().unwrap() {
        assert!(height.as_f64().unwrap() > 10.0, "{heights}");
    }
    assert_eq!(page.value("[...document.querySelectorAll('.viewer')].every((one) => one.hidden)"), true);
    assert_eq!(page.complaints(), [""; 0]);
}
