//! gyrus-encoding
