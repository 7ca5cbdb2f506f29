import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { isLegacy } from "../src/language/legacy";

function check(expected: "yaml" | "rush", texts: readonly string[]): void {
  for (const text of texts) {
    assert.equal(isLegacy(text) ? "yaml" : "rush", expected, text);
  }
}

test("task files of TaskRush are YAML", () => {
  check("yaml", [
    "tasks:\n  build:\n    cmd: make\n",
    "# all of it\n\n---\ntasks:\n  a: { cmd: x }\n",
    "\uFEFFtasks:\r\n  a:\r\n    cmd: x\r\n",
    "version: 1\nplugins: []\ntasks:\n  a:\n    cmd: x\n",
    '"tasks":\n  a:\n    cmd: x\n',
    "'tasks' :\n  a:\n    cmd: x\n",
    '{ "tasks": { "a": { "cmd": "x" } } }',
    '{ "version": 1,\n  "tasks": {} }\n',
    "tasks: {}\n",
    "%YAML 1.2\n---\ntasks:\n",
  ]);
});

test("everything else is Rush, also while it is typed", () => {
  check("rush", [
    "",
    "\n\n",
    "#!/usr/bin/env rush\ntask a { run: `true` }\n",
    "//! Tasks.\nworkspace {}\n",
    "task build {\n  run: `make`\n}\n",
    'let tasks = "x"\n',
    "tasks\n",
    "type Tasks = 1\n",
    "# a heading in a note\n",
    "run: `make`\n}\n",
    "task a {\n  env {\n    tasks: 1\n  }\n}\n",
  ]);
});

interface LanguageConfiguration {
  readonly wordPattern: string;
  readonly folding: { readonly markers: { readonly start: string; readonly end: string } };
  readonly indentationRules: {
    readonly increaseIndentPattern: string;
    readonly decreaseIndentPattern: string;
  };
  readonly onEnterRules: readonly {
    readonly beforeText: string;
    readonly afterText?: string;
    readonly action: { readonly indent: string; readonly appendText?: string };
  }[];
}

const configuration = JSON.parse(
  readFileSync("language-configuration.json", "utf8"),
) as LanguageConfiguration;

test("a line that opens something indents the next", () => {
  const increases = new RegExp(configuration.indentationRules.increaseIndentPattern);
  const yes = ["task a {", "  needs: [", '  run: sh"""', "task a( // docs", '  text: """  '];
  const no = ["  run: `x`", "// a {", '  """', '  text: """x"""', "}", "  x: 1 // see (above)"];
  yes.forEach((it) => {
    assert.match(it, increases);
  });
  no.forEach((it) => {
    assert.doesNotMatch(it, increases);
  });
});

test("a line that closes something goes back", () => {
  const decreases = new RegExp(configuration.indentationRules.decreaseIndentPattern);
  ["}", "  ]", "  ) {"].forEach((it) => {
    assert.match(it, decreases);
  });
  assert.doesNotMatch("  x: [1]", decreases);
});

test("the next line of docs begins like the one before", () => {
  const after = (text: string, rest = ""): string | undefined => {
    const rule = configuration.onEnterRules.find(
      (it) => new RegExp(it.beforeText).test(text) && new RegExp(it.afterText ?? "").test(rest),
    );
    return rule?.action.appendText ?? rule?.action.indent;
  };
  assert.equal(after("  /// Builds it."), "/// ");
  assert.equal(after("//! This file."), "//! ");
  assert.equal(after("  // a note"), undefined);
  assert.equal(after('  run: sh"""', '"""'), "indentOutdent");
  assert.equal(after("task a {", "}"), "indentOutdent");
  assert.equal(after('  """'), "none");
});

test("regions fold", () => {
  const { start, end } = configuration.folding.markers;
  assert.match("// region release", new RegExp(start));
  assert.match("  //#region", new RegExp(start));
  assert.match("// endregion", new RegExp(end));
});
