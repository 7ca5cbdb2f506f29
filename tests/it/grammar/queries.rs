//! The queries of the tree-sitter grammar.

use tree_sitter::Query;

use crate::repository::{files, read};

/// Queries that every editor takes as they are.
const COMMON: [&str; 2] = ["highlights.scm", "injections.scm"];

/// Editors that want the queries in a folder of their own have copies, and some of their own.
#[test]
fn queries_of_editors_are_copies_or_fit_the_grammar() {
    let language = tree_sitter_rush::LANGUAGE.into();
    for path in files("editors", ".scm") {
        let name = path.rsplit('/').next().unwrap_or_default();
        if COMMON.contains(&name) {
            let source = format!("grammar/tree-sitter-rush/queries/{name}");
            assert!(read(&path) == read(&source), "{path} differs from {source}; copy it");
        } else {
            let query = Query::new(&language, &read(&path));
            assert!(query.is_ok(), "{path}: {:?}", query.err());
        }
    }
}

#[test]
fn every_query_fits_the_grammar() {
    let language = tree_sitter_rush::LANGUAGE.into();
    let queries = [
        ("highlights", tree_sitter_rush::HIGHLIGHTS_QUERY),
        ("injections", tree_sitter_rush::INJECTIONS_QUERY),
        ("locals", tree_sitter_rush::LOCALS_QUERY),
        ("folds", tree_sitter_rush::FOLDS_QUERY),
        ("indents", tree_sitter_rush::INDENTS_QUERY),
    ];
    for (name, query) in queries {
        let query = Query::new(&language, query);
        assert!(query.is_ok(), "{name}: {:?}", query.err());
    }
}
