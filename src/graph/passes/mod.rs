//! Simplifications of the float graph that do not change what it computes (beyond float rounding).
