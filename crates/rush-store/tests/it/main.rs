//! The store as its users see it: what is recorded is read back, whoever else is at it and whenever it ends.

mod concurrency;
mod crash;
mod fixture;
mod names;
mod opening;
mod pruning;
mod recording;
