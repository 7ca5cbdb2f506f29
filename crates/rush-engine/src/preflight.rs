//! What only this machine knows about a plan before it runs, as findings about the source.
//!
//! The executor says which field of which node; where that is written the plan's origin knows, and
//! the text tells how far it reaches.

use rush_diagnostics::{Code, Diagnostic, Span, TextRange, TextSize};
use rush_exec::{Finding, FindingKind};
use rush_plan::{Glob, Plan, Position};
use rush_project::Project;
use rush_semantics::graph::graph_facts;
use rush_semantics::signature::signature;
use rush_semantics::{Item, names};
use rush_syntax::Kind;
use rush_syntax::ast::{ItemKind, Member};

use crate::label;
use crate::position::item_at;
use crate::report::Report;

/// Looks for programs that are not there and inputs that match no file.
pub fn preflight(project: &Project, plan: &Plan) -> Report {
    let found = rush_exec::preflight(plan, project.root(), &**project.system());
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for finding in &found {
        // Calls of one task have the same findings at the same place.
        let diagnostic = diagnose(project, plan, finding);
        diagnostics.extend(diagnostic.filter(|it| !diagnostics.contains(it)));
    }
    Report::new(project, &diagnostics)
}

fn diagnose(project: &Project, plan: &Plan, finding: &Finding) -> Option<Diagnostic> {
    let position = plan.origin().field(finding.node, finding.field)?;
    let label = finding.label.strip_prefix("//:").unwrap_or(&finding.label);
    let at = Written::find(project, plan, position)?;
    Some(match &finding.kind {
        FindingKind::UnknownProgram { program } => {
            let message = format!("program `{program}` of `{label}` was not found");
            Diagnostic::new(Code::UnknownProgram, at.word(program), message)
                .help("install it, or name the directory it is in with `bin`")
        }
        FindingKind::InputsMatchNothing => {
            let message = format!("`inputs` of `{label}` matches no file");
            let diagnostic = Diagnostic::new(Code::InputsMatchNothing, at.span, message);
            let task = plan.node(finding.node).and_then(|it| it.as_task());
            let inputs = task.and_then(|it| it.inputs.as_deref()).unwrap_or_default();
            let wanted = inputs.iter().filter_map(|it| Glob::parse(it).ok());
            let wanted: Vec<Glob> = wanted.filter(|it| !it.is_negated()).collect();
            with_maker(project, diagnostic, label, &wanted)
        }
        FindingKind::InputMissing { path } => {
            let message =
                format!("`inputs` of `{label}` names `{path}`, and there is no such file");
            let diagnostic = Diagnostic::new(Code::InputsMatchNothing, at.span, message);
            with_maker(project, diagnostic, label, &[Glob::literal(path)])
        }
    })
}

/// Says of files that are not there which task would make them. It is none of the plan, so nobody needs it.
fn with_maker(project: &Project, found: Diagnostic, label: &str, wanted: &[Glob]) -> Diagnostic {
    match maker(project, label, wanted) {
        Some(Maker { label, .. }) if label.contains(':') => found.help(format!(
            "`{label}` writes that and is not in `needs`: import its file with `use`, and add it there"
        )),
        Some(Maker { label, call }) => found.help(format!(
            "`{label}` writes that and is not in `needs`: add `{call}` there, or read `{call}.outputs`"
        )),
        None => {
            found.help("patterns are relative to the package of the task; `//x` starts at the root")
        }
    }
}

/// A task that writes a path.
struct Maker {
    label: String,
    /// As it is called, with what it takes.
    call: String,
}

/// The first other task of the workspace one of whose outputs can be what is wanted.
fn maker(project: &Project, reader: &str, wanted: &[Glob]) -> Option<Maker> {
    let db = project.db();
    let items = project.files().flat_map(|(_, file)| file.items(db).iter().copied());
    let tasks = items.filter(|it| it.kind(db) == Kind::Task && !it.name(db).is_empty());
    tasks.filter(|item| writes(project, *item, wanted)).find_map(|item| {
        let label = label::short(project, &names::label(db, item));
        let taken: Vec<&str> = signature(db, item).required().map(|it| it.name.as_str()).collect();
        let call =
            if taken.is_empty() { label.clone() } else { format!("{label}({})", taken.join(", ")) };
        (label != reader).then_some(Maker { label, call })
    })
}

fn writes(project: &Project, item: Item, wanted: &[Glob]) -> bool {
    let outputs = &graph_facts(project.db(), item).outputs;
    let is_excluded = |glob: &Glob| outputs.excluded.iter().any(|it| glob.lies_inside(it));
    let mut patterns = outputs.wanted.iter().filter(|it| is_telling(&it.glob));
    let mut wanted = wanted.iter().filter(|it| !is_excluded(it));
    wanted.any(|wanted| patterns.any(|it| it.covers().intersects(wanted)))
}

/// Whether a pattern of outputs says more than that anything may be written.
fn is_telling(glob: &Glob) -> bool {
    !glob.literal_prefix().is_empty()
}

/// A field as it stands in a file.
struct Written<'a> {
    span: Span,
    text: &'a str,
}

impl<'a> Written<'a> {
    fn find(project: &'a Project, plan: &Plan, position: Position) -> Option<Self> {
        let db = project.db();
        let (item, offset) = item_at(project, plan, position)?;
        let range = field_at(project, item, offset);
        let text = item.text(db).get(std::ops::Range::<usize>::from(range))?;
        Some(Self { span: Span::new(item.id(db), range), text })
    }

    /// The first place of a word in the field, else the whole field.
    fn word(&self, word: &str) -> Span {
        let Some(at) = self.text.find(word).filter(|_| !word.is_empty()) else {
            return self.span.clone();
        };
        let start = self.span.range.start() + TextSize::new(at as u32);
        Span::new(self.span.item.clone(), TextRange::at(start, TextSize::of(word)))
    }
}

/// The field that starts there, else the name of the declaration.
fn field_at(project: &Project, item: Item, offset: TextSize) -> TextRange {
    let ast = item.ast(project.db());
    let members = match &ast.kind {
        ItemKind::Decl(decl) => decl.body.members.as_slice(),
        _ => &[],
    };
    let field = members.iter().find_map(|member| match member {
        Member::Field(field) if field.range.start() == offset => Some(field.range),
        _ => None,
    });
    let name = ast.name().map(|it| it.range);
    field.or(name).unwrap_or_else(|| TextRange::empty(offset))
}
