/** Commands of the Results view. */
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { Result } from "../protocol";
import type { Server } from "../server/server";
import { ResultsView } from "./view";

export function registerResults(server: Server): vscode.Disposable {
  const view = new ResultsView(server);
  const commands = registerCommands({
    searchIntoResults: (query) => (typeof query === "string" ? view.show(query) : ask(view)),
    "results.refine": () => vscode.commands.executeCommand("codekin.search", view.query),
    "results.refresh": () => view.refresh(),
    "results.clear": () => view.clear(),
    "results.open": (result) => view.open(result as Result),
    "results.openBeside": (result) => view.open(result as Result, vscode.ViewColumn.Beside),
    "results.next": () => view.move(1),
    "results.previous": () => view.move(-1),
  });
  return vscode.Disposable.from(view, commands);
}

async function ask(view: ResultsView): Promise<void> {
  const prompt = "Ask in words or type a name. Filters: lang:, path:, kind:, author:, after:, before:, ext:, mode:";
  const query = await vscode.window.showInputBox({ prompt, value: view.query });
  if (query !== undefined) await view.show(query);
}
