/** The entry in the status bar: how the server is, and what runs. */
import * as vscode from "vscode";

import type { Server, ServerState } from "./server";
import type { Running } from "./tasks/running";

/** Shows the state; pressing it opens a menu. */
export function showStatus(server: Server, running: Running): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("rush.status", vscode.StatusBarAlignment.Left);
  item.name = "Rush";
  item.command = "rush.showMenu";
  const update = (): void => {
    const { text, tooltip, isBad } = shown(server.state, running.names);
    item.text = text;
    item.tooltip = tooltip;
    item.backgroundColor = isBad
      ? new vscode.ThemeColor("statusBarItem.warningBackground")
      : undefined;
  };
  update();
  item.show();
  return vscode.Disposable.from(item, server.onDidChange(update), running.onDidChange(update));
}

interface Shown {
  readonly text: string;
  readonly tooltip: string;
  readonly isBad: boolean;
}

function shown(state: ServerState, names: readonly string[]): Shown {
  const [first, ...more] = names;
  if (first !== undefined) {
    const text = more.length === 0 ? first : `${first} +${more.length}`;
    return { text: `$(sync~spin) ${text}`, tooltip: `Running: ${names.join(", ")}`, isBad: false };
  }
  switch (state.kind) {
    case "running":
      return { text: "$(zap) Rush", tooltip: `Rush ${state.version} is ready`, isBad: false };
    case "starting":
      return { text: "$(sync~spin) Rush", tooltip: "Rush is starting", isBad: false };
    case "stopped":
      return { text: "$(circle-slash) Rush", tooltip: "Rush is stopped", isBad: false };
    case "failed":
      return { text: "$(warning) Rush", tooltip: `Rush: ${state.reason}`, isBad: true };
  }
}
