import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";

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

// A folder with a name that looks well in a picture.
const folder = path.join(
  folderWith(
    Object.fromEntries(Object.entries(FILES).map(([name, text]) => [`shop/${name}`, text])),
  ),
  "shop",
);
const place = process.env["RUSH_EDITOR_DATA"] ?? path.join(here, "out/editor");
let editor: Editor;

before(async () => {
  mkdirSync(place, { recursive: true });
  editor = await openEditor(folder, path.join(place, "data"));
});

/** Each test begins with the files as they are written above, and the cursor in the first of them. */
beforeEach(async () => {
  const { page } = editor;
  for (let at = 0; at < 3; at += 1) {
    await page.keyboard.press("Escape");
  }
  writeFileSync(file, FILES["tasks.rush"]);
  await openFile(page, "tasks.rush");
  await command(page, "File: Revert File");
  await page.locator(".tab.active:not(.dirty)").waitFor();
  await goTo(page, "1:1");
  await line(page, "//! Build, test").waitFor();
});

/** What the editor showed at the end of each test, to be looked at when one failed. */
afterEach(async (context) => {
  const name = context.name.replaceAll(/[^A-Za-z]+/g, "-");
  await editor.page.screenshot({ path: path.join(place, `${name}.png`) });
});

after(async () => {
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

/** Waits for a text in the terminal. */
async function terminalShows(text: string): Promise<void> {
  await editor.page.locator(".terminal-wrapper.active .xterm-rows", { hasText: text }).waitFor();
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
  await goTo(page, `${lineOf("timeot")}`);
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.keyboard.type("retr");
  await page.keyboard.press("Control+Space");
  await page.locator(".suggest-widget .monaco-list-row", { hasText: "retry" }).first().waitFor();
  await page.keyboard.press("Enter");
  await line(page, "retry").waitFor();
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
  await rows.filter({ hasText: "//packages/web:bundle" }).first().waitFor();
  await page.keyboard.press("Escape");
});

test("a task runs from the button above it", async () => {
  const { page } = editor;
  await page.locator(".codelens-decoration a", { hasText: /^run$/ }).first().click();
  await terminalShows("compiled api for localhost:5000");
});

test("a picture for the docs", async () => {
  const { page } = editor;
  await goTo(page, `${lineOf("task test")}:1`);
  await page.locator(".squiggly-error").first().waitFor();
  await page.locator(".codelens-decoration", { hasText: "succeeded" }).first().waitFor();
  await page.mouse.move(640, 700);
  await page.screenshot({ path: path.join(place, "vscode.png") });
});

test("a file of TaskRush is YAML", async () => {
  const { page } = editor;
  await openFile(page, "old.rush");
  await page.locator(".statusbar-item", { hasText: /^YAML$/ }).waitFor();
});
