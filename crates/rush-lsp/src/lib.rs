//! The language server: a protocol adapter over the project's database.
