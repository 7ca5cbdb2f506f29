/**
 * The channel that shows the talk between editor and server.
 *
 * The client library writes there only while the channel's level is the lowest, which a person would
 * have to choose besides `rush.trace.server`. Here the setting alone decides.
 */
import * as vscode from "vscode";

import { SECTION } from "./settings";

/** Makes the channel; it is shown from the list of output channels. */
export function traceChannel(): vscode.LogOutputChannel {
  const output = vscode.window.createOutputChannel("Rush: Messages", "log");
  const changed = new vscode.EventEmitter<vscode.LogLevel>();
  const write = (message: string | Error, ...args: unknown[]): void => {
    const parts = [String(message), ...args.map((it) => JSON.stringify(it))];
    output.appendLine(`${new Date().toISOString()} ${parts.join(" ")}`);
  };
  const watching = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(`${SECTION}.trace.server`)) {
      changed.fire(level());
    }
  });
  return {
    name: output.name,
    get logLevel() {
      return level();
    },
    onDidChangeLogLevel: changed.event,
    trace: write,
    debug: write,
    info: write,
    warn: write,
    error: write,
    append: (text) => {
      output.append(text);
    },
    appendLine: (line) => {
      output.appendLine(line);
    },
    replace: (text) => {
      output.replace(text);
    },
    clear: () => {
      output.clear();
    },
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the interface has both forms
    show: (column?: vscode.ViewColumn | boolean, preserveFocus?: boolean) => {
      output.show(typeof column === "boolean" ? column : preserveFocus);
    },
    hide: () => {
      output.hide();
    },
    dispose: () => {
      vscode.Disposable.from(watching, changed, output).dispose();
    },
  };
}

function level(): vscode.LogLevel {
  const chosen = vscode.workspace.getConfiguration(SECTION).get<string>("trace.server", "off");
  return chosen === "off" ? vscode.LogLevel.Off : vscode.LogLevel.Trace;
}
