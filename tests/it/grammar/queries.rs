//! The queries of the tree-sitter grammar.

use std::collections::BTreeMap;

use tree_sitter::{Query, QueryCursor, StreamingIterator as _};

use super::corpus::sources;
use super::outline::{parser, tree};
use crate::repository::{files, read};

/// Queries that most editors take as they are; Helix has names of its own for colours.
const COMMON: [&str; 2] = ["highlights.scm", "injections.scm"];
const OF_HELIX: &str = "editors/helix/queries/highlights.scm";

/// Editors that want the queries in a folder of their own have copies, and some of their own.
#[test]
fn queries_of_editors_are_copies_or_fit_the_grammar() {
    let language = tree_sitter_rush::LANGUAGE.into();
    for path in files("editors", ".scm") {
        let name = path.rsplit('/').next().unwrap_or_default();
        if COMMON.contains(&name) && path != OF_HELIX {
            let source = format!("grammar/tree-sitter-rush/queries/{name}");
            assert!(read(&path) == read(&source), "{path} differs from {source}; copy it");
        } else {
            let query = Query::new(&language, &read(&path));
            assert!(query.is_ok(), "{path}: {:?}", query.err());
        }
    }
}

/// The keys that Helix's page about themes names for syntax, and that stand for those below them.
const COLOURS_OF_HELIX: &str = "attribute type type.builtin type.parameter type.enum constructor \
    constant constant.builtin constant.builtin.boolean constant.character \
    constant.character.escape constant.numeric constant.numeric.integer constant.numeric.float \
    string string.regexp string.special string.special.path comment comment.line \
    comment.line.documentation comment.block variable variable.builtin variable.parameter \
    variable.other variable.other.member label punctuation punctuation.delimiter \
    punctuation.bracket punctuation.special keyword keyword.control \
    keyword.control.conditional keyword.control.repeat keyword.control.import \
    keyword.control.return keyword.control.exception keyword.operator keyword.directive \
    keyword.function keyword.storage keyword.storage.type keyword.storage.modifier operator \
    function function.builtin function.method function.macro function.special tag namespace";

#[test]
fn helix_has_a_colour_for_each_name_and_one_for_each_word() {
    let language = tree_sitter_rush::LANGUAGE.into();
    let query = Query::new(&language, &read(OF_HELIX)).unwrap();
    let names = query.capture_names();
    for name in names {
        assert!(COLOURS_OF_HELIX.split_whitespace().any(|it| it == *name), "{name}");
    }
    let mut parser = parser();
    for source in sources() {
        let tree = tree(&source.text, &mut parser);
        let mut colours = BTreeMap::new();
        let mut cursor = QueryCursor::new();
        let mut found = cursor.captures(&query, tree.root_node(), source.text.as_bytes());
        while let Some((found, at)) = found.next() {
            let capture = found.captures()[*at];
            let node = capture.node;
            let colour = names[capture.index as usize];
            let known = colours.insert(node.id(), colour).unwrap_or(colour);
            let word = &source.text[node.byte_range()];
            assert_eq!(known, colour, "{}: {word}", source.place);
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
