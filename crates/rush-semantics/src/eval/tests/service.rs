//! Services: who needs which, and what is read of them.

use super::super::{PlanOutcome, Round};
use super::{check_plan, database, planned, run};

#[test]
fn a_service_runs_once_for_its_arguments() {
    check_plan(
        "service db(port: int(1..=65535) = 5432) {\n  run: `postgres -p ${port}`\n  ready { probe: tcp(port), every: 1s }\n}\n\
         task a {\n  needs: [db]\n  env { URL: \"localhost:${db.port}\" }\n  run: `a`\n}\n\
         task b {\n  needs: [db(6000)]\n  env { URL: \"localhost:${db.port}\" }\n  run: `b`\n}\n\
         task c {\n  needs: [db(port: 5432)]\n  run: `c`\n}\ntask all { needs: [a, b, c] }\n",
        &run("all"),
        r#"
//:a <-//:db(port: 5432)
      run ["a"]
      env {"URL":{"text":"localhost:5432"}}
* //:all <-//:a <-//:b <-//:c
  //:b <-//:db(port: 6000)
      run ["b"]
      env {"URL":{"text":"localhost:6000"}}
  //:c <-//:db(port: 5432)
      run ["c"]
  //:db(port: 5432)
      run ["postgres", "-p", "5432"]
      ready {"probe":{"tcp":{"port":5432}},"every_ms":1000,"timeout_ms":60000}
  //:db(port: 6000)
      run ["postgres", "-p", "6000"]
      ready {"probe":{"tcp":{"port":6000}},"every_ms":1000,"timeout_ms":60000}
"#,
    );
}

#[test]
fn a_service_is_read_as_the_task_at_work_needs_it() {
    check_plan(
        "service db(port: int) {\n  run: `db ${port}`\n}\n\
         let url = \"localhost:${db.port}\"\nlet urls = [url]\n\
         fn of(host: string) -> string = \"${host}:${db.port}\"\n\
         template reads {\n  env { URL: url }\n}\n\
         task a extends reads {\n  needs: [db(6)]\n  run: `a ${...urls} ${of(\"h\")}`\n}\n\
         task b(at: string = url) extends reads {\n  steps: [db(7)]\n  run: `b ${at}`\n}\n\
         task c {\n  needs: [db(8), b(of(\"x\"))]\n  run: `c`\n}\n",
        &run("a b c"),
        r#"
* //:a <-//:db(port: 6)
      run ["a", "localhost:6", "h:6"]
      env {"URL":{"text":"localhost:6"}}
* //:b(at: "localhost:7") <step //:db(port: 7) <request //:a
      run ["b", "localhost:7"]
      env {"URL":{"text":"localhost:7"}}
  //:b(at: "x:8") <step //:db(port: 7) <request //:b(at: "localhost:7")
      run ["b", "x:8"]
      env {"URL":{"text":"localhost:7"}}
* //:c <-//:db(port: 8) <-//:b(at: "x:8") <request //:b(at: "localhost:7")
      run ["c"]
  //:db(port: 6)
      run ["db", "6"]
  //:db(port: 7) <request //:a
      run ["db", "7"]
  //:db(port: 8) <request //:b(at: "localhost:7")
      run ["db", "8"]
"#,
    );
}

#[test]
fn a_service_is_found_however_the_list_of_needs_is_made() {
    check_plan(
        "service db(port: int = 5) {\n  run: `db ${port}`\n}\n\
         let url = \"u:${db.port}\"\nparam x: bool = true\ntask m(u: string) {\n  run: `m ${u}`\n}\n\
         task a {\n  needs: [if x: db(6), m(url)]\n  run: `a ${url}`\n}\n\
         task b {\n  needs: [...[db(6)], m(url)]\n  run: `b ${url}`\n}\n\
         task c {\n  let s = db(6)\n  needs: [s, m(url)]\n  run: `c ${url}`\n}\n\
         task d {\n  needs: [for p in [6]: db(p), m(url)]\n  run: `d ${url}`\n}\n\
         task e {\n  needs: [db(6)] + [m(url)]\n  run: `e ${url}`\n}\n\
         task g {\n  needs: [m(url), db(6)]\n  run: `g ${url}`\n}\n\
         task h {\n  needs: [db(db().port + 2)]\n  run: `h ${db.port}`\n}\n",
        &run("a b c d e g h"),
        r#"
* //:a <-//:db(port: 6) <-//:m(u: "u:6")
      run ["a", "u:6"]
* //:b <-//:db(port: 6) <-//:m(u: "u:6") <request //:a
      run ["b", "u:6"]
* //:c <-//:db(port: 6) <-//:m(u: "u:6") <request //:b
      run ["c", "u:6"]
* //:d <-//:db(port: 6) <-//:m(u: "u:6") <request //:c
      run ["d", "u:6"]
  //:db(port: 6)
      run ["db", "6"]
  //:db(port: 7) <request //:g
      run ["db", "7"]
* //:e <-//:db(port: 6) <-//:m(u: "u:6") <request //:d
      run ["e", "u:6"]
* //:g <-//:m(u: "u:6") <-//:db(port: 6) <request //:e
      run ["g", "u:6"]
* //:h <-//:db(port: 7) <request //:g
      run ["h", "7"]
  //:m(u: "u:6")
      run ["m", "u:6"]
"#,
    );
}

#[test]
fn a_list_of_needs_by_name_is_read_as_one_that_is_written_there() {
    check_plan(
        "service db(port: int = 5) {\n  run: `db ${port}`\n}\n\
         let url = \"u:${db.port}\"\nlet list = [db(6), m(url)]\n\
         fn deps() -> [task | service] = [m(url), db(6)]\ntask m(u: string) {\n  run: `m ${u}`\n}\n\
         task a {\n  needs: [for s in [db(7), db(6)] if s.port == 6: s, m(url)]\n  run: `a ${url}`\n}\n\
         task b {\n  let n = [db(6), m(url)]\n  needs: n\n  run: `b ${url}`\n}\n\
         task c {\n  needs: deps()\n  run: `c ${url}`\n}\n\
         task d {\n  needs: [...deps()]\n  run: `d ${url}`\n}\n\
         task e {\n  needs: list\n  run: `e ${url}`\n}\n\
         task f {\n  needs: [m(url)]\n  steps: [db(6)]\n  run: `f ${url}`\n}\n",
        &run("a b c d e f"),
        r#"
* //:a <-//:db(port: 6) <-//:m(u: "u:6")
      run ["a", "u:6"]
* //:b <-//:db(port: 6) <-//:m(u: "u:6") <request //:a
      run ["b", "u:6"]
* //:c <-//:m(u: "u:6") <-//:db(port: 6) <request //:b
      run ["c", "u:6"]
* //:d <-//:m(u: "u:6") <-//:db(port: 6) <request //:c
      run ["d", "u:6"]
  //:db(port: 6)
      run ["db", "6"]
* //:e <-//:db(port: 6) <-//:m(u: "u:6") <request //:d
      run ["e", "u:6"]
* //:f <-//:m(u: "u:6") <step //:db(port: 6) <request //:e
      run ["f", "u:6"]
  //:m(u: "u:6")
      run ["m", "u:6"]
"#,
    );
}

#[test]
fn services_may_hang_on_each_other_in_a_chain() {
    check_plan(
        "service x(port: int) {\n  run: `x ${port}`\n}\nservice y(port: int = x(8).port) {\n  run: `y ${port}`\n}\n\
         service z(port: int) {\n  run: `z ${port}`\n}\n\
         task a {\n  needs: [z(y.port + 1), y(x.port + 1), x(5)]\n  run: `a ${x.port} ${y.port} ${z.port}`\n}\n\
         task b {\n  needs: [z(y.port), y]\n  run: `b ${y.port} ${z.port}`\n}\n",
        &run("a b"),
        r#"
* //:a <-//:z(port: 7) <-//:y(port: 6) <-//:x(port: 5)
      run ["a", "5", "6", "7"]
* //:b <-//:z(port: 8) <-//:y(port: 8) <request //:a
      run ["b", "8", "8"]
  //:x(port: 5)
      run ["x", "5"]
  //:y(port: 6)
      run ["y", "6"]
  //:y(port: 8) <request //:a
      run ["y", "8"]
  //:z(port: 7)
      run ["z", "7"]
  //:z(port: 8) <request //:a
      run ["z", "8"]
"#,
    );
}

#[test]
fn a_service_that_says_itself_what_it_is_is_a_circle() {
    check_plan(
        "service x(port: int = 5) {\n  run: `x ${port}`\n}\nservice y(port: int = 6) {\n  run: `y ${port}`\n}\n\
         task a {\n  needs: [x(x.port + 1)]\n  run: `a`\n}\n\
         task b {\n  needs: [x(y.port), y(x.port)]\n  run: `b`\n}\n\
         task c {\n  needs: [if x.port == 5: x(7)]\n  run: `c`\n}\n\
         task d {\n  needs: [x(x.port)]\n  run: `d`\n}\n",
        &run("a b c d"),
        r#"
error RUSH0401: `a.needs` depends on itself: it asks for `x.port`, and says which `x` that is @ "x.port"
error RUSH0401: `b.needs` depends on itself: it asks for `y.port`, and says which `y` that is @ "y.port"
error RUSH0401: `c.needs` depends on itself: it asks for `x.port`, and says which `x` that is @ "x.port"
"#,
    );
}

#[test]
fn what_is_wrong_in_a_list_of_needs_is_told_once() {
    check_plan(
        "service x(port: int = 5) {\n  run: `x ${port}`\n}\ntask m(n: int) {\n  run: `m`\n}\n\
         let broken = nothing\n\
         task a {\n  needs: [x(6), m(x.port), m(1 / (x.port - 6))]\n  run: `a ${x.port}`\n}\n\
         task b {\n  needs: [m(x.port), broken, x(6)]\n  run: `b ${x.port}`\n}\n\
         task c {\n  needs: [m(1 / (x.port - 5)), x(6)]\n  run: `c ${x.port}`\n}\n",
        &run("a b c"),
        r#"
error RUSH0404: division by zero @ "1 / (x.port - 6)"
error RUSH0102: nothing is named `nothing` here @ "nothing"
"#,
    );
}

#[test]
fn a_long_way_to_a_service_is_gone_once() {
    let mut text = String::from(
        "service db(port: int = 5) {\n  run: `db ${port}`\n}\nlet l0 = db.port\n\
         fn id(x: int) -> int = x\ntask m(u: int) {\n  run: `m ${u}`\n}\n",
    );
    for at in 1..40 {
        text.push_str(&format!(
            "let l{at} = if l{0} == l{0} then l{0} + l{0} - l{0} else 0\n",
            at - 1
        ));
    }
    let deep = format!("{}db().port{}", "id(".repeat(40), ")".repeat(40));
    text.push_str(&format!(
        "task a {{\n  needs: [db(6), m(l39)]\n  run: `a ${{l39}} ${{{deep}}}`\n}}\n"
    ));
    check_plan(
        &text,
        &run("a"),
        r#"
* //:a <-//:db(port: 6) <-//:m(u: 6)
      run ["a", "6", "5"]
  //:db(port: 6)
      run ["db", "6"]
  //:m(u: 6)
      run ["m", "6"]
"#,
    );
}

#[test]
fn defaults_of_all_tasks_read_the_service_of_each() {
    check_plan(
        "service db(port: int = 5) {\n  run: `db ${port}`\n}\nlet url = \"u:${db.port}\"\n\
         workspace {\n  defaults {\n    env { URL: url, P: \"${db.port}\" }\n  }\n}\n\
         task a {\n  needs: [db(6)]\n  run: `a`\n}\ntask b {\n  needs: [db(7)]\n  env { P: \"b\" }\n  run: `b`\n}\n",
        &run("a b"),
        r#"
* //:a <-//:db(port: 6)
      run ["a"]
      env {"P":{"text":"6"},"URL":{"text":"u:6"}}
* //:b <-//:db(port: 7) <request //:a
      run ["b"]
      env {"P":{"text":"b"},"URL":{"text":"u:7"}}
  //:db(port: 6)
      run ["db", "6"]
      env {"P":{"text":"6"},"URL":{"text":"u:6"}}
  //:db(port: 7) <request //:a
      run ["db", "7"]
      env {"P":{"text":"7"},"URL":{"text":"u:7"}}
"#,
    );
}

#[test]
fn what_is_the_same_for_all_tasks_has_the_default_of_a_service() {
    check_plan(
        "service db(port: int = 5) {\n  run: `db ${port}`\n}\n\
         param x: string = \"p:${db.port}\"\ntype T = { u: string = \"t:${db.port}\" }\nlet t: T = {}\n\
         task a {\n  needs: [db(6)]\n  run: `a ${x} ${t.u}`\n}\n",
        &run("a"),
        r#"
warning RUSH0806: this is the default of `db.port`, whatever the tasks need @ "db.port"
warning RUSH0806: this is the default of `db.port`, whatever the tasks need @ "db.port"
* //:a <-//:db(port: 6)
      run ["a", "p:5", "t:5"]
  //:db(port: 6)
      run ["db", "6"]
"#,
    );
}

#[test]
fn services_that_are_asked_for_together_are_up_together() {
    let fixture = "param port: int(1..=65535) = 80\n\
         service a {\n  run: `a`\n  ready { probe: tcp(port) }\n}\n\
         service b {\n  needs: [c]\n  run: `b`\n}\n\
         service c {\n  run: `c`\n  ready { probe: tcp(port) }\n}\n\
         task x {\n  needs: [a]\n  run: `x`\n}\ntask y {\n  needs: [c]\n  run: `y`\n}\n";
    check_plan(
        fixture,
        &run("a b"),
        r#"
error RUSH0705: two services use port 80 @ "ready { probe: tcp(port) }"
"#,
    );
    planned(fixture, &run("x y"));
    planned(fixture, &run("a"));
}

#[test]
fn a_default_may_hang_on_the_cell() {
    check_plan(
        "service db(port: int = 5) {\n  run: `db ${port}`\n}\n\
         task t(u: string = \"u${db.port}\", v: int = 1) {\n  matrix { port: [6, 7] }\n  needs: [db(matrix.port)]\n  run: `t ${u} ${db.port}`\n}\n\
         task a {\n  needs: [t, t(v: 2, port: 6), t(u: \"x\", port: 7)]\n  run: `a`\n}\n",
        &run("a"),
        r#"
* //:a <-//:t(u: "u6", v: 1)[port: 6] <-//:t(u: "u7", v: 1)[port: 7] <-//:t(u: "u6", v: 2)[port: 6] <-//:t(u: "x", v: 1)[port: 7]
      run ["a"]
  //:db(port: 6)
      run ["db", "6"]
  //:db(port: 7)
      run ["db", "7"]
  //:t(u: "u6", v: 1)[port: 6] <-//:db(port: 6)
      run ["t", "u6", "6"]
  //:t(u: "u6", v: 2)[port: 6] <-//:db(port: 6)
      run ["t", "u6", "6"]
  //:t(u: "u7", v: 1)[port: 7] <-//:db(port: 7)
      run ["t", "u7", "7"]
  //:t(u: "x", v: 1)[port: 7] <-//:db(port: 7)
      run ["t", "x", "7"]
"#,
    );
}

#[test]
fn cells_that_hang_on_their_cell_are_a_circle() {
    check_plan(
        "service db(port: int = 5) {\n  run: `db ${port}`\n}\n\
         task t {\n  matrix { port: [6, db.port] }\n  needs: [db(matrix.port)]\n  run: `t`\n}\n",
        &run("t"),
        r#"
error RUSH0401: `t.matrix` depends on itself: t.matrix -> t.matrix @ "matrix { port: [6, db.port] }"
"#,
    );
}

/// The outputs of the next task are asked for after a service was, from deeper and deeper inside the first.
#[test]
fn a_chain_of_tasks_may_ask_for_services_in_their_needs() {
    for (arguments, links) in [("db.port, NEXT", 12), ("NEXT, db.port", 12), ("NEXT, db.port", 400)]
    {
        let plan = planned(&chain("db(6), ", arguments, links), &run("t0"));
        assert_eq!(plan.nodes().len(), 2 * links + 1, "{arguments}");
    }
    let nested = format!("{}leaf(db.port).outputs{}", "[...".repeat(40), "]".repeat(40));
    let source = format!(
        "service db(port: int = 5) {{\n  run: `db`\n}}\n\
         task leaf(p: int) {{\n  outputs: [\"leaf\"]\n  run: `l`\n}}\n\
         task u(y: [glob]) {{ run: `u` }}\ntask t {{\n  needs: [db(6), u({nested})]\n  run: `t`\n}}\n"
    );
    assert_eq!(planned(&source, &run("t")).nodes().len(), 4);
}

/// Each round knows one more of them.
#[test]
fn a_list_of_needs_may_be_a_long_chain_of_services() {
    let last = 60;
    let mut source = "service s0(x: int) {\n  run: `s`\n}\n".to_owned();
    let mut calls = String::new();
    for at in 1..=last {
        source += &format!("service s{at}(x: int) {{\n  run: `s`\n}}\n");
        calls = format!("s{at}(s{}.x + 1), {calls}", at - 1);
    }
    source += &format!("task t {{\n  needs: [{calls}s0(7)]\n  run: `t ${{s{last}.x}}`\n}}\n");
    let plan = planned(&source, &run("t"));
    assert!(format!("{:?}", plan.nodes()).contains(&format!("\"{}\"", 7 + last)));
}

/// Each round of a task asks for all rounds of the next, so what warns is to be remembered as well.
#[test]
fn a_chain_of_tasks_that_are_warned_of_takes_no_longer() {
    let db = database(&chain("if needed: db, ", "NEXT, db.port", 30));
    let Round::Done(PlanOutcome::Planned { plan, warnings }) = super::super::plan(&db, &run("t0"))
    else {
        panic!("it has a plan");
    };
    assert_eq!((plan.nodes().len(), warnings.len()), (60, 60));
}

/// Tasks of which each hands on the outputs of the next, and the port of a service.
fn chain(needs: &str, arguments: &str, links: usize) -> String {
    let mut source = "param needed: bool = false\n".to_owned();
    source += "service db(port: int = 5) {\n  run: `db`\n}\n";
    let params = arguments.replace("NEXT", "y: [glob]").replace("db.port", "x: int");
    source += &format!("task u({params}) {{ run: `u ${{x}}` }}\n");
    for at in 0..links {
        let next = if at + 1 < links { format!("t{}.outputs", at + 1) } else { "[]".to_owned() };
        let arguments = arguments.replace("NEXT", &next);
        source += &format!(
            "task t{at} {{\n  needs: [{needs}u({arguments})]\n  outputs: [\"o{at}-${{db.port}}\"]\n  run: `t`\n}}\n"
        );
    }
    source
}

/// What check found is about one of them, and the plan knows of the other.
#[test]
fn each_service_nobody_needs_is_told() {
    check_plan(
        "service db(port: int = 5) {\n  run: `db ${port}`\n}\nservice web(port: int = 6) {\n  run: `web`\n}\n\
         param needed: bool = false\n\
         task a {\n  needs: [if needed: web]\n  run: `a ${db.port} ${web.port}`\n}\n",
        &run("a"),
        r#"
warning RUSH0806: this reads a parameter of `web`, which is not in `needs` @ "web.port"
* //:a
      run ["a", "5", "6"]
"#,
    );
}

#[test]
fn a_service_nobody_needs_is_told_where_it_is_read() {
    check_plan(
        "service db(port: int = 5) {\n  run: `db ${port}`\n}\nlet url = \"localhost:${db.port}\"\n\
         task a {\n  run: `a ${url}`\n}\n",
        &run("a"),
        r#"
warning RUSH0806: this reads a parameter of `db`, which is not in `needs` @ "db.port"
* //:a
      run ["a", "localhost:5"]
"#,
    );
}
