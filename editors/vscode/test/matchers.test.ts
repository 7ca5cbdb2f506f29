import assert from "node:assert/strict";
import { test } from "node:test";

import { manifest } from "./package";
import { folderWith, rush } from "./workspace";

interface Pattern {
  readonly regexp: string;
  readonly file?: number;
  readonly line?: number;
  readonly column?: number;
  readonly severity?: number;
  readonly code?: number;
  readonly message?: number;
}

const FIELDS = ["file", "line", "column", "severity", "code", "message"] as const;
type Problem = Record<(typeof FIELDS)[number], string>;

const FILES = {
  "tasks.rush": [
    'workspace { members: ["packages/*"] }',
    "task build {",
    "  run: `make`",
    "  tiemout: 5m",
    "  // ä",
    '  timeout: "5m"',
    "}",
    "service web { run: `serve` }",
    'task raw(text: string = "x") { run: sh(raw: text) }',
    "",
  ].join("\n"),
  "packages/a/tasks.rush": "task lint { needs: [biuld], run: `true` }\n",
};

/** Reads the output as VS Code does: the lines of one problem follow each other. */
function matched(name: string, output: string): Problem[] {
  const { problemMatchers, problemPatterns } = manifest().contributes;
  const matcher = problemMatchers.find((it) => it.name === name);
  const shared = problemPatterns.find((it) => `$${it.name}` === matcher?.pattern);
  const patterns = [shared ?? matcher?.pattern].flat() as Pattern[];
  const lines = output.split(/\r?\n/);
  return lines.flatMap((_, start) => {
    const found: Partial<Problem> = {};
    for (const [at, pattern] of patterns.entries()) {
      const match = new RegExp(pattern.regexp).exec(lines[start + at] ?? "");
      if (match === null) {
        return [];
      }
      for (const field of FIELDS.filter((it) => pattern[it] !== undefined)) {
        found[field] = match[pattern[field] ?? 0] ?? "";
      }
    }
    return [found as Problem];
  });
}

/** Colours are taken out by VS Code before it looks. */
function plain(text: string): string {
  return text.replace(/\u001b\[[\d;]*m/g, "");
}

interface Report {
  diagnostics: {
    code: string;
    severity: string;
    message: string;
    file: string;
    range: { start: { line: number; column: number } };
  }[];
}

function expected(folder: string): Problem[] {
  const { diagnostics } = JSON.parse(rush(folder, ["check", "-o", "json"])) as Report;
  assert.ok(diagnostics.length >= 4, `${diagnostics.length} problems`);
  return diagnostics.map(({ code, severity, message, file, range: { start } }) => ({
    file,
    line: String(start.line),
    column: String(start.column),
    severity,
    code,
    message,
  }));
}

function bySource(problems: Problem[]): Problem[] {
  const key = (it: Problem): string => [it.file, it.line.padStart(4), it.code].join();
  return problems.sort((left, right) => key(left).localeCompare(key(right)));
}

test("`rush check` for people is read in full, with and without colours", () => {
  const folder = folderWith(FILES);
  const problems = bySource(expected(folder));
  for (const color of ["never", "always"]) {
    const output =
      rush(folder, ["check", "--color", color], "stderr") +
      rush(folder, ["check", "--color", color]);
    assert.deepEqual(bySource(matched("rush", plain(output))), problems, color);
  }
});

test("`rush check -o github` is read in full", () => {
  const folder = folderWith(FILES);
  const problems = expected(folder).map((it) => ({
    ...it,
    severity: ["info", "hint"].includes(it.severity) ? "notice" : it.severity,
  }));
  const output = rush(folder, ["check", "-o", "github"]);
  assert.deepEqual(bySource(matched("rush-github", output)), bySource(problems));
});
