//! Which files of a workspace a request is about.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use rush_project::Project;

use crate::error::EngineError;

/// The files a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole workspace.
    Everything,
    /// These files, relative to the root.
    Files(BTreeSet<String>),
}

impl Scope {
    /// The files at or below these paths, which are absolute; no paths mean everything.
    ///
    /// A path without any file of the workspace is an error, so a mistyped one is not taken as clean.
    pub fn of_paths(project: &Project, paths: &[Utf8PathBuf]) -> Result<Self, EngineError> {
        if paths.is_empty() {
            return Ok(Self::Everything);
        }
        let mut files = BTreeSet::new();
        for path in paths {
            let path = &project.system().canonicalize(path).map_err(|it| project.refused(it))?;
            let inside = relative(project, path)?;
            let before = files.len();
            let all = project.files().map(|(file, _)| file);
            files.extend(all.filter(|file| lies_in(file, &inside)).map(str::to_owned));
            let is_known = project.files().any(|(file, _)| lies_in(file, &inside));
            if files.len() == before && !is_known {
                let seen = project.seen(path).into();
                let is_task_file = path.extension() == Some("rush");
                return Err(if is_task_file && !project.system().is_dir(path) {
                    EngineError::NotImported { path: seen }
                } else {
                    EngineError::NoTaskFiles { path: seen }
                });
            }
        }
        Ok(Self::Files(files))
    }

    /// Whether a file, given relative to the root, belongs to it.
    pub fn contains(&self, path: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::Files(files) => files.contains(path),
        }
    }
}

fn relative(project: &Project, path: &Utf8Path) -> Result<String, EngineError> {
    project.relative(path).ok_or_else(|| EngineError::OutsideWorkspace {
        path: project.seen(path).into(),
        root: project.root().to_owned(),
    })
}

/// Whether `file` is `path` or lies below it; both relative to the root.
fn lies_in(file: &str, path: &str) -> bool {
    path.is_empty()
        || file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
