//! What only this machine knows about a plan before it runs, as findings about the source.
//!
//! The executor says which field of which node; where that is written the plan's origin knows, and
//! the text tells how far it reaches.

use rush_diagnostics::{Code, Diagnostic, Span, TextRange, TextSize};
use rush_exec::{Finding, FindingKind};
use rush_plan::{Plan, Position};
use rush_project::Project;
use rush_semantics::Item;
use rush_syntax::ast::{ItemKind, Member};

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
            Diagnostic::new(Code::InputsMatchNothing, at.span, message)
                .help("patterns are relative to the package of the task; `//x` starts at the root")
        }
    })
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
