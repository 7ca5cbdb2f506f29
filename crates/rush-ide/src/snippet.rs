//! Texts with places to fill in, in the notation editors have for them: `${1:name}`, `$0`.

use rush_semantics::infer::Param;
use rush_semantics::ty::{FieldTy, TextTy, Ty, strip_none};

use crate::syntax::escaped;

/// A text with places to fill in.
#[derive(Debug, Default)]
pub(crate) struct Snippet {
    text: String,
    stops: usize,
}

impl Snippet {
    /// Adds text as it is.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.text.push_str(&escape(text));
        self
    }

    /// Adds a place to fill in, with a proposal.
    pub(crate) fn stop(mut self, proposal: &str) -> Self {
        self.stops += 1;
        match proposal {
            "" => self.text.push_str(&format!("${}", self.stops)),
            _ => self.text.push_str(&format!("${{{}:{}}}", self.stops, inner(proposal))),
        }
        self
    }

    /// Adds a place to fill in with one of a few texts, or with the first of them where editors do not
    /// agree on how the others are written: some take `$` and `}` for themselves there unless `\`
    /// precedes, and others insert that `\` as well.
    fn choice(mut self, texts: &[String]) -> Self {
        if texts.iter().any(|it| it.contains(['$', '}'])) {
            return self.stop(texts.first().map_or("", String::as_str));
        }
        self.stops += 1;
        let chosen = |it: &String| it.replace('\\', "\\\\").replace(',', "\\,").replace('|', "\\|");
        let texts: Vec<String> = texts.iter().map(chosen).collect();
        self.text.push_str(&format!("${{{}|{}|}}", self.stops, texts.join(",")));
        self
    }

    /// Adds a value of a type; `name` says what it is for.
    pub(crate) fn value(self, ty: &Ty, name: &str) -> Self {
        let ty = strip_none(ty);
        if let Some(texts) = ty.literal_texts().filter(|it| !it.is_empty()) {
            let texts: Vec<String> = texts.iter().map(|it| escaped(it)).collect();
            return self.text("\"").choice(&texts).text("\"");
        }
        let first = ty.members().first().unwrap_or(&Ty::Error);
        match first.bare() {
            Ty::Bool => self.choice(&["true", "false"].map(str::to_owned)),
            Ty::Text(TextTy::Literal(text)) => self.text("\"").stop(&escaped(text)).text("\""),
            Ty::Text(_) | Ty::Path | Ty::Glob | Ty::Cron => self.text("\"").stop(name).text("\""),
            Ty::Regex => self.text("r\"").stop(name).text("\""),
            Ty::Command => self.text("`").stop(name).text("`"),
            Ty::List(_) => self.text("[").stop("").text("]"),
            Ty::Record(record) if !required(&record.fields).is_empty() => {
                let fields = required(&record.fields).into_iter().enumerate();
                let opened = self.text("{ ");
                let filled = fields.fold(opened, |it, (at, field)| {
                    let comma = if at == 0 { "" } else { ", " };
                    it.text(comma).text(&field.name).text(": ").value(&field.ty, &field.name)
                });
                filled.text(" }")
            }
            Ty::Record(_) | Ty::Map(_) => self.text("{ ").stop("").text(" }"),
            Ty::Tag(tag) => {
                let required = required(&tag.fields);
                required
                    .iter()
                    .fold(self.text(&tag.name).text("("), |it, field| {
                        let comma = if it.text.ends_with('(') { "" } else { ", " };
                        it.text(comma).value(&field.ty, &field.name)
                    })
                    .text(")")
            }
            _ => self.stop(name),
        }
    }

    /// Adds what follows a field's name: a colon and a value, or a record over several lines.
    pub(crate) fn field_value(self, ty: &Ty, layout: Layout) -> Self {
        let bare = strip_none(ty);
        match bare.members().first().map(Ty::bare) {
            Some(Ty::Record(_) | Ty::Map(_)) if bare.members().len() == 1 => self.block(layout),
            Some(Ty::List(element)) => match strip_none(element).bare() {
                Ty::Text(TextTy::Any) | Ty::Path | Ty::Glob => self.text(": [\"").end().text("\"]"),
                _ => self.text(": [").end().text("]"),
            },
            Some(Ty::Text(TextTy::Any | TextTy::Pattern(_)) | Ty::Path | Ty::Glob | Ty::Cron)
                if bare.members().len() == 1 =>
            {
                self.text(": \"").end().text("\"")
            }
            Some(Ty::Regex) => self.text(": r\"").end().text("\""),
            Some(Ty::Command) => self.text(": `").end().text("`"),
            Some(Ty::Bool) => self.text(": ").value(&bare, ""),
            _ if bare.literal_texts().is_some_and(|it| !it.is_empty()) => {
                self.text(": ").value(&bare, "")
            }
            _ => self.text(": ").end(),
        }
    }

    /// Adds a record to be filled in, behind a field's name.
    pub(crate) fn block(self, layout: Layout) -> Self {
        match layout {
            Layout::Lines => self.text(" {\n  ").end().text("\n}"),
            Layout::Row => self.text(" { ").end().text(" }"),
        }
    }

    /// Adds the place where the cursor is in the end.
    pub(crate) fn end(mut self) -> Self {
        self.text.push_str("$0");
        self
    }

    /// A call with the arguments that must be given.
    pub(crate) fn call(name: &str, params: &[Param]) -> Self {
        let required: Vec<&Param> = params.iter().filter(|it| !it.is_optional).collect();
        let mut snippet = Self::default().text(name).text("(");
        for (at, param) in required.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            snippet = snippet.text(comma).value(&param.ty, &param.name);
        }
        if required.is_empty() && !params.is_empty() {
            snippet = snippet.stop("");
        }
        snippet.text(")")
    }

    /// Whether there is nothing to fill in.
    pub(crate) fn is_plain(&self) -> bool {
        self.stops == 0 && !self.text.contains("$0")
    }

    /// The text in the notation.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}

/// How what belongs to a record is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// In one row.
    Row,
    /// One member a line.
    Lines,
}

/// The fields that must be there.
pub(crate) fn required(fields: &[FieldTy]) -> Vec<&FieldTy> {
    fields.iter().filter(|it| it.default.is_none() && !it.ty.may_be_none()).collect()
}

/// A text without places to fill in, in the notation.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$")
}

/// The same inside of a place to fill in.
fn inner(text: &str) -> String {
    escape(text).replace('}', "\\}")
}

#[cfg(test)]
mod tests {
    use rush_semantics::signature::value_type;

    use super::Snippet;
    use crate::fixture::Case;

    /// What is inserted for a value of a type, and what an editor makes of it.
    fn check(ty: &str, expect: &str) {
        let case = Case::new(&format!("param p: {ty}\n"));
        let param = case.file.items(&case.db)[0];
        let snippet = Snippet::default().value(value_type(&case.db, param), "p");
        assert_eq!(snippet.finish(), expect, "{ty}");
    }

    #[test]
    fn texts_to_choose_from_keep_their_signs() {
        check(r#""a" | "b""#, r#""${1|a,b|}""#);
        check(r#""a,b" | "c|d""#, r#""${1|a\,b,c\|d|}""#);
        // A `\` for the text, and one more for each in the notation of editors.
        check(r#""a\\b" | "c\"d""#, r#""${1|a\\\\b,c\\"d|}""#);
        check(r#""a\nb" | "c""#, r#""${1|a\\nb,c|}""#);
        // Editors do not agree on these in a choice.
        check(r#""\${x}" | "c""#, r#""${1:\\\${x\}}""#);
        check(r#""a$b" | "c""#, r#""${1:a\$b}""#);
    }
}
