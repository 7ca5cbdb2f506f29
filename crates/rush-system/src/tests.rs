//! One suite of claims about any [`System`], run over both implementations.
//!
//! Each claim gets a fresh, empty, writable directory; how that comes about is the stage's affair.

use camino::{Utf8Path, Utf8PathBuf};

use crate::{FileKind, MemorySystem, OsSystem, System, SystemError};

type Claim = fn(&dyn System, &Utf8Path);

/// Runs one claim in memory and on the real file system.
fn check(claim: Claim) {
    claim(&MemorySystem::new().with_dir("/stage"), Utf8Path::new("/stage"));
    let dir = tempfile::tempdir().unwrap();
    let dir = Utf8PathBuf::from_path_buf(dir.path().canonicalize().unwrap()).unwrap();
    OsSystem.create_dir_all(&dir).unwrap();
    claim(&OsSystem, &dir);
    OsSystem.remove_dir_all(&dir).unwrap();
}

fn names(system: &dyn System, dir: &Utf8Path) -> Vec<String> {
    system.list_dir(dir).unwrap().into_iter().map(|it| it.name).collect()
}

#[test]
fn what_is_written_is_read() {
    check(|system, dir| {
        let path = dir.join("tasks.rush");
        system.write(&path, b"\xEF\xBB\xBFtask a {}\r\n").unwrap();
        assert_eq!(system.read(&path).unwrap(), b"\xEF\xBB\xBFtask a {}\r\n");
        let found = system.metadata(&path).unwrap();
        assert_eq!((found.kind, found.len), (FileKind::File, 14));
    });
}

#[test]
fn writing_replaces_and_leaves_nothing_else_behind() {
    check(|system, dir| {
        let path = dir.join("a");
        system.write(&path, b"first").unwrap();
        system.write(&path, b"2").unwrap();
        assert_eq!(system.read(&path).unwrap(), b"2");
        assert_eq!(names(system, dir), ["a"]);
    });
}

#[test]
fn two_states_of_a_file_can_be_told_apart_without_reading() {
    check(|system, dir| {
        let path = dir.join("a");
        system.write(&path, b"one").unwrap();
        let before = system.metadata(&path).unwrap();
        system.write(&path, b"two").unwrap();
        let after = system.metadata(&path).unwrap();
        assert_ne!(before, after);
    });
}

#[test]
fn a_missing_file_is_not_found_and_its_path_is_named() {
    check(|system, dir| {
        let path = dir.join("none/tasks.rush");
        let error = system.read(&path).unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.path(), Some(path.as_path()));
        assert!(!system.exists(&path));
        assert!(system.canonicalize(&path).unwrap_err().is_not_found());
        assert!(system.remove_file(&path).unwrap_err().is_not_found());
    });
}

#[test]
fn a_path_through_a_file_leads_nowhere() {
    check(|system, dir| {
        system.write(&dir.join("a"), b"").unwrap();
        let error = system.read(&dir.join("a/b")).unwrap_err();
        assert!(matches!(error, SystemError::NotADirectory { .. }), "{error:?}");
        let error = system.create_dir_all(&dir.join("a")).unwrap_err();
        assert!(matches!(error, SystemError::NotADirectory { .. }), "{error:?}");
        let error = system.list_dir(&dir.join("a")).unwrap_err();
        assert!(matches!(error, SystemError::NotADirectory { .. }), "{error:?}");
    });
}

#[test]
fn a_directory_is_no_file() {
    check(|system, dir| {
        system.create_dir_all(&dir.join("d/e")).unwrap();
        let refused = [
            system.read(&dir.join("d")).unwrap_err(),
            system.write(&dir.join("d"), b"").unwrap_err(),
            system.remove_file(&dir.join("d")).unwrap_err(),
        ];
        for error in refused {
            assert!(matches!(error, SystemError::IsADirectory { .. }), "{error:?}");
        }
        assert!(system.is_dir(&dir.join("d")) && !system.is_file(&dir.join("d")));
    });
}

#[test]
fn a_listing_is_sorted_and_tells_kinds() {
    check(|system, dir| {
        system.write(&dir.join("b"), b"").unwrap();
        system.create_dir_all(&dir.join("a")).unwrap();
        system.write(&dir.join(".c"), b"").unwrap();
        let listed: Vec<_> =
            system.list_dir(dir).unwrap().into_iter().map(|it| (it.name, it.kind)).collect();
        let expected = [(".c", FileKind::File), ("a", FileKind::Directory), ("b", FileKind::File)];
        assert_eq!(listed, expected.map(|(name, kind)| (name.to_owned(), kind)));
    });
}

#[test]
fn directories_are_made_once_and_removed_with_all_in_them() {
    check(|system, dir| {
        system.create_dir_all(&dir.join("x/y/z")).unwrap();
        system.create_dir_all(&dir.join("x/y/z")).unwrap();
        system.write(&dir.join("x/y/z/f"), b"f").unwrap();
        system.remove_dir_all(&dir.join("x")).unwrap();
        assert!(names(system, dir).is_empty());
    });
}

#[test]
fn dots_are_resolved() {
    check(|system, dir| {
        system.create_dir_all(&dir.join("a/b")).unwrap();
        let resolved = system.canonicalize(&dir.join("a/./b/../../a")).unwrap();
        assert_eq!(resolved, dir.join("a"));
    });
}

#[test]
fn relative_paths_start_from_the_current_directory() {
    let system = MemorySystem::from_files([("/w/a", "x")]).with_current_dir("/w");
    assert_eq!(system.read(Utf8Path::new("a")).unwrap(), b"x");
    assert_eq!(system.canonicalize(Utf8Path::new(".")).unwrap(), "/w");
    let here = OsSystem.current_dir().unwrap();
    let resolved = OsSystem.canonicalize(Utf8Path::new(".")).unwrap();
    assert_eq!(resolved, OsSystem.canonicalize(&here).unwrap());
}

#[test]
fn the_clock_for_measuring_never_goes_back() {
    check(|system, dir| {
        let before = system.monotonic();
        system.write(&dir.join("a"), b"").unwrap();
        assert!(system.monotonic() >= before);
    });
}

#[test]
fn an_unset_variable_is_none() {
    check(|system, _| {
        assert_eq!(system.env_var("RUSH_TEST_SURELY_UNSET").unwrap(), None);
    });
}

#[test]
fn variables_and_directories_of_the_user_come_from_the_environment() {
    let system = MemorySystem::new().with_env("HOME", "/home/ada").with_env("X", "1");
    assert_eq!(system.env_var("X").unwrap().as_deref(), Some("1"));
    assert_eq!(system.home_dir().unwrap(), "/home/ada");
    assert_eq!(system.config_dir().unwrap(), "/home/ada/.config/rush");
    assert_eq!(system.cache_dir().unwrap(), "/home/ada/.cache/rush");
    assert_eq!(system.state_dir().unwrap(), "/home/ada/.local/state/rush");
}

#[test]
fn the_real_host_has_a_processor_and_memory() {
    let host = OsSystem.host();
    assert!(host.cpus >= 1);
    assert!(host.memory_bytes > 64 << 20);
}

#[test]
fn a_denied_path_is_refused_with_the_action() {
    let system = MemorySystem::from_files([("/w/a", "x")]);
    system.deny("/w/a");
    let error = system.read(Utf8Path::new("/w/a")).unwrap_err();
    assert_eq!(error.to_string(), "no permission to read `/w/a`");
    assert!(!error.is_not_found());
}

mod links {
    //! Links and permission bits, which Windows has no plain equal of.

    use super::{check, names};
    use crate::{FileKind, MemorySystem, OsSystem, SystemError};
    use camino::{Utf8Path, Utf8PathBuf};

    /// Both worlds with `dir/real/file`, `dir/link -> real/file` and `dir/loop -> loop`.
    fn check_links(claim: super::Claim) {
        let memory = MemorySystem::from_files([("/s/real/file", "old")])
            .with_symlink("/s/link", "real/file")
            .with_symlink("/s/loop", "loop");
        memory.set_mode("/s/real/file", 0o755);
        claim(&memory, Utf8Path::new("/s"));
        let Some(stage) = real_stage() else { return };
        let dir = Utf8PathBuf::from_path_buf(stage.path().canonicalize().unwrap()).unwrap();
        claim(&OsSystem, &dir);
    }

    /// `None` where the system has no symbolic links for everyone.
    fn real_stage() -> Option<tempfile::TempDir> {
        let stage = tempfile::tempdir().unwrap();
        let shell = "mkdir real; printf old >real/file; chmod 755 real/file; \
                     ln -s real/file link; ln -s loop loop";
        let status = std::process::Command::new("sh")
            .args(["-c", shell])
            .current_dir(stage.path())
            .status()
            .ok()?;
        status.success().then_some(stage)
    }

    #[test]
    fn a_write_goes_through_a_link_and_keeps_the_mode() {
        check_links(|system, dir| {
            system.write(&dir.join("link"), b"new").unwrap();
            assert_eq!(system.read(&dir.join("real/file")).unwrap(), b"new");
            let link = system.symlink_metadata(&dir.join("link")).unwrap();
            assert_eq!(link.kind, FileKind::Symlink);
            assert_eq!(system.metadata(&dir.join("link")).unwrap().mode, 0o755);
            assert_eq!(names(system, &dir.join("real")), ["file"]);
        });
    }

    #[test]
    fn a_link_is_resolved_and_removed_alone() {
        check_links(|system, dir| {
            assert_eq!(system.canonicalize(&dir.join("link")).unwrap(), dir.join("real/file"));
            system.remove_file(&dir.join("link")).unwrap();
            assert!(system.is_file(&dir.join("real/file")));
        });
    }

    #[test]
    fn links_in_a_circle_are_an_error() {
        check_links(|system, dir| {
            assert!(!system.exists(&dir.join("loop")));
            let error = system.write(&dir.join("loop"), b"").unwrap_err();
            assert!(matches!(error, SystemError::LinkCircle { .. }), "{error:?}");
        });
    }

    #[test]
    fn a_new_file_is_readable_for_others() {
        check(|system, dir| {
            system.write(&dir.join("new"), b"").unwrap();
            let mode = system.metadata(&dir.join("new")).unwrap().mode;
            // A strict umask may take bits away, but the private mode of a temporary file is none.
            assert_eq!(mode & 0o600, 0o600);
        });
    }
}
