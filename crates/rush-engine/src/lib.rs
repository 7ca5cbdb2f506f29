//! The use cases of Rush, one function each.
