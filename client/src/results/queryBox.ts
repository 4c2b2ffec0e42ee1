/**
 * The input of the Results view. It searches while the user types or moves through earlier searches,
 * so that the view shows what a choice would keep.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { SearchMemory } from "../search/memory";
import { setting } from "../settings";
import { visibleLabel } from "../visible";
import type { ResultsView } from "./view";

interface Row extends vscode.QuickPickItem {
  query: string;
}

/** Resolves when the view has the focus after a choice. A box that opened before would lose it. */
let chosen: Promise<void> = Promise.resolve();

/** Asks for the query of the view. If the user gives up, the view has the previous query again. */
export async function askQuery(view: ResultsView, memory: SearchMemory): Promise<void> {
  await chosen;
  const before = view.query;
  await vscode.commands.executeCommand("codekin.results.focus");
  const pick = vscode.window.createQuickPick<Row>();
  pick.placeholder = l10n.t("Ask in words or type a name");
  pick.title = l10n.t("Results View: Up and Down Select Earlier Searches");
  pick.value = before;
  let timer: NodeJS.Timeout | undefined;
  let accepted = false;
  const search = (query: string, delayMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (query !== view.query) view.search(query);
    }, delayMs);
  };
  const list = (): void => {
    pick.items = rowsOf(pick.value, memory.recent);
  };
  pick.onDidChangeValue(list);
  pick.onDidChangeActive(([row]) => {
    if (row !== undefined) search(row.query, setting("search.debounceMs"));
  });
  pick.onDidAccept(() => {
    accepted = true;
    const query = pick.activeItems[0]?.query ?? pick.value;
    clearTimeout(timer);
    pick.hide();
    void memory.add(query);
    chosen = view.show(query);
  });
  pick.onDidHide(() => {
    pick.dispose();
    if (!accepted) search(before, 0);
  });
  list();
  pick.show();
}

/** Returns a row for the typed query, which is the active one, and rows for earlier searches. */
function rowsOf(typed: string, recent: readonly string[]): Row[] {
  const row = (query: string, icon: string, label: string): Row => ({
    query,
    label: visibleLabel(label),
    iconPath: new vscode.ThemeIcon(icon),
    alwaysShow: true,
  });
  const earlier = recent.filter((query) => query !== typed.trim());
  return [
    row(typed, "search", typed.trim() || l10n.t("Clear Results")),
    ...earlier.map((query) => row(query, "history", query)),
  ];
}
