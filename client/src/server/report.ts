/**
 * The diagnostic report of the server as a read-only document, which closes without asking to be
 * saved.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { registerCommands } from "../commands";
import { doctorRequest } from "../requests";
import type { Server } from "./server";

const SCHEME = "codekin-report";
const REPORT = vscode.Uri.from({ scheme: SCHEME, path: l10n.t("Codekin Report") });

export function registerReport(server: Server): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let text = "";
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: changed.event,
      provideTextDocumentContent: () => text,
    }),
    registerCommands({
      doctor: async () => {
        ({ text } = await server.request(doctorRequest, {}));
        changed.fire(REPORT);
        await vscode.window.showTextDocument(REPORT, { preview: true });
      },
    }),
  );
}
