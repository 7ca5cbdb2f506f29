/** The tasks of the workspace as a tree, by package, each with buttons to run it. */
import * as path from "node:path";
import * as vscode from "vscode";

import type { ListedTask } from "../cli/query";
import type { Running } from "./running";
import type { Target } from "./runner";
import type { Workspace, Workspaces } from "./workspaces";

/** A line of the tree. */
export type Node =
  | { readonly kind: "workspace"; readonly workspace: Workspace }
  | { readonly kind: "package"; readonly workspace: Workspace; readonly package: string }
  | { readonly kind: "task"; readonly workspace: Workspace; readonly task: ListedTask };

/** The task of a line. */
export function targetOf(node: Node): Target | undefined {
  return node.kind === "task"
    ? { label: node.task.label, directory: node.workspace.root }
    : undefined;
}

/** Where the task of a line is written. */
export function placeOf(workspace: Workspace, task: ListedTask): vscode.Location {
  const file = vscode.Uri.file(path.join(workspace.root, task.file));
  return new vscode.Location(file, new vscode.Position(task.line - 1, 0));
}

/** Shows the tree in its view, with a line about what is left out of it. */
export function showTree(tree: TaskTree): vscode.Disposable {
  const options = { treeDataProvider: tree, showCollapseAll: true };
  const view = vscode.window.createTreeView("rush.tasks", options);
  const update = async (): Promise<void> => {
    const broken = await tree.brokenItems();
    view.message = broken === 0 ? "" : leftOut(broken);
  };
  void update();
  return vscode.Disposable.from(view, tree.onDidChangeTreeData(update));
}

function leftOut(broken: number): string {
  return broken === 1
    ? "1 item has an error and is left out; see Problems."
    : `${broken} items have errors and are left out; see Problems.`;
}

/** Shows workspaces (if there are several), packages (if there are several), tasks. */
export class TaskTree implements vscode.TreeDataProvider<Node> {
  readonly #workspaces: Workspaces;
  readonly #running: Running;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #disposables: { dispose(): unknown }[];

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(workspaces: Workspaces, running: Running) {
    this.#workspaces = workspaces;
    this.#running = running;
    const refresh = (): void => {
      this.#changed.fire(undefined);
    };
    this.#disposables = [
      this.#changed,
      workspaces.onDidChange(refresh),
      running.onDidChange(refresh),
    ];
  }

  /** How many items have errors, and so are not shown. */
  async brokenItems(): Promise<number> {
    const all = await this.#workspaces.all();
    return all.reduce((sum, it) => sum + it.broken, 0);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    switch (node?.kind) {
      case undefined: {
        const all = (await this.#workspaces.all()).filter((it) => it.tasks.length > 0);
        const [only] = all;
        const isOne = all.length === 1 && only !== undefined;
        return isOne ? inside(only) : all.map((workspace) => ({ kind: "workspace", workspace }));
      }
      case "workspace":
        return inside(node.workspace);
      case "package":
        return tasksOf(node.workspace, node.package);
      case "task":
        return [];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case "workspace":
        return workspaceItem(node.workspace);
      case "package":
        return packageItem(node.workspace, node.package);
      case "task":
        return this.#taskItem(node.workspace, node.task);
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  #taskItem(workspace: Workspace, task: ListedTask): vscode.TreeItem {
    const item = new vscode.TreeItem(nameIn(task.label));
    item.id = `task:${workspace.root}:${task.label}`;
    if (task.summary !== null) {
      item.description = task.summary;
    }
    const params = task.params.map((it) => `- \`${it.name}: ${it.type}\``).join("\n");
    const heading = `**${task.label}**`;
    const parts = [heading, task.summary ?? "", params].filter((it) => it !== "");
    item.tooltip = new vscode.MarkdownString(parts.join("\n\n"));
    item.contextValue = task.params.length > 0 ? "task.withArguments" : "task";
    item.iconPath = this.#icon(task.label);
    item.command = {
      command: "rush.openTask",
      title: "Go to Task",
      arguments: [{ kind: "task", workspace, task }],
    };
    return item;
  }

  #icon(label: string): vscode.ThemeIcon {
    switch (this.#running.of(label)) {
      case "running":
        return new vscode.ThemeIcon("loading~spin");
      case "succeeded":
        return new vscode.ThemeIcon("pass", new vscode.ThemeColor("testing.iconPassed"));
      case "failed":
        return new vscode.ThemeIcon("error", new vscode.ThemeColor("testing.iconFailed"));
      case undefined:
        return new vscode.ThemeIcon("symbol-event");
    }
  }
}

function inside(workspace: Workspace): Node[] {
  const packages = [...new Set(workspace.tasks.filter(isShown).map((it) => packageOf(it.label)))];
  const [only] = packages;
  return packages.length === 1 && only !== undefined
    ? tasksOf(workspace, only)
    : packages.map((it) => ({ kind: "package", workspace, package: it }));
}

function tasksOf(workspace: Workspace, name: string): Node[] {
  const tasks = workspace.tasks.filter((it) => isShown(it) && packageOf(it.label) === name);
  return tasks.map((task) => ({ kind: "task", workspace, task }));
}

function isShown(task: ListedTask): boolean {
  return task.kind === "task";
}

function workspaceItem(workspace: Workspace): vscode.TreeItem {
  const { Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(path.basename(workspace.root), Expanded);
  item.id = `workspace:${workspace.root}`;
  item.iconPath = new vscode.ThemeIcon("root-folder");
  item.tooltip = workspace.root;
  return item;
}

function packageItem(workspace: Workspace, name: string): vscode.TreeItem {
  const { Expanded } = vscode.TreeItemCollapsibleState;
  const title = name === "//" ? path.basename(workspace.root) : name.slice("//".length);
  const item = new vscode.TreeItem(title, Expanded);
  item.id = `package:${workspace.root}:${name}`;
  item.iconPath = new vscode.ThemeIcon("package");
  return item;
}

/** `//packages/app` of `//packages/app:build`. */
function packageOf(label: string): string {
  return label.slice(0, Math.max(label.indexOf(":"), 0));
}

/** `build` of `//packages/app:build`. */
function nameIn(label: string): string {
  return label.slice(label.indexOf(":") + 1);
}
