import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

import { describe as describeTasks } from "../src/cli/query";
import { joinWords, literal, splitWords } from "../src/cli/text";
import { callOf, runWords, type Answers } from "../src/cli/words";
import { problem } from "../src/cli/schema";
import { ask, type Picked, type Questions } from "../src/tasks/ask";
import { folderWith, program } from "./workspace";

const TASKS = `
type Mode = "fast" | "slow"

/// Prints what it is given, one value behind each other.
task show(
  text: string = ""
  mode: Mode = "fast"
  texts: [string] = []
  count: int(1..=9) = 1
  wait: duration = 1s
  is_loud: bool = false
  /// Named like a flag of \`rush run\`.
  force: string = ""
  point: { x: int, name: string } = { x: 0, name: "" }
  ...more: [string] = []
) {
  run: \`node -e 'process.stdout.write(JSON.stringify(process.argv.slice(1)))' -- \${text} \${mode} \${...texts} \${count} \${wait} \${is_loud} \${force} \${point.x} \${point.name} \${...more}\`
}
`;

/** Values that break where anything reads them as code. */
const HOSTILE = [
  "it's",
  '"',
  "$(touch PWNED)",
  "`touch PWNED`",
  "'; touch PWNED; '",
  "${mode}",
  "$HOME",
  "*",
  "-x",
  "--help",
  "--",
  "a=b",
  "two words",
  " blanks ",
  "line\nline",
  "tab\there",
  "back\\slash\\",
  "ünï 🚀",
  "",
];

async function shown(answers: Answers): Promise<string[]> {
  const folder = folderWith({ "tasks.rush": TASKS });
  const [described] = await describeTasks(program, "//:show", folder);
  assert.ok(described);
  const call = callOf(described, answers);
  const words = runWords({ ...call, flags: ["--log", "stream"] });
  const ended = spawnSync(program, words, { cwd: folder, encoding: "utf8" });
  assert.equal(ended.status, 0, `${words.join(" ")}\n${ended.stderr}`);
  return JSON.parse(ended.stdout.slice(ended.stdout.indexOf("["))) as string[];
}

const REST = ["fast", "1", "1s", "false", "", "0", ""];

test("values of flags arrive as they are", async () => {
  const expected = [HOSTILE[0], "fast", ...HOSTILE, ...REST.slice(1), ...HOSTILE];
  const arrived = await shown({ text: [HOSTILE[0] ?? ""], texts: HOSTILE, more: HOSTILE });
  assert.deepEqual(arrived, expected);
});

test("values of a call arrive as they are, if one parameter has no flag", async () => {
  const point = `{ x: 3, name: ${literal("it's $x \"\\")} }`;
  const texts = HOSTILE;
  const arrived = await shown({
    text: ["$x"],
    texts,
    force: ["a\nb"],
    point: [point],
    count: ["4"],
  });
  assert.deepEqual(arrived, [
    "$x",
    "fast",
    ...texts,
    "4",
    "1s",
    "false",
    "a\nb",
    "3",
    "it's $x \"\\",
  ]);
});

test("durations, switches and members are given like any value", async () => {
  const arrived = await shown({ wait: ["1m30s"], is_loud: ["true"], mode: ["slow"] });
  assert.deepEqual(arrived, ["", "slow", "1", "90s", "true", "", "0", ""]);
  const called = await shown({ wait: ["2m"], is_loud: ["true"], mode: ["slow"], force: ["x"] });
  assert.deepEqual(called, ["", "slow", "1", "120s", "true", "x", "0", ""]);
});

test("of an axis one value is chosen, as a run takes one", async () => {
  const tasks = 'task t {\n  matrix { os: ["a", "b"] }\n  run: `echo ${matrix.os}`\n}\n';
  const folder = folderWith({ "tasks.rush": tasks });
  const [described] = await describeTasks(program, "//:t", folder);
  assert.ok(described);
  // The axis is opened, its second value chosen, and the task run.
  const steps = [1, 1, 0];
  const questions: Questions = {
    menu: () => Promise.resolve<Picked>({ index: steps.shift() ?? 0, how: "chosen" }),
    several: () => assert.fail("several values of an axis were asked for"),
    text: () => assert.fail("an axis whose values are known was typed"),
  };
  const answers = await ask(questions, described, { which: "all", before: { os: ["a", "b"] } });
  assert.deepEqual(answers, { os: ["b"] });
  const words = runWords({ ...callOf(described, answers), flags: ["--log", "stream"] });
  const ended = spawnSync(program, words, { cwd: folder, encoding: "utf8" });
  assert.equal(ended.status, 0, ended.stderr);
});

test("words in one box are split and joined without loss", () => {
  assert.deepEqual(splitWords(joinWords(HOSTILE)), HOSTILE);
  assert.deepEqual(splitWords(`  -k 'a b'  "c \\" d" e\\ f '' `), [
    "-k",
    "a b",
    'c " d',
    "e f",
    "",
  ]);
});

test("what a type refuses is told before a run", () => {
  const port = { type: "integer", minimum: 1, maximum: 9 };
  const check = (schema: object, text: string, expected: string | undefined): void => {
    assert.equal(problem(schema, text), expected);
  };
  check(port, "4", undefined);
  check(port, "10", "10 is outside 1..9");
  check(port, "x", "a whole number is needed");
  check({ anyOf: [{ const: "auto" }, port] }, "auto", undefined);
  check({ enum: ["a", 3] }, "3", undefined);
  check({ enum: ["a", 3] }, "b", "possible: a, 3");
  check({ anyOf: [{ type: "integer" }, { type: "null" }] }, "none", undefined);
});

test("the profile and flags stand before the task", () => {
  const words = runWords({ task: "build", args: ["--x=1"], profile: "ci", flags: ["-j4"] });
  assert.deepEqual(words, ["run", "-j4", "--profile=ci", "build", "--x=1"]);
});
