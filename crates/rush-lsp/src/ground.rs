//! What a question is answered from: snapshots while it is found, tables while it is told.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use ls_types::{Position, Range, Uri};
use rush_diagnostics::{Diagnostic, FileId};
use rush_ide::World;
use rush_plan::Host;
use rush_semantics::{RushDatabase, SourceFile};
use rush_system::System;
use salsa::{CancellationToken, Database as _};
use text_size::{TextRange, TextSize};

use crate::answers::TokenMemory;
use crate::capabilities::Session;
use crate::files::Listing;
use crate::history::TaskHistory;
use crate::lint::{Lints, ScriptLinter};
use crate::position::Lines;
use crate::settings::Settings;
use crate::table::{Names, Table};

/// What holds for the whole conversation.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// What the editor can take.
    pub(crate) session: Session,
    /// What the person wants.
    pub(crate) settings: Settings,
    /// What ran before.
    pub(crate) history: Arc<dyn TaskHistory>,
    /// The world, for its clock.
    pub(crate) system: Arc<dyn System>,
    /// The facts about this machine.
    pub(crate) host: Host,
    /// Checks shell scripts.
    pub(crate) linter: Arc<dyn ScriptLinter>,
    /// What was said about scripts.
    pub(crate) lints: Lints,
    /// What was said of the words of documents.
    pub(crate) tokens: TokenMemory,
}

impl Terms {
    /// What answers depend on besides the texts.
    pub(crate) fn world<'a>(&'a self, files: &'a Listing) -> World<'a> {
        let now = self.system.now().duration_since(UNIX_EPOCH);
        World { files, host: &self.host, now: now.map_or(0, |it| it.as_secs().cast_signed()) }
    }
}

/// A snapshot of one workspace.
pub(crate) struct View {
    /// The texts, and what follows from them.
    pub(crate) db: RushDatabase,
    /// How its files are named.
    pub(crate) names: Arc<Names>,
    /// What is in its folders.
    pub(crate) files: Listing,
    /// What the rules about the graph last said.
    pub(crate) graph: Arc<Vec<Diagnostic>>,
    /// The files that the answer speaks of.
    pub(crate) table: Table,
}

/// A document that is asked about, in its workspace.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The file.
    pub(crate) file: SourceFile,
    /// Its number.
    pub(crate) id: FileId,
    /// Its name, as the editor spells it.
    pub(crate) uri: Uri,
    /// Its text.
    pub(crate) lines: Arc<Lines>,
}

/// What a question is answered from, while snapshots are held.
pub(crate) struct Ground {
    pub(crate) terms: Arc<Terms>,
    pub(crate) views: Vec<View>,
    /// The document, which belongs to the first view.
    pub(crate) asked: Option<Asked>,
}

/// What a question is answered from, when the snapshots are dropped.
pub(crate) struct Desk {
    pub(crate) terms: Arc<Terms>,
    /// One for each view.
    pub(crate) tables: Vec<Table>,
    pub(crate) asked: Option<Asked>,
    /// The roots of the workspaces, one for each view.
    pub(crate) names: Vec<Arc<Names>>,
}

impl Ground {
    /// The document that is asked about, and its workspace.
    pub(crate) fn document(&mut self) -> Option<(&mut View, &Asked)> {
        Some((self.views.first_mut()?, self.asked.as_ref()?))
    }

    /// The byte of the document at a position.
    pub(crate) fn offset(&self, position: Position) -> Option<TextSize> {
        let lines = &self.asked.as_ref()?.lines;
        Some(TextSize::new(lines.offset(position, self.terms.session.encoding) as u32))
    }

    /// The bytes of the document in a range.
    pub(crate) fn range(&self, range: Range) -> Option<TextRange> {
        let lines = &self.asked.as_ref()?.lines;
        let offsets = lines.offsets(range, self.terms.session.encoding);
        Some(TextRange::new((offsets.start as u32).into(), (offsets.end as u32).into()))
    }

    /// What stops the work on each snapshot.
    pub(crate) fn cancellation_tokens(&self) -> Vec<CancellationToken> {
        self.views.iter().map(|it| it.db.cancellation_token()).collect()
    }

    /// Drops the snapshots.
    pub(crate) fn leave(self) -> Desk {
        let Self { terms, views, asked } = self;
        let names = views.iter().map(|it| Arc::clone(&it.names)).collect();
        let tables = views.into_iter().map(|it| it.table).collect();
        Desk { terms, tables, asked, names }
    }
}

impl View {
    /// Notes files that the answer speaks of.
    pub(crate) fn note(&mut self, files: impl IntoIterator<Item = FileId>) {
        for file in files {
            self.table.note(&self.db, file);
        }
    }
}

impl Desk {
    /// The files of the document's workspace.
    pub(crate) fn table(&self) -> Option<&Table> {
        self.tables.first()
    }

    /// A range of the document that is asked about.
    pub(crate) fn range(&self, range: TextRange) -> Option<Range> {
        Some(self.asked.as_ref()?.lines.range(range.into(), self.terms.session.encoding))
    }
}
