//! Lines that are indented with tabs, and the one fix for all of them.
//!
//! The body of a text over several lines is counted from the line that opens it, so it moves along;
//! the tabs it has beyond that are its own.

use std::ops::Range;

use crate::error::{self, SyntaxError};
use crate::kind::SyntaxKind;
use crate::lex::{self, RawToken};

/// Reports lines that are indented with tabs, once for all.
pub(super) fn report(text: &str, raw: &[RawToken], errors: &mut Vec<SyntaxError>) {
    if memchr::memchr(b'\t', text.as_bytes()).is_none() {
        return;
    }
    let mut edits = Vec::new();
    let mut first = None;
    let mut is_line_start = true;
    let mut block_end = 0;
    for (index, token) in raw.iter().enumerate() {
        let start = token.start as usize;
        if start < block_end {
            continue;
        }
        let next = raw.get(index + 1);
        let end = next.map_or(text.len(), |it| it.start as usize);
        if token.kind == SyntaxKind::Whitespace && is_line_start {
            let white = text.get(start..end).unwrap_or_default();
            let is_blank = next.is_none_or(|it| it.kind == SyntaxKind::Newline);
            if white.contains('\t') && !is_blank {
                first.get_or_insert(lex::range(start, end));
                edits.push((start..end, spaces(white)));
            }
        }
        is_line_start = token.kind == SyntaxKind::Newline;
        if let Some(end) = end_of_text(text, raw, index)
            && text[start..end].contains('\n')
        {
            move_body(text, start..end, &mut edits);
            block_end = end;
        }
    }
    if let Some(first) = first {
        let edits = edits.into_iter().map(|(at, new)| (lex::range(at.start, at.end), new));
        errors.push(error::tabs(first, edits.collect()));
    }
}

fn spaces(white: &str) -> String {
    white.replace('\t', "  ")
}

/// The end of the text that the token at `index` opens or is.
fn end_of_text(text: &str, raw: &[RawToken], index: usize) -> Option<usize> {
    let is_text = |kind| {
        matches!(
            kind,
            SyntaxKind::BlockOpen
                | SyntaxKind::CommandBlockOpen
                | SyntaxKind::Script
                | SyntaxKind::Text
                | SyntaxKind::Raw
                | SyntaxKind::Command
        )
    };
    raw.get(index).filter(|it| is_text(it.kind))?;
    let mut depth = 0_usize;
    for (at, token) in raw.iter().enumerate().skip(index) {
        match token.kind {
            SyntaxKind::BlockOpen
            | SyntaxKind::CommandBlockOpen
            | SyntaxKind::TextOpen
            | SyntaxKind::CommandOpen => depth += 1,
            SyntaxKind::TextClose => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(raw.get(at + 1).map_or(text.len(), |it| it.start as usize));
        }
    }
    None
}

/// Moves the lines below the one that opens a text, so that they stay as deep below it as they are.
fn move_body(text: &str, range: Range<usize>, edits: &mut Vec<(Range<usize>, String)>) {
    let line = text[..range.start].rfind('\n').map_or(0, |it| it + 1);
    let indent = white(&text[line..range.start]);
    if !indent.contains('\t') {
        return;
    }
    let mut lines = Vec::new();
    let mut at = range.start;
    for line in text[range].split_inclusive('\n') {
        lines.push((at, line));
        at += line.len();
    }
    let closer = lines.pop_if(|(_, line)| line.starts_with(indent) && line.trim() == "\"\"\"");
    let body = lines.get(1..).unwrap_or_default();
    let whites = body.iter().filter(|it| !it.1.trim().is_empty()).map(|it| white(it.1));
    let common = whites.reduce(|before, white| {
        let same = before.bytes().zip(white.bytes()).take_while(|(a, b)| a == b).count();
        before.get(..same).unwrap_or_default()
    });
    if let Some(common) = common.filter(|it| it.len() > indent.len() && it.starts_with(indent)) {
        let new = format!("{}  ", spaces(indent));
        for (at, line) in
            body.iter().filter(|(_, line)| !line.trim_end_matches(['\r', '\n']).is_empty())
        {
            edits.push((*at..at + common.len().min(white(line).len()), new.clone()));
        }
    }
    if let Some((at, _)) = closer {
        edits.push((at..at + indent.len(), spaces(indent)));
    }
}

fn white(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}
