//! Annexed files of a public data set from a server on this machine: taken up where they were cut off, and only whole ones are named.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use md5::{Digest, Md5};

/// Files by their paths on the server, and the starts of ranges that were asked for.
#[derive(Default)]
struct Shelf {
    files: BTreeMap<String, Vec<u8>>,
    ranges: Vec<usize>,
    /// How many more answers end early.
    cuts: usize,
    /// Bytes of a file beyond which nothing comes.
    end: Option<usize>,
    /// Whole files are sent, whatever part was asked for.
    knows_no_ranges: bool,
}

fn serve(shelf: &Arc<Mutex<Shelf>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/bucket/ds003643", listener.local_addr().unwrap());
    let shelf = Arc::clone(shelf);
    std::thread::spawn(move || {
        listener.incoming().flatten().for_each(|stream| answer(&shelf, stream));
    });
    address
}

fn answer(shelf: &Mutex<Shelf>, mut stream: TcpStream) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let range =
        headers.iter().find_map(|line| line.to_lowercase().strip_prefix("range: bytes=").map(str::to_owned));
    let from: usize = range.and_then(|range| range.trim_end_matches('-').parse().ok()).unwrap_or(0);
    let mut shelf = shelf.lock().unwrap();
    shelf.ranges.push(from);
    let from = if shelf.knows_no_ranges { 0 } else { from };
    let of = shelf.files.get(&path).map_or(0, Vec::len);
    let Some(bytes) = shelf.files.get(&path).map(|bytes| bytes[from.min(bytes.len())..].to_vec()) else {
        let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    };
    if from > 0 && bytes.is_empty() {
        let head = format!(
            "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{of}\r\nContent-Length: 0\r\n"
        );
        let _ = stream.write_all((head + "Connection: close\r\n\r\n").as_bytes());
        return;
    }
    let sent = if shelf.cuts > 0 { bytes.len() / 2 } else { bytes.len() };
    let sent = shelf.end.map_or(sent, |end| sent.min(end.saturating_sub(from)));
    shelf.cuts = shelf.cuts.saturating_sub(1);
    let status = match shelf.knows_no_ranges {
        true => "200 OK".to_owned(),
        false => format!("206 Partial Content\r\nContent-Range: bytes {from}-{}/{of}", of - 1),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len());
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&bytes[..sent]));
}

/// A clone with two files whose content is on the server.
struct Scene {
    folder: tempfile::TempDir,
    shelf: Arc<Mutex<Shelf>>,
    address: String,
}

const IMAGE: &str =
    "derivatives/sub-EN057/func/sub-EN057_task-lppEN_run-01_space-MNIColin27_desc-preproc_bold.nii.gz";
const WORDS: &str = "annotation/EN/lppEN_word_information.csv";

impl Scene {
    fn new() -> Self {
        let scene =
            Self { folder: tempfile::tempdir().unwrap(), shelf: Arc::default(), address: String::new() };
        std::fs::create_dir(scene.path(".git")).unwrap();
        let address = serve(&scene.shelf);
        for (file, bytes) in [(IMAGE, vec![7; 300_000]), (WORDS, b"word,onset\n".to_vec())] {
            let key = format!("MD5E-s{}--{}.x", bytes.len(), digits(&Md5::digest(&bytes)));
            std::fs::create_dir_all(scene.path(file).parent().unwrap()).unwrap();
            scene.link(file, &key);
            scene.shelf.lock().unwrap().files.insert(format!("/bucket/ds003643/{file}"), bytes);
        }
        let says = r#"{"Name": "x", "BIDSVersion": "1.6.0", "DatasetDOI": "doi:10.18112/openneuro.ds003643.v2.0.7"}"#;
        std::fs::write(scene.path("dataset_description.json"), says).unwrap();
        Self { address, ..scene }
    }

    /// A file stands for a key whose content is elsewhere.
    fn link(&self, file: &str, key: &str) {
        let link = self.path(file);
        let _ = std::fs::remove_file(&link);
        let up = "../".repeat(file.matches('/').count());
        symlink(format!("{up}.git/annex/objects/aa/bb/{key}/{key}"), link).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gyrus"));
        command.arg("fetch").arg(self.folder.path()).args(["--run", "--from", &self.address]);
        command.output().unwrap()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn digits(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_here(path: &Path) -> bool {
    path.exists()
}

#[test]
fn files_come_to_where_their_links_point() {
    let scene = Scene::new();
    scene.shelf.lock().unwrap().cuts = 2;
    let ran = scene.run();
    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran));
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "2 files came\n");
    assert!(said(&ran).contains("&& git annex init && git annex fsck --fast\n"), "{}", said(&ran));
    assert_eq!(std::fs::read(scene.path(IMAGE)).unwrap(), vec![7; 300_000]);
    assert!(scene.path(IMAGE).is_symlink(), "the working tree is as it was");
    assert_eq!(scene.shelf.lock().unwrap().ranges, [0, 150_000, 225_000, 0]);
    let again = scene.run();
    assert_eq!(String::from_utf8_lossy(&again.stdout), "all 2 files are here\n");
}

#[test]
fn bytes_that_are_others_are_never_named() {
    let scene = Scene::new();
    let changed = format!("/bucket/ds003643/{IMAGE}");
    scene.shelf.lock().unwrap().files.insert(changed.clone(), vec![8; 300_000]);
    let ran = scene.run();
    assert_eq!(ran.status.code(), Some(1));
    let text = said(&ran);
    for part in [IMAGE, "found bytes with ", "as the key of git-annex states", "use datalad get"] {
        assert!(text.contains(part), "`{part}` is not in {text}");
    }
    assert!(!is_here(&scene.path(IMAGE)));
    scene.shelf.lock().unwrap().files.remove(&changed);
    let text = said(&scene.run());
    assert!(text.contains("found HTTP 404, expected the file at http://127.0.0.1:"), "{text}");
}

#[test]
fn a_file_of_another_size_is_given_up_at_once() {
    for (bytes, knows_no_ranges) in [(1000, false), (400_000, false), (1000, true), (400_000, true)] {
        let scene = Scene::new();
        {
            let mut shelf = scene.shelf.lock().unwrap();
            shelf.files.insert(format!("/bucket/ds003643/{IMAGE}"), vec![7; bytes]);
            shelf.knows_no_ranges = knows_no_ranges;
        }
        let text = said(&scene.run());
        let found = format!("found a file of {bytes} bytes at http://127.0.0.1:");
        assert!(text.contains(&found) && text.contains("expected 300000 bytes, as the key"), "{text}");
        assert!(text.contains("another version of the data set"), "{text}");
        assert_eq!(scene.shelf.lock().unwrap().ranges, [0]);
        assert!(!is_here(&scene.path(IMAGE)));
    }
    // The server's file is shorter than what is here already.
    let scene = Scene::new();
    scene.shelf.lock().unwrap().end = Some(100_000);
    scene.run();
    {
        let mut shelf = scene.shelf.lock().unwrap();
        shelf.files.insert(format!("/bucket/ds003643/{IMAGE}"), vec![7; 1000]);
        (shelf.end, shelf.ranges) = (None, Vec::new());
    }
    let text = said(&scene.run());
    assert!(text.contains("found a file of 1000 bytes at http"), "{text}");
    assert_eq!(scene.shelf.lock().unwrap().ranges, [100_000]);
}

#[test]
fn two_at_once_bring_a_file_once_and_whole() {
    let scene = Scene::new();
    {
        let mut shelf = scene.shelf.lock().unwrap();
        (shelf.cuts, shelf.knows_no_ranges) = (2, true);
    }
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gyrus"));
        command.arg("fetch").arg(scene.folder.path()).args(["--run", "--from", &scene.address]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let mut both = [start(), start()];
    assert!(both.iter_mut().all(|child| child.wait().unwrap().success()));
    assert_eq!(std::fs::read(scene.path(IMAGE)).unwrap(), vec![7; 300_000]);
    assert_eq!(std::fs::read(scene.path(WORDS)).unwrap(), b"word,onset\n");
    // Twice cut and begun again, then whole, and never asked for by the other.
    let asked = scene.shelf.lock().unwrap().ranges.len();
    assert_eq!(asked, 4);
}

#[test]
fn addresses_names_and_folders_that_cannot_work_are_said() {
    let scene = Scene::new();
    let run = |further: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gyrus"));
        said(&command.arg("fetch").arg(scene.folder.path()).args(further).output().unwrap())
    };
    for address in ["", "foo", "ftp://localhost/a", "file:///a", "http:///a"] {
        let text = run(&["--run", "--from", address]);
        assert!(text.contains(&format!("--from: found `{address}`, expected an address")), "{text}");
    }
    assert!(scene.shelf.lock().unwrap().ranges.is_empty());
    let odd = "sub-1_task-a\nb_bold.nii.gz";
    symlink(".git/annex/objects/KEY/MD5-s1--0123", scene.path(odd)).unwrap();
    let text = run(&["--recipe", "none", "--list"]);
    assert!(text.contains(r"a\nb_bold") && text.contains("control characters"), "{text}");
    std::fs::rename(scene.path(odd), scene.path("--reckless.nii.gz")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gyrus"));
    let listed = command.arg("fetch").arg(scene.folder.path()).args(["--recipe", "none", "--list"]);
    let listed = String::from_utf8(listed.output().unwrap().stdout).unwrap();
    assert!(listed.lines().any(|line| line == "./--reckless.nii.gz"), "{listed}");
    std::fs::remove_dir_all(scene.path(".git")).unwrap();
    std::fs::write(scene.path(".git"), "gitdir: ../.git/modules/data\n").unwrap();
    let text = run(&[]);
    assert!(text.contains(".git: found a file (a submodule") && text.contains("git annex init"), "{text}");
}

#[test]
fn nothing_is_written_outside_of_the_store_of_the_clone() {
    let scene = Scene::new();
    let victim = tempfile::tempdir().unwrap();
    let precious = victim.path().join("precious");
    std::fs::write(&precious, "mine").unwrap();
    // A pointer file, beside which a link bears the name of its part.
    let key = "MD5E-s7--0123456789abcdef0123456789abcdef.csv";
    std::fs::remove_file(scene.path(WORDS)).unwrap();
    std::fs::write(scene.path(WORDS), format!("/annex/objects/{key}\n")).unwrap();
    symlink(&precious, scene.path(&format!("{WORDS}.incomplete"))).unwrap();
    let ran = scene.run();
    assert_eq!(ran.status.code(), Some(1));
    let text = said(&ran);
    assert!(
        text.contains(".incomplete: found something that is no file") && text.contains("remove it"),
        "{text}"
    );
    assert_eq!(std::fs::read_to_string(&precious).unwrap(), "mine");
    // A link into the store of a folder above the clone.
    let scene = Scene::new();
    std::fs::remove_file(scene.path(WORDS)).unwrap();
    symlink(format!("../../../.git/annex/objects/{key}/{key}"), scene.path(WORDS)).unwrap();
    let ran = scene.run();
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "1 file came\n", "{}", said(&ran));
    assert!(!is_here(&scene.folder.path().parent().unwrap().join(".git")));
}

#[test]
fn what_an_earlier_call_left_is_taken_up() {
    let scene = Scene::new();
    scene.shelf.lock().unwrap().end = Some(100_000);
    let ran = scene.run();
    assert_eq!(ran.status.code(), Some(1));
    let text = said(&ran);
    assert!(text.contains("found 100000 bytes (") && text.contains("it goes on where it stopped"), "{text}");
    {
        let mut shelf = scene.shelf.lock().unwrap();
        (shelf.end, shelf.ranges) = (None, Vec::new());
    }
    let ran = scene.run();
    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran));
    assert_eq!(scene.shelf.lock().unwrap().ranges, [100_000, 0]);
    assert_eq!(std::fs::read(scene.path(IMAGE)).unwrap(), vec![7; 300_000]);
}

#[test]
fn a_server_that_knows_no_ranges_begins_again() {
    let scene = Scene::new();
    {
        let mut shelf = scene.shelf.lock().unwrap();
        (shelf.cuts, shelf.knows_no_ranges) = (1, true);
    }
    let ran = scene.run();
    assert_eq!(ran.status.code(), Some(0), "{}", said(&ran));
    assert_eq!(scene.shelf.lock().unwrap().ranges, [0, 150_000, 0]);
    assert_eq!(std::fs::read(scene.path(IMAGE)).unwrap(), vec![7; 300_000]);
}

#[test]
fn a_pointer_file_becomes_its_content() {
    let scene = Scene::new();
    let key = format!("MD5E-s11--{}.csv", digits(&Md5::digest(b"word,onset\n")));
    std::fs::remove_file(scene.path(WORDS)).unwrap();
    std::fs::write(scene.path(WORDS), format!("/annex/objects/{key}\n")).unwrap();
    let ran = scene.run();
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "2 files came\n", "{}", said(&ran));
    assert!(said(&ran).contains("git annex fsck --fast && git add -u"), "{}", said(&ran));
    assert_eq!(std::fs::read(scene.path(WORDS)).unwrap(), b"word,onset\n");
    assert!(!scene.path(&format!("{WORDS}.incomplete")).exists());
}

#[test]
fn keys_of_every_hash_of_sha_are_checked() {
    use sha1::Sha1;
    use sha2::{Sha224, Sha256, Sha384, Sha512};
    let (right, wrong) = (vec![7; 300_000], vec![8; 300_000]);
    let hashes = [
        ("SHA1", digits(&Sha1::digest(&right))),
        ("SHA224E", digits(&Sha224::digest(&right))),
        ("SHA256", digits(&Sha256::digest(&right))),
        ("SHA384", digits(&Sha384::digest(&right))),
        ("SHA512E", digits(&Sha512::digest(&right))),
        // A key need not have the size.
        ("SHA256E-without-size", digits(&Sha256::digest(&right))),
    ];
    for (backend, hash) in hashes {
        let scene = Scene::new();
        let (backend, size) = match backend.strip_suffix("-without-size") {
            Some(backend) => (backend, String::new()),
            None => (backend, "-s300000".to_owned()),
        };
        scene.link(IMAGE, &format!("{backend}{size}--{hash}.nii.gz"));
        let on_server = format!("/bucket/ds003643/{IMAGE}");
        scene.shelf.lock().unwrap().files.insert(on_server.clone(), wrong.clone());
        let text = said(&scene.run());
        assert!(text.contains(&format!("expected {hash}, as the key")), "{backend}: {text}");
        assert!(!is_here(&scene.path(IMAGE)));
        scene.shelf.lock().unwrap().files.insert(on_server, right.clone());
        let ran = scene.run();
        assert_eq!(ran.status.code(), Some(0), "{backend}: {}", said(&ran));
        assert_eq!(std::fs::read(scene.path(IMAGE)).unwrap(), right);
    }
}

#[test]
fn keys_by_which_nothing_can_be_checked_are_refused() {
    for key in [
        "URL--http&c%%a",
        "WORM-s300000-m1--a.nii.gz",
        "BLAKE2B512-s300000--0123abcd",
        "MD5-s300000--0123abcd",
    ] {
        let scene = Scene::new();
        scene.link(IMAGE, key);
        let ran = scene.run();
        assert_eq!(ran.status.code(), Some(1));
        let text = said(&ran);
        assert!(
            text.contains(&format!("found the key {key}, by which its bytes cannot be checked")),
            "{text}"
        );
        assert!(scene.shelf.lock().unwrap().ranges.is_empty(), "nothing was asked for");
    }
}
