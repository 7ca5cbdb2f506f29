//! The renderings, as their readers see them.

mod finding;
mod human;
mod machine;
mod pages;
mod robust;
