//! What the tests share: the claims that must hold for every input, whatever produced it.

pub mod fuzz;
