//! The words of a workspace that can stand on the command line, for completion.
//!
//! Nothing is checked for them: who is in the middle of an edit wants Tab to work.

use rush_project::Project;
use rush_semantics::names::{Namespace, file_names, is_private, label};
use serde::{Deserialize, Serialize};

use rush_syntax::Kind;

use crate::label::short;

/// What can be named on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vocabulary {
    /// What to type for each task from here.
    pub tasks: Vec<String>,
    /// The full labels of the tasks.
    pub labels: Vec<String>,
    /// What to type for each service from here.
    pub services: Vec<String>,
    /// The profiles, sorted.
    pub profiles: Vec<String>,
    /// The `param`s of the files, sorted.
    pub params: Vec<String>,
}

/// Collects the words of all files. What is private can't be named.
pub fn vocabulary(project: &Project) -> Vocabulary {
    let db = project.db();
    let mut words = Vocabulary::default();
    for (_, file) in project.files() {
        let profiles = file_names(db, file).names(Namespace::Profiles);
        words.profiles.extend(profiles.map(ToString::to_string));
        for item in file.items(db).iter().filter(|it| !it.name(db).is_empty()) {
            let name = item.name(db);
            match item.kind(db) {
                Kind::Param => words.params.push(name.to_string()),
                Kind::Task if !is_private(name) => {
                    let label = label(db, *item);
                    words.tasks.push(short(project, &label));
                    words.labels.push(label);
                }
                Kind::Service if !is_private(name) => {
                    words.services.push(short(project, &label(db, *item)));
                }
                _ => {}
            }
        }
    }
    for words in [&mut words.profiles, &mut words.params] {
        words.sort();
        words.dedup();
    }
    words
}
