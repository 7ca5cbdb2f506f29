//! No text and no range makes a rendering panic, and none makes it slow.

use std::fmt::Write as _;
use std::time::Duration;

use proptest::prelude::{Strategy, any, prop, prop_assert, proptest};
use rush_diagnostics::{
    Code, Color, FileId, HumanStyle, Lines, ResolvedDiagnostic, ResolvedEdit, ResolvedFix,
    ResolvedLabel, Source, Sources, TextRange, TextSize, render_github, render_human, render_json,
    render_sarif,
};
use rush_test::{assert_linear, spent_on};

use crate::finding::finding;

const PLAIN: HumanStyle = HumanStyle { color: Color::Never, lines: Lines::Unicode };

/// Lines of awkward characters, some of them very long.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "let x = 1",
        "\t",
        "é",
        "日本",
        "🦀",
        "e\u{301}",
        "\u{200d}",
        "\0",
        "\x1b[0m",
        "\r",
        "\r\n",
        "\n",
        "\n\n",
        "\u{85}",
        "\u{2028}",
        "\x0b",
        "\u{202e}",
        "\u{feff}",
    ]);
    let run = (piece, prop::sample::select(vec![1_usize, 1, 1, 2, 30, 300]));
    prop::collection::vec(run, 0..12)
        .prop_map(|runs| runs.into_iter().map(|(piece, times)| piece.repeat(times)).collect())
}

fn label() -> impl Strategy<Value = ResolvedLabel> {
    (0..4_u32, 0..2000_u32, 0..400_u32, prop::sample::select(vec!["", "why", "é\n🦀", "%0A::"]))
        .prop_map(|(file, start, len, message)| ResolvedLabel {
            file: FileId(file),
            range: TextRange::at(TextSize::from(start), TextSize::from(len)),
            message: message.to_owned(),
        })
}

fn diagnostic() -> impl Strategy<Value = ResolvedDiagnostic> {
    (label(), prop::collection::vec(label(), 0..5), any::<String>()).prop_map(
        |(primary, secondary, message)| {
            let mut it = finding(Code::TypeMismatch, &message, primary);
            let edit = |label: &ResolvedLabel| ResolvedEdit {
                file: label.file,
                range: label.range,
                text: label.message.clone(),
            };
            let edits = secondary.iter().map(edit).collect();
            it.fixes = vec![ResolvedFix { title: message.clone(), edits, is_automatic: true }];
            it.notes = vec![message];
            it.secondary = secondary;
            it
        },
    )
}

proptest! {
    #[test]
    fn rendering_never_panics(
        texts in prop::collection::vec(text(), 1..4),
        diagnostics in prop::collection::vec(diagnostic(), 1..4),
    ) {
        let sources: Sources = texts
            .iter()
            .zip(0..)
            .map(|(text, id)| (FileId(id), Source::new(format!("f{id}"), text.as_str())))
            .collect();
        let plain = render_human(&diagnostics, &sources, PLAIN);
        prop_assert!(!plain.contains('\x1b'), "no escape of a source reaches a terminal");
        prop_assert!(plain.lines().all(|it| it.chars().count() < 1500), "no line is endless");
        let style = HumanStyle { color: Color::Always, lines: Lines::Ascii };
        render_human(&diagnostics, &sources, style);
        render_json(&diagnostics, &sources);
        render_sarif(&diagnostics, &sources, "1");
        let github = render_github(&diagnostics, &sources);
        prop_assert!(github.lines().count() == diagnostics.len());
    }
}

fn render_at(text: &str, offsets: impl Iterator<Item = usize>) -> (usize, Duration) {
    let sources: Sources = [(FileId(0), Source::new("big.rush", text))].into_iter().collect();
    let diagnostics: Vec<_> = offsets
        .map(|at| {
            let range = TextRange::at(TextSize::from(at as u32), TextSize::from(5));
            finding(
                Code::UnknownName,
                "big",
                ResolvedLabel { file: FileId(0), range, message: String::new() },
            )
        })
        .collect();
    let mut size = 0;
    let took = spent_on(|| {
        size = render_human(&diagnostics, &sources, PLAIN).len() / diagnostics.len();
    });
    (size, took)
}

/// What is drawn of a finding does not grow with the file, and neither does what it costs.
#[test]
fn large_files_are_rendered_in_linear_time() {
    assert_linear("many lines", 250_000, |count| {
        let mut lines = String::new();
        for line in 0..count {
            let _ = writeln!(lines, "let variable_{line:06} = {line:06} // größe");
        }
        let (size, took) = render_at(&lines, (0..1000).map(|it| it * (lines.len() / 1000)));
        assert!(size < 1000, "{size}");
        took
    });
    assert_linear("a long line", 100_000, |count| {
        let line = "let x = [".to_owned() + &"\"größe\", ".repeat(count) + "]";
        let (size, took) = render_at(&line, (0..100).map(|it| it * (line.len() / 100)));
        assert!(size < 2000, "{size}");
        took
    });
}
