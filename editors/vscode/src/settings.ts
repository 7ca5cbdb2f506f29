/** The settings of the extension; their docs are in `package.json`, and nowhere else. */
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

/** Where all settings begin. */
export const SECTION = "rush";

/** The command that code actions end with when they have made up a name. */
export const RENAME = "rush.action.rename";

/**
 * What the language server is told when it starts: the settings, for which it asks by itself later,
 * and which commands there are.
 */
export function serverSettings(): Record<string, unknown> {
  const all = vscode.workspace.getConfiguration(SECTION);
  const names = ["inlayHints", "lens", "shellcheck", "check"];
  const known = Object.fromEntries(names.map((it) => [it, all.get(it)]));
  return { ...known, commands: [RENAME] };
}

/** The program that was chosen, with its variables filled in; empty if none was. */
export function chosenProgram(): string {
  const written = vscode.workspace.getConfiguration(SECTION).get<string>("server.path", "").trim();
  return written === "" ? "" : filledIn(written);
}

/** The profile for runs of a folder. */
export function profile(folder: vscode.Uri | undefined): string | undefined {
  const name = vscode.workspace.getConfiguration(SECTION, folder).get<string>("run.profile", "");
  return name.trim() === "" ? undefined : name.trim();
}

/** Flags for each run of a folder. */
export function runFlags(folder: vscode.Uri | undefined): readonly string[] {
  return vscode.workspace.getConfiguration(SECTION, folder).get<string[]>("run.flags", []);
}

/** Whether the tasks of the workspace are offered in "Run Task". */
export function offersTasks(): boolean {
  return vscode.workspace.getConfiguration(SECTION).get<boolean>("tasks.autoDetect", true);
}

/** Whether task files of TaskRush 0.2 are opened as YAML. */
export function opensLegacyAsYaml(): boolean {
  return vscode.workspace.getConfiguration(SECTION).get<boolean>("legacyFiles.openAsYaml", true);
}

function filledIn(written: string): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const value = written
    .replace(/^~(?=[\\/]|$)/, os.homedir())
    .replaceAll("${workspaceFolder}", folder)
    .replace(/\$\{env:([^}]+)\}/g, (_, name: string) => process.env[name] ?? "");
  // A bare name is looked up on `PATH`, a path is relative to the workspace.
  const isBare = !/[\\/]/.test(value);
  return isBare || folder === "" ? value : path.resolve(folder, value);
}
