//! Values: what fits where one is expected, then what does not.

use rush_semantics::Item;
use rush_semantics::builtins::Builtin;
use rush_semantics::infer::{LocalSource, Param};
use rush_semantics::names::{Namespace, declarations, file_names, import_target, is_private};
use rush_semantics::signature::{result_type, value_type};
use rush_semantics::ty::{Fit, Limits, TextTy, Ty, fits, may_fit};
use rush_semantics::types::declared_type;
use rush_syntax::Kind;
use rush_syntax::ast::{Element, Expr, ExprId, Part};
use smol_str::SmolStr;

use super::items::params_of;
use super::list::{List, NAMES_MAX, Rank};
use super::{Completion, CompletionKind, DocsId, Insert, Site};
use crate::draft::Parent;
use crate::snippet::Snippet;

/// What is wanted where a value stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wanted {
    /// Nobody says.
    Anything,
    /// A value of a type.
    Of(Ty),
    /// Something that can be part of a text.
    Scalar,
    /// Something that gives arguments: a list, or what may be none.
    Arguments,
}

/// The units of numbers, by type.
const UNITS: [(&Ty, &[&str]); 2] = [
    (&Ty::DURATION, &["s", "m", "h", "ms", "d"]),
    (&Ty::SIZE, &["MiB", "GiB", "KiB", "MB", "GB", "KB", "B"]),
];

impl Wanted {
    /// How well a value of the type fits.
    pub(super) fn rank(&self, ty: &Ty, fitting: Rank) -> Rank {
        let fits = match self {
            Self::Anything => return fitting,
            _ if ty.is_error() => return Rank::HasParts,
            Self::Of(wanted) => may_fit(ty, wanted),
            Self::Scalar => is_scalar(ty) && !ty.may_be_none(),
            Self::Arguments => {
                let is_list = ty.members().iter().any(|it| matches!(it.bare(), Ty::List(_)));
                is_list || ty.may_be_none()
            }
        };
        if fits { fitting } else { Rank::Other }
    }

    fn has(&self, test: impl Fn(&Ty) -> bool) -> bool {
        match self {
            Self::Of(ty) => ty.members().iter().any(|it| test(it.bare())),
            Self::Anything | Self::Scalar | Self::Arguments => false,
        }
    }

    /// Whether a task or a list of tasks is wanted.
    fn wants_declaration(&self) -> bool {
        self.has(|it| match it {
            Ty::List(element) => element.members().iter().any(|it| matches!(it, Ty::Kind(_))),
            other => matches!(other, Ty::Kind(_)),
        })
    }
}

/// Whether a value has one text form.
pub(super) fn is_scalar(ty: &Ty) -> bool {
    ty.members().iter().all(|member| {
        matches!(
            member.bare(),
            Ty::None
                | Ty::Bool
                | Ty::Int(_)
                | Ty::Float(_)
                | Ty::Duration(_)
                | Ty::Size(_)
                | Ty::Text(_)
                | Ty::Path
                | Ty::Glob
                | Ty::Regex
                | Ty::Cron
        )
    })
}

impl Site<'_> {
    /// Adds everything a value can be.
    pub(super) fn value(self, expr: ExprId, list: &mut List) {
        let wanted = self.wanted(expr);
        if self.draft.typed.starts_with(|it: char| it.is_ascii_digit()) {
            return self.units(&wanted, list);
        }
        if let Some(Parent::OfCall(call, _)) = self.draft.parents.get(expr) {
            self.argument_names(*call, list);
        }
        if let Wanted::Of(ty) = &wanted {
            self.literals(ty, list);
            if let Some(Parent::OfDeclaration(field)) = self.draft.parents.get(expr) {
                self.default_of_field(ty, field, list);
                self.used_numbers(field, list);
            }
        }
        self.locals(&wanted, list);
        self.surroundings(&wanted, list);
        self.file_items(&wanted, list);
        if wanted.wants_declaration() && self.db.workspace().packages(self.db).len() > 1 {
            self.tasks_elsewhere(list);
        }
        self.file_types(&wanted, list);
        self.functions(&wanted, expr, list);
        self.words(&wanted, expr, list);
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
            _ => expected(&expr),
        }
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

    fn locals(self, wanted: &Wanted, list: &mut List) {
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
            list.add(wanted.rank(&local.ty, Rank::Near), it);
        }
    }

    /// Adds the matrix, the base, the host and the profile.
    fn surroundings(self, wanted: &Wanted, list: &mut List) {
        for (axis, ty) in &self.view.axes {
            let it = list.proposal(&format!("matrix.{axis}"), CompletionKind::Local).of_type(ty);
            list.add(wanted.rank(ty, Rank::Near), it);
        }
        let mut names = vec!["host", "profile"];
        names.extend((!self.view.axes.is_empty()).then_some("matrix"));
        names.extend(self.view.base.map(|_| "base"));
        for name in names {
            let it = list.proposal(name, CompletionKind::Namespace);
            list.add(Rank::HasParts, it.documented(DocsId::word(name)));
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
        let it = list.proposal(name, kind).documented(DocsId::item(db, item));
        match kind {
            CompletionKind::Let | CompletionKind::Param => {
                let ty = value_type(db, item);
                list.add(wanted.rank(ty, Rank::Fits), it.of_type(ty));
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
                let is_element = wanted.wants_declaration();
                let rank = if is_element { Rank::Fits } else { wanted.rank(&ty, Rank::Fits) };
                list.add(rank, it.of_type(&ty));
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
        list.add(Rank::HasParts, Completion { detail, ..it });
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
            let rank = if spread || is_read { Rank::Form } else { wanted.rank(&ty, Rank::Form) };
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

/// Whether a type is a base type with limits or a pattern.
fn is_refined(ty: &Ty) -> bool {
    match ty.bare() {
        Ty::Int(limits) | Ty::Duration(limits) | Ty::Size(limits) => *limits != Limits::<i64>::ANY,
        Ty::Float(limits) => limits.low.is_some() || limits.high.is_some(),
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
