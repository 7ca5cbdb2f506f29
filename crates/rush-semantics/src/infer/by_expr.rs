//! What is known of some of the expressions of an item, by their numbers.
//!
//! A sorted list: there are several for each item, mostly with a handful of entries, and a table of hashes would take
//! twice the memory. It does not know what it holds.

use rush_syntax::ast::ExprId;

/// Values by the number of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByExpr<T> {
    /// Sorted, each number once.
    entries: Vec<(ExprId, T)>,
}

impl<T> Default for ByExpr<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> ByExpr<T> {
    /// What is known of an expression.
    pub fn get(&self, expr: &ExprId) -> Option<&T> {
        let at = self.position(*expr).ok()?;
        self.entries.get(at).map(|(_, value)| value)
    }

    /// Whether anything is known of an expression.
    pub fn contains_key(&self, expr: &ExprId) -> bool {
        self.position(*expr).is_ok()
    }

    /// All of it, by number.
    pub fn iter(&self) -> impl Iterator<Item = (ExprId, &T)> {
        self.entries.iter().map(|(expr, value)| (*expr, value))
    }

    /// All values, by the number of their expression.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// Notes a value in place of what was known.
    pub(super) fn insert(&mut self, expr: ExprId, value: T) {
        match self.position(expr) {
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    entry.1 = value;
                }
            }
            Err(at) => self.entries.insert(at, (expr, value)),
        }
    }

    /// Takes no more room than it needs: a list that is shrunk in its place mostly gives nothing back.
    pub(super) fn fit(&mut self) {
        if self.entries.len() < self.entries.capacity() {
            let mut exact = Vec::with_capacity(self.entries.len());
            exact.append(&mut self.entries);
            self.entries = exact;
        }
    }

    fn position(&self, expr: ExprId) -> Result<usize, usize> {
        // Mostly expressions are visited in the order of their numbers.
        match self.entries.last() {
            Some((last, _)) if *last < expr => Err(self.entries.len()),
            _ => self.entries.binary_search_by_key(&expr, |(expr, _)| *expr),
        }
    }
}

#[cfg(test)]
mod tests {
    use rush_syntax::ast::ExprId;

    use super::ByExpr;

    #[test]
    fn what_was_noted_last_is_known_whatever_the_order() {
        let mut known = ByExpr::default();
        for (expr, value) in [(5, "a"), (2, "b"), (9, "c"), (5, "d")] {
            known.insert(ExprId(expr), value);
        }
        known.fit();
        let all: Vec<_> = known.iter().map(|(expr, value)| (expr.0, *value)).collect();
        assert_eq!(all, [(2, "b"), (5, "d"), (9, "c")]);
        assert_eq!(known.get(&ExprId(9)), Some(&"c"));
        assert!(!known.contains_key(&ExprId(3)));
    }
}
