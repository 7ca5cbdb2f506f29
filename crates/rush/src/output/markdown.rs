//! Pages in Markdown, made easy on the eye in a terminal.
//!
//! Without colours a page is written as it is: it is plain enough.

use rush_diagnostics::{Color, HumanStyle};

use super::paint::Paint;

/// The page with headings, code and inline code in colours.
pub(crate) fn render(page: &str, style: HumanStyle) -> String {
    if style.color == Color::Never {
        return page.to_owned();
    }
    let mut out = String::with_capacity(page.len());
    let mut is_code = false;
    for line in page.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
            continue;
        }
        if is_code {
            out.push_str("    ");
            out.push_str(&Paint::Name.on(line, style));
        } else if line.starts_with('#') {
            out.push_str(&Paint::Heading.on(line.trim_start_matches('#').trim(), style));
        } else {
            inline(&mut out, line, style);
        }
        out.push('\n');
    }
    out
}

/// Colours what stands between backticks.
fn inline(out: &mut String, line: &str, style: HumanStyle) {
    for (at, piece) in line.split('`').enumerate() {
        if at % 2 == 1 {
            out.push_str(&Paint::Name.on(piece, style));
        } else {
            out.push_str(piece);
        }
    }
}
