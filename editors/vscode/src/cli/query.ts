/**
 * What `rush` tells programs: `rush list -o json` and `rush describe TASK -o json`.
 *
 * Knows nothing of VS Code. A query is a process that ends by itself; it is killed when it does not.
 */
import { execFile } from "node:child_process";

import type { Schema } from "./schema";

/** A parameter in a listing. */
export interface ListedParameter {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

/** A task of a workspace. */
export interface ListedTask {
  /** As it is called from the root. */
  readonly name: string;
  readonly label: string;
  readonly kind: string;
  readonly summary: string | null;
  readonly params: readonly ListedParameter[];
  /** Relative to the root. */
  readonly file: string;
  readonly line: number;
}

/** What can be run in a workspace. */
export interface Listing {
  /** The folder of the workspace. */
  readonly root: string;
  readonly tasks: readonly ListedTask[];
  /** How many items have errors and are left out. */
  readonly broken: number;
}

/** A parameter of one task. */
export interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly default: string | null;
  readonly doc: string | null;
  readonly required: boolean;
  readonly rest: boolean;
  readonly settable: boolean;
  readonly choices: readonly string[];
}

/** An axis of a matrix. */
export interface Axis {
  readonly name: string;
  readonly type: string;
  readonly choices: readonly string[];
}

/** One task, in full. */
export interface Described {
  readonly name: string;
  readonly label: string;
  readonly doc: string | null;
  readonly params: readonly Parameter[];
  readonly axes: readonly Axis[];
  readonly schema: { readonly properties: Readonly<Record<string, Schema>> };
}

/** Why a query has no answer. */
export class QueryError extends Error {
  override readonly name = "QueryError";

  /** `status` is what the program ended with, and nothing if it could not be started. */
  constructor(
    message: string,
    readonly status: number | undefined,
  ) {
    super(message);
  }
}

/** A question is answered in milliseconds; one that takes so long never will be. */
const TIMEOUT_MS = 30_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
/** The exit status for: there is no task file. */
const REFUSED = 3;

/** Lists what can be run; nothing where no task file is. */
export async function list(program: string, folder: string): Promise<Listing | undefined> {
  try {
    return (await ask(program, ["list", "-o", "json"], folder)) as Listing;
  } catch (error) {
    if (error instanceof QueryError && error.status === REFUSED) {
      return undefined;
    }
    throw error;
  }
}

/** Describes the tasks a label stands for; most stand for one. */
export async function describe(
  program: string,
  label: string,
  folder: string,
): Promise<readonly Described[]> {
  const answer = (await ask(program, ["describe", "-o", "json", label], folder)) as {
    tasks: Described[];
  };
  return answer.tasks;
}

/** The version of a program, if it is the Rush of this extension. */
export async function version(program: string): Promise<string | undefined> {
  try {
    const answer = (await ask(program, ["version", "-o", "json"], undefined)) as {
      version?: unknown;
      edition?: unknown;
    };
    const isRush = typeof answer.version === "string" && typeof answer.edition === "number";
    return isRush ? (answer.version as string) : undefined;
  } catch (error) {
    if (error instanceof QueryError && error.status === undefined) {
      throw error;
    }
    return undefined;
  }
}

async function ask(
  program: string,
  words: readonly string[],
  folder: string | undefined,
): Promise<unknown> {
  const output = await run(program, words, folder);
  try {
    return JSON.parse(output) as unknown;
  } catch {
    throw new QueryError(`\`rush ${words.join(" ")}\` did not answer in JSON`, 0);
  }
}

function run(program: string, words: readonly string[], cwd: string | undefined): Promise<string> {
  const options = { cwd, timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX, windowsHide: true };
  return new Promise((resolve, reject) => {
    execFile(program, [...words], options, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      const status = typeof error.code === "number" ? error.code : undefined;
      const said = stderr.trim().replace(/^×\s*/, "");
      reject(new QueryError(said === "" ? error.message : said, status));
    });
  });
}
