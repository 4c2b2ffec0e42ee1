/** Shows why an installation failed, with the next steps as buttons. */
import * as vscode from "vscode";
import { InstallFailure, type NextStep } from "./failures";

const STEPS: Readonly<Record<NextStep, { label: string; command: readonly [string, ...unknown[]] }>> = {
  chooseInterpreter: { label: "Choose Interpreter", command: ["codekin.chooseInterpreter"] },
  getPython: {
    label: "Get Python",
    command: ["vscode.open", vscode.Uri.parse("https://www.python.org/downloads/")],
  },
  openProxySettings: { label: "Open Proxy Settings", command: ["workbench.action.openSettings", "http.proxy"] },
  openPackageSetting: { label: "Open Settings", command: ["workbench.action.openSettings", "codekin.package"] },
  retry: { label: "Try Again", command: ["codekin.install"] },
  showLog: { label: "Show Log", command: ["codekin.showLog"] },
};

/** Runs a part of the installation. A failure of it is shown and not thrown. */
export async function offeringSteps(log: vscode.LogOutputChannel, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof InstallFailure)) throw error;
    log.error(error.message);
    await offer(error);
  }
}

async function offer({ message, steps }: InstallFailure): Promise<void> {
  const labels = steps.map((step) => STEPS[step].label);
  const answer = await vscode.window.showErrorMessage(message, ...labels);
  const next = steps.find((step) => STEPS[step].label === answer);
  if (next) await vscode.commands.executeCommand(...STEPS[next].command);
}
