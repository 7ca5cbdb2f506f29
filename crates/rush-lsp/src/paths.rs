//! Between the names editors give to files and the paths of the world.

use camino::{Utf8Path, Utf8PathBuf};
use ls_types::Uri;

/// The path of a document that is a file; `None` for one that only the editor knows.
pub(crate) fn from_uri(uri: &Uri) -> Option<Utf8PathBuf> {
    if !uri.scheme().as_str().eq_ignore_ascii_case("file") {
        return None;
    }
    Utf8PathBuf::from_path_buf(uri.to_file_path()?.into_owned()).ok()
}

/// How a file is named to the editor; `path` is absolute.
pub(crate) fn to_uri(path: &Utf8Path) -> Option<Uri> {
    path.is_absolute().then(|| Uri::from_file_path(path)).flatten()
}

#[cfg(test)]
mod tests {
    use super::{from_uri, to_uri};

    #[test]
    fn only_files_have_paths() {
        let path =
            |uri: &str| from_uri(&uri.parse().unwrap()).map(camino::Utf8PathBuf::into_string);
        assert_eq!(path("untitled:Untitled-1"), None);
        assert_eq!(path("FILE:///w/t%20%C3%A9.rush").as_deref(), Some("/w/t é.rush"));
    }

    #[test]
    fn names_come_back_as_paths() {
        let path = camino::Utf8Path::new("/w/a b/é#?.rush");
        let uri = to_uri(path).unwrap();
        assert_eq!(uri.as_str(), "file:///w/a%20b/%C3%A9%23%3F.rush");
        assert_eq!(from_uri(&uri).unwrap(), path);
        assert!(to_uri(camino::Utf8Path::new("w")).is_none());
    }
}
