//! gyrus-models
