//! The variables that `env` sets, and those that scripts read.
//!
//! A variable is one thing over a declaration, what it extends, and the `defaults` above both: each of
//! them may give it another value, and a script reads whichever counts.

use rush_semantics::Item;
use rush_semantics::infer::{env_of_defaults, script_reads};
use rush_semantics::names::with_bases;
use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ExprId, Member, Name, Part, Record};
use smol_str::SmolStr;

use super::{Occurrence, Role, Walk, Where};
use crate::target::Target;

impl Walk<'_> {
    /// The keys of `env`.
    pub(super) fn variables(&mut self, value: ExprId) {
        let Expr::Record(record) = self.ast.expr(value) else { return };
        for member in &record.members {
            let Member::Field(field) = member else { continue };
            let Some(item) = self.setter(&field.name.text) else { continue };
            let role = if item == self.item { Role::Declaration } else { Role::Write };
            let target = Target::Variable { item, name: field.name.text.clone() };
            self.add_name(&field.name, target, role);
        }
    }

    /// The keys of `env` in the `defaults` of a workspace or profile.
    pub(super) fn default_variables(&mut self, value: ExprId) {
        let Expr::Record(defaults) = self.ast.expr(value) else { return };
        if let Some(env) = defaults.field("env") {
            self.variables(env.value);
        }
    }

    /// The variables of a script that are values of Rush, or that an `env` sets. That ranks above.
    pub(super) fn script(&mut self, id: ExprId, tag: &Name, body: &[Part]) {
        let captures = self.inference.captures.get(&id).map(Vec::as_slice).unwrap_or_default();
        if captures.is_empty() && !self.may_set_variables() {
            return;
        }
        for read in script_reads(&tag.text, body) {
            let captured = || {
                let (name, meaning) = captures.iter().find(|(name, _)| *name == read.name)?;
                self.target(name, meaning)
            };
            let variable = |item| Target::Variable { item, name: read.name.clone() };
            if let Some(target) = self.setter(&read.name).map(variable).or_else(captured) {
                let place = if read.is_own_name { Where::ScriptName } else { Where::Script };
                self.found.push(Occurrence { range: read.range, target, role: Role::Read, place });
            }
        }
    }

    /// `base.env["NAME"]`: the value that the base gives a variable.
    pub(super) fn variable_of_base(&mut self, base: ExprId, index: ExprId) {
        let Expr::Field { base: inner, name } = self.ast.expr(base) else { return };
        let is_base = matches!(self.ast.expr(*inner), Expr::Name(it) if it == "base");
        let Some((key, range)) = self.plain_text(index) else { return };
        if is_base
            && name.text == "env"
            && let Some(item) = self.setter(&key)
        {
            let (target, place) = (Target::Variable { item, name: key }, Where::Text);
            self.found.push(Occurrence { range, target, role: Role::Read, place });
        }
    }

    /// The outermost declaration that gives this item's scripts a variable.
    fn setter(&self, name: &SmolStr) -> Option<Item> {
        let default = self.has_defaults().then(|| env_of_defaults(self.db, self.file).get(name));
        let sets = |item: &Item| env(self.db, *item).is_some_and(|it| it.field(name).is_some());
        default.flatten().copied().or_else(|| with_bases(self.db, self.item).filter(sets).last())
    }

    fn may_set_variables(&self) -> bool {
        self.has_defaults() && !env_of_defaults(self.db, self.file).is_empty()
            || with_bases(self.db, self.item).any(|it| env(self.db, it).is_some())
    }

    /// Whether what `defaults` say concerns this item.
    fn has_defaults(&self) -> bool {
        let kind = self.item.kind(self.db);
        kind.takes_defaults() || matches!(kind, Kind::Profile | Kind::Workspace)
    }
}

/// The `env` that a declaration writes out.
fn env(db: &dyn rush_semantics::Db, item: Item) -> Option<&Record> {
    let ast = item.ast(db);
    match ast.expr(ast.field("env")?.value) {
        Expr::Record(env) => Some(env),
        _ => None,
    }
}
