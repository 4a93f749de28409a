//! gyrus-io
