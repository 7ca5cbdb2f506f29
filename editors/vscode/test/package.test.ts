import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";

import { manifest, packageFile, unpack } from "./package";

test("the package holds what it names, and nothing else", async () => {
  const names = [...(await unpack()).keys()].sort();
  assert.deepEqual(names, [
    "[Content_Types].xml",
    "extension.vsixmanifest",
    "extension/LICENSE.txt",
    "extension/THIRD-PARTY.txt",
    "extension/changelog.md",
    "extension/dist/extension.js",
    "extension/language-configuration.json",
    "extension/media/file.svg",
    "extension/media/icon.png",
    "extension/media/view.svg",
    "extension/media/walkthrough/arguments.md",
    "extension/media/walkthrough/file.md",
    "extension/media/walkthrough/program.md",
    "extension/media/walkthrough/run.md",
    "extension/package.json",
    "extension/readme.md",
    "extension/syntaxes/rush.tmLanguage.json",
  ]);
});

test("the package is small", () => {
  assert.ok(statSync(packageFile).size < 300_000, `${statSync(packageFile).size} bytes`);
});

test("every file that the manifest names is in the package", async () => {
  const files = await unpack();
  const { icon, main, contributes } = manifest();
  const steps = contributes.walkthroughs.flatMap((it) =>
    it.steps.map((step) => step.media.markdown),
  );
  const grammars = contributes.grammars.map((it) => it.path);
  for (const name of [icon, main, ...steps, ...grammars]) {
    assert.ok(files.has(`extension/${name.replace(/^\.\//, "")}`), name);
  }
});

test("the grammar is the one of the repository", async () => {
  const [grammar] = manifest().contributes.grammars;
  const source = readFileSync("../../grammar/rush.tmLanguage.json");
  assert.deepEqual((await unpack()).get("extension/syntaxes/rush.tmLanguage.json"), source);
  const { scopeName } = JSON.parse(source.toString("utf8")) as { scopeName: string };
  assert.equal(scopeName, grammar?.scopeName);
});

test("the licences of bundled packages are told", async () => {
  const told = (await unpack()).get("extension/THIRD-PARTY.txt")?.toString("utf8") ?? "";
  for (const name of ["vscode-languageclient", "vscode-jsonrpc", "minimatch", "semver"]) {
    assert.match(told, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
  }
});
