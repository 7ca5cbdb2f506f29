//! Paths and patterns, from the package of a task to the workspace root.

use rush_plan::{Glob, PathError, WorkspacePath};

use super::super::instance::InstanceId;
use super::super::report;
use super::super::session::{Eval, Place, Session};
use super::super::value::Value;

impl Session<'_> {
    /// A path of the task an instance ends up in.
    pub(in super::super) fn path(
        &mut self,
        id: InstanceId,
        text: &str,
        at: Place,
    ) -> Eval<WorkspacePath> {
        let package = WorkspacePath::new(self.package_of(id)).unwrap_or_default();
        package.join(text).map_err(|error| {
            let span = at.span(self.db);
            self.fail(report::outside(span, text, error))
        })
    }

    /// A pattern of the task an instance ends up in.
    pub(in super::super) fn pattern(
        &mut self,
        id: InstanceId,
        text: &str,
        at: Place,
    ) -> Eval<String> {
        let package = WorkspacePath::new(self.package_of(id)).unwrap_or_default();
        let body = text.strip_prefix('!').unwrap_or(text);
        if body.starts_with('/') && !body.starts_with("//") {
            let span = at.span(self.db);
            return Err(self.fail(report::outside(span, text, PathError::Absolute)));
        }
        let glob = Glob::parse(text).map_err(|error| {
            let span = at.span(self.db);
            self.fail(report::bad_glob(span, text, &error.message))
        })?;
        match glob.resolve(&package) {
            Ok(resolved) => Ok(resolved.as_str().to_owned()),
            Err(error) => {
                let span = at.span(self.db);
                Err(self.fail(report::outside(span, text, error)))
            }
        }
    }

    /// The patterns of a field; `None` when it is absent.
    pub(super) fn patterns(
        &mut self,
        id: InstanceId,
        field: &str,
        value: &Value,
    ) -> Eval<Option<Vec<String>>> {
        let Value::List(elements) = value else { return Ok(None) };
        let at = self.field_or_name_place(id, field);
        let texts = elements.iter().filter_map(Value::as_text);
        texts.map(|it| self.pattern(id, it, at)).collect::<Eval<_>>().map(Some)
    }

    /// The paths of a field.
    pub(super) fn paths(
        &mut self,
        id: InstanceId,
        field: &str,
        value: &Value,
    ) -> Eval<Vec<WorkspacePath>> {
        let at = self.field_or_name_place(id, field);
        let texts = value.elements().iter().filter_map(Value::as_text);
        texts.map(|it| self.path(id, it, at)).collect()
    }

    /// The path of a field; `None` when it is absent.
    pub(super) fn opt_path(
        &mut self,
        id: InstanceId,
        field: &str,
        value: &Value,
    ) -> Eval<Option<WorkspacePath>> {
        let at = self.field_or_name_place(id, field);
        value.as_text().map(|it| self.path(id, it, at)).transpose()
    }

    /// The working directory: what is written, else the package.
    pub(in super::super) fn directory(
        &mut self,
        id: InstanceId,
        value: &Value,
    ) -> Eval<WorkspacePath> {
        let package = WorkspacePath::new(self.package_of(id)).unwrap_or_default();
        Ok(self.opt_path(id, "dir", value)?.unwrap_or(package))
    }
}
