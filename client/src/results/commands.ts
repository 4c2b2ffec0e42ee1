/** Commands of the Results view. */
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { Result } from "../protocol";
import type { Server } from "../server/server";
import type { Node } from "./tree";
import { ResultsView } from "./view";

export function registerResults(server: Server): vscode.Disposable {
  const view = new ResultsView(server);
  const commands = registerCommands({
    searchIntoResults: (query) => (typeof query === "string" ? view.show(query) : ask(view)),
    "results.refine": () => vscode.commands.executeCommand("codekin.search", view.query),
    "results.refresh": () => view.refresh(),
    "results.clear": () => view.clear(),
    "results.open": (result) => view.click(result as Result),
    "results.openFocused": () => view.openFocused(),
    "results.openBeside": (result) => view.open(result as Result, { column: vscode.ViewColumn.Beside }),
    "results.next": (options) => view.move(1, keepsFocus(options)),
    "results.previous": (options) => view.move(-1, keepsFocus(options)),
    "results.dismiss": (node) => view.dismiss(node as Node | undefined),
    "results.copy": (node) => view.copy(node as Node | undefined),
    "results.copyPath": (node) => view.copyPaths(node as Node | undefined),
    "results.copyAll": () => view.copyAll(),
    "results.openAsEditor": () => view.openAsEditor(),
    "results.sortByPath": () => view.sortByPath(true),
    "results.sortByRelevance": () => view.sortByPath(false),
  });
  return vscode.Disposable.from(view, commands);
}

/** The key bindings in the list pass `preserveFocus`. */
function keepsFocus(options: unknown): boolean {
  return typeof options === "object" && options !== null && "preserveFocus" in options;
}

async function ask(view: ResultsView): Promise<void> {
  const prompt = "Ask in words or type a name. Filters: lang:, path:, kind:, author:, after:, before:, ext:, mode:";
  const query = await vscode.window.showInputBox({ prompt, value: view.query });
  if (query !== undefined) await view.show(query);
}
