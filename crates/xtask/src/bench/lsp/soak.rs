//! The language server for a long time: 100,000 edits and questions at random among 1,000 files.
//!
//! What a server must not do in a long time is forget an answer, give one twice, drift away from the
//! texts, or grow.

#![allow(clippy::indexing_slicing, reason = "an object of JSON has null where it has nothing")]

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rush_test::typist::{Act, Place, TEXTS, Typist, all_inquiries};
use serde_json::Value;

use super::{corpus, resident_megabytes, start};
use crate::bench::editor::Editor;
use crate::bench::{Bar, Figure, Figures, Setting};

/// How many edits and questions there are.
const STEPS: usize = 100_000;
/// After how many of them it is said how far they are.
const STEPS_TOLD: usize = 10_000;
/// How many questions are under way at most.
const ASKED_MAX: usize = 16;
/// The package that is edited.
const PACKAGE: &str = "pstorm";

/// All figures.
pub(in crate::bench) fn measure(setting: &Setting, figures: &mut Figures) -> Result<()> {
    let directory = setting.dir.join("soak");
    corpus::write_workspace(&directory)?;
    std::fs::create_dir_all(directory.join(PACKAGE))?;
    for (name, _) in TEXTS {
        std::fs::write(directory.join(PACKAGE).join(name), "")?;
    }
    let mut typist = Typist::new(0x50a_c0de);
    let mut soaked = Soaked::open(setting, &directory, typist.texts())?;
    let before = resident_megabytes(soaked.editor.process());
    let began = Instant::now();
    for step in 1..=STEPS {
        soaked.step(typist.act())?;
        if step % STEPS_TOLD == 0 {
            let memory = resident_megabytes(soaked.editor.process()).unwrap_or_default();
            eprintln!("soak: {step} of {STEPS}, {memory:.0} MB");
        }
    }
    soaked.drain()?;
    let took = began.elapsed().as_secs_f64();
    let found = soaked.answers(typist.texts())?;
    // What is due after the last edit has been done by then.
    std::thread::sleep(Duration::from_secs(1));
    let after = resident_megabytes(soaked.editor.process());
    let twice = soaked.editor.unclaimed();
    soaked.editor.stop()?;
    let mut fresh = Soaked::open(setting, &directory, typist.texts())?;
    let expect = fresh.answers(typist.texts())?;
    std::thread::sleep(Duration::from_secs(1));
    let anew = resident_megabytes(fresh.editor.process());
    fresh.editor.stop()?;
    let differ = found.iter().zip(&expect).filter(|(a, b)| a != b);
    for (found, expect) in differ.clone().take(3) {
        eprintln!("after the soak {found}\na fresh server {expect}");
    }
    figures.extend([
        Figure::new("soak: 100,000 edits and questions", took, "s", Bar::Free),
        Figure::new("soak: answers given twice", twice as f64, "", Bar::AtMost(0.0)),
        Figure::new(
            "soak: answers a fresh server gives otherwise",
            differ.count() as f64,
            "",
            Bar::AtMost(0.0),
        ),
    ]);
    if let (Some(before), Some(after), Some(anew)) = (before, after, anew) {
        figures.push(Figure::new("soak: memory after opening", before, "MB", Bar::Free));
        figures.push(Figure::new("soak: memory in the end", after, "MB", Bar::Free));
        figures.push(Figure::new("soak: memory of a fresh server", anew, "MB", Bar::Free));
        let ratio = after / before;
        figures.push(Figure::new("soak: memory, end / opening", ratio, "x", Bar::AtMost(1.2)));
    }
    Ok(())
}

/// A server in which the typist's documents are open.
struct Soaked {
    editor: Editor,
    uris: Vec<String>,
    /// Questions without an answer yet.
    asked: Vec<u64>,
}

impl Soaked {
    /// Starts a server, and waits until it has checked the whole workspace.
    fn open(setting: &Setting, directory: &Path, texts: &[String]) -> Result<Self> {
        let (mut editor, root) = start(setting, directory)?;
        let uris: Vec<String> =
            TEXTS.iter().map(|(name, _)| format!("{root}/{PACKAGE}/{name}")).collect();
        for (uri, text) in uris.iter().zip(texts) {
            editor.open(uri, "rush-tasks", text)?;
        }
        let marked = uris.last().context("there are documents")?;
        editor.diagnostics(marked)?;
        std::thread::sleep(Duration::from_secs(2));
        Ok(Self { editor, uris, asked: Vec::new() })
    }

    fn step(&mut self, act: Act) -> Result<()> {
        match act {
            Act::Edit { document, from, to, text } => {
                let uri = self.uri(document)?.to_owned();
                self.editor.put(&uri, Some((point(from), point(to))), &text)
            }
            Act::Replace { document, text } => {
                let uri = self.uri(document)?.to_owned();
                self.editor.put(&uri, None, &text)
            }
            Act::Ask(inquiry) => {
                let params = inquiry.params(self.uri(inquiry.document)?);
                self.asked.push(self.editor.send_request(inquiry.method(), params)?);
                if self.asked.len() == ASKED_MAX { self.drain() } else { Ok(()) }
            }
        }
    }

    fn uri(&self, document: usize) -> Result<&str> {
        self.uris.get(document).map(String::as_str).context("there is no such document")
    }

    /// Waits for the answers that are missing.
    fn drain(&mut self) -> Result<()> {
        for id in std::mem::take(&mut self.asked) {
            self.editor.answer(id)?;
        }
        Ok(())
    }

    /// What is answered to everything.
    fn answers(&mut self, texts: &[String]) -> Result<Vec<Value>> {
        let mut answers = Vec::new();
        for inquiry in all_inquiries(texts) {
            let params = inquiry.params(self.uri(inquiry.document)?);
            let id = self.editor.send_request(inquiry.method(), params)?;
            let mut answer = self.editor.answer(id)?;
            forget_numbers(&mut answer["result"]);
            if let Some(fields) = answer.as_object_mut() {
                fields.insert("id".to_owned(), inquiry.method().into());
            }
            answers.push(answer);
        }
        Ok(answers)
    }
}

/// Takes away what counts answers and edits, which no fresh server can know.
fn forget_numbers(value: &mut Value) {
    match value {
        Value::Array(them) => them.iter_mut().for_each(forget_numbers),
        Value::Object(fields) => {
            fields.remove("resultId");
            fields.remove("version");
            fields.values_mut().for_each(forget_numbers);
        }
        _ => {}
    }
}

fn point(place: Place) -> (u32, u32) {
    (place.line, place.column)
}
