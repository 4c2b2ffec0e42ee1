/** Commands of the palette. */
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { Server } from "../server/server";
import type { SearchMemory } from "./memory";
import { Palette } from "./palette";
import { placeOfSelection } from "./preview";
import { withFilter } from "./query/query";

const MAX_QUERY_LENGTH = 400;

export function registerSearch(server: Server, memory: SearchMemory): vscode.Disposable {
  let palette: Palette | undefined;
  let previous: Palette | undefined;
  const closed = (): void => {
    previous = palette;
    palette = undefined;
  };
  /**
   * `query` is read when the editor is as the previous palette leaves it. With `keepsFilters`, the
   * filters of the previous search apply.
   */
  const show = async (query: () => string, keepsFilters: boolean): Promise<void> => {
    await palette?.cancel();
    await previous?.ended;
    palette = new Palette(server, memory, query(), keepsFilters ? memory.filters : [], closed);
    palette.show();
  };
  return registerCommands({
    search: (query) =>
      typeof query === "string" ? show(() => query, false) : show(() => selectedLine(memory) ?? memory.last, true),
    searchInFolder: (folder) => folder instanceof vscode.Uri && show(() => scoped(folder, "/**"), false),
    searchInFile: () => {
      const uri = vscode.window.activeTextEditor?.document.uri;
      return uri && show(() => scoped(uri, ""), false);
    },
    searchSelection: () => show(selectedText, true),
    "search.leaveFor": (command) => typeof command === "string" && palette?.leaveFor(command),
    "search.openBeside": () => palette?.accept(vscode.ViewColumn.Beside),
  });
}

/**
 * Returns a query with only a filter for a file or, with the suffix of a glob, for a folder. The
 * root folder needs no filter.
 */
function scoped(uri: vscode.Uri, suffix: string): string {
  const root = vscode.workspace.getWorkspaceFolder(uri);
  const path = vscode.workspace.asRelativePath(uri, false);
  return root?.uri.toString() === uri.toString() ? "" : `${withFilter("", "path", [`${path}${suffix}`])} `;
}

function selectedText(): string {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection) ?? "";
  return text.replace(/\s+/g, " ").trim().slice(0, MAX_QUERY_LENGTH);
}

/**
 * Returns the selected text if it is within a line, as the editor's own search does, unless it was
 * selected by opening a result.
 */
function selectedLine(memory: SearchMemory): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || editor.selection.isEmpty || !editor.selection.isSingleLine) return undefined;
  return placeOfSelection(editor.document.uri, editor.selection) === memory.opened ? undefined : selectedText();
}
