/** What happens when a document is opened: YAML of TaskRush goes to YAML, the prelude is fetched. */
import * as vscode from "vscode";
import { vsdiag, type Middleware } from "vscode-languageclient/node";

import * as settings from "../settings";
import { isLegacy } from "./legacy";

/** The language of task files. */
export const LANGUAGE = "rush-tasks";

/** The scheme of the documents in which Rush declares its own kinds. */
const PRELUDE_SCHEME = "rush-prelude";

/** Gives files of TaskRush 0.2 to YAML, now and when one is opened. */
export function watchLegacyFiles(): vscode.Disposable {
  const look = (document: vscode.TextDocument): void => {
    if (goesToYaml(document)) {
      void vscode.languages.setTextDocumentLanguage(document, "yaml");
    }
  };
  vscode.workspace.textDocuments.forEach(look);
  return vscode.workspace.onDidOpenTextDocument(look);
}

/** Keeps such files from the server in the moment before they are YAML: it would find only mistakes. */
export function legacyMiddleware(): Middleware {
  const kept = new Set<string>();
  return {
    didOpen: (document, next) => {
      if (!goesToYaml(document)) {
        return next(document);
      }
      kept.add(document.uri.toString());
      return Promise.resolve();
    },
    didClose: (document, next) =>
      kept.delete(document.uri.toString()) ? Promise.resolve() : next(document),
    provideDiagnostics: (document, previous, token, next) => {
      const isUri = document instanceof vscode.Uri;
      const isKept = kept.has((isUri ? document : document.uri).toString());
      const { full } = vsdiag.DocumentDiagnosticReportKind;
      return isKept || (!isUri && goesToYaml(document))
        ? { kind: full, items: [] }
        : next(document, previous, token);
    },
  };
}

function goesToYaml(document: vscode.TextDocument): boolean {
  const isOurs = document.languageId === LANGUAGE && document.uri.scheme === "file";
  return isOurs && settings.opensLegacyAsYaml() && isLegacy(document.getText());
}

/** Lets "go to definition" lead into the prelude, which is part of the program. */
export function providePrelude(text: (uri: vscode.Uri) => Promise<string>): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(PRELUDE_SCHEME, {
    provideTextDocumentContent: text,
  });
}
