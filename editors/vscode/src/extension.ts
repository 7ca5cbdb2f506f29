/** Where VS Code enters: puts the parts together, and takes them apart again. */
import * as vscode from "vscode";

import { registerCommands } from "./commands";
import { providePrelude, watchLegacyFiles } from "./language/documents";
import { Server } from "./server";
import { showStatus } from "./status";
import { TaskProvider, TASK_TYPE } from "./tasks/provider";
import { questions } from "./tasks/questions";
import { Running } from "./tasks/running";
import { showTree, TaskTree } from "./tasks/tree";
import { Workspaces } from "./tasks/workspaces";

let active: Server | undefined;

/** Called when a task file, a Rush task or a workspace with tasks is opened. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const server = new Server();
  active = server;
  const workspaces = new Workspaces(server);
  const running = new Running();
  const tree = new TaskTree(workspaces, running);
  const runner = { server, workspaces, questions, memory: context.workspaceState };
  context.subscriptions.push(
    server,
    workspaces,
    running,
    tree,
    watchLegacyFiles(),
    providePrelude((uri) => server.preludeText(uri)),
    showStatus(server, running),
    registerCommands(runner, context),
    vscode.tasks.registerTaskProvider(TASK_TYPE, new TaskProvider(server, workspaces)),
    showTree(tree),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("rush.server.path")) {
        await server.restart();
        workspaces.refresh();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => server.restart()),
  );
  await server.start();
}

/** Called when the window closes. */
export async function deactivate(): Promise<void> {
  await active?.stop();
  active = undefined;
}
