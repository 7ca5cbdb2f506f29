/** Runs tasks when a person asks for one: from a lens, the tree, the palette. */
import * as path from "node:path";
import * as vscode from "vscode";

import type { Found } from "../cli/program";
import { describe, QueryError, type Described } from "../cli/query";
import { callOf, dryRunWords, runWords, showRunWords, type Answers, type Call } from "../cli/words";
import type { Server } from "../server";
import * as settings from "../settings";
import { ask, isAsked, type Questions, type Which } from "./ask";
import { taskOf, TASK_TYPE, type Definition } from "./provider";
import type { Workspaces } from "./workspaces";

/** A task to do something with. */
export interface Target {
  readonly label: string;
  /** Where to start. */
  readonly directory: string;
}

/** What a run is made with. */
export interface Runner {
  readonly server: Server;
  readonly workspaces: Workspaces;
  readonly questions: Questions;
  /** Where the answers of the last time are kept. */
  readonly memory: vscode.Memento;
}

/** Runs a task; asks for what it can't do without. */
export function run(runner: Runner, target: Target): Promise<void> {
  return start(runner, target, { asked: "needed", wordsOf: runWords });
}

/** Shows what a task would run. */
export function dryRun(runner: Runner, target: Target): Promise<void> {
  return start(runner, target, { asked: "needed", wordsOf: dryRunWords });
}

/** Asks for all parameters of a task, and runs it. */
export function runWithArguments(runner: Runner, target: Target): Promise<void> {
  return start(runner, target, { asked: "all", wordsOf: runWords });
}

/** Shows a run of the past, the last one if none is named. */
export async function showRun(
  runner: Runner,
  name: string | undefined,
  directory: string | undefined,
): Promise<void> {
  const program = await runner.server.programOrTell();
  const folder = directory ?? vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  if (program === undefined || folder === undefined) {
    return;
  }
  const run = name ?? "last";
  const definition: Definition = { type: TASK_TYPE, task: `runs show ${run}` };
  const scope = folderOf(folder);
  const words = showRunWords(run);
  const title = `run ${run}`;
  const shown = taskOf({ program, words, directory: folder, name: title, definition, scope });
  await execute(shown);
}

/** How a run is made. */
interface Manner {
  readonly asked: Which;
  readonly wordsOf: typeof runWords;
}

async function start(runner: Runner, target: Target, manner: Manner): Promise<void> {
  const program = await runner.server.programOrTell();
  if (program === undefined) {
    return;
  }
  const call = await called(runner, program, target, manner.asked);
  if (call === undefined) {
    return;
  }
  const { directory } = target;
  const { task, args } = call;
  const scope = folderOf(directory);
  const profile = settings.profile(scope?.uri);
  const flags = settings.runFlags(scope?.uri);
  const words = manner.wordsOf({ task, args, profile, flags });
  const isDry = manner.wordsOf === dryRunWords;
  const name = isDry ? `${target.label} (dry run)` : target.label;
  const relative = path.relative(scope?.uri.fsPath ?? directory, directory);
  const definition: Definition = {
    type: TASK_TYPE,
    task,
    args: isDry ? [...args, "--dry-run"] : args,
    ...(relative === "" ? {} : { directory: relative.split(path.sep).join("/") }),
  };
  await execute(taskOf({ program, words, directory, name, definition, scope }));
}

/** What is called with which arguments; nothing if the person turned away. */
async function called(
  runner: Runner,
  program: Found,
  target: Target,
  which: Which,
): Promise<Call | undefined> {
  const described = await describeOne(runner, program, target);
  if (described === undefined) {
    // The run itself says in full what is wrong with the task.
    return { task: target.label, args: [] };
  }
  if (!isAsked(described, which)) {
    return { task: described.label, args: [] };
  }
  const key = `arguments:${target.directory}:${described.label}`;
  const before = runner.memory.get<Answers>(key, {});
  const answers = await ask(runner.questions, described, { before, which });
  if (answers === undefined) {
    return undefined;
  }
  await runner.memory.update(key, { ...before, ...answers });
  return callOf(described, answers);
}

async function execute(task: vscode.Task): Promise<void> {
  task.presentationOptions = {
    reveal: vscode.TaskRevealKind.Always,
    panel: vscode.TaskPanelKind.Shared,
    showReuseMessage: false,
    clear: true,
  };
  await vscode.tasks.executeTask(task);
}

async function describeOne(
  runner: Runner,
  program: Found,
  target: Target,
): Promise<Described | undefined> {
  try {
    const [described] = await describe(program.path, target.label, target.directory);
    return described;
  } catch (error) {
    if (!(error instanceof QueryError)) {
      throw error;
    }
    runner.server.log(`\`${target.label}\` could not be described: ${error.message}`);
    return undefined;
  }
}

/** The open folder that a folder is in. */
function folderOf(directory: string): vscode.WorkspaceFolder | undefined {
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(directory));
}
