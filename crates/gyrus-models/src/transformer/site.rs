//! Where in a language model activations can be taken.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A place in a language model. Blocks count from 1, so that `block.k.out` is layer k.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Site {
    /// The token's own vector, before places, norms and maps: the same wherever the token stands.
    Static,
    /// What enters the first block: layer 0.
    Embed,
    /// What attention adds in a block.
    Attention(usize),
    /// What the network at every token adds in a block.
    Mlp(usize),
    /// What leaves a block.
    Block(usize),
    /// What leaves the norm behind the last block, or the last block where there is none: the last layer.
    FinalNorm,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Static => f.write_str("static"),
            Self::Embed => f.write_str("embed"),
            Self::Attention(block) => write!(f, "block.{block}.attention"),
            Self::Mlp(block) => write!(f, "block.{block}.mlp"),
            Self::Block(block) => write!(f, "block.{block}.out"),
            Self::FinalNorm => f.write_str("final_norm"),
        }
    }
}

impl FromStr for Site {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || {
            format!(
                "found site `{text}`, expected static, embed, block.K.attention, block.K.mlp, block.K.out or final_norm with K from 1"
            )
        };
        match text {
            "static" => return Ok(Self::Static),
            "embed" => return Ok(Self::Embed),
            "final_norm" => return Ok(Self::FinalNorm),
            _ => {}
        }
        let (block, part) =
            text.strip_prefix("block.").and_then(|rest| rest.split_once('.')).ok_or_else(expected)?;
        let block = block.parse().ok().filter(|block| *block > 0).ok_or_else(expected)?;
        match part {
            "attention" => Ok(Self::Attention(block)),
            "mlp" => Ok(Self::Mlp(block)),
            "out" => Ok(Self::Block(block)),
            _ => Err(expected()),
        }
    }
}

impl TryFrom<String> for Site {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Site> for String {
    fn from(site: Site) -> Self {
        site.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for site in
            [Site::Static, Site::Embed, Site::Attention(3), Site::Mlp(12), Site::Block(1), Site::FinalNorm]
        {
            assert_eq!(site.to_string().parse(), Ok(site));
        }
        for text in ["block.0.out", "block.1", "block.x.out", "head", ""] {
            assert!(text.parse::<Site>().unwrap_err().contains("expected"), "{text}");
        }
    }
}
