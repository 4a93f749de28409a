//! Label files: some of the vertices of a surface, such as the cortex without its medial wall.

use std::path::Path;

use crate::error::{place_number, shown};
use crate::{IoError, Place, text};

/// Reads which vertices a label file lists (`lh.cortex.label`), ascending.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or not text,
/// - its second line is not the number of vertices, or it has another number of lines, or a line does not start with a vertex,
///   or a vertex comes twice.
pub fn read_label(path: &Path) -> Result<Vec<u32>, IoError> {
    parse_label(path, &text::read(path)?)
}

/// Reads the vertices from the text of a label file; errors name `path`.
///
/// # Errors
/// - as [`read_label`].
pub fn parse_label(path: &Path, text: &str) -> Result<Vec<u32>, IoError> {
    let wrong = |line: usize, found: String, expected: &str| {
        let remedy = "name a label file of FreeSurfer, or write it again";
        IoError::malformed(path, Place::Line(place_number(line)), found, expected, remedy)
    };
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    let first = lines.next().map_or("", |(_, line)| line);
    if !first.starts_with("#!ascii label") {
        return Err(wrong(1, format!("`{}`", shown(first)), "`#!ascii label`"));
    }
    let second = lines.next().map_or("", |(_, line)| line);
    let count: usize = second
        .trim()
        .parse()
        .map_err(|_| wrong(2, format!("`{}`", shown(second)), "the number of vertices"))?;
    let mut vertices = Vec::new();
    for (line, row) in lines.filter(|(_, row)| !row.trim().is_empty()) {
        let vertex = row.split_ascii_whitespace().next().and_then(|word| word.parse().ok());
        vertices
            .push(vertex.ok_or_else(|| wrong(line, format!("`{}`", shown(row)), "the number of a vertex"))?);
    }
    if vertices.len() != count {
        return Err(wrong(2, format!("{count} vertices announced and {} listed", vertices.len()), "as many"));
    }
    vertices.sort_unstable();
    match vertices.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(wrong(2, format!("vertex {} twice", pair[0]), "each once")),
        None => Ok(vertices),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<u32>, String> {
        parse_label(Path::new("lh.cortex.label"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn vertices_are_listed_in_any_order() {
        let text = "#!ascii label  , from subject fsaverage vox2ras=TkReg\n3\n7  -36.2 -18.7 64.7 0.0\n0 1 2 3 0\n2 1 2 3 0\n";
        assert_eq!(parse(text).unwrap(), [0, 2, 7]);
    }

    #[test]
    fn what_is_no_list_of_vertices_is_refused() {
        let check = |text: &str, message: &str| assert!(parse(text).unwrap_err().contains(message), "{text}");
        check("1\n", "line 1: found `1`, expected `#!ascii label`");
        check("#!ascii label\nx\n", "line 2: found `x`, expected the number of vertices");
        check("#!ascii label\n2\n1 0 0 0 0\n", "found 2 vertices announced and 1 listed");
        check(
            "#!ascii label\n1\n-1 0 0 0 0\n",
            "line 3: found `-1 0 0 0 0`, expected the number of a vertex",
        );
        check("#!ascii label\n2\n1 0 0 0 0\n1 0 0 0 0\n", "vertex 1 twice");
    }
}
