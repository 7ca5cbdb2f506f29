/** The commands: from the palette, from lenses (with what the server says), from the tree. */
import * as path from "node:path";
import * as vscode from "vscode";

import { RENAME, SECTION } from "./settings";
import { dryRun, run, runWithArguments, showRun, type Runner, type Target } from "./tasks/runner";
import { saveTaskFiles } from "./tasks/save";
import { placeOf, targetOf, type Node } from "./tasks/tree";

/** What a lens says about its task; the server writes it. */
interface LensTarget {
  readonly label: string;
  /** Where the label holds. */
  readonly directory: string;
}

/** What a lens says about a run. */
interface LensRun {
  readonly run: string;
  readonly directory: string;
}

/** What the server says of a name that a code action has made up. */
interface Named {
  readonly uri: string;
  readonly position: { readonly line: number; readonly character: number };
}

/** Where a command comes from: a lens, a line of the tree, or the palette. */
type Origin = LensTarget | Node | undefined;

/** The first file of a workspace. */
const FIRST_TASKS = `/// Say hello.
task hello(name: string = "world") {
  run: \`echo "hello \${name}"\`
}
`;

/** Registers all commands. */
export function registerCommands(
  runner: Runner,
  context: vscode.ExtensionContext,
): vscode.Disposable {
  const { server, workspaces } = runner;
  const on = (name: string, action: (...args: never[]) => unknown): vscode.Disposable =>
    vscode.commands.registerCommand(name, action);
  const withTarget =
    (action: (runner: Runner, target: Target) => Promise<void>) =>
    async (origin: Origin): Promise<void> => {
      // First of all: what is typed is to be found, asked for and run.
      const saved = await saveTaskFiles();
      if (saved === "refused") {
        return;
      }
      if (saved === "saved") {
        workspaces.refresh();
      }
      const target = await chosen(runner, origin);
      if (target !== undefined) {
        await action(runner, target);
      }
    };
  return vscode.Disposable.from(
    on("rush.run", withTarget(run)),
    on("rush.runWithArguments", withTarget(runWithArguments)),
    on("rush.dryRun", withTarget(dryRun)),
    on("rush.showRun", (lens: LensRun | undefined) => showRun(runner, lens?.run, lens?.directory)),
    on(RENAME, renameAt),
    on("rush.openTask", (node: Node | undefined) => openTask(runner, node)),
    on("rush.refreshTasks", () => {
      workspaces.refresh();
    }),
    on("rush.createTasksFile", createTasksFile),
    on("rush.startServer", () => server.start()),
    on("rush.restartServer", () => server.restart()),
    on("rush.stopServer", () => server.stop()),
    on("rush.showOutput", () => {
      server.showOutput();
    }),
    on("rush.chooseProgram", chooseProgram),
    on("rush.showMenu", () => showMenu(runner)),
    on("rush.openWalkthrough", () =>
      vscode.commands.executeCommand(
        "workbench.action.openWalkthrough",
        `${context.extension.id}#start`,
      ),
    ),
  );
}

async function chosen(runner: Runner, origin: Origin): Promise<Target | undefined> {
  if (origin === undefined) {
    const picked = await pickTask(runner);
    return picked && targetOf(picked);
  }
  if ("kind" in origin) {
    return targetOf(origin);
  }
  return { label: origin.label, directory: origin.directory };
}

async function pickTask(runner: Runner): Promise<Node | undefined> {
  if ((await runner.server.programOrTell()) === undefined) {
    return undefined;
  }
  const all = await runner.workspaces.all();
  const items = all.flatMap((workspace) =>
    workspace.tasks
      .filter((it) => it.kind === "task")
      .map((task) => ({
        label: task.name,
        description: all.length > 1 ? path.basename(workspace.root) : "",
        detail: task.summary ?? "",
        node: { kind: "task", workspace, task } as const,
      })),
  );
  if (items.length === 0) {
    await offerFirstFile();
    return undefined;
  }
  const options = { placeHolder: "A task", matchOnDetail: true, matchOnDescription: true };
  return (await vscode.window.showQuickPick(items, options))?.node;
}

/** Lets the person choose a better name than the one a code action has made up. */
async function renameAt(named: Named): Promise<void> {
  const uri = vscode.Uri.parse(named.uri);
  const place = new vscode.Position(named.position.line, named.position.character);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(place, place) });
  await vscode.commands.executeCommand("editor.action.rename", [uri, place]);
}

async function openTask(runner: Runner, node: Node | undefined): Promise<void> {
  const found = node ?? (await pickTask(runner));
  if (found?.kind === "task") {
    const place = placeOf(found.workspace, found.task);
    await vscode.window.showTextDocument(place.uri, { selection: place.range });
  }
}

async function offerFirstFile(): Promise<void> {
  const create = "Create tasks.rush";
  const message = "Rush: there are no tasks in this workspace";
  if ((await vscode.window.showInformationMessage(message, create)) === create) {
    await createTasksFile();
  }
}

/** Opens the task file of the first folder, which is written first if it is missing. */
async function createTasksFile(): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) {
    await vscode.commands.executeCommand("vscode.openFolder");
    return;
  }
  const file = vscode.Uri.joinPath(folder.uri, "tasks.rush");
  const edit = new vscode.WorkspaceEdit();
  const contents = new TextEncoder().encode(FIRST_TASKS);
  edit.createFile(file, { ignoreIfExists: true, contents });
  await vscode.workspace.applyEdit(edit);
  await vscode.window.showTextDocument(file);
}

/** Lets a person say where the program is; the server starts anew because a setting changed. */
async function chooseProgram(): Promise<void> {
  const picked = await vscode.window.showOpenDialog({
    title: "The program rush",
    openLabel: "Use This Program",
    canSelectMany: false,
  });
  const [file] = picked ?? [];
  if (file !== undefined) {
    const { Global } = vscode.ConfigurationTarget;
    await vscode.workspace.getConfiguration(SECTION).update("server.path", file.fsPath, Global);
  }
}

async function showMenu(runner: Runner): Promise<void> {
  const runs = runner.server.state.kind === "running";
  const entries = [
    ["$(play) Run Task…", "rush.run"],
    ["$(history) Show the Last Run", "rush.showRun"],
    runs
      ? ["$(debug-restart) Restart the Language Server", "rush.restartServer"]
      : ["$(play-circle) Start the Language Server", "rush.startServer"],
    ...(runs ? [["$(debug-stop) Stop the Language Server", "rush.stopServer"]] : []),
    ["$(output) Show the Log", "rush.showOutput"],
    ["$(gear) Settings", "workbench.action.openSettings", "rush"],
  ];
  const items = entries.map(([label = "", command = "", ...args]) => ({ label, command, args }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: "Rush" });
  if (picked !== undefined) {
    await vscode.commands.executeCommand(picked.command, ...picked.args);
  }
}
