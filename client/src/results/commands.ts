/** Commands of the Results view. */
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { Result } from "../protocol";
import type { SearchMemory } from "../search/memory";
import type { Server } from "../server/server";
import { askQuery } from "./queryBox";
import type { Node } from "./tree";
import { ResultsView } from "./view";

/** `state` keeps the layout of the view. */
export function registerResults(server: Server, memory: SearchMemory, state: vscode.Memento): vscode.Disposable {
  const view = new ResultsView(server, state);
  const commands = registerCommands({
    searchIntoResults: (query) => (typeof query === "string" ? view.show(query) : askQuery(view, memory)),
    "results.refine": () => askQuery(view, memory),
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
    "results.sortByPath": () => view.arrange({ byPath: true }),
    "results.sortByRelevance": () => view.arrange({ byPath: false }),
    "results.viewAsList": () => view.arrange({ asList: true }),
    "results.viewAsTree": () => view.arrange({ asList: false }),
  });
  return vscode.Disposable.from(view, commands);
}

/** The key bindings in the list pass `preserveFocus`. */
function keepsFocus(options: unknown): boolean {
  return typeof options === "object" && options !== null && "preserveFocus" in options;
}
