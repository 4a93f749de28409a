//! Tensors of safetensors files: headers are read and checked at once, numbers when they are asked for.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use half::{bf16, f16};
use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use super::{read, unread};
use crate::ModelError;

const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";
/// The size of a header's length, and the longest header that the format allows.
const LENGTH: u64 = 8;
const LONGEST_HEADER: u64 = 100_000_000;

/// The tensors of a folder.
pub(super) struct Stored {
    folder: PathBuf,
    tensors: BTreeMap<String, Tensor>,
}

struct Tensor {
    path: PathBuf,
    kind: Dtype,
    shape: Vec<usize>,
    start: u64,
    bytes: usize,
}

/// The files that hold the weights of a folder.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, ModelError> {
    let index = folder.join(INDEX);
    if !index.is_file() {
        return Ok(vec![folder.join(SINGLE)]);
    }
    let text = read(&index)?;
    let damaged = |reason: String| ModelError::Damaged { path: index.clone(), reason };
    let json: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
    let map = json.get("weight_map").and_then(serde_json::Value::as_object);
    let map =
        map.ok_or_else(|| damaged("found no weight_map, expected one file name per tensor".to_owned()))?;
    let mut names: Vec<&str> = map.values().filter_map(serde_json::Value::as_str).collect();
    names.sort_unstable();
    names.dedup();
    if let Some(name) = names.iter().find(|name| name.contains(['/', '\\'])) {
        return Err(damaged(format!("found the file name `{name}`, expected one inside the folder")));
    }
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

impl Stored {
    pub(super) fn open(folder: &Path) -> Result<Self, ModelError> {
        let mut tensors = BTreeMap::new();
        for path in files(folder)? {
            let (metadata, data) = header(&path)?;
            for (name, info) in metadata.tensors() {
                tensors.insert(name, Tensor::new(&path, info, data));
            }
        }
        Ok(Self { folder: folder.to_owned(), tensors })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The finite numbers of a tensor of an expected shape.
    pub(super) fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        let Some(tensor) = self.tensors.get(name) else {
            let reason = "found none, expected it in this architecture; the file is incomplete or belongs to another configuration".to_owned();
            let path = self.folder.join(SINGLE);
            return Err(ModelError::Tensor { path, tensor: name.to_owned(), reason });
        };
        let wrong =
            |reason| ModelError::Tensor { path: tensor.path.clone(), tensor: name.to_owned(), reason };
        if tensor.shape != shape {
            let found = &tensor.shape;
            return Err(wrong(format!("found shape {found:?}, expected {shape:?} from config.json")));
        }
        let values = tensor.read()?.ok_or_else(|| {
            wrong(format!("found numbers of type {:?}, expected F32, F16 or BF16", tensor.kind))
        })?;
        match values.iter().position(|value| !value.is_finite()) {
            Some(index) => Err(wrong(format!("value {index} is NaN or infinite, expected finite weights"))),
            None => Ok(values),
        }
    }
}

/// What a file holds, and where its data start.
fn header(path: &Path) -> Result<(Metadata, u64), ModelError> {
    let damaged = |reason: String| ModelError::Damaged {
        path: path.to_owned(),
        reason: format!("found {reason}, expected a whole safetensors file; download it again"),
    };
    let mut file = File::open(path).map_err(unread(path))?;
    let size = file.metadata().map_err(unread(path))?.len();
    let mut length = [0; LENGTH as usize];
    file.read_exact(&mut length).map_err(|_| damaged(format!("{size} bytes")))?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST_HEADER || length > size - LENGTH {
        return Err(damaged(format!("a header of {length} bytes in a file of {size}")));
    }
    let mut text = vec![0; length as usize];
    file.read_exact(&mut text).map_err(unread(path))?;
    let metadata: Metadata =
        serde_json::from_slice(&text).map_err(|error| damaged(format!("a header that says: {error}")))?;
    let (found, needed) = (size - LENGTH - length, metadata.data_len() as u64);
    if found != needed {
        return Err(damaged(format!("{found} bytes of numbers where the header has {needed}")));
    }
    Ok((metadata, LENGTH + length))
}

impl Tensor {
    fn new(path: &Path, info: &TensorInfo, data: u64) -> Self {
        let (start, end) = info.data_offsets;
        Self {
            path: path.to_owned(),
            kind: info.dtype,
            shape: info.shape.clone(),
            start: data + start as u64,
            bytes: end - start,
        }
    }

    /// Its numbers, or none where they are of another type.
    fn read(&self) -> Result<Option<Vec<f32>>, ModelError> {
        if !matches!(self.kind, Dtype::F32 | Dtype::F16 | Dtype::BF16) {
            return Ok(None);
        }
        let mut file = File::open(&self.path).map_err(unread(&self.path))?;
        file.seek(SeekFrom::Start(self.start)).map_err(unread(&self.path))?;
        let mut data = vec![0; self.bytes];
        file.read_exact(&mut data).map_err(unread(&self.path))?;
        Ok(Some(upcast(self.kind, &data)))
    }
}

fn upcast(kind: Dtype, data: &[u8]) -> Vec<f32> {
    match kind {
        Dtype::F16 => {
            data.as_chunks::<2>().0.iter().map(|bytes| f16::from_le_bytes(*bytes).to_f32()).collect()
        }
        Dtype::BF16 => {
            data.as_chunks::<2>().0.iter().map(|bytes| bf16::from_le_bytes(*bytes).to_f32()).collect()
        }
        _ => data.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
    }
}
