import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { after, before, test } from "node:test";

import { folderWith, here, rush } from "../workspace";
import { command, goTo, line, openEditor, openFile, type Editor } from "./editor";

const FILES = {
  "tasks.rush": `//! Build, test and ship the shop.
workspace { members: ["packages/*"] }

type Crate = "api" | "cli" | "web"

/// Where images are pushed.
param registry: string = "localhost:5000"

/// Compile one crate.
task build(crate: Crate = "api", release: bool = false) {
  let flags = if release then ["--release"] else []
  outputs: ["target/\${crate}.txt"]
  run: sh"""
    mkdir -p target
    printf 'compiled %s for %s\\n' "$crate" "$registry" | tee "target/$crate.txt"
  """
}

/// Unit and integration tests.
task test(filter: string? = none) {
  needs: [build("api"), build("cli")]
  timeot: 10m
  run: \`echo all tests of \${filter ?? "every crate"} pass\`
}
`,
  "packages/web/tasks.rush": "/// Bundle the site.\ntask bundle {\n  run: `echo bundled`\n}\n",
  "old.rush": "tasks:\n  build:\n    cmd: make\n",
};

const folder = folderWith(FILES);
const place = process.env["RUSH_EDITOR_DATA"] ?? path.join(here, "out/editor");
let editor: Editor;

before(async () => {
  editor = await openEditor(folder, path.join(place, "data"));
  await openFile(editor.page, "tasks.rush");
});

after(async () => {
  await editor.page.screenshot({ path: path.join(place, "last.png") });
  await editor.close();
});

const file = path.join(folder, "tasks.rush");

/** Saves, and reads what is on the disk then. */
async function saved(): Promise<string> {
  const { page } = editor;
  await page.keyboard.press("Control+S");
  await page.locator(".tab.active:not(.dirty)").waitFor();
  return readFileSync(file, "utf8");
}

/** The number of the line that begins so, counted from one. */
function lineOf(start: string): number {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.findIndex((it) => it.trimStart().startsWith(start)) + 1;
}

/** The terminal draws its text; the accessible view of it can be read. */
async function terminalShows(text: string): Promise<void> {
  await editor.page
    .locator(".terminal-wrapper.active .xterm-accessibility", { hasText: text })
    .waitFor();
}

test("problems of `rush check` are underlined and listed", async () => {
  const { page } = editor;
  await page.locator(".squiggly-error").first().waitFor();
  await command(page, "Problems: Focus on Problems View");
  const { diagnostics } = JSON.parse(rush(folder, ["check", "-o", "json"])) as {
    diagnostics: { message: string }[];
  };
  assert.equal(diagnostics.length, 1);
  for (const { message } of diagnostics) {
    await page.locator(".markers-panel", { hasText: message }).first().waitFor();
  }
});

test("a fix mends the text as `rush check --fix` would", async () => {
  const { page } = editor;
  const before = readFileSync(file, "utf8");
  await goTo(page, `${lineOf("timeot")}:5`);
  await page.keyboard.press("Control+.");
  await page.locator(".action-widget", { hasText: "change it to `timeout`" }).waitFor();
  await page.keyboard.press("Enter");
  await line(page, "timeout: 10m").waitFor();
  await page.locator(".squiggly-error").first().waitFor({ state: "hidden" });
  assert.equal(await saved(), before.replace("timeot", "timeout"));
});

test("completion offers the fields that are left", async () => {
  const { page } = editor;
  const before = readFileSync(file, "utf8");
  await goTo(page, `${lineOf("timeout")}`);
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.keyboard.type("retr", { delay: 50 });
  await page.locator(".suggest-widget .monaco-list-row", { hasText: "retry" }).first().waitFor();
  await page.keyboard.press("Escape");
  for (let at = 0; at < 4; at += 1) {
    await page.keyboard.press("Control+Z");
    if ((await saved()) === before) {
      break;
    }
  }
  assert.equal(await saved(), before);
});

test("a task is renamed wherever it is needed", async () => {
  const { page } = editor;
  const before = readFileSync(file, "utf8");
  await goTo(page, `${lineOf("task build")}:7`);
  await page.keyboard.press("F2");
  const input = page.locator(".rename-box input");
  await input.waitFor();
  await input.fill("compile");
  await page.keyboard.press("Enter");
  await line(page, "task compile(").waitFor();
  const after = before.replaceAll("build(", "compile(");
  assert.equal(await saved(), after);
});

test("a task runs from the button above it", async () => {
  const { page } = editor;
  await goTo(page, `${lineOf("task compile")}`);
  await page.locator(".codelens-decoration a", { hasText: /^run$/ }).first().click();
  await terminalShows("compiled api for localhost:5000");
});

test("a task runs from the tree, which shows how it ended", async () => {
  const { page } = editor;
  await page.locator(".activitybar .action-label[aria-label='Rush']").click();
  const row = page.locator(".pane-body .monaco-list-row", { hasText: "bundle" });
  await row.waitFor();
  await row.hover();
  await row.locator(".action-label[aria-label='Run Task…']").click();
  await terminalShows("bundled");
  await row.locator(".codicon-pass").waitFor();
});

test("tasks are listed by Run Task", async () => {
  const { page } = editor;
  await command(page, "Tasks: Run Task");
  const rows = page.locator(".quick-input-list .monaco-list-row");
  await rows.filter({ hasText: "rush" }).first().click();
  await rows.filter({ hasText: "//packages/web:bundle" }).waitFor();
  await page.keyboard.press("Escape");
});

test("a file of TaskRush is YAML", async () => {
  const { page } = editor;
  await openFile(page, "old.rush");
  await page.locator(".statusbar-item", { hasText: /^YAML$/ }).waitFor();
  await command(page, "View: Close Editor");
});

test("a picture for the docs", async () => {
  const { page } = editor;
  await openFile(page, "tasks.rush");
  await goTo(page, `${lineOf("timeout")}:3`);
  await page.keyboard.press("Control+Shift+K");
  await page.keyboard.type('  timeout: "10m"\n');
  await page.locator(".squiggly-error").first().waitFor();
  await goTo(page, "1:1");
  await page.locator(".codelens-decoration").first().waitFor();
  await page.screenshot({ path: path.join(place, "vscode.png") });
});
