//! Findings for the tests: written as texts and needles instead of offsets.

use rush_diagnostics::{
    Code, FileId, ResolvedDiagnostic, ResolvedEdit, ResolvedFix, ResolvedLabel, Source,
    SourceLookup, Sources, TextRange, TextSize,
};

/// Texts that findings point into by quoting them.
pub struct Texts {
    pub sources: Sources,
}

impl Texts {
    /// Numbers the files in the order given.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let numbered = files.iter().zip(0..);
        let sources =
            numbered.map(|((path, text), id)| (FileId(id), Source::new(*path, *text))).collect();
        Self { sources }
    }

    /// A label at the first occurrence of `needle`, or of its part between `‹` and `›`.
    pub fn label(&self, file: u32, needle: &str, message: &str) -> ResolvedLabel {
        let text = self.sources.source(FileId(file)).expect("a known file").text();
        let (before, inside) = match needle.split_once('‹') {
            Some((before, rest)) => (before, rest.split_once('›').expect("a closing mark").0),
            None => ("", needle),
        };
        let quoted = needle.replace(['‹', '›'], "");
        let at = text.find(&quoted).expect("the needle is in the text") + before.len();
        let range = TextRange::at(TextSize::from(at as u32), TextSize::of(inside));
        ResolvedLabel { file: FileId(file), range, message: message.to_owned() }
    }

    /// A fix that replaces `needle`.
    pub fn fix(&self, title: &str, needle: &str, text: &str) -> ResolvedFix {
        let ResolvedLabel { file, range, message: _ } = self.label(0, needle, "");
        let edits = vec![ResolvedEdit { file, range, text: text.to_owned() }];
        ResolvedFix { title: title.to_owned(), edits, is_automatic: true }
    }
}

/// A finding with nothing but a place.
pub fn finding(code: Code, message: &str, primary: ResolvedLabel) -> ResolvedDiagnostic {
    ResolvedDiagnostic {
        code,
        severity: code.info().severity,
        message: message.to_owned(),
        primary,
        secondary: Vec::new(),
        notes: Vec::new(),
        help: None,
        fixes: Vec::new(),
        tag: None,
    }
}

/// Two findings that use everything a finding can have.
pub fn sample() -> (Texts, Vec<ResolvedDiagnostic>) {
    let texts = Texts::new(&[
        (
            "web/tasks.rush",
            "use \"//lib/types.rush\" as types\n\ntask build {\n  deps: [lint]\n  run: `echo 🦀 é ${port}`\n}\n\nlet port: types.Port = 80\n",
        ),
        (
            "lib/types.rush",
            "/// Ports anyone may open, größer als 1023.\ntype Port = int(1024..=65535)\n",
        ),
    ]);
    let mut field = finding(
        Code::UnknownField,
        "`task` has no field `deps`",
        texts.label(0, "deps", "not a field of `task`"),
    );
    field.help = Some("write `needs`, which means the same".to_owned());
    field.fixes = vec![texts.fix("rename to `needs`", "deps", "needs")];
    let mut range =
        finding(Code::OutOfRange, "80 is outside 1024..=65535", texts.label(0, "= ‹80›", ""));
    range.secondary = vec![
        texts.label(0, "types.Port", "expected because of this type"),
        texts.label(1, "1024..=65535", "the range is declared here"),
    ];
    range.notes = vec!["ports below 1024 need special rights".to_owned()];
    (texts, vec![field, range])
}
