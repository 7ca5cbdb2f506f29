//! What each word is, for editors that colour by meaning: all of a document, what changed, or a part.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use ls_types::{
    SemanticToken, SemanticTokens, SemanticTokensDelta, SemanticTokensDeltaParams,
    SemanticTokensEdit, SemanticTokensFullDeltaResult, SemanticTokensParams,
    SemanticTokensRangeParams, SemanticTokensRangeResult, SemanticTokensResult, Uri,
};
use rush_ide::{Token, semantic_tokens};
use tower_lsp::jsonrpc::Result;

use crate::ground::{Desk, Ground};
use crate::position::Cursor;
use crate::question::{Question, Subject, Urgency};

/// Of how many documents it is remembered what was said.
const DOCUMENTS_MAX: usize = 16;

/// What was last said of documents, so that only changes need to be said.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenMemory(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    count: u64,
    /// The document that was spoken of last is the last.
    documents: VecDeque<(Uri, String, Arc<[SemanticToken]>)>,
}

impl TokenMemory {
    /// What was said under a number.
    fn recall(&self, uri: &Uri, id: &str) -> Option<Arc<[SemanticToken]>> {
        self.with(|said| {
            let found = said.documents.iter().find(|it| it.0 == *uri && it.1 == id);
            found.map(|it| Arc::clone(&it.2))
        })
    }

    /// Remembers what is said, and returns the number it gets.
    fn remember(&self, uri: &Uri, tokens: &[SemanticToken]) -> String {
        self.with(|said| {
            said.count += 1;
            let id = said.count.to_string();
            said.documents.retain(|it| it.0 != *uri);
            if said.documents.len() == DOCUMENTS_MAX {
                said.documents.pop_front();
            }
            said.documents.push_back((uri.clone(), id.clone(), tokens.into()));
            id
        })
    }

    fn with<T>(&self, f: impl FnOnce(&mut Said) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Question for SemanticTokensParams {
    type Found = Vec<Token>;
    type Answer = SemanticTokensResult;
    const WHILE: &'static str = "a document was coloured";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let (view, asked) = ground.document()?;
        Some(semantic_tokens(&view.db, asked.file, None))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let data = encode(&found, desk);
        let id = desk.terms.tokens.remember(&self.text_document.uri, &data);
        Ok(Some(SemanticTokens { result_id: Some(id), data }.into()))
    }
}

impl Question for SemanticTokensDeltaParams {
    type Found = Vec<Token>;
    type Answer = SemanticTokensFullDeltaResult;
    const WHILE: &'static str = "a document was coloured again";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let (view, asked) = ground.document()?;
        Some(semantic_tokens(&view.db, asked.file, None))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        let memory = &desk.terms.tokens;
        let uri = &self.text_document.uri;
        let data = encode(&found, desk);
        let old = memory.recall(uri, &self.previous_result_id);
        let result_id = Some(memory.remember(uri, &data));
        Ok(Some(match old {
            None => SemanticTokens { result_id, data }.into(),
            Some(old) => {
                let edits = difference(&old, &data).into_iter().collect();
                SemanticTokensDelta { result_id, edits }.into()
            }
        }))
    }
}

impl Question for SemanticTokensRangeParams {
    type Found = Vec<Token>;
    type Answer = SemanticTokensRangeResult;
    const WHILE: &'static str = "a part of a document was coloured";
    const URGENCY: Urgency = Urgency::Painting;

    fn subject(&self) -> Subject<'_> {
        Subject::Document(&self.text_document.uri)
    }

    fn find(&self, ground: &mut Ground) -> Option<Self::Found> {
        let range = ground.range(self.range)?;
        let (view, asked) = ground.document()?;
        Some(semantic_tokens(&view.db, asked.file, Some(range)))
    }

    fn tell(&self, found: Self::Found, desk: &Desk) -> Result<Option<Self::Answer>> {
        Ok(Some(SemanticTokens { result_id: None, data: encode(&found, desk) }.into()))
    }
}

/// Each word counted from the one before it.
fn encode(tokens: &[Token], desk: &Desk) -> Vec<SemanticToken> {
    let Some(asked) = &desk.asked else { return Vec::new() };
    let mut cursor = Cursor::new(&asked.lines, desk.terms.session.encoding);
    let mut last = (0, 0);
    let encode = |token: &Token| {
        let start = cursor.position(token.range.start().into());
        let end = cursor.position(token.range.end().into());
        let delta_line = start.line - last.0;
        let delta_start = if delta_line == 0 { start.character - last.1 } else { start.character };
        last = (start.line, start.character);
        SemanticToken {
            delta_line,
            delta_start,
            length: end.character.saturating_sub(start.character),
            token_type: token.kind.index(),
            token_modifiers_bitset: token.modifiers.bits(),
        }
    };
    tokens.iter().map(encode).collect()
}

/// The one change that leads from old tokens to new ones, in numbers of five for each token.
fn difference(old: &[SemanticToken], new: &[SemanticToken]) -> Option<SemanticTokensEdit> {
    let before = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    if before == old.len() && before == new.len() {
        return None;
    }
    let rest = old.len().min(new.len()) - before;
    let pairs = old.iter().rev().zip(new.iter().rev());
    let after = pairs.take(rest).take_while(|(a, b)| a == b).count();
    Some(SemanticTokensEdit {
        start: 5 * before as u32,
        delete_count: 5 * (old.len() - before - after) as u32,
        data: Some(new.get(before..new.len() - after).unwrap_or_default().to_vec()),
    })
}

#[cfg(test)]
mod tests {
    use super::difference;
    use ls_types::SemanticToken;
    use proptest::prelude::{any, prop_assert_eq, proptest};

    fn tokens(lengths: &[u8]) -> Vec<SemanticToken> {
        let token =
            |it: &u8| SemanticToken { length: (*it % 3).into(), ..SemanticToken::default() };
        lengths.iter().map(token).collect()
    }

    proptest! {
        #[test]
        fn the_change_leads_from_one_to_the_other(
            old in proptest::collection::vec(any::<u8>(), 0..8),
            new in proptest::collection::vec(any::<u8>(), 0..8),
        ) {
            let (mut old, new) = (tokens(&old), tokens(&new));
            if let Some(edit) = difference(&old, &new) {
                let start = edit.start as usize / 5;
                let end = start + edit.delete_count as usize / 5;
                old.splice(start..end, edit.data.unwrap());
            }
            prop_assert_eq!(old, new);
        }
    }
}
