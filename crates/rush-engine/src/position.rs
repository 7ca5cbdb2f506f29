//! From a position that a plan remembers to the source as it is now.

use rush_diagnostics::{Source, TextSize};
use rush_plan::{Plan, Position, WorkspacePath};
use rush_project::Project;
use rush_semantics::Item;

/// The item a position lies in, and how far from its start.
pub fn item_at(project: &Project, plan: &Plan, position: Position) -> Option<(Item, TextSize)> {
    let db = project.db();
    let path = plan.origin().path(position.file).map(WorkspacePath::as_str)?;
    let file = project.file(path)?;
    let offset = offset(&Source::new(path, file.text(db).clone()), position)?;
    let starts = file.starts(db);
    let index = starts.partition_point(|start| *start <= offset).checked_sub(1)?;
    Some((*file.items(db).get(index)?, offset - *starts.get(index)?))
}

fn offset(source: &Source, position: Position) -> Option<TextSize> {
    let line = source.line_range(position.line.checked_sub(1)?)?;
    let before = source.slice(line).chars().take(position.column.saturating_sub(1) as usize);
    Some(line.start() + before.map(TextSize::of).sum::<TextSize>())
}
