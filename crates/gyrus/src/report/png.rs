//! Small pictures as PNG (third edition, W3C 2025), one byte per pixel: the place of its colour.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;

/// An address that is the picture itself, so that no file lies beside the page.
pub(super) fn address(width: usize, colours: &[[u8; 3]], pixels: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png(width, colours, pixels)))
}

/// Rows from above; at most 256 colours.
pub(super) fn png(width: usize, colours: &[[u8; 3]], pixels: &[u8]) -> Vec<u8> {
    let rows = pixels.chunks(width.max(1));
    let mut head = Vec::new();
    head.extend((width as u32).to_be_bytes());
    head.extend((rows.len() as u32).to_be_bytes());
    // Eight bits, colours by their place, and the only compression, filters and order there are.
    head.extend([8, 3, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, b"IHDR", &head);
    chunk(&mut file, b"PLTE", &colours.concat());
    chunk(&mut file, b"IDAT", &deflated(rows));
    chunk(&mut file, b"IEND", &[]);
    file
}

/// Every row behind the kind of its filter: none.
fn deflated<'a>(rows: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    for row in rows {
        // A vector takes everything.
        let _ = encoder.write_all(&[0]).and_then(|()| encoder.write_all(row));
    }
    encoder.finish().unwrap_or_default()
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) {
    file.extend((content.len() as u32).to_be_bytes());
    let mut sum = flate2::Crc::new();
    sum.update(kind);
    sum.update(content);
    file.extend(kind);
    file.extend(content);
    file.extend(sum.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::png;

    #[test]
    fn another_program_reads_every_pixel() {
        let colours = [[1, 2, 3], [200, 100, 0], [255, 255, 255]];
        let pixels: Vec<u8> = (0..35_u8).map(|pixel| pixel * pixel % 3).collect();
        let file = png(7, &colours, &pixels);
        let mut decoder = ::png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(::png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (7, 5));
        let mut read = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut read).unwrap();
        let expected: Vec<u8> = pixels.iter().flat_map(|pixel| colours[usize::from(*pixel)]).collect();
        assert_eq!(read, expected);
    }
}
