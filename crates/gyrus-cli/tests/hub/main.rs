//! A name of the hub in place of a folder: fetched once, with its progress and its commit, and never where it is forbidden.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, unreachable_pub)]
#[path = "../../../gyrus-models/tests/download/server.rs"]
mod server;

mod fetch;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use server::{COMMIT, Manners, Server};

/// A server, and a folder with words and an empty cache.
struct Scene {
    server: Server,
    folder: tempfile::TempDir,
}

impl Scene {
    fn new(manners: Manners) -> Self {
        let checkpoint = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/models/llama");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("story.txt"), "The mouse went up the hill.").unwrap();
        Self { server: Server::of(&checkpoint, manners), folder }
    }

    fn extract(&self, variables: &[(&str, &str)], further: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gyrus"));
        command.args(["extract", "story.txt", "--model", "somebody/model", "-o", "a.npz"]).args(further);
        for variable in
            ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_CACHE", "HF_TOKEN", "HF_TOKEN_PATH"]
        {
            command.env_remove(variable);
        }
        command.current_dir(self.folder.path()).env("HF_HOME", self.folder.path().join("home"));
        command.env("HF_ENDPOINT", &self.server.endpoint).envs(variables.iter().copied()).output().unwrap()
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("home/hub/models--somebody--model")
    }
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_name_is_fetched_once_and_then_read_without_a_network() {
    let scene = Scene::new(Manners::default());
    let first = scene.extract(&[], &[]);
    let text = said(&first);
    assert_eq!(first.status.code(), Some(0), "{text}");
    assert!(text.lines().any(|line| line == "fetching model"), "{text}");
    assert!(text.contains(&format!("`main` of model is commit {COMMIT}; revision = \"{COMMIT}\"")), "{text}");
    assert!(scene.repository().join("snapshots").join(COMMIT).join("model.safetensors").is_file());
    assert!(!scene.server.requests().is_empty());
    let array = std::fs::read(scene.folder.path().join("a.npz")).unwrap();
    for variables in [&[][..], &[("HF_HUB_OFFLINE", "1")], &[("TRANSFORMERS_OFFLINE", "yes")]] {
        let again = scene.extract(variables, &["--revision", COMMIT]);
        assert_eq!(again.status.code(), Some(0), "{}", said(&again));
        assert!(!said(&again).contains("fetching"), "{}", said(&again));
        assert_eq!(std::fs::read(scene.folder.path().join("a.npz")).unwrap(), array);
    }
    assert!(scene.server.requests().is_empty(), "what the cache holds is not asked for");
}

#[test]
fn what_an_interrupted_tool_left_in_the_cache_is_completed() {
    let scene = Scene::new(Manners::default());
    let snapshot = scene.repository().join("snapshots").join(COMMIT);
    std::fs::create_dir_all(scene.repository().join("refs")).unwrap();
    std::fs::write(scene.repository().join("refs/main"), COMMIT).unwrap();
    std::fs::create_dir_all(&snapshot).unwrap();
    std::fs::write(snapshot.join("config.json"), "of another time").unwrap();
    let offline = scene.extract(&[("HF_HUB_OFFLINE", "1")], &[]);
    assert!(said(&offline).contains("tokenizer.json"), "{}", said(&offline));
    let fetched = scene.extract(&[], &[]);
    assert_eq!(fetched.status.code(), Some(0), "{}", said(&fetched));
}

#[test]
fn without_permission_nothing_is_asked() {
    let scene = Scene::new(Manners::default());
    let refused = scene.extract(&[("HF_HUB_OFFLINE", "1")], &[]);
    let text = said(&refused);
    assert_eq!(refused.status.code(), Some(1), "{text}");
    for part in ["HF_HUB_OFFLINE forbids the network", "hf download somebody/model", "home/hub"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(scene.server.requests().is_empty());
}

#[test]
fn a_model_with_terms_says_where_to_accept_them_and_takes_a_token() {
    let gated: &[(&str, &str)] = &[("x-error-code", "GatedRepo")];
    let scene = Scene::new(Manners { refusal: Some((401, gated)), ..Manners::default() });
    let refused = scene.extract(&[], &[]);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("/somebody/model and set HF_TOKEN"), "{}", said(&refused));
    scene.server.behave(Manners { token: Some("secret"), ..Manners::default() });
    let home = scene.folder.path().join("home");
    write(&home.join("token"), "secret\n");
    for variables in [&[][..], &[("HF_TOKEN", "secret")]] {
        let _ = std::fs::remove_dir_all(home.join("hub"));
        let fetched = scene.extract(variables, &[]);
        assert_eq!(fetched.status.code(), Some(0), "{}", said(&fetched));
    }
    let wrong = scene.extract(&[("HF_TOKEN", "other")], &["--revision", "v1"]);
    assert_eq!(wrong.status.code(), Some(1), "{}", said(&wrong));
    assert!(!said(&wrong).contains("other"), "a token is never shown: {}", said(&wrong));
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}
