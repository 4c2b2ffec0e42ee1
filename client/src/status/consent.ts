/** Before a huge first index a person is asked, once for each time that the server waits. */
import * as vscode from "vscode";
import type { Estimate } from "../protocol";
import type { Server } from "../server/server";

const INDEX = "Index";
const EXCLUDE = "Exclude Folders…";
const NEVER = "Not in This Workspace";

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

/** Whoever leaves without an answer finds the question in the status item, as the reason of a pause. */
async function ask(estimate: Estimate): Promise<void> {
  const question = `Index ${estimate.text}? Search works meanwhile.`;
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
