/** Saves task files before a run: what runs is on the disk, what a person sees is on the screen. */
import * as path from "node:path";
import * as vscode from "vscode";

import { LANGUAGE } from "../language/documents";

/** Whether the disk has what the screen shows, or the person wants the disk nevertheless. */
export type Saved = "unchanged" | "saved" | "refused";

/** Saves all task files, or asks where the editor is set not to save before a task runs. */
export async function saveTaskFiles(): Promise<Saved> {
  const unsaved = vscode.workspace.textDocuments.filter(isUnsaved);
  if (unsaved.length === 0) {
    return "unchanged";
  }
  const wish = savesByItself() ? "save" : await asked(unsaved);
  if (wish !== "save") {
    return wish;
  }
  for (const document of unsaved) {
    if (!(await document.save())) {
      const message = `Rush: nothing was run, for ${nameOf(document)} could not be saved`;
      void vscode.window.showErrorMessage(message);
      return "refused";
    }
  }
  return "saved";
}

function isUnsaved(document: vscode.TextDocument): boolean {
  const isFile = document.uri.scheme === "file" && document.languageId === LANGUAGE;
  return isFile && document.isDirty;
}

function savesByItself(): boolean {
  const tasks = vscode.workspace.getConfiguration("task");
  return tasks.get<string>("saveBeforeRun", "always") === "always";
}

async function asked(unsaved: readonly vscode.TextDocument[]): Promise<"save" | Saved> {
  const names = unsaved.map(nameOf).join(", ");
  const save = "Save and Run";
  const leave = "Run What Is Saved";
  const message = `Rush: a run reads the disk, and these files are not saved: ${names}`;
  const answer = await vscode.window.showWarningMessage(message, { modal: true }, save, leave);
  if (answer === save) {
    return "save";
  }
  return answer === leave ? "unchanged" : "refused";
}

function nameOf(document: vscode.TextDocument): string {
  return `\`${path.basename(document.fileName)}\``;
}
