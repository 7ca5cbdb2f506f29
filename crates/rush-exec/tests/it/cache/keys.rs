//! What makes a task run again, and that `why` names it.

use std::collections::BTreeMap;

use rush_plan::{Arguments, Command, EnvValue, Node, Stdin, Task, TextPart, WorkspacePath};

use super::workshop::{Workshop, makes};
use crate::fixture::{argv, node};

/// Runs a task, changes something, and expects it to run again for this reason; then it is cached.
fn check(before: impl Into<Task>, after: impl Into<Task>, reason: &str) {
    let (before, after) = (before.into(), after.into());
    let shop = Workshop::new();
    shop.write("in", "text");
    check_in(&shop, before, || {}, after, reason);
}

fn check_in(
    shop: &Workshop,
    before: impl Into<Task>,
    change: impl Fn(),
    after: impl Into<Task>,
    reason: &str,
) {
    let (before, after) = (before.into(), after.into());
    let nodes = |task: &Task| vec![node("a", task.clone(), &[])];
    assert_eq!(shop.run(nodes(&before)).ends(), "a=succeeded -> 0");
    assert_eq!(shop.reasons(nodes(&before), "a"), "cached");
    change();
    assert_eq!(shop.reasons(nodes(&after), "a"), reason);
    assert_eq!(shop.run(nodes(&after)).ends(), "a=succeeded -> 0");
    assert_eq!(shop.run(nodes(&after)).ends(), "a=cached -> 0");
    let last = shop.why(nodes(&after), "a").last;
    let last: Vec<String> = last.iter().map(ToString::to_string).collect();
    assert_eq!(last.join(", "), reason, "what differed when it last ran");
}

fn base() -> Task {
    makes(&["in"], &["out"], "cp in out")
}

fn with(change: impl FnOnce(&mut Task)) -> Task {
    let mut task = base();
    change(&mut task);
    task
}

fn executable(shop: &Workshop, name: &str, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    shop.write(name, text);
    std::fs::set_permissions(shop.path(name), std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn env(name: &str, value: &str) -> Task {
    with(|it| {
        it.env.insert(name.to_owned(), EnvValue::Text(value.to_owned()));
    })
}

#[test]
fn commands_values_and_declarations_are_named() {
    check(base(), makes(&["in"], &["out"], "cp ./in out"), "the command `run 1` changed");
    check(env("A", "1"), env("A", "2"), "the variable `A` changed");
    check(base(), env("A", "2"), "the variable `A` is new");
    check(env("A", "2"), base(), "the variable `A` is gone");
    let key = |text: &str| with(|it| it.cache.key = vec![text.to_owned()]);
    check(key("a"), key("b"), "the text 1 of `cache.key` changed");
    let more = with(|it| it.outputs.push("o*".to_owned()));
    check(base(), more, "the pattern `o*` of `outputs` is new");
    let other = with(|it| it.outputs = vec!["o*".to_owned()]);
    let replaced = "the pattern `o*` of `outputs` is new, the pattern `out` of `outputs` is gone";
    check(base(), other, replaced);
    let stdin = with(|it| it.stdin = Some(rush_plan::Stdin::Text("x".to_owned())));
    check(base(), stdin.clone(), "the standard input is new");
    let other = with(|it| it.stdin = Some(rush_plan::Stdin::Text("y".to_owned())));
    check(stdin, other, "the standard input changed");
    let finally = with(|it| it.finally = vec![argv(&["true"])]);
    check(
        base(),
        finally,
        "the command `finally 1` is new, the program `true` was not used before",
    );
    let value = |text: &str| {
        with(|it| {
            if let [Command::Script(script)] = it.run.as_mut_slice() {
                script.variables.insert("v".to_owned(), Some(text.to_owned()));
            }
        })
    };
    check(value("1"), value("2"), "the value `v` of the script changed");
    let arguments = |text: &str| {
        with(|it| {
            if let [Command::Script(script)] = it.run.as_mut_slice() {
                script.arguments = vec![text.to_owned()];
            }
        })
    };
    check(arguments("1"), arguments("2"), "the command `run 1` changed");
    let dir = |text: &str| Task {
        dir: WorkspacePath::new(text).unwrap(),
        ..makes(&["in"], &["out"], "cp \"$RUSH_WORKSPACE/in\" \"$RUSH_WORKSPACE/out\"")
    };
    let shop = Workshop::new();
    ["in", "a/x", "b/x"].iter().for_each(|it| shop.write(it, "1"));
    check_in(&shop, dir("a"), || {}, dir("b"), "the directory `dir` changed");
    let path = |text: &str| WorkspacePath::new(text).unwrap();
    let paths = |text: &str| {
        with(|it| {
            it.env.insert("P".to_owned(), EnvValue::Path(path(text)));
        })
    };
    check(paths("a"), paths("b"), "the variable `P` changed");
}

#[test]
fn what_is_spelled_alike_and_means_something_else_is_another_task() {
    let env = |value: EnvValue| {
        with(|it| {
            it.env.insert("A".to_owned(), value);
        })
    };
    let path = |text: &str| EnvValue::Path(WorkspacePath::new(text).unwrap());
    let secret = || EnvValue::Secret("token".to_owned());
    let changed = "the variable `A` changed";
    check(env(EnvValue::Unset), env(path("unset")), changed);
    check(env(EnvValue::Unset), env(EnvValue::Text(String::new())), changed);
    let parts = |parts: &[TextPart]| env(EnvValue::Parts(parts.to_vec()));
    let text = |text: &str| TextPart::Text(text.to_owned());
    let token = || TextPart::Secret("token".to_owned());
    let shop = || {
        let shop = Workshop::with_token();
        shop.write("in", "text");
        shop
    };
    check_in(&shop(), env(secret()), || {}, env(path("token")), changed);
    check_in(&shop(), parts(&[token()]), || {}, parts(&[token(), text("")]), changed);
    let stdin = |stdin: Stdin| with(|it| it.stdin = Some(stdin));
    let spelled = stdin(Stdin::Text("\0token\0".to_owned()));
    let input = "the standard input changed";
    check_in(&shop(), stdin(Stdin::Parts(vec![token()])), || {}, spelled, input);

    // A file that a shell is given, and a script of the same text.
    let shop = Workshop::new();
    shop.write("in", "text");
    shop.write("cp in out", "cp in out");
    let command = with(|it| it.run = vec![argv(&["sh", "cp in out"])]);
    let script = makes(&["in"], &["out"], "cp in out");
    check_in(&shop, command, || {}, script, "the command `run 1` changed");
}

#[test]
fn outputs_count_by_their_text() {
    let shop = Workshop::new();
    shop.write("in", "text");
    assert_eq!(shop.run(vec![node("a", base(), &[])]).ends(), "a=succeeded -> 0");
    let wider = with(|it| it.outputs = vec!["ou*".to_owned()]);
    assert_ne!(shop.reasons(vec![node("a", wider, &[])], "a"), "cached");
}

#[test]
fn files_are_named() {
    let shop = Workshop::new();
    shop.write("in", "1");
    let task = || makes(&["in", "src/**"], &["out"], "cp in out");
    shop.write("src/a", "1");
    let change = |name: &'static str, text: &'static str| {
        let shop = &shop;
        move || shop.write(name, text)
    };
    check_in(&shop, task(), change("in", "2"), task(), "the file `in` changed");
    let shop = Workshop::new();
    shop.write("in", "1");
    let add = || shop.write("src/deep/b", "");
    check_in(&shop, task(), add, task(), "the file `src/deep/b` is new");
    let remove = || std::fs::remove_file(shop.path("src/deep/b")).unwrap();
    let nodes = || vec![node("a", task(), &[])];
    remove();
    // That was the first state, which is remembered.
    assert_eq!(shop.run(nodes()).ends(), "a=cached -> 0");
}

#[test]
fn a_mode_bit_and_a_program_are_named() {
    let shop = Workshop::new();
    shop.write("in", "1");
    let change = || executable(&shop, "in", "1");
    check_in(&shop, base(), change, base(), "the file `in` can be executed now");

    let shop = Workshop::new();
    shop.write("in", "1");
    executable(&shop, "tool", "#!/bin/sh\ncp in out\n");
    let task = || Task { run: vec![argv(&["./tool"])], ..base() };
    let change = || executable(&shop, "tool", "#!/bin/sh\ncp in out # other\n");
    check_in(&shop, task(), change, task(), "the program `./tool` changed");

    let shop = Workshop::new();
    shop.write("in", "1");
    executable(&shop, "bin/helper", "1");
    let task = || {
        with(|it| {
            it.tools = vec!["helper".to_owned()];
            it.bin = vec![WorkspacePath::new("bin").unwrap()];
        })
    };
    let change = || executable(&shop, "bin/helper", "2");
    check_in(&shop, task(), change, task(), "the program `helper` changed");
}

#[test]
fn what_runs_a_program_counts_with_it() {
    let run = |line: &str| {
        let shop = Workshop::new();
        shop.write("in", "1");
        executable(&shop, "bin/runs-it", "#!/bin/sh\nexec sh \"$@\"\n");
        let line = line.replace("HERE", &shop.path("").to_string_lossy());
        executable(&shop, "tool", &format!("#!{line}\ncp in out\n"));
        shop
    };
    let by_path = || Task { run: vec![argv(&["./tool"])], ..base() };
    let by_env = || Task { bin: vec![WorkspacePath::new("bin").unwrap()], ..by_path() };
    let cases = [
        (by_path(), "HEREbin/runs-it -eu", "bin/runs-it"),
        (by_path(), "bin/runs-it", "bin/runs-it"),
        (by_env(), "/usr/bin/env runs-it", "runs-it"),
        (by_env(), "/usr/bin/env -S runs-it -e", "runs-it"),
    ];
    for (task, line, name) in cases {
        let shop = run(line);
        let change = || executable(&shop, "bin/runs-it", "#!/bin/sh\nexec sh -u \"$@\"\n");
        let told = format!("the program `{name}` changed");
        check_in(&shop, task.clone(), change, task.clone(), &told);
        // What runs that counts, too.
        executable(&shop, "bin/inner", "#!/bin/sh\nexec sh \"$@\"\n");
        executable(&shop, "bin/runs-it", "#!bin/inner\nexec sh \"$@\"\n");
        shop.run(vec![node("a", task.clone(), &[])]);
        let change = || executable(&shop, "bin/inner", "#!/bin/sh\nexec sh -u \"$@\"\n");
        change();
        assert_eq!(
            shop.reasons(vec![node("a", task, &[])], "a"),
            "the program `bin/inner` changed"
        );
    }
}

#[test]
fn what_passes_is_covered_and_values_are_not_stored() {
    let mut shop = Workshop::new();
    shop.write("in", "1");
    let nodes = |task: Task| vec![node("a", task, &[])];
    shop.run(nodes(base()));
    shop.bench.variables = BTreeMap::from([("TOKEN".to_owned(), "s3cr3t-value".to_owned())]);
    assert_eq!(shop.reasons(nodes(base()), "a"), "the variable `TOKEN` is new");
    shop.run(nodes(base()));
    assert_eq!(shop.run(nodes(base())).ends(), "a=cached -> 0");
    shop.write(".env", "FROM_FILE=one\n");
    let task = || with(|it| it.env_files = vec![WorkspacePath::new(".env").unwrap()]);
    shop.run(nodes(task()));
    shop.write(".env", "FROM_FILE=other\n");
    assert_eq!(shop.reasons(nodes(task()), "a"), "the variable `FROM_FILE` changed");
    for file in walk(&shop.cache()).iter().chain([&shop.table()]) {
        let bytes = std::fs::read(file).unwrap();
        assert!(memchr::memmem::find(&bytes, b"s3cr3t-value").is_none(), "{}", file.display());
    }
}

fn walk(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}

#[test]
fn what_a_needed_task_made_is_named_and_its_order_of_running_is_not() {
    let shop = Workshop::new();
    shop.write("in", "1");
    let nodes = || -> Vec<Node> {
        vec![
            node("gen", makes(&["in"], &["made"], "cp in made"), &[]),
            node("use", makes(&[], &["used"], "cp made used"), &["gen"]),
        ]
    };
    shop.run(nodes());
    shop.write("in", "2");
    let outlooks = shop.outlooks(nodes());
    let gen_id = crate::fixture::id("gen");
    assert_eq!(outlooks[1], rush_exec::Outlook::Depends(vec![gen_id]));
    shop.run(nodes());
    let last = shop.why(nodes(), "use").last;
    assert_eq!(last[0].to_string(), "what `gen` made changed");
}

/// Writes a program that says this.
fn write_tool(shop: &Workshop, directory: &str, says: &str) {
    executable(
        shop,
        &format!("{directory}/tool-of-this-test"),
        &format!("#!/bin/sh\necho {says}\n"),
    );
}

#[test]
fn programs_are_sought_on_the_path_that_processes_get() {
    let ambient = std::env::var("PATH").unwrap();
    let tool = || makes(&["in"], &["out"], "tool-of-this-test > out");
    let tool = || Task { tools: vec!["tool-of-this-test".to_owned()], ..tool() };
    let env_file = |shop: &Workshop| {
        let text = format!("PATH={}:{ambient}\n", shop.path("bin").display());
        shop.write("path.env", &text);
        Task { env_files: vec![WorkspacePath::new("path.env").unwrap()], ..tool() }
    };
    let declared = |shop: &Workshop| {
        let path = format!("{}:{ambient}", shop.path("bin").display());
        let mut task = tool();
        task.env.insert("PATH".to_owned(), EnvValue::Text(path));
        task
    };
    for task in [&env_file as &dyn Fn(&Workshop) -> Task, &declared] {
        let shop = Workshop::new();
        shop.write("in", "1");
        write_tool(&shop, "bin", "one");
        let task = task(&shop);
        let told = "the program `tool-of-this-test` changed";
        check_in(&shop, task.clone(), || write_tool(&shop, "bin", "three"), task, told);
        assert_eq!(shop.read("out"), "three\n");
    }
}

#[test]
fn the_environment_of_the_run_decides_and_not_that_of_this_process() {
    use std::sync::Arc;
    let mut shop = Workshop::new();
    shop.write("in", "1");
    let mut task = makes(&["in"], &["out"], "tool-of-this-test > out; echo $SOME_WORD >> out");
    task.pass_env = vec!["SOME_*".to_owned()];
    task.tools = vec!["tool-of-this-test".to_owned()];
    let nodes = || vec![node("a", task.clone(), &[])];
    let (one, two) = (shop.path("one"), shop.path("two"));
    write_tool(&shop, "one", "one");
    write_tool(&shop, "two", "two");
    let with = |shop: &mut Workshop, directory: &std::path::Path, word: &str| {
        let path = format!("{}:{}", directory.display(), std::env::var("PATH").unwrap());
        let mut inherited = rush_exec::Environment::clone(&shop.bench.inherited);
        inherited.insert("PATH".into(), path.into());
        inherited.insert("SOME_WORD".into(), word.into());
        shop.bench.inherited = Arc::new(inherited);
    };
    for (directory, word, expect) in
        [(&one, "red", "one\nred\n"), (&two, "red", "two\nred\n"), (&two, "blue", "two\nblue\n")]
    {
        with(&mut shop, directory, word);
        assert_eq!(shop.run(nodes()).ends(), "a=succeeded -> 0");
        assert_eq!(shop.run(nodes()).ends(), "a=cached -> 0");
        assert_eq!(shop.read("out"), expect);
    }
}

#[test]
fn parts_of_one_name_are_told_apart() {
    let two = |first: &str, second: &str| {
        with(|it| {
            let run = [("one", first), ("two", second)].map(|(word, value)| {
                let mut run = crate::fixture::sh(&format!("echo {word}; cp in out")).run;
                if let [Command::Script(script)] = run.as_mut_slice() {
                    script.variables.insert("name".to_owned(), Some(value.to_owned()));
                }
                run.remove(0)
            });
            it.run = run.to_vec();
        })
    };
    let shop = Workshop::new();
    shop.write("in", "1");
    let change = || shop.write("in", "2");
    check_in(&shop, two("v", "v"), change, two("v", "v"), "the file `in` changed");
    check(two("v", "v"), two("v", "w"), "the value `name` of the script changed");
    check(two("v", "v"), two("w", "w"), "the value `name` of the script changed");
    let bins = |names: &[&str]| {
        let path = |name: &&str| WorkspacePath::new(name).unwrap();
        with(|it| it.bin = names.iter().map(path).collect())
    };
    let shop = Workshop::new();
    shop.write("in", "1");
    let change = || shop.write("in", "2");
    check_in(&shop, bins(&["a", "b"]), change, bins(&["a", "b"]), "the file `in` changed");
    check(bins(&["a", "b"]), bins(&["a"]), "the directory `bin` is gone");
}

#[test]
fn what_would_be_put_back_counts_as_if_it_were_there() {
    let shop = Workshop::new();
    shop.write("src/a", "1");
    shop.write("src/b", "2");
    let nodes = || -> Vec<Node> {
        let mut user = makes(&["out/*.o", "out/tool"], &["prog"], "cat out/*.o > prog; out/tool");
        user.tools = vec!["out/tool".to_owned()];
        let script = "mkdir -p out; cat src/a src/b > out/x.o; ln -sf x.o out/y.o; \
                      test ! -e src/old || cp src/old out/old.o; \
                      printf '#!/bin/sh\\necho hi\\n' > out/real; chmod 755 out/real; ln -sf real out/tool";
        vec![node("make", makes(&["src"], &["out"], script), &[]), node("use", user, &["make"])]
    };
    shop.run(nodes());
    let check = |restores: usize| {
        let cached = |restores| rush_exec::Outlook::Cached { restores };
        assert_eq!(shop.outlooks(nodes()), [cached(restores), cached(0)]);
        assert_eq!(shop.run(nodes()).ends(), "make=cached use=cached -> 0");
    };
    check(0);
    std::fs::remove_dir_all(shop.path("out")).unwrap();
    check(5);
    std::fs::remove_file(shop.path("out/x.o")).unwrap();
    check(1);
    shop.write("src/old", "");
    assert_eq!(shop.run(nodes()).ends(), "make=succeeded use=succeeded -> 0");
    std::fs::remove_file(shop.path("src/old")).unwrap();
    check(0);
    assert!(!shop.path("out/old.o").exists());
    shop.write("src/a", "3");
    assert_eq!(shop.reasons(nodes(), "make"), "the file `src/a` changed");
}

#[test]
fn reasons_that_are_no_difference() {
    let shop = Workshop::new();
    shop.write("in", "1");
    let nodes = |task: Task| vec![node("a", task, &[])];
    assert_eq!(shop.reasons(nodes(base()), "a"), "no earlier result of it is known");
    let always = || Task { inputs: None, ..base() };
    assert_eq!(shop.reasons(nodes(always()), "a"), "it has no `inputs`, so it always runs");
    shop.run(nodes(base()));
    std::fs::remove_dir_all(shop.cache()).unwrap();
    std::fs::remove_file(shop.path("out")).unwrap();
    assert!(!shop.cache().exists());
    assert_ne!(shop.reasons(nodes(base()), "a"), "cached");
    assert!(!shop.cache().exists(), "whoever only asks writes nothing");
}

#[test]
fn a_needed_service_counts_by_what_it_is_and_not_by_how_it_is_watched() {
    use rush_plan::{Restart, Service, Stop, Work};
    let shop = Workshop::new();
    shop.write("in", "1");
    let nodes = |words: &[&str], restart: Restart| -> Vec<Node> {
        let service = Service {
            run: argv(words),
            dir: WorkspacePath::root(),
            env: BTreeMap::new(),
            env_files: Vec::new(),
            pass_env: Vec::new(),
            bin: Vec::new(),
            inputs: None,
            ready: None,
            stop: Stop::default(),
            restart,
        };
        let work = Work::Service(Box::new(service));
        let server = Node::new("server", Arguments::new(), Arguments::new(), work);
        vec![node("test", base(), &["server"]), server]
    };
    let ends = |nodes| shop.run(nodes).node("test").state.clone();
    let (succeeded, cached) = (rush_plan::NodeState::Succeeded, rush_plan::NodeState::Cached);
    assert_eq!(ends(nodes(&["sleep", "1000"], Restart::Never)), succeeded);
    assert_eq!(ends(nodes(&["sleep", "1000"], Restart::Always)), cached);
    assert_eq!(ends(nodes(&["sleep", "1001"], Restart::Never)), succeeded);
    let last = shop.why(nodes(&["sleep", "1001"], Restart::Never), "test").last;
    assert_eq!(last[0].to_string(), "what `server` made changed");
}

#[test]
fn a_program_that_a_task_makes_and_then_runs_decides_nothing() {
    let made = |change: fn(&mut Task)| {
        let shop = Workshop::new();
        shop.write("in", "text");
        let mut task = makes(&["in"], &["made"], "mkdir -p made; cp /bin/true made/prog");
        change(&mut task);
        let nodes = || vec![node("a", task.clone(), &[])];
        assert_eq!(shop.run(nodes()).ends(), "a=succeeded -> 0");
        assert_eq!(shop.reasons(nodes(), "a"), "cached");
        assert_eq!(shop.run(nodes()).ends(), "a=cached -> 0");
        std::fs::remove_dir_all(shop.path("made")).unwrap();
        assert_eq!(shop.run(nodes()).ends(), "a=cached -> 0");
    };
    made(|it| it.run.push(argv(&["made/prog"])));
    made(|it| it.run.push(argv(&["./made/../made/prog", "x"])));
    made(|it| it.finally.push(argv(&["made/prog"])));
    // Elsewhere there is one of the same name, which the search finds as long as this one is not there.
    made(|it| {
        it.run = makes(&[], &[], "mkdir -p made; cp /bin/cat made/true").run;
        it.run.push(argv(&["true"]));
        it.bin = vec![WorkspacePath::new("made").unwrap()];
    });
}

#[test]
fn a_program_among_the_outputs_that_is_there_from_the_start_decides() {
    let shop = Workshop::new();
    shop.write("in", "text");
    shop.write("made/prog", "#!/bin/sh\ncp in made/out\n");
    let make_executable = || {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(shop.path("made/prog"), mode).unwrap();
    };
    make_executable();
    let task =
        Task { run: vec![argv(&["made/prog"])], ..makes(&["in"], &["made/*", "!made/prog"], "") };
    let other = || {
        shop.write("made/prog", "#!/bin/sh\ncat in in > made/out\n");
        make_executable();
    };
    check_in(&shop, task.clone(), other, task, "the program `made/prog` changed");
}
