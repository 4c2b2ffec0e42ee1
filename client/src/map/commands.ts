/** Opens the map; there is one in a window. */
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import type { Server } from "../server/server";
import { MapPanel, VIEW_TYPE } from "./panel";

export function registerMap(server: Server, extension: vscode.Uri): vscode.Disposable {
  let panel: MapPanel | undefined;
  const adopt = (own: vscode.WebviewPanel): void => {
    panel = new MapPanel(own, server, extension, () => {
      panel?.dispose();
      panel = undefined;
    });
  };
  return vscode.Disposable.from(
    { dispose: () => panel?.dispose() },
    registerCommands({
      map: () => {
        if (panel) panel.reveal();
        else adopt(vscode.window.createWebviewPanel(VIEW_TYPE, "Semantic Map", vscode.ViewColumn.Active));
      },
    }),
    // After the window was loaded again.
    vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel: (own) => {
        panel?.dispose();
        adopt(own);
        return Promise.resolve();
      },
    }),
  );
}
