//! Commands, and which of their words are code.

use super::{MAY_BE_OPTIONS, PUT_IN, program};

/// Finds the code of a command in which `$` stands for what is put in, `@` for what may be options, and `_` for a blank
/// in a word.
#[track_caller]
fn check(command: &str, expect: &str) {
    assert_eq!(code(command).as_deref(), Some(expect), "in the command {command:.200}");
}

/// A command none of whose words is code.
#[track_caller]
fn is_no_code(command: &str) {
    assert_eq!(code(command), None, "in the command {command:.200}");
}

fn code(command: &str) -> Option<String> {
    let text = command.replace('$', PUT_IN).replace('@', MAY_BE_OPTIONS);
    let words: Vec<String> = text.split(' ').map(|it| it.replace('_', " ")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let code = program(words[0])?.code(&words)?;
    assert!(!code.words.is_empty(), "no word is code in the command {command}");
    let found: Vec<&str> = code.words.iter().map(|it| words[*it]).collect();
    Some(found.join(" ").replace(MAY_BE_OPTIONS, "@").replace(PUT_IN, "$"))
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
    check("perl -d:Trace -e $", "$");
    check("perl -CSDA -F: -lane $", "$");
    check("ruby3.2 -rjson -ne $", "$");
    check("node -p $", "$");
    check("node -pe $", "$");
    check("node -r ./x -p -e $", "$");
    check("node --eval=f($)", "--eval=f($)");
    check("node --experimental-loader ./a.js -e $", "$");
    check("node --no-warnings -e $", "$");
    check("bun --print $", "$");
    check("php8.3 -d a=b -r $", "$");
    check("fish --command $", "$");
    check("fish --features a -c $", "$");
}

#[test]
fn any_of_several_options_may_bring_a_value() {
    check("perl -e a -e $", "a $");
    check("ruby -e a -r x -e b -e $", "a b $");
    check("perl -e $ -e a -e $", "$ a $");
    check("perl -e a -e b $", "a b");
    check("perl -e $ -e", "$");
    is_no_code("perl -e");
    check("fish -C a -c $", "a $");
    check("env -S perl_-e_a_-e_$ -e $", "perl -e a -e $ $");
    check("php -r $ -f x -r $", "$");
    check("node -p -e a $", "a");
    check("bash -c a $", "a");
    check("python -c a -c $", "a");
    check("bash -c a -c $", "a");
    check("perl -e a x.txt -e $", "a");
}

#[test]
fn files_and_modules_have_arguments() {
    is_no_code("python3.12 x.py -c $");
    is_no_code("python -m mod -c $");
    is_no_code("python -mmod -c $");
    is_no_code("python - -c $");
    is_no_code("python $ -c $");
    is_no_code("perl -I lib x.pl -e $");
    is_no_code("perl -i.bake $");
    is_no_code("perl -M $");
    is_no_code("node x.js -p $");
    is_no_code("node -r $");
    is_no_code("php -f x.php -r $");
    is_no_code("php --process-file x.php -r $");
    is_no_code("python +c $");
    is_no_code("bash -- x.sh -c $");
    is_no_code("bash -o $");
}

#[test]
fn shells_read_the_word_behind_their_options() {
    check("bash -c $ name $", "$");
    check("bash-5.2 -euo pipefail -c $", "$");
    check("bash -ceuo pipefail $", "$");
    check("bash -c -e $", "$");
    check("bash -c -- $", "$");
    check("bash -$c $", "$");
    check("bash +e -c $", "$");
    check("flock x.lock -c $", "$");
    check("flock -w 5 x.lock --command $", "$");
    is_no_code("flock x.lock psql -c $");
    is_no_code("trap -p $");
    is_no_code("ssh $");
    check("su $ -c $", "$");
    check("su --command=$ root", "--command=$");
    is_no_code("runuser -u x -- psql -c $");
    check("runuser -u x -- sh -c $", "$");
}

#[test]
fn all_the_rest_is_code_to_powershell() {
    check("pwsh -c Get-Item $", "Get-Item $");
    check("powershell.exe -NoProfile -ExecutionPolicy Bypass -Command $ $", "$ $");
    check("pwsh -wd $ -com $", "$");
    is_no_code("pwsh -File x.ps1 -c $");
    is_no_code("pwsh -wd $");
    is_no_code("pwsh x.ps1 -c $");
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
    check("find . -okdir perl -e $ ;", "$");
    check("fd -x sh -c $", "$");
    check("fd -x sudo sh -c $", "$");
    check("find . -exec sudo -u x sh -c $ ;", "$");
    check("find . -exec env A=b sh -c $ + -print", "$");
    check("find . -exec ssh host ls $ ; -print", "ls $");
    check("find . -exec sudo true ; -exec sh -c $ ;", "$");
    check("docker run --rm --entrypoint sh image -c $", "$");
    check("docker run --entrypoint=/bin/sh -e A=$ image -ec $", "$");
    check("docker compose run --entrypoint perl -e A=b web -e a -e $", "a $");
    check("sudo docker run --entrypoint sh image -c $", "$");
    check("find . -exec grep -q x {} ; -exec sh -c $ ;", "$");
    check("docker exec -it box env A=b python -c $", "$");
    check("sudo --close-from 3 sh -c $", "$");
    check("sudo --login bash -c $", "$");
    check("strace --output f sh -c $", "$");
    check("chroot --userspec u /r sh -c $", "$");
    check("xargs --process-slot-var V sh -c $", "$");
    check("flock x.lock sh -c $", "$");
    check("env -S sh_-c $", "$");
    check("env -S perl_-we $", "$");
    check("env -S sh_-c_$", "sh -c $");
    // An option that is not known may have a value.
    check("sudo --new-option 3 sh -c $", "$");
    check("sudo --new-option perl -e $", "$");
    // What is put in may be options.
    check("nice -n 5 sudo $ python -c $", "$");
}

#[test]
fn what_only_looks_like_a_program_is_none() {
    is_no_code("sudo -u python -c $");
    is_no_code("sudo -E cargo run --name node -e $");
    is_no_code("sudo --login cargo run --name node -e $");
    is_no_code("sudo docker run --name node -e A=$");
    is_no_code("timeout 5 npm run watch $");
    is_no_code("timeout sh -c $");
    is_no_code("xargs -I sh echo -c $");
    is_no_code("env -u python -c $");
    is_no_code("docker exec -u node -e A=$ app");
    is_no_code("find . -name sh -c $");
    is_no_code("find . -exec sudo npm run node -e $ ;");
    is_no_code("find . -exec sudo sh ; -name -c $");
    is_no_code("docker run --entrypoint psql image -c $");
    is_no_code("docker run --entrypoint sh -e A=$ image run.sh");
    is_no_code("docker run --entrypoint sh image run.sh $");
    is_no_code("find . -exec grep -x node -e $ {} ;");
    is_no_code("fd --exec-batch grep -x node -e $");
}

#[test]
fn an_option_may_have_its_value_in_its_word() {
    check("ssh -p$ host ls $", "ls $");
    check("ssh -p $ host ls $", "ls $");
    check("ssh -4o X=$ host ls $", "ls $");
    is_no_code("ssh -NL 8080:localhost:80 $");
    check("watch -n$ ls $", "ls $");
}

#[test]
fn launchers_that_start_each_other_are_followed_for_a_while() {
    check("sudo -E nice -n 5 timeout 5 env A=b sh -c $", "$");
    is_no_code(&format!("{}sh -c $", "nice ".repeat(100_000)));
}

#[test]
fn where_a_program_may_be_is_not_searched_without_end() {
    is_no_code(&format!("docker run {}$", "su ".repeat(20_000)));
    is_no_code(&format!("docker run {}$", "bash -O ".repeat(20_000)));
    is_no_code(&format!("docker run --entrypoint sh {}$", "-e a ".repeat(20_000)));
    is_no_code(&format!("find . {}$", "-exec sudo ; ".repeat(2_000)));
}

#[test]
fn a_pod_is_no_interpreter() {
    is_no_code("kubectl exec python-0 -c $ -- ls");
    is_no_code("kubectl exec python -c $ -- ls");
    is_no_code("kubectl logs node-0 -p -c $");
    is_no_code("kubectl logs python -c $");
    is_no_code("kubectl patch node -p $ $");
    is_no_code("docker commit python -c $ img");
    is_no_code("docker tag node -e $");
    is_no_code("lxc init images:alpine sh -c $");
    check("kubectl exec pod -c box -- python -c $", "$");
    check("kubectl exec pod bash -c $", "$");
    check("kubectl create job j --image i -- sh -c $", "$");
    check("podman unshare sh -c $", "$");
    check(&format!("docker run {}img sh -c $", "-e A=1 ".repeat(1_000)), "$");
    check(&format!("find . {}-exec sh -c $ ;", "-name a -o ".repeat(1_000)), "$");
    check("docker compose run --rm web sh -c $", "$");
    check("docker run img bash -c $ -- x", "$");
}

#[test]
fn what_may_be_options_is_no_name() {
    check("ssh @ $ uptime", "uptime");
    check("ssh -4 @ $ uptime", "uptime");
    is_no_code("ssh @ $");
    check("ssh @ host ls $", "ls $");
    check("ssh @ echo_$", "echo $");
    check("ssh @ rm -rf $", "$");
    check("ssh @ bash -c $", "bash -c $");
    is_no_code("ssh @ root:$");
    is_no_code("ssh @ host -i $");
    is_no_code("ssh @ jump -N -L 8080:$:80");
    // `-p` is an option of `ssh` behind a host, and one of `mkdir` behind that.
    is_no_code("ssh @ mkdir -p $");
    check("ssh @ -p 22 $ $", "$");
    check("watch @ ls $", "ls $");
    check("watch @", "@");
    check("eval @ $", "@ $");
    is_no_code("python @ -c $");
}

#[test]
fn an_option_that_is_not_known_has_a_value_or_has_none() {
    is_no_code("timeout --foreground 60 npm run node -p $");
    is_no_code("sudo --non-interactive npm run node -p $");
    is_no_code("env --ignore-environment A=b cargo run node -e $");
    is_no_code("xargs --no-run-if-empty npm run node -e $");
    check("timeout --foreground 60 node -p $", "$");
    check("unshare --map-root-user python3 -c $", "$");
    check("nsenter -t 1 -m python3 -c $", "$");
    check("env - PATH=/bin sh -c $", "$");
    check("sudo my_dir/sh -c $", "$");
    check("uv run python -c $", "$");
    check("poetry -q run python3.12 -c $", "$");
    check("bundle exec ruby -e $", "$");
    is_no_code("poetry add python -c $");
    is_no_code("uv run pytest -c $");
}

#[test]
fn a_path_is_no_command_of_the_shell() {
    is_no_code("bin/eval $");
    is_no_code("./scripts/trap $");
    check(".venv/bin/python -c $", "$");
    check("/usr/bin/time -p sh -c $", "$");
}
