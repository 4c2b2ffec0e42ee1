/** The command that opens the semantic map. A window has at most one map. */
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
  return vscode.Disposable.from(
    { dispose: () => panel?.dispose() },
    registerCommands({
      map: () => {
        if (panel) panel.reveal();
        else attach(vscode.window.createWebviewPanel(VIEW_TYPE, "Semantic Map", vscode.ViewColumn.Active));
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
