//! Pages that are on no disk: the file that declares the kinds, and what `rush explain` says.
//!
//! Editors name them by schemes of their own, and ask here for the text.

use ls_types::Uri;
use rush_diagnostics::Code;
use rush_semantics::kinds::PRELUDE;
use serde::{Deserialize, Serialize};

use crate::table::PRELUDE_URI;

/// The scheme of pages about codes; the rest is the code, with `.md` behind it.
const EXPLAIN: &str = "rush-explain:/";

/// The page of a code.
pub(crate) fn of_code(code: Code) -> Option<Uri> {
    format!("{EXPLAIN}{code}.md").parse().ok()
}

/// Which page is asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct PageParams {
    /// The name of the page.
    pub(crate) uri: Uri,
}

/// A page.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Page {
    /// All of it.
    pub(crate) text: String,
}

/// The page with this name, if there is one.
pub(crate) fn page(uri: &Uri) -> Option<Page> {
    let name = uri.as_str();
    if name == PRELUDE_URI {
        return Some(Page { text: PRELUDE.to_owned() });
    }
    let code: Code = name.strip_prefix(EXPLAIN)?.strip_suffix(".md")?.parse().ok()?;
    Some(Page { text: code.page().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::{of_code, page};
    use rush_diagnostics::Code;

    #[test]
    fn every_code_has_a_page() {
        for info in Code::all() {
            let uri = of_code(info.code).unwrap();
            assert_eq!(page(&uri).unwrap().text, info.page);
        }
        for unknown in ["rush-explain:/RUSH9999.md", "rush-prelude:/other.rush", "file:///x"] {
            assert_eq!(page(&unknown.parse().unwrap()), None);
        }
    }
}
