//! Reads one file of settings.

use camino::Utf8Path;
use rush_system::System;
use toml_edit::{Document, Item};

use super::{Layer, Origin, Setting, Settings, SettingsError};
use crate::text::Text;

/// Lays the values of a file over the settings; a file that is not there has none.
pub(super) fn read(
    system: &dyn System,
    path: &Utf8Path,
    layer: Layer,
    settings: &mut Settings,
) -> Result<(), SettingsError> {
    let Some(text) = Text::read(system, path)? else { return Ok(()) };
    let text = text.text.trim_start_matches('\u{feff}');
    let document = Document::parse(text).map_err(|error| SettingsError::Syntax {
        path: path.to_owned(),
        line: error.span().map_or(1, |it| line(text, it.start)),
        message: error.message().lines().collect::<Vec<_>>().join("; "),
    })?;
    for (key, item) in document.iter() {
        let at = document.key(key).and_then(toml_edit::Key::span).or_else(|| item.span());
        let place = match at {
            Some(at) => format!("{path}:{}", line(text, at.start)),
            None => path.to_string(),
        };
        let setting = Setting::from_name(key).ok_or_else(|| SettingsError::UnknownKey {
            place: place.clone(),
            key: key.to_owned(),
            did_you_mean: Setting::nearest(key).question(""),
        })?;
        settings.set(setting, &written(item, text), Origin { layer, place })?;
    }
    Ok(())
}

/// A scalar as text, and a table of them as names with values; anything else as it is written, which no setting
/// takes.
fn written(item: &Item, text: &str) -> String {
    if let Some(value) = item.as_str() {
        return value.to_owned();
    }
    if let Some(value) = item.as_integer() {
        return value.to_string();
    }
    if let Some(value) = item.as_bool() {
        return value.to_string();
    }
    if let Some(table) = item.as_table_like() {
        let pairs = table.iter().map(|(key, item)| format!("{key}={}", written(item, text)));
        return pairs.collect::<Vec<_>>().join(" ");
    }
    item.span().and_then(|it| text.get(it)).unwrap_or("a table").to_owned()
}

fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|it| *it == b'\n').count() + 1
}
