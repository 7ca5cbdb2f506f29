//! Values: what fits where one is expected, then what does not.

use rush_semantics::builtins::Builtin;
use rush_semantics::infer::{LocalSource, Meaning, Param};
use rush_semantics::names::{Namespace, declarations, file_names, import_target, is_private};
use rush_semantics::signature::{result_type, value_type};
use rush_semantics::ty::{Fit, Limits, TextTy, Ty, fits};
use rush_semantics::types::declared_type;
use rush_semantics::{Item, SourceFile};
use rush_syntax::Kind;
use rush_syntax::ast::{Element, Expr, ExprId, ItemKind, Part};
use smol_str::SmolStr;

use super::items::params_of;
use super::list::{List, NAMES_MAX, Rank};
use super::wanted::Wanted;
use super::{Completion, CompletionKind, DocsId, Insert, Site};
use crate::draft::Parent;
use crate::snippet::Snippet;

/// The units of numbers, by type.
const UNITS: [(&Ty, &[&str]); 2] = [
    (&Ty::DURATION, &["s", "m", "h", "ms", "d"]),
    (&Ty::SIZE, &["MiB", "GiB", "KiB", "MB", "GB", "KB", "B"]),
];

impl Site<'_> {
    /// Adds everything a value can be.
    pub(super) fn value(self, expr: ExprId, list: &mut List) {
        let wanted = self.wanted(expr);
        if self.draft.typed.starts_with(|it: char| it.is_ascii_digit()) {
            return self.units(&wanted, list);
        }
        if let Some(Parent::OfCall(call, at)) = self.draft.parents.get(expr)
            && !self.has_argument_name(*call, *at)
        {
            self.argument_names(*call, list);
        }
        for profile in self.compared_profiles(expr) {
            let label = format!("\"{}\"", crate::syntax::escaped(&profile));
            let it = list.proposal(&label, CompletionKind::Member);
            list.add(Rank::Member, Completion { filter: Some(profile.to_string()), ..it });
        }
        let field = match self.draft.parents.get(expr) {
            Some(Parent::OfDeclaration(field)) => Some(field),
            _ => None,
        };
        match &wanted {
            Wanted::Of(ty) => {
                field.into_iter().for_each(|it| self.used_numbers(it, list));
                self.literals(ty, list);
                field.into_iter().for_each(|it| self.default_of_field(ty, it, list));
            }
            _ => field.into_iter().for_each(|it| self.record_of_field(it, list)),
        }
        if self.is_mostly_literal(expr) {
            return;
        }
        self.locals(&wanted, expr, list);
        self.surroundings(&wanted, expr, list);
        self.file_items(&wanted, list);
        if wanted.wants_declaration() && self.db.workspace().packages(self.db).len() > 1 {
            self.tasks_elsewhere(list);
        }
        self.file_types(&wanted, list);
        self.functions(&wanted, expr, list);
        self.words(&wanted, expr, list);
    }

    /// Whether an expression is an argument that nearly always is a literal, so that names would be in the way.
    fn is_mostly_literal(self, expr: ExprId) -> bool {
        let Some(Parent::OfCall(call, _)) = self.draft.parents.get(expr) else { return false };
        let Expr::Call { callee, .. } = self.draft.ast.expr(*call) else { return false };
        matches!(
            self.view.inference.meanings.get(callee),
            Some(Meaning::Builtin(Builtin::All | Builtin::Env | Builtin::File | Builtin::Files))
        )
    }

    /// Adds the units that a number can have, to the number that is typed.
    fn units(self, wanted: &Wanted, list: &mut List) {
        let digits = self.draft.typed.trim_end_matches(|it: char| it.is_ascii_alphabetic());
        for (sort, units) in UNITS {
            let is_it = |ty: &Ty| std::mem::discriminant(ty) == std::mem::discriminant(sort);
            for unit in units.iter().filter(|_| wanted.has(is_it)) {
                let it = list.proposal(&format!("{digits}{unit}"), CompletionKind::Member);
                list.add(Rank::Member, it.of_type(sort));
            }
        }
    }

    /// What is wanted where an expression stands.
    pub(super) fn wanted(self, expr: ExprId) -> Wanted {
        let expected = |id: &ExprId| match self.view.expected.get(id) {
            Some(ty) if !ty.is_error() => Wanted::Of(ty.clone()),
            _ => Wanted::Anything,
        };
        match self.draft.parents.get(expr) {
            Some(Parent::Callee(call)) => expected(call),
            Some(Parent::Base(_)) => Wanted::Anything,
            Some(Parent::Hole(text)) => self.hole(*text, expr),
            Some(Parent::Part(list)) if self.is_visited(*list, expr) => Wanted::Elements,
            _ => expected(&expr),
        }
    }

    /// Whether an expression is what a `for` of a list visits.
    fn is_visited(self, list: ExprId, expr: ExprId) -> bool {
        let Expr::List(elements) = self.draft.ast.expr(list) else { return false };
        elements.iter().any(|element| {
            let mut at = Some(element);
            std::iter::from_fn(|| {
                let element = at.take()?;
                let (iterable, inner) = match element {
                    Element::For { iterable, element, .. } => (Some(*iterable), Some(&**element)),
                    Element::If { element, .. } => (None, Some(&**element)),
                    Element::Value(_) | Element::Spread(_) => (None, None),
                };
                at = inner;
                Some(iterable)
            })
            .any(|it| it == Some(expr))
        })
    }

    fn hole(self, text: ExprId, expr: ExprId) -> Wanted {
        let (Expr::Text(parts) | Expr::Command(parts)) = self.draft.ast.expr(text) else {
            return Wanted::Scalar;
        };
        let is_spread = parts.iter().any(
            |part| matches!(part, Part::Hole { value, is_spread: true, .. } if *value == expr),
        );
        if is_spread { Wanted::Arguments } else { Wanted::Scalar }
    }

    fn locals(self, wanted: &Wanted, expr: ExprId, list: &mut List) {
        let is_argument = matches!(self.draft.parents.get(expr), Some(Parent::OfCall(..)));
        let is_known = matches!(wanted, Wanted::Of(_));
        let fitting = if is_argument && is_known { Rank::Argument } else { Rank::Near };
        for local in self.view.locals.iter().rev() {
            let it = list.proposal(&local.name, CompletionKind::Local).of_type(&local.ty);
            let it = match local.source {
                LocalSource::Parameter(_) => it.documented(DocsId::part(
                    self.db,
                    self.draft.placed.item,
                    super::docs::Owner::Item,
                    &local.name,
                )),
                LocalSource::Let(_) | LocalSource::For(_) => it,
            };
            named(it, &local.ty, wanted, fitting, list);
        }
    }

    fn file_items(self, wanted: &Wanted, list: &mut List) {
        let file = self.draft.file(self.db);
        let names = file_names(self.db, file).names(Namespace::Values);
        let all = names.map(|name| (name.as_str(), name)).collect();
        let own = self.draft.placed.item;
        for name in list.names(all) {
            let item = declarations(self.db, file, Namespace::Values, name).first().copied();
            if let Some(item) = item.filter(|it| *it != own) {
                self.item(name, item, wanted, list);
            }
        }
    }

    /// Adds what an item of a file can be as a value, under the name it has here.
    pub(super) fn item(self, name: &str, item: Item, wanted: &Wanted, list: &mut List) {
        let db = self.db;
        let kind = match item.kind(db) {
            Kind::Let => CompletionKind::Let,
            Kind::Param => CompletionKind::Param,
            Kind::Secret => CompletionKind::Secret,
            Kind::Fn => CompletionKind::Function,
            Kind::Task => CompletionKind::Task,
            Kind::Service => CompletionKind::Service,
            Kind::Use => return self.namespace(name, item, wanted, list),
            _ => return,
        };
        let it = list.proposal(name, kind).about(db, item);
        match kind {
            CompletionKind::Let | CompletionKind::Param => {
                let ty = value_type(db, item);
                named(it.of_type(ty), ty, wanted, Rank::Fits, list);
            }
            CompletionKind::Secret => {
                list.add(wanted.rank(&Ty::Secret, Rank::Fits), it.of_type(&Ty::Secret));
            }
            CompletionKind::Function => {
                let ty = result_type(db, item);
                let it = self.called(it, name, &params_of(db, item));
                list.add(wanted.rank(ty, Rank::Fits), it.of_type(ty));
            }
            _ => {
                let ty = Ty::Decl { item, kind: item.kind(db) };
                let params = params_of(db, item);
                let it = if params.iter().any(|it| !it.is_optional) {
                    self.called(it, name, &params)
                } else if params.is_empty() {
                    it
                } else {
                    it.followed_by(shown(&params))
                };
                let it = it.of_type(&ty);
                if wanted.wants_in_list(&ty) {
                    list.add(Rank::Fits, it.in_list());
                } else {
                    list.add(wanted.rank(&ty, Rank::Fits), it);
                }
            }
        }
    }

    /// A proposal of a call, unless there are parentheses already.
    fn called(self, it: Completion, name: &str, params: &[Param]) -> Completion {
        let it = it.followed_by(shown(params));
        if self.draft.after().starts_with('(') { it } else { it.with(Snippet::call(name, params)) }
    }

    /// Adds an import, and its tasks where tasks are wanted.
    fn namespace(self, name: &str, import: Item, wanted: &Wanted, list: &mut List) {
        let it = list.proposal(name, CompletionKind::Namespace);
        let Some(file) = import_target(self.db, import) else { return };
        let detail = Some(file.path(self.db).to_string());
        list.add(self.rank_of_file(file, wanted), Completion { detail, ..it });
        if !wanted.wants_declaration() {
            return;
        }
        let items = file.items(self.db).iter().copied();
        let tasks = items.filter(|it| {
            let is_task = it.kind(self.db).is_runnable();
            is_task && !is_private(it.name(self.db)) && !it.name(self.db).is_empty()
        });
        for item in tasks.take(NAMES_MAX) {
            let path = format!("{name}.{}", item.name(self.db));
            self.item(&path, item, wanted, list);
        }
    }

    /// How well an import fits: whether it has something that does.
    fn rank_of_file(self, file: SourceFile, wanted: &Wanted) -> Rank {
        if wanted.wants_declaration() {
            return Rank::HasParts;
        }
        let items = file.items(self.db).iter().copied().take(NAMES_MAX);
        let public = items.filter(|it| !is_private(it.name(self.db)));
        let parts = public.filter_map(|item| match item.kind(self.db) {
            Kind::Let | Kind::Param => Some(value_type(self.db, item)),
            Kind::Fn => Some(result_type(self.db, item)),
            _ => None,
        });
        wanted.rank_of_whole(parts)
    }

    /// Adds the types whose values can be listed, or that check a value.
    fn file_types(self, wanted: &Wanted, list: &mut List) {
        let file = self.draft.file(self.db);
        let names = file_names(self.db, file).names(Namespace::Types);
        let all = names.map(|name| (name.as_str(), name)).collect();
        for name in list.names(all) {
            let item = declarations(self.db, file, Namespace::Types, name).first().copied();
            let Some(item) = item else { continue };
            let ty = declared_type(self.db, item);
            let docs = DocsId::item(self.db, item);
            if ty.literal_texts().is_some() {
                let values = Ty::list(ty.clone());
                let label = format!("{name}.values");
                let it = list.proposal(&label, CompletionKind::Type).documented(docs);
                list.add(wanted.rank(&values, Rank::Form), it.of_type(&values));
            } else if is_refined(ty) {
                let rank = wanted.rank(ty, Rank::Form);
                let value = Param {
                    name: SmolStr::new_static("value"),
                    ty: Ty::Error,
                    is_optional: false,
                    default: None,
                    is_rest: false,
                };
                let it = list.proposal(name, CompletionKind::Type).documented(docs).of_type(ty);
                list.add(rank, self.called(it, name, &[value]));
            }
        }
    }

    fn functions(self, wanted: &Wanted, expr: ExprId, list: &mut List) {
        let in_list = matches!(self.draft.parents.get(expr), Some(Parent::OfList(_)));
        for function in Builtin::ALL {
            let is_read = function.is_read();
            if is_read && !self.view.may_read {
                continue;
            }
            let ty = function.result();
            // In a list, the elements of a list fit with `...` before it.
            let spread = match (&ty, wanted) {
                (Ty::List(element), Wanted::Of(wanted)) if in_list && !self.is_spread() => {
                    fits(element, wanted) != Fit::No
                }
                _ => false,
            };
            let name =
                if spread { format!("...{}", function.name()) } else { function.name().to_owned() };
            let it = list.proposal(&name, CompletionKind::Function);
            let it = self.called(it, &name, &all_given(function)).of_type(&ty);
            // What a `param` reads is taken as a value of its type.
            let is_parsed = is_read && matches!(self.draft.ast.kind, ItemKind::Param(_));
            let rank = if spread || is_parsed { Rank::Form } else { wanted.rank(&ty, Rank::Form) };
            let filter = spread.then(|| function.name().to_owned());
            let it = Completion { filter, ..it };
            list.add(rank, it.documented(DocsId::builtin(function.name())));
        }
    }

    /// Whether `...` precedes the word.
    fn is_spread(self) -> bool {
        self.draft.before().ends_with("...")
    }

    fn words(self, wanted: &Wanted, expr: ExprId, list: &mut List) {
        let parent = self.draft.parents.get(expr);
        if matches!(parent, Some(Parent::Base(_) | Parent::Callee(_))) {
            return;
        }
        let is_element =
            matches!(parent, Some(Parent::OfList(list)) if self.is_element(*list, expr));
        if is_element {
            list.keyword("for", "for ${1:it} in ${2:list}: $0");
            let it = list.proposal("if", CompletionKind::Keyword);
            let insert = Insert::Snippet("if ${1:condition}: $0".to_owned());
            list.add(Rank::Word, Completion { insert, ..it });
            return;
        }
        list.keyword("if", "if ${1:condition} then $2 else $0");
        if *wanted == Wanted::Anything {
            for name in ["true", "false", "none"] {
                let it = list.proposal(name, CompletionKind::Keyword);
                list.add(Rank::Word, it);
            }
        }
    }

    fn is_element(self, list: ExprId, expr: ExprId) -> bool {
        let Expr::List(elements) = self.draft.ast.expr(list) else { return false };
        elements.iter().any(|it| matches!(it, Element::Value(value) if *value == expr))
    }
}

/// Adds a value with a name; in brackets where a list of such values is wanted.
fn named(it: Completion, ty: &Ty, wanted: &Wanted, fitting: Rank, list: &mut List) {
    if wanted.wants_in_list(ty) {
        list.add(Rank::Form, it.in_list());
    } else {
        list.add(wanted.rank(ty, fitting), it);
    }
}

/// Whether a type is a base type with limits or a pattern.
fn is_refined(ty: &Ty) -> bool {
    match ty.bare() {
        Ty::Int(limits) | Ty::Duration(limits) | Ty::Size(limits) => *limits != Limits::Any,
        Ty::Float(limits) => *limits != Limits::Any,
        Ty::Text(TextTy::Pattern(_)) => true,
        _ => false,
    }
}

/// Parameters as they are shown behind a name.
pub(super) fn shown(params: &[Param]) -> String {
    let shown: Vec<String> = params
        .iter()
        .map(|it| {
            let dots = if it.is_rest { "..." } else { "" };
            let mark = if it.is_optional && !it.is_rest { " = .." } else { "" };
            let ty = if it.ty.is_error() { String::new() } else { format!(": {}", it.ty) };
            format!("{dots}{}{ty}{mark}", it.name)
        })
        .collect();
    format!("({})", shown.join(", "))
}

/// The parameters of a function of Rush. One that may be `none` is shown as well: a call without it
/// says nothing.
fn all_given(function: Builtin) -> Vec<Param> {
    let params = function.params().into_iter().map(|it| Param {
        name: it.name,
        ty: it.ty,
        is_optional: false,
        default: None,
        is_rest: false,
    });
    params.collect()
}
