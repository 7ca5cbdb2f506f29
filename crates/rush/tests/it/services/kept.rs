//! Services that stay up while what they run on is made anew.

use super::Up;

/// A service that runs a program which a task makes of a source, and a test of it.
const BUILT: &str = r#"
task build {
  inputs: ["source"]
  outputs: ["app"]
  run: sh"""
    printf '#!/bin/sh\ncp %s served; echo up; exec sleep 600\n' "$(cat source)" > app
    chmod +x app
  """
}
task all { needs: [build] }
service web {
  needs: [all]
  run: `./app`
  ready { probe: log("up") }
}
task test {
  needs: [web]
  inputs: ["asked"]
  run: `cat served`
}
"#;

#[test]
fn a_service_is_not_used_that_runs_what_was_made_before() {
    let mut up = Up::new(BUILT);
    for (file, text) in [("one", "first\n"), ("two", "second\n"), ("asked", ""), ("source", "one")]
    {
        up.file(file, text);
    }
    up.check(&["up", "-d", "web"], 0, "is up");
    up.check(&["run", "test"], 0, "first");
    up.check(&["run", "test"], 0, "test (cached) | first");
    up.file("source", "two");
    let expect = "it is up, but the program `./app`, what `//:build` made changed since it was \
                  started; end it with `rush down //:web`, and start it again";
    up.check(&["run", "test"], 1, expect);
    up.check(&["run", "test"], 1, expect);
    up.check(&["down"], 0, "has ended");
    up.check(&["run", "test"], 0, "second");
    up.check(&["run", "test"], 0, "test (cached) | second");
    up.check(&["up", "-d", "web"], 0, "is up");
    up.file("asked", "again");
    up.check(&["run", "test"], 0, "test  | second");
    // What is answered needs no service.
    up.file("asked", "");
    up.file("source", "one");
    up.check(&["run", "test"], 0, "test (cached) | first");
}

#[test]
fn what_a_service_may_have_written_itself_is_no_reason_not_to_use_it() {
    let mut up = Up::new(
        r#"
task prepare {
  outputs: ["data/**"]
  run: sh"""
    mkdir -p data; test -e data/start || date +%N > data/start
  """
}
service db {
  needs: [prepare]
  run: sh"""
    echo up; exec sleep 600
  """
  ready { probe: log("up") }
}
task test {
  needs: [db]
  inputs: ["asked"]
  run: `echo tested`
}
"#,
    );
    up.file("asked", "");
    up.check(&["up", "-d", "db"], 0, "is up");
    up.check(&["run", "test"], 0, "tested");
    up.check(&["run", "test"], 0, "test (cached)");
    up.file("data/table", "a row\n");
    up.check(&["run", "test"], 0, "its result is used but not remembered");
    let again = up.type_in(&["run", "test"]).snapshot();
    assert!(!again.contains("cached"), "{again}");
}

#[test]
fn a_program_of_the_workspace_that_changed_is_another_service() {
    let mut up = Up::new(
        "service web {\n  run: `./app`\n  ready { probe: log(\"up\") }\n}\n\
         task app {\n  inputs: [\"tasks.rush\"]\n  run: `chmod +x app`\n}\n\
         task test {\n  needs: [web]\n  run: `echo tested`\n}\n",
    );
    up.file("app", "#!/bin/sh\necho up; exec sleep 600\n");
    up.check(&["run", "app"], 0, "");
    up.check(&["up", "-d", "web"], 0, "is up");
    up.check(&["run", "test"], 0, "tested");
    up.file("app", "#!/bin/sh\necho up; exec sleep 601\n");
    up.check(&["run", "test"], 1, "it is up, but the program `./app` changed since");
}
