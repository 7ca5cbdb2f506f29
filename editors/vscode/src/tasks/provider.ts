/** Rush tasks as tasks of VS Code: in "Run Task", in `tasks.json`, and when a button is pressed. */
import * as path from "node:path";
import * as vscode from "vscode";

import type { Found } from "../cli/program";
import { runWords, type Asked } from "../cli/words";
import type { Server } from "../server";
import * as settings from "../settings";
import type { Workspace, Workspaces } from "./workspaces";

/** The type of our tasks in `tasks.json`. */
export const TASK_TYPE = "rush";

/** A task as `tasks.json` has it. */
export interface Definition extends vscode.TaskDefinition {
  readonly type: typeof TASK_TYPE;
  readonly task: string;
  readonly args?: readonly string[];
  readonly profile?: string;
  readonly directory?: string;
}

/** A run to be made: the words, and where. */
export interface Start {
  readonly program: Found;
  readonly words: readonly string[];
  readonly directory: string;
  readonly name: string;
  readonly definition: Definition;
  readonly scope: vscode.WorkspaceFolder | undefined;
}

/** Makes a task that starts the program itself, without a shell, so words arrive as they are. */
export function taskOf(start: Start): vscode.Task {
  const execution = new vscode.ProcessExecution(start.program.command, [...start.words], {
    cwd: start.directory,
  });
  const scope = start.scope ?? vscode.TaskScope.Workspace;
  const task = new vscode.Task(start.definition, scope, start.name, "rush", execution, []);
  const group = groupOf(start.definition.task);
  if (group !== undefined) {
    task.group = group;
  }
  return task;
}

/** Offers what `rush list` names, and completes what is written in `tasks.json`. */
export class TaskProvider implements vscode.TaskProvider {
  readonly #server: Server;
  readonly #workspaces: Workspaces;

  constructor(server: Server, workspaces: Workspaces) {
    this.#server = server;
    this.#workspaces = workspaces;
  }

  async provideTasks(): Promise<vscode.Task[]> {
    const program = settings.offersTasks() ? await this.#server.program() : undefined;
    if (program === undefined) {
      return [];
    }
    const workspaces = await this.#workspaces.all();
    return workspaces.flatMap((workspace) => {
      const runnable = workspace.tasks.filter((it) => it.kind === "task");
      return runnable.map((it) => {
        const definition = definitionOf(workspace, it.label);
        const task = this.#complete(program, definition, workspace.folder, it.name);
        if (it.summary !== null) {
          task.detail = it.summary;
        }
        return task;
      });
    });
  }

  async resolveTask(task: vscode.Task): Promise<vscode.Task | undefined> {
    const program = await this.#server.programOrTell();
    const definition = task.definition as Partial<Definition>;
    if (program === undefined || typeof definition.task !== "string") {
      return undefined;
    }
    const folder = typeof task.scope === "object" ? task.scope : undefined;
    // VS Code looks for the very definition that it asked about.
    return this.#complete(program, task.definition as Definition, folder, task.name);
  }

  #complete(
    program: Found,
    definition: Definition,
    scope: vscode.WorkspaceFolder | undefined,
    name: string,
  ): vscode.Task {
    const asked: Asked = {
      task: definition.task,
      args: definition.args ?? [],
      profile: definition.profile ?? settings.profile(scope?.uri),
      flags: settings.runFlags(scope?.uri),
    };
    const folder = (scope ?? vscode.workspace.workspaceFolders?.[0])?.uri.fsPath ?? ".";
    const directory = path.resolve(folder, definition.directory ?? "");
    return taskOf({ program, words: runWords(asked), directory, name, definition, scope });
  }
}

/** How `tasks.json` would name a task of a workspace. */
export function definitionOf(workspace: Workspace, label: string): Definition {
  const relative = path.relative(workspace.folder.uri.fsPath, workspace.root);
  // A folder inside a larger workspace: its tasks are reached from the folder itself.
  const isInside = relative !== "" && !relative.startsWith("..");
  const directory = isInside ? { directory: relative.split(path.sep).join("/") } : {};
  return { type: TASK_TYPE, task: label, ...directory };
}

function groupOf(task: string): vscode.TaskGroup | undefined {
  switch (/([A-Za-z_]\w*)(?:\(.*)?$/s.exec(task)?.[1]) {
    case "build":
      return vscode.TaskGroup.Build;
    case "test":
      return vscode.TaskGroup.Test;
    case "clean":
      return vscode.TaskGroup.Clean;
    default:
      return undefined;
  }
}
