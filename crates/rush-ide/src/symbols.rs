//! The outline of a file, and the search for names in the workspace.
//!
//! - `document_symbols(db, file) -> Vec<DocumentSymbol>`: each item, with the parameters, `let`s and
//!   fields of a declaration below it. The detail is what a caller has to know: parameters, the base,
//!   a type, a value in short. Items whose name is still missing are there as their keyword.
//! - `workspace_symbols(db, query, limit) -> Vec<WorkspaceSymbol>`: names of all files that have the
//!   letters of the query in order, the best first. A query with `:` or `/` is compared to the whole
//!   label, so `//web:b` finds `build` of `web`. Only what is returned is parsed.

use rush_semantics::check::deprecation;
use rush_semantics::names::{files, label};
use rush_semantics::signature::{result_type, value_type};
use rush_semantics::{Db, Item, SourceFile};
use rush_syntax::Kind;
use rush_syntax::ast::{
    self, Decl, Expr, Field, ItemKind, Let, Member, Name, ParamDecl, Record, TypeExpr, TypeId,
};
use text_size::TextRange;

use crate::fuzzy;
use crate::place::{FileRange, Placed};
use crate::syntax::{slice, whole};

/// The longest detail, in characters.
const DETAIL_MAX: usize = 80;

/// Something with a name in the outline of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentSymbol {
    /// Its name.
    pub name: String,
    /// What it is like, in a few words; may be empty.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Whether its doc says that it is not to be used any more.
    pub is_deprecated: bool,
    /// All of it, docs included.
    pub at: FileRange,
    /// Its name, inside `at`.
    pub selection: FileRange,
    /// What is below it.
    pub children: Vec<Self>,
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SymbolKind {
    /// `use`
    Namespace,
    /// `let`
    Variable,
    /// `param`, and the parameters of a declaration.
    Parameter,
    /// `fn`
    Function,
    /// `type`
    Type,
    /// A member of a union of literals or tags.
    Member,
    /// A field of a record.
    Field,
    /// `check`
    Check,
    /// `task`
    Task,
    /// `template`
    Template,
    /// `service`
    Service,
    /// `secret`
    Secret,
    /// `profile`
    Profile,
    /// `workspace`
    Workspace,
    /// A kind of the prelude, or a declaration of a kind nobody knows.
    Kind,
}

impl SymbolKind {
    /// What an item of this kind is.
    pub(crate) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Use => Self::Namespace,
            Kind::Let => Self::Variable,
            Kind::Param => Self::Parameter,
            Kind::Fn => Self::Function,
            Kind::Type => Self::Type,
            Kind::Check => Self::Check,
            Kind::Task => Self::Task,
            Kind::Template => Self::Template,
            Kind::Service => Self::Service,
            Kind::Secret => Self::Secret,
            Kind::Profile => Self::Profile,
            Kind::Workspace => Self::Workspace,
            Kind::Nothing | Kind::Kind | Kind::Unknown => Self::Kind,
        }
    }
}

/// A name of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceSymbol {
    /// The name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// Whether its doc says that it is not to be used any more.
    pub is_deprecated: bool,
    /// The path of its file, relative to the workspace root.
    pub container: String,
    /// Where the name is.
    pub at: FileRange,
    /// How well it fits the query; higher is better.
    pub score: i32,
}

/// The outline of a file.
pub fn document_symbols(db: &dyn Db, file: SourceFile) -> Vec<DocumentSymbol> {
    let mut found = Vec::new();
    for placed in Placed::all(db, file) {
        db.unwind_if_revision_cancelled();
        let kind = placed.item.kind(db);
        if kind == Kind::Nothing {
            continue;
        }
        let outline = Outline { db, placed, ast: placed.item.ast(db), text: placed.item.text(db) };
        found.push(outline.item(SymbolKind::of(kind)));
    }
    found
}

/// The names of the workspace that fit a query, the best first.
pub fn workspace_symbols(db: &dyn Db, query: &str, limit: usize) -> Vec<WorkspaceSymbol> {
    let by_label = query.contains([':', '/']);
    let mut found = Vec::new();
    for file in files(db) {
        db.unwind_if_revision_cancelled();
        for placed in Placed::all(db, file) {
            let name = placed.item.name(db);
            if name.is_empty() {
                continue;
            }
            let score = if by_label {
                fuzzy::score(query, &label(db, placed.item))
            } else {
                fuzzy::score(query, name)
            };
            found.extend(score.map(|score| (score, placed)));
        }
    }
    // Stable, so that equals stay in the order of files.
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.truncate(limit);
    let named = found.into_iter().filter_map(|(score, placed)| {
        let range = placed.item.ast(db).name()?.range;
        Some(WorkspaceSymbol {
            name: placed.item.name(db).to_string(),
            kind: SymbolKind::of(placed.item.kind(db)),
            is_deprecated: deprecation(db, placed.item).is_some(),
            container: placed.item.file(db).path(db).to_string(),
            at: placed.range(db, range),
            score,
        })
    });
    named.collect()
}

struct Outline<'a> {
    db: &'a dyn Db,
    placed: Placed,
    ast: &'a ast::Item,
    text: &'a str,
}

impl Outline<'_> {
    fn item(&self, kind: SymbolKind) -> DocumentSymbol {
        let all = whole(self.text);
        let item = self.placed.item;
        let (name, selection) = match self.ast.name() {
            Some(name) => (name.text.to_string(), name.range),
            None => (self.unnamed(), self.keyword(all)),
        };
        let mut symbol = DocumentSymbol {
            name,
            detail: self.detail(item),
            kind,
            is_deprecated: deprecation(self.db, item).is_some(),
            at: self.placed.range(self.db, all.cover(selection)),
            selection: self.placed.range(self.db, selection),
            children: self.children(),
        };
        cover_children(&mut symbol);
        symbol
    }

    /// What an item without a name is shown as.
    fn unnamed(&self) -> String {
        match &self.ast.kind {
            ItemKind::Check(check) => {
                format!("check {}", short(slice(self.text, self.ast.expr_range(check.condition))))
            }
            _ => self.opening().to_owned(),
        }
    }

    /// The word the item opens with, as written.
    fn opening(&self) -> &str {
        match &self.ast.kind {
            ItemKind::Decl(decl) => &decl.kind.text,
            _ => self.placed.item.kind(self.db).word(),
        }
    }

    /// Where that word is.
    fn keyword(&self, all: TextRange) -> TextRange {
        let word = self.opening();
        let opens = |line: &str| line.starts_with(word);
        let lines = self.text.split_inclusive('\n').scan(0, |start, line| {
            let at = *start;
            *start += line.len();
            Some((at, line))
        });
        let mut lines = lines.filter(|(_, line)| opens(line.trim_start_matches('\u{feff}')));
        let Some((at, line)) = lines.next() else { return TextRange::empty(all.start()) };
        let start = at + line.find(word).unwrap_or(0);
        crate::syntax::range(start, start + word.len())
    }

    fn detail(&self, item: Item) -> String {
        let detail = match &self.ast.kind {
            ItemKind::Nothing | ItemKind::Check(_) => String::new(),
            ItemKind::Use { path, .. } => {
                path.as_ref().map(|it| it.text.to_string()).unwrap_or_default()
            }
            ItemKind::Let(_) | ItemKind::Param(_) => value_type(self.db, item).to_string(),
            ItemKind::Fn { params, .. } => {
                format!("({}) -> {}", self.params(params), result_type(self.db, item))
            }
            ItemKind::Type { ty, .. } => slice(self.text, self.ast.type_range(*ty)).to_owned(),
            ItemKind::Decl(decl) => self.head(decl),
            ItemKind::Kind(kind) => {
                let words: Vec<&str> = kind.abilities.iter().map(|it| it.text.as_str()).collect();
                if words.is_empty() { String::new() } else { format!("({})", words.join(", ")) }
            }
        };
        short(&detail)
    }

    /// The parameters and the base of a declaration.
    fn head(&self, decl: &Decl) -> String {
        let params = decl.params.as_ref().map(|it| format!("({})", self.params(it)));
        let base =
            decl.extends.as_ref().map(|it| format!("extends {}", slice(self.text, it.range)));
        params.into_iter().chain(base).collect::<Vec<_>>().join(" ")
    }

    fn params(&self, params: &[ParamDecl]) -> String {
        let all: Vec<String> =
            params.iter().map(|it| squeeze(slice(self.text, it.range))).collect();
        all.join(", ")
    }

    fn children(&self) -> Vec<DocumentSymbol> {
        match &self.ast.kind {
            ItemKind::Decl(decl) => {
                let params = decl.params.iter().flatten().filter_map(|it| self.param(it));
                params.chain(self.members(&decl.body, Depth::Declaration)).collect()
            }
            ItemKind::Fn { params, .. } => params.iter().filter_map(|it| self.param(it)).collect(),
            ItemKind::Type { ty, .. } => self.type_members(*ty),
            ItemKind::Kind(kind) => {
                kind.fields.iter().filter_map(|it| self.declared(it, SymbolKind::Field)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn param(&self, param: &ParamDecl) -> Option<DocumentSymbol> {
        self.declared(param, SymbolKind::Parameter)
    }

    fn declared(&self, param: &ParamDecl, kind: SymbolKind) -> Option<DocumentSymbol> {
        let name = param.name.as_ref()?;
        let detail = slice(self.text, self.ast.type_range(param.ty));
        let docs = param.doc.as_ref().map_or(param.range, |it| it.range);
        Some(self.symbol(name, kind, detail, docs.cover(param.range)))
    }

    fn type_members(&self, ty: TypeId) -> Vec<DocumentSymbol> {
        let single = [ty];
        let variants: &[TypeId] = match self.ast.ty(ty) {
            TypeExpr::Union(members) => members,
            _ => &single,
        };
        let mut found = Vec::new();
        for &variant in variants {
            match self.ast.ty(variant) {
                TypeExpr::Text(text) => {
                    let name = Name { text: text.clone(), range: self.ast.type_range(variant) };
                    found.push(self.symbol(&name, SymbolKind::Member, "", name.range));
                }
                TypeExpr::Tag { name, .. } => {
                    let at = self.ast.type_range(variant);
                    let detail = slice(self.text, TextRange::new(name.range.end(), at.end()));
                    found.push(self.symbol(name, SymbolKind::Member, detail, at));
                }
                TypeExpr::Record(fields) => {
                    found.extend(
                        fields.iter().filter_map(|it| self.declared(it, SymbolKind::Field)),
                    );
                }
                _ => {}
            }
        }
        found
    }

    fn members(&self, record: &Record, depth: Depth) -> Vec<DocumentSymbol> {
        let members = record.members.iter().filter_map(|member| match member {
            Member::Let(it) => self.local(it),
            Member::Field(it) => Some(self.field(it, depth)),
            Member::Check(_) | Member::Spread { .. } => None,
        });
        members.collect()
    }

    fn local(&self, it: &Let) -> Option<DocumentSymbol> {
        let name = it.name.as_ref()?;
        let value = self.ast.expr_range(it.value);
        let detail = slice(self.text, value);
        Some(self.symbol(name, SymbolKind::Variable, detail, name.range.cover(value)))
    }

    /// A field; one level deeper only what is a record, such as the axes of a matrix.
    fn field(&self, field: &Field, depth: Depth) -> DocumentSymbol {
        let record = match self.ast.expr(field.value) {
            Expr::Record(record) => Some(record),
            _ => None,
        };
        let detail = match record {
            Some(_) => "",
            None => slice(self.text, self.ast.expr_range(field.value)),
        };
        let docs = field.doc.as_ref().map_or(field.range, |it| it.range);
        let mut symbol =
            self.symbol(&field.name, SymbolKind::Field, detail, docs.cover(field.range));
        if let (Some(record), Depth::Declaration) = (record, depth) {
            symbol.children = self.members(record, Depth::Inside);
            cover_children(&mut symbol);
        }
        symbol
    }

    fn symbol(
        &self,
        name: &Name,
        kind: SymbolKind,
        detail: &str,
        all: TextRange,
    ) -> DocumentSymbol {
        DocumentSymbol {
            name: name.text.to_string(),
            detail: short(detail),
            kind,
            is_deprecated: false,
            at: self.placed.range(self.db, all.cover(name.range)),
            selection: self.placed.range(self.db, name.range),
            children: Vec::new(),
        }
    }
}

/// Makes a symbol as long as what is below it: in a torn text a member may end behind its item's
/// last word.
fn cover_children(symbol: &mut DocumentSymbol) {
    let all = symbol.children.iter().fold(symbol.at.range, |all, it| all.cover(it.at.range));
    symbol.at.range = all;
}

/// Where a record stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// It is the body of a declaration.
    Declaration,
    /// It is a field of one.
    Inside,
}

/// A text on one line.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text on one line that is not long.
fn short(text: &str) -> String {
    // Long scripts need not be read to their end.
    let start: String = text.chars().take(DETAIL_MAX * 4).collect();
    let line = squeeze(&start);
    if line.chars().count() <= DETAIL_MAX && start.len() == text.len() {
        return line;
    }
    let kept: String = line.chars().take(DETAIL_MAX - 2).collect();
    format!("{} ..", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{DocumentSymbol, document_symbols, workspace_symbols};
    use crate::fixture::Case;

    /// The outline as lines `kind name: detail`, two spaces deeper for each level; `~` before what is deprecated.
    fn check(input: &str, expect: &[&str]) {
        let case = Case::new(input);
        let mut lines = Vec::new();
        for symbol in document_symbols(&case.db, case.file) {
            show(&symbol, 0, &mut lines);
        }
        assert_eq!(lines, expect, "{input}");
    }

    fn show(symbol: &DocumentSymbol, depth: usize, lines: &mut Vec<String>) {
        assert!(symbol.at.range.contains_range(symbol.selection.range), "{symbol:?}");
        let kind = format!("{:?}", symbol.kind).to_lowercase();
        let detail = &symbol.detail;
        let colon = if detail.is_empty() { "" } else { ": " };
        let mark = if symbol.is_deprecated { "~" } else { "" };
        lines.push(format!("{}{kind} {mark}{}{colon}{detail}", "  ".repeat(depth), symbol.name));
        for child in &symbol.children {
            assert!(symbol.at.range.contains_range(child.at.range), "{child:?} in {symbol:?}");
            show(child, depth + 1, lines);
        }
    }

    /// What a query finds, as `path:line:column "name"`.
    fn search(query: &str, input: &str, expect: &[&str]) {
        let case = Case::new(input);
        let found: Vec<String> =
            workspace_symbols(&case.db, query, 3).iter().map(|it| case.show(it.at)).collect();
        assert_eq!(found, expect, "{query}");
    }

    #[test]
    fn values_show_their_type() {
        check("let x = 30s\n", &["variable x: 30s"]);
        check("/// Deprecated: see `y`.\nlet x = 30s\n", &["variable ~x: 30s"]);
        check("param p: int(1..=9) = 2\n", &["parameter p: int(1..=9)"]);
        check("fn f(a: bool) = [a]\n", &["function f: (a: bool) -> [bool]", "  parameter a: bool"]);
        check("use \"./x.rush\" as x\n", &["namespace x: ./x.rush"]);
    }

    #[test]
    fn declarations_show_their_head_and_fields() {
        check(
            "template t {}\ntask a(\n  /// Doc.\n  x: int = 1\n) extends t {\n  let y = x\n  run: `b ${y}`\n}\n",
            &[
                "template t",
                "task a: (x: int = 1) extends t",
                "  parameter x: int",
                "  variable y: x",
                "  field run: `b ${y}`",
            ],
        );
        check(
            "task a {\n  matrix { v: [1, 2] }\n  env { A: \"1\" }\n}\n",
            &[
                "task a",
                "  field matrix",
                "    field v: [1, 2]",
                "  field env",
                "    field A: \"1\"",
            ],
        );
        check(
            "workspace { members: [\"x\"] }\n",
            &["workspace workspace", "  field members: [\"x\"]"],
        );
        check("secret s { from: env(\"S\") }\n", &["secret s", "  field from: env(\"S\")"]);
    }

    #[test]
    fn types_show_their_members() {
        check("type E = \"a\" | \"b\"\n", &["type E: \"a\" | \"b\"", "  member a", "  member b"]);
        check(
            "type R = { a: int, b: bool = true }\n",
            &["type R: { a: int, b: bool = true }", "  field a: int", "  field b: bool"],
        );
        check(
            "type V = | f(d: duration) | 3\n",
            &["type V: f(d: duration) | 3", "  member f: (d: duration)"],
        );
    }

    #[test]
    fn items_without_a_name_are_their_keyword() {
        check("check 1 == 1, \"m\"\n", &["check check 1 == 1"]);
        check("let\n", &["variable let: unknown"]);
        check("task {\n  run: `x`\n}\n", &["task task", "  field run: `x`"]);
    }

    #[test]
    fn broken_items_keep_their_neighbours() {
        check(
            "task a {\n  run: \n  env {\n\ntask b {\n  run: `x`\n}\n",
            &["task a", "  field run", "  field env", "task b", "  field run: `x`"],
        );
        check("job a { x: 1 }\n", &["kind a", "  field x: 1"]);
    }

    #[test]
    fn long_values_are_cut() {
        let long = "a ".repeat(200);
        let shown = format!("  field run: `{} ..", "a ".repeat(39).trim_end());
        check(&format!("task a {{ run: `{long}` }}\n"), &["task a", &shown]);
    }

    const TWO: &str = "//- tasks.rush\ntask build {}\nlet rebuilds = 1\ntask bench_unit {}\n\
        //- web/tasks.rush\n/// Doc.\ntask build {}\ntype Build = \"x\"\n";

    #[test]
    fn names_of_all_files_are_found() {
        let two = ["tasks.rush:1:6 \"build\"", "web/tasks.rush:2:6 \"build\""];
        search("build", TWO, &[two[0], two[1], "web/tasks.rush:3:6 \"Build\""]);
        search("bu", TWO, &[two[0], two[1], "web/tasks.rush:3:6 \"Build\""]);
        search("beu", TWO, &["tasks.rush:3:6 \"bench_unit\""]);
        search("nothing", TWO, &[]);
    }

    #[test]
    fn labels_are_found_whole() {
        search("//web:b", TWO, &["web/tasks.rush:2:6 \"build\"", "web/tasks.rush:3:6 \"Build\""]);
        search("web/build", TWO, &[]);
    }

    #[test]
    fn no_query_finds_the_first() {
        search(
            "",
            TWO,
            &[
                "tasks.rush:1:6 \"build\"",
                "web/tasks.rush:2:6 \"build\"",
                "web/tasks.rush:3:6 \"Build\"",
            ],
        );
    }
}
