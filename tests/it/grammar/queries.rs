//! The queries of the tree-sitter grammar.

use tree_sitter::Query;

use crate::repository::{files, read};

/// Editors that want the queries in a folder of their own have copies.
#[test]
fn copies_of_queries_are_equal() {
    for path in files("editors", ".scm") {
        let name = path.rsplit('/').next().unwrap_or_default();
        let source = format!("grammar/tree-sitter-rush/queries/{name}");
        assert!(read(&path) == read(&source), "{path} differs from {source}; copy it");
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
