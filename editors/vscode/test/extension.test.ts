/** The packaged code in a stand-in for the editor, against the real program and its server. */
import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import Module from "node:module";
import * as path from "node:path";
import { after, before, test } from "node:test";

import * as vscode from "./fake-vscode";
import { manifest, packagedCode } from "./package";
import { folderWith, program } from "./workspace";

const { editor } = vscode;

const FILES = {
  "tasks.rush": `workspace { members: ["packages/*"] }

/// Compile it.
task build(target: "dev" | "prod", count: int(1..=9) = 1, names: [string] = []) {
  run: \`make \${target} \${count} \${...names}\`
}

task test {
  run: \`true\`
}
`,
  "packages/app/tasks.rush": "/// Look for mistakes.\ntask lint {\n  run: `true`\n}\n",
  "apart/tasks.rush": "workspace {}\ntask alone {\n  run: `true`\n}\n",
  "old.rush": "tasks:\n  build:\n    cmd: make\n",
  "older.rush": "tasks:\n  build:\n    cmd: make\n",
};

const folder = folderWith(FILES);
const file = (name: string): string => path.join(folder, name);
const subscriptions: { dispose(): unknown }[] = [];
let extension: {
  activate(context: unknown): Promise<void>;
  deactivate(): Promise<void>;
};

interface Provider {
  provideTasks(): Promise<vscode.Task[]>;
  resolveTask(task: unknown): Promise<vscode.Task | undefined>;
}
interface Tree {
  getChildren(node?: unknown): Promise<object[]>;
  getTreeItem(node: unknown): {
    label: string;
    contextValue?: string;
    iconPath: { args: unknown[] };
  };
}
const provider = (): Provider => editor.providers.get("TaskProvider") as Provider;
const tree = (): Tree => editor.providers.get("rush.tasks") as Tree;
const lens = {
  label: "//:build",
  uri: vscode.Uri.file(file("tasks.rush")).toString(),
  directory: folder,
};

async function executed(name: string, ...args: unknown[]): Promise<vscode.Task | undefined> {
  const before = editor.executed.length;
  await vscode.commands.executeCommand(name, ...args);
  assert.deepEqual(editor.answers, [], "all answers were asked for");
  return editor.executed[before];
}

before(async () => {
  const load = Reflect.get(Module, "_load") as (...args: unknown[]) => unknown;
  Reflect.set(Module, "_load", (...args: unknown[]) =>
    args[0] === "vscode" ? vscode : load.apply(Module, args),
  );
  for (const { properties } of manifest().contributes.configuration) {
    for (const [name, { default: value }] of Object.entries(properties)) {
      editor.settings.set(name, value);
    }
  }
  editor.settings.set("rush.server.path", program);
  vscode.workspace.workspaceFolders.push({ uri: vscode.Uri.file(folder), name: "main", index: 0 });
  const kept = new Map<string, unknown>();
  const workspaceState = {
    get: (key: string, fallback: unknown) => kept.get(key) ?? fallback,
    update: (key: string, value: unknown) => Promise.resolve(kept.set(key, value)),
  };
  extension = Module.createRequire(__filename)(await packagedCode()) as typeof extension;
  await extension.activate({
    subscriptions,
    workspaceState,
    extension: { id: "rush-tasks.rush-tasks" },
  });
});

after(async () => {
  await extension.deactivate();
  vscode.Disposable.from(...subscriptions).dispose();
});

test("the server runs, and the status bar says so", () => {
  assert.equal(editor.statusBar.text, "$(zap) Rush");
  assert.match(editor.statusBar.tooltip, /^Rush \d+\.\d+\.\d+ is ready$/);
  assert.deepEqual(editor.messages, []);
});

test("every command of the manifest is there, and no other", () => {
  const named = manifest()
    .contributes.commands.map((it) => it.command)
    .sort();
  const registered = [...editor.commands.keys()].filter((it) => /^rush\.\w+$/.test(it)).sort();
  assert.deepEqual(registered, named);
});

test("problems come from the server while a file is typed", async () => {
  const document = editor.open(file("tasks.rush"), "rush-tasks");
  editor.edit(document, FILES["tasks.rush"].replace("run: `true`", "rnu: `true`"));
  const uri = document.uri.toString();
  const [problem] = await editor.until(() => {
    const found = editor.diagnostics.get(uri);
    return found !== undefined && found.length > 0 && found;
  });
  assert.match(problem?.message ?? "", /`rnu`/);
  assert.equal(problem?.range.start.line, 8);
  editor.edit(document, FILES["tasks.rush"]);
  await editor.until(() => editor.diagnostics.get(uri)?.length === 0);
});

test("a file of TaskRush is opened as YAML", async () => {
  const document = editor.open(file("old.rush"), "rush-tasks");
  await editor.until(() => document.languageId === "yaml");
  assert.deepEqual(editor.diagnostics.get(document.uri.toString()) ?? [], []);
  editor.configure("rush.legacyFiles.openAsYaml", false);
  const kept = editor.open(file("older.rush"), "rush-tasks");
  assert.equal(kept.languageId, "rush-tasks");
  await editor.until(() => editor.diagnostics.get(kept.uri.toString())?.length);
  editor.configure("rush.legacyFiles.openAsYaml", true);
});

test("all tasks of all workspaces are offered", async () => {
  const tasks = await provider().provideTasks();
  const shown = tasks.map((it) => ({ ...it.definition, name: it.name, detail: it.detail }));
  assert.deepEqual(shown, [
    { type: "rush", task: "//:build", name: "build", detail: "Compile it." },
    { type: "rush", task: "//:test", name: "test", detail: undefined },
    {
      type: "rush",
      task: "//packages/app:lint",
      name: "//packages/app:lint",
      detail: "Look for mistakes.",
    },
    { type: "rush", task: "//:alone", directory: "apart", name: "alone", detail: undefined },
  ]);
  assert.deepEqual(
    tasks.map((it) => it.group),
    [vscode.TaskGroup.Build, vscode.TaskGroup.Test, undefined, undefined],
  );
  assert.equal(tasks[3]?.execution.options.cwd, file("apart"));
});

test("no tasks are offered if the person does not want them", async () => {
  editor.configure("rush.tasks.autoDetect", false);
  assert.deepEqual(await provider().provideTasks(), []);
  editor.configure("rush.tasks.autoDetect", true);
});

test("a task of tasks.json is started with all its words", async () => {
  const args = ["--target", "it's $(x)"];
  const definition = {
    type: "rush",
    task: "build",
    args,
    profile: "ci",
    directory: "packages/app",
  };
  const scope = vscode.workspace.workspaceFolders[0];
  const task = await provider().resolveTask({ definition, scope, name: "mine" });
  assert.equal(task?.definition, definition);
  assert.equal(task.execution.process, program);
  assert.deepEqual(task.execution.args, ["run", "--profile=ci", "build", ...args]);
  assert.equal(task.execution.options.cwd, file("packages/app"));
});

test("a lens runs its task, with the profile and flags of the settings", async () => {
  editor.configure("rush.run.profile", "ci");
  editor.configure("rush.run.flags", ["-j2"]);
  const run = await executed("rush.run", { ...lens, label: "//:test" });
  assert.deepEqual(run?.execution.args, ["run", "-j2", "--profile=ci", "//:test"]);
  assert.equal(run.execution.options.cwd, folder);
  editor.configure("rush.run.profile", "");
  editor.configure("rush.run.flags", []);
  editor.answers.push("prod");
  const dry = await executed("rush.dryRun", lens);
  assert.deepEqual(dry?.execution.args, ["run", "--dry-run", "//:build", "--target=prod"]);
});

test("what runs is what is typed", async () => {
  const document = editor.open(file("tasks.rush"), "rush-tasks");
  const typed = `${FILES["tasks.rush"]}task typed(where: string) { run: \`true\` }\n`;
  editor.edit(document, typed);
  editor.answers.push("here");
  const run = await executed("rush.run", { ...lens, label: "//:typed" });
  assert.deepEqual(run?.execution.args, ["run", "//:typed", "--where=here"]);
  assert.equal(readFileSync(file("tasks.rush"), "utf8"), typed);

  const told = editor.messages.length;
  editor.edit(document, FILES["tasks.rush"]);
  editor.unwritable.add(document.fileName);
  assert.equal(await executed("rush.run", { ...lens, label: "//:test" }), undefined);
  const problem = "Rush: nothing was run, for `tasks.rush` could not be saved";
  assert.deepEqual(editor.messages.slice(told), [problem]);
  editor.unwritable.clear();

  // Where the editor is set not to save, a person is asked.
  editor.configure("task.saveBeforeRun", "never");
  editor.answers.push("Run What Is Saved");
  assert.ok(await executed("rush.run", { ...lens, label: "//:test" }));
  assert.equal(readFileSync(file("tasks.rush"), "utf8"), typed);
  editor.answers.push(undefined);
  assert.equal(await executed("rush.run", { ...lens, label: "//:test" }), undefined);
  editor.answers.push("Save and Run");
  assert.ok(await executed("rush.run", { ...lens, label: "//:test" }));
  assert.equal(readFileSync(file("tasks.rush"), "utf8"), FILES["tasks.rush"]);
  editor.settings.delete("task.saveBeforeRun");
});

test("a lens of another folder runs there", async () => {
  const alone = { label: "//:alone", directory: file("apart") };
  const run = await executed("rush.run", alone);
  assert.deepEqual(run?.execution.args, ["run", "//:alone"]);
  assert.equal(run.execution.options.cwd, file("apart"));
});

test("a name that a code action has made up can be changed at once", async () => {
  const asked: unknown[] = [];
  vscode.commands.registerCommand("editor.action.rename", (at) => asked.push(at));
  const position = { line: 7, character: 5 };
  await vscode.commands.executeCommand("rush.action.rename", { uri: lens.uri, position });
  assert.equal(editor.shown.at(-1)?.toString(), lens.uri);
  assert.deepEqual(asked, [[vscode.Uri.parse(lens.uri), new vscode.Position(7, 5)]]);
});

test("a lens shows a run of the past", async () => {
  const shown = await executed("rush.showRun", { run: "7f3", directory: file("apart") });
  assert.deepEqual(shown?.execution.args, ["runs", "show", "7f3"]);
  assert.equal(shown.execution.options.cwd, file("apart"));
});

test("parameters are asked for, checked and remembered", async () => {
  editor.answers.push("prod", "count", { refused: "12" }, "3", "names", "a 'b c'", "Run //:build");
  const first = await executed("rush.runWithArguments", lens);
  const given = ["--target=prod", "--count=3", "--names=a", "--names=b c"];
  assert.deepEqual(first?.execution.args, ["run", "//:build", ...given]);
  editor.answers.push("dev", { reset: "names" }, "Run //:build");
  const second = await executed("rush.runWithArguments", lens);
  assert.deepEqual(second?.execution.args, ["run", "//:build", "--target=dev", "--count=3"]);
  editor.answers.push("dev", undefined);
  assert.equal(await executed("rush.runWithArguments", lens), undefined);
});

test("the palette asks which task", async () => {
  editor.answers.push("//packages/app:lint");
  const run = await executed("rush.run");
  assert.deepEqual(run?.execution.args, ["run", "//packages/app:lint"]);
});

test("the tree shows workspaces, packages and tasks, and how a task ended", async () => {
  const labels = async (node?: unknown): Promise<string[]> =>
    (await tree().getChildren(node)).map((it) => tree().getTreeItem(it).label);
  const [outer] = await tree().getChildren();
  assert.deepEqual(await labels(), [path.basename(folder), "apart"]);
  assert.deepEqual(await labels(outer), [path.basename(folder), "packages/app"]);
  const [root] = await tree().getChildren(outer);
  assert.deepEqual(await labels(root), ["build", "test"]);
  const [build, other] = await tree().getChildren(root);
  assert.equal(tree().getTreeItem(build).contextValue, "task.withArguments");
  assert.equal(tree().getTreeItem(other).contextValue, "task");
  const run = await executed("rush.run", other);
  assert.ok(run);
  editor.runs(run, undefined);
  assert.deepEqual(tree().getTreeItem(other).iconPath.args, ["loading~spin"]);
  assert.equal(editor.statusBar.text, "$(sync~spin) //:test");
  editor.runs(run, 1);
  assert.equal(tree().getTreeItem(other).iconPath.args[0], "error");
  assert.equal(editor.statusBar.text, "$(zap) Rush");
  await vscode.commands.executeCommand("rush.openTask", other);
  assert.equal(editor.shown.at(-1)?.fsPath, file("tasks.rush"));
});

test("tasks are listed again when a task file changes", async () => {
  const names = async (): Promise<string[]> =>
    (await provider().provideTasks()).map((it) => it.name);
  const text = readFileSync(file("apart/tasks.rush"), "utf8");
  writeFileSync(file("apart/tasks.rush"), text.replace("alone", "renamed"));
  const refreshed = new Promise((resolve) => {
    const source = tree() as unknown as { onDidChangeTreeData(listener: () => void): void };
    source.onDidChangeTreeData(() => {
      resolve(undefined);
    });
  });
  editor.changeFile(vscode.Uri.file(file("apart/tasks.rush")));
  await refreshed;
  assert.ok((await names()).includes("renamed"));
  writeFileSync(file("apart/tasks.rush"), text.replace("run:", "rnu:"));
  await vscode.commands.executeCommand("rush.refreshTasks");
  assert.ok(!(await names()).includes("alone"));
  const left = "1 item has an error and is left out; see Problems.";
  await editor.until(() => editor.views.get("rush.tasks")?.message === left);
});

test("what the server and the editor say to each other is shown when asked for", async () => {
  editor.configure("rush.trace.server", "messages");
  const document = editor.open(file("apart/tasks.rush"), "rush-tasks");
  editor.edit(document, "task x { run: `true` }\n");
  await editor.until(() => editor.traced.some((it) => it.includes("textDocument/didChange")));
  editor.configure("rush.trace.server", "off");
});

test("the server is stopped, and started again", async () => {
  await vscode.commands.executeCommand("rush.stopServer");
  assert.equal(editor.statusBar.text, "$(circle-slash) Rush");
  await vscode.commands.executeCommand("rush.startServer");
  assert.equal(editor.statusBar.text, "$(zap) Rush");
});

test("a program that is missing or another one is told, with what to do", async () => {
  const tell = async (chosen: string): Promise<string> => {
    const known = editor.messages.length;
    editor.configure("rush.server.path", chosen);
    return editor.until(() => editor.messages[known]);
  };
  assert.match(await tell(file("none/rush")), /^Rush: `.*none\/rush`.*can't be started$/);
  await editor.until(() => editor.context.get("rush.program") === "missing");
  const other = file("rush");
  writeFileSync(other, "#!/bin/sh\necho another program\n");
  chmodSync(other, 0o755);
  assert.match(await tell(other), /^Rush: `.*` is another program of that name/);
  assert.equal(editor.statusBar.text, "$(warning) Rush");
  editor.configure("rush.server.path", program);
  await editor.until(() => editor.context.get("rush.program") === "found");
  await vscode.commands.executeCommand("rush.startServer");
  assert.equal(editor.statusBar.text, "$(zap) Rush");
});
