//! The bytes of one file over HTTP: taken up where they stopped, hashed on the way, named when they are right.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// Answers without a new byte before it is given up.
const ATTEMPTS: u32 = 4;
const CHUNK: usize = 1 << 16;

/// How bytes are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// Git's SHA-1 of a blob, which counts its bytes first.
    Git,
}

impl Hash {
    /// Those whose names other programs write as here, with their number of hexadecimal digits.
    const NAMED: [(&'static str, Self, usize); 6] = [
        ("MD5", Self::Md5, 32),
        ("SHA1", Self::Sha1, 40),
        ("SHA224", Self::Sha224, 56),
        ("SHA256", Self::Sha256, 64),
        ("SHA384", Self::Sha384, 96),
        ("SHA512", Self::Sha512, 128),
    ];

    fn begin(self, bytes: Option<u64>) -> Box<dyn DynDigest> {
        match self {
            Self::Md5 => Box::new(Md5::new()),
            Self::Sha1 => Box::new(Sha1::new()),
            Self::Sha224 => Box::new(Sha224::new()),
            Self::Sha256 => Box::new(Sha256::new()),
            Self::Sha384 => Box::new(Sha384::new()),
            Self::Sha512 => Box::new(Sha512::new()),
            Self::Git => Box::new(Sha1::new_with_prefix(format!("blob {}\0", bytes.unwrap_or_default()))),
        }
    }
}

/// A hash that is stated of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    pub(crate) hash: Hash,
    /// Hexadecimal digits, in small letters.
    pub(crate) digits: String,
}

impl Checksum {
    /// Digits of a hash by its name, such as `SHA256`; None where it has another name or number of digits.
    #[must_use]
    pub fn named(name: &str, digits: &str) -> Option<Self> {
        let (_, hash, length) = Hash::NAMED.into_iter().find(|(known, ..)| *known == name)?;
        Self::of(hash, length, digits)
    }

    pub(crate) fn of(hash: Hash, length: usize, digits: &str) -> Option<Self> {
        let is_hash = digits.len() == length && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_hash.then(|| Self { hash, digits: digits.to_ascii_lowercase() })
    }

    /// The hexadecimal digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }
}

/// A file that is wanted.
#[derive(Debug)]
pub struct Wanted<'w> {
    /// Its bytes, where they are stated.
    pub bytes: Option<u64>,
    /// Its hash.
    pub checksum: &'w Checksum,
    /// Where it belongs. Until it is whole and right it lies beside it, as `NAME.incomplete`.
    pub place: &'w Path,
}

/// Why a file did not come.
#[derive(Debug)]
pub enum Failure<E> {
    /// Whoever asks the server, or watches, gave up.
    Ended(E),
    /// A file that cannot be written.
    Disk(io::Error),
    /// Something that is no file lies where the part of one belongs.
    InTheWay,
    /// No more bytes than these came; with the last reason.
    Cut(u64, String),
    /// The server's file has another size: this, or more.
    OtherSize(u64),
    /// The bytes have this other hash; they were removed.
    Damaged(String),
}

impl<E> From<io::Error> for Failure<E> {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// What a server answers.
pub enum Answer {
    /// Bytes.
    Bytes {
        /// The place that they start from.
        from: u64,
        /// The size of the whole file, where the server says it.
        of: Option<u64>,
        /// The bytes.
        body: Box<dyn Read>,
    },
    /// The file ends before the place that was asked for: its size.
    Ends(u64),
    /// No bytes now, and why: asking again may help.
    Later(String),
}

impl Wanted<'_> {
    /// Where the file lies until it is whole and right.
    #[must_use]
    pub fn partial(&self) -> std::path::PathBuf {
        self.place.with_added_extension("incomplete")
    }

    /// Fetches the file. `ask` asks for the bytes from a place on, `tell` is told how many are there.
    ///
    /// What an earlier call left is hashed and kept, where the size is stated. A server that starts from another place begins again. It is
    /// given up after four answers that brought nothing new, and at once where the server's file has another size. Of several processes that
    /// want the same file one fetches it, and the others wait.
    ///
    /// # Errors
    /// - [`Failure`]: the server gave up, the disk does not take the bytes, too few came, or others than stated.
    pub fn fetch<E>(
        &self,
        ask: &dyn Fn(u64) -> Result<Answer, E>,
        tell: &dyn Fn(u64) -> Result<(), E>,
    ) -> Result<(), Failure<E>> {
        let partial = self.partial();
        // A folder from elsewhere may hold a link of this name, which would be written through.
        if fs::symlink_metadata(&partial).is_ok_and(|found| !found.is_file()) {
            return Err(Failure::InTheWay);
        }
        fs::create_dir_all(self.place.parent().unwrap_or(Path::new("")))?;
        let (file, is_alone) = loop {
            let file =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&partial)?;
            // Not every file system knows locks; there what was written is read again.
            let is_alone = file.lock().is_ok();
            if is_same(&file, &partial) {
                break (file, is_alone);
            }
            // Whoever had it before gave it its name, or removed it.
            if is_same(&file, self.place) {
                return Ok(());
            }
        };
        let mut part = Part::take_up(file, self)?;
        part.complete(ask, tell)?;
        part.file.sync_all()?;
        if !is_alone {
            part.read_from_start()?;
        }
        let found = part.digits();
        if found != self.checksum.digits {
            fs::remove_file(&partial)?;
            return Err(Failure::Damaged(found));
        }
        Ok(fs::rename(&partial, self.place)?)
    }
}

/// Whether an open file is the one that a path names.
#[cfg(unix)]
fn is_same(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let of = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    file.metadata().map(of).ok().is_some_and(|own| fs::metadata(path).map(of).is_ok_and(|named| own == named))
}

#[cfg(not(unix))]
fn is_same(_: &File, path: &Path) -> bool {
    path.is_file()
}

/// A file that is on its way.
struct Part<'p> {
    wanted: &'p Wanted<'p>,
    file: File,
    hash: Box<dyn DynDigest>,
    bytes: u64,
}

/// How an answer ended.
enum End {
    Whole,
    Cut(String),
}

impl<'p> Part<'p> {
    /// What an earlier call left is hashed and kept.
    fn take_up(file: File, wanted: &'p Wanted<'p>) -> io::Result<Self> {
        let hash = wanted.checksum.hash.begin(wanted.bytes);
        let mut part = Self { wanted, file, hash, bytes: 0 };
        let length = part.file.metadata()?.len();
        // Without a stated size nobody can tell a part from a whole file.
        if wanted.bytes.is_none_or(|of| length > of) {
            part.file.set_len(0)?;
        }
        part.read_from_start()?;
        Ok(part)
    }

    fn begin_again(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.read_from_start()
    }

    /// Hashes what the file holds, and stands at its end.
    fn read_from_start(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.hash = self.wanted.checksum.hash.begin(self.wanted.bytes);
        self.bytes = 0;
        let mut chunk = vec![0; CHUNK];
        loop {
            match self.file.read(&mut chunk)? {
                0 => return Ok(()),
                read => {
                    self.hash.update(&chunk[..read]);
                    self.bytes += read as u64;
                }
            }
        }
    }

    /// Asks for what is missing until it is there, or nothing more comes.
    fn complete<E>(
        &mut self,
        ask: &dyn Fn(u64) -> Result<Answer, E>,
        tell: &dyn Fn(u64) -> Result<(), E>,
    ) -> Result<(), Failure<E>> {
        // What was begun again is no progress before it is longer than ever.
        let (mut attempt, mut longest) = (0, self.bytes);
        while self.wanted.bytes.is_none_or(|of| self.bytes < of) {
            let differs = |size: &u64| self.wanted.bytes.is_some_and(|of| of != *size);
            let reason = match ask(self.bytes).map_err(Failure::Ended)? {
                Answer::Ends(size) if differs(&size) => return Err(Failure::OtherSize(size)),
                Answer::Ends(size) => format!("a file that ends at {size}"),
                Answer::Bytes { of: Some(size), .. } if differs(&size) => {
                    return Err(Failure::OtherSize(size));
                }
                Answer::Bytes { from, body, .. } => {
                    if from != self.bytes {
                        self.begin_again()?;
                    }
                    match self.append(body, tell)? {
                        End::Whole => return Ok(()),
                        End::Cut(reason) => reason,
                    }
                }
                Answer::Later(reason) => reason,
            };
            attempt = if self.bytes > longest { 0 } else { attempt + 1 };
            longest = longest.max(self.bytes);
            if attempt == ATTEMPTS {
                return Err(Failure::Cut(self.bytes, reason));
            }
            if attempt > 0 {
                std::thread::sleep(Duration::from_millis(100 << (2 * attempt)));
            }
        }
        Ok(())
    }

    /// Writes what comes. An error of the disk is an error; the end of the connection is only its reason.
    fn append<E>(
        &mut self,
        mut body: impl Read,
        tell: &dyn Fn(u64) -> Result<(), E>,
    ) -> Result<End, Failure<E>> {
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = match body.read(&mut chunk) {
                Ok(0) if self.wanted.bytes.is_none_or(|of| self.bytes == of) => return Ok(End::Whole),
                Ok(0) => return Ok(End::Cut("the connection ended".to_owned())),
                Ok(read) => read,
                Err(error) => return Ok(End::Cut(error.to_string())),
            };
            if self.wanted.bytes.is_some_and(|of| read as u64 > of - self.bytes) {
                return Err(Failure::OtherSize(self.bytes + read as u64));
            }
            self.file.write_all(&chunk[..read])?;
            self.hash.update(&chunk[..read]);
            self.bytes += read as u64;
            tell(self.bytes).map_err(Failure::Ended)?;
        }
    }

    fn digits(&mut self) -> String {
        self.hash.finalize_reset().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes of "hello\n": `md5sum`, `sha1sum` …, and `git hash-object`.
    #[test]
    fn hashes_are_those_of_other_programs() {
        let named = [
            ("MD5", "b1946ac92492d2347c6235b4d2611184"),
            ("SHA1", "f572d396fae9206628714fb2ce00f72e94f2258f"),
            ("SHA224", "2d6d67d91d0badcdd06cbbba1fe11538a68a37ec9c2e26457ceff12b"),
            ("SHA256", "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"),
            (
                "SHA384",
                "1d0f284efe3edea4b9ca3bd514fa134b17eae361ccc7a1eefeff801b9bd6604e01f21f6bf249ef030599f0c218f2ba8c",
            ),
            (
                "SHA512",
                "e7c22b994c59d9cf2b48e549b1e24666636045930d3da7c1acb299d1c3b7f931f94aae41edda2c2b207a36e10f8bcb8d45223e54878f5b316e7ce3b6bc019629",
            ),
        ];
        let git = Checksum::of(Hash::Git, 40, "CE013625030BA8DBA906F756967F9E9CA394464A").unwrap();
        let checksums = named.map(|(name, digits)| Checksum::named(name, digits).unwrap());
        for checksum in checksums.iter().chain([&git]) {
            let mut hash = checksum.hash.begin(Some(6));
            hash.update(b"hel");
            hash.update(b"lo\n");
            let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(digits, checksum.digits);
        }
        for (name, digits) in
            [("MD5", "b1946a"), ("MD5", &"z".repeat(32)), ("WORM", "b1946ac92492d2347c6235b4d2611184")]
        {
            assert_eq!(Checksum::named(name, digits), None, "{name} {digits}");
        }
    }
}
