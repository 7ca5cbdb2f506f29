/** Questions as VS Code asks them: lists to pick from, and boxes to type into. */
import * as vscode from "vscode";

import type { Choice, Picked, Questions } from "./ask";

interface Item extends vscode.QuickPickItem {
  readonly index: number;
}

const RESET: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("discard"),
  tooltip: "Use the default",
};

/** Asks in the window. */
export const questions: Questions = {
  menu: (title, hint, choices) =>
    new Promise((resolve) => {
      const picker = vscode.window.createQuickPick<Item>();
      picker.title = title;
      picker.placeholder = hint;
      picker.ignoreFocusOut = true;
      picker.matchOnDescription = true;
      picker.items = choices.map(itemOf);
      picker.activeItems = picker.items.filter((it) => it.picked === true);
      // The first answer counts; hiding the list afterwards is not turning away.
      const answer = (picked: Picked | undefined): void => {
        resolve(picked);
        picker.dispose();
      };
      picker.onDidAccept(() => {
        const [item] = picker.selectedItems;
        answer(item && { index: item.index, how: "chosen" });
      });
      picker.onDidTriggerItemButton(({ item }) => {
        answer({ index: item.index, how: "reset" });
      });
      picker.onDidHide(() => {
        answer(undefined);
      });
      picker.show();
    }),

  async several(title, hint, choices) {
    const items = choices.map(itemOf);
    const options = { title, placeHolder: hint, canPickMany: true, ignoreFocusOut: true } as const;
    const picked = await vscode.window.showQuickPick(items, options);
    return picked?.map((it) => it.index);
  },

  async text(title, hint, value, validate) {
    return vscode.window.showInputBox({
      title,
      prompt: hint,
      value,
      ignoreFocusOut: true,
      validateInput: (text) => validate(text) ?? null,
    });
  },
};

function itemOf(choice: Choice, index: number): Item {
  return {
    index,
    label: choice.label,
    ...(choice.description === undefined ? {} : { description: choice.description }),
    ...(choice.detail === undefined ? {} : { detail: choice.detail }),
    picked: choice.isPicked ?? false,
    buttons: choice.isResettable === true ? [RESET] : [],
  };
}
