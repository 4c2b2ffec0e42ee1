/** Shows why an installation failed, with the next steps as buttons. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { InstallFailure, type NextStep } from "./failures";

const STEPS: Readonly<Record<NextStep, { label: string; command?: readonly [string, ...unknown[]] }>> = {
  chooseInterpreter: { label: l10n.t("Choose Interpreter"), command: ["codekin.chooseInterpreter"] },
  getPython: {
    label: l10n.t("Get Python"),
    command: ["vscode.open", vscode.Uri.parse("https://www.python.org/downloads/")],
  },
  openProxySettings: { label: l10n.t("Open Proxy Settings"), command: ["workbench.action.openSettings", "http.proxy"] },
  openPackageSetting: { label: l10n.t("Open Settings"), command: ["workbench.action.openSettings", "codekin.package"] },
  retry: { label: l10n.t("Try Again") },
  showLog: { label: l10n.t("Show Log"), command: ["codekin.showLog"] },
};

/**
 * Runs a part of the installation. A failure of it is shown and not thrown. `again` does what the user
 * asked for once more, with the same choices.
 */
export async function offeringSteps(
  log: vscode.LogOutputChannel,
  work: () => Promise<void>,
  again: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof InstallFailure)) throw error;
    log.error(error.message);
    await offer(error, again);
  }
}

async function offer({ message, steps }: InstallFailure, again: () => Promise<void>): Promise<void> {
  const labels = steps.map((step) => STEPS[step].label);
  const answer = await vscode.window.showErrorMessage(message, ...labels);
  const next = steps.find((step) => STEPS[step].label === answer);
  if (next === undefined) return;
  const { command } = STEPS[next];
  await (command === undefined ? again() : vscode.commands.executeCommand(...command));
}
