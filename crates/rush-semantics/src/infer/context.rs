//! What is known while the expressions of one item are visited.

use rush_diagnostics::{Diagnostic, ItemId, Label, Span, TextRange, TextSize};
use rush_syntax::Kind;
use rush_syntax::ast::{self, ExprId, TypeId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::view::Watch;
use super::{Inference, Local, LocalId, LocalSource, Meaning};
use crate::db::{Db, Item, SourceFile};
use crate::kinds::KindDef;
use crate::names::resolve;
use crate::report;
use crate::shell::FieldSite;
use crate::signature::params_of;
use crate::ty::{Ty, is_too_large};
use crate::types::lower_written;

/// The state of one visit.
pub struct Context<'a> {
    pub db: &'a dyn Db,
    pub item: Item,
    pub id: ItemId,
    pub file: SourceFile,
    pub ast: &'a ast::Item,
    pub out: Inference,
    /// The locals that can be named, innermost last.
    pub scope: Vec<LocalId>,
    /// `let`s of blocks whose type nobody asked for yet.
    pub lets: FxHashMap<LocalId, BlockLet>,
    /// What is known beyond the declared type, innermost last.
    pub narrowed: Vec<(Narrowable, Ty)>,
    /// Whether `env(..)` and `file(..)` may be read here, and as what.
    pub reads: Reads,
    /// The declaration whose body is visited.
    pub decl: Option<DeclContext<'a>>,
    /// The element of a list that was visited last, where something is expected of it.
    pub element: Option<ExprId>,
    /// The innermost member that is visited.
    pub member: Option<TextSize>,
    /// From where the paths count that are written where the visit is.
    pub home: Home,
    /// Services whose parameters were read, with what stands before the name of the parameter.
    pub service_reads: Vec<(Item, ExprId)>,
    /// What an editor wants to know of this visit; nothing when the text is that of the item.
    pub watch: Option<Box<Watch<'a>>>,
}

/// From where a path counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// From the package of a declaration.
    Of(Item),
    /// From the package of the task it ends up in, which only the plan knows.
    Unknown,
}

impl Home {
    /// From where the paths count that are written in an item and belong to no call in it.
    fn inside(db: &dyn Db, item: Item) -> Self {
        match item.kind(db) {
            Kind::Task | Kind::Service | Kind::Secret | Kind::Workspace => Self::Of(item),
            _ => Self::Unknown,
        }
    }
}

/// Something whose type a condition can narrow: a named value, or what lies at a path inside one.
/// Values never change, so what was asked of a path stays true of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrowable {
    /// Who has a name.
    pub root: Meaning,
    /// The fields and literal keys from there.
    pub path: Vec<SmolStr>,
}

impl Narrowable {
    /// The named value itself.
    pub fn named(root: Meaning) -> Self {
        Self { root, path: Vec::new() }
    }
}

/// A `let` of a block.
pub struct BlockLet {
    pub annotation: Option<TypeId>,
    pub value: ExprId,
    /// How much of the scope was there when the block began.
    pub depth: usize,
    pub state: LetState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum LetState {
    Waiting,
    Active,
    Done,
}

/// Whether the environment and files may be read.
#[derive(Clone, Debug)]
pub enum Reads {
    /// Not here.
    Forbidden,
    /// As text that is parsed into this type.
    As(Ty),
}

/// What a declaration adds to the context of its body.
pub struct DeclContext<'a> {
    pub kind: &'a KindDef,
    pub base: Option<Item>,
    pub axes: Vec<(SmolStr, Ty)>,
    pub has_inputs: bool,
    pub env: FieldSite,
    pub pass_env: FieldSite,
}

/// An expected type, and who expects it.
#[derive(Clone, Copy)]
pub struct Expected<'t> {
    pub ty: &'t Ty,
    pub by: By<'t>,
}

/// Who expects a type.
#[derive(Clone, Copy)]
pub enum By<'t> {
    /// The language: a condition, an index.
    Language,
    /// An annotation in this item.
    Annotation(TextRange),
    /// A parameter of another item, or of this one.
    Parameter(Item, &'t str),
    /// A field of a kind or of a record type.
    Field(&'t str),
}

impl<'a> Context<'a> {
    pub fn new(db: &'a dyn Db, item: Item) -> Self {
        Self::with_ast(db, item, item.ast(db))
    }

    /// A visit of a text that stands where the item does.
    pub fn watched(db: &'a dyn Db, item: Item, ast: &'a ast::Item, watch: Watch<'a>) -> Self {
        Self { watch: Some(Box::new(watch)), ..Self::with_ast(db, item, ast) }
    }

    fn with_ast(db: &'a dyn Db, item: Item, ast: &'a ast::Item) -> Self {
        let count = ast.expr_count();
        let locals = Vec::with_capacity(params_of(&ast.kind).len());
        let out = Inference { types: vec![Ty::Error; count], locals, ..Inference::default() };
        Self {
            db,
            item,
            id: item.id(db),
            file: item.file(db),
            ast,
            out,
            scope: Vec::new(),
            lets: FxHashMap::default(),
            narrowed: Vec::new(),
            reads: Reads::Forbidden,
            decl: None,
            element: None,
            member: None,
            home: Home::inside(db, item),
            service_reads: Vec::new(),
            watch: None,
        }
    }

    pub fn span(&self, range: TextRange) -> Span {
        Span::new(self.id.clone(), range)
    }

    pub fn span_of(&self, expr: ExprId) -> Span {
        self.span(self.ast.expr_range(expr))
    }

    /// The source of an expression.
    pub fn source_of(&self, expr: ExprId) -> &'a str {
        self.source(self.ast.expr_range(expr))
    }

    /// The source at a range of this item.
    pub fn source(&self, range: TextRange) -> &'a str {
        self.whole_text().get(std::ops::Range::from(range)).unwrap_or_default()
    }

    /// The text that is visited.
    pub fn whole_text(&self) -> &'a str {
        match &self.watch {
            Some(watch) => watch.text,
            None => self.item.text(self.db),
        }
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.out.diagnostics.push(diagnostic);
    }

    pub fn set_type(&mut self, expr: ExprId, ty: Ty) -> Ty {
        if let Some(slot) = self.out.types.get_mut(expr.0 as usize) {
            *slot = ty.clone();
        }
        ty
    }

    pub fn lower(&mut self, ty: TypeId) -> Ty {
        lower_written(self.db, (self.item, self.ast), ty, &mut self.out.diagnostics)
    }

    /// Makes a local visible; reports when it hides another local or an item of the file.
    pub fn bind(&mut self, name: &ast::Name, ty: Ty, source: LocalSource) -> LocalId {
        let item = self.hidden_item(&name.text);
        if item.is_some() || self.local(&name.text).is_some() {
            let original = item.and_then(|item| name_span(self.db, item));
            let at = self.span(name.range);
            self.report(report::shadowing(at, &name.text, original));
        }
        let id = LocalId(self.out.locals.len() as u32);
        self.out.locals.push(Local { name: name.text.clone(), ty, source });
        self.scope.push(id);
        id
    }

    /// The item of the file a local of this name would hide. A local may be named like a task:
    /// only values that are read by name alone can be confused.
    fn hidden_item(&self, name: &str) -> Option<Item> {
        let item = resolve(self.db, self.file, name)?;
        let is_value = item.kind(self.db).is_value();
        (is_value && item != self.item).then_some(item)
    }

    pub fn local(&self, name: &str) -> Option<LocalId> {
        let is_named = |id: &&LocalId| {
            self.out.locals.get(id.0 as usize).is_some_and(|local| local.name == name)
        };
        self.scope.iter().rev().find(is_named).copied()
    }

    /// The type of a local, narrowed by the conditions around.
    pub fn local_type(&mut self, id: LocalId) -> Ty {
        self.settle_let(id);
        if let Some(ty) = self.narrowed_type(&Narrowable::named(Meaning::Local(id))) {
            return ty;
        }
        self.out.locals.get(id.0 as usize).map_or(Ty::Error, |local| local.ty.clone())
    }

    pub fn narrowed_type(&self, target: &Narrowable) -> Option<Ty> {
        self.narrowed.iter().rev().find(|(it, _)| it == target).map(|(_, ty)| ty.clone())
    }

    /// Finds the type of a block's `let`, when that was not done yet.
    pub fn settle_let(&mut self, id: LocalId) {
        let Some(block_let) = self.lets.get_mut(&id) else { return };
        match block_let.state {
            LetState::Done => return,
            LetState::Active => {
                let name = self.out.locals.get(id.0 as usize).map(|it| it.name.clone());
                let value = block_let.value;
                block_let.state = LetState::Done;
                let (at, name) = (self.span_of(value), name.unwrap_or_default());
                self.report(report::circular(at.clone(), &name, &[(at, name.to_string())]));
                return;
            }
            LetState::Waiting => block_let.state = LetState::Active,
        }
        let (annotation, value, depth) = (block_let.annotation, block_let.value, block_let.depth);
        let hidden = self.scope.split_off(depth.min(self.scope.len()));
        let narrowed = std::mem::take(&mut self.narrowed);
        let mut ty = self.at_home(Home::Unknown, |it| it.let_value(annotation, value));
        if is_too_large(&ty) {
            let name = self.out.locals.get(id.0 as usize).map(|it| it.name.clone());
            self.report(report::type_too_large(self.span_of(value), &name.unwrap_or_default()));
            ty = Ty::Error;
        }
        self.narrowed = narrowed;
        self.scope.extend(hidden);
        if let Some(local) = self.out.locals.get_mut(id.0 as usize) {
            local.ty = ty;
        }
        if let Some(block_let) = self.lets.get_mut(&id) {
            block_let.state = LetState::Done;
        }
    }

    /// Visits something whose paths count from there.
    pub fn at_home<T>(&mut self, home: Home, visit: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.home, home);
        let result = visit(self);
        self.home = outer;
        result
    }

    /// The type of `let x: annotation = value`.
    pub fn let_value(&mut self, annotation: Option<TypeId>, value: ExprId) -> Ty {
        match annotation {
            Some(id) => {
                let ty = self.lower(id);
                let by = By::Annotation(self.ast.type_range(id));
                self.expect(value, Expected { ty: &ty, by });
                ty
            }
            None => self.synth(value),
        }
    }

    /// The sentence under the place where an expectation was declared.
    pub fn reason(&self, expected: &Expected<'_>) -> Option<Label> {
        match expected.by {
            By::Language | By::Field(_) => {
                let Ty::Alias(alias) = expected.ty else { return None };
                if alias.item.file(self.db) == self.db.workspace().prelude(self.db) {
                    return None;
                }
                let span = name_span(self.db, alias.item)?;
                Some(Label { span, message: format!("`{}` is declared here", alias.name) })
            }
            By::Annotation(range) => Some(Label {
                span: self.span(range),
                message: "the type is declared here".to_owned(),
            }),
            By::Parameter(item, name) => {
                let params = crate::signature::params_of(&item.ast(self.db).kind);
                let of =
                    |param: &&ast::ParamDecl| param.name.as_ref().is_some_and(|it| it.text == name);
                let range = params.iter().find(of)?.range;
                Some(Label {
                    span: Span::new(item.id(self.db), range),
                    message: format!("`{name}` is declared here"),
                })
            }
        }
    }

    pub fn mean(&mut self, expr: ExprId, meaning: Meaning) {
        self.out.meanings.insert(expr, meaning);
    }
}

/// Where an item's name is written.
pub fn name_span(db: &dyn Db, item: Item) -> Option<Span> {
    Some(Span::new(item.id(db), item.ast(db).name()?.range))
}
