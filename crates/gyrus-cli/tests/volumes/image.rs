//! NIfTI-1 bytes, written here field by field.

/// An image of whole numbers.
#[derive(Clone)]
pub struct Image {
    pub shape: [usize; 4],
    /// Rows of the sform.
    pub affine: [[f32; 4]; 3],
    pub sform_code: i16,
    /// Stored in `pixdim[4]`, in seconds.
    pub repetition_time: f32,
    /// First axis fastest.
    pub values: Vec<i16>,
}

impl Image {
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0u8; 352];
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        put(0, &348i32.to_le_bytes());
        let axes = if self.shape[3] == 1 { 3i16 } else { 4 };
        put(40, &axes.to_le_bytes());
        for (index, size) in self.shape.iter().enumerate() {
            put(42 + 2 * index, &(*size as i16).to_le_bytes());
        }
        put(50, &[1, 0, 1, 0, 1, 0]);
        put(70, &4i16.to_le_bytes());
        put(72, &16i16.to_le_bytes());
        for (index, size) in [1.0, 3.0, 3.0, 3.0, self.repetition_time].iter().enumerate() {
            put(76 + 4 * index, &size.to_le_bytes());
        }
        put(108, &352f32.to_le_bytes());
        put(112, &1f32.to_le_bytes());
        put(123, &[2 | 8]);
        put(254, &self.sform_code.to_le_bytes());
        for (index, value) in self.affine.as_flattened().iter().enumerate() {
            put(280 + 4 * index, &value.to_le_bytes());
        }
        put(344, b"n+1\0");
        bytes.extend(self.values.iter().flat_map(|value| value.to_le_bytes()));
        bytes
    }

    /// The same image in single precision, with some values replaced.
    pub fn float_bytes(&self, replaced: impl Fn(usize) -> Option<f32>) -> Vec<u8> {
        let mut bytes = self.bytes();
        bytes.truncate(352);
        bytes[70] = 16;
        bytes[72] = 32;
        let value = |(index, value): (usize, &i16)| replaced(index).unwrap_or(f32::from(*value));
        bytes.extend(self.values.iter().enumerate().map(value).flat_map(f32::to_le_bytes));
        bytes
    }

    /// The bytes with a slope and an intercept.
    pub fn scaled_bytes(&self, slope: f32, intercept: f32) -> Vec<u8> {
        let mut bytes = self.bytes();
        bytes[112..116].copy_from_slice(&slope.to_le_bytes());
        bytes[116..120].copy_from_slice(&intercept.to_le_bytes());
        bytes
    }

    /// The bytes with a qform beside the sform, `shift` mm from it along the first axis.
    pub fn bytes_with_qform(&self, shift: f32) -> Vec<u8> {
        let mut bytes = self.bytes();
        bytes[252..254].copy_from_slice(&1i16.to_le_bytes());
        for (axis, row) in self.affine.iter().enumerate() {
            let offset = row[3] + if axis == 0 { shift } else { 0.0 };
            bytes[268 + 4 * axis..272 + 4 * axis].copy_from_slice(&offset.to_le_bytes());
        }
        bytes
    }

    /// The same image with its first axis stored the other way round.
    pub fn flipped(&self) -> Self {
        let mut other = self.clone();
        let nx = self.shape[0];
        for (row, values) in other.values.chunks_mut(nx).enumerate() {
            values.copy_from_slice(&self.values[row * nx..(row + 1) * nx]);
            values.reverse();
        }
        for row in &mut other.affine {
            row[3] += row[0] * (nx - 1) as f32;
            row[0] = -row[0];
        }
        other
    }
}
