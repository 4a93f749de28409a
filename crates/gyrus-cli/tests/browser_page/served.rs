//! `gyrus view`: the page is the same as from a file, and nothing but files of the study leaves the folder.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::brain::{Maps, fact, row, used};
use super::chromium::{DESKTOP, Page};
use super::dataset::Dataset;
use super::program::{command, gyrus};

/// A server that is ended at the latest with its test.
struct Serving {
    program: Child,
    /// `127.0.0.1:port`.
    host: String,
}

impl Serving {
    fn of(data: &Dataset) -> Self {
        let mut program = command(&["view".as_ref(), data.path("out").as_os_str()]);
        let mut program = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(program.stdout.as_mut().unwrap()).read_line(&mut address).unwrap();
        let host = address.strip_prefix("http://").unwrap().strip_suffix("/report/index.html\n").unwrap();
        assert!(host.starts_with("127.0.0.1:"), "{address}");
        Self { host: host.to_owned(), program }
    }

    /// Everything that is answered to a line of request for a host.
    fn asked(&self, line: &str, host: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.write_all(format!("{line} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
    }

    fn status(&self, line: &str) -> String {
        self.asked(line, &self.host).0.split(' ').nth(1).unwrap().to_owned()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Of a study that is analysed into `out`.
pub fn the_same_page(data: &Dataset, maps: &Maps) {
    let mut serving = Serving::of(data);
    let address = format!("http://{}/report/index.html", serving.host);
    let mut page = Page::at(&address, DESKTOP);
    used(&mut page, data, maps);
    assert_eq!(page.complaints(), [""; 0]);
    assert_eq!(page.asked_for(), [address.as_str()]);
    super::solid::clicked(&mut Page::at(&address, super::solid::SOLID), maps);
    everything(data, maps, &address);
    answers(data, &serving);
    refusals(data, &serving);
    let interrupt = Command::new("kill").arg("-INT").arg(serving.program.id().to_string()).status().unwrap();
    assert!(interrupt.success());
    assert_eq!(serving.program.wait().unwrap().code(), Some(0), "Ctrl-C is how it ends");
}

/// A page that holds the last layer only, beside a file of all of them: asked for once somebody wants it, and never from a file.
fn everything(data: &Dataset, maps: &Maps, address: &str) {
    let whole: Value = serde_json::from_str(&data.read("out/tables/volume.json")).unwrap();
    let mut part = whole.clone();
    let own = &mut part["maps"][0];
    own["layers"] = json!([2]);
    own["best"] = json!(2);
    for statistic in ["score", "gain", "p"] {
        own[statistic] = json!([own[statistic][2]]);
    }
    data.write("out/tables/volume.json", part.to_string().as_bytes());
    data.write(
        "out/tables/everything.json",
        json!({ "volume": whole, "surface": null }).to_string().as_bytes(),
    );
    let written = gyrus(&["report".as_ref(), data.path("out").as_os_str()]);
    written.succeeded();
    let button = "[data-control='everything']";
    let rows = "document.querySelectorAll(\"[data-viewer='brain'] .profile tbody tr\").length";
    let mut page = Page::open(&data.path("out/report/index.html"), DESKTOP);
    assert_eq!(page.value(rows), 1);
    assert_eq!(page.value(&format!("document.querySelector(\"{button}\")")), Value::Null);
    assert_eq!(page.asked_for().len(), 1);
    let mut page = Page::at(address, DESKTOP);
    assert_eq!((page.value(rows), page.asked_for().len()), (json!(1), 1));
    page.value(&format!("document.querySelector(\"{button}\").click()"));
    page.value(&format!(
        "(async () => {{ while (document.querySelector(\"{button}\")) await new Promise((done) => setTimeout(done, 10)); }})()"
    ));
    assert_eq!(page.value(rows), 3);
    let name = fact(&mut page, "name");
    assert_eq!(row(&mut page, "brain", 0)[0], "0", "{name}");
    maps.compare_where_it_stands(&mut page);
    assert_eq!(page.complaints(), [""; 0]);
    assert_eq!(page.asked_for()[1..], [address.replace("report/index.html", "tables/everything.json")]);
}

fn answers(data: &Dataset, serving: &Serving) {
    let table = std::fs::read(data.path("out/tables/layers.tsv")).unwrap();
    let (head, content) = serving.asked("GET /tables/layers.tsv?x#y", &serving.host);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("text/plain; charset=utf-8"), "{head}");
    assert_eq!(content, table);
    let (head, content) = serving.asked("HEAD /tables/layers.tsv", &serving.host);
    assert!(head.contains(&format!("Content-Length: {}\r\n", table.len())) && content.is_empty(), "{head}");
    let (head, _) = serving.asked("GET /", &serving.host);
    assert!(head.starts_with("HTTP/1.1 302") && head.contains("Location: /report/index.html"), "{head}");
}

fn refusals(data: &Dataset, serving: &Serving) {
    data.write("secret.txt", b"not for browsers");
    data.write("out/.hidden", b"not for browsers");
    std::os::unix::fs::symlink(data.path("secret.txt"), data.path("out/link.txt")).unwrap();
    std::os::unix::fs::symlink(data.path(""), data.path("out/folder")).unwrap();
    std::os::unix::fs::symlink(data.path("out/.hidden"), data.path("out/dot")).unwrap();
    for path in [
        "/../secret.txt",
        "/report/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
    ] {
        assert_eq!(serving.status(&format!("GET {path}")), "404", "{path}");
    }
    for path in [
        "/link.txt",
        "/folder/secret.txt",
        "/.hidden",
        "/dot",
        "/.gyrus-lock",
        "/report",
        "/nothing",
        "//etc/passwd",
    ] {
        assert_eq!(serving.status(&format!("GET {path}")), "404", "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "get"] {
        assert_eq!(serving.status(&format!("{method} /report/index.html")), "405", "{method}");
    }
    assert_eq!(serving.status("GET report/index.html"), "400");
    let (head, content) = serving.asked("GET /tables/layers.tsv", "example.org");
    assert!(head.starts_with("HTTP/1.1 403") && content.is_empty(), "{head}");
    let port = serving.host.rsplit(':').next().unwrap();
    let out = data.path("out");
    let taken = gyrus(&["view".as_ref(), out.as_os_str(), "--port".as_ref(), port.as_ref()]).error();
    assert!(taken.contains(port) && taken.contains("leave out --port"), "{taken}");
    let empty = gyrus(&["view".as_ref(), data.path("bids").as_os_str()]).error();
    assert!(empty.contains("no such file") && empty.contains("gyrus analyze"), "{empty}");
}
