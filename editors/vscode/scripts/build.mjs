// Builds the extension: one file of code, and what the package holds besides, each from its one
// source in the repository. With `--tests` also what `node --test` runs.

import { copyFile, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const repository = path.resolve(here, "../..");

const settings = {
  absWorkingDir: here,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode"],
  logLevel: "warning",
};

/** The licences of the packages whose code is in the bundle. */
async function thirdParty(inputs) {
  const folders = new Set(
    Object.keys(inputs)
      .map((it) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(it)?.[0])
      .filter((it) => it !== undefined),
  );
  const entries = [];
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(
      await readFile(path.join(here, folder, "package.json"), "utf8"),
    );
    const names = await readdir(path.join(here, folder));
    const file = names.find((it) => /^licen[cs]e/i.test(it));
    const text = file ? await readFile(path.join(here, folder, file), "utf8") : "";
    entries.push(`${name} ${version} (${license})\n\n${text.replaceAll("\r\n", "\n").trim()}\n`);
  }
  return `This extension contains the following packages.\n\n${entries.join(`\n${"-".repeat(80)}\n\n`)}`;
}

async function licences() {
  const names = ["LICENSE-MIT", "LICENSE-APACHE"];
  const texts = await Promise.all(names.map((it) => readFile(path.join(repository, it), "utf8")));
  const head =
    "Licensed under either of the MIT license or the Apache License, Version 2.0,\nat your option.\n";
  return [head, ...texts].join(`\n${"-".repeat(80)}\n\n`);
}

async function extension() {
  const built = await build({
    ...settings,
    entryPoints: ["src/extension.ts"],
    outfile: "dist/extension.js",
    minify: true,
    metafile: true,
  });
  await mkdir(path.join(here, "syntaxes"), { recursive: true });
  await copyFile(
    path.join(repository, "grammar/rush.tmLanguage.json"),
    path.join(here, "syntaxes/rush.tmLanguage.json"),
  );
  await writeFile(path.join(here, "LICENSE.txt"), await licences());
  await writeFile(path.join(here, "THIRD-PARTY.txt"), await thirdParty(built.metafile.inputs));
}

async function tests() {
  await rm(path.join(here, "out"), { recursive: true, force: true });
  const all = await readdir(path.join(here, "test"), { recursive: true });
  await build({
    ...settings,
    entryPoints: all.filter((it) => it.endsWith(".test.ts")).map((it) => path.join("test", it)),
    outdir: "out/test",
    outbase: "test",
    sourcemap: "inline",
    external: ["vscode", "playwright-core", "yauzl"],
  });
}

await (process.argv.includes("--tests") ? tests() : extension());
