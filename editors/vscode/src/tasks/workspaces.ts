/**
 * The tasks of every Rush workspace in the open folders, as `rush list` tells them.
 *
 * Listed when somebody asks, kept until a task file changes on the disk.
 */
import * as path from "node:path";
import * as vscode from "vscode";

import type { Found } from "../cli/program";
import { list, QueryError, type Listing } from "../cli/query";
import type { Server } from "../server";

/** A Rush workspace inside an open folder. */
export interface Workspace extends Listing {
  readonly folder: vscode.WorkspaceFolder;
}

/** Files that decide what can be run. */
const TASK_FILES = "**/*.rush";
/** Folders that hold no task files of their own. */
const EXCLUDED = "**/{node_modules,target,.rush-state,.git}/**";
/** So many task files are looked at in one folder. */
const FILES_MAX = 2_000;
/** So many workspaces are listed in one folder. */
const WORKSPACES_MAX = 64;
/** So long it must be quiet before tasks are listed again. */
const QUIET_MS = 200;

/** What can be run, kept until it changes. */
export class Workspaces {
  readonly #server: Server;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #disposables: { dispose(): unknown }[] = [this.#changed];
  #listed: Promise<readonly Workspace[]> | undefined;
  #quiet: NodeJS.Timeout | undefined;

  /** Tells that what was listed is out of date. */
  readonly onDidChange = this.#changed.event;

  constructor(server: Server) {
    this.#server = server;
    const watcher = vscode.workspace.createFileSystemWatcher(TASK_FILES);
    const later = (): void => {
      clearTimeout(this.#quiet);
      this.#quiet = setTimeout(() => {
        this.refresh();
      }, QUIET_MS);
    };
    this.#disposables.push(
      watcher,
      watcher.onDidChange(later),
      watcher.onDidCreate(later),
      watcher.onDidDelete(later),
      vscode.workspace.onDidChangeWorkspaceFolders(later),
      server.onDidChange(({ kind }) => {
        if (kind === "running") {
          later();
        }
      }),
    );
  }

  /** Forgets what was listed. */
  refresh(): void {
    this.#listed = undefined;
    this.#changed.fire();
  }

  /** All workspaces, those of the first folder first. */
  all(): Promise<readonly Workspace[]> {
    this.#listed ??= this.#list();
    return this.#listed;
  }

  dispose(): void {
    clearTimeout(this.#quiet);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #list(): Promise<readonly Workspace[]> {
    const program = await this.#server.program();
    if (program === undefined) {
      return [];
    }
    const folders = vscode.workspace.workspaceFolders ?? [];
    const local = folders.filter((it) => it.uri.scheme === "file");
    const found = await Promise.all(local.map((it) => this.#listFolder(program, it)));
    const all = found.flat();
    const hasTasks = all.some((it) => it.tasks.length > 0);
    void vscode.commands.executeCommand("setContext", "rush.hasTasks", hasTasks);
    return all;
  }

  async #listFolder(program: Found, folder: vscode.WorkspaceFolder): Promise<Workspace[]> {
    const pattern = new vscode.RelativePattern(folder, "**/tasks.rush");
    const files = await vscode.workspace.findFiles(pattern, EXCLUDED, FILES_MAX);
    // The outermost first: its listing has the tasks of its packages, too.
    const folders = files.map((it) => path.dirname(it.fsPath)).sort(byDepth);
    const found: Workspace[] = [];
    const listed = new Set<string>();
    for (const candidate of folders) {
      if (listed.has(candidate) || found.length >= WORKSPACES_MAX) {
        continue;
      }
      listed.add(candidate);
      const listing = await this.#listOne(program.path, candidate);
      if (listing === undefined || found.some((it) => it.root === listing.root)) {
        continue;
      }
      listing.tasks.forEach((it) => listed.add(path.dirname(path.join(listing.root, it.file))));
      found.push({ ...listing, folder });
    }
    return found;
  }

  async #listOne(program: string, folder: string): Promise<Listing | undefined> {
    try {
      return await list(program, folder);
    } catch (error) {
      if (!(error instanceof QueryError)) {
        throw error;
      }
      this.#server.log(`the tasks of \`${folder}\` could not be listed: ${error.message}`);
      return undefined;
    }
  }
}

function byDepth(left: string, right: string): number {
  const depth = (it: string): number => it.split(path.sep).length;
  return depth(left) - depth(right) || left.localeCompare(right);
}
