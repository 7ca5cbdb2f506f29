/**
 * A small stand-in for the module `vscode`, which exists inside the editor only.
 *
 * It holds documents, settings and registrations, and calls back as the editor would. What the
 * extension does with them, the language client and the server included, is the real thing.
 */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL, fileURLToPath } from "node:url";

type Listener<T> = (value: T) => unknown;
interface Disposes {
  dispose(): unknown;
}

export class Disposable {
  constructor(private readonly undo: () => unknown) {}
  static from(...all: Disposes[]): Disposable {
    return new Disposable(() => {
      all.forEach((it) => it.dispose());
    });
  }
  dispose(): void {
    this.undo();
  }
}

export class EventEmitter<T> {
  readonly #listeners = new Set<Listener<T>>();
  readonly event = (
    listener: Listener<T>,
    self?: unknown,
    disposables?: Disposes[],
  ): Disposable => {
    const bound: Listener<T> = (value) => listener.call(self, value);
    this.#listeners.add(bound);
    const disposable = new Disposable(() => this.#listeners.delete(bound));
    disposables?.push(disposable);
    return disposable;
  };
  fire(value: T): void {
    [...this.#listeners].forEach((it) => {
      it(value);
    });
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class CancellationTokenSource {
  readonly #cancelled = new EventEmitter<undefined>();
  readonly token = {
    isCancellationRequested: false,
    onCancellationRequested: this.#cancelled.event,
  };
  cancel(): void {
    this.token.isCancellationRequested = true;
    this.#cancelled.fire(undefined);
  }
  dispose(): void {
    this.#cancelled.dispose();
  }
}
export class CancellationError extends Error {}

export class Uri {
  private constructor(
    readonly scheme: string,
    readonly path: string,
    private readonly text: string,
  ) {}
  static file(name: string): Uri {
    return Uri.parse(pathToFileURL(name).href);
  }
  static parse(text: string): Uri {
    const url = new URL(text);
    return new Uri(url.protocol.slice(0, -1), decodeURIComponent(url.pathname), text);
  }
  static joinPath(base: Uri, ...parts: string[]): Uri {
    return Uri.file(path.join(base.fsPath, ...parts));
  }
  get fsPath(): string {
    return this.scheme === "file" ? fileURLToPath(this.text) : this.path;
  }
  toString(): string {
    return this.text;
  }
}

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}
export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(...at: [Position, Position] | [number, number, number, number]) {
    const isNumbers = typeof at[0] === "number";
    this.start = isNumbers
      ? new Position(...(at.slice(0, 2) as [number, number]))
      : (at[0] as Position);
    this.end = isNumbers ? new Position(...(at.slice(2) as [number, number])) : (at[1] as Position);
  }
}
export class Location {
  readonly range: Range;
  constructor(
    readonly uri: Uri,
    at: Position | Range,
  ) {
    this.range = at instanceof Position ? new Range(at, at) : at;
  }
}
export class RelativePattern {
  readonly baseUri: Uri;
  constructor(
    base: { uri: Uri } | Uri,
    readonly pattern: string,
  ) {
    this.baseUri = base instanceof Uri ? base : base.uri;
  }
}
export class Diagnostic {
  code: unknown;
  source: unknown;
  constructor(
    readonly range: Range,
    readonly message: string,
    readonly severity: number,
  ) {}
}

/** What the editor keeps as it is given: an icon, a colour, an item, a text. */
export class Plain {
  readonly args: readonly unknown[];
  constructor(...args: unknown[]) {
    this.args = args;
  }
}
export class CallHierarchyItem extends Plain {}
export class CodeAction extends Plain {}
export class CodeLens extends Plain {}
export class CompletionItem extends Plain {}
export class DiagnosticRelatedInformation extends Plain {}
export class DocumentLink extends Plain {}
export class InlayHint extends Plain {}
export class MarkdownString extends Plain {}
export class SymbolInformation extends Plain {}
export class ThemeColor extends Plain {}
export class ThemeIcon extends Plain {}
export class TypeHierarchyItem extends Plain {}
export class TreeItem {
  constructor(
    readonly label: string,
    readonly collapsibleState = 0,
  ) {}
}

export class ProcessExecution {
  constructor(
    readonly process: string,
    readonly args: readonly string[],
    readonly options: { cwd: string },
  ) {}
}
export class Task {
  group: unknown;
  detail: unknown;
  constructor(
    readonly definition: { type: string; task: string },
    readonly scope: unknown,
    readonly name: string,
    readonly source: string,
    readonly execution: ProcessExecution,
    readonly problemMatchers: readonly string[],
  ) {}
}

/** What a tab shows; the client asks for the problems of documents that are seen. */
export class TabInputText {
  constructor(readonly uri: Uri) {}
}
export class TabInputTextDiff extends Plain {}
export class TabInputCustom extends Plain {}
export class TabInputNotebook extends Plain {}

/** What a file operation of the editor would do; only creation is needed. */
export class WorkspaceEdit {
  readonly created: Uri[] = [];
  createFile(uri: Uri): void {
    this.created.push(uri);
  }
}

export const version = "1.91.0";
export const TaskGroup = { Build: "build", Test: "test", Clean: "clean" };
export const TaskScope = { Global: 1, Workspace: 2 };
export const TaskRevealKind = { Always: 1 };
export const TaskPanelKind = { Shared: 1 };
export const LogLevel = { Off: 0, Trace: 1, Info: 3 };
export const StatusBarAlignment = { Left: 1 };
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
export const ConfigurationTarget = { Global: 1 };
export const DiagnosticSeverity = { Error: 0, Warning: 1, Information: 2, Hint: 3 };
export const DiagnosticTag = { Unnecessary: 1, Deprecated: 2 };
export const CompletionItemTag = { Deprecated: 1 };
export const SymbolTag = { Deprecated: 1 };
export const InlayHintKind = { Type: 1, Parameter: 2 };
/** A name of a kind, which others continue. */
class Kind {
  constructor(readonly value: string) {}
  append(part: string): Kind {
    return new Kind(`${this.value}.${part}`);
  }
}
/** Names of kinds: the client reads a few of them, whatever their values. */
const names = (): Record<string, unknown> =>
  new Proxy({}, { get: (_, name) => new Kind(String(name)) });
export const CodeActionKind = names();
export const CompletionItemKind = names();
export const SymbolKind = names();
export const FoldingRangeKind = names();
export const CodeActionTriggerKind = { Invoke: 1, Automatic: 2 };
export const CompletionTriggerKind = { Invoke: 0 };
export const SignatureHelpTriggerKind = { Invoke: 1 };
export const TextDocumentSaveReason = { Manual: 1 };
export const ProgressLocation = { Window: 10 };

/** A document that is open. */
export class TextDocument {
  version = 1;
  isClosed = false;
  isDirty = false;
  readonly isUntitled = false;
  readonly eol = 1;
  constructor(
    readonly uri: Uri,
    public languageId: string,
    private text: string,
  ) {}
  get fileName(): string {
    return this.uri.fsPath;
  }
  getText(): string {
    return this.text;
  }
  /** Replaces all of the text. */
  become(text: string): void {
    this.text = text;
    this.version += 1;
    this.isDirty = true;
  }
  /** A file that may not be written stays as it is. */
  save(): Promise<boolean> {
    if (editor.unwritable.has(this.fileName)) {
      return Promise.resolve(false);
    }
    writeFileSync(this.fileName, this.text);
    this.isDirty = false;
    emitter("onDidSaveTextDocument").fire(this);
    return Promise.resolve(true);
  }
}

const emitters = new Map<string, EventEmitter<unknown>>();
const emitter = (name: string): EventEmitter<unknown> => {
  const found = emitters.get(name) ?? new EventEmitter<unknown>();
  emitters.set(name, found);
  return found;
};
const event = (name: string) => emitter(name).event;

/** What takes longer than this does not happen; a loaded machine is slow. */
const UNTIL_MS = 20_000;

/** The editor as a test sees it. */
export const editor = {
  settings: new Map<string, unknown>(),
  context: new Map<string, unknown>(),
  diagnostics: new Map<string, readonly Diagnostic[]>(),
  commands: new Map<string, (...args: unknown[]) => unknown>(),
  providers: new Map<string, unknown>(),
  views: new Map<string, { message: string | undefined }>(),
  executed: [] as Task[],
  messages: [] as string[],
  shown: [] as Uri[],
  unwritable: new Set<string>(),
  log: [] as string[],
  traced: [] as string[],
  statusBar: { text: "", tooltip: "" },
  /** What a person types and picks next; a question without an answer is an error. */
  answers: [] as unknown[],
  /** Tells of all that has happened: a diagnostic, a state, a task. */
  happened: new EventEmitter<undefined>(),

  open(file: string, languageId: string): TextDocument {
    const document = new TextDocument(Uri.file(file), languageId, readFileSync(file, "utf8"));
    workspace.textDocuments.push(document);
    const shown = { document };
    window.activeTextEditor = shown;
    window.visibleTextEditors.push(shown);
    const tab = { input: new TabInputText(document.uri) };
    window.tabGroups.all[0].tabs.push(tab);
    emitter("tabs").fire({ opened: [tab], closed: [], changed: [] });
    emitter("onDidChangeActiveTextEditor").fire(shown);
    emitter("onDidOpenTextDocument").fire(document);
    return document;
  },
  edit(document: TextDocument, text: string): void {
    const end = document.getText().split("\n").length;
    document.become(text);
    const change = { range: new Range(0, 0, end, 0), rangeLength: 0, rangeOffset: 0, text };
    emitter("onDidChangeTextDocument").fire({ document, contentChanges: [change] });
  },
  configure(name: string, value: unknown): void {
    editor.settings.set(name, value);
    const affectsConfiguration = (section: string): boolean =>
      name === section || name.startsWith(`${section}.`);
    emitter("onDidChangeConfiguration").fire({ affectsConfiguration });
  },
  changeFile(uri: Uri): void {
    emitter("file").fire(uri);
  },
  runs(task: Task, exitCode: number | undefined): void {
    const execution = editor.executions.get(task) ?? { task };
    editor.executions.set(task, execution);
    emitter(exitCode === undefined ? "onDidStartTaskProcess" : "onDidEndTaskProcess").fire({
      execution,
      exitCode,
    });
  },
  executions: new Map<Task, unknown>(),
  /** Resolves as soon as the condition holds; fails when that takes too long. */
  until<T>(condition: () => T | undefined | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const value = condition();
        if (value !== undefined && value !== false) {
          clearTimeout(limit);
          listening.dispose();
          resolve(value);
        }
      };
      const listening = editor.happened.event(look);
      const limit = setTimeout(() => {
        listening.dispose();
        const told = [...editor.log.slice(-10), ...editor.messages].join("\n");
        reject(new Error(`this did not happen: ${condition.toString()}\n${told}`));
      }, UNTIL_MS);
      look();
    });
  },
};

function answer(): unknown {
  if (editor.answers.length === 0) {
    throw new Error("a question that no answer was prepared for");
  }
  const next = editor.answers.shift();
  return next;
}

const register =
  (kind: string) =>
  (...args: unknown[]): Disposable => {
    editor.providers.set(kind, args.at(-1));
    return new Disposable(() => editor.providers.delete(kind));
  };

export const commands = {
  registerCommand(name: string, action: (...args: unknown[]) => unknown): Disposable {
    editor.commands.set(name, action);
    return new Disposable(() => editor.commands.delete(name));
  },
  executeCommand(name: string, ...args: unknown[]): Promise<unknown> {
    if (name === "setContext") {
      editor.context.set(String(args[0]), args[1]);
      editor.happened.fire(undefined);
      return Promise.resolve();
    }
    const action = editor.commands.get(name);
    if (action === undefined) {
      throw new Error(`there is no command ${name}`);
    }
    return Promise.resolve(action(...args));
  },
};

export const languages = {
  createDiagnosticCollection: () => ({
    set(uri: Uri, found: readonly Diagnostic[] | undefined) {
      editor.diagnostics.set(uri.toString(), found ?? []);
      editor.happened.fire(undefined);
    },
    delete: (uri: Uri) => editor.diagnostics.delete(uri.toString()),
    clear: () => {
      editor.diagnostics.clear();
    },
    dispose: () => undefined,
  }),
  match(selector: unknown, document: TextDocument): number {
    const filters = [selector].flat() as { language?: string; scheme?: string }[];
    const fits = (it: { language?: string; scheme?: string }): boolean =>
      (it.language ?? document.languageId) === document.languageId &&
      (it.scheme ?? document.uri.scheme) === document.uri.scheme;
    return filters.some(fits) ? 10 : 0;
  },
  setTextDocumentLanguage(document: TextDocument, language: string): Promise<TextDocument> {
    emitter("onDidCloseTextDocument").fire(document);
    document.languageId = language;
    emitter("onDidOpenTextDocument").fire(document);
    editor.happened.fire(undefined);
    return Promise.resolve(document);
  },
  ...Object.fromEntries(
    [
      "CallHierarchyProvider",
      "CodeActionsProvider",
      "CodeLensProvider",
      "ColorProvider",
      "CompletionItemProvider",
      "DeclarationProvider",
      "DefinitionProvider",
      "DocumentFormattingEditProvider",
      "DocumentHighlightProvider",
      "DocumentLinkProvider",
      "DocumentRangeFormattingEditProvider",
      "DocumentRangeSemanticTokensProvider",
      "DocumentSemanticTokensProvider",
      "DocumentSymbolProvider",
      "FoldingRangeProvider",
      "HoverProvider",
      "ImplementationProvider",
      "InlayHintsProvider",
      "LinkedEditingRangeProvider",
      "OnTypeFormattingEditProvider",
      "ReferenceProvider",
      "RenameProvider",
      "SelectionRangeProvider",
      "SignatureHelpProvider",
      "TypeDefinitionProvider",
      "WorkspaceSymbolProvider",
    ].map((it) => [`register${it}`, register(it)]),
  ),
};

function settingsOf(section: string): unknown {
  const own = editor.settings.get(section);
  if (own !== undefined) {
    return own;
  }
  const inner = [...editor.settings].filter(([name]) => name.startsWith(`${section}.`));
  if (inner.length === 0) {
    return undefined;
  }
  const tree: Record<string, unknown> = {};
  for (const [name, value] of inner) {
    const parts = name.slice(section.length + 1).split(".");
    const last = parts.pop() ?? "";
    const parent = parts.reduce((it, part) => {
      it[part] ??= {};
      return it[part] as Record<string, unknown>;
    }, tree);
    parent[last] = value;
  }
  return tree;
}

interface Folder {
  readonly uri: Uri;
  readonly name: string;
  readonly index: number;
}

function filesNamed(folder: string, name: string): string[] {
  return readdirSync(folder).flatMap((entry) => {
    const inside = path.join(folder, entry);
    if (statSync(inside).isDirectory()) {
      return filesNamed(inside, name);
    }
    return entry === name ? [inside] : [];
  });
}

export const workspace = {
  textDocuments: [] as TextDocument[],
  notebookDocuments: [],
  workspaceFolders: [] as Folder[],
  isTrusted: true,
  getConfiguration(section?: string) {
    const full = (name: string): string => (section ? `${section}.${name}` : name);
    const own = section ? settingsOf(section) : Object.fromEntries(editor.settings);
    return {
      ...(own as object),
      get: (name: string, fallback?: unknown) => settingsOf(full(name)) ?? fallback,
      has: (name: string) => settingsOf(full(name)) !== undefined,
      update(name: string, value: unknown) {
        editor.configure(full(name), value);
        return Promise.resolve();
      },
    };
  },
  getWorkspaceFolder: (uri: Uri) =>
    workspace.workspaceFolders.find((it) => `${uri.fsPath}/`.startsWith(`${it.uri.fsPath}/`)),
  findFiles: (pattern: RelativePattern) =>
    Promise.resolve(
      filesNamed(pattern.baseUri.fsPath, path.basename(pattern.pattern)).map((it) => Uri.file(it)),
    ),
  createFileSystemWatcher: () => ({
    onDidChange: event("file"),
    onDidCreate: event("file created"),
    onDidDelete: event("file deleted"),
    dispose: () => undefined,
  }),
  registerTextDocumentContentProvider: register("TextDocumentContentProvider"),
  applyEdit(edit: WorkspaceEdit) {
    edit.created.filter((it) => !existsSync(it.fsPath)).forEach((it) => editor.shown.push(it));
    return Promise.resolve(true);
  },
  ...Object.fromEntries(
    [
      "onDidChangeConfiguration",
      "onDidChangeTextDocument",
      "onDidChangeWorkspaceFolders",
      "onDidCloseTextDocument",
      "onDidCreateFiles",
      "onDidDeleteFiles",
      "onDidGrantWorkspaceTrust",
      "onDidOpenTextDocument",
      "onDidRenameFiles",
      "onDidSaveTextDocument",
      "onWillCreateFiles",
      "onWillDeleteFiles",
      "onWillRenameFiles",
      "onWillSaveTextDocument",
    ].map((it) => [it, event(it)]),
  ),
};

const message = (text: string): Promise<undefined> => {
  editor.messages.push(text);
  editor.happened.fire(undefined);
  return Promise.resolve(undefined);
};

export const window = {
  activeTextEditor: undefined as { document: TextDocument } | undefined,
  visibleTextEditors: [] as { document: TextDocument }[],
  tabGroups: {
    all: [{ tabs: [] as { input: TabInputText }[] }] as const,
    onDidChangeTabs: event("tabs"),
  },
  onDidChangeActiveTextEditor: event("onDidChangeActiveTextEditor"),
  onDidChangeVisibleTextEditors: event("onDidChangeVisibleTextEditors"),
  createOutputChannel(name: string, options?: unknown) {
    const lines = typeof options === "string" ? editor.traced : editor.log;
    const write = (line: unknown): void => {
      lines.push(String(line));
      editor.happened.fire(undefined);
    };
    const levels = { trace: write, debug: write, info: write, warn: write, error: write };
    return {
      name,
      logLevel: LogLevel.Info,
      onDidChangeLogLevel: event("onDidChangeLogLevel"),
      ...levels,
      append: write,
      appendLine: write,
      show: () => undefined,
      dispose: () => undefined,
    };
  },
  createStatusBarItem: () => ({
    set text(text: string) {
      editor.statusBar.text = text;
    },
    set tooltip(tooltip: string) {
      editor.statusBar.tooltip = tooltip;
    },
    show: () => undefined,
    dispose: () => undefined,
  }),
  createTreeView(id: string, { treeDataProvider }: { treeDataProvider: unknown }) {
    register(id)(treeDataProvider);
    const view = { message: undefined, dispose: () => undefined };
    editor.views.set(id, view);
    return view;
  },
  /** A list that is answered as soon as it is shown: with a label, or `{ reset: label }`. */
  createQuickPick() {
    const accepted = new EventEmitter<undefined>();
    const pressed = new EventEmitter<{ item: unknown }>();
    const hidden = new EventEmitter<undefined>();
    const picker = {
      items: [] as { label: string }[],
      selectedItems: [] as { label: string }[],
      onDidAccept: accepted.event,
      onDidTriggerItemButton: pressed.event,
      onDidHide: hidden.event,
      show(): void {
        const next = answer();
        const find = (label: unknown): { label: string } => {
          const item = picker.items.find((it) => it.label.includes(String(label)));
          if (item === undefined) {
            const labels = picker.items.map((it) => it.label).join(", ");
            throw new Error(`${String(label)} is not among ${labels}`);
          }
          return item;
        };
        if (next === undefined) {
          hidden.fire(undefined);
        } else if (typeof next === "object" && next !== null && "reset" in next) {
          pressed.fire({ item: find(next.reset) });
        } else {
          picker.selectedItems = [find(next)];
          accepted.fire(undefined);
        }
      },
      dispose: () => undefined,
    };
    return picker;
  },
  showQuickPick(items: { label: string }[], options: { canPickMany?: boolean }) {
    const next = answer();
    if (next === undefined) {
      return Promise.resolve(undefined);
    }
    const labels = [next].flat().map(String);
    const found = labels.map((label) => items.find((it) => it.label.includes(label)));
    return Promise.resolve(options.canPickMany ? found : found[0]);
  },
  /** A refused text is an error of the test; `{ refused: text }` says that it is meant. */
  showInputBox(options: { validateInput?(text: string): string | null }) {
    let next = answer();
    if (typeof next === "object" && next !== null && "refused" in next) {
      if (options.validateInput?.(String(next.refused)) == null) {
        throw new Error(`${String(next.refused)} was accepted`);
      }
      next = answer();
    }
    if (typeof next === "string") {
      const problem = options.validateInput?.(next) ?? null;
      if (problem !== null) {
        throw new Error(`${next} was refused: ${problem}`);
      }
    }
    return Promise.resolve(next);
  },
  showTextDocument(uri: Uri) {
    editor.shown.push(uri);
    return Promise.resolve();
  },
  showOpenDialog: () => Promise.resolve(answer()),
  showErrorMessage: message,
  /** A question in a window of its own is answered; whatever else is told may be left alone. */
  showWarningMessage: (text: string, options?: unknown) =>
    typeof options === "object" ? message(text).then(() => answer()) : message(text),
  showInformationMessage: message,
  withProgress: (_: unknown, action: (progress: unknown, token: unknown) => unknown) =>
    action({ report: () => undefined }, new CancellationTokenSource().token),
};

export const tasks = {
  registerTaskProvider: register("TaskProvider"),
  executeTask(task: Task) {
    editor.executed.push(task);
    editor.happened.fire(undefined);
    return Promise.resolve({ task });
  },
  onDidStartTaskProcess: event("onDidStartTaskProcess"),
  onDidEndTaskProcess: event("onDidEndTaskProcess"),
  onDidEndTask: event("onDidEndTask"),
};

export const env = { appName: "test", language: "en", openExternal: () => Promise.resolve(true) };
export const extensions = { getExtension: () => undefined, all: [] };
