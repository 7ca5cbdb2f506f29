//! `rush list`: what can be run here.

use rush_diagnostics::TextSize;
use rush_project::Project;
use rush_semantics::{Item, eval, names, signature};
use serde::{Deserialize, Serialize};

use rush_syntax::Kind;

use crate::check::broken;
use crate::flag::Form;

/// Which declarations are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Tasks that are not private.
    Public,
    /// Private tasks, templates and services too.
    All,
}

/// What can be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Sound declarations: those around the caller first, then by label.
    pub tasks: Vec<ListedTask>,
    /// How many items have errors, and so are left out.
    pub broken: usize,
    /// Whether the check of every item came to its end; if not, a bug in Rush hid something.
    pub is_certain: bool,
}

/// What can be run, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedText {
    /// The list.
    pub text: String,
    /// How many items have errors, and so are left out.
    pub broken: usize,
}

/// One declaration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedTask {
    /// What to type to run it from here.
    pub name: String,
    /// The full label.
    pub label: String,
    /// `task`, `service` or `template`.
    pub kind: String,
    /// The first line of its docs.
    pub summary: Option<String>,
    /// Its parameters.
    pub params: Vec<ListedParam>,
    /// The file, as people see it, and the line from 1.
    pub place: (String, u32),
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedParam {
    /// Its name.
    pub name: String,
    /// Its type, as written in a task file.
    pub ty: String,
    /// Whether it must be given.
    pub is_required: bool,
    /// The source of its default.
    pub default: Option<String>,
    /// How it is given on the command line.
    pub form: Form,
}

impl ListedParam {
    /// How it is given on the command line: `--crate CRATE`, `--release`, `-- ARGS`.
    pub fn usage(&self) -> String {
        let flag = self.name.replace('_', "-");
        match self.form {
            // What is on already can only be turned off.
            Form::Switch if self.default.as_deref() == Some("true") => format!("--no-{flag}"),
            Form::Switch => format!("--{flag}"),
            Form::Value => format!("--{flag} {}", self.name.to_uppercase()),
            Form::Repeated => format!("--{flag} {}...", self.name.to_uppercase()),
            Form::Rest => format!("-- {}...", self.name.to_uppercase()),
            Form::CallOnly => format!("({}: ..)", self.name),
        }
    }
}

/// Lists what can be run.
#[tracing::instrument(level = "info", skip_all)]
pub fn list(project: &Project, which: Which) -> Listing {
    let db = project.db();
    let broken = broken(project);
    let mut tasks = Vec::new();
    for (path, file) in project.files() {
        let starts = file.starts(db).iter();
        let items =
            file.items(db).iter().zip(starts).filter(|(item, _)| is_listed(project, **item, which));
        let sound = items.filter(|(item, _)| !broken.items.contains(*item));
        let mut lines = Lines { text: file.text(db), offset: 0, line: 1 };
        for (item, start) in sound {
            let place = (project.shown(path), lines.of(name_offset(project, *item, *start)));
            tasks.push(listed(project, *item, place));
        }
    }
    tasks.sort_by_cached_key(|it| (it.name.starts_with("//"), it.name.clone()));
    Listing { tasks, broken: broken.items.len(), is_certain: broken.is_certain }
}

/// The file of an item, as people see it, and the line it starts on.
pub(crate) fn place_of(project: &Project, item: Item) -> (String, u32) {
    let db = project.db();
    let file = item.file(db);
    let at = file.items(db).iter().position(|it| *it == item);
    let start = at.and_then(|it| file.starts(db).get(it)).copied().unwrap_or_default();
    let mut lines = Lines { text: file.text(db), offset: 0, line: 1 };
    (project.shown(file.path(db)), lines.of(name_offset(project, item, start)))
}

fn is_listed(project: &Project, item: Item, which: Which) -> bool {
    let db = project.db();
    if item.name(db).is_empty() {
        return false;
    }
    match (item.kind(db), which) {
        (Kind::Task, Which::Public) => !names::is_private(item.name(db)),
        (Kind::Task | Kind::Template | Kind::Service, Which::All) => true,
        _ => false,
    }
}

fn listed(project: &Project, item: Item, place: (String, u32)) -> ListedTask {
    let db = project.db();
    let ast = item.ast(db);
    let params = signature::signature(db, item).params.iter().map(|param| ListedParam {
        name: param.name.to_string(),
        ty: param.ty.to_string(),
        is_required: !param.has_default && !param.is_rest,
        default: eval::default_source(db, item, Some(&param.name)),
        form: Form::of(param),
    });
    let label = names::label(db, item);
    ListedTask {
        name: crate::label::short(project, &label),
        label,
        kind: item.kind(db).to_string(),
        summary: ast.doc.as_ref().and_then(|it| it.text.lines().next()).map(str::to_owned),
        params: params.collect(),
        place,
    }
}

/// Where the name of an item stands: below its docs and comments.
fn name_offset(project: &Project, item: Item, start: TextSize) -> usize {
    let name = item.ast(project.db()).name().map(|it| it.range.start()).unwrap_or_default();
    usize::from(start + name)
}

/// Counts lines along a text, for offsets that grow.
struct Lines<'t> {
    text: &'t str,
    offset: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, offset: usize) -> u32 {
        let between = self.text.get(self.offset..offset).unwrap_or_default();
        self.line += between.matches('\n').count() as u32;
        self.offset = offset;
        self.line
    }
}
