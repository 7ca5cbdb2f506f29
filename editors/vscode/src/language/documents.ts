/** What happens when a document is opened: YAML of TaskRush goes to YAML, the prelude is fetched. */
import * as vscode from "vscode";

import { LANGUAGE, type Server } from "../server";
import * as settings from "../settings";
import { isLegacy } from "./legacy";

/** The scheme of the documents in which Rush declares its own kinds. */
const PRELUDE_SCHEME = "rush-prelude";

/** Gives files of TaskRush 0.2 to YAML, now and when one is opened. */
export function watchLegacyFiles(): vscode.Disposable {
  const look = (document: vscode.TextDocument): void => {
    const isOurs = document.languageId === LANGUAGE && document.uri.scheme === "file";
    if (isOurs && settings.opensLegacyAsYaml() && isLegacy(document.getText())) {
      void vscode.languages.setTextDocumentLanguage(document, "yaml");
    }
  };
  vscode.workspace.textDocuments.forEach(look);
  return vscode.workspace.onDidOpenTextDocument(look);
}

/** Lets "go to definition" lead into the prelude, which is part of the program. */
export function providePrelude(server: Server): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(PRELUDE_SCHEME, {
    provideTextDocumentContent: (uri) => server.preludeText(uri),
  });
}
