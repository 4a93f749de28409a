//! Tables of numbers and texts, as text, npy and npz files.

mod columns;
mod header;
mod matrix;
pub(crate) mod number;
mod records;
mod write;

pub(crate) use columns::{Columns, read_columns};
pub use columns::{read_header, read_text_columns};
pub use header::Header;
pub use matrix::{Matrix, MatrixOptions, parse_matrix, read_matrix};
pub use number::Missing;
pub use records::Delimiter;
pub(crate) use records::{Record, Records};
pub use write::{Cell, write_tsv};
