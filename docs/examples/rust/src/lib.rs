//! A library of one function, for the example around it.

/// Returns the greeting for a name.
pub fn greeting(name: &str) -> String {
    format!("hello, {name}")
}

#[cfg(test)]
mod tests {
    use super::greeting;

    #[test]
    fn a_greeting_names_whom_it_greets() {
        assert_eq!(greeting("world"), "hello, world");
    }
}
