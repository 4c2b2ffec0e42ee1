/** Asks for confirmation of a large first index, once each time that the server waits for it. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Estimate } from "../protocol";
import type { Server } from "../server/server";

const INDEX = l10n.t("Index");
const EXCLUDE = l10n.t("Exclude Folders…");
const NEVER = l10n.t("Not in This Workspace");

export function registerConsent(server: Server): vscode.Disposable {
  let asking = false;
  return server.onState((state) => {
    const estimate = state.kind === "running" ? state.status?.estimate : undefined;
    if (!estimate) {
      asking = false;
    } else if (!asking) {
      asking = true;
      void ask(estimate);
    }
  });
}

/** Asks the question. If it is dismissed, the status item shows it as the reason of the pause. */
async function ask(estimate: Estimate): Promise<void> {
  const question = l10n.t("Index {0}? You can search while indexing is in progress.", estimate.text);
  const chosen = await vscode.window.showInformationMessage(question, INDEX, EXCLUDE, NEVER);
  if (chosen === INDEX) {
    await vscode.commands.executeCommand("codekin.resume");
  } else if (chosen === EXCLUDE) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "codekin.exclude");
  } else if (chosen === NEVER) {
    const { Workspace } = vscode.ConfigurationTarget;
    await vscode.workspace.getConfiguration("codekin").update("enabled", false, Workspace);
  }
}
