//! The variables that a declaration passes to its scripts, as far as they can be seen in the text.
//!
//! What a task has in the end is worked out when the plan is made. Here it only matters which names
//! somebody gives a value, so that nobody is told of a missing one that is there: whatever can't be
//! seen makes the answer an open one.

use rush_syntax::Kind;
use rush_syntax::ast::{self, Element, Expr, ExprId, Member, Record, fixed_text};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::context::Context;
use crate::check::workspace_item;
use crate::db::{Db, Item, SourceFile};
use crate::names::{package_dir, resolve};
use crate::shell::FieldSite;
use crate::signature::value_type;
use crate::ty::{TextTy, Ty};

/// The names that `env` and `pass_env` give a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables {
    /// The keys of `env`.
    pub env: FxHashSet<SmolStr>,
    /// The names in `pass_env`.
    pub pass_env: FxHashSet<SmolStr>,
    /// Whether there may be names that can't be seen.
    pub is_open: bool,
    /// Who says what is passed.
    pub passed_by: PassedBy,
}

/// Who writes the `pass_env` that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PassedBy {
    /// Nobody.
    #[default]
    Nobody,
    /// The declaration itself.
    Itself,
    /// What it extends.
    Base,
    /// `defaults` of the workspace or of a profile.
    Defaults,
}

impl Context<'_> {
    /// The variables of the declaration that is visited.
    pub fn variables(&self) -> Variables {
        let mut found = Variables::default();
        // Until somebody writes the list that replaces all others.
        let mut is_passed_on = true;
        for item in self.with_bases() {
            let ast = self.ast_of(item);
            let Some(decl) = ast.decl() else { continue };
            let body = Body { db: self.db, item, ast, record: &decl.body };
            body.names(&mut found);
            if is_passed_on && let Some(list) = decl.body.field("pass_env") {
                is_passed_on = body.passed(list.value, &mut found);
                found.passed_by = match found.passed_by {
                    PassedBy::Nobody if item == self.item => PassedBy::Itself,
                    PassedBy::Nobody => PassedBy::Base,
                    known => known,
                };
            }
        }
        if self.item.kind(self.db).takes_defaults() {
            let defaults = default_variables(self.db, self.file);
            found.env.extend(defaults.env.iter().cloned());
            found.is_open |= defaults.is_open;
            if found.passed_by == PassedBy::Nobody {
                found.pass_env.extend(defaults.pass_env.iter().cloned());
                found.passed_by = defaults.passed_by;
            }
        }
        found
    }

    /// Where a name can be added to what is passed, so that everything else stays.
    pub fn pass_env_site(&self, variables: &Variables) -> FieldSite {
        let own = self.decl.as_ref().map_or(FieldSite::Unknown, |it| it.pass_env);
        match (own, variables.passed_by) {
            (FieldSite::Absent, PassedBy::Base) => FieldSite::Inherited,
            // The list of `defaults` can't be named, only replaced.
            (FieldSite::Absent, PassedBy::Defaults) => FieldSite::Unknown,
            (own, _) => own,
        }
    }
}

/// The declarations whose `defaults` may say something about the tasks of a file: profiles of its
/// package and of the root, and the workspace, the outermost last.
fn with_defaults(db: &dyn Db, file: SourceFile) -> impl Iterator<Item = Item> {
    let packages = db.workspace().packages(db);
    let files = [package_dir(db, file).as_str(), ""].map(|it| packages.get(it).copied());
    let items = files.into_iter().flatten().flat_map(|it| it.items(db).iter().copied());
    let profiles = items.filter(|it| it.kind(db) == Kind::Profile);
    profiles.chain(workspace_item(db))
}

/// The variables that `defaults` give to the tasks of a file, whatever profile is chosen.
#[salsa::tracked(returns(ref))]
fn default_variables(db: &dyn Db, file: SourceFile) -> Variables {
    let mut found = Variables::default();
    for item in with_defaults(db, file) {
        let ast = item.ast(db);
        let Some(defaults) = ast.field("defaults") else { continue };
        let Expr::Record(record) = ast.expr(defaults.value) else {
            found.is_open = true;
            continue;
        };
        let body = Body { db, item, ast, record };
        body.names(&mut found);
        if let Some(list) = record.field("pass_env") {
            body.passed(list.value, &mut found);
            found.passed_by = PassedBy::Defaults;
        }
    }
    found
}

/// The variables that `defaults` set for the tasks of a file, whatever profile is chosen, each with
/// the declaration that says so; of several the outermost.
#[salsa::tracked(returns(ref))]
pub fn env_of_defaults(db: &dyn Db, file: SourceFile) -> FxHashMap<SmolStr, Item> {
    let mut found = FxHashMap::default();
    for item in with_defaults(db, file) {
        let ast = item.ast(db);
        let defaults = ast.decl().and_then(|it| ast.record_in(&it.body, "defaults"));
        let Some(env) = defaults.and_then(|it| ast.record_in(it, "env")) else { continue };
        found.extend(env.members.iter().filter_map(|member| match member {
            Member::Field(field) => Some((field.name.text.clone(), item)),
            Member::Let(_) | Member::Check(_) | Member::Spread { .. } => None,
        }));
    }
    found
}

/// A record with the fields of a task, and where it is written.
struct Body<'a> {
    db: &'a dyn Db,
    item: Item,
    ast: &'a ast::Item,
    record: &'a Record,
}

impl Body<'_> {
    /// The keys of `env`, and whether there are more.
    fn names(&self, found: &mut Variables) {
        let is_open =
            |record: &Record| record.members.iter().any(|it| matches!(it, Member::Spread { .. }));
        found.is_open |= is_open(self.record) || self.record.field("env_files").is_some();
        match self.record.field("env").map(|it| self.ast.expr(it.value)) {
            None => {}
            Some(Expr::Record(env)) => {
                found.is_open |= is_open(env);
                found.env.extend(env.members.iter().filter_map(|member| match member {
                    Member::Field(field) => Some(field.name.text.clone()),
                    Member::Let(_) | Member::Check(_) | Member::Spread { .. } => None,
                }));
            }
            Some(_) => found.is_open = true,
        }
    }

    /// The names in a `pass_env`; whether the list of the base is in it, too.
    fn passed(&self, list: ExprId, found: &mut Variables) -> bool {
        let Expr::List(elements) = self.ast.expr(list) else {
            found.is_open = true;
            return false;
        };
        let mut has_base = false;
        for element in elements {
            match element {
                Element::Value(value) => match self.text(*value) {
                    Some(name) => {
                        found.pass_env.insert(name);
                    }
                    None => found.is_open = true,
                },
                Element::Spread(value) if self.is_of_base(*value) => has_base = true,
                Element::Spread(_) | Element::For { .. } | Element::If { .. } => {
                    found.is_open = true;
                }
            }
        }
        has_base
    }

    /// A text that is written out, here or in a `let` of the file.
    fn text(&self, value: ExprId) -> Option<SmolStr> {
        match self.ast.expr(value) {
            Expr::Text(parts) => fixed_text(parts),
            Expr::Name(name) => {
                let item = resolve(self.db, self.item.file(self.db), name)?;
                let is_let = item.kind(self.db) == Kind::Let;
                match value_type(self.db, item) {
                    Ty::Text(TextTy::Literal(text)) if is_let => Some(text.clone()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn is_of_base(&self, value: ExprId) -> bool {
        let Expr::Field { base, name } = self.ast.expr(value) else { return false };
        name.text == "pass_env" && matches!(self.ast.expr(*base), Expr::Name(it) if it == "base")
    }
}
