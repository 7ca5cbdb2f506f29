/** A folder with task files for one test, and the program under test. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

/** The extension's own folder: tests run in it. */
export const here = process.cwd();

/** The program `rush`, as `cargo xtask test` built it. */
export const program = process.env["RUSH_BIN"] ?? path.resolve(here, "../../target/debug/rush");

/** A folder with these files; it is gone when the tests end. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "rush-vscode-")));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  // A workspace is not looked for above a repository.
  execFileSync("git", ["init", "--quiet", folder]);
  process.on("exit", () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** What `rush` says on standard output, or on standard error, whatever its exit status. */
export function rush(
  folder: string,
  words: readonly string[],
  stream: "stdout" | "stderr" = "stdout",
): string {
  const env = { ...process.env, XDG_CACHE_HOME: path.join(folder, ".cache") };
  const ended = spawnSync(program, [...words], { cwd: folder, encoding: "utf8", env });
  if (ended.error) {
    throw ended.error;
  }
  return ended[stream];
}
