//! What there is to say about the thing under the cursor, as Markdown.

mod keywords;
mod literal;
mod members;
mod types;

use rush_plan::{Command, Host};
use rush_semantics::eval::{Preview, WrittenCommand, preview, written_commands};
use rush_semantics::infer::{LocalSource, infer};
use rush_semantics::names::{import_target, label};
use rush_semantics::{Db, Item, SourceFile, words};
use rush_syntax::Kind;
use rush_syntax::ast::{Doc, Expr, ItemKind, Member, ParamDecl, TypeExpr, TypeId};
use text_size::{TextRange, TextSize};

use crate::definition::{key_declaration, type_of};
use crate::files::FileView;
use crate::names::{Shape, names_at};
use crate::place::FileRange;
use crate::syntax::{indentation, reindented};
use crate::target::Target;

/// How many lines of a command or a script are shown.
const LINES_MAX: usize = 12;

/// What an answer depends on besides the texts.
pub struct World<'a> {
    /// The files of the workspace.
    pub files: &'a dyn FileView,
    /// The facts about this machine.
    pub host: &'a Host,
    /// The time, in seconds since 1970 in UTC.
    pub now: i64,
}

/// Something to show about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub at: FileRange,
    /// Markdown.
    pub text: String,
}

/// What there is to say about the name or the literal at `offset`.
pub fn hover(db: &dyn Db, world: &World<'_>, file: SourceFile, offset: TextSize) -> Option<Hover> {
    if let Some((placed, names)) = names_at(db, file, offset) {
        let about: Vec<String> =
            names.iter().filter_map(|it| describe(db, world, &it.target)).collect();
        if let (Some(first), false) = (names.first(), about.is_empty()) {
            let at = placed.range(db, first.range);
            return Some(Hover { at, text: about.join("\n\n---\n\n") });
        }
    }
    literal::hover(db, world, file, offset)
        .or_else(|| members::hover(db, file, offset))
        .or_else(|| types::hover(db, file, offset))
        .or_else(|| keywords::hover(db, file, offset))
}

/// What is known about what a name refers to.
fn describe(db: &dyn Db, world: &World<'_>, target: &Target) -> Option<String> {
    let mut page = Page::default();
    match target {
        Target::Item(item) => item_page(db, world, *item, &mut page),
        Target::Parameter { item, name } => {
            let param = parameter(db, *item, name)?;
            page.code(&lines(db, *item, param.range));
            page.doc(param.doc.as_ref());
            page.say(&format!("parameter of {} `{}`", item.kind(db), item.name(db)));
        }
        Target::Local { item, local } => {
            let ty = type_of(db, target)?;
            page.code(&format!("let {}: {ty}", target.name(db)?));
            if let LocalSource::Let(value) = infer(db, *item).locals.get(local.0 as usize)?.source {
                page.may_say(literal::meant(db, world, *item, value));
            }
        }
        Target::Axis { item, name } => {
            page.code(&format!("{name}: {}", type_of(db, target)?));
            page.say(&format!("axis of the matrix of `{}`", item.name(db)));
        }
        Target::Field { owner, name } => {
            let field = declared_fields(db, *owner).into_iter().find(|it| is_named(it, name))?;
            page.code(&lines(db, *owner, field.range));
            page.doc(field.doc.as_ref());
            page.say(&format!("field of `{}`", owner.name(db)));
        }
        Target::Key { item, shape, name } => {
            key_page(db, target, (*item, *shape, name), &mut page)?;
        }
        Target::Tag { owner, name } => tag_page(db, *owner, name, &mut page)?,
        Target::Variable { item, name } => variable_page(db, *item, name, &mut page),
        Target::File(file) => file_page(db, *file, &mut page),
        Target::Function(function) => {
            page.say_code((&function.signature(), function.doc()));
        }
        Target::Member(name) => page.say_code(words::member(name)?),
        Target::Word(name) => page.say_code(words::word(name)?),
    }
    Some(page.text)
}

fn item_page(db: &dyn Db, world: &World<'_>, item: Item, page: &mut Page) {
    let ast = item.ast(db);
    page.code(&head(db, item));
    page.doc(ast.doc.as_ref());
    match preview(db, item, world.host) {
        Some(Preview::Value(value)) => page.say(&format!("= `{value}`")),
        Some(Preview::Runs(commands)) if !commands.is_empty() => {
            page.say("runs");
            for command in &commands {
                page.command(command);
            }
        }
        None => {
            let commands = written_commands(db, item);
            if !commands.is_empty() {
                page.say("runs, as it is written");
            }
            for command in &commands {
                let (language, text) = match command {
                    WrittenCommand::Argv(text) => ("sh", text),
                    WrittenCommand::Script { tag, text } => (tag.as_str(), text),
                    WrittenCommand::Value(source) => ("rush-tasks", source),
                };
                page.fenced(language, &first_lines(text));
            }
        }
        Some(Preview::Runs(_)) => {}
    }
    match item.kind(db) {
        kind if kind.is_runnable() => page.say(&format!("`{}`", label(db, item))),
        Kind::Use => {
            if let Some(file) = import_target(db, item) {
                file_page(db, file, page);
            }
        }
        Kind::Let => {
            if let ItemKind::Let(it) = &ast.kind {
                page.may_say(literal::meant(db, world, item, it.value));
            }
        }
        Kind::Template | Kind::Profile => fields_of(db, item, page),
        Kind::Secret => {
            if let Some(from) = ast.field("from") {
                let from = slice(db, item, ast.expr_range(from.value));
                page.say(&format!("its value comes from `{from}` when a task starts"));
            }
        }
        _ => {}
    }
}

/// What a declaration that others take over says.
fn fields_of(db: &dyn Db, item: Item, page: &mut Page) {
    let Some(decl) = item.ast(db).decl() else { return };
    let names = decl.body.members.iter().filter_map(|it| match it {
        Member::Field(field) => Some(format!("`{}`", field.name.text)),
        Member::Let(_) | Member::Check(_) | Member::Spread { .. } => None,
    });
    let names: Vec<String> = names.collect();
    if !names.is_empty() {
        page.say(&format!("sets {}", names.join(", ")));
    }
}

fn file_page(db: &dyn Db, file: SourceFile, page: &mut Page) {
    page.code(file.path(db));
    page.doc(file.items(db).first().and_then(|it| it.ast(db).doc.as_ref()));
}

/// A variable of `env`, with its value as it is written there; a secret is written by its name.
fn variable_page(db: &dyn Db, item: Item, name: &str, page: &mut Page) {
    let ast = item.ast(db);
    let record = |value| match ast.expr(value) {
        Expr::Record(record) => Some(record),
        _ => None,
    };
    let own = ast.field("env").map(|it| it.value);
    let env = own.or_else(|| Some(record(ast.field("defaults")?.value)?.field("env")?.value));
    let value = env.and_then(|env| Some(record(env)?.field(name)?.value));
    let value = value.map(|it| slice(db, item, ast.expr_range(it)));
    page.code(&value.map_or_else(|| name.to_owned(), |value| format!("{name}: {value}")));
    let (kind, of) = (item.kind(db), item.name(db));
    let of = if of.is_empty() { format!("the {kind}") } else { format!("{kind} `{of}`") };
    page.say(&format!("environment variable that {of} sets"));
}

/// An item without its body: the line a reader needs to use it.
pub(crate) fn head(db: &dyn Db, item: Item) -> String {
    let ast = item.ast(db);
    match &ast.kind {
        ItemKind::Decl(decl) => {
            let start = decl.kind.range.start();
            let end = decl.body.range.start().max(start);
            lines(db, item, TextRange::new(start, end))
        }
        ItemKind::Let(it) => {
            let name = it.name.as_ref().map(|it| it.text.as_str()).unwrap_or_default();
            format!("let {name}: {}", rush_semantics::signature::value_type(db, item))
        }
        ItemKind::Param(it) => format!("param {}", lines(db, item, it.range)),
        ItemKind::Fn { name, params, .. } => {
            let name = name.as_ref().map(|it| it.text.as_str()).unwrap_or_default();
            let params: Vec<String> = params.iter().map(|it| slice(db, item, it.range)).collect();
            let result = rush_semantics::signature::result_type(db, item);
            format!("fn {name}({}) -> {result}", params.join(", "))
        }
        ItemKind::Type { name, ty } => {
            let name = name.as_ref().map(|it| it.text.as_str()).unwrap_or_default();
            format!("type {name} = {}", lines(db, item, ast.type_range(*ty)))
        }
        ItemKind::Kind(kind) => {
            let name = kind.name.as_ref().map(|it| it.text.as_str()).unwrap_or_default();
            format!("{name} {}{{ .. }}", if name == "workspace" { "" } else { "NAME " })
        }
        ItemKind::Use { .. } | ItemKind::Check(_) | ItemKind::Nothing => {
            item.text(db).trim().to_owned()
        }
    }
}

fn tag_page(db: &dyn Db, owner: Item, tag: &str, page: &mut Page) -> Option<()> {
    let ast = owner.ast(db);
    let mut types = (0..ast.type_count()).map(|at| TypeId(at as u32));
    let (at, fields) = types.find_map(|id| match ast.ty(id) {
        TypeExpr::Tag { name, fields } if name.text == tag => Some((id, fields)),
        _ => None,
    })?;
    let shown: Vec<String> = fields.iter().map(|it| slice(db, owner, it.range)).collect();
    let written = slice(db, owner, ast.type_range(at));
    page.code(&if shown.is_empty() { written } else { format!("{tag}({})", shown.join(", ")) });
    for field in fields {
        if let (Some(name), Some(doc)) = (&field.name, &field.doc) {
            page.say(&format!("`{}`: {}", name.text, doc.text.replace('\n', " ")));
        }
    }
    page.say(&format!("variant of `{}`", owner.name(db)));
    Some(())
}

/// A field of a record that no type gives a name.
fn key_page(
    db: &dyn Db,
    target: &Target,
    (item, shape, name): (Item, Shape, &str),
    page: &mut Page,
) -> Option<()> {
    match shape {
        Shape::Type(ty) => {
            let field = key_declaration(db, item, ty, name)?;
            page.code(&lines(db, item, field.range));
            page.doc(field.doc.as_ref());
        }
        Shape::Value(record) => {
            let Expr::Record(record) = item.ast(db).expr(record) else { return None };
            page.code(&format!("{name}: {}", type_of(db, target)?));
            page.doc(record.field(name)?.doc.as_deref());
        }
    }
    page.say(&format!("field of a record in {} `{}`", item.kind(db), item.name(db)));
    Some(())
}

fn parameter<'a>(db: &'a dyn Db, item: Item, name: &str) -> Option<&'a ParamDecl> {
    let params = rush_semantics::signature::params_of(&item.ast(db).kind);
    params.iter().find(|it| is_named(it, name))
}

/// The fields that a kind or type declares, those of its tags included.
fn declared_fields(db: &dyn Db, owner: Item) -> Vec<&ParamDecl> {
    let ast = owner.ast(db);
    let own = match &ast.kind {
        ItemKind::Kind(kind) => kind.fields.as_slice(),
        _ => &[],
    };
    let types = (0..ast.type_count()).map(|at| ast.ty(TypeId(at as u32)));
    let inner = types.filter_map(|it| match it {
        TypeExpr::Record(fields) | TypeExpr::Tag { fields, .. } => Some(fields),
        _ => None,
    });
    own.iter().chain(inner.flatten()).collect()
}

fn is_named(param: &ParamDecl, name: &str) -> bool {
    param.name.as_ref().is_some_and(|it| it.text == name)
}

/// The source at a range of an item, in one line.
fn slice(db: &dyn Db, item: Item, range: TextRange) -> String {
    let source = crate::syntax::slice(item.text(db), range);
    source.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The source at a range of an item with its lines: there may be docs between them.
fn lines(db: &dyn Db, item: Item, range: TextRange) -> String {
    let text = item.text(db);
    let source = crate::syntax::slice(text, range).trim();
    let own = indentation(text, range.start().into());
    reindented(source, own, "").unwrap_or_else(|| source.to_owned())
}

/// A page of Markdown that grows paragraph by paragraph.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn say(&mut self, paragraph: &str) {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(paragraph);
    }

    fn may_say(&mut self, paragraph: Option<String>) {
        if let Some(paragraph) = paragraph {
            self.say(&paragraph);
        }
    }

    fn code(&mut self, source: &str) {
        self.fenced("rush-tasks", source);
    }

    fn say_code(&mut self, (code, text): (&str, &str)) {
        self.code(code);
        self.say(text);
    }

    fn doc(&mut self, doc: Option<&Doc>) {
        if let Some(doc) = doc {
            self.say(doc.text.trim());
        }
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Argv { words } => {
                let words: Vec<_> = words.iter().map(|it| shown_word(it)).collect();
                self.fenced("sh", &words.join(" "));
            }
            Command::Script(script) => {
                self.fenced(script.interpreter.tag(), &first_lines(&script.text));
            }
        }
    }

    /// A block of code; its fence is longer than any inside.
    fn fenced(&mut self, language: &str, source: &str) {
        let longest = source.split(|it| it != '`').map(str::len).max().unwrap_or_default();
        let fence = "`".repeat(3.max(longest + 1));
        self.say(&format!("{fence}{language}\n{source}\n{fence}"));
    }
}

/// A word as a shell would need it; nothing is run from here.
fn shown_word(word: &str) -> String {
    let is_plain = |it: char| it.is_alphanumeric() || "-_./:=@%+,".contains(it);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn first_lines(body: &str) -> String {
    let mut lines: Vec<&str> = body.trim_end().lines().take(LINES_MAX + 1).collect();
    if lines.len() > LINES_MAX {
        lines.truncate(LINES_MAX);
        lines.push("...");
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests;
