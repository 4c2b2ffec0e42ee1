/** Runs an installation with its progress and a button that cancels it, while no server runs from it. */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import type { Server } from "../server";
import { CANCELLED, type Subject } from "./failures";
import type { Surroundings } from "./steps";

type Report = (message: string) => void;
type Work = (around: Surroundings, report: Report) => Promise<void>;

/**
 * Runs `work` with the server stopped, and starts the server again also if it fails. Rejects with an
 * InstallFailure.
 */
export async function whileStopped(server: Server, subject: Subject, work: Work): Promise<void> {
  await server.stopToInstall();
  try {
    await withProgress(server, subject, work);
  } finally {
    await server.restart(); // from another Python, if the private environment is gone
  }
}

/** Runs `work`, and shows its progress until it ends. A cancellation is an InstallFailure. */
export async function withProgress({ folder, log }: Server, subject: Subject, work: Work): Promise<void> {
  const title = subject === "server" ? l10n.t("Installing Codekin") : l10n.t("Installing the deep model of Codekin");
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  try {
    await vscode.window.withProgress(options, (progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort(new vscode.CancellationError()));
      const around = {
        subject,
        cwd: folder,
        log: (text: string) => log.info(text),
        signal: controller.signal,
        variables: proxyVariables(),
      };
      return work(around, (message) => progress.report({ message }));
    });
  } catch (error) {
    throw error instanceof vscode.CancellationError ? CANCELLED(subject) : error;
  }
}

/** Returns the editor's proxy for pip and uv, unless the environment has its own. */
function proxyVariables(): NodeJS.ProcessEnv {
  const proxy = vscode.workspace.getConfiguration("http").get<string>("proxy", "");
  const has = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].some((name) => process.env[name]);
  return proxy && !has ? { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } : {};
}
