/** Which Rush tasks run in the window, and how the last run of each ended. */
import * as vscode from "vscode";

import { TASK_TYPE } from "./provider";

/** How a task stands. */
export type Progress = "running" | "succeeded" | "failed";

/** Follows the tasks that VS Code starts for us. */
export class Running {
  readonly #progress = new Map<string, Progress>();
  readonly #names = new Map<vscode.TaskExecution, string>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #disposables: { dispose(): unknown }[];

  /** Tells that a task started or ended. */
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#disposables = [
      this.#changed,
      vscode.tasks.onDidStartTaskProcess(({ execution }) => {
        this.#note(execution, "running");
      }),
      vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        this.#note(execution, exitCode === 0 ? "succeeded" : "failed");
      }),
      // A task that is ended before it has a process, or by force, has no exit status.
      vscode.tasks.onDidEndTask(({ execution }) => {
        if (this.#names.has(execution)) {
          this.#note(execution, "failed");
        }
      }),
    ];
  }

  /** The names of those that run. */
  get names(): readonly string[] {
    return [...this.#names.values()];
  }

  /** How the task of a label stands in the folder it was started from. */
  of(label: string): Progress | undefined {
    return this.#progress.get(label);
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #note(execution: vscode.TaskExecution, progress: Progress): void {
    const { definition, name } = execution.task;
    if (definition.type !== TASK_TYPE) {
      return;
    }
    if (progress === "running") {
      this.#names.set(execution, name);
    } else {
      this.#names.delete(execution);
    }
    this.#progress.set(name, progress);
    this.#changed.fire();
  }
}
