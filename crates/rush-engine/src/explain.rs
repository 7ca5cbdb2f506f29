//! `rush explain`: the page of a code, the fields of a kind, what one field is for.
//!
//! The pages of codes come from the registry, everything about kinds from the prelude's own docs.

use rush_diagnostics::{Code, suggest};
use rush_semantics::RushDatabase;
use rush_semantics::kinds::{KindDef, KindField, kind, kinds};

/// Why there is nothing to explain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is nothing to explain about `{word}`")]
pub struct ExplainError {
    /// What was asked for.
    word: String,
    /// What can be asked for instead.
    suggestion: Option<String>,
}

impl ExplainError {
    /// What to do about it.
    pub fn help(&self) -> String {
        match &self.suggestion {
            Some(suggestion) => format!("did you mean `{suggestion}`?"),
            None => "ask for a code like `RUSH0204`, a kind like `task`, or a field like \
                     `task.retry`"
                .to_owned(),
        }
    }
}

/// Returns a page in Markdown about a code, a kind or a field of one.
pub fn explain(word: &str) -> Result<String, ExplainError> {
    if let Ok(code) = word.parse::<Code>() {
        return Ok(code.page().to_owned());
    }
    let db = RushDatabase::default();
    let (name, field) = match word.split_once('.') {
        Some((name, field)) => (name, Some(field)),
        None => (word, None),
    };
    let Some(def) = kind(&db, name) else {
        let names = kinds(&db).iter().map(|it| it.name.as_str());
        return Err(unknown(word, suggest(name, names).map(str::to_owned)));
    };
    let Some(field) = field else { return Ok(kind_page(&db, def)) };
    match def.field(field) {
        Some(found) => Ok(field_page(&db, def, found)),
        None => {
            let names = def.fields.iter().map(|it| it.name.as_str());
            let near = rush_diagnostics::synonym(field)
                .filter(|it| def.field(it).is_some())
                .or_else(|| suggest(field, names));
            Err(unknown(word, near.map(|it| format!("{name}.{it}"))))
        }
    }
}

/// Everything that can be explained, for completion.
pub fn explainable() -> Vec<String> {
    let db = RushDatabase::default();
    let codes = Code::all().map(|it| it.code.to_string());
    let kinds = kinds(&db).iter().flat_map(|kind| {
        let fields = kind.fields.iter().map(move |it| format!("{}.{}", kind.name, it.name));
        std::iter::once(kind.name.to_string()).chain(fields)
    });
    codes.chain(kinds).collect()
}

fn unknown(word: &str, suggestion: Option<String>) -> ExplainError {
    ExplainError { word: word.to_owned(), suggestion }
}

fn kind_page(db: &RushDatabase, def: &KindDef) -> String {
    let doc = def.item.ast(db).doc.as_ref().map_or("", |it| it.text.as_str());
    let mut page = format!("# {}\n\n{doc}\n\n## Fields\n\n", def.name);
    for field in &def.fields {
        let summary = field.doc.lines().next().unwrap_or_default();
        page.push_str(&format!("- `{}: {}` - {summary}\n", field.name, field.ty));
    }
    let example = def.fields.first().map_or("name", |it| it.name.as_str());
    page.push_str(&format!(
        "\n`rush explain {}.{example}` tells more about one field.\n",
        def.name
    ));
    page
}

fn field_page(db: &RushDatabase, def: &KindDef, field: &KindField) -> String {
    let mut page = format!("# {}.{}\n\n{}\n\n", def.name, field.name, field.doc);
    page.push_str(&format!("- type: `{}`\n", field.ty));
    let default = field.default.and_then(|it| {
        let range = std::ops::Range::<usize>::from(it.item.ast(db).expr_range(it.expr));
        it.item.text(db).get(range).map(str::to_owned)
    });
    match default {
        Some(default) => page.push_str(&format!("- default: `{default}`\n")),
        None => page.push_str("- it has to be given\n"),
    }
    if field.is_merge {
        page.push_str("- what is written here is added to what is inherited, key by key\n");
    }
    page
}
