/**
 * Finds the program `rush`.
 *
 * Other programs have that name, too, so each candidate is asked what it is; along `PATH` the first
 * that answers as Rush is taken.
 */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import * as path from "node:path";

import { version } from "./query";

/** The program. */
export interface Found {
  readonly kind: "found";
  readonly path: string;
  /** How a person would start it: its name if that finds it, else its path. */
  readonly command: string;
  readonly version: string;
}

/** What a search ended with. */
export type Program =
  | Found
  /** Nothing is there, or it can't be started. */
  | { readonly kind: "missing"; readonly chosen: string }
  /** Something is there, and it is not Rush. */
  | { readonly kind: "foreign"; readonly path: string };

/** Looks for the program that was chosen (empty: for `rush`), along `PATH` if it is a bare name. */
export async function find(chosen: string): Promise<Program> {
  const name = chosen === "" ? "rush" : chosen;
  let foreign: string | undefined;
  for (const candidate of candidates(name)) {
    if (!(await isProgram(candidate))) {
      continue;
    }
    const answer = await version(candidate).catch(() => undefined);
    if (answer !== undefined) {
      // Behind another program of the same name, the name alone would start that one.
      const command = foreign === undefined ? name : candidate;
      return { kind: "found", path: candidate, command, version: answer };
    }
    foreign ??= candidate;
  }
  return foreign === undefined ? { kind: "missing", chosen } : { kind: "foreign", path: foreign };
}

/** Says what a search without success means, for a person. */
export function explanation(program: Exclude<Program, { kind: "found" }>): string {
  if (program.kind === "foreign") {
    return `\`${program.path}\` is another program of that name; choose the \`rush\` that runs task files`;
  }
  return program.chosen === ""
    ? "the program `rush` was not found on PATH; install it, or choose where it is"
    : `\`${program.chosen}\`, from the setting \`rush.server.path\`, can't be started`;
}

function candidates(name: string): string[] {
  const isWindows = process.platform === "win32";
  const endings = isWindows ? ["", ".exe"] : [""];
  const folders = /[\\/]/.test(name) ? [""] : (process.env["PATH"] ?? "").split(path.delimiter);
  const places = folders.map((it) => (it === "" ? name : path.join(it, name)));
  return places.filter((it) => path.isAbsolute(it)).flatMap((it) => endings.map((end) => it + end));
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
