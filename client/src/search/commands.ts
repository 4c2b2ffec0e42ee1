/** Commands of the palette. */
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { Server } from "../server/server";
import { Palette } from "./palette";

const MAX_QUERY_LENGTH = 400;

export function registerSearch(server: Server): vscode.Disposable {
  let palette: Palette | undefined;
  const show = (query: string): void => {
    palette?.dispose();
    palette = new Palette(server, query, () => (palette = undefined));
    palette.show();
  };
  return registerCommands({
    search: (query) => show(typeof query === "string" ? query : ""),
    searchSelection: () => show(selectedText()),
    "search.openBeside": () => palette?.accept(vscode.ViewColumn.Beside),
  });
}

function selectedText(): string {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection) ?? "";
  return text.replace(/\s+/g, " ").trim().slice(0, MAX_QUERY_LENGTH);
}
