//! What a script reads and sets, and what the lints say about it.

use rush_diagnostics::{Anchor, Diagnostic, FileId, ItemId};
use rush_syntax::ast::Part;
use smol_str::SmolStr;
use text_size::{TextRange, TextSize};

use super::{
    Context, FieldSite, Language, NameKind, Quoting, ScopeNames, ScriptFacts, Site, VarUse, lint,
    names_used, read,
};

fn body(text: &str) -> Vec<Part> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let at = TextSize::new(start as u32);
            start += line.len();
            let range = TextRange::at(at, TextSize::of(line));
            Part::Text { value: line.into(), range, is_escape: false }
        })
        .collect()
}

fn facts(language: Language, script: &str) -> ScriptFacts {
    read(language, &body(script))
}

fn scope() -> ScopeNames {
    let kinds = [
        ("x", NameKind::Scalar),
        ("name", NameKind::Scalar),
        ("file", NameKind::Scalar),
        ("path", NameKind::Scalar),
        ("port", NameKind::Plain),
        ("files", NameKind::List),
        ("conf", NameKind::Record),
        ("token", NameKind::Secret),
    ];
    ScopeNames {
        values: kinds.into_iter().map(|(name, kind)| (SmolStr::from(name), kind)).collect(),
        env: ["DATABASE_URL".into()].into_iter().collect(),
        pass_env: ["DEPLOY_KEY".into()].into_iter().collect(),
        ..ScopeNames::default()
    }
}

fn findings(language: Language, script: &str, names: &ScopeNames) -> Vec<Diagnostic> {
    let id = ItemId::new(FileId(0), "task", "t", 0);
    let site = Site {
        item: &id,
        text: script,
        literal: TextRange::up_to(TextSize::of(script)),
        member: Some(TextSize::new(0)),
        env: FieldSite::Absent,
        pass_env: FieldSite::Absent,
        args: Some(TextSize::of(script)),
        is_taken: &|name| names.values.contains_key(name),
    };
    lint(language, &facts(language, script), names, &site)
}

fn shown(script: &str, found: &[Diagnostic]) -> String {
    let lines: Vec<String> = found
        .iter()
        .map(|it| {
            let range = std::ops::Range::<usize>::from(it.primary.span.range);
            format!("{:04} {}", it.code.number(), &script[range])
        })
        .collect();
    lines.join(", ")
}

#[track_caller]
fn check_script(script: &str, expect: &str) {
    let found = findings(Language::Bash, script, &scope());
    assert_eq!(shown(script, &found), expect, "for the script {script}");
}

#[track_caller]
fn check_used(script: &str, expect: &str) {
    let scalars = ["x", "name", "file", "port"].map(SmolStr::from);
    let used = names_used(Language::Bash, &facts(Language::Bash, script), scalars);
    assert_eq!(used.join(" "), expect, "for the script {script}");
}

#[test]
fn uses_are_found_wherever_a_shell_expands() {
    check_used("echo $x \"${name}\"", "x name");
    check_used("echo '$x' \\$name", "");
    check_used("echo \"$(cat \"$file\")\" `id $x`", "x file");
    check_used("echo $((x + 1)) $((port*2))", "x port");
    check_used("(( x > 3 )) && echo", "x");
    check_used("echo ${y:-${x}} ${name#*/} ${#file}", "x name file");
    check_used("cat <<EOF\n$x `id $name`\nEOF\necho $file", "x name file");
    check_used("cat <<'EOF'\n$x\nEOF\necho $file", "file");
    check_used("cat <<-EOF\n\t$x\n\tEOF\n$name", "x name");
    check_used("# $x\necho a#$name # $file", "name");
    check_used(
        "case $x in\n a|$name) echo ;;\n *) echo $file;;\nesac\necho $port",
        "x name file port",
    );
    check_used("y=$(case $x in (a) echo $name;; b) echo;; esac); $file", "x name file");
    check_used("f() { echo $x; }\nfunction g { $name; }", "x name");
    check_used("[[ -v x && $name == *a ]]", "x name");
    check_used("bash -c 'echo \"$x\"'", "x");
    check_used("ssh host 'echo $x'", "");
    check_used("trap 'rm \"$file\"' EXIT", "file");
    check_used("python3 -c 'import os; os.environ[\"x\"]'", "x");
    check_used("export name; printenv file", "name file");
    check_used("diff <(sort $x) <(sort $name)", "x name");
    check_used("a=(1 $x [2]=$name)\n${a[port]}", "x name port");
    check_used("envsubst '$x' < f", "x");
    check_used("echo $'a\\'$x' $name", "name");
    check_used("echo $((echo $x) | wc $name)", "x name");
}

#[test]
fn what_the_script_sets_is_its_own() {
    let sets = |script: &str| {
        let mut sets: Vec<_> = facts(Language::Bash, script).sets.into_iter().collect();
        sets.sort_unstable();
        sets.join(" ")
    };
    assert_eq!(sets("a=1 b+=2; c[3]=4; d=(1 2)"), "a b c d");
    assert_eq!(sets("while IFS= read -r -p hm k v; do :; done"), "IFS k v");
    assert_eq!(sets("for i in 1 2; do :; done; for ((j=0;j<3;j++)); do :; done"), "i j");
    assert_eq!(sets("export p=1; local q r=2; declare -A s; readonly t=1"), "p q r s t");
    assert_eq!(
        sets("printf -v out x; mapfile -t lines; getopts ab: opt"),
        "OPTARG OPTIND lines opt out"
    );
    assert_eq!(sets("select c in a b; do :; done; read; : ${d:=1}; let 'e=1'"), "REPLY c d e");
}

#[test]
fn what_is_read_before_it_is_set_comes_from_outside() {
    check_used(": \"${x:=d}\"; echo \"$x\"", "x");
    check_used("x=${x%/}; y=${name:-a}; name=b", "x name");
    check_used("[ -n \"$x\" ] || x=d; x=e", "x");
    check_used("x+=' more'; echo \"$x\"", "x");
    check_used("for x in $x a; do :; done; read -r name <<< \"$name\"", "x name");
    check_used("(( port++ )); (( x = x + 1 )); local file=\"$file\"", "x file port");
    check_used("f() { echo \"$x\"; }\nx=1; f", "x");
    check_used("x=$(git describe); echo \"$x\" \"${x:-a}\"", "");
    check_used("for x in a b; do x=\"$x\"; done; read -r name; echo \"$name\"", "");
    check_used("x=1; x+=2; for ((port=0; port<3; port++)); do :; done", "");
    check_used("echo '$x'; x=1; echo \"$x\"", "");
    check_script("x=${x%/}; echo $x", "0304 $x");
    check_script("bash -c \"ls $x\"; x=1", "0306 $x");
    check_script("f() { cat \"${files[@]}\"; }; files=(a); f", "");
    let own = |script: &str| {
        let scalars = ["x", "name"].map(SmolStr::from);
        names_used(Language::Fish, &facts(Language::Fish, script), scalars).join(" ")
    };
    assert_eq!(own("set x (string trim $x)\nset -l name 1; echo $name"), "x name");
    assert_eq!(own("set x 1\nset name 2\necho $x $name"), "");
}

#[test]
fn unquoted_values_may_split() {
    check_script("rm $file", "0304 $file");
    check_script("rm a/${file}.c", "0304 ${file}");
    check_script("rm \"$file\"", "");
    check_script("y=$file; [[ $file == a ]]; case $file in a) ;; esac", "");
    check_script("echo $port $((x))", "");
    check_script("for f in $file; do echo \"$f\"; done", "");
    check_script("file=1; rm $file", "");
    check_script("echo \"$(cat $file)\"", "0304 $file");
    check_script("local y=$x", "");
}

#[test]
fn single_quotes_hide_values() {
    check_script("echo 'hello $name'", "0305 $name");
    check_script("awk '{ print $name }'; sed 's/$x//'; jq '.[] | $x'", "");
    check_script("echo 'cost $amount'", "");
}

#[test]
fn a_second_shell_reads_values_as_code() {
    check_script("bash -c \"rm $file\"", "0306 $file");
    check_script("sh -euc \"rm '$file'\"", "0306 $file");
    check_script("eval \"$x\"", "0306 $x");
    check_script("ssh -p 22 host \"rm $file\"", "0306 $file");
    check_script("find . | xargs sh -c \"cat $x\"", "0306 $x");
    check_script("su -c \"$x\" root", "0306 $x");
    check_script("bash <<EOF\nrm $file\nEOF", "0306 $file");
    check_script("python3 -c \"print('$file')\"", "0306 $file");
    check_script("env A=1 node --eval \"run('$x')\"", "0306 $x");
    check_script("perl -e \"print $port;\" -e \"print '$x'\" -e \"$file\"", "0306 $x, 0306 $file");
    check_script("ssh $opts \"root@$x\" < a.sh; ssh $opts root@\"$x\" <<'END'\nEND", "");
    check_script("ssh $opts host -i \"$x\"; ssh $opts jump -N -L \"8080:$x:80\"", "");
    check_script("ssh $opts host \"ls $x\"", "0306 $x");
    check_script("python3 run.py -c \"$x\"", "");
    check_script("bash -c 'rm \"$1\"' _ \"$file\"", "");
    check_script("bash -c 'rm \"$file\"'", "");
    check_script("bash -c \"echo $port\"", "");
}

#[test]
fn a_shell_reads_its_input_as_code() {
    for start in [
        "bash",
        "bash -eu",
        "bash -o pipefail -s a",
        "sudo -u y bash",
        "env A=b sh -",
        "docker exec -i box sh",
        "docker run --rm -i img bash -s",
        "ssh host",
        "ssh -p 22 $opts host",
        "ssh host sudo bash -s",
        "ssh host 'sh -s'",
    ] {
        check_script(&format!("{start} <<END\nrm $file\nEND"), "0306 $file");
        check_script(&format!("{start} <<< \"rm $file\""), "0306 $file");
    }
    for start in [
        "cat",
        "bash run.sh",
        "bash -c 'cat'",
        "ssh host 'cat > f'",
        "sudo tee f",
        "find . -exec sh",
    ] {
        check_script(&format!("{start} <<END\nrm $file\nEND"), "");
        check_script(&format!("{start} <<< \"rm $file\""), "");
    }
    check_script("bash <<< 'rm \"$file\"'; ssh host <<< 'rm \"$file\"'", "");
    check_used("bash <<< 'rm \"$file\"'; docker exec -i box sh <<'END'\n$x\nEND", "file");
}

#[test]
fn quotes_of_a_shell_help_only_where_that_shell_is_not_in_quotes() {
    check_script("sh -c \"ls ${x@Q}\"; ssh host \"ls ${x@Q} 'a' ${file@Q}\"", "");
    check_script("ssh host \"echo \\\"a\\\" 'it'\\''s' ${x@Q}\"", "");
    check_script("bash <<END\n# it's\nls ${x@Q} \"a\" ${file@Q}\nEND", "");
    check_script("sh -c \"echo \\\"hi ${x@Q}\\\"\"", "0306 ${x@Q}");
    check_script("sh -c \"sh -c 'echo ${x@Q}' ${file@Q}\"", "0306 ${x@Q}");
    check_script("ssh host \"ls '\"\"${x@Q}'\"", "0306 ${x@Q}");
    check_script("sh -c \"echo '${y:-${x@Q}}'\"", "0306 ${x@Q}");
    check_script("bash <<END\necho \"${x@Q}\"\nEND", "0306 ${x@Q}");
    check_script("python3 -c \"print(${x@Q})\"", "0306 ${x@Q}");
    check_script("perl -e \"print '${x:+a}', ${#x}, '${file:-b}'\"", "0306 ${file:-b}");
    check_script("echo \"it's ${x@Q}\"", "");
}

#[test]
fn the_help_names_a_way_that_works_for_who_reads_the_code() {
    let check = |script: &str, expect: &str| {
        let found = findings(Language::Bash, script, &scope());
        let help = found.first().and_then(|it| it.help.clone()).unwrap_or_default();
        assert!(help.contains(expect), "for the script {script}: {help}");
    };
    for program in ["perl -pe", "ruby -ne", "lua -e", "python3 -c", "pwsh -c", "env A=b node -e"] {
        check(&format!("{program} \"$x\""), "in the environment, and the code can read it there");
    }
    for start in ["docker exec box", "sudo", "sudo env A=b", "kubectl exec pod --"] {
        check(&format!("{start} perl -ne \"$x\""), "`env x=\"$x\"` before `perl`");
    }
    check("docker exec box sh -c \"$x\"", "`sh -c '... \"$1\"' sh \"$x\"`");
    check("watch \"ls $x\"", "the second shell reads `\"$x\"` itself");
    check("bash <<END\nls $x\nEND", "as in `<<'END'`");
    check("sudo bash <<END\nls $x\nEND", "as in `<<'END'`, and write `env x=\"$x\"` before `bash`");
    check("bash <<< \"ls $x\"", "put the code in `'...'`");
    check("su root -c \"$x\"", "behind `--`");
    check("eval \"$x\"", "it then reads `\"$x\"` itself");
    check("ssh host \"ls $x\"", "`${x@Q}` in bash");
    check("ssh host \"ls '$x'\"", "where no quote of that shell is open");
}

#[test]
fn a_value_of_an_option_is_not_who_reads_code() {
    for option in [
        "-p\"$x\"",
        "-p${x}",
        "-p \"$x\"",
        "-p${x}x",
        "-p`id`",
        "--port=\"$x\"",
        "-o\"X=$x\"",
        "-4o \"X=$x\"",
    ] {
        let script = format!("ssh {option} \"$name\"");
        assert_eq!(facts(Language::Bash, &script).second_shells.len(), 0, "{script}");
        let script = format!("ssh {option} \"$name\" \"ls $file\"");
        assert_eq!(facts(Language::Bash, &script).second_shells.len(), 1, "{script}");
    }
}

#[test]
fn unknown_names_near_known_ones_are_slips() {
    check_script("echo \"$nam\"", "0303 $nam");
    check_script("echo \"$NAME\"", "0303 $NAME");
    check_script("nam=1; echo \"$nam\"", "");
    check_script("read -r nam; echo \"$nam\"", "");
    check_script("echo \"${nam:-}\" \"$HOME\" \"$unrelated\"", "");
    check_script(". ./env; echo \"$nam\"", "");
    check_script("echo \"$DATABASE_URI\"", "0303 $DATABASE_URI");
}

#[test]
fn lists_records_secrets_and_harmful_names_do_not_arrive() {
    check_script("cat \"$files\"", "0307 $files");
    check_script("cat \"$conf\"", "0307 $conf");
    check_script("curl -H \"$token\"", "0701 $token");
    check_script("cd \"$path\"", "0309 $path");
    check_script("files=(a b); cat \"${files[@]}\"", "");
}

#[test]
fn holes_of_rush_are_no_expansions() {
    check_script("psql -p ${postgres.port}", "0314 ${postgres.port}");
    check_script("echo \"${f(1)}\" ${...files}", "0314 ${f(1)}, 0314 ${...files}");
    check_script(
        "echo ${x[0]} ${x:0:2} ${x//a/b} ${x^^} ${!x} ${x@Q} >/dev/null",
        "0304 ${x[0]}, 0304 ${x:0:2}, 0304 ${x//a/b}, 0304 ${x^^}, 0304 ${!x}, 0304 ${x@Q}",
    );
}

#[test]
fn a_cached_task_sees_only_what_its_key_covers() {
    let names = ScopeNames { has_inputs: true, ..scope() };
    let script = "echo \"$FOO\" \"$FOO\" \"${BAR:-}\" \"$HOME\" \"$DEPLOY_KEY\" \"$LC_ALL\"";
    let found = findings(Language::Bash, script, &names);
    assert_eq!(shown(script, &found), "0315 $FOO, 0315 ${BAR:-}");
    let Anchor::Range(_) = &found[0].fixes[0].edits[0].at else { panic!("an edit of the item") };
    assert_eq!(found[0].fixes[0].edits[0].text, "pass_env: [\"FOO\"]\n");
}

#[test]
fn other_languages_are_known_by_their_lookups() {
    let uses = |language, script: &str| {
        let names: Vec<_> = facts(language, script).uses.into_iter().map(|it| it.name).collect();
        names.join(" ")
    };
    assert_eq!(uses(Language::Python, "os.environ['a'] + os.getenv(\"b\") + d.get('c')"), "a b");
    assert_eq!(uses(Language::Node, "process.env.a + process.env['b']"), "a b");
    assert_eq!(
        uses(Language::Node, "const { a, b: c, d = 1, ...rest } = process.env; let { e } = other"),
        "a b d",
    );
    assert_eq!(uses(Language::Ruby, "ENV['a'] + ENV.fetch('b')"), "a b");
    assert_eq!(uses(Language::Pwsh, "Write-Host $env:a ${env:b}"), "a b");
    assert_eq!(uses(Language::Nu, "echo $env.a"), "a");
    assert_eq!(uses(Language::Fish, "echo $a '$b' \\$c"), "a");
}

#[test]
fn what_node_takes_out_of_the_environment() {
    let check = |taken: &str, names: &str| {
        let found = facts(Language::Node, taken).uses.into_iter();
        let of_own_name = |it: &VarUse| it.context == Context::Destructured;
        let shown = found.map(|it| {
            let local = if of_own_name(&it) { "" } else { ":" };
            format!("{}{local}{}", it.name, if it.has_default { "=" } else { "" })
        });
        assert_eq!(shown.collect::<Vec<_>>().join(" "), names, "{taken}");
    };
    check("const { a, b: c, d = 1, e: f = 2, ...rest } = process.env;", "a b: d= e:=");
    check("let {a}=process.env ?? {}", "a");
    check("const { 'a': b, \"c\": d = 'x', \"not a name\": e } = process.env", "a: c:=");
    check("const { a = 'x, b', c = \"}\", d = `, e` } = process.env", "a= c= d=");
    check("const { a, // b, c\n  /* d, */ e } = process.env", "a e");
    check(
        "const { a = f(x, [y, z]), b: { length, size }, c = { d, e } } = process.env",
        "a= b: c=",
    );
    check("if (x) { const { a } = process.env }", "a");
    // What is in the value of a variable is none.
    check("const { length } = process.env.title", "title:");
    check("const { length } = process.env['title']", "title:");
    check("const { length } = process.env\n  ?.title", "");
    check("const { length } = process.environment", "");
    // What is no code takes nothing.
    check("// const { a } = process.env\n/* const { b } = process.env */", "");
    check("print('const { a } = process.env', `{ b } = process.env`)", "");
    // What can't be read is left out.
    check("const { $a, [b]: c, a$b, d } = process.env", "d");
    check("const { a: { b: { c } } } = process.env", "");
}

#[test]
fn deep_and_broken_text_is_read_in_linear_time() {
    for opener in ["$(", "${", "`", "\"$(", "$((", "(", "case x in ", "${x:-", "<<A\n", "[[ ", "'"]
    {
        let script = opener.repeat(20_000);
        let _ = facts(Language::Bash, &script);
        let _ = facts(Language::Zsh, &script);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_gives_ranges_inside_the_script(
        script in "([$({}`'\")x;&|<> \n#\\\\=]|case|esac|in |<<A\n|\\[\\[|for |é|bash -c|read ){0,40}"
    ) {
        let whole = TextRange::up_to(TextSize::of(script.as_str()));
        for language in [Language::Sh, Language::Bash, Language::Zsh, Language::Fish, Language::Python] {
            let facts = facts(language, &script);
            for variable in &facts.uses {
                assert!(whole.contains_range(variable.range));
                assert!(variable.range.contains_range(variable.name_range));
                assert!(variable.quoting != Quoting::Unquoted || !variable.name.is_empty());
            }
            assert!(facts.foreign_holes.iter().all(|it| whole.contains_range(it.range)));
            let _ = findings(language, &script, &scope());
        }
    }
}
