//! Fixtures with a cursor, and what is to be offered there.

use super::holes::{ALIASES, BETWEEN_ITEMS, FREE_NAMES, PROFILES, PROGRAMS};

/// A fixture and what is expected.
type Case = (&'static str, &'static str);

pub(super) const ALL: &[&[Case]] = &[
    ITEMS,
    FIELDS,
    VALUES,
    FIRST,
    TASKS,
    MEMBERS,
    ARGUMENTS,
    TYPES,
    TEXTS,
    PATHS,
    SCRIPTS,
    BROKEN,
    PROGRAMS,
    BETWEEN_ITEMS,
    PROFILES,
    ALIASES,
    FREE_NAMES,
];

const ITEMS: &[Case] = &[
    (
        "$0",
        "+ task => task ${1:name} {|  run: `$0`|} ;; + let => let ${1:name} = $0 ;; + workspace ;; - kind",
    ),
    ("ta$0", "+ task => task ${1:name} {|  run: `$0`|}"),
    ("task a {\n  run: `x`\n}\n\n$0", "+ task ;; + service => service ${1:name} {|  run: `$2`$0|}"),
    (
        "task a {\n  run: `x`\n}\n\nse$0\n\ntask b {}\n",
        "+ secret => secret ${1:name} {|  from: env(\"${2:name}\")$0|} ;; - run",
    ),
    ("//! docs\n\nus$0\n", "+ use => use \"$1\" as ${2:name} ;; # task needs"),
    ("ta$0 build {\n}\n", "+ task => task build {"),
    (
        "template c {\n  inputs: []\n}\n$0",
        "+ task extends c => task ${1:name} extends c {|  run: `$0`|}",
    ),
    (
        "template c(n: int) {\n  run: `x`\n}\n$0",
        "+ task extends c => task ${1:name} extends c(${2:n}) {|  $0|}",
    ),
    (
        "//- tasks.rush\nuse \"./l.rush\" as l\n$0\n//- l.rush\ntemplate t {}\ntemplate _p {}\n",
        "+ task extends l.t ;; - task extends l._p",
    ),
    ("profi$0", "+ profile => profile ${1:name} {|  $0|}"),
    ("temp$0", "+ template => template ${1:name} {|  run: `$0`|}"),
    ("workspace$0", "+ workspace => workspace {|  $0|}"),
];

const FIELDS: &[Case] = &[
    (
        "task a {\n  $0\n}\n",
        "+ needs => needs: [$0] ;; + run => run: `$0` ;; + env => env {|  $0|} ;; + let ;; - ready",
    ),
    ("task a {\n  ti$0\n}\n", "+ timeout => timeout: $0 ;; : timeout duration(1ms..)?"),
    ("task a {\n  run: `x`\n  $0\n}\n", "- run ;; + inputs => inputs: [\"$0\"]"),
    ("task a { $0 }\n", "+ env => task a { env { $0 } }"),
    ("task a {$0}\n", "+ run => task a {run: `$0`}"),
    ("service s {\n  $0\n}\n", "= run ;; + ready => ready {|  $0|} ;; # run runs"),
    (
        "service s {\n  run: `x`\n  ready {\n    $0\n  }\n}\n",
        "= probe ;; : every duration(1ms..) ;; # probe asked",
    ),
    (
        "service s {\n  run: `x`\n  stop { $0 }\n}\n",
        "+ signal => stop { signal: \"$0\" } ;; + grace => stop { grace: $0 }",
    ),
    (
        "task a {\n  retry {\n    $0\n  }\n}\n",
        "= attempts ;; + on_timeout => on_timeout: ${1|true,false|} ;; # attempts tries",
    ),
    (
        "task a {\n  retry {\n    attempts: 3\n    on$0\n  }\n}\n",
        "- attempts ;; + on_codes => on_codes: [$0] ;; + on_pattern => on_pattern: r\"$0\"",
    ),
    ("task a {\n  cache { m$0 }\n}\n", "+ mode => cache { mode: \"${1|off,stamp,local|}\" }"),
    (
        "task a {\n  $0\n}\ntask b {\n  timeout: 1m\n}\ntask c {\n  timeout: 2m\n  dir: \"x\"\n}\n",
        "= timeout, dir",
    ),
    ("task a {\n  env {\n    $0\n  }\n}\ntask b {\n  env { LEVEL: \"1\" }\n}\n", "+ LEVEL"),
    ("secret s {\n  $0\n}\n", "= from ;; + mount => mount: \"${1|env,file|}\""),
    (
        "param v: string = \"a\"\nprofile ci {\n  $0\n}\n",
        "+ v => v: \"$0\" ;; + defaults => defaults {|  $0|}",
    ),
    ("workspace {\n  defaults { $0 }\n}\n", "+ timeout ;; + env ;; + retry ;; - needs"),
    ("task a {\n  matrix {\n    $0\n  }\n}\n", "+ include ;; + exclude"),
    (
        "task a {\n  matrix {\n    os: [\"l\"]\n    exclude: [{ $0 }]\n  }\n}\n",
        "+ os => exclude: [{ os: \"${1|l|}\" }]",
    ),
    ("task a {\n  timeout$0: 10m\n}\n", "+ timeout => timeout: 10m ;; + needs => needs: 10m"),
    ("task a {\n  nee$0ds: []\n}\n", "+ needs => needs: []"),
    (
        "type R = {\n  /// The host's name.\n  host: string\n  port: int = 80\n}\nlet r: R = { $0 }\n",
        "= host ;; # host name ;; : port int",
    ),
    ("type R = { host: string, port: int }\nlet r: R = { host: \"a\", $0 }\n", "= port ;; - host"),
    ("type R = { a: int } | { b: int, c: int }\nlet r: R = { b: 1, $0 }\n", "= c"),
    ("fn f(r: { x: int, y: int? }) -> int = r.x\nlet z = f({ $0 })\n", "= x ;; + y"),
    (
        "type E = \"dev\" | \"prod\"\ntask a(e: E) {\n  let n = { dev: 1, $0 }[e]\n}\n",
        "= prod ;; - dev",
    ),
    ("let rs: [{ name: string }] = [{ $0 }]\n", "= name"),
    ("template t {\n  $0\n}\n", "+ run ;; + inputs"),
    ("task a {\n  limit {\n    group: \"a\"\n    $0\n  }\n}\n", "+ max ;; - group"),
    (
        "task a {\n  resources { me$0 }\n}\n",
        "+ memory => resources { memory: $0 } ;; : memory size(0B..)?",
    ),
    ("task a {\n  check$0\n}\n", "+ check => check ${1:condition}, \"${2:message}\""),
    ("template t {\n  run: `x`\n}\ntask a extends t {\n  $0\n}\n", "+ run ;; + needs"),
];

const VALUES: &[Case] = &[
    (
        "task a {\n  log: $0\n}\n",
        "= \"stream\", \"grouped\", \"quiet\" ;; + \"quiet\" => log: \"quiet\"",
    ),
    ("task a {\n  log: gr$0\n}\n", "+ \"grouped\" => log: \"grouped\""),
    ("task a {\n  interactive: $0\n}\n", "= true, false"),
    ("task a {\n  when: $0\n}\n", "+ true ;; + host ;; + if"),
    ("task a {\n  when: host.os == $0\n}\n", "= \"linux\", \"macos\", \"windows\", \"freebsd\""),
    (
        "task a {\n  retry { attempts: 2, delay: $0 }\n}\n",
        "= fixed, exponential ;; + fixed => retry { attempts: 2, delay: fixed(${1:delay}) } ;; # fixed wait",
    ),
    (
        "service s {\n  run: `x`\n  ready { probe: $0 }\n}\n",
        "= tcp, http, exec, log ;; + http => ready { probe: http(\"${1:url}\") }",
    ),
    ("task a {\n  confirm: $0\n}\n", "+ none ;; + \"\" => confirm: \"$0\""),
    (
        "task a {\n  run: $0\n}\n",
        "+ `` => run: `$0` ;; + sh\"\"\" => run: sh\"\"\"|  $0|\"\"\" ;; + []",
    ),
    ("let t = 10m\nlet n = 3\ntask a {\n  timeout: $0\n}\n", "= t ;; + none ;; + n"),
    ("let t = 10m\nlet n = 3\ntask a {\n  timeout: t ?? $0\n}\n", "+ t"),
    ("task a(d: duration, s: string) {\n  timeout: $0\n}\n", "= d ;; + none ;; + s"),
    ("task a(d: duration) {\n  let e = d\n  timeout: $0\n}\n", "+ d ;; + e"),
    (
        "secret pw { from: env(\"P\") }\ntask a {\n  env { T: $0 }\n}\n",
        "+ pw ;; + \"\" ;; : pw secret",
    ),
    (
        "type Port = int(1..=9)\nparam p: Port = $0\n",
        "+ Port => param p: Port = Port(${1:value}) ;; + env => param p: Port = env(\"${1:name}\")",
    ),
    ("type Crate = \"a\" | \"b\"\ntask t {\n  matrix {\n    c: $0\n  }\n}\n", "+ Crate.values"),
    ("type Crate = \"a\" | \"b\"\nlet xs: [Crate] = $0\n", "+ Crate.values ;; + []"),
    (
        "fn flags(r: bool) -> [string] = []\nlet x: [string] = $0\n",
        "+ flags => let x: [string] = flags(${1|true,false|})",
    ),
    (
        "let x = $0\n",
        "+ host ;; + true ;; + if => let x = if ${1:condition} then $2 else $0 ;; - x",
    ),
    ("let a = 1\nlet x = [$0]\n", "+ a ;; + for => let x = [for ${1:it} in ${2:list}: $0]"),
    ("let xs = [\"a\"]\nlet x = [for y in xs: $0]\n", "= y ;; : y \"a\""),
    (
        "let xs = [\"a\"]\nlet x: [string] = [...$0]\n",
        "+ xs ;; + flag => let x: [string] = [...flag(\"${1:name}\", \"${2:value}\")]",
    ),
    ("fn f(a: int, b: string) -> string = $0\n", "+ b ;; + a ;; + \"\""),
    (
        "task a {\n  matrix {\n    os: [\"l\", \"m\"]\n  }\n  when: matrix.os == $0\n}\n",
        "= \"l\", \"m\"",
    ),
    ("task a(e: \"x\" | \"y\") {\n  when: e in [$0]\n}\n", "= \"x\", \"y\""),
    ("task a(e: \"x\" | \"y\") {\n  let t = { x: 1, y: 2 }[$0]\n}\n", "+ \"x\" ;; + e"),
    ("task a(e: string?) {\n  when: if e != none then $0 else false\n}\n", "+ true ;; : e string"),
    ("let d: duration = 5m\nlet x = if $0\n", "+ true ;; + host"),
    ("task a(n: int = $0) {}\nlet m = 1\n", "+ m"),
    ("check $0, \"m\"\n", "+ true ;; + profile"),
    ("profile ci {\n  defaults { log: $0 }\n}\n", "= \"stream\""),
    ("task a {\n  inputs: [$0]\n}\n", "+ \"\" => inputs: [\"$0\"] ;; + ...files"),
    ("service s {\n  run: `x`\n  restart: $0\n}\n", "= \"never\", \"on_failure\", \"always\""),
    ("service s {\n  run: `x`\n  stop { grace: $0 }\n}\n", "+ host"),
    ("workspace {\n  cache { max_size: $0 }\n}\n", "+ host"),
    ("template t { timeout: 1m }\ntask a extends t {\n  inputs: $0\n}\n", "+ base ;; + none"),
    ("task a {\n  env { X: $0 }\n}\nlet s = \"v\"\n", "+ s"),
    ("let x = 1 + $0\nlet y = 2\n", "+ y"),
    ("let x = !$0\n", "+ true"),
    ("task a {\n  timeout: 10$0\n}\n", "= 10s, 10m, 10h ;; + 10m => timeout: 10m ;; - 10GiB"),
    ("task a {\n  resources { memory: 2G$0 }\n}\n", "+ 2GiB => resources { memory: 2GiB } ;; - 2s"),
    ("let n = 10$0\n", "-"),
    (
        "task a {\n  timeout: $0\n}\ntask b { timeout: 15m }\ntask c { timeout: 15m }\ntask d { timeout: 1h }\n",
        "= 15m, 1h",
    ),
    ("let x = if true $0\n", "= then"),
    ("let x = if true then 1 $0\n", "= else ;; + else => let x = if true then 1 else $0"),
    ("let x = [for y $0]\n", "= in"),
];

/// What comes first fits as it is.
const FIRST: &[Case] = &[
    ("task a {\n  run: $0\n}\n", "= ``, sh\"\"\", bash\"\"\""),
    (
        "//- tasks.rush\nuse \"./l.rush\" as l\ntask a {\n  run: $0\n}\n//- l.rush\nlet x = 1\n",
        "= ``, sh\"\"\"",
    ),
    ("task a {\n  timeout: $0\n}\n", "= 30s, 5m, 1h, none"),
    ("task a {\n  resources { memory: $0 }\n}\n", "= 512MiB, 1GiB, 4GiB, none, host.memory"),
    ("workspace {\n  cache { max_size: $0 }\n}\n", "= 512MiB"),
    ("task a {\n  inputs: [$0]\n}\n", "= \"\", ...files"),
    ("task a {\n  retry { attempts: $0 }\n}\n", "= 1, 2, 3, if"),
    ("task a {\n  when: $0\n}\n", "= true, false, host.ci"),
    (
        "task b {}\ntask c(n: int) {}\ntask a {\n  needs: $0\n}\n",
        "+ b => needs: [b] ;; + c => needs: [c(${1:n})] ;; = b, c, []",
    ),
    ("let g = \"x\"\ntask a {\n  inputs: $0\n}\n", "+ g => inputs: [g]"),
    ("task a {\n  $0\n}\n", "+ matrix => matrix {|  $0|}"),
    ("task a { $0 }\n", "+ matrix => task a { matrix { $0 } }"),
    ("task a {\n  matrix {\n    $0\n  }\n}\n", "- let ;; - check ;; - ..."),
    ("workspace {\n  members: [\"x\"]\n}\n\n$0", "- workspace ;; + task"),
    ("work$0\n\nworkspace {\n  members: [\"x\"]\n}\n", "- workspace"),
    ("task b {}\nlet xs = [1]\nlet y = [for c in $0]\n", "= xs"),
    ("task b {}\nlet xs = [1]\nlet y = [for c in $0: c]\n", "= xs"),
    (
        "type C = \"core\" | \"api\"\ntask build(c: C) {}\ntask a(c: C) {\n  needs: [build($0)]\n}\n",
        "= c, \"core\", \"api\"",
    ),
    (
        "//- tasks.rush\ntask a {\n  run: `x`\n  dir: \"$0\"\n}\n//- web/x\n//- a.txt\n",
        "= web/, // ;; - a.txt",
    ),
    ("type T = $0\n", "# int whole"),
];

const TASKS: &[Case] = &[
    (
        "/// Deprecated: use `build`.\ntask make {}\n\ntask build {}\n\ntask all { needs: [$0] }\n",
        "~ make ;; + build => task all { needs: [build] }",
    ),
    (
        "task b {}\nservice s { run: `x` }\nlet n = 1\ntask a {\n  needs: [$0]\n}\n",
        "= b, s ;; + b => needs: [b] ;; - a",
    ),
    (
        "task b(t: \"x\" | \"y\", u: int = 1) {}\ntask a {\n  needs: [b$0]\n}\n",
        "+ b => needs: [b(\"${1|x,y|}\")]",
    ),
    ("task b(t: string) {}\ntask a {\n  needs: [b$0(\"x\")]\n}\n", "+ b => needs: [b(\"x\")]"),
    ("task b {}\ntask a {\n  needs: $0\n}\n", "+ [] => needs: [$0] ;; + b"),
    ("task b {}\ntask a {\n  steps: [b, $0]\n}\n", "+ b"),
    ("task b {}\ntask a {\n  after: [$0\n}\n", "+ b"),
    (
        "//- tasks.rush\nuse \"./l.rush\" as l\ntask a {\n  needs: [$0]\n}\n//- l.rush\ntask lint {}\ntask _x {}\n",
        "+ l.lint => needs: [l.lint] ;; + l ;; - l._x",
    ),
    (
        "task a {\n  needs: [$0]\n}\n",
        "+ ...all => needs: [...all(\"${1:packages}\", \"${2:task}\")]",
    ),
    (
        "task a {\n  needs: [...$0]\n}\nlet x = 1\n",
        "+ all => needs: [...all(\"${1:packages}\", \"${2:task}\")]",
    ),
    (
        "//- tasks.rush\nuse \"./x.rush\" as x\n\ntask a {\n  needs: [li$0]\n}\n//- web-app/tasks.rush\ntask lint(n: int) {}\ntask other {}\n//- x.rush\n",
        "+ web_app.lint => needs: [web_app.lint(${1:n})] ;; ! web_app.lint use \"./x.rush\" as x|use \"//web-app\" as web_app ;; - web_app.other",
    ),
    (
        "//- tasks.rush\n//! Docs.\n\ntask a {\n  needs: [li$0]\n}\n//- web/tasks.rush\ntask lint {}\n",
        "! web.lint //! Docs.||use \"//web\" as web||task a {",
    ),
    (
        "//- tasks.rush\nuse \"//web\" as w\ntask a {\n  needs: [li$0]\n}\n//- web/tasks.rush\ntask lint {}\n",
        "+ w.lint ;; - web.lint",
    ),
    (
        "//- tasks.rush\ntask web {}\ntask a {\n  needs: [li$0]\n}\n//- web/tasks.rush\ntask lint {}\n",
        "+ web_2.lint ;; : web_2.lint use \"//web\"",
    ),
    ("task a {\n  needs: [if host.ci: $0]\n}\ntask b {}\n", "= b"),
    ("/// Compiles it.\ntask b {}\ntask a {\n  needs: [$0]\n}\n", "# b Compiles ;; : b task"),
    ("template t {}\ntask a extends $0 {\n}\ntask b {}\n", "= t, b ;; - a"),
    ("template t(n: int) {}\ntask a extends t$0 {\n}\n", "+ t => task a extends t(${1:n}) {"),
    ("template t(n: int) {}\ntask a extends $0\n", "+ t"),
    (
        "//- tasks.rush\nuse \"./l.rush\" as l\ntask a extends l.$0 {}\n//- l.rush\ntemplate t {}\nlet x = 1\ntemplate _p {}\n",
        "+ t ;; - x ;; - _p",
    ),
    ("task a $0{\n}\n", "+ extends => task a extends $0{"),
    ("task a ext$0\n", "+ extends"),
    ("task $0\n", "-"),
    ("task a(p$0) {}\n", "-"),
    ("let $0 = 1\n", "-"),
    ("task a {\n  // comm$0\n}\n", "-"),
    ("/// doc $0\ntask a {}\n", "-"),
];

const MEMBERS: &[Case] = &[
    ("task a {\n  when: host.$0\n}\n", "= ci ;; + os ;; + cpus ;; # ci integration"),
    ("task a {\n  matrix { os: [\"l\"] }\n  dir: matrix.$0\n}\n", "+ os ;; : os \"l\""),
    (
        "let s = \"x\"\nlet n = s.$0\n",
        "# trim white ;; + len => let n = s.len() ;; + split => let n = s.split(\"${1:separator}\")",
    ),
    ("let s = [\"x\"]\nlet n = s.$0\n", "+ join ;; + contains ;; - split"),
    ("let d = 5m\nlet n = d.$0\n", "+ seconds ;; - len"),
    ("task a(p: path) {\n  dir: p.$0\n}\n", "= parent ;; + stem"),
    ("let r = { a: 1, b: \"x\" }\nlet n = r.$0\n", "= a, b ;; + keys"),
    ("type E = \"x\" | \"y\"\nlet n = E.$0\n", "= values"),
    ("task b {\n  outputs: [\"x\"]\n}\ntask a {\n  inputs: b.$0\n}\n", "= outputs"),
    ("task b(n: int) {\n  outputs: [\"x\"]\n}\ntask a {\n  inputs: [...b(1).$0]\n}\n", "= outputs"),
    (
        "service pg(port: int = 1) { run: `x` }\ntask a {\n  needs: [pg]\n  env { P: \"${pg.$0}\" }\n}\n",
        "= port ;; : port int",
    ),
    (
        "template t { inputs: [\"x\"] }\ntask a extends t {\n  inputs: base.$0\n}\n",
        "+ inputs ;; - run",
    ),
    (
        "//- tasks.rush\nuse \"./l.rush\" as l\nlet x = l.$0\n//- l.rush\nlet a = 1\nlet _b = 2\ntype T = int\n",
        "+ a ;; - _b ;; + T",
    ),
    (
        "//- tasks.rush\nuse \"./l.rush\" as l\ntask a {\n  needs: [l.$0]\n}\n//- l.rush\ntask t(n: int) {}\n",
        "= t ;; + t => needs: [l.t(${1:n})]",
    ),
    (
        "//- tasks.rush\nuse \"./l.rush\" as l\ntask a {\n  needs: [l.t$0]\n}\n//- l.rush\ntask test {}\n",
        "+ test => needs: [l.test]",
    ),
    ("let s = \"x\"\nlet n = s.le$0()\n", "+ len => let n = s.len()"),
    ("check profile.$0, \"m\"\n", "= name"),
    ("let m: map(int) = { a: 1 }\nlet n = m.$0\n", "+ keys ;; + values"),
    ("task a {\n  when: \"a b\".trim().$0\n}\n", "+ contains"),
];

const ARGUMENTS: &[Case] = &[
    (
        "task b(t: string, release: bool = false) {}\ntask a {\n  needs: [b(\"x\", $0)]\n}\n",
        "+ release: => needs: [b(\"x\", release: )] ;; - t:",
    ),
    (
        "task b(t: string, release: bool = false) {}\ntask a {\n  needs: [b(re$0)]\n}\n",
        "+ release: ;; + t:",
    ),
    (
        "task b(t: string, release: bool = false) {}\ntask a {\n  needs: [b(\"x\", re$0: true)]\n}\n",
        "+ release: => needs: [b(\"x\", release: true)]",
    ),
    (
        "task b(t: string, release: bool = false) {}\ntask a {\n  needs: [b(\"x\", release: $0)]\n}\n",
        "+ true ;; + false",
    ),
    (
        "task a {\n  retry { attempts: 2, delay: exponential(1s, $0) }\n}\n",
        "+ max: ;; + jitter: ;; - first:",
    ),
    ("task b {\n  matrix { os: [\"l\"] }\n}\ntask a {\n  needs: [b($0)]\n}\n", "+ os:"),
    ("task b {\n  matrix { os: [\"l\"] }\n}\ntask a {\n  needs: [b(os: $0)]\n}\n", "= \"l\""),
    ("fn f(a: int, b: bool) -> int = a\nlet x = f(1, $0)\n", "= true, false"),
    (
        "type T = { host: string, port: int } | { file: path, mode: int? }\nlet x: T = { $0 }\n",
        "+ host ;; + port ;; + file ;; + mode",
    ),
    (
        "type T = { host: string, port: int } | { file: path, mode: int? }\nlet x: T = { file: \"a\", $0 }\n",
        "+ mode ;; - host ;; - file",
    ),
    ("task b(e: \"dev\" | \"prod\") {}\ntask a {\n  needs: [b($0)]\n}\n", "= \"dev\", \"prod\""),
    ("template t(e: \"dev\" | \"prod\") {}\ntask a extends t($0) {}\n", "= \"dev\", \"prod\""),
    ("service s {\n  run: `x`\n  ready { probe: http(\"x\", $0) }\n}\n", "+ status: ;; - url:"),
    ("let x = flag($0)\n", "+ name: ;; + value:"),
    (
        "task b(\n  /// Where to.\n  e: string = \"x\"\n) {}\ntask a {\n  needs: [b($0)]\n}\n",
        "# e: Where",
    ),
];

const TYPES: &[Case] = &[
    ("param p: $0\n", "+ string ;; + map => param p: map($0) ;; + Retry"),
    ("type Port = int\nparam p: $0 = 1\n", "= Port ;; + int"),
    ("task a(p: $0) {}\n", "+ string ;; + path"),
    ("let x: $0 = 1\n", "+ int"),
    ("type A = int\ntype T = $0\n", "= A ;; - T"),
    ("type A = int\ntype T = [$0]\n", "= A"),
    ("type A = int\ntype T = A | $0\n", "= A"),
    ("type A = int\ntype T = { x: $0 }\n", "= A"),
    ("type A = int\ntype T = fixed(x: $0)\n", "= A"),
    ("type A = int\nfn f(a: A) -> $0 = a\n", "= A"),
    (
        "//- tasks.rush\nuse \"./l.rush\" as l\nparam p: l.$0 = 1\n//- l.rush\ntype T = int\ntype _P = int\n",
        "= T ;; - _P ;; - int",
    ),
    ("/// Of the net.\ntype Port = int\nparam p: Po$0\n", "# Port net ;; : Port int"),
    ("task a(p: map($0)) {}\n", "+ string"),
];

const TEXTS: &[Case] = &[
    ("task a {\n  log: \"$0\"\n}\n", "= stream, grouped, quiet ;; + quiet => log: \"quiet\""),
    ("task a {\n  log: \"gr$0ou\"\n}\n", "+ grouped => log: \"grouped\""),
    ("task a {\n  log: \"$0\n}\n", "= stream"),
    ("task a {\n  log: \"$0qu\"\n}\n", "+ quiet => log: \"quiet\""),
    ("task b {}\ntask a {\n  needs: [$0c]\n}\n", "+ b => needs: [bc]"),
    ("task b(e: \"dev\" | \"prod\") {}\ntask a {\n  needs: [b(\"$0\")]\n}\n", "= dev, prod"),
    (
        "task a {\n  when: host.os == \"l$0\"\n}\n",
        "= linux ;; + linux => when: host.os == \"linux\"",
    ),
    ("type E = \"a-b\" | \"c\"\nlet e: E = \"a-$0\"\n", "+ a-b => let e: E = \"a-b\""),
    ("let n = \"x\"\nlet l = [\"a\"]\nlet t = \"a $0\"\n", "-"),
    (
        "let n = \"x\"\nlet l = [\"a\"]\nlet t = \"a $$0\"\n",
        "+ ${n} => let t = \"a ${n}\" ;; - ${l}",
    ),
    ("let n = \"x\"\nlet t = \"a ${$0}\"\n", "= n ;; + n => let t = \"a ${n}\""),
    ("let n = \"x\"\nlet t = \"a ${$0\"\n", "+ n"),
    ("let name = \"x\"\nlet t = \"a ${na$0} b\"\n", "+ name => let t = \"a ${name} b\""),
    (
        "service s {\n  run: `x`\n  stop { signal: \"$0\" }\n}\n",
        "+ SIGINT => stop { signal: \"SIGINT\" }",
    ),
    (
        "//- tasks.rush\ntask a {\n  needs: [...all(\"$0\", \"t\")]\n}\n//- p/a/tasks.rush\ntask t {}\n//- p/b/tasks.rush\ntask t {}\n",
        "= //p/* ;; + //p/a ;; : //p/* 2 packages",
    ),
    (
        "//- tasks.rush\ntask a {\n  needs: [...all(\"//p/*\", \"$0\")]\n}\n//- p/a/tasks.rush\ntask lint {}\n//- p/b/tasks.rush\ntask lint {}\ntask test {}\ntask _x {}\n",
        "= lint, test ;; : test in 1 of 2 packages ;; - a ;; - _x",
    ),
    ("let t = { dev: 1 }[\"$0\"]\n", "= dev"),
    (
        "task a {\n  matrix {\n    os: [\"l\", \"m\"]\n    exclude: [{ os: \"$0\" }]\n  }\n}\n",
        "= l, m",
    ),
];

const PATHS: &[Case] = &[
    (
        "//- tasks.rush\ntask a {\n  inputs: [\"$0\"]\n}\n//- src/main.c\n//- Makefile\n",
        "= Makefile, src/, tasks.rush ;; + src/ => inputs: [\"src/\"] ;; + **",
    ),
    (
        "//- tasks.rush\ntask a {\n  inputs: [\"src/m$0\"]\n}\n//- src/main.c\n//- src/lib/x.h\n",
        "= lib/, main.c ;; + main.c => inputs: [\"src/main.c\"] ;; + *.c => inputs: [\"src/*.c\"]",
    ),
    (
        "//- tasks.rush\ntask a {\n  inputs: [\"p/$0\"]\n}\n//- p/[id].tsx\n",
        "+ [id].tsx => inputs: [\"p/\\\\[id\\\\].tsx\"]",
    ),
    (
        "//- tasks.rush\ntask a {\n  dir: \"p/$0\"\n}\n//- p/[id] ${x}/a\n",
        "+ [id] ${x}/ => dir: \"p/[id] \\${x}/\"",
    ),
    ("//- tasks.rush\ntask a {\n  inputs: [\"!src/$0\"]\n}\n//- src/main.c\n", "= main.c"),
    (
        "//- tasks.rush\ntask a {\n  dir: \"$0\"\n}\n//- web/x\n",
        "= web/, // ;; - tasks.rush ;; - **",
    ),
    (
        "//- web/tasks.rush\ntask a {\n  dir: \"$0\"\n}\n//- web/src/x\n//- other/x\n",
        "+ src/ ;; - other/ ;; + //",
    ),
    (
        "//- web/tasks.rush\ntask a {\n  dir: \"//o$0\"\n}\n//- other/x\n",
        "+ other/ => dir: \"//other/\"",
    ),
    (
        "//- tasks.rush\ntask a {\n  inputs: [\"my-f$0ile.x\"]\n}\n//- my-file.c\n",
        "+ my-file.c => inputs: [\"my-file.c\"]",
    ),
    (
        "//- tasks.rush\ntask a {\n  dir: \"src/$0x/y\"\n}\n//- src/lib/a\n",
        "+ lib/ => dir: \"src/lib/y\"",
    ),
    ("//- tasks.rush\ntask a {\n  inputs: files(\"s$0\")\n}\n//- src/x.c\n", "+ src/"),
    (
        "//- tasks.rush\nlet s = [\"s$0\"]\ntask a {\n  inputs: s\n}\n//- src/[x].c\n",
        "+ src/ => let s = [\"src/\"] ;; + **",
    ),
    (
        "//- tasks.rush\nlet s = [\"src/$0\"]\nlet all = [...s, \"y\"]\ntask a {\n  inputs: all\n}\n//- src/[x].c\n",
        "+ [x].c => let s = [\"src/\\\\[x\\\\].c\"] ;; + *.c",
    ),
    ("//- tasks.rush\nlet d = \"s$0\"\ntask a {\n  dir: d\n}\n//- src/x.c\n", "+ src/ ;; - **"),
    ("//- tasks.rush\nlet s = [\"s$0\"]\ntask a {\n  tags: s\n}\n//- src/x.c\n", "-"),
    (
        "//- lib.rush\nlet s = [\"$0\"]\n//- web/tasks.rush\nuse \"../lib.rush\" as lib\ntask a {\n  inputs: lib.s\n}\n//- web/x.c\n//- y.c\n",
        "+ x.c ;; - y.c",
    ),
    ("//- tasks.rush\nlet d = \"x\"\ntask a {\n  inputs: [\"${d}/$0\"]\n}\n//- src/x.c\n", "-"),
    (
        "//- tasks.rush\nuse \"$0\" as l\n//- l.rush\n//- web/tasks.rush\n//- lib/rust.rush\n//- a.txt\n",
        "+ ./l.rush => use \"./l.rush\" as l ;; + ./web => use \"./web\" as l ;; + ./lib/ ;; - ./a.txt ;; - ./tasks.rush ;; + //",
    ),
    (
        "//- web/tasks.rush\nuse \"//lib/$0\" as l\n//- lib/rust.rush\n",
        "= rust.rush ;; + rust.rush => use \"//lib/rust.rush\" as l",
    ),
    ("//- web/tasks.rush\nuse \"../$0\" as l\n//- lib/rust.rush\n//- app/tasks.rush\n", "= app"),
    ("//- tasks.rush\nuse \"./l.rush\" $0\n//- l.rush\n", "+ as => use \"./l.rush\" as ${1:name}"),
    ("//- tasks.rush\nuse \"./$0\n//- l.rush\n", "+ l.rush"),
    (
        "//- tasks.rush\ntask a {\n  run: `./bin/$0`\n}\n//- bin/go.sh\n",
        "+ go.sh => run: `./bin/go.sh`",
    ),
];

const SCRIPTS: &[Case] = &[
    (
        "task a(name: string) {\n  run: sh\"\"\"\n    echo $$0\n  \"\"\"\n}\n",
        "= name ;; + name => echo $name",
    ),
    (
        "task a(name: string) {\n  run: sh\"\"\"\n    echo ${na$0}\n  \"\"\"\n}\n",
        "= name ;; + name => echo ${name}",
    ),
    (
        "task a(name: string) {\n  run: sh\"\"\"\n    echo ${na$0\n  \"\"\"\n}\n",
        "+ name => echo ${name}",
    ),
    (
        "task a(xs: [string]) {\n  let n = 1\n  env { MODE: \"x\" }\n  pass_env: [\"HOME\"]\n  run: sh\"\"\"\n    echo \"$$0\"\n  \"\"\"\n}\nparam p: int = 1\n",
        "= n, HOME, MODE, p ;; - xs",
    ),
    (
        "task a(name: string) {\n  run: sh\"\"\"\n    dir=x\n    for f in *; do echo $$0; done\n  \"\"\"\n}\n",
        "= name, dir, f",
    ),
    ("task a(name: string) {\n  run: sh\"\"\"\n    na$0\n  \"\"\"\n}\n", "-"),
    (
        "task a(name: string) {\n  run: python\"\"\"\n    import os\n    os.environ[\"$0\"]\n  \"\"\"\n}\nparam p: int = 1\n",
        "= name ;; - p",
    ),
    ("task a(name: string) {\n  run: node\"\"\"\n    process.env.$0\n  \"\"\"\n}\n", "= name"),
    ("task a(name: string) {\n  run: pwsh\"\"\"\n    echo $env:$0\n  \"\"\"\n}\n", "= name"),
    (
        "task a(name: string, xs: [string], o: string?) {\n  run: `echo $$0`\n}\n",
        "= ${...o}, ${...xs}, ${name} ;; + ${name} => run: `echo ${name}`",
    ),
    ("task a(name: string, xs: [string]) {\n  run: `echo ${$0}`\n}\n", "= name ;; + xs"),
    ("task a(name: string, xs: [string]) {\n  run: `echo ${...$0}`\n}\n", "= xs"),
    ("task a(name: string) {\n  run: `echo ${$0`\n}\n", "+ name"),
    ("task a {\n  run: `$0`\n}\ntask b {\n  run: `cargo test`\n}\n", "= cargo"),
    ("task a {\n  matrix { os: [\"l\"] }\n  run: `echo $$0`\n}\n", "= ${matrix.os}"),
    ("task a(name: string) {\n  run: sh\"\"\"\n    echo $$0\n", "= name"),
];

const BROKEN: &[Case] = &[
    ("task a {\n  ti$0", "+ timeout => timeout: $0"),
    ("task a {\n  needs: [$0", "+ host"),
    ("task a {\n  needs: [b($0\n}\ntask b(release: bool) {}\n", "= true, false ;; + release:"),
    ("task a {\n  retry {\n    att$0", "= attempts"),
    ("task a {\n  timeout: \n  ne$0\n}\n", "+ needs"),
    ("task a {\n  env {\n    A: \"x\n    B: $0\n  }\n}\nlet s = \"v\"\n", "+ s"),
    ("task a {\n  run: `x\n  tim$0\n}\n", "+ timeout"),
    ("task a {{\n  needs: [$0]\n}\ntask b {}\n", "+ host"),
    ("task (x: int) {\n  $0\n}\n", "+ needs"),
    ("task a(x: {\n  $0\n}\n", "-"),
    ("let x: int =\nlet y = $0\n", "+ x"),
    ("task a {\n  needs: [b, , $0]\n}\ntask b {}\n", "+ b"),
    ("task a {\n  needs [b$0]\n}\ntask b {}\n", "+ b"),
    ("task a {\n  log = \"$0\"\n}\n", "= stream"),
    ("task a {\n  when: host.$0\n  run: `x`\n}\n", "+ os"),
    ("task a {\r\n  ti$0\r\n}\r\n", "+ timeout => timeout: $0"),
    ("\u{feff}ta$0", "+ task"),
    ("tsk a {\n  $0\n}\n", "+ let"),
];
