//! Chromium without a window, spoken to over two pipes in the words of its DevTools (messages end with a zero byte).

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Long enough for a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(60);

/// One page in a browser of its own, which ends with it.
pub struct Page {
    browser: Child,
    requests: File,
    replies: Receiver<Value>,
    session: String,
    count: u64,
    /// Events that came while a reply was waited for.
    events: Vec<Value>,
    /// Where downloads go; the browser's own files lie beside them.
    folder: tempfile::TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy)]
pub struct Look {
    pub width: u32,
    pub height: u32,
    pub is_dark: bool,
    pub has_scripts: bool,
    /// Drawn by the processor, as there may be no graphics card.
    pub has_webgl: bool,
}

pub const DESKTOP: Look =
    Look { width: 1200, height: 900, is_dark: false, has_scripts: true, has_webgl: false };

impl Page {
    /// Opens a file and waits until it is loaded.
    pub fn open(file: &Path, look: Look) -> Self {
        Self::at(&format!("file://{}", file.display()), look)
    }

    /// Opens an address and waits until it is loaded.
    pub fn at(address: &str, look: Look) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pipes = ["in", "out"].map(|name| folder.path().join(name));
        for pipe in &pipes {
            assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
        }
        let browser = start(folder.path(), &pipes, look.has_webgl);
        // In the order in which the shell opens them: each end waits for the other.
        let requests = OpenOptions::new().write(true).open(&pipes[0]).unwrap();
        let replies = listen(File::open(&pipes[1]).unwrap());
        let mut page =
            Self { browser, requests, replies, session: String::new(), count: 0, events: Vec::new(), folder };
        page.attach();
        page.look(look);
        page.call("Page.navigate", &json!({ "url": address }));
        page.wait_for("Page.loadEventFired");
        page
    }

    fn attach(&mut self) {
        let target = self.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = self.call("Target.attachToTarget", &target);
        self.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), &json!({}));
        }
        let downloads = json!({ "behavior": "allow", "downloadPath": self.folder.path().join("downloads") });
        self.call("Page.setDownloadBehavior", &downloads);
    }

    /// Changes size, colours and whether scripts run (for the next page that is opened).
    pub fn look(&mut self, look: Look) {
        let Look { width, height, is_dark, has_scripts, .. } = look;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.call("Emulation.setDeviceMetricsOverride", &size);
        let scheme = if is_dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "features": features }));
        self.call("Emulation.setScriptExecutionDisabled", &json!({ "value": !has_scripts }));
    }

    /// Sends a command and returns its result.
    pub fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.count += 1;
        let mut message = json!({ "id": self.count, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.requests.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let reply = self.next(method);
            if reply["id"] == json!(self.count) {
                assert!(reply["error"].is_null(), "{method}: {reply}");
                return reply["result"].clone();
            }
            self.events.push(reply);
        }
    }

    fn next(&mut self, what: &str) -> Value {
        self.replies.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    fn wait_for(&mut self, event: &str) {
        while !self.events.iter().any(|known| known["method"] == event) {
            let next = self.next(event);
            self.events.push(next);
        }
    }

    /// The value of an expression of JavaScript in the page.
    pub fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", &parameters);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// The words of the first element that a selector finds.
    pub fn text(&mut self, selector: &str) -> String {
        let text = self.value(&format!("document.querySelector({}).textContent", json!(selector)));
        text.as_str().unwrap_or_else(|| panic!("{selector}")).to_owned()
    }

    /// Chooses an option as people do.
    pub fn choose(&mut self, select: &str, value: &str) {
        let change = format!(
            "{{ const one = document.querySelector({}); one.value = {}; one.dispatchEvent(new Event('change', {{ bubbles: true }})); one.dispatchEvent(new Event('input', {{ bubbles: true }})); }}",
            json!(select),
            json!(value)
        );
        self.value(&change);
    }

    /// Presses and releases the mouse at a place of the window.
    pub fn click(&mut self, (x, y): (f64, f64)) {
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Presses and releases a key.
    pub fn press(&mut self, key: &str, code: u32) {
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code });
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// A file that the page was asked to save, once all of it is there.
    pub fn downloaded(&self, name: &str) -> Vec<u8> {
        let path = self.folder.path().join("downloads").join(name);
        let start = Instant::now();
        loop {
            // The name is taken first, and the content put there at once.
            let content = std::fs::read(&path).unwrap_or_default();
            if !content.is_empty() {
                return content;
            }
            assert!(start.elapsed() < PATIENCE, "{name} was not saved");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What went wrong so far (errors on the console, exceptions, refusals by the page's policy), and what was asked of
    /// anybody but the file itself (or who serves it) and the page's own memory.
    pub fn complaints(&mut self) -> Vec<String> {
        // A round trip brings the events before it.
        let own = self.value("location.origin === 'null' ? 'file:' : location.origin");
        let own = own.as_str().unwrap().to_owned();
        let is_own =
            |url: &str| [own.as_str(), "file:", "blob:", "data:"].iter().any(|own| url.starts_with(own));
        let complaint = |event: &Value| match event["method"].as_str()? {
            "Runtime.exceptionThrown" | "Log.entryAdded" => Some(event.to_string()),
            "Runtime.consoleAPICalled" => Some(event.to_string()),
            "Network.requestWillBeSent" => {
                let url = event["params"]["request"]["url"].as_str()?;
                (!is_own(url)).then(|| url.to_owned())
            }
            _ => None,
        };
        self.events.iter().filter_map(complaint).collect()
    }

    /// The addresses that were asked for, the page's own first; what it holds in itself is asked of nobody.
    pub fn asked_for(&mut self) -> Vec<String> {
        self.value("1");
        let url = |event: &Value| event["params"]["request"]["url"].as_str().map(str::to_owned);
        let asked = self.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        let is_outside = |url: &String| !["blob:", "data:"].iter().any(|inside| url.starts_with(inside));
        asked.filter_map(url).filter(is_outside).collect()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // The end of its pipe ends the browser; what does not listen is stopped.
        let _ = self.requests.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let start = Instant::now();
        while matches!(self.browser.try_wait(), Ok(None)) {
            if start.elapsed() > Duration::from_secs(10) {
                let _ = self.browser.kill();
                let _ = self.browser.wait();
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The browser reads requests from file 3 and writes replies to file 4.
fn start(folder: &Path, pipes: &[PathBuf; 2], has_webgl: bool) -> Child {
    let program = std::env::var("GYRUS_CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec 3<\"$1\" 4>\"$2\"; shift 2; exec \"$@\"", "sh"]).args(pipes).arg(program);
    shell.args(["--headless", "--no-sandbox", "--disable-dev-shm-usage", "--no-first-run"]);
    match has_webgl {
        true => shell.args(["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]),
        false => shell.args(["--disable-gpu", "--disable-3d-apis"]),
    };
    shell.args(["--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe"]);
    shell.arg(format!("--user-data-dir={}", folder.join("profile").display()));
    shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Messages as they come, on a thread of their own.
fn listen(pipe: File) -> Receiver<Value> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let messages = BufReader::new(pipe).split(0);
        for message in messages.map_while(Result::ok) {
            let Ok(value) = serde_json::from_slice(&message) else { continue };
            if sender.send(value).is_err() {
                return;
            }
        }
    });
    receiver
}
