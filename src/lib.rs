//! Shiftwise
pub mod error;
pub mod graph;
pub mod image;
pub mod limits;
pub mod manifest;
