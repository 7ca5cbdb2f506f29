//! Rewrites a command as a `sh` script of the same meaning, for those who wanted a shell.
//!
//! Everything the command took literally stays literal; only the signs that were reported get the
//! meaning a shell gives them. Each hole becomes a quoted variable, so it stays one argument.

use rush_diagnostics::{Edit, Fix};
use rush_syntax::ast::Part;
use smol_str::SmolStr;
use text_size::TextRange;

use super::units::{Unit, units};
use crate::shell::is_harmful;
use crate::shell::site::{Site, is_name, is_reserved};

/// The fix that turns the whole command into `sh"""`; absent where that needs a human.
pub fn to_shell(parts: &[Part], site: &Site<'_>) -> Option<Fix> {
    let mut writer = Writer { site, body: String::new(), lets: Vec::new(), breaks: false };
    writer.command(&units(parts))?;
    let indentation = site.indentation(site.literal.start());
    let mut script = String::from("sh\"\"\"\n");
    for line in writer.body.trim().lines() {
        let line = if line.is_empty() { String::new() } else { format!("{indentation}  {line}") };
        script.push_str(&line);
        script.push('\n');
    }
    script.push_str(indentation);
    script.push_str("\"\"\"");
    let mut edits = Vec::new();
    if !writer.lets.is_empty() {
        let lets: Vec<String> =
            writer.lets.iter().map(|(name, value)| format!("let {name} = {value}")).collect();
        edits.push(site.insert_members(&lets)?);
    }
    edits.push(Edit::replace(site.item, site.literal, script));
    Some(Fix::offered("run it in a shell: `sh\"\"\"`", edits))
}

struct Writer<'a> {
    site: &'a Site<'a>,
    body: String,
    lets: Vec<(SmolStr, String)>,
    /// Whether a line ended since the last word.
    breaks: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

impl Writer<'_> {
    fn command(&mut self, units: &[Unit]) -> Option<()> {
        let mut quotes = Quotes::None;
        let mut units = units.iter().copied();
        while let Some(unit) = units.next() {
            if !is_blank(unit) {
                self.resume();
            }
            match (unit, quotes) {
                (Unit::Hole { range, .. }, Quotes::Single) => {
                    self.body.push_str(self.site.source(range));
                }
                (Unit::Hole { is_spread: true, .. }, _) => return None,
                (Unit::Hole { range, .. }, quotes) => self.hole(range, quotes)?,
                (Unit::Char { value: '\\', .. }, Quotes::None | Quotes::Double) => {
                    self.escape(units.next()?, quotes)?;
                }
                (Unit::Char { value: '\n', .. }, Quotes::None) => self.breaks = true,
                (Unit::Char { value: ' ' | '\t' | '\r', .. }, Quotes::None) if self.breaks => {}
                (Unit::Char { value, .. }, _) => {
                    self.sign(value, quotes);
                    quotes = after(value, quotes);
                }
            }
        }
        (quotes == Quotes::None).then_some(())
    }

    fn sign(&mut self, value: char, quotes: Quotes) {
        let starts_word = self.body.chars().next_back().is_none_or(char::is_whitespace);
        if value == '#' && quotes == Quotes::None && starts_word {
            self.body.push('\\');
        }
        self.body.push(value);
    }

    /// Writes the line end that waits: a newline between two words of a command is a blank, but a
    /// shell would end the command there.
    fn resume(&mut self) {
        if std::mem::take(&mut self.breaks) && !self.body.is_empty() {
            let kept = self.body.trim_end_matches([' ', '\t']).len();
            self.body.truncate(kept);
            self.body.push_str(" \\\n  ");
        }
    }

    fn escape(&mut self, escaped: Unit, quotes: Quotes) -> Option<()> {
        let Unit::Char { value, .. } = escaped else { return None };
        let is_kept = match quotes {
            Quotes::None => value != '\n',
            Quotes::Single | Quotes::Double => matches!(value, '\\' | '"' | '$' | '`'),
        };
        if is_kept {
            self.body.push('\\');
        }
        self.body.push(value);
        Some(())
    }

    fn hole(&mut self, range: TextRange, quotes: Quotes) -> Option<()> {
        let source = self.site.source(range);
        let expression = source.strip_prefix("${")?.strip_suffix('}')?.trim();
        if expression.is_empty() || expression.contains('\n') {
            return None;
        }
        let name = if is_name(expression) && !is_reserved(expression) && !is_harmful(expression) {
            SmolStr::from(expression)
        } else {
            self.let_for(expression)
        };
        let quote = if quotes == Quotes::None { "\"" } else { "" };
        for piece in [quote, "${", &name, "}", quote] {
            self.body.push_str(piece);
        }
        Some(())
    }

    fn let_for(&mut self, expression: &str) -> SmolStr {
        if let Some((name, _)) = self.lets.iter().find(|(_, value)| value == expression) {
            return name.clone();
        }
        let taken: Vec<SmolStr> = self.lets.iter().map(|(name, _)| name.clone()).collect();
        let name = self.site.let_name(expression, &taken);
        self.lets.push((name.clone(), expression.to_owned()));
        name
    }
}

fn is_blank(unit: Unit) -> bool {
    matches!(unit, Unit::Char { value: ' ' | '\t' | '\r' | '\n', .. })
}

fn after(value: char, quotes: Quotes) -> Quotes {
    match (value, quotes) {
        ('\'', Quotes::None) => Quotes::Single,
        ('"', Quotes::None) => Quotes::Double,
        ('\'', Quotes::Single) | ('"', Quotes::Double) => Quotes::None,
        (_, quotes) => quotes,
    }
}
