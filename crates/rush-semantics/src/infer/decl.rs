//! Declarations: their header, and their body against the fields of their kind.

use rush_diagnostics::{Diagnostic, TextRange, TextSize};
use rush_syntax::Kind;
use rush_syntax::ast::{Decl, Expr, ExprId, Field, Member, Name, fixed_text};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::Meaning;
use super::context::{By, Context, DeclContext, Expected, Home, Reads};
use super::record::{Written, field_names, none_written};
use crate::db::Item;
use crate::kinds::{KIND_NAMES, KindDef, kind};
use crate::names::{EXTENDS_MAX, base_of, bases};
use crate::order::is_circular;
use crate::report;
use crate::shell::FieldSite;
use crate::signature::{signature, value_type};
use crate::ty::Ty;

impl Context<'_> {
    /// Visits a declaration.
    pub fn decl(&mut self, decl: &Decl) {
        let Some(def) = kind(self.db, decl.kind()) else {
            let at = self.span(decl.kind.range);
            let found = report::unknown_kind(at, &decl.kind.text, KIND_NAMES.iter().copied());
            let found = self.with_kind(found, decl);
            self.report(found);
            return;
        };
        self.header(decl, def);
        let axes = self.all_axes();
        self.params(decl.params.as_deref().unwrap_or_default());
        if def.has_extends {
            self.extends(decl);
        }
        self.decl = Some(DeclContext {
            kind: def,
            base: self.base_of(self.item),
            axes,
            has_inputs: self.inherits_field("inputs"),
            env: self.field_site("env"),
            pass_env: self.field_site("pass_env"),
        });
        let depth = self.scope.len();
        self.block_lets(&decl.body);
        self.members(decl, def);
        self.settle_lets(depth);
        self.unneeded_services(decl);
    }

    /// Where a name stands instead of the kind, offers what it looks like.
    fn with_kind(&self, found: Diagnostic, decl: &Decl) -> Diagnostic {
        let is_function = decl.params.is_some() && !decl.body.is_complete;
        if decl.name.is_some() || !(is_function || decl.body.is_complete) {
            return found;
        }
        let start = decl.kind.range.start();
        let before = self.whole_text().get(..usize::from(start)).unwrap_or_default();
        let column = before.len() - before.trim_end_matches([' ', '\t']).len();
        let lead = self.span(TextRange::new(start - TextSize::new(column as u32), start));
        let word = if is_function { Kind::Fn } else { Kind::Task };
        report::with_kind(found, lead, &decl.kind.text, word.word())
    }

    /// What stands before the body.
    fn header(&mut self, decl: &Decl, def: &KindDef) {
        match &decl.name {
            None if def.has_name => {
                let at = self.span(decl.kind.range);
                self.report(report::unnamed_declaration(at, def.kind.word()));
            }
            Some(name) if !def.has_name => {
                let at = self.span(name.range);
                let gap = TextRange::new(decl.kind.range.end(), name.range.end());
                self.report(report::needless_name(at, def.kind.word(), gap));
            }
            _ => {}
        }
        if let (Some(params), false) = (&decl.params, def.has_params) {
            let range = params.iter().map(|it| it.range).reduce(TextRange::cover);
            let at = self.span(range.unwrap_or(decl.kind.range));
            self.report(report::not_allowed_here(at, def.kind.word(), "parameters"));
        }
        if let (Some(extends), false) = (&decl.extends, def.has_extends) {
            let at = self.span(extends.range);
            self.report(report::not_allowed_here(at, def.kind.word(), "`extends`"));
        }
    }

    /// `extends path(args)`
    fn extends(&mut self, decl: &Decl) {
        let Some(extends) = &decl.extends else { return };
        let Some(base) = self.base_of(self.item) else {
            return self.unknown_base(&extends.path);
        };
        if base.kind(self.db) == Kind::Unknown {
            return;
        }
        if !base.kind(self.db).is_base() {
            let at = self.span(extends.range);
            let what = format!("`{}`, a `{}`,", base.name(self.db), base.kind(self.db));
            self.report(report::extends_nothing(at, &what));
            return;
        }
        let args = extends.args.as_deref().unwrap_or_default();
        let end = TextRange::new(extends.range.end(), extends.range.end());
        let range = if extends.args.is_some() { extends.range } else { end };
        let axes = Vec::new();
        self.arguments(base, signature(self.db, base), &axes, (args, range));
        if is_circular(self.db, self.item) {
            return;
        }
        let last = bases(self.db, self.item).nth(EXTENDS_MAX - 1);
        if last.is_some_and(|it| base_of(self.db, it).is_some()) {
            let at = self.span(extends.range);
            self.report(report::extends_too_long(at, EXTENDS_MAX));
        }
    }

    fn unknown_base(&mut self, path: &[Name]) {
        use crate::names::{Namespace, file_names, import_target, is_undeclared, resolve};
        if let [namespace, name] = path
            && let Some(import) = resolve(self.db, self.file, &namespace.text)
        {
            let target = import_target(self.db, import);
            let target = target.filter(|it| !is_undeclared(self.db, *it, &name.text));
            let Some(target) = target else { return };
            let names = file_names(self.db, target);
            let known = names.names(Namespace::Values).map(SmolStr::as_str);
            let at = self.span(name.range);
            self.report(report::no_member(at, &namespace.text, &name.text, known));
            return;
        }
        let is_known = |name: &&Name| !is_undeclared(self.db, self.file, &name.text);
        if let Some(name) = path.first().filter(is_known) {
            let items = self.file.items(self.db).iter();
            let bases = items.filter(|it| it.kind(self.db).is_base());
            let known: Vec<&str> =
                bases.filter(|it| **it != self.item).map(|it| it.name(self.db).as_str()).collect();
            let at = self.span(name.range);
            self.report(report::unknown_template(at, &name.text, known));
        }
    }

    fn members(&mut self, decl: &Decl, def: &KindDef) {
        let mut written = none_written(&decl.body);
        for member in &decl.body.members {
            match member {
                Member::Let(_) => {}
                Member::Check(check) => self.check(check),
                Member::Spread { value, range } => {
                    self.synth(*value);
                    let at = self.span(*range);
                    self.report(
                        report::not_allowed_here(at, def.kind.word(), "a spread among its fields")
                            .help("`extends` copies the fields of a template"),
                    );
                }
                Member::Field(field) => {
                    self.written_once(&mut written, field);
                    let start =
                        field.doc.as_ref().map_or(field.range.start(), |it| it.range.start());
                    self.member = Some(start);
                    self.decl_field(def, field);
                    self.member = None;
                }
            }
        }
        self.axes_beside_params(decl);
        if def.field("matrix").is_some() {
            self.matrix_size(decl);
        }
        if !decl.body.is_complete {
            return;
        }
        for field in &def.fields {
            let is_optional = field.default.is_some() || field.ty.may_be_none();
            if !is_optional
                && !is_written(&written, &field.name)
                && !self.inherits_field(&field.name)
            {
                let range = decl.name.as_ref().map_or(decl.kind.range, |it| it.range);
                let insert = self.insertion(&decl.body, &field.name, &field.ty);
                let at = self.span(range);
                self.report(report::missing_field(at, def.kind.word(), &field.name, insert));
            }
        }
    }

    /// An axis is chosen by name in a call, as a parameter is given, so they can't share one.
    fn axes_beside_params(&mut self, decl: &Decl) {
        let params = decl.params.as_deref().unwrap_or_default();
        if params.is_empty() {
            return;
        }
        for (axis, _) in crate::signature::matrix_axes(self.db, self.item) {
            let param = params.iter().filter_map(|it| it.name.as_ref()).find(|it| it.text == *axis);
            let Some(param) = param else { continue };
            let matrix = self.own_field("matrix").map(|it| self.ast.expr(it));
            let own = match matrix {
                Some(Expr::Record(record)) => record.members.iter().find_map(|it| match it {
                    Member::Field(field) if field.name.text == *axis => Some(field.name.range),
                    _ => None,
                }),
                _ => None,
            };
            let [first, second] = match own {
                Some(own) => [param.range, own],
                // What it extends has the axis.
                None => [decl.extends.as_ref().map_or(param.range, |it| it.range), param.range],
            };
            let (first, second) = (self.span(first), self.span(second));
            self.report(report::duplicate_item(second, axis, first));
        }
    }

    fn decl_field(&mut self, def: &KindDef, field: &Field) {
        let name = &field.name.text;
        self.reads = match def.kind {
            Kind::Profile | Kind::Secret => Reads::As(Ty::TEXT),
            _ => Reads::Forbidden,
        };
        if let Some(wanted) = def.field(name) {
            let by = By::Field(&wanted.name);
            let home = if name == "defaults" { Home::Unknown } else { self.home };
            if name == "matrix" {
                self.axes(field.value);
            } else {
                let expected = Expected { ty: &wanted.ty, by };
                self.at_home(home, |it| it.expect(field.value, expected));
            }
        } else if def.has_param_fields
            && let Some(param) = self.file_param_named(name)
        {
            let ty = value_type(self.db, param).clone();
            self.reads = Reads::As(ty.clone());
            self.expect(field.value, Expected { ty: &ty, by: By::Field(name) });
        } else {
            self.unknown_member(def, field);
        }
        self.reads = Reads::Forbidden;
    }

    fn unknown_member(&mut self, def: &KindDef, field: &Field) {
        let mut known: Vec<&str> = def.fields.iter().map(|it| it.name.as_str()).collect();
        let params: Vec<SmolStr> =
            if def.has_param_fields { self.file_params() } else { Vec::new() };
        known.extend(params.iter().map(SmolStr::as_str));
        let at = self.span(field.name.range);
        let members = self.ast.decl().map_or(&[][..], |it| &it.body.members);
        let measured = self.measured(field, |it| Some(&def.field(it)?.ty));
        let is_measured = measured.is_some();
        let fields = report::Fields { known, written: field_names(members), measured };
        let mut found = report::unknown_field(at, def.kind.word(), &field.name.text, &fields);
        if found.fixes.is_empty() && report::is_documentation(&field.name.text) {
            found.fixes.extend(self.as_documentation(field));
        }
        if self.is_assigned(field) {
            found = report::with_let(found, self.span(field.name.range), &field.name.text);
        }
        self.without_wrapper(&mut found, field);
        // The value is visited against the field that was probably meant, to find nothing wrong
        // there that would vanish with the fix.
        let meant = found.fixes.first().and_then(|fix| fix.edits.first());
        let meant = meant.and_then(|edit| def.field(&edit.text)).filter(|_| !is_measured);
        self.report(found);
        if let Some(meant) = meant {
            self.expect(field.value, Expected { ty: &meant.ty, by: By::Field(&meant.name) });
            return;
        }
        // What stands in a field that does not exist may be wrong only because of that.
        let before = self.out.diagnostics.len();
        self.synth(field.value);
        self.out.diagnostics.truncate(before);
    }

    /// Whether a field is written with `=`.
    fn is_assigned(&self, field: &Field) -> bool {
        let (start, end) = (field.name.range.end(), self.ast.expr_range(field.value).start());
        let gap = self.whole_text().get(usize::from(start)..usize::from(end));
        gap.is_some_and(|it| it.trim() == "=")
    }

    /// Moves a text that says what a declaration is for into `///` above it.
    fn as_documentation(&self, field: &Field) -> Option<rush_diagnostics::Fix> {
        let Expr::Text(parts) = self.ast.expr(field.value) else { return None };
        let value = fixed_text(parts)?;
        let decl = self.ast.decl()?;
        let text = self.whole_text();
        let (start, end) = (usize::from(field.range.start()), usize::from(field.range.end()));
        let before = text.get(..start)?;
        let line = before.trim_end_matches(' ').strip_suffix('\n')?;
        let is_alone = text.get(end..)?.trim_start_matches(' ').starts_with('\n');
        if self.ast.doc.is_some() || field.doc.is_some() || value.contains('\n') || !is_alone {
            return None;
        }
        let item = &self.id;
        let head = TextRange::empty(decl.kind.range.start());
        let member = TextRange::new((line.len() as u32).into(), field.range.end());
        let edits = vec![
            rush_diagnostics::Edit::replace(item, head, format!("/// {value}\n")),
            rush_diagnostics::Edit::replace(item, member, String::new()),
        ];
        Some(rush_diagnostics::Fix::automatic("say it above, with `///`", edits))
    }

    fn file_params(&self) -> Vec<SmolStr> {
        let items = self.file.items(self.db).iter();
        let params = items.filter(|item| item.kind(self.db) == Kind::Param);
        params.map(|item| item.name(self.db).clone()).collect()
    }

    fn file_param_named(&self, name: &str) -> Option<Item> {
        let item = crate::names::resolve(self.db, self.file, name)?;
        (item.kind(self.db) == Kind::Param).then_some(item)
    }

    /// Services whose parameters were read without needing them.
    fn unneeded_services(&mut self, decl: &Decl) {
        let reads = std::mem::take(&mut self.service_reads);
        if reads.is_empty() || !decl.kind().is_runnable() {
            return;
        }
        let needed = self.needed_services(decl, &reads);
        let mut differing = FxHashMap::default();
        for (service, base) in reads {
            let differing = differing.entry(service);
            let differing = *differing.or_insert_with(|| self.differing_calls(service));
            let (at, source) = (self.span_of(base), self.source_of(base));
            if let Some(calls) = differing.filter(|_| !source.contains('(')) {
                let places = calls.map(|it| (self.span_of(it), self.source_of(it)));
                self.report(report::ambiguous_service(at.clone(), source, places));
            }
            let is_needed = needed.as_ref().is_none_or(|it| it.contains(&service));
            if !is_needed && service != self.item {
                let name = service.name(self.db).clone();
                self.report(report::service_unneeded(at, &name));
            }
        }
    }

    /// The services that are named in `needs` and `steps`; `None` where only the plan knows them. One of which a
    /// parameter is read there is not yet needed.
    fn needed_services(&self, decl: &Decl, reads: &[(Item, ExprId)]) -> Option<FxHashSet<Item>> {
        let called = |base: &ExprId| match self.ast.expr(*base) {
            Expr::Call { callee, .. } => *callee,
            _ => *base,
        };
        let read = reads.iter().flat_map(|(_, base)| [*base, called(base)]);
        let read: FxHashSet<ExprId> = read.collect();
        let mut needed = Vec::new();
        for field in ["needs", "steps"] {
            let Some(value) = self.own_field(field) else {
                if decl.extends.is_some() {
                    return None;
                }
                continue;
            };
            let list = self.ast.expr_range(value);
            for id in (0..self.ast.expr_count()).map(|at| ExprId(at as u32)) {
                if list.contains_range(self.ast.expr_range(id)) && !read.contains(&id) {
                    self.services_of(id, &mut needed)?;
                }
            }
        }
        Some(needed.into_iter().collect())
    }

    /// Adds the services that a name or a call may stand for; `None` if that may be any.
    fn services_of(&self, id: ExprId, found: &mut Vec<Item>) -> Option<()> {
        let named = match self.ast.expr(id) {
            Expr::Name(_) | Expr::Field { .. } | Expr::Index { .. } => id,
            Expr::Call { callee, .. } => *callee,
            _ => return Some(()),
        };
        match self.out.meanings.get(&named) {
            Some(Meaning::Item(item)) if item.kind(self.db).is_runnable() => {
                found.push(*item);
                Some(())
            }
            _ => services_in(self.out.ty(id), found),
        }
    }

    /// The value of a field this declaration writes itself.
    pub fn own_field(&self, name: &str) -> Option<ExprId> {
        self.ast.field(name).map(|it| it.value)
    }

    /// Whether a field is written here or in what this declaration extends.
    pub fn inherits_field(&self, name: &str) -> bool {
        self.with_bases().any(|item| self.ast_of(item).field(name).is_some())
    }

    /// This declaration and what it extends, nearest first.
    pub fn with_bases(&self) -> impl Iterator<Item = Item> {
        let first = self.base_of(self.item);
        let further = first.into_iter().flat_map(|it| bases(self.db, it));
        let bases = first.into_iter().chain(further).take(EXTENDS_MAX);
        std::iter::once(self.item).chain(bases.take_while(|it| *it != self.item))
    }

    /// Where a fix can add to a field.
    fn field_site(&self, name: &str) -> FieldSite {
        match self.own_field(name) {
            None => FieldSite::Absent,
            Some(value) => match self.ast.expr(value) {
                Expr::Record(record) if plain_record(record) => FieldSite::Written(record.range),
                Expr::List(elements) if elements.iter().all(is_value) => {
                    FieldSite::Written(self.ast.expr_range(value))
                }
                _ => FieldSite::Unknown,
            },
        }
    }
}

/// Whether a field is written, also in the words of other tools: those are reported already.
fn is_written(written: &Written, field: &str) -> bool {
    const SOURCES: [&str; 4] = ["env", "file", "value", "variable"];
    written.contains_key(field)
        || written.keys().any(|it| {
            rush_diagnostics::synonym(it) == Some(field)
                || (field == "from" && SOURCES.contains(&it.as_str()))
        })
}

fn plain_record(record: &rush_syntax::ast::Record) -> bool {
    record.members.iter().all(|member| matches!(member, Member::Field(_)))
}

fn is_value(element: &rush_syntax::ast::Element) -> bool {
    matches!(element, rush_syntax::ast::Element::Value(_))
}

/// Adds the services that a value of this type may be or hold; `None` if that may be any.
fn services_in(ty: &Ty, found: &mut Vec<Item>) -> Option<()> {
    ty.members().iter().try_for_each(|member| match member.bare() {
        Ty::Decl { item, .. } => {
            found.push(*item);
            Some(())
        }
        Ty::Kind(kind) => (*kind != Kind::Service).then_some(()),
        Ty::List(inner) | Ty::Map(inner) => services_in(inner, found),
        Ty::Record(record) => record.fields.iter().try_for_each(|it| services_in(&it.ty, found)),
        _ => Some(()),
    })
}
