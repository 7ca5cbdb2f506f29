//! Places where nothing says what is wanted but what stands around them.

/// A fixture and what is expected.
type Case = (&'static str, &'static str);

pub(super) const PROGRAMS: &[Case] = &[
    (
        "//- tasks.rush\ntask a {\n  run: `$0`\n}\ntask b {\n  tools: [\"jq\"]\n  run: `make x`\n}\n//- scripts/build.sh\n",
        "+ jq ;; + make ;; + ./scripts/build.sh => run: `./scripts/build.sh`",
    ),
    (
        "workspace { defaults { tools: [\"gh\"] } }\ntask a {\n  run: `$0`\n}\nservice s { run: `db` }\n",
        "= db, gh",
    ),
    (
        "//- tasks.rush\ntask a {\n  run: sh\"\"\"\n    ./scripts/$0\n  \"\"\"\n}\n//- scripts/build.sh\n",
        "= build.sh",
    ),
    (
        "//- tasks.rush\ntask a {\n  run: sh\"\"\"\n    cat x | ./scripts/bu$0 && y\n  \"\"\"\n}\n//- scripts/build.sh\n",
        "+ build.sh => cat x | ./scripts/build.sh && y",
    ),
    (
        "//- tasks.rush\ntask a {\n  run: python\"\"\"\n    ./scripts/$0\n  \"\"\"\n}\n//- scripts/build.sh\n",
        "-",
    ),
    (
        "//- tasks.rush\ntask a {\n  dir: \"web\"\n  run: `./$0`\n}\n//- web/go.sh\n//- no.sh\n",
        "= go.sh ;; - no.sh",
    ),
    (
        "//- tasks.rush\ntask a {\n  tools: [\"jq\", \"$0\"]\n  run: `make x`\n}\ntask b {\n  tools: [\"gh\", \"jq\"]\n  run: `ls`\n}\n//- web/tasks.rush\ntask c {\n  run: `pnpm i`\n}\n",
        "= gh, ls, make, pnpm ;; - jq ;; + gh => tools: [\"jq\", \"gh\"]",
    ),
    ("workspace { defaults { tools: [\"$0\"] } }\ntask a { run: `db` }\n", "= db"),
    (
        "//- tasks.rush\ntask a {\n  pass_env: [\"CI\", \"X$0\"]\n  run: sh\"\"\"\n    echo $READ\n  \"\"\"\n}\ntask b {\n  pass_env: [\"KEY\", \"CI\"]\n  env { MODE: \"x\" }\n}\n//- web/tasks.rush\ntask c {\n  pass_env: [\"TOKEN\"]\n}\n",
        "= KEY, MODE, READ, TOKEN ;; - CI ;; + KEY => pass_env: [\"CI\", \"KEY\"]",
    ),
    ("workspace { defaults { pass_env: [\"$0\"] } }\nservice s { env { A: \"1\" } }\n", "= A"),
    ("task a { pass_env: \"$0\" }\ntask b { pass_env: [\"A\"] }\n", "- A"),
    ("task a { matrix { tools: [\"$0\"] } }\ntask b { run: `make` }\n", "- make"),
    ("task a { tools: [\"$0\"] }\ntask b { matrix { tools: [\"axis\"] } }\n", "- axis"),
    ("task a { tools: if true then [\"$0\"] else [] }\nlet b = `make`\n", "= make"),
    (
        "//- tasks.rush\ntask a { tools: [\"$0\"] }\n//- lib.rush\ntask b { run: `make` }\n",
        "= make",
    ),
    (
        "//- tasks.rush\ntask a { env { $0 } }\n//- lib.rush\ntask b { env { FAR: \"1\" } }\n",
        "+ FAR",
    ),
];

pub(super) const BETWEEN_ITEMS: &[Case] = &[
    (
        "task a {\n  run: `x`\n}\n  $0\ntask b {}\n",
        "+ task => task ${1:name} {|  run: `$0`|} ;; + let ;; - run",
    ),
    ("let x = 1\n\n  ta$0\n", "+ task => task ${1:name} {|  run: `$0`|}"),
    ("let x =\n  $0\n", "- task"),
    ("task a {\n  $0\n", "- task ;; + run"),
];

pub(super) const PROFILES: &[Case] = &[
    (
        "profile ci {}\nprofile dev {}\nlet x = profile.name == \"$0\"\n",
        "= ci, dev ;; + ci => let x = profile.name == \"ci\"",
    ),
    ("profile ci {}\nlet x = profile.name == $0\n", "= \"ci\""),
    ("profile ci {}\nlet x = profile.name in [\"$0\"]\n", "= ci"),
    ("profile ci {}\nlet x = \"$0\"\n", "- ci"),
];

pub(super) const ALIASES: &[Case] = &[
    ("//- tasks.rush\nuse \"./l.rush\" as $0\n//- l.rush\n", "= l"),
    (
        "//- tasks.rush\nuse \"./my-lib.rush\" as $0\nlet my_lib = 1\n//- my-lib.rush\n",
        "= my_lib_2",
    ),
    ("//- tasks.rush\nuse \"./web\" as w$0\n//- web/tasks.rush\n", "= web"),
];

pub(super) const FREE_NAMES: &[Case] = &[
    (
        "task a {\n  matrix {\n    os: [\"l\"]\n    exclude: [{ $0 }]\n  }\n}\n",
        "= os ;; - let ;; - check ;; - ...",
    ),
    (
        "task a {\n  matrix {\n    os: [\"l\", \"m\"]\n    exclude: [{ os: $0 }]\n  }\n}\n",
        "= \"l\", \"m\" ;; - matrix.os ;; - matrix",
    ),
    ("task a {\n  matrix {\n    $0\n  }\n  run: `echo ${matrix.os}`\n}\n", "+ os"),
    (
        "task a {\n  env {\n    $0\n  }\n  run: sh\"\"\"\n    echo \"$LEVEL\" \"$HOME\"\n  \"\"\"\n}\n\
         service s {\n  run: `x`\n  env { MODE: \"1\" }\n}\nworkspace { defaults { env { DEEP: \"1\" } } }\n",
        "+ LEVEL ;; + MODE ;; + DEEP ;; - HOME",
    ),
    ("type Env = \"dev\" | \"prod\"\nlet x = { $0 }\n", "+ dev ;; + prod"),
    ("fn f(e: \"a\" | \"b\") = { a: 1, $0 }\n", "+ b ;; - a"),
    ("type Env = \"dev\" | \"prod\"\nlet x = { other: 1, $0 }\n", "- dev"),
    ("let x = [{ name: \"a\" }, { $0 }]\n", "+ name"),
];
