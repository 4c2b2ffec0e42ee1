/** Shows the progress of a long indexing pass as a notification, from which it can be cancelled. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Status } from "../protocol";
import type { Server } from "../server/server";
import type { ServerState } from "../server/state";
import { progressOf, worthShowing } from "./progress";

export function registerFirstIndex(server: Server): vscode.Disposable {
  let report: ((status: Status | undefined) => void) | undefined;
  return server.onState((state: ServerState) => {
    const status = state.kind === "running" ? state.status : undefined;
    if (report) report(status);
    else if (status && worthShowing(status)) report = begin(status, () => (report = undefined));
  });
}

/**
 * Opens the notification and returns a function that updates it with a new status. `ended` is
 * called when the pass is complete or cancelled.
 */
function begin(first: Status, ended: () => void): (status: Status | undefined) => void {
  let update: (status: Status | undefined) => void = () => undefined;
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: l10n.t("Codekin: Indexing"),
    cancellable: true,
  };
  void vscode.window.withProgress(options, (progress, token) => {
    return new Promise<void>((resolve) => {
      let percent = 0;
      update = (status) => {
        if (status?.state !== "indexing") {
          ended();
          resolve();
          return;
        }
        const now = progressOf(status);
        progress.report({ message: now.message, increment: now.percent - percent });
        percent = now.percent;
      };
      token.onCancellationRequested(() => {
        void vscode.commands.executeCommand("codekin.pause");
      });
      update(first);
    });
  });
  return (status) => update(status);
}
