/** The command that opens the semantic map. A window has at most one map. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { Server } from "../server/server";
import { MapPanel, VIEW_TYPE } from "./panel";

export function registerMap(server: Server, extension: vscode.Uri): vscode.Disposable {
  let panel: MapPanel | undefined;
  const attach = (webviewPanel: vscode.WebviewPanel): void => {
    panel = new MapPanel(webviewPanel, server, extension, () => {
      panel?.dispose();
      panel = undefined;
    });
  };
  const show = (): void => {
    if (panel) panel.reveal();
    else attach(vscode.window.createWebviewPanel(VIEW_TYPE, l10n.t("Semantic Map"), vscode.ViewColumn.Active));
  };
  return vscode.Disposable.from(
    { dispose: () => panel?.dispose() },
    registerCommands({
      map: show,
      showOnMap: () => {
        const editor = vscode.window.activeTextEditor;
        if (editor === undefined) return;
        const { uri } = editor.document;
        const name = uri.path.slice(uri.path.lastIndexOf("/") + 1);
        const line = editor.selection.active.line;
        show();
        panel?.showFile({ uri: uri.toString(), name, line });
      },
    }),
    // Restores the map after the window was reloaded.
    vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel: (webviewPanel) => {
        panel?.dispose();
        attach(webviewPanel);
        return Promise.resolve();
      },
    }),
  );
}
