//! Commands, and which of their words are code.

use super::{PUT_IN, code_words};

/// Finds the code of a command in which `$` stands for what is put in.
#[track_caller]
fn check(command: &str, expect: &str) {
    let text = command.replace('$', PUT_IN);
    let words: Vec<&str> = text.split(' ').collect();
    let code = code_words(&words).map_or(0..0, |it| it.words);
    let found = words[code].join(" ").replace(PUT_IN, "$");
    assert_eq!(found, expect, "in the command {command}");
}

#[test]
fn interpreters_are_known_by_name_and_options() {
    check("python -c $", "$");
    check("python3.12 -uc $", "$");
    check("python.exe -W ignore -c $", "$");
    check("python -cprint($)", "-cprint($)");
    check("perl -ne $", "$");
    check("perl -lane $", "$");
    check("perl -i.bake -0777 -pe $", "$");
    check("perl -MJSON -I lib -E $", "$");
    check("ruby3.2 -rjson -ne $", "$");
    check("node -p $", "$");
    check("node -pe $", "$");
    check("node -r ./x -p -e $", "$");
    check("node --eval=f($)", "--eval=f($)");
    check("bun --print $", "$");
    check("php8.3 -d a=b -r $", "$");
    check("fish --command $", "$");
}

#[test]
fn files_and_modules_have_arguments() {
    check("python3.12 x.py -c $", "");
    check("python -m mod -c $", "");
    check("python -mmod -c $", "");
    check("python - -c $", "");
    check("python $ -c $", "");
    check("perl -I lib x.pl -e $", "");
    check("perl -i.bake $", "");
    check("perl -M $", "");
    check("node x.js -p $", "");
    check("node -r $", "");
    check("php -f x.php -r $", "");
    check("bash -- x.sh -c $", "");
    check("bash -o $", "");
}

#[test]
fn shells_read_the_word_behind_their_options() {
    check("bash -c $ name $", "$");
    check("bash-5.2 -euo pipefail -c $", "$");
    check("bash -ceuo pipefail $", "$");
    check("bash -c -e $", "$");
    check("bash -c -- $", "$");
    check("bash -$c $", "$");
    check("su $ -c $", "$");
    check("su --command=$ root", "--command=$");
    check("runuser -u x -- psql -c $", "");
    check("runuser -u x -- sh -c $", "$");
}

#[test]
fn all_the_rest_is_code_to_powershell() {
    check("pwsh -c Get-Item $", "Get-Item $");
    check("powershell.exe -NoProfile -ExecutionPolicy Bypass -Command $ $", "$ $");
    check("pwsh -wd $ -com $", "$");
    check("pwsh -File x.ps1 -c $", "");
    check("pwsh -wd $", "");
    check("pwsh x.ps1 -c $", "");
}

#[test]
fn who_starts_another_program_has_it_behind_its_options() {
    check("sudo -E python -c $", "$");
    check("sudo -u x A=$ sh -c $", "$");
    check("sudo --user joe bash -ec $", "$");
    check("env A=b python -c $", "$");
    check("env A=b sudo -E perl -e $", "$");
    check("sudo ssh -p 22 host ls $", "ls $");
    check("timeout -k 5 $ sh -c $", "$");
    check("time -p python3 -c $", "$");
    check("xargs -0 -I{} -n 1 sh -c $", "$");
    check("busybox sh -c $", "$");
    check("watch -x sh -c $", "$");
    check("find . -exec sh -c $ ;", "$");
    check("docker exec -it box env A=b python -c $", "$");
    // What is put in may be options.
    check("nice -n 5 sudo $ python -c $", "$");
}

#[test]
fn what_only_looks_like_a_program_is_none() {
    check("sudo -u python -c $", "");
    check("sudo -E cargo run --name node -e $", "");
    check("sudo docker run --name node -e A=$", "");
    check("timeout 5 npm run watch $", "");
    check("timeout sh -c $", "");
    check("xargs -I sh echo -c $", "");
    check("env -u python -c $", "");
    check("docker exec -u node -e A=$ app", "");
    check("find . -name sh -c $", "");
}

#[test]
fn an_option_may_have_its_value_in_its_word() {
    check("ssh -p$ host ls $", "ls $");
    check("ssh -p $ host ls $", "ls $");
    check("ssh -4o X=$ host ls $", "ls $");
    check("ssh -NL 8080:localhost:80 $", "");
    check("watch -n$ ls $", "ls $");
}
