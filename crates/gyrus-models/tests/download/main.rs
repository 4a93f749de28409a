//! Names of the hub fetched into the cache, from a server on this machine that speaks its protocol.

#![allow(clippy::unwrap_used)]

mod server;

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use gyrus_models::{Cache, Hub, HubName, LanguageModel, NEWEST};
use server::{CIRCLE, COMMIT, Manners, Server, sha256};
use tempfile::TempDir;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/models").join(name)
}

fn name() -> HubName {
    HubName::new("somebody/model").unwrap()
}

/// A server with a small checkpoint, and an empty cache.
struct Scene {
    server: Server,
    folder: TempDir,
    cache: Cache,
}

impl Scene {
    fn new(manners: Manners) -> Self {
        Self::of("llama", manners)
    }

    fn of(checkpoint: &str, manners: Manners) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path());
        Self { server: Server::of(&fixture(checkpoint), manners), folder, cache }
    }

    fn hub(&self) -> Hub {
        Hub::at(&self.server.endpoint, None)
    }

    fn fetch(&self) -> Result<PathBuf, String> {
        self.fetch_at(NEWEST)
    }

    fn fetch_at(&self, revision: &str) -> Result<PathBuf, String> {
        self.hub().fetch(&self.cache, &name(), revision, &|_| ()).map_err(|error| error.to_string())
    }

    fn repository(&self) -> PathBuf {
        self.folder.path().join("models--somebody--model")
    }

    /// The error has all of these, and no snapshot was given a name.
    fn refused(&self, revision: &str, parts: &[&str]) {
        let error = self.fetch_at(revision).unwrap_err();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        assert!(self.cache.find(&name(), revision).is_err());
        assert!(!self.repository().join("snapshots").exists());
    }
}

fn weights() -> Vec<u8> {
    fs::read(fixture("llama").join("model.safetensors")).unwrap()
}

fn same_files(snapshot: &Path, checkpoint: &str, files: &[&str]) {
    for file in files {
        let expected = fs::read(fixture(checkpoint).join(file)).unwrap();
        assert_eq!(fs::read(snapshot.join(file)).unwrap(), expected, "{file}");
    }
}

#[test]
fn a_name_is_fetched_into_the_layout_of_the_cache_and_opens() {
    let scene = Scene::new(Manners::default());
    let shares = RefCell::new(Vec::new());
    let fetched = scene.hub().fetch(&scene.cache, &name(), NEWEST, &|share| shares.borrow_mut().push(share));
    let snapshot = fetched.unwrap();
    assert_eq!(snapshot, scene.repository().join("snapshots").join(COMMIT));
    same_files(&snapshot, "llama", &["config.json", "tokenizer.json", "model.safetensors"]);
    // gyrus reads nothing else of the folder.
    assert_eq!(fs::read_dir(&snapshot).unwrap().count(), 3);
    assert_eq!(fs::read_to_string(scene.repository().join("refs/main")).unwrap(), COMMIT);
    let blob = scene.repository().join("blobs").join(sha256(&weights()));
    assert_eq!(
        fs::canonicalize(snapshot.join("model.safetensors")).unwrap(),
        fs::canonicalize(blob).unwrap()
    );
    #[cfg(unix)]
    assert!(fs::read_link(snapshot.join("config.json")).unwrap().starts_with("../../blobs"));
    let blobs = fs::read_dir(scene.repository().join("blobs")).unwrap();
    assert!(blobs.map(|entry| entry.unwrap().path()).all(|path| path.extension().is_none()));
    let shares = shares.into_inner();
    assert!(shares.is_sorted() && shares.last() == Some(&1.0), "{shares:?}");
    assert_eq!(scene.cache.find(&name(), NEWEST).unwrap(), snapshot);
    LanguageModel::open(&snapshot).unwrap();
}

#[test]
fn weights_in_parts_are_fetched_as_their_index_lists_them() {
    let scene = Scene::of("llama+sharded+untied", Manners::default());
    let snapshot = scene.fetch().unwrap();
    let parts = fs::read_dir(&snapshot).unwrap().map(|entry| entry.unwrap().file_name());
    let parts: Vec<String> = parts.map(|name| name.into_string().unwrap()).collect();
    let is_part = |name: &&String| name.starts_with("model-0000") && name.ends_with(".safetensors");
    assert!(parts.iter().filter(is_part).count() >= 2, "{parts:?}");
    LanguageModel::open(&snapshot).unwrap();
}

#[test]
fn branches_tags_and_commits_become_one_commit() {
    let scene = Scene::new(Manners::default());
    for revision in ["v1", "refs/pr/1", COMMIT, NEWEST] {
        let snapshot = scene.fetch_at(revision).unwrap();
        assert_eq!(snapshot.file_name().unwrap(), COMMIT, "{revision}");
        assert_eq!(scene.cache.find(&name(), revision).unwrap(), snapshot);
    }
    let bodies = scene.server.requests();
    let n_weights = bodies.iter().filter(|request| request.path.starts_with("/bytes/")).count();
    assert_eq!(n_weights, 1, "what is there is not fetched again");
    assert!(!scene.repository().join("refs").join(COMMIT).exists());
}

#[test]
fn what_was_cut_off_goes_on_where_it_stopped() {
    let scene = Scene::new(Manners { cut: Some((1000, 3)), ..Manners::default() });
    let snapshot = scene.fetch().unwrap();
    same_files(&snapshot, "llama", &["model.safetensors"]);
    let ranges = scene.server.requests().into_iter().filter(|request| request.path.starts_with("/bytes/"));
    let ranges: Vec<_> = ranges.map(|request| request.range).collect();
    let expected = [None, Some("bytes=1000-"), Some("bytes=2000-"), Some("bytes=3000-")];
    assert_eq!(ranges, expected.map(|range| range.map(str::to_owned)));
}

#[test]
fn a_later_call_takes_up_what_an_earlier_one_left() {
    let scene = Scene::new(Manners::default());
    let blobs = scene.repository().join("blobs");
    fs::create_dir_all(&blobs).unwrap();
    let partial = blobs.join(format!("{}.incomplete", sha256(&weights())));
    fs::write(&partial, &weights()[..5000]).unwrap();
    same_files(&scene.fetch().unwrap(), "llama", &["model.safetensors"]);
    let requests = scene.server.requests();
    assert!(requests.iter().any(|request| request.range.as_deref() == Some("bytes=5000-")), "{requests:?}");
    assert!(!partial.exists());
}

#[test]
fn connections_that_bring_nothing_are_given_up_and_what_came_is_kept() {
    let scene = Scene::new(Manners { cut: Some((0, usize::MAX)), ..Manners::default() });
    let n_bytes = format!("expected {} bytes", weights().len());
    scene.refused(
        NEWEST,
        &["`somebody/model`", "model.safetensors", "found 0 bytes", &n_bytes, "goes on where"],
    );
    scene.server.behave(Manners::default());
    same_files(&scene.fetch().unwrap(), "llama", &["model.safetensors"]);
}

#[test]
fn a_server_without_ranges_begins_again() {
    let scene = Scene::new(Manners { cut: Some((1000, 1)), is_without_ranges: true, ..Manners::default() });
    same_files(&scene.fetch().unwrap(), "llama", &["model.safetensors"]);
}

#[test]
fn bytes_with_another_hash_are_thrown_away() {
    let scene = Scene::new(Manners { is_damaged: true, ..Manners::default() });
    scene.refused(
        NEWEST,
        &["model.safetensors", "found bytes with the hash", &sha256(&weights()), "run it again"],
    );
    let left =
        fs::read_dir(scene.repository().join("blobs")).unwrap().map(|entry| entry.unwrap().file_name());
    let of_weights = left.filter(|name| name.to_str().unwrap().starts_with(&sha256(&weights())));
    assert_eq!(of_weights.count(), 0);
    scene.server.behave(Manners::default());
    same_files(&scene.fetch().unwrap(), "llama", &["model.safetensors"]);
}

#[test]
fn a_partial_file_of_other_bytes_is_noticed() {
    let scene = Scene::new(Manners::default());
    let partial = scene.repository().join("blobs").join(format!("{}.incomplete", sha256(&weights())));
    fs::create_dir_all(partial.parent().unwrap()).unwrap();
    fs::write(&partial, [7; 500]).unwrap();
    scene.refused(NEWEST, &["found bytes with the hash"]);
    fs::write(&partial, vec![7; weights().len() + 1]).unwrap();
    same_files(&scene.fetch().unwrap(), "llama", &["model.safetensors"]);
}

#[test]
fn refusals_say_what_to_do() {
    let refused = |status, headers, parts: &[&str]| {
        let scene = Scene::new(Manners { refusal: Some((status, headers)), ..Manners::default() });
        scene.refused(NEWEST, parts);
    };
    let gated = &[("x-error-code", "GatedRepo"), ("x-error-message", "Access to model is restricted")];
    let parts = ["HTTP 401, GatedRepo, Access to model is restricted", "/somebody/model and set HF_TOKEN"];
    refused(401, gated, &parts);
    refused(403, gated, &["HTTP 403", "accept them"]);
    refused(401, &[("x-error-code", "RepoNotFound")], &["HTTP 401, RepoNotFound", "correct the name"]);
    refused(404, &[], &["HTTP 404", "correct the name"]);
    refused(503, &[], &["HTTP 503", "try again later", "hf download somebody/model"]);
}

#[test]
fn a_busy_hub_is_asked_again() {
    let scene = Scene::new(Manners { busy: 2, ..Manners::default() });
    same_files(&scene.fetch().unwrap(), "llama", &["config.json"]);
}

#[test]
fn revisions_that_are_not_there_are_named() {
    let scene = Scene::new(Manners::default());
    scene.refused("v9", &["HTTP 404, RevisionNotFound", "`v9`"]);
    scene.refused("../../elsewhere", &["correct the revision `../../elsewhere`"]);
    assert!(!scene.folder.path().join("elsewhere").exists());
}

#[test]
fn answers_that_are_not_the_protocol_are_refused() {
    let scene = Scene::new(Manners { other_commit: true, ..Manners::default() });
    scene.refused(NEWEST, &["found `0000", COMMIT, "HF_ENDPOINT"]);
    scene.server.behave(Manners { is_without_hashes: true, ..Manners::default() });
    scene.refused(NEWEST, &["found `\"v1\"`", "SHA-256"]);
}

#[test]
fn no_answer_names_the_address_and_another_way() {
    let scene = Scene::new(Manners::default());
    // Nobody listens at a port that was just given back.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let hub = Hub::at(&format!("http://{closed}/"), None);
    let error = hub.fetch(&scene.cache, &name(), "v1", &|_| ()).unwrap_err().to_string();
    let parts =
        [&format!("http://{closed}/api/models"), "no answer", "hf download somebody/model --revision v1"];
    assert!(parts.iter().all(|part| error.contains(*part)), "{error}");
}

#[test]
fn files_that_are_missing_are_named() {
    for file in ["tokenizer.json", "config.json", "model.safetensors"] {
        let copy = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(fixture("llama")).unwrap().map(|entry| entry.unwrap().path()) {
            if !entry.ends_with(file) {
                fs::copy(&entry, copy.path().join(entry.file_name().unwrap())).unwrap();
            }
        }
        let server = Server::of(copy.path(), Manners::default());
        let scene = Scene { server, ..Scene::new(Manners::default()) };
        scene.refused(NEWEST, &[&format!("found no {file}"), "choose a repository"]);
    }
}

#[test]
fn a_token_goes_to_the_hub_and_to_nobody_else() {
    let scene = Scene::new(Manners { token: Some("secret"), ..Manners::default() });
    scene.refused(NEWEST, &["HTTP 401, RepoNotFound"]);
    scene.server.requests();
    let hub = Hub::at(&scene.server.endpoint, Some("secret".to_owned()));
    hub.fetch(&scene.cache, &name(), NEWEST, &|_| ()).unwrap();
    for request in scene.server.requests() {
        let is_bytes = request.path.starts_with("/bytes/");
        assert_eq!(request.authorization.is_none(), is_bytes, "{request:?}");
    }
}

#[test]
fn a_repository_that_was_renamed_is_followed() {
    let scene = Scene::new(Manners { renamed: Some("somebody/renamed"), ..Manners::default() });
    same_files(&scene.fetch().unwrap(), "llama", &["config.json", "model.safetensors"]);
    scene.server.behave(Manners { renamed: Some(CIRCLE), ..Manners::default() });
    let other = Scene { folder: tempfile::tempdir().unwrap(), ..scene };
    let cache = Cache::at(other.folder.path());
    let error = other.hub().fetch(&cache, &name(), NEWEST, &|_| ()).unwrap_err().to_string();
    assert!(error.contains("in a circle"), "{error}");
}

#[test]
fn two_programs_that_fetch_the_same_do_not_disturb_each_other() {
    let scene = Scene::new(Manners { cut: Some((1000, 2)), ..Manners::default() });
    let snapshots: Vec<PathBuf> = std::thread::scope(|scope| {
        let started: Vec<_> = (0..4).map(|_| scope.spawn(|| scene.fetch().unwrap())).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for snapshot in &snapshots {
        same_files(snapshot, "llama", &["model.safetensors", "config.json", "tokenizer.json"]);
    }
    let blobs = fs::read_dir(scene.repository().join("blobs")).unwrap();
    assert_eq!(blobs.count(), 3);
}
