/**
 * The language server: found, started, stopped, and what it says of itself.
 *
 * Everything a person sees while typing comes from the server; nothing of it is done here.
 */
import * as vscode from "vscode";
import { LanguageClient, State, type LanguageClientOptions } from "vscode-languageclient/node";

import { explanation, find, type Found, type Program } from "./cli/program";
import { LANGUAGE, legacyMiddleware } from "./language/documents";
import * as settings from "./settings";
import { traceChannel } from "./trace";

/** What the server is doing. */
export type ServerState =
  | { readonly kind: "stopped" | "starting" }
  | { readonly kind: "running"; readonly version: string }
  /** It can't start, or ended by itself. */
  | { readonly kind: "failed"; readonly reason: string };

/** The server and the program it comes from. One is made, and lives as long as the extension. */
export class Server implements vscode.Disposable {
  readonly #output = vscode.window.createOutputChannel("Rush", { log: true });
  readonly #trace = traceChannel();
  readonly #changed = new vscode.EventEmitter<ServerState>();
  #client: LanguageClient | undefined;
  #program: Program | undefined;
  #state: ServerState = { kind: "stopped" };
  #isLeaving = false;
  /** Starts and stops happen one after the other. */
  #queue: Promise<void> = Promise.resolve();

  /** Tells of each new state. */
  readonly onDidChange = this.#changed.event;

  /** What the server is doing now. */
  get state(): ServerState {
    return this.#state;
  }

  /** The program, for running tasks; looked for when it was not found before. */
  async program(): Promise<Found | undefined> {
    if (this.#program?.kind !== "found") {
      await this.#look();
    }
    return this.#program?.kind === "found" ? this.#program : undefined;
  }

  /** Like {@link program}, and tells the person when there is none. */
  async programOrTell(): Promise<Found | undefined> {
    const program = await this.program();
    if (program === undefined) {
      this.#tellMissing();
    }
    return program;
  }

  /** Starts the server, unless it runs. */
  start(): Promise<void> {
    return this.#next(() => this.#start());
  }

  /** Stops the server, if it runs. */
  stop(): Promise<void> {
    this.#isLeaving = true;
    return this.#next(() => this.#stop());
  }

  /** Starts the server anew, with the program as it is now. */
  restart(): Promise<void> {
    this.#isLeaving = true;
    return this.#next(async () => {
      await this.#stop();
      this.#program = undefined;
      await this.#start();
    });
  }

  /** Asks the server for the text of a part of the prelude. */
  async preludeText(uri: vscode.Uri): Promise<string> {
    const client = this.#client;
    if (client?.state !== State.Running) {
      throw new Error("the language server is not running; start it to read the prelude");
    }
    const answer = await client.sendRequest<{ text: string }>("rush/preludeText", {
      uri: uri.toString(),
    });
    return answer.text;
  }

  /** Shows the log. */
  showOutput(): void {
    this.#output.show();
  }

  /** Writes a line into the log. */
  log(line: string): void {
    this.#output.info(line);
  }

  dispose(): void {
    void this.stop().finally(() => {
      this.#output.dispose();
      this.#trace.dispose();
      this.#changed.dispose();
    });
  }

  #next(step: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(step, step);
    return this.#queue;
  }

  async #look(): Promise<void> {
    const program = await find(settings.chosenProgram());
    this.#program = program;
    const isFound = program.kind === "found";
    void vscode.commands.executeCommand(
      "setContext",
      "rush.program",
      isFound ? "found" : "missing",
    );
    this.log(isFound ? `rush ${program.version}: ${program.path}` : explanation(program));
  }

  async #start(): Promise<void> {
    if (this.#client !== undefined) {
      return;
    }
    this.#isLeaving = false;
    this.#become({ kind: "starting" });
    await this.#look();
    const program = this.#program;
    if (program?.kind !== "found") {
      this.#become({ kind: "failed", reason: program ? explanation(program) : "" });
      this.#tellMissing();
      return;
    }
    const client = this.#clientOf(program.path);
    this.#client = client;
    client.onDidChangeState(({ newState }) => {
      if (this.#client === client) {
        this.#follow(newState, program.version);
      }
    });
    try {
      await client.start();
    } catch (error) {
      this.#client = undefined;
      this.#become({ kind: "failed", reason: String(error) });
      void this.#tell(`the language server of Rush could not start: ${String(error)}`, [
        "Show Log",
        "Try Again",
      ]);
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) {
      // A server that has crashed, or will not end, is left to the client's own time limit.
      await client.dispose().catch((error: unknown) => {
        this.log(`the language server did not end well: ${String(error)}`);
      });
    }
    this.#become({ kind: "stopped" });
  }

  #clientOf(program: string): LanguageClient {
    const options: LanguageClientOptions = {
      documentSelector: [
        { language: LANGUAGE, scheme: "file" },
        { language: LANGUAGE, scheme: "untitled" },
      ],
      diagnosticCollectionName: "rush",
      outputChannel: this.#output,
      traceOutputChannel: this.#trace,
      initializationOptions: settings.serverSettings,
      middleware: {
        ...legacyMiddleware(),
        workspace: {
          // A server that is about to end need not hear which setting made it so.
          didChangeConfiguration: (sections, next) =>
            this.#isLeaving ? Promise.resolve() : next(sections),
        },
      },
    };
    // The id is also the section in which the client looks for `trace.server`.
    return new LanguageClient(
      settings.SECTION,
      "Rush",
      { command: program, args: ["lsp"] },
      options,
    );
  }

  #follow(state: State, version: string): void {
    switch (state) {
      case State.Running:
        this.#become({ kind: "running", version });
        break;
      case State.Starting:
        this.#become({ kind: "starting" });
        break;
      default:
        this.#become({ kind: "failed", reason: "the language server has ended" });
    }
  }

  #become(state: ServerState): void {
    this.#state = state;
    this.#changed.fire(state);
  }

  #tellMissing(): void {
    if (this.#program !== undefined && this.#program.kind !== "found") {
      const buttons: Button[] = ["Choose the Program", "Open Settings", "Try Again"];
      void this.#tell(explanation(this.#program), buttons);
    }
  }

  async #tell(message: string, buttons: readonly Button[]): Promise<void> {
    const pressed = await vscode.window.showErrorMessage(`Rush: ${message}`, ...buttons);
    switch (pressed) {
      case "Choose the Program":
        await vscode.commands.executeCommand("rush.chooseProgram");
        break;
      case "Open Settings":
        await vscode.commands.executeCommand("workbench.action.openSettings", "rush.server.path");
        break;
      case "Show Log":
        this.showOutput();
        break;
      case "Try Again":
        await this.restart();
        break;
      case undefined:
    }
  }
}

/** What can be done about a message. */
type Button = "Choose the Program" | "Open Settings" | "Show Log" | "Try Again";
