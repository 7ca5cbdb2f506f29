//! Types.

use rush_semantics::SourceFile;
use rush_semantics::names::{Namespace, declarations, file_names, is_private};
use rush_semantics::types::{PRIMITIVES, declared_type};
use rush_syntax::Kind;
use rush_syntax::ast::Name;

use super::list::{List, Rank};
use super::{Completion, CompletionKind, DocsId, Insert, Site};

/// Types that are written with others.
const FORMS: [(&str, &str); 3] = [("map", "map($0)"), ("[]", "[$0]"), ("{}", "{ $0 }")];

/// Whose types are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// Those that need no namespace.
    Ours,
    /// Those of an import, without what is private there.
    Theirs,
}

impl Site<'_> {
    /// Adds the types that have a name; of an import when there is a namespace.
    pub(super) fn types(self, namespace: Option<&Name>, list: &mut List) {
        if let Some(name) = namespace {
            if let Some(file) = self.import(&name.text) {
                self.declared(file, Whose::Theirs, Rank::Near, list);
            }
            return;
        }
        let file = self.draft.file(self.db);
        self.declared(file, Whose::Ours, Rank::Near, list);
        for name in PRIMITIVES {
            let it = list.proposal(name, CompletionKind::Type);
            list.add(Rank::Fits, it.documented(DocsId::word(name)));
        }
        for (label, snippet) in FORMS {
            let it = list.proposal(label, CompletionKind::Type);
            let insert = Insert::Snippet(snippet.to_owned());
            list.add(Rank::Form, Completion { insert, ..it });
        }
        self.declared(self.db.workspace().prelude(self.db), Whose::Ours, Rank::Other, list);
        for kind in [Kind::Task, Kind::Service] {
            let it =
                list.proposal(kind.word(), CompletionKind::Type).documented(DocsId::kind(kind));
            list.add(Rank::Other, it);
        }
        let uses = file.items(self.db).iter().filter(|it| it.kind(self.db) == Kind::Use);
        for item in uses.filter(|it| !it.name(self.db).is_empty()) {
            let it = list.proposal(item.name(self.db), CompletionKind::Namespace);
            list.add(Rank::HasParts, it);
        }
    }

    fn declared(self, file: SourceFile, whose: Whose, rank: Rank, list: &mut List) {
        let names = file_names(self.db, file).names(Namespace::Types);
        let all = names.filter(|name| whose == Whose::Ours || !is_private(name));
        for name in list.names(all.map(|it| (it.as_str(), it)).collect()) {
            let item = declarations(self.db, file, Namespace::Types, name).first().copied();
            let Some(item) = item.filter(|it| *it != self.draft.placed.item) else { continue };
            let it = list.proposal(name, CompletionKind::Type);
            let it = it.of_type(declared_type(self.db, item));
            list.add(rank, it.about(self.db, item));
        }
    }
}
