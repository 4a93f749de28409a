//! gyrus
