//! What each name of an item refers to.

use rush_semantics::Db as _;

use super::{Role, Where, occurrences};
use crate::fixture::Case;
use crate::target::Target;

/// Expects the names of the last item of the fixture's last file, one a line: `text: what`, with `=`
/// behind a declaration, `:` behind a write, `$` behind a name in a script.
fn check(text: &str, expect: &str) {
    let case = Case::new(text);
    let file = case.db.workspace().files(&case.db).get("tasks.rush").copied().unwrap_or(case.file);
    let item = *file.items(&case.db).last().unwrap();
    let source = item.text(&case.db);
    let names = occurrences(&case.db, item).into_iter().map(|it| {
        let word = &source[std::ops::Range::<usize>::from(it.range)];
        let role = match (it.role, it.place) {
            (Role::Declaration, _) => "=",
            (Role::Write, _) => ":",
            (Role::Read, Where::Script | Where::ScriptName) => "$",
            (Role::Read, Where::Text) => "\"",
            (Role::Read, Where::Code) => "",
        };
        format!("{word}{role} {}", show(&case, &it.target))
    });
    let names: Vec<String> = names.collect();
    let expect: Vec<&str> = expect.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    assert_eq!(names, expect, "in\n{source}");
}

fn show(case: &Case, target: &Target) -> String {
    let db = &case.db;
    let of = |item: &rush_semantics::Item| {
        let path = item.file(db).path(db).clone();
        format!("{path}/{} {}", item.kind(db), item.name(db))
    };
    match target {
        Target::Item(item) => of(item),
        Target::Parameter { item, .. } => format!("parameter of {}", of(item)),
        Target::Local { local, .. } => format!("local {}", local.0),
        Target::Axis { item, .. } => format!("axis of {}", of(item)),
        Target::Field { owner, .. } => format!("field of {}", of(owner)),
        Target::Key { item, shape, .. } => format!("key of {shape:?} in {}", of(item)),
        Target::Tag { owner, .. } => format!("tag of {}", of(owner)),
        Target::Variable { .. } => "variable".to_owned(),
        Target::File(file) => format!("file {}", file.path(db)),
        Target::Function(it) => format!("function {it:?}"),
        Target::Member(_) => "member".to_owned(),
        Target::Word(_) => "word".to_owned(),
    }
}

#[test]
fn a_declaration_and_what_it_needs() {
    check(
        "let mode = \"fast\"\ntask a(x: string) {}\ntask b(y: int = 1) {\n  needs: [a(x: mode)]\n  \
         run: `echo ${y}`\n}\n",
        "task <prelude>/kind task
         b= tasks.rush/task b
         y= parameter of tasks.rush/task b
         needs: field of <prelude>/kind task
         a tasks.rush/task a
         x: parameter of tasks.rush/task a
         mode tasks.rush/let mode
         run: field of <prelude>/kind task
         y parameter of tasks.rush/task b",
    );
}

#[test]
fn scripts_read_values_and_variables() {
    check(
        "task a(x: string) {\n  let dir = \"d\"\n  env: { KEY: \"1\" }\n  \
         run: sh\"\"\"\n    echo $x \"${dir}\" $KEY '$x' $OTHER\n  \"\"\"\n}\n",
        "task <prelude>/kind task
         a= tasks.rush/task a
         x= parameter of tasks.rush/task a
         dir= local 1
         env: field of <prelude>/kind task
         KEY= variable
         run: field of <prelude>/kind task
         x$ parameter of tasks.rush/task a
         dir$ local 1
         KEY$ variable",
    );
}

#[test]
fn other_files_are_reached_through_their_alias() {
    check(
        "//- lib.rush\ntype Mode = \"a\" | \"b\"\ntemplate t(m: Mode) {}\ntask c {}\n//- tasks.rush\n\
         use \"./lib.rush\" as lib\ntask b(m: lib.Mode) extends lib.t(m: m) {\n  needs: [lib.c]\n}\n",
        "task <prelude>/kind task
         b= tasks.rush/task b
         m= parameter of tasks.rush/task b
         lib tasks.rush/use lib
         Mode lib.rush/type Mode
         lib tasks.rush/use lib
         t lib.rush/template t
         m: parameter of lib.rush/template t
         m parameter of tasks.rush/task b
         needs: field of <prelude>/kind task
         lib tasks.rush/use lib
         c lib.rush/task c",
    );
    check(
        "//- lib.rush\ntask c {}\n//- tasks.rush\nuse \"./lib.rush\" as lib\n",
        "./lib.rush\" file lib.rush
         lib= tasks.rush/use lib",
    );
}

#[test]
fn fields_belong_to_the_type_that_declares_them() {
    check(
        "task a {\n  retry { attempts: 2, delay: exponential(1s, factor: 2.0) }\n}\n",
        "task <prelude>/kind task
         a= tasks.rush/task a
         retry: field of <prelude>/kind task
         attempts: field of <prelude>/type Retry
         delay: field of <prelude>/type Retry
         exponential tag of <prelude>/type Backoff
         factor: field of <prelude>/type Backoff",
    );
    check(
        "type Wait = fixed(delay: duration) | growing\ntype Other = fixed(delay: duration)\n\
         let w: Other = fixed(delay: 1s)\ntask t {\n  retry { attempts: 2, delay: fixed(delay: 1s) }\n  \
         when: w == w\n}\n",
        "task <prelude>/kind task
         t= tasks.rush/task t
         retry: field of <prelude>/kind task
         attempts: field of <prelude>/type Retry
         delay: field of <prelude>/type Retry
         fixed tag of <prelude>/type Backoff
         delay: field of <prelude>/type Backoff
         when: field of <prelude>/kind task
         w tasks.rush/let w
         w tasks.rush/let w",
    );
    check(
        "//- lib.rush\ntype Wait = fixed(delay: duration) | growing(first: duration)\n//- tasks.rush\n\
         use \"./lib.rush\" as lib\ntype Mine = fixed(delay: duration)\nlet w: lib.Wait = fixed(delay: 1s)\n",
        "w= tasks.rush/let w
         lib tasks.rush/use lib
         Wait lib.rush/type Wait
         fixed tag of lib.rush/type Wait
         delay: field of lib.rush/type Wait",
    );
    check(
        "type Pair = { left: int, right: int = 0 }\nlet pair: Pair = { left: 1 }\nlet n = pair.left\n",
        "n= tasks.rush/let n
         pair tasks.rush/let pair
         left field of tasks.rush/type Pair",
    );
    check(
        "template t {}\n",
        "template <prelude>/kind template
         t= tasks.rush/template t",
    );
    check(
        "template t {\n  dir: \"x\"\n}\n",
        "template <prelude>/kind template
         t= tasks.rush/template t
         dir: field of <prelude>/kind task",
    );
}

#[test]
fn axes_have_one_home() {
    check(
        "template t {\n  matrix: { os: [\"a\", \"b\"] }\n}\ntask b extends t {\n  run: `echo ${matrix.os}`\n}\n",
        "task <prelude>/kind task
         b= tasks.rush/task b
         t tasks.rush/template t
         run: field of <prelude>/kind task
         matrix word
         os axis of tasks.rush/template t",
    );
    check(
        "task a {\n  matrix: { os: [\"a\"], exclude: [{ os: \"a\" }] }\n}\n",
        "task <prelude>/kind task
         a= tasks.rush/task a
         matrix: field of <prelude>/kind task
         os= axis of tasks.rush/task a
         os: axis of tasks.rush/task a",
    );
}

#[test]
fn locals_of_lists_and_functions() {
    check(
        "fn f(xs: [string]) = [for x in xs if x != \"\": x.upper()]\n",
        "f= tasks.rush/fn f
         xs= parameter of tasks.rush/fn f
         x= local 1
         xs parameter of tasks.rush/fn f
         x local 1
         x local 1
         upper member",
    );
}

#[test]
fn what_rush_brings_along() {
    check(
        "param home: string? = env(\"HOME\")\n",
        "home= tasks.rush/param home
         env function Env",
    );
    check(
        "let os = host.os\n",
        "os= tasks.rush/let os
         host word
         os member",
    );
    check(
        "type Mode = \"a\" | \"b\"\nlet all_modes = Mode.values\n",
        "all_modes= tasks.rush/let all_modes
         Mode tasks.rush/type Mode
         values member",
    );
}

#[test]
fn profiles_set_parameters_of_the_file() {
    check(
        "param level: int = 1\nprofile fast {\n  level: 2\n}\n",
        "profile <prelude>/kind profile
         fast= tasks.rush/profile fast
         level: tasks.rush/param level",
    );
}
