/** Commands of the palette. */
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { Server } from "../server/server";
import type { SearchMemory } from "./memory";
import { Palette } from "./palette";
import { placeOfSelection } from "./preview";
import { quoted } from "./query/query";

const MAX_QUERY_LENGTH = 400;

export function registerSearch(server: Server, memory: SearchMemory): vscode.Disposable {
  let palette: Palette | undefined;
  let previous: Palette | undefined;
  const closed = (): void => {
    previous = palette;
    palette = undefined;
  };
  /** `query` and `filters` are read when the editor is as the previous palette leaves it. */
  const show = async (query: () => string, filters: () => readonly string[]): Promise<void> => {
    await palette?.cancel();
    await previous?.ended;
    palette = new Palette(server, memory, query(), filters(), closed);
    palette.show();
  };
  const words = (): string => selectedLine(memory) ?? memory.last;
  const kept = (): readonly string[] => memory.filters;
  const within = (paths: readonly string[]): Promise<void> => show(words, () => pathFilter(paths));
  return registerCommands({
    search: (query) =>
      typeof query === "string"
        ? show(
            () => query,
            () => [],
          )
        : show(words, kept),
    searchInFolder: (folder) => folder instanceof vscode.Uri && within(below(folder)),
    searchInFile: () => withActiveFile((uri) => within([vscode.workspace.asRelativePath(uri, false)])),
    searchInThisFolder: () => withActiveFile((uri) => within(below(vscode.Uri.joinPath(uri, "..")))),
    searchInOpenEditors: () => within(openPaths()),
    searchSelection: () => show(selectedText, kept),
    "search.leaveFor": (command) => typeof command === "string" && palette?.leaveFor(command),
    "search.openBeside": () => palette?.accept(vscode.ViewColumn.Beside),
  });
}

/** Returns the filter for paths, or none for none. */
function pathFilter(paths: readonly string[]): string[] {
  const filter = paths.length === 0 ? "" : `path:${paths.map(quoted).join(",")}`;
  return filter === "" ? [] : [filter];
}

/** Returns the glob of what is in a folder. The root folder needs none. */
function below(folder: vscode.Uri): string[] {
  const root = vscode.workspace.getWorkspaceFolder(folder);
  if (root?.uri.toString() === folder.toString()) return [];
  return [`${vscode.workspace.asRelativePath(folder, false)}/**`];
}

function withActiveFile(run: (uri: vscode.Uri) => Promise<void>): Promise<void> | undefined {
  const uri = vscode.window.activeTextEditor?.document.uri;
  return uri && run(uri);
}

/** Returns the paths of the files that are open in tabs. */
function openPaths(): string[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const uris = tabs.flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri] : []));
  const inWorkspace = uris.filter((uri) => vscode.workspace.getWorkspaceFolder(uri) !== undefined);
  return [...new Set(inWorkspace.map((uri) => vscode.workspace.asRelativePath(uri, false)))];
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
