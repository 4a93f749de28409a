//! Every preset makes a study of the Alice recordings that can be analysed.

use super::study::Alice;

#[test]
fn the_example_can_be_analysed_with_every_preset() {
    for preset in ["caucheteux-2022", "caucheteux-2023", "huth-2023", "schrimpf-2021"] {
        let alice = Alice::new("preset.toml");
        let written = format!("preset = \"{preset}\"");
        if preset != "caucheteux-2023" {
            alice.edit("preset = \"caucheteux-2023\"", &written);
        }
        let said = alice.run(&["check", "study.toml"]);
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        assert!(said.stderr.contains(&format!("note: preset {preset} (")), "{}", said.stderr);
        assert!(!said.stderr.contains("the study file has its own"), "{}", said.stderr);
        assert!(said.stdout.contains("1 stimulus of 2077 words"), "{}", said.stdout);
    }
}
