//! The queries of the tree-sitter grammar.

use tree_sitter::Query;

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
