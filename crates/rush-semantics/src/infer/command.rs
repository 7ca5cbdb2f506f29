//! Commands and scripts: their words and holes, and the values a script captures.

use std::cell::LazyCell;

use rush_diagnostics::TextRange;
use rush_syntax::Kind;
use rush_syntax::ast::{Expr, ExprId, Member, Name, Part};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::Meaning;
use super::context::Context;
use super::expr::HoleIn;
use super::habits::Braces;
use super::unknown::Sought;
use crate::argv::{self, Argv};
use crate::names::resolve;
use crate::order::{Certainty, foreign_names, is_tangled};
use crate::report;
use crate::shell::{self, FieldSite, Language, NameKind, ScopeNames, ScriptFacts, Site};
use crate::signature::value_type;
use crate::ty::{TextTy, Ty};

impl Context<'_> {
    /// `` `program ${hole}` ``
    pub fn command(&mut self, id: ExprId, parts: &[Part]) -> Ty {
        self.braces(parts, Braces::InCommand);
        let text = self.whole_text();
        let found = LazyCell::new(|| argv::split(parts, text));
        for part in parts {
            let Part::Hole { value, is_spread, range } = part else { continue };
            let sought = if *is_spread { Sought::Anything } else { Sought::Text };
            let ty = self.synth_sought(*value, sought);
            if *is_spread {
                let element = self.spread_of(*value, &ty);
                self.argument(&found, (*value, *range), &element);
            } else if !ty.is_error() {
                self.argument(&found, (*value, *range), &ty);
            }
        }
        if argv::is_plain(parts) {
            return Ty::Command;
        }
        let range = self.ast.expr_range(id);
        let reports = self.with_site(range, None, |site| argv::reports(&found, parts, site));
        self.out.diagnostics.extend(reports);
        self.code_in_command(&found, range);
        Ty::Command
    }

    /// `` `sh -c "echo ${x}"` ``: a value that may hold anything becomes code.
    fn code_in_command(&mut self, found: &argv::Argv, command: TextRange) {
        if !found.problems.is_empty() {
            return;
        }
        let Some((code, mut holes)) = argv::code::holes(found) else { return };
        holes.retain(|it| {
            let ty = self.out.types.get(it.expr.0 as usize);
            ty.is_some_and(may_hold_anything)
        });
        let reports: Vec<_> = self.with_site(command, None, |site| {
            holes.iter().map(|it| argv::code::report(&code, *it, site)).collect()
        });
        self.out.diagnostics.extend(reports);
    }

    fn argument<'w>(
        &mut self,
        command: &LazyCell<Argv, impl FnOnce() -> Argv + 'w>,
        (value, range): (ExprId, TextRange),
        ty: &Ty,
    ) {
        if !ty.may_be_none() || *ty == Ty::None {
            self.hole(value, range, ty, HoleIn::Argument);
            return;
        }
        let words = &command.words;
        let at = words.partition_point(|it| it.range.start() < range.start());
        if !words.get(at).is_some_and(|it| it.range == range && it.is_hole()) {
            self.hole(value, range, ty, HoleIn::Argument);
            return;
        }
        let before = at.checked_sub(1).and_then(|it| words.get(it));
        // Only of these it is known in the second branch that they are not `none`.
        let before = before.filter(|_| self.is_path_of_names(value));
        let option = before.and_then(|it| Some((it.option()?, it.range)));
        let (at, source) = (self.span_of(value), self.source_of(value));
        self.report(report::maybe_none_argument(at, source, range, option));
    }

    /// Whether an expression is a name, or a field of one.
    fn is_path_of_names(&self, id: ExprId) -> bool {
        match self.ast.expr(id) {
            Expr::Name(_) => true,
            Expr::Field { base, .. } => self.is_path_of_names(*base),
            _ => false,
        }
    }

    /// `sh"""..."""`
    pub fn script(&mut self, id: ExprId, tag: &Name, body: &[Part]) -> Ty {
        let end = self.ast.expr_range(id).end();
        self.script_body(id, tag, (body, Some(end)))
    }

    /// `sh"""...""".args(..)`
    pub fn script_with_args(&mut self, id: ExprId, tag: &Name, body: &[Part]) -> Ty {
        self.script_body(id, tag, (body, None))
    }

    fn script_body(
        &mut self,
        id: ExprId,
        tag: &Name,
        (body, args): (&[Part], Option<rush_diagnostics::TextSize>),
    ) -> Ty {
        let Some(language) = Language::from_tag(&tag.text) else { return Ty::Command };
        let facts = shell::read(language, body);
        if language.is_posix_family() {
            self.braces(body, Braces::InScript(&facts));
        }
        self.watch_script(id, &facts.sets);
        let mut names = self.names_for(language, &facts);
        let mut pass_env = FieldSite::Unknown;
        let mut inherited = Vec::new();
        if self.decl.is_some() {
            let variables = self.variables();
            pass_env = self.pass_env_site(&variables);
            names.has_hidden_env = variables.is_open;
            inherited = self.inherited_env(&variables.env);
            (names.env, names.pass_env) = (variables.env, variables.pass_env);
        }
        let captures = self.captures(language, &facts, &names);
        self.env_clashes(&captures);
        self.inherited_clashes((tag, &facts), &captures, &inherited);
        self.out.captures.insert(id, captures);
        let range = self.ast.expr_range(id);
        let reports = self.with_site(range, args, |site| {
            shell::lint(language, &facts, &names, &Site { pass_env, ..*site })
        });
        self.out.diagnostics.extend(reports);
        Ty::Command
    }

    /// A name that the script gets from its surroundings must not stand in `env` too.
    fn env_clashes(&mut self, captures: &[(SmolStr, Meaning)]) {
        let Some(Expr::Record(env)) = self.own_field("env").map(|it| self.ast.expr(it)) else {
            return;
        };
        for member in &env.members {
            let Member::Field(field) = member else { continue };
            let name = &field.name.text;
            if !captures.iter().any(|(captured, _)| captured == name) {
                continue;
            }
            let at = self.span(field.name.range);
            let found = report::shadowing(at, name, None);
            if !self.out.diagnostics.contains(&found) {
                self.report(found);
            }
        }
    }

    /// Of the variables of this declaration those that it does not write itself.
    fn inherited_env(&self, all: &FxHashSet<SmolStr>) -> Vec<SmolStr> {
        let own = self.own_field("env").map(|it| self.ast.expr(it));
        let is_own = |name: &SmolStr| match own {
            Some(Expr::Record(env)) => env.field(name).is_some(),
            _ => false,
        };
        let mut found: Vec<SmolStr> = all.iter().filter(|it| !is_own(it)).cloned().collect();
        found.sort_unstable();
        found
    }

    /// The same where the `env` is that of a template or of `defaults`.
    fn inherited_clashes(
        &mut self,
        (tag, facts): (&Name, &ScriptFacts),
        captures: &[(SmolStr, Meaning)],
        inherited: &[SmolStr],
    ) {
        for name in inherited.iter().filter(|it| captures.iter().any(|(name, _)| name == *it)) {
            let uses = facts.uses.iter().filter(|it| it.name == *name);
            let first = uses.map(|it| it.name_range).min_by_key(|it| it.start());
            // Some languages get all names, whether they use them or not.
            let at = self.span(first.unwrap_or(tag.range));
            let found = report::script_and_env(at, name);
            if !self.out.diagnostics.contains(&found) {
                self.report(found);
            }
        }
    }

    /// What the names of a script mean to Rush.
    fn names_for(&mut self, language: Language, facts: &ScriptFacts) -> ScopeNames {
        let mut names = ScopeNames::default();
        for id in self.scope.clone() {
            let ty = self.local_type(id);
            if let Some(local) = self.out.locals.get(id.0 as usize) {
                names.values.insert(local.name.clone(), kind_of(&ty));
            }
        }
        for (name, certainty) in foreign_names(language, facts) {
            if names.values.contains_key(&name) {
                continue;
            }
            let Some(ty) = self.file_value(&name, certainty) else { continue };
            let kind = kind_of(&ty);
            if kind == NameKind::Secret {
                let secret = resolve(self.db, self.file, &name);
                self.out.script_secrets.extend(secret);
            }
            // Other languages get what the task itself names, so there only a secret is a mistake.
            if language.is_posix_family() || kind == NameKind::Secret {
                names.values.insert(name, kind);
            }
        }
        names.has_inputs = self.decl.as_ref().is_some_and(|it| it.has_inputs);
        names
    }

    fn file_value(&self, name: &str, certainty: Certainty) -> Option<Ty> {
        let item = resolve(self.db, self.file, name)?;
        if certainty == Certainty::Mentioned && is_tangled(self.db, self.item, item) {
            return None;
        }
        match item.kind(self.db) {
            Kind::Let | Kind::Param => Some(value_type(self.db, item).clone()),
            Kind::Secret => Some(Ty::Secret),
            _ => None,
        }
    }

    /// The values a script gets, by name.
    fn captures(
        &self,
        language: Language,
        facts: &ScriptFacts,
        names: &ScopeNames,
    ) -> Vec<(SmolStr, Meaning)> {
        let is_scalar =
            |name: &&SmolStr| names.values.get(*name).is_some_and(|it| it.is_variable());
        let mut scalars: Vec<SmolStr> = names.values.keys().filter(is_scalar).cloned().collect();
        scalars.sort_unstable();
        let used = shell::names_used(language, facts, scalars);
        let meaning = |name: SmolStr| {
            let meaning = match self.local(&name) {
                Some(local) => Meaning::Local(local),
                None => Meaning::Item(resolve(self.db, self.file, &name)?),
            };
            Some((name, meaning))
        };
        used.into_iter().filter_map(meaning).collect()
    }

    /// Runs `judge` with the surroundings of a literal of this item.
    fn with_site<T>(
        &self,
        literal: TextRange,
        args: Option<rush_diagnostics::TextSize>,
        judge: impl FnOnce(&Site<'_>) -> T,
    ) -> T {
        let is_taken =
            |name: &str| self.local(name).is_some() || resolve(self.db, self.file, name).is_some();
        let decl = self.decl.as_ref();
        judge(&Site {
            item: &self.id,
            text: self.whole_text(),
            literal,
            member: self.member,
            env: decl.map_or(FieldSite::Unknown, |it| it.env),
            pass_env: decl.map_or(FieldSite::Unknown, |it| it.pass_env),
            args,
            is_taken: &is_taken,
        })
    }
}

/// Whether a value, or an element of a list of them, can be any text.
fn may_hold_anything(ty: &Ty) -> bool {
    ty.members().iter().any(|it| match it.bare() {
        Ty::List(element) => may_hold_anything(element),
        _ => kind_of(it) == NameKind::Scalar,
    })
}

/// What a type means to a script.
fn kind_of(ty: &Ty) -> NameKind {
    let mut kind = NameKind::Plain;
    for member in ty.members() {
        kind = match member.bare() {
            Ty::Error | Ty::Never => return NameKind::Plain,
            Ty::None | Ty::Bool | Ty::Int(_) | Ty::Float(_) | Ty::Duration(_) | Ty::Size(_) => kind,
            Ty::Text(TextTy::Literal(text)) if is_plain_word(text) => kind,
            Ty::Text(TextTy::Literal(_)) if kind != NameKind::Scalar => NameKind::Written,
            Ty::Text(_) | Ty::Path | Ty::Glob | Ty::Regex | Ty::Cron => NameKind::Scalar,
            Ty::Secret => return NameKind::Secret,
            Ty::List(_) => return NameKind::List,
            Ty::Command => return NameKind::Whole("command"),
            Ty::Kind(kind) | Ty::Decl { kind, .. } => return NameKind::Whole(kind.word()),
            Ty::Map(_) | Ty::Record(_) | Ty::Tag(_) | Ty::Union(_) | Ty::Alias(_) => {
                return NameKind::Record;
            }
        };
    }
    kind
}

fn is_plain_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-' | b'.' | b'/'))
}
